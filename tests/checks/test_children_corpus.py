"""What becomes of real manifests: each fault of a child has a place in the user's files, and few there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.checks.api import check
from generator.checks.children import Made, outcome_of
from generator.checks.finding import Severity
from generator.checks.judging.in_child import faults
from generator.checks.judging.judges import Panel
from generator.checks.judging.offspring import sure, written
from generator.checks.platforms import asked
from generator.checks.subject import Index, kind_of
from generator.outcome import maker
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.judging.in_child import Fault

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
RELEASES = ["kserve@0.15", "kserve@0.17", "kserve@0.21", "seldon-core-1@1.18", "seldon-core-2@2.10"]
EXPLAINED = {"seldondeployment-b7be3ed68a.yaml": "its LIGHTGBM_SERVER is one of its owner's own seldon-config"}


def found(release: str, documents: list[Document]) -> Iterator[tuple[Document, Fault]]:
    """The faults of the children of documents, each looked at as if alone."""
    releases = asked([release])
    panel, target = Panel(releases.targets, webhooks=True), releases.targets[0]
    for document in documents:
        if maker(target.product, kind_of(document)) is None:
            continue
        index = Index.of([document])
        if any(one.severity is Severity.ERROR for one in check([document], platforms=[release]).findings):
            continue
        outcome, changed = outcome_of(index, document, target)
        for child in outcome.children:
            yield from ((document, one) for one in faults(panel, Made(child, document, changed), index) if sure(one))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no corpus beside the project")
@pytest.mark.parametrize("release", RELEASES)
def test_no_fault_of_a_child_is_the_platform_s(release: str) -> None:
    files = sorted((CORPUS / release.partition("@")[0]).glob("*.yaml"))
    documents = [one for file in files for one in read(file.read_text(), file.name) if isinstance(one, Document)]
    ours = [
        (one.file, fault.made.child.name, fault.path, fault.rule.id)
        for one, fault in found(release, documents)
        if written(fault) is None
    ]
    assert [one for one in ours if one[0] not in EXPLAINED] == []
