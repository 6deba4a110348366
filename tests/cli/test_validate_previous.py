"""``serinus validate --previous OLD``: what the webhooks refuse when an object changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.checks.registry import registry

if TYPE_CHECKING:
    from pathlib import Path

BAD, BEFORE = registry().by_id["KSV077"].bad, registry().by_id["KSV077"].before


def found(run, *argv: object) -> list[str]:
    findings = json.loads(run("validate", *argv, "--format", "json").out)["findings"]
    return [one["rule"] for one in findings if one["severity"] == "error"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    new, old = tmp_path / "new.yaml", tmp_path / "old.yaml"
    new.write_text(BAD)
    old.write_text(BEFORE)
    return new, old


def test_a_change_is_judged_and_the_old_object_is_not(run, files: tuple[Path, Path]) -> None:
    new, old = files
    old.write_text(BEFORE.replace("storageUri", "storageURI"))
    assert found(run, new) == []
    assert found(run, new, "--previous", old) == ["KSV077"]
    assert run("validate", new, "--previous", old).code == 1


@pytest.mark.parametrize(
    ("written", "lives", "changed"),
    [
        pytest.param("", "models", True, id="the file leaves the namespace to kubectl"),
        pytest.param("models", "models", True, id="both say it"),
        pytest.param("models", "other", False, id="another object of the same name"),
    ],
)
def test_live_objects_have_namespaces(
    run, files: tuple[Path, Path], written: str, lives: str, *, changed: bool
) -> None:
    for file, namespace in zip(files, (written, lives), strict=True):
        file.write_text(
            file.read_text().replace("  name: digits\n", f"  name: digits\n  namespace: '{namespace}'\n", 1)
        )
    assert found(run, files[0], "--previous", files[1]) == (["KSV077"] if changed else [])


def test_two_objects_that_can_be_meant_are_none(run, files: tuple[Path, Path]) -> None:
    new, old = files
    texts = (BEFORE.replace("  name: digits\n", f"  name: digits\n  namespace: {name}\n", 1) for name in "ab")
    old.write_text("---".join(texts))
    assert found(run, new, "--previous", old) == []


def test_a_status_says_more_than_the_annotation(run, files: tuple[Path, Path]) -> None:
    new, old = files
    old.write_text(BEFORE + "status: {deploymentMode: Standard}\n")
    assert found(run, new, "--previous", old) == []


def test_what_is_being_deleted_may_change(run, files: tuple[Path, Path]) -> None:
    new, old = files
    for file in files:  # the mark of a deletion is the server's own: it stands in both, or K8S151 has a word on it
        text = file.read_text()
        file.write_text(text.replace("metadata:\n", "metadata:\n  deletionTimestamp: '2026-01-01T00:00:00Z'\n", 1))
    assert found(run, new, "--previous", old) == []


def test_an_old_file_that_is_not_there_is_said(run, files: tuple[Path, Path], tmp_path: Path) -> None:
    ended = run("validate", files[0], "--previous", tmp_path / "gone.yaml")
    assert ended.code == 2
    assert "gone.yaml" in ended.err


def test_an_old_file_that_is_no_yaml_is_said(run, files: tuple[Path, Path]) -> None:
    new, old = files
    old.write_text("kind: {{ template }}\n")
    ended = run("validate", new, "--previous", old)
    assert ended.code == 0
    assert f"note: {old}:1: no change of this is checked, it can't be read: this is a template" in ended.err


def test_standard_input_is_read_for_one_thing(run) -> None:
    ended = run("validate", "-", "--previous", "-")
    assert ended.code == 2
    assert "can't be both" in ended.err
