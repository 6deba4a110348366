"""What ``serinus render`` writes is created on a real API server, and comes back with every field as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from generator.documents import Document, read
from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client

pytestmark = pytest.mark.cluster

EXAMPLES = sorted(
    file.parent.name for file in (ROOT / "examples").glob("*/serinus.yaml") if "kind: kserve" in file.read_text()
)


def changed(written: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where what came back lacks what was written, or has another value there; more fields may have come."""
    if isinstance(written, dict) and isinstance(found, dict):
        for key, value in written.items():
            yield from changed(value, found[key], f"{path}.{key}") if key in found else [f"{path}.{key} is gone"]
    elif isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        for index, value in enumerate(written):
            yield from changed(value, found[index], f"{path}[{index}]")
    elif type(written) is not type(found) or written != found:
        yield f"{path}: {written!r} became {found!r}"


@pytest.mark.parametrize("mode", ["standard", "knative"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_what_is_rendered_is_stored_unchanged(cluster: Client, run, example: str, mode: str) -> None:
    ended = run("render", ROOT / "examples" / example / "serinus.yaml", "--set", f"platform.mode={mode}")
    assert ended.code == 0, ended.err
    documents = [document for document in read(ended.out, example) if isinstance(document, Document)]
    assert "InferenceService" in {document.kind for document in documents}
    for document in documents:
        path, stored = cluster.create(document.data)
        try:
            assert list(changed(document.data, stored)) == []
        finally:
            assert cluster.ask("DELETE", path).status == 200


@pytest.mark.parametrize("golden", sorted(file.name for file in (ROOT / "tests/golden/kserve").glob("*.yaml")))
def test_every_golden_manifest_is_taken(cluster: Client, golden: str) -> None:
    for document in read((ROOT / "tests/golden/kserve" / golden).read_bytes(), golden):
        assert isinstance(document, Document)
        said = cluster.dry_run(document.data)
        assert said.verdict == "valid", said.why
