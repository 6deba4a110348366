"""Moments of one apply at which a route, or a Service, leads to what doesn't run.

An apply is a row of moments: ``kubectl apply`` sends one object after the other, each controller acts at once, pods
need their time, and what is no longer rendered is pruned when they are ready. Two things are sure of any cluster: a
workload that is new in this apply isn't ready while it lasts, and one that is gone has no pods. A workload whose
template changes goes on serving, pod by pod, unless its strategy is Recreate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks.subject import kind_of, text
from generator.rollout.shares import branches
from generator.rollout.world import Key, world
from generator.schemas.kinds import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.reading.documents import Document
    from generator.rollout.shares import Branch
    from generator.rollout.world import World
    from generator.schemas import Target


class Danger(NamedTuple):
    """A route or a Service that leads to nothing that runs.

    Attributes:
        after: The object after whose apply it begins; None for what is so even when all has been applied.
        route: The route or the Service.
        words: Whom the traffic doesn't reach, and why: a sentence without its full stop.
    """

    after: Key | None
    route: Key
    words: str

    def __str__(self) -> str:
        """One line."""
        when = f"once {self.after} is applied, " if self.after else ""
        return f"{when}{self.route} {self.words}"


def dangers(before: Sequence[Document], after: Sequence[Document], targets: Sequence[Target]) -> Iterator[Danger]:
    """What one apply risks, each route and backend once.

    Args:
        before: What was applied and is ready, in the order of its apply.
        after: What is applied now, in that order.
        targets: The releases that hold.
    """
    ready, end = world(before, targets), world(after, targets)
    lasting = [key for key, _ in end.of(SERVICE) if ready.behind(key) and end.behind(key)]
    told: set[tuple[Key, Key]] = set()
    there = {key_of(one): one for one in before}
    for document in after:
        there[key_of(document)] = document
        moment = world(list(there.values()), targets)
        yield from _new(told, key_of(document), moment, (ready, end))
        for service in lasting:
            if (service, service) not in told and not _serving(service, moment, ready):
                told.add((service, service))
                yield Danger(key_of(document), service, "has no pod that is ready")
    yield from _new(told, None, end, (end, ready))


def _new(told: set[tuple[Key, Key]], after: Key | None, moment: World, around: tuple[World, World]) -> Iterator[Danger]:
    """What a moment risks that no earlier one did; ``around`` are what is ready and the other end of the apply."""
    for branch in branches(moment):
        waits = branch.route in moment.patient and after is not None
        if waits or not branch.share or branch.backend.kind != SERVICE or (branch.route, branch.backend) in told:
            continue
        words = _unserved(branch, moment, around)
        if words:
            told.add((branch.route, branch.backend))
            yield Danger(after, branch.route, words)


def _unserved(branch: Branch, moment: World, around: tuple[World, World]) -> str:
    """Why a branch of the traffic reaches nobody; empty where it does, or where nothing here knows."""
    shown = f"{float((branch.share or 0) * 100):.4g} %"
    backend = branch.backend
    behind = moment.behind(backend)
    if behind is None:
        # A Service that is in neither state is somebody else's, such as the platform's own.
        ours = any(one.behind(backend) is not None for one in around)
        return f"gives {shown} to the Service {backend.name}, which isn't there" if ours else ""
    if not behind or _serving(backend, moment, around[0]):
        return ""
    return f"gives {shown} to {backend.name}, whose pods aren't ready yet"


def _serving(service: Key, moment: World, ready: World) -> bool:
    """Whether a Service leads to a pod that was ready before the apply and still is."""
    behind = moment.behind(service) or ()
    return any(key in ready.objects and not _recreated(key, moment, ready) for key in behind)


def _recreated(key: Key, moment: World, ready: World) -> bool:
    """Whether all pods of a workload end before the new ones come."""
    new, old = moment.objects[key], ready.objects[key]
    template = new.get("spec", {}).get("template") != old.get("spec", {}).get("template")
    return bool(template) and text(new, "spec", "strategy", "type") == "Recreate"


def key_of(document: Document) -> Key:
    """What tells an object from others."""
    return Key(kind_of(document), document.namespace, document.name)
