"""The same object twice in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.subject import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


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
    if not document.name:
        return
    for other in subject.index.twins(document):
        if other is document:
            return
        if other.file == document.file:
            yield hit("metadata", "name", kind=kind_of(document).kind, name=document.name)
            return
