"""Places on the command line: folders and globs of service files, and the folder of ``-o``."""

from __future__ import annotations

import os

import pytest
import yaml

from kit import SERVICE


def names(out: str) -> list[str]:
    return sorted({each["metadata"]["name"] for each in yaml.safe_load_all(out) if each["kind"] == "InferenceService"})


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Two services in folders of their own, among files of others."""
    monkeypatch.chdir(tmp_path)
    for name in ("iris", "wine"):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "serinus.yaml").write_text(PLAIN.replace("NAME", name))
        (folder / "values.yaml").write_text("replicaCount: 1\n")
        (folder / "deployment.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n")
    (tmp_path / "services" / ".hidden").mkdir()
    (tmp_path / "services" / ".hidden" / "serinus.yaml").write_text(PLAIN.replace("NAME", "hidden"))
    return tmp_path


PLAIN = """\
apiVersion: serinus/v1
kind: ModelService
name: NAME
platform: {kind: kserve, mode: standard}
model: {format: sklearn}
variants: [{name: stable, uri: s3://models/NAME}]
"""

GIVEN = {
    "a folder": ["services"],
    "a folder by its whole path": ["{here}/services"],
    "a glob of files": ["services/*/serinus.yaml"],
    "a glob over folders": ["services/*"],
    "a glob through all folders": ["**/serinus.yaml"],
    "a file and the folder that holds it": ["services/iris/serinus.yaml", "./services"],
}


@pytest.mark.parametrize("case", GIVEN)
def test_render_takes_the_service_files_of_folders_and_globs_each_once(run, repository, case):
    ended = run("render", "-q", *(each.format(here=repository) for each in GIVEN[case]))
    assert (ended.code, ended.err) == (0, "")
    assert names(ended.out) == ["iris", "wine"]


def test_a_folder_whose_name_looks_like_a_glob_is_a_folder(run, repository):
    (repository / "services").rename(repository / "a[b]")
    assert names(run("render", "-q", "a[b]").out) == ["iris", "wine"]


def test_lock_takes_them_too(run, repository):
    for name in ("iris", "wine"):
        file = repository / "services" / name / "serinus.yaml"
        file.write_text(file.read_text().replace("variants:", "store: {url: 's3://m', publish: out}\nvariants:"))
    ended = run("lock", "services")
    assert ended.code == 0
    assert ended.err.count("serinus.lock: ") == 2


def test_a_service_file_that_is_broken_is_told_and_not_passed_over(run, repository):
    (repository / "services" / "wine" / "serinus.yaml").write_text("kind: ModelService\nname: [\n")
    ended = run("render", "services")
    assert ended.code == 2
    assert "services/wine/serinus.yaml:" in ended.err


def test_what_no_service_file_can_be_is_not_read_to_its_end(run, repository):
    (repository / "services" / "big.json").write_text('{"kind": "ModelService", "x": "' + "x" * (1 << 23) + '"}')
    os.mkfifo(repository / "services" / "pipe.yaml")
    ended = run("render", "-q", "services/*")
    assert (ended.code, names(ended.out)) == (0, ["iris", "wine"])


@pytest.mark.parametrize("given", ["services/iris/values.yaml*", "nothing*", "empty"])
def test_where_there_is_none_it_is_said(run, repository, given):
    (repository / "empty").mkdir()
    ended = run("render", given)
    assert ended.code == 2
    assert f"there is no service file in {given}." in ended.err


FOLDERS = {
    "render": ["render", "serinus.yaml"],
    "convert": ["convert", "isvc.yaml"],
    "release": ["release", "serinus.yaml"],
    "templates eject": ["templates", "eject", "InferenceService"],
}


@pytest.mark.parametrize("command", FOLDERS)
@pytest.mark.parametrize(
    ("given", "message"), [("", "names no folder"), (" ", "names no folder"), ("isvc.yaml", "a file stands there")]
)
def test_what_is_no_folder_is_refused_before_anything_is_done(run, repository, command, given, message):
    (repository / "serinus.yaml").write_text(SERVICE)
    (repository / "isvc.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n")
    before = sorted(repository.rglob("*"))
    ended = run(*FOLDERS[command], "-o", given)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Write -o DIR" in ended.err or "Name a folder" in ended.err
    assert sorted(repository.rglob("*")) == before


def test_a_folder_that_is_there_is_taken(run, repository):
    (repository / "out").mkdir()
    assert run("render", "services", "-o", "out").code == 0
    assert (repository / "out" / "kustomization.yaml").is_file()
