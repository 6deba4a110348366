"""Kinds of the API server itself: what Go decodes, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from generator.checks.structure.verdict import Code, fast_valid, unknown_and_duplicate, violations
from generator.reading.documents import Document
from generator.schemas import load, newest
from generator.text.quantity import is_quantity


def found(data: dict[str, Any]) -> list[tuple[Code, str]]:
    """The codes and places of all problems; the fast lane says yes only where there are none."""
    group, _, version = data["apiVersion"].rpartition("/")
    kind = load("kubernetes", newest("kubernetes")).kind(group, version, data["kind"])
    assert kind is not None
    problems = unknown_and_duplicate(Document(data, "f"), kind) + violations(data, kind)
    assert fast_valid(data, kind) == (not problems)
    return [(problem.code, ".".join(map(str, problem.path))) for problem in problems]


def deployment(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": spec}


def container(**fields: Any) -> dict[str, Any]:
    return deployment(template={"spec": {"containers": [fields]}})


@pytest.mark.parametrize(
    "data",
    [
        deployment(replicas=None, template=None, strategy={"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}}),
        deployment(replicas=1.0),
        container(resources={"limits": {"cpu": 0.1, "memory": "1Gi", "pods": 1, "storage": None}}),
        container(resources={"limits": {"cpu": " 1 "}}, ports=[None], env=None),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": "aGk=\n", "b": None, "c": [1]}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "status": {"startTime": "2024-01-01T00:00:00Z"}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "system:Models_reader"},
        },
    ],
)
def test_what_go_decodes_is_no_problem(data: dict[str, Any]) -> None:
    assert found(data) == []


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (deployment(replicas="1"), (Code.WRONG_TYPE, "spec.replicas")),
        (deployment(replicas=1.5), (Code.WRONG_TYPE, "spec.replicas")),
        (deployment(replicas=2**31), (Code.ABOVE_MAXIMUM, "spec.replicas")),
        (deployment(replicas=-(2**31) - 1), (Code.BELOW_MINIMUM, "spec.replicas")),
        (deployment(paused="yes"), (Code.WRONG_TYPE, "spec.paused")),
        (deployment(Replicas=1), (Code.UNKNOWN_FIELD, "spec.Replicas")),
        (deployment(template=[]), (Code.WRONG_TYPE, "spec.template")),
        (
            deployment(template={"metadata": {"labels": {"a": 1}}}),
            (Code.WRONG_TYPE, "spec.template.metadata.labels.a"),
        ),
        (
            deployment(strategy={"rollingUpdate": {"maxSurge": 2**31}}),
            (Code.ABOVE_MAXIMUM, "spec.strategy.rollingUpdate.maxSurge"),
        ),
        (container(ports={}), (Code.WRONG_TYPE, "spec.template.spec.containers.0.ports")),
        (
            container(resources={"limits": {"cpu": "one"}}),
            (Code.FORMAT, "spec.template.spec.containers.0.resources.limits.cpu"),
        ),
        (
            container(resources={"limits": {"cpu": True}}),
            (Code.WRONG_TYPE, "spec.template.spec.containers.0.resources.limits.cpu"),
        ),
        (
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": "plain text"}},
            (Code.FORMAT, "data.a"),
        ),
        (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "status": {"startTime": "now"}},
            (Code.FORMAT, "status.startTime"),
        ),
        (
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a/b"}},
            (Code.NAME_SYNTAX, "metadata.name"),
        ),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "A"}}, (Code.NAME_SYNTAX, "metadata.name")),
    ],
)
def test_what_go_refuses_is_told_with_its_place(data: dict[str, Any], problem: tuple[Code, str]) -> None:
    assert found(data) == [problem]


@pytest.mark.parametrize("text", ["1", "1.5Gi", ".5", "5.", "1e3", "1E-3", "100m", "-1", "+1k", ".", "m"])
def test_quantities(text: str) -> None:
    assert is_quantity(text)


@pytest.mark.parametrize("text", ["", "1x", "1 Gi", "1gi", "1K", "1e", "0x10", "1,5", "Ei", "1MB", "--1"])
def test_texts_that_are_no_quantity(text: str) -> None:
    assert not is_quantity(text)
