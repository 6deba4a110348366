"""What the API server refuses to change in the metadata of any object; ``--previous`` says what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Stage, hit, rule
from generator.checks.rules.k8s import META, ROUTE
from generator.checks.subject import mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

LIVE = ROUTE.replace("name: digits\n", "name: digits\n  uid: 1f0c\n  resourceVersion: '7'\n", 1)
_IDENTITY = {
    "uid": "was of another object of this name",
    "resourceVersion": "is of an older state of the object",
}
_DELETION = ("deletionTimestamp", "deletionGracePeriodSeconds")


@rule(
    id="K8S151",
    name="server-metadata-changed",
    product=None,
    stage=Stage.SERVER,
    severity=Severity.ERROR,
    message="metadata.{field} {problem}",
    fix="{advice}.",
    source=META,
    before=LIVE,
    bad=LIVE.replace("'7'", "'6'"),
    good=ROUTE,
    when=frozenset({*_IDENTITY, *_DELETION, "finalizers"}),
)
def server_metadata_changed(subject: Subject) -> Iterator[Hit]:
    """A manifest that was once read from a cluster holds what the server writes.

    With its uid or resourceVersion it is for that object in that state alone, and any other is a conflict. The marks of
    a deletion are the server's own, and from then on an object takes no further finalizer.
    """
    before = subject.index.before(subject.document)
    if before is None:
        return
    new, old = mapping(subject.data, "metadata"), mapping(before.data, "metadata")
    for field, problem in _IDENTITY.items():
        if new.get(field) and old.get(field) and new[field] != old[field]:
            yield hit("metadata", field, field=field, problem=problem, advice="Remove it")
    for field in _DELETION:
        ignored = field == "deletionTimestamp" and old.get(field) is not None
        if new.get(field) is not None and new[field] != old.get(field) and not ignored:
            yield hit("metadata", field, field=field, problem="is the server's own", advice="Remove it")
    if old.get("deletionTimestamp") is None:
        return
    there = sequence(old, "finalizers")
    for index, name in enumerate(sequence(new, "finalizers")):
        if name not in there:
            problem = f"gets '{name}' while the object is being deleted"
            advice = "Wait until it is gone, and create it anew"
            yield hit("metadata", "finalizers", index, field="finalizers", problem=problem, advice=advice)
