"""The whole corpus in every release, against the verdicts of the API server's own code (bare CRDs, no webhooks)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.checks.structure.verdict import fast_valid, unknown_and_duplicate, violations
from generator.reading.documents import Document, read
from generator.schemas import Pack, load, parse_version

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"


def verdict(documents: list[Document], pack: Pack) -> str:
    problems: list[object] = []
    for document in documents:
        group, _, version = document.api_version.rpartition("/")
        kind = pack.kind(group, version, document.kind)
        if kind is None:
            return "not-served"
        found = unknown_and_duplicate(document, kind) + violations(document.data, kind)
        assert not (found and not document.duplicates and fast_valid(document.data, kind)), document.file
        problems += found
    return "invalid" if problems else "valid"


@pytest.mark.slow
def test_every_pair_of_document_and_release_gets_the_api_servers_verdict() -> None:
    if not CORPUS.is_dir():
        pytest.skip("no corpus beside the project")
    verdicts = json.loads((CORPUS / "verdicts.json").read_text())
    pairs, off = 0, []
    for name, releases in verdicts.items():
        documents = [d for d in read((CORPUS / name).read_bytes(), name) if isinstance(d, Document)]
        for release, theirs in releases.items():
            pairs += 1
            ours = verdict(documents, load(name.split("/")[0], parse_version(release)))
            if ours != theirs:
                off.append(f"{name} in {release}: theirs {theirs}, ours {ours}")
    assert off == []
    assert pairs > 5000


def test_nearly_every_valid_document_takes_the_fast_lane() -> None:
    if not CORPUS.is_dir():
        pytest.skip("no corpus beside the project")
    pack = load("kserve", parse_version("0.20"))
    fast = slow = 0
    for file in sorted((CORPUS / "kserve").glob("*.yaml")):
        for document in read(file.read_bytes(), file.name):
            assert isinstance(document, Document)
            if verdict([document], pack) == "valid":
                group, _, version = document.api_version.rpartition("/")
                kind = pack.kind(group, version, document.kind)
                assert kind is not None
                taken = fast_valid(document.data, kind)
                fast, slow = fast + taken, slow + (not taken)
    assert fast > 0.97 * (fast + slow)
