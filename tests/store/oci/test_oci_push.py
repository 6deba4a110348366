"""Images of releases in a real registry: whole, the same every time, and never without their release."""

from __future__ import annotations

import hashlib
import json
import os
import random
from typing import TYPE_CHECKING

import obstore
import pytest
from obstore.store import MemoryStore
from store_kit import LAYOUT, whole_releases, write_files
from watched import Killed, Watched, plain

from generator.errors import AnswerIsNoError, InputError, OutsideError
from generator.model.artifact import Artifact
from generator.store import read
from generator.store.oci import layers, record
from generator.store.oci.build import stored
from generator.store.oci.images import Images
from generator.store.oci.registry import Registry
from generator.store.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.store.objects import Store
    from generator.store.publish import Published

pytestmark = pytest.mark.server


def silent(message: str) -> None:
    """Nobody listens."""


def released(store: Store, place: str, artifact: Artifact, say: Callable[[str], None] = silent, **options) -> Published:
    """Publish by both doors, as the command does."""
    base = options.pop("base", None)
    images = Images(store, place, base, say)
    made = publish(store, "digits", artifact, beside=images.beside, **options)
    images.settle(made.release)
    return made


def of(registry, place: str) -> str:
    return f"{place.removeprefix(registry.address + '/')}/digits"


def memory() -> Store:
    return plain(MemoryStore())


def unpacked(told) -> dict[str, str]:
    """Path below models/ to sha256, of the files that an image unpacks to."""
    files = {name: kind.split() for name, kind in told["files"].items()}
    return {name.removeprefix("models/"): kind[-1] for name, kind in files.items() if kind[0] == "0"}


def of_layout(release, layout: str = LAYOUT) -> dict[str, str]:
    top = f"{release.digest[:16]}/{layout}/"
    return {file.path.removeprefix(top): file.sha256 for file in release.files if file.path.startswith(top)}


def test_an_image_unpacks_to_the_files_of_its_layout_and_has_the_digest_in_the_record(registry, place, model):
    store = memory()
    files = {"1/saved_model.pb": b"graph" * 999, "1/variables/ü.data": b"", f"1/{'deep/' * 30}x": b"far down"}
    made = released(store, place, model(files))
    told = registry.look(f"{of(registry, place)}:1-{LAYOUT}")
    assert unpacked(told) == of_layout(made.release)
    assert told["digest"] == record.find(store, made.release, None).images[LAYOUT]
    assert (told["platforms"], told["entrypoint"]) == (["linux/amd64"], None)


def test_each_layout_is_an_image_and_what_they_share_is_sent_once(registry, place, tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "SMALLEST", 1000)
    weights = random.Random(7).randbytes(5000)
    write_files(
        tmp_path / "m",
        {"plain/model.joblib": weights, "mlserver/model.joblib": weights, "mlserver/model-settings.json": "{}"},
    )
    artifact = Artifact(root=tmp_path / "m", format="sklearn", layouts=("mlserver", "plain"))
    said: list[str] = []
    made = released(memory(), place, artifact, said.append)
    for layout in artifact.layouts:
        assert unpacked(registry.look(f"{of(registry, place)}:1-{layout}")) == of_layout(made.release, layout)
    assert [
        line for line in said if line.startswith("pushing 4 of 4 layers")
    ]  # the weights, the settings, two configurations


def test_the_same_files_are_the_same_image_in_any_registry_store_and_version(registry, place, model):
    digests = set()
    for version, name in ((1, "a"), (7, "b")):
        store = memory()
        made = released(store, f"{place}/{name}", model(), version=version)
        digests.add(record.find(store, made.release, None).images[LAYOUT])
    assert len(digests) == 1


def test_a_second_run_sends_nothing(registry, place, model, monkeypatch):
    store = memory()
    released(store, place, model())
    monkeypatch.setattr(Registry, "send", lambda *_: pytest.fail("sent again"))
    monkeypatch.setattr(Registry, "put", lambda *_: pytest.fail("written again"))
    assert not released(store, place, model()).fresh


def test_a_release_that_was_published_without_gets_its_images_from_the_store(registry, place, model):
    store = memory()
    made = publish(store, "digits", model())
    before = {path: store.read(path) for path in store.sizes("digits")}
    Images(store, place, None, silent).settle(made.release)
    assert unpacked(registry.look(f"{of(registry, place)}:1-{LAYOUT}")) == of_layout(made.release)
    after = {path: store.read(path) for path in store.sizes("digits")}
    assert before.items() <= after.items()
    assert [path for path in after if path not in before] == [f"{made.release.path}.images.json"]


def test_images_that_the_registry_has_lost_are_pushed_again(registry, place, model):
    store = memory()
    made = released(store, place, model())
    elsewhere = Images(store, f"{place}/moved", None, silent)
    elsewhere.settle(made.release)
    assert (
        registry.look(f"{of(registry, f'{place}/moved')}:1-{LAYOUT}")["digest"]
        == record.find(store, made.release, None).images[LAYOUT]
    )


def test_a_damaged_file_of_the_store_makes_no_image(registry, place, model):
    store = memory()
    made = publish(store, "digits", model())
    obstore.put(store._sending, f"{made.release.folder}/{made.release.files[0].path}", b"grapH")
    with pytest.raises(OutsideError, match="isn't what it was"):
        Images(store, place, None, silent).settle(made.release)
    assert record.find(store, made.release, None) is None


def test_a_tag_that_is_another_image_is_left_alone_and_nothing_is_published(registry, place, model):
    released(memory(), place, model())
    other = memory()
    with pytest.raises(AnswerIsNoError, match=f"1-{LAYOUT} is another image already") as raised:
        released(other, place, model({"1/saved_model.pb": "other"}, name="other"))
    assert "store.oci" in raised.value.fix
    assert not whole_releases(other)


def test_who_loses_a_version_leaves_no_image_under_its_tag(registry, place, model):
    store = memory()
    theirs, ours = model(), model({"1/saved_model.pb": "ours"}, name="ours")
    images = Images(store, place, None, silent)
    first = []

    def beside(release, content):
        images.beside(release, content)
        if not first:  # somebody is faster between our images and our record
            first.append(released(store, place, theirs).release)

    made = publish(store, "digits", ours, beside=beside)
    images.settle(made.release)
    assert (first[0].version, made.release.version) == (1, 2)
    assert unpacked(registry.look(f"{of(registry, place)}:1-{LAYOUT}")) == of_layout(first[0])
    assert unpacked(registry.look(f"{of(registry, place)}:2-{LAYOUT}")) == of_layout(made.release)
    assert not store.sizes(made.release.path.replace("/2/", "/1/"))


MOMENTS = ("has", "send", "digest_of", "document", "put")


def test_a_kill_at_any_moment_shows_no_release_without_its_images(registry, place, model, monkeypatch):
    """Every call of the store and of the registry, before and after: the release is invisible, or its images are there."""
    artifact = model()
    real = {name: getattr(Registry, name) for name in MOMENTS}
    left = [0]

    def moment(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    for name in MOMENTS:

        def watched(*arguments, name=name):
            moment(name)
            answer = real[name](*arguments)
            moment(name)
            return answer

        monkeypatch.setattr(Registry, name, watched)
    for count in range(1, 500):
        kept = MemoryStore()
        left[0] = count
        try:
            released(Watched(kept, moment), f"{place}/{count}", artifact)
        except Killed:
            left[0] = 0
        else:
            break
        store = plain(kept)
        for version in whole_releases(store):
            there = record.find(store, read.find(store, "digits", version), None)
            assert registry.look(f"{of(registry, f'{place}/{count}')}@{there.images[LAYOUT]}")
        again = released(store, f"{place}/{count}", artifact)
        assert whole_releases(store) == {1: again.release.digest}
        assert registry.look(f"{of(registry, f'{place}/{count}')}:1-{LAYOUT}")
    assert 40 < count < 500


def test_a_file_that_changes_under_our_hands_is_found_out(registry, place, model, tmp_path):
    artifact = model()
    store = memory()
    images = Images(store, place, None, silent)

    def beside(release, content):
        (tmp_path / "model" / LAYOUT / "1" / "saved_model.pb").write_bytes(b"grapH")
        images.beside(release, content)

    with pytest.raises(OutsideError, match="isn't what it was"):
        publish(store, "digits", artifact, beside=beside)
    assert not whole_releases(store)


def test_a_layer_is_streamed_and_its_progress_told(registry, place, tmp_path):
    write_files(tmp_path / "m", {"plain/weights.bin": b""})
    size = 200 * 2**20
    with (tmp_path / "m" / "plain" / "weights.bin").open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    artifact = Artifact(root=tmp_path / "m", format="sklearn", layouts=("plain",))
    steps: list[tuple[int, int]] = []
    store = memory()
    images = Images(store, place, None, silent, lambda done, total: steps.append((done, total)))
    made = publish(store, "digits", artifact)
    images.push(made.release, stored(store, made.release))
    assert steps == sorted(steps)
    assert len(steps) > 20
    assert steps[-1][0] == steps[-1][1] > size


def test_an_image_built_on_another_has_its_programs_for_each_kind_of_node(registry, place, model):
    base = registry.push_base(f"{of(registry, place)}-base:1")
    store = memory()
    made = released(store, place, model(), base=base)
    digest = base.rpartition("@")[2]
    told = registry.look(f"{of(registry, place)}:1-{LAYOUT}-{digest[7:15]}")
    assert told["platforms"] == ["linux/amd64", "linux/arm64"]
    assert told["entrypoint"] is None  # KServe gives the shell as an argument
    assert {"bin/sh", "bin/ln", "bin/sleep", "models/1/saved_model.pb"} <= told["files"].keys()
    assert record.find(store, made.release, digest).images == {LAYOUT: told["digest"]}
    assert record.find(store, made.release, None) is None


def test_a_release_has_images_on_several_grounds_beside_one_another(registry, place, model):
    store = memory()
    base = registry.push_base(f"{of(registry, place)}-base:1")
    first, second = released(store, place, model()), released(store, place, model(), base=base)
    assert first.release == second.release
    found = {record.find(store, first.release, each).images[LAYOUT] for each in (None, base.rpartition("@")[2])}
    assert len(found) == 2


def test_a_ground_without_a_shell_is_refused_before_anything_is_published(registry, place, model):
    base = registry.push_base(f"{of(registry, place)}-base:1", bare=True)
    store = memory()
    with pytest.raises(InputError, match="has no ln and no sh and no sleep, which KServe's modelcar runs"):
        released(store, place, model(), base=base)
    assert not whole_releases(store)


def test_the_record_of_another_release_is_no_record(registry, place, model):
    store = memory()
    made = released(store, place, model())
    key = record.key_of(made.release, None)
    told = {**json.loads(store.read(key)), "digest": hashlib.sha256(b"").hexdigest()}
    obstore.put(store._sending, key, json.dumps(told).encode())
    with pytest.raises(OutsideError, match="no record of this release's images"):
        record.find(store, made.release, None)
