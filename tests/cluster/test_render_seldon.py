"""Seldon Core 1 and 2 on a real API server that has their CRDs: what is rendered is stored, unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from test_render_applied import changed
from test_render_kubernetes import parsed

from kit import ROOT

if TYPE_CHECKING:
    from asking import Client

pytestmark = pytest.mark.cluster

EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("seldon-core-*/serinus.yaml"))
GOLDENS = sorted(
    str(file.relative_to(ROOT / "tests/golden"))
    for platform in ("seldon-core-1", "seldon-core-2")
    for file in (ROOT / "tests/golden" / platform).glob("*.yaml")
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_stored_unchanged(cluster: Client, run: Any, example: str) -> None:
    ended = run("render", ROOT / "examples" / example / "serinus.yaml")
    assert ended.code == 0, ended.err
    documents = parsed(ended.out, example)
    assert documents
    for document in documents:
        path, stored = cluster.create(document.data)
        try:
            assert list(changed(document.data, stored)) == []
        finally:
            assert cluster.ask("DELETE", path).status == 200


@pytest.mark.parametrize("golden", GOLDENS)
def test_a_golden_manifest_is_taken(cluster: Client, golden: str) -> None:
    for document in parsed((ROOT / "tests/golden" / golden).read_bytes(), golden):
        said = cluster.dry_run(document.data)
        assert said.verdict == "valid", said.why
