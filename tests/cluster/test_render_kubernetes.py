"""Plain Kubernetes on a real API server: what is applied comes back as it was written, and applying it again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from test_render_applied import changed

from generator.reading.documents import Document, read
from kit import ROOT, locked, pin
from kubernetes_services import CANARY, NAMES, ROLLING, SPLIT, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client

pytestmark = pytest.mark.cluster

GOLDENS = sorted(file.stem for file in (ROOT / "tests/golden/kubernetes").glob("*.yaml"))
EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("kubernetes-*/serinus.yaml"))


def parsed(text: str | bytes, name: str) -> list[Document]:
    """The documents that this server serves; it has Gateway API's standard channel."""
    found = [document for document in read(text, name) if isinstance(document, Document)]
    return [each for each in found if not (each.kind == "HTTPRoute" and "sessionPersistence" in str(each.data))]


@pytest.fixture
def apply(cluster: Client) -> Iterator[Any]:
    """Server-side apply, as Flux and Argo CD do it; all is taken away afterwards."""
    applied: dict[str, None] = {}

    def call(document: Document) -> dict[str, Any]:
        folder = cluster.path_of(document.data)
        assert folder, f"{document.kind} is not served"
        path = f"{folder}/{quote(document.data['metadata']['name'])}"
        answer = cluster.ask(
            "PATCH",
            f"{path}?fieldManager=serinus&fieldValidation=Strict",
            document.data,
            kind="application/apply-patch+yaml",
        )
        assert answer.status in (200, 201), answer.message
        applied[path] = None
        return dict(cluster.ask("GET", path).data)

    yield call
    for path in applied:
        assert cluster.ask("DELETE", path).status == 200


@pytest.mark.parametrize("golden", GOLDENS)
def test_what_is_applied_comes_back_as_it_was_written_and_stays(apply: Any, golden: str) -> None:
    file = ROOT / "tests/golden/kubernetes" / f"{golden}.yaml"
    for document in parsed(file.read_bytes(), golden):
        first = apply(document)
        assert list(changed(document.data, first)) == []
        second = apply(document)
        assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_taken(apply: Any, run: Any, example: str) -> None:
    ended = run("render", ROOT / "examples" / example / "serinus.yaml")
    assert ended.code == 0, ended.err
    for document in parsed(ended.out, example):
        assert list(changed(document.data, apply(document))) == []


def test_a_step_of_a_canary_touches_the_route_alone(apply: Any) -> None:
    def versions(step: int) -> dict[str, str]:
        text = rendered(SPLIT + CANARY, sets=[f"strategy.canary.step={step}"]).text
        return {
            f"{document.kind}/{document.data['metadata']['name']}": apply(document)["metadata"]["resourceVersion"]
            for document in parsed(text, "canary")
        }

    before, after = versions(1), versions(2)
    assert [name for name in after if before[name] != after[name]] == ["HTTPRoute/digits-split"]


def test_a_rolling_update_is_taken_by_the_deployment_that_is_there(apply: Any) -> None:
    for lock in (locked(**NAMES), locked(stable=pin("latest", 2, "b"))):
        for document in parsed(rendered(ROLLING, lock).text, "rolling"):
            assert list(changed(document.data, apply(document))) == []
