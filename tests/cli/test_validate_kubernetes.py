"""``serinus validate --kubernetes``: the kinds of Kubernetes itself, by a release of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: models-reader}\n"
POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: models}
"""
"""A kind that v1 has since Kubernetes 1.36."""
STOP_SIGNAL = """\
apiVersion: v1
kind: Pod
metadata: {name: digits}
spec:
  containers:
    - {name: server, image: "models/server:1.0", lifecycle: {stopSignal: SIGUSR1}}
"""
"""A field that came with Kubernetes 1.33."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a.yaml"


@pytest.mark.parametrize(
    "text",
    [
        ACCOUNT,
        "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {token: x}\n",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: models}\n",
    ],
)
def test_a_plain_object_is_checked_and_valid_even_when_strict(run, file: Path, text: str) -> None:
    file.write_text(text)
    ended = run("validate", "--strict", file)
    assert (ended.code, ended.out) == (0, "1 document: 1 valid\n")


def test_a_kind_that_came_later_is_told(run, file: Path) -> None:
    file.write_text(POLICY)
    assert run("validate", file).code == 0
    ended = run("validate", file, "--kubernetes", "1.34")
    assert ended.code == 1
    assert "kubernetes@1.34.4 serves no MutatingAdmissionPolicy in admissionregistration.k8s.io/v1" in ended.out
    assert "It is served by kubernetes@1.36.3 or kubernetes@1.37.2." in ended.out


def test_a_field_that_came_later_is_told(run, file: Path) -> None:
    file.write_text(STOP_SIGNAL)
    assert "unknown field 'stopSignal'" in run("validate", file, "--kubernetes", "1.32").out
    assert "unknown field" not in run("validate", file, "--kubernetes", "1.33").out


def test_platform_takes_it_as_well(run, file: Path) -> None:
    file.write_text(POLICY)
    by_option = run("validate", file, "--kubernetes", "1.34")
    assert run("validate", file, "--platform", "kubernetes@1.34") == by_option


def test_twice_it_is_the_upgrade_check(run, file: Path) -> None:
    file.write_text(POLICY)
    ended = run("validate", file, "--kubernetes", "1.34", "--kubernetes", "1.37")
    assert "(kubernetes@1.34.4)" in ended.out


def test_a_repository_names_its_release_and_the_command_wins_over_it(run, file: Path) -> None:
    file.write_text(POLICY)
    file.with_name("serinus.toml").write_text('[validate]\nkubernetes = "1.34"\n')
    assert run("validate", file).code == 1
    assert run("validate", file, "--kubernetes", "1.37").code == 0


def test_an_unknown_release_is_a_mistake_of_the_command(run, file: Path) -> None:
    file.write_text(ACCOUNT)
    ended = run("validate", file, "--kubernetes", "1.12")
    assert ended.code == 2
    assert "Known releases: kubernetes@1.30.14" in ended.err


@pytest.mark.parametrize(
    ("version", "kind", "advice"),
    [
        ("extensions/v1beta1", "Ingress", "Write apiVersion: networking.k8s.io/v1."),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "Write apiVersion: autoscaling/v1 or autoscaling/v2."),
        ("v1", "Deployment", "Write apiVersion: apps/v1."),
        ("v1", "Sercet", "Write kind: Secret."),
    ],
)
def test_a_kind_in_a_wrong_version_or_group_is_told_its_right_one(
    run, file: Path, version: str, kind: str, advice: str
) -> None:
    file.write_text(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n")
    ended = run("validate", file)
    assert ended.code == 1
    assert advice in ended.out


def test_the_packs_are_listed(run) -> None:
    assert "kubernetes: 1.30.14, " in run("schema", "list").out
