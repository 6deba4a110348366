"""Whatever an object looks like, its outcome is computed or told as unknown: never an exception, never without origins."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING, Any

import pytest

import bending
from becoming import become
from generator import outcome
from generator.checks.children import outcome_of
from generator.checks.subject import Index, kind_of
from generator.outcome import Brought
from generator.reading.documents import Document, read
from generator.schemas import Target, Version, available
from kit import ROOT

if TYPE_CHECKING:
    from generator.outcome import Maker

CORPUS = ROOT.parent / "shared" / "corpus"
RELEASES = {product: max(available()[product]) for product in ("kserve", "seldon-core-1", "seldon-core-2")}
OTHER = {product: min(available()[product]) for product in RELEASES}


@functools.cache
def documents() -> tuple[tuple[Maker, Document], ...]:
    """Every document of the golden files and the corpus that a controller makes something of."""
    files = sorted((ROOT / "tests" / "golden").rglob("*.yaml"))
    if CORPUS.is_dir():
        files += sorted(CORPUS.rglob("*.yaml"))
    found = []
    for file in files:
        for one in read(file.read_bytes(), file.name):
            if isinstance(one, Document):
                for product in RELEASES:
                    maker = outcome.maker(product, kind_of(one))
                    if maker:
                        found.append((maker, one))
    return tuple(found)


def made(maker: Maker, data: dict[str, Any], release: Version) -> outcome.Outcome:
    """The outcome of an object alone, as the engine and ``expand`` ask for it."""
    document = Document(data, "f.yaml")
    return outcome_of(Index.of([document]), document, Target(maker.product, release)).outcome


def test_there_are_documents_of_each_platform() -> None:
    assert {maker.product for maker, _ in documents()} == set(RELEASES)


@pytest.mark.parametrize("releases", [RELEASES, OTHER], ids=["newest", "oldest"])
def test_of_every_real_document_something_becomes_or_is_said(releases: dict[str, Version]) -> None:
    for maker, document in documents():
        found = made(maker, document.data, releases[maker.product])
        assert found.children or found.gaps or found.remarks, (maker.kind, document.file)
        for child in found.children:
            assert child.kind.kind, document.file
            assert child.data["apiVersion"], document.file
            assert all(type(origin.source) in (Document, Brought) for origin in child.origins.values())


def test_what_is_bent_at_random_breaks_nothing() -> None:
    source = random.Random(7)
    for maker, document in documents()[:: max(1, len(documents()) // 400)]:
        for _ in range(3):
            bent = bending.changed(source, document.data)
            made(maker, bent, RELEASES[maker.product])


def test_an_outcome_is_a_pure_function() -> None:
    for maker, document in documents()[:: max(1, len(documents()) // 60)]:
        before = repr(document.data)
        one, two = (made(maker, document.data, RELEASES[maker.product]) for _ in range(2))
        assert [child.data for child in one.children] == [child.data for child in two.children]
        assert repr(document.data) == before


def test_modules_are_named_after_their_kinds() -> None:
    for maker, _ in documents():
        assert outcome.maker(maker.product, maker.kind) is maker


@pytest.mark.parametrize("amount", ["1e400", "-", "1e308", "{}", "much"])
@pytest.mark.parametrize("mode", ["Standard", "Knative"])
def test_an_amount_that_nobody_would_write_breaks_no_maker(mode: str, amount: str) -> None:
    text = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata: {{name: a, annotations: {{serving.kserve.io/deploymentMode: {mode}}}}}\n"
        "spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: s3://b/a, "
        f"resources: {{limits: {{cpu: {amount}}}}}}}}}}}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inferenceservice-config, namespace: kserve}\n"
        f'data: {{inferenceService: \'{{"resource": {{"cpuLimit": "{amount}"}}}}\', '
        f'storageInitializer: \'{{"cpuLimit": "{amount}", "enableModelcar": true, "cpuModelcar": "{amount}"}}\'}}\n'
    )
    assert become(text).outcome is not None
