"""Kubernetes' own kinds on a real API server: their rules live in its Go code, not in a schema.

Where a schema pack knows a kind, our verdict is held against the server's.
"""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Any

import core_documents
import pytest
from apiserver import RELEASE
from installed import INSTALLED

from bending import changed, sent
from generator.checks.api import check
from generator.checks.registry import registry
from generator.reading.documents import Document, read
from generator.schemas import available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Client

pytestmark = pytest.mark.cluster

MINOR = RELEASE.removeprefix("v").rpartition(".")[0]
PLATFORMS = (f"kubernetes@{MINOR}",) if "kubernetes" in available() else ()
BENT = int(os.environ.get("SERINUS_FUZZ", "1500"))


def ours(data: dict[str, Any]) -> str | None:
    """Our verdict; None where no pack knows the kind."""
    report = check(data, platforms=PLATFORMS)
    return None if report.summary.skipped else "invalid" if report.summary.invalid else "valid"


def unless_known() -> None:
    """Skip where there is nothing of ours to compare with."""
    if not PLATFORMS:
        pytest.skip("no schema pack of Kubernetes' own kinds")


def is_core(cluster: Client, document: Document) -> bool:
    """Whether the server serves it without any CRD, and a document of ours may hold it."""
    group = document.api_version.rpartition("/")[0]
    own = not group or "." not in group or group.endswith(".k8s.io")
    gateway = "gateway-api" in INSTALLED and group.startswith("gateway.")
    return (
        own
        and not gateway
        and not document.duplicates
        and cluster.serves(document.api_version, document.kind) is not None
    )


def examples(cluster: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """The core documents in the rules' examples."""
    for rule in registry().rules:
        for word, text in (("bad", rule.bad), ("good", rule.good)):
            for document in read(text, rule.id):
                if isinstance(document, Document) and is_core(cluster, document):
                    yield f"{rule.id}, {word}", document.data


def is_nameless_limit_range(data: dict[str, Any]) -> bool:
    """The one object to which the server gives a name by itself; ``kubectl apply`` takes none without a name."""
    metadata = data.get("metadata")
    return data["kind"] == "LimitRange" and not (isinstance(metadata, dict) and metadata.get("name"))


def test_the_server_says_of_core_objects_what_we_believe(bare: Client) -> None:
    off = []
    for what, data, believed in core_documents.documents():
        said = bare.dry_run(data)
        if said.verdict != believed:
            off.append(f"{what}: {said.verdict}, not {believed} {said.why[:200]}")
    assert not off, "\n".join(off)


def test_we_say_of_core_objects_what_the_server_says(bare: Client) -> None:
    unless_known()
    off = []
    for what, data, _ in core_documents.documents():
        said, mine = bare.dry_run(data), ours(data)
        if mine not in (None, said.verdict):
            off.append(f"{what}: server {said.verdict}, ours {mine} {said.why[:200]}")
    assert not off, "\n".join(off)


def test_we_say_of_the_core_objects_in_rules_examples_what_the_server_says(bare: Client) -> None:
    unless_known()
    off, tried = [], 0
    for what, data in examples(bare):
        said, mine = bare.dry_run(data), ours(data)
        tried += 1
        if mine not in (None, said.verdict):
            off.append(f"{what}: server {said.verdict}, ours {mine} {said.why[:200]} in {json.dumps(data)[:800]}")
    assert not off, "\n".join(off)
    assert tried > 10


def test_of_a_bent_core_object_we_say_what_the_server_says(bare: Client) -> None:
    unless_known()
    source = random.Random(45)
    pool = [*core_documents.good().values(), *(data for _, data in examples(bare))]
    off, refused = [], 0
    for _ in range(BENT):
        original = source.choice(pool)
        data = sent(changed(source, original))
        if any(data.get(key) != original[key] for key in ("apiVersion", "kind")) or is_nameless_limit_range(data):
            continue
        said, mine = bare.dry_run(data), ours(data)
        refused += said.verdict == "invalid"
        if mine not in (None, said.verdict):
            off.append(f"server {said.verdict}, ours {mine} {said.why[:300]} in {json.dumps(data)[:1500]}")
    assert not off, "\n".join(off)
    assert refused > BENT / 10
