"""Releases by both doors, as a user types it: publish, lock, render, verify."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import yaml
from registries import blobs_of
from savedmodel_bytes import saved_model
from store_kit import LAYOUT, write_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.server

FILE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kserve, version: "0.21", mode: standard}
store: %s
model: {format: savedmodel}
variants: [{name: stable, release: latest}]
"""


def write(folder: Path, **store: str) -> Path:
    file = folder / "serinus.yaml"
    file.write_text(FILE % json.dumps({"url": "s3://models", "publish": "./store", **store}))
    return file


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a model."""
    write_files(tmp_path / "m", {"saved_model.pb": saved_model(), "variables/index": "x"})
    return tmp_path


def uri(run: Callable, file: Path) -> str:
    """The address that pods get."""
    rendered = run("render", file)
    assert rendered.code == 0, rendered.err
    documents = yaml.safe_load_all(rendered.out)
    (service,) = [each for each in documents if each["kind"] == "InferenceService"]
    return service["spec"]["predictor"]["model"]["storageUri"]


def test_from_a_model_to_pods_that_mount_its_image(run, here, registry, place):
    file = write(here, oci=place, door="image-volume")
    published = run("publish", file, "--model", here / "m")
    assert published.code == 0, published.err
    assert f"{place}/digits:1-{LAYOUT} is sha256:" in published.err
    assert run("lock", file).code == 0
    address = uri(run, file)
    name, _, digest = address.removeprefix("oci+native://").partition("@")
    told = registry.look(f"{name.removeprefix(registry.address + '/')}@{digest}")
    assert "models/1/saved_model.pb" in told["files"]
    assert run("lock", file, "--check").code == 0


def test_a_registry_that_is_added_later_gets_the_releases_that_are_there(run, here, place):
    file = write(here)
    assert run("publish", file, "--model", here / "m").code == 0
    assert run("lock", file).code == 0
    write(here, oci=place, door="image-volume")
    refused = run("lock", file)
    assert (refused.code, "serinus publish FILE --images-of 1" in refused.err) == (2, True)
    rendered = run("render", file)
    assert (rendered.code, "is pinned without images" in rendered.err) == (2, True)
    record = (here / "store" / "digits" / "1" / "release.json").read_bytes()
    pushed = run("publish", file, "--images-of", "latest")
    assert (pushed.code, pushed.out) == (
        0,
        f"{next((here / 'store' / 'digits' / '1').glob('*/'))}\n".replace("//", "/"),
    )
    assert (here / "store" / "digits" / "1" / "release.json").read_bytes() == record
    assert run("lock", file).code == 0
    assert uri(run, file).startswith(f"oci+native://{place}/digits@sha256:")


def test_publishing_the_same_model_again_adds_the_images_too(run, here, place):
    file = write(here)
    assert run("publish", file, "--model", here / "m").code == 0
    write(here, oci=place)
    again = run("publish", file, "--model", here / "m")
    assert (again.code, f"{place}/digits:1-{LAYOUT} is sha256:" in again.err) == (0, True)


def test_each_environment_has_its_door_from_one_lock_file(run, here, place):
    file = write(here, oci=place)
    file.write_text(f"{file.read_text()}environments: {{prod: {{store: {{door: image-fetch}}}}}}\n")
    assert run("publish", file, "--model", here / "m").code == 0
    assert run("lock", file).code == 0
    assert uri(run, file).startswith("s3://models/digits/1/")
    rendered = run("render", file, "-e", "prod")
    assert (rendered.code, f"oci+fetch://{place}/digits@sha256:" in rendered.out) == (0, True)


def test_a_changed_ground_wants_a_new_lock(run, here, registry, place):
    base = registry.push_base(f"{place.removeprefix(registry.address + '/')}/busybox:1")
    file = write(here, oci=place, base=base, door="modelcar")
    assert run("publish", file, "--model", here / "m").code == 0
    assert run("lock", file).code == 0
    assert uri(run, file).startswith(f"oci://{place}/digits@sha256:")
    write(here, oci=place, base=f"{base[:-4]}0000", door="modelcar")
    rendered = run("render", file)
    assert (rendered.code, "names another store.base" in rendered.err) == (2, True)


def test_a_registry_that_is_gone_is_told_before_anything_is_sent(run, here):
    file = write(here, oci="localhost:9/models")
    failed = run("publish", file, "--model", here / "m")
    assert failed.code == 3
    assert "can't ask localhost:9/models/digits: the registry refuses the connection. Check store.oci" in failed.err
    assert not (here / "store").exists()


def test_images_of_without_a_registry_or_beside_a_model_says_why(run, here, place):
    file = write(here)
    assert "names no registry for images" in run("publish", file, "--images-of", "1").err
    write(here, oci=place)
    told = run("publish", file, "--images-of", "1", "--model", here / "m")
    assert (told.code, "Leave --model" in told.err) == (2, True)
    assert run("publish", file, "--images-of", "7").code == 2


def test_verify_reads_the_images_too_and_names_what_is_wrong_with_them(run, here, program, tmp_path):
    from registries import running

    with running(program, tmp_path / "registry") as server:
        file = write(here, oci=f"{server.address}/models")
        assert run("publish", file, "--model", here / "m").code == 0
        fine = run("verify", file)
        assert (fine.code, fine.out) == (0, "")
        layer, *_ = sorted(blobs_of(tmp_path / "registry"), key=lambda blob: -blob.stat().st_size)
        content = layer.read_bytes()
        layer.write_bytes(content[:600] + b"!" + content[601:])
        damaged = run("verify", file)
        assert (damaged.code, f"has a damaged layer, sha256:{layer.parent.name}" in damaged.out) == (1, True)
        shutil.rmtree(layer.parent)
        lost = run("verify", file)
        assert (lost.code, f"lacks its layer sha256:{layer.parent.name}" in lost.out) == (1, True)
        shutil.rmtree(tmp_path / "registry" / "docker" / "registry" / "v2" / "repositories")
        gone = run("verify", file)
        assert (gone.code, "is gone" in gone.out) == (1, True)


def test_a_release_from_before_the_registry_is_no_fault(run, here, place):
    file = write(here)
    assert run("publish", file, "--model", here / "m").code == 0
    write(here, oci=place)
    assert run("verify", file).code == 0


def test_a_pruned_release_takes_its_record_of_images_along(run, here, place):
    file = write(here, oci=place)
    for number in ("1", "2"):
        write_files(here / "m", {"variables/index": number})
        assert run("publish", file, "--model", here / "m").code == 0
    assert run("releases", file, "prune", "--keep", "1").code == 0
    assert [each.name for each in (here / "store" / "digits" / "1").rglob("*") if each.is_file()] == ["pruned.json"]
