"""The commands at the head of each example run as they stand, in its folder, with models of one's own."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
from model_files import write_model

from generator.loading.load import load
from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((ROOT / "examples").glob("*/serinus.yaml"))


def commands(file: Path) -> list[list[str]]:
    """The commands of a head: lines that are indented in it, without what is said of them."""
    shown = [line.removeprefix("#   ") for line in file.read_text().splitlines() if line.startswith("#   ")]
    return [shlex.split(line, comments=True) for line in shown]


def model_for(file: Path, folder: Path) -> Path:
    """A model of the format that a service file publishes, under the service's name where the files hold one."""
    service = load(file)
    model = write_model(folder, service.model.format)
    for config in list(folder.rglob("config.pbtxt")):
        config.write_text(config.read_text().replace("digits", service.model_name))
        if config.parent.name == "digits":  # a repository's folder has the model's name, too
            config.parent.rename(config.parent.with_name(service.model_name))
    return model


@pytest.mark.parametrize("file", FILES, ids=[file.parent.name for file in FILES])
def test_the_commands_of_an_example_run(run, tmp_path, monkeypatch, file):
    store = load(file).store
    if store and store.oci:
        pytest.skip("it pushes to a registry: the tests of images do that, to a real one")
    folder = shutil.copytree(file.parent, tmp_path / file.parent.name)
    monkeypatch.chdir(folder)
    for program, *arguments in commands(file):
        if program == "rm":
            (folder / arguments[0]).unlink()
            continue
        if arguments[0] == "release":
            continue  # trains: see the tests of serinus release
        named = {"MODEL": model_for(folder / arguments[1], tmp_path / "model")} if "MODEL" in arguments else {}
        ended = run(*(named.get(each, each) for each in arguments))
        assert ended.code == 0, (arguments, ended.err)
        assert ended.out or arguments[0] == "lock"


@pytest.mark.parametrize("file", FILES, ids=[file.parent.name for file in FILES])
def test_an_example_shows_how_to_come_to_its_manifests(file):
    shown = [command[:2] for command in commands(file)]
    assert shown[0] == ["serinus", "render"]
    releases = [variant for variant in load(file).variants if variant.release]
    model = load(file).model
    made = ["serinus", "release"] if model.train or model.source else ["serinus", "publish"]
    assert (made in shown) is bool(releases)
    assert (["rm", "serinus.lock"] in shown) is bool(releases)
