"""A folder of manifests: whose it is, what is written, removed and left alone."""

from pathlib import Path

import pytest
import yaml

from generator.decoding.nodes import parse
from generator.errors import InputError, OutsideError
from generator.loading.load import build
from generator.rendering import folder as folders
from generator.rendering.render import render
from kit import ROLLING, SERVICE, locked

GATEWAY = "gateway: {name: models, namespace: gateways, host: digits.example.com}\n"


def rendering(text=SERVICE, **options):
    return render(build(parse(text, "serinus.yaml"), "serinus.yaml", **options), locked())


def tree(path):
    return {file.name: file.read_bytes() for file in path.iterdir()}


def write(path, *renderings, **options):
    return folders.write(path, renderings or [rendering()], **{"environment": None, **options})


def test_one_file_an_object_and_a_kustomization(tmp_path):
    changes = write(tmp_path / "out")
    files = tree(tmp_path / "out")
    assert set(files) == {
        "httproute-digits-split.yaml",
        "inferenceservice-digits.yaml",
        "kustomization.yaml",
        ".serinus-index",
    }
    assert yaml.safe_load(files["kustomization.yaml"])["resources"] == [
        "httproute-digits-split.yaml",
        "inferenceservice-digits.yaml",
    ]
    assert str(changes) == "3 written, 0 removed, 0 unchanged"


def test_a_second_call_writes_nothing(tmp_path):
    write(tmp_path)
    stamps = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    assert str(write(tmp_path)) == "0 written, 0 removed, 3 unchanged"
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == stamps


def test_what_is_no_longer_rendered_goes_and_others_files_stay(tmp_path):
    write(tmp_path)
    (tmp_path / "secret.yaml").write_text("theirs")
    without = ROLLING.replace("gateway: {name: models, namespace: gateways, host: digits.example.com}\n", "")
    assert write(tmp_path, rendering(without)).removed == 1
    assert set(tree(tmp_path)) == {
        "inferenceservice-digits.yaml",
        "kustomization.yaml",
        ".serinus-index",
        "secret.yaml",
    }


@pytest.mark.parametrize(
    "options",
    [{"environment": "prod"}, {"renderings": [SERVICE.replace("name: digits", "name: other", 1)]}],
    ids=["another environment", "another service"],
)
def test_a_folder_of_another_call_is_refused_and_unchanged(tmp_path, options):
    write(tmp_path)
    before = tree(tmp_path)
    other = render(
        build(parse(options.get("renderings", [SERVICE])[0], "x"), "x"),
        locked().with_section("other", locked().services["digits"]),
    )
    with pytest.raises(InputError, match="this folder holds digits for no environment"):
        folders.write(tmp_path, [other], environment=options.get("environment"))
    assert tree(tmp_path) == before
    folders.write(tmp_path, [other], environment=options.get("environment"), force=True)
    assert tree(tmp_path) != before


def test_a_file_in_the_way_that_is_not_ours_is_refused_and_unchanged(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("theirs")
    with pytest.raises(InputError, match=r"kustomization\.yaml: in the way"):
        write(tmp_path)
    assert tree(tmp_path) == {"kustomization.yaml": b"theirs"}
    write(tmp_path, force=True)
    assert tree(tmp_path)["kustomization.yaml"] != b"theirs"


def test_an_index_that_names_files_elsewhere_is_refused(tmp_path):
    (tmp_path / folders.INDEX).write_text('{"services": ["digits"], "environment": null, "files": ["../victim"]}')
    with pytest.raises(InputError, match="can't be read"):
        write(tmp_path)


def test_a_killed_call_leaves_an_index_of_all_that_may_be_ours(tmp_path, monkeypatch):
    real, left = folders.write_atomically, [2]

    def failing(path, content):
        if not left[0]:
            raise OutsideError("the disk is full")
        left[0] -= 1
        real(path, content)

    monkeypatch.setattr(folders, "write_atomically", failing)
    with pytest.raises(OutsideError):
        write(tmp_path)
    assert len(folders.read_index(tmp_path).files) == 3
    monkeypatch.setattr(folders, "write_atomically", real)
    write(tmp_path)
    assert len(tree(tmp_path)) == 4


def test_a_killed_call_leaves_what_is_to_be_removed_in_the_index(tmp_path, monkeypatch):
    write(tmp_path)
    before = set(folders.read_index(tmp_path).files)

    def failing(path):
        raise OutsideError(f"{path} can't be removed")

    monkeypatch.setattr(folders, "_remove", failing)
    with pytest.raises(OutsideError):
        write(tmp_path, rendering(ROLLING.replace(GATEWAY, "")))
    assert set(folders.read_index(tmp_path).files) == before


def test_two_services_of_one_name_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"^serinus.yaml:3:7: InferenceService digits in models is rendered twice"):
        write(tmp_path, rendering(), rendering())


def test_one_name_in_two_namespaces_gets_two_files(tmp_path):
    write(tmp_path, rendering(), rendering(sets=["namespace=other"]))
    assert {"models-inferenceservice-digits.yaml", "other-inferenceservice-digits.yaml"} < set(tree(tmp_path))


def test_a_folder_that_cannot_be_made_is_an_outside_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match=r"can't be read|can't write"):
        write(tmp_path / "file" / "out")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")
def test_an_index_without_an_end_is_told(tmp_path):
    (tmp_path / folders.INDEX).symlink_to("/dev/zero")
    with pytest.raises(OutsideError, match="more than 256 MB"):
        write(tmp_path)
