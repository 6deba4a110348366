"""What becomes of an accepted document, judged by whoever judges its kinds, and told at the user's own line.

A controller writes what an object asks for; where the API server then refuses that, or its pods can't run, the object
itself was accepted, and only its status or a ReplicaSet's events say so. So each such fault is a warning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.children import Made, outcome_of
from generator.checks.finding import NOTHING_MADE, Offspring, Severity
from generator.checks.judging.covering import Said
from generator.checks.judging.in_child import faults
from generator.checks.judging.plain import Lanes
from generator.checks.judging.templates import own_pod, pod_of
from generator.checks.placing import finding
from generator.checks.subject import kind_of
from generator.outcome import has_children
from generator.reading.documents import Document, format_path
from generator.schemas.products import title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.checks.finding import Finding
    from generator.checks.judging.in_child import Fault
    from generator.checks.judging.judges import Judge, Panel
    from generator.checks.subject import Index
    from generator.outcome import Child
    from generator.reading.documents import Path
    from generator.schemas import Target

_OTHER_HALF = {"requests": "limits"}
"""A fault of what the platform brings may be one of the field beside it: its request above a limit of the user's."""


_OF_ONE_VALUE = frozenset(("K8S060", "K8S067"))
"""Rules on one value: it is wrong, whatever stands beside it."""
_OF_TWO = "K8S066"
"""The rule on a request above its limit."""


class Place(NamedTuple):
    """A place of one of the set's documents."""

    document: Document
    path: Path

    def __str__(self) -> str:
        """As a message names it: ``runtimes.yaml: spec.containers[0].image``."""
        return f"{self.document.file}: {format_path(self.path)}"


class Judgement(NamedTuple):
    """What becomes of a document.

    Attributes:
        offspring: What was looked at.
        said: The faults that are the user's.
    """

    offspring: Offspring
    said: Sequence[Said]


_NONE = Judgement(NOTHING_MADE, ())


class Children:
    """Judges what becomes of one run's documents.

    Args:
        panel: Who judges a kind.
        index: The set.
    """

    def __init__(self, panel: Panel, index: Index) -> None:
        self._panel = panel
        self._index = index
        self._lanes = Lanes(index)
        self._own: dict[tuple[int, Target], frozenset[tuple[int, Path, str]]] = {}

    def judged(self, judge: Judge, document: Document, said: Sequence[Said]) -> Judgement:
        """What becomes of a document.

        Args:
            judge: A release of the product whose controller makes it.
            document: As the user wrote it.
            said: What was said of the document itself. One that is refused has no children, and what was said of a
                place isn't said again.
        """
        if any(one.finding.severity is Severity.ERROR for one in said):
            return _NONE
        # What a rule held against amounts makes no pod: the children aren't told of it again, but they are counted.
        if not any("resources" in one.path for one in said) and self._lanes.harmless(document):
            return _NONE
        pod = own_pod(document, judge)
        if pod is not None:
            return Judgement(NOTHING_MADE, [*self._told(judge, document, faults(self._panel, pod, self._index), said)])
        if not has_children(judge.product, kind_of(document)):
            return _NONE
        known = self._lanes.known(judge, document)
        if known is not None:
            return Judgement(known, ())
        outcome, changed = outcome_of(self._index, document, judge.target)
        every = [Made(child, document, changed) for child in outcome.children]
        pods = (pod for made in every if (pod := pod_of(made)))
        judged = (made for made in (*every, *pods) if _says(made.child))
        found = [fault for made in judged for fault in faults(self._panel, made, self._index) if sure(fault)]
        refused = {id(fault.made) for fault in found if fault.refused and written(fault) and fault.made.child.maker}
        offspring = Offspring(title(judge.product), len(every), len(refused))
        if not found:
            self._lanes.remember(judge, document, offspring)
        return Judgement(offspring, [*self._told(judge, document, found, said)])

    def _told(self, judge: Judge, document: Document, found: Iterable[Fault], said: Sequence[Said]) -> Iterator[Said]:
        """The faults as the user is told them: each once, whichever children it reaches."""
        places = {one.path for one in said if one.finding.severity > Severity.NOTE}
        told: set[tuple[int, Path, str]] = set()
        for fault in found:
            place = written(fault)
            if place is None:
                continue  # nothing of it is the user's: the platform's fault, or of what is known of it here
            key = (id(place.document), place.path, fault.rule.id)
            own = place.document is document
            path = place.path if own else _nearest(fault, document)
            if key in told or path in places or (not own and key in self._of(place.document, judge)):
                continue
            told.add(key)
            one = finding(fault.rule, document, path, fault.values, severity=Severity.WARNING, on_key=fault.on_key)
            yield Said(path, _worded(one, fault, judge, None if own else place), fault.on_key)

    def _of(self, document: Document, judge: Judge) -> frozenset[tuple[int, Path, str]]:
        """What another document of the set is told at its own judgement: place and rule."""
        key = (id(document), judge.target)
        found = self._own.get(key)
        if found is None:
            pod = own_pod(document, judge)
            every = faults(self._panel, pod, self._index) if pod else ()
            placed = ((place, fault.rule.id) for fault in every if (place := written(fault)))
            found = self._own[key] = frozenset((id(place.document), place.path, rule) for place, rule in placed)
        return found


def _says(child: Child) -> bool:
    """Whether something of a child can be the user's fault: more than its names and labels is theirs.

    A route that the controller makes of an object's name has nothing that isn't told of the object or of its workload.
    """
    return any(
        path[:1] != ("metadata",) and origin.path[:1] != ("metadata",) and isinstance(origin.source, Document)
        for path, origin in child.origins.items()
    )


def sure(fault: Fault) -> bool:
    """Whether what isn't known of a child can't mend the fault: what stands there wins over what lies below it."""
    known = fault.made.child.whole or fault.rule.id in _OF_ONE_VALUE
    return known or (fault.rule.id == _OF_TWO and all(_stands(fault, side) for side in ("requests", "limits")))


def _stands(fault: Fault, side: str) -> bool:
    """Whether the user wrote a side of the amounts that a fault is about."""
    path = tuple(side if step in ("requests", "limits") else step for step in fault.path)
    return fault.made.written(path) is not None


def written(fault: Fault) -> Place | None:
    """Where the user wrote what is wrong in a child; None where the platform brings it."""
    found = fault.made.written(fault.path)
    if found is None:
        for number, step in enumerate(fault.path):
            if step in _OTHER_HALF:
                other = (*fault.path[:number], _OTHER_HALF[step], *fault.path[number + 1 :])
                found = fault.made.written(other)
    return Place(*found) if found else None


def _nearest(fault: Fault, document: Document) -> Path:
    """The place of a document that has most to do with a place of its child, which another document says."""
    origins = fault.made.child.origins
    for length in range(len(fault.path) - 1, 0, -1):
        for path, origin in origins.items():
            if path[:length] == fault.path[:length] and origin.source is document:
                return fault.made.changed.origin(origin.path)
    return ()


def _worded(one: Finding, fault: Fault, judge: Judge, elsewhere: Place | None) -> Finding:
    """A finding on a child as one on its parent: what it is about, and who says it."""
    child, whose = fault.made.child, title(judge.product)
    if not child.maker:
        start = f"no pod of this {fault.made.document.kind} can be made" if fault.refused else "in a pod of this"
    elif fault.refused:
        start = f"the {child.kind.kind} {child.name} that {whose} makes of this is refused"
    else:
        start = f"in the {child.kind.kind} {child.name} that {whose} makes of this"
    place = f" ({elsewhere})" if elsewhere else ""
    return replace(one, message=f"{start}: {one.message}{place}")
