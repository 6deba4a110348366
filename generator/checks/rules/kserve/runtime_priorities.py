"""Which runtime KServe chooses for a format: priorities that contradict one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.runtimes import GOOD, RUNTIMES, WEBHOOK, formats, several_models, spec_of
from generator.checks.subject import kind_of, mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document

Key = tuple[object, ...]


@rule(
    id="KSV370",
    name="priorities-of-one-format",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"priority"}),
    stage=Stage.WEBHOOK,
    severity=Severity.WARNING,
    message="the format {format} has the priority {first} above and {priority} here; KServe wants one a format",
    fix="Give all versions of the format the same priority.",
    source=WEBHOOK,
    bad=GOOD.replace('version: "2", autoSelect: true, priority: 1', 'version: "2", autoSelect: true, priority: 2'),
    good=GOOD,
)
def priorities_of_one_format(subject: Subject) -> Iterator[Hit]:
    """The first runtime of a namespace passes with it, as the webhook compares beside others only.

    Any later one is refused, and so is every change of the first (KSV379). Formats without autoSelect don't count.
    """
    if subject.index.before(subject.document) is None:
        yield from _contradictions(subject)


@rule(
    id="KSV379",
    name="change-beside-contradicting-priorities",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"priority"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the format {format} has the priority {first} above and {priority} here; KServe refuses each change",
    fix="Give all versions of the format the same priority.",
    source=WEBHOOK,
    before=GOOD,
    bad=GOOD.replace('version: "2", autoSelect: true, priority: 1', 'version: "2", autoSelect: true, priority: 2'),
    good=GOOD,
)
def change_beside_contradicting_priorities(subject: Subject) -> Iterator[Hit]:
    """Once the runtime is there, the webhook compares it with what is there, itself among them."""
    if subject.index.before(subject.document) is not None:
        yield from _contradictions(subject)


def _contradictions(subject: Subject) -> Iterator[Hit]:
    """The places where a format has another priority than above."""
    first: dict[str, int | None] = {}
    for entry in formats(subject.data) if spec_of(subject) is not None else ():
        if not entry.automatic:
            continue
        known = first.setdefault(entry.name, entry.priority)
        if known is not None and entry.priority is not None and known != entry.priority:
            values = {"format": entry.name, "first": known, "priority": entry.priority}
            yield Hit((*entry.path, "priority"), values)


@rule(
    id="KSV371",
    name="priority-taken",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"priority"}),
    stage=Stage.WEBHOOK,
    severity=Severity.WARNING,
    message="{other}, which stands in this file before, has the same priority for the format {format}",
    fix="Give one of them another priority: KServe refuses the second, as it couldn't choose.",
    source=WEBHOOK,
    bad=f"{GOOD}---{GOOD.replace('name: digits-server', 'name: digits-server-gpu')}",
    good=f"{GOOD}---{GOOD.replace('name: digits-server', 'name: digits-server-gpu').replace('ority: 1', 'ority: 2')}",
)
def priority_taken(subject: Subject) -> Iterator[Hit]:
    """Two runtimes that take the same version of a format over the same protocol need an order.

    Only runtimes of the same file, kind and namespace are compared: files of one folder may be for several clusters.
    """
    there = subject.index.derive(taken)
    if spec_of(subject) is None:
        return
    own = subject.document
    for entry in formats(subject.data):
        if not entry.automatic or entry.priority is None:
            continue
        keys = ((*key, entry.name.lower(), entry.version, entry.priority) for key in _keys(own))
        others = (other for key in keys for other in there.get(key, ())[:1])
        before = next((other for other in others if other.index < own.index and other.name != own.name), None)
        if before is not None:
            yield Hit((*entry.path, "priority"), {"other": before.name, "format": entry.name})


def taken(index: Index) -> dict[Key, list[Document]]:
    """The runtimes of the set by all that the webhook compares, in the order of the files."""
    found: dict[Key, list[Document]] = {}
    for runtime in (runtime for kind in RUNTIMES for runtime in index.by_kind.get(kind, ())):
        if mapping(runtime.data, "spec").get("disabled") is True:
            continue
        for entry in formats(runtime.data):
            if entry.automatic and entry.priority is not None:
                for key in _keys(runtime):
                    found.setdefault((*key, entry.name.lower(), entry.version, entry.priority), []).append(runtime)
    return found


def _keys(runtime: Document) -> Iterator[Key]:
    """What two runtimes share that can be in each other's way, for each of their protocols."""
    place = (runtime.file, kind_of(runtime), runtime.namespace, several_models(runtime.data))
    for protocol in sequence(runtime.data, "spec", "protocolVersions"):
        if isinstance(protocol, str):
            yield (*place, protocol)
