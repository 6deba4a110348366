"""Objects as a cluster shows them, in files that are meant for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.subject import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
WRITTEN = ("uid", "resourceVersion", "managedFields", "selfLink", "creationTimestamp", "deletionTimestamp")
"""Fields of metadata that the API server writes."""


@rule(
    id="POL005",
    name="export-of-a-live-object",
    product=None,
    when=frozenset({*WRITTEN, "status", LAST_APPLIED}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="this is an object as a cluster shows it: {names} {have} no place in a file",
    fix="Keep name, namespace, labels and annotations of your own, and spec; leave the rest to the cluster.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go"),
    bad=ROUTE.replace("  name: digits\n", "  name: digits\n  resourceVersion: '4711'\n  uid: 0b3c-41\n", 1),
    good=ROUTE,
)
def export_of_a_live_object(subject: Subject) -> Iterator[Hit]:
    """With a resourceVersion the apply fails as soon as anyone has changed the object, and a new one can't be made.

    A status is ignored and stays for ever as it was on the day of the export, and tools that compare files with the
    cluster show it all as drift.
    """
    found = list(_written(subject.document.data))
    if found:
        names = [str(path[-1]).rpartition("/")[2] for path in found]
        told = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        yield Hit(found[0], {"names": told, "have": "have" if len(names) > 1 else "has"}, on_key=True)


def _written(data: object) -> Iterator[Path]:
    """What the cluster wrote. Empty values are none: generators of code leave ``creationTimestamp: null`` behind."""
    metadata = mapping(data, "metadata")
    for field in WRITTEN:
        if metadata.get(field):
            yield "metadata", field
    if mapping(metadata, "annotations").get(LAST_APPLIED):
        yield "metadata", "annotations", LAST_APPLIED
    status = mapping(data, "status")
    if any(status.values()):
        yield ("status",)
