"""What ``serinus render`` writes is created on a real API server, and comes back with every field as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from generator.reading.documents import Document, read
from kit import ROOT, changed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from asking import Client

pytestmark = pytest.mark.cluster


def examples() -> Iterator[Any]:
    """Every example, as it stands and in each of its environments."""
    for file in sorted((ROOT / "examples").glob("*/serinus.yaml")):
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        for environment in (None, *written.get("environments", ())):
            yield pytest.param(file, environment, id=f"{file.parent.name}-{environment}")


def hold_channel(text: str) -> None:
    """Skip what asks for another channel of Gateway API than the cluster has."""
    if "gateway-api-experimental@" in text:
        pytest.skip("the cluster has the standard channel of Gateway API")


@pytest.mark.parametrize(("file", "environment"), list(examples()))
def test_what_is_rendered_is_stored_unchanged(cluster: Client, run, file: Path, environment: str | None) -> None:
    example = file.parent.name
    ended = run("render", file, *(("-e", environment) if environment else ()))
    assert ended.code == 0, ended.err
    hold_channel(ended.out)
    documents = [document for document in read(ended.out, example) if isinstance(document, Document)]
    assert documents
    for document in documents:
        path, stored = cluster.create(document.data)
        try:
            assert list(changed(document.data, stored)) == []
        finally:
            assert cluster.ask("DELETE", path).status == 200


@pytest.mark.parametrize("golden", sorted(file.name for file in (ROOT / "tests/golden/kserve").glob("*.yaml")))
def test_every_golden_manifest_is_taken(cluster: Client, golden: str) -> None:
    text = (ROOT / "tests/golden/kserve" / golden).read_text(encoding="utf-8")
    hold_channel(text)
    for document in read(text, golden):
        assert isinstance(document, Document)
        said = cluster.dry_run(document.data)
        assert said.verdict == "valid", said.why
