"""The same object twice in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.subject import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document
    from generator.reading.kind import Kind


@rule(
    id="REF004",
    name="object-twice",
    product=None,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{kind} {name} stands in this file before: this one replaces it",
    fix="Remove one of the two, or give it another name.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/kubectl/pkg/cmd/apply/apply.go"),
    bad=f"{ROUTE}---{ROUTE}",
    good=f"{ROUTE}---{ROUTE.replace('name: digits', 'name: letters', 1)}",
)
def object_twice(subject: Subject) -> Iterator[Hit]:
    """The first one is lost: kubectl applies both, one after the other.

    In different files it is common, one for each environment; so only one file is looked at.
    """
    document = subject.document
    first = subject.index.derive(firsts).get(_identity(document), document)
    if document.name and first is not document:
        yield hit("metadata", "name", kind=document.kind, name=document.name)


def firsts(index: Index) -> Mapping[tuple[str, Kind, str, str], Document]:
    """The first document of each identity in its file."""
    found: dict[tuple[str, Kind, str, str], Document] = {}
    for document in index.here:
        found.setdefault(_identity(document), document)
    return found


def _identity(document: Document) -> tuple[str, Kind, str, str]:
    return document.file, kind_of(document), document.namespace, document.name
