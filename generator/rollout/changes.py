"""What becomes otherwise from one state to the next, in the words of who has the pager."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.checks.subject import integer, mapping
from generator.reading.documents import format_path
from generator.rollout.shares import branches
from generator.rollout.world import WORKLOADS
from generator.schemas.kinds import AUTOSCALER, INFERENCE_SERVICE, KNATIVE_SERVICE, SCALED_OBJECT, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.rollout.world import Key, World

SCALERS = (AUTOSCALER, SCALED_OBJECT)
SHOWN = 3
"""Fields of a template that a line names."""


def changes(before: World, after: World) -> Iterator[str]:
    """A sentence without its full stop for each thing that changes: the traffic first, then pods, then the rest."""
    yield from _traffic(before, after)
    yield from _led(before, after)
    workloads = [key for key in {**before.objects, **after.objects} if key.kind in WORKLOADS]
    for key in workloads:
        yield from _pods(key, before, after)
    for key in {**before.objects, **after.objects}:
        if key.kind not in WORKLOADS:
            old, new = before.objects.get(key), after.objects.get(key)
            if old is None or new is None:
                yield f"{key}: {'gone' if new is None else 'new'}"


def disturbed(before: World, after: World) -> bool:
    """Whether a workload comes, goes, or gets other pods."""
    keys = [key for key in {**before.objects, **after.objects} if key.kind in WORKLOADS]
    return any(
        key not in before.objects or key not in after.objects or next(_restarts(key, before, after), None) is not None
        for key in keys
    )


def _restarts(key: Key, before: World, after: World) -> Iterator[tuple[str | int, ...]]:
    """The places in which a workload's template differs."""
    old, new = (mapping(there.objects[key], "spec", "template") for there in (before, after))
    return differing(old, new)


def _traffic(before: World, after: World) -> Iterator[str]:
    was, is_now = _shared(before), _shared(after)
    for place in {**was, **is_now}:
        old, new = was.get(place, {}), is_now.get(place, {})
        route, rule = place
        first = route.kind == INFERENCE_SERVICE and not (old and new)  # new or gone, it splits between no revisions
        if old == new or first:
            continue
        moved = ", ".join(
            f"{name} {_percent(old.get(name))} → {_percent(new.get(name))}"
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        )
        yield f"{route}{f', rule {rule + 1}' if rule else ''}: {moved}"


def _shared(there: World) -> dict[tuple[Key, int], dict[str, Fraction | None]]:
    """By route and rule, who gets what; a copy has no share."""
    found: dict[tuple[Key, int], dict[str, Fraction | None]] = {}
    for branch in branches(there):
        mine = found.setdefault((branch.route, branch.rule), {})
        if branch.share is None:
            mine[f"a copy to {branch.backend.name}"] = Fraction(1)
        else:
            mine[branch.backend.name] = (mine.get(branch.backend.name) or Fraction()) + branch.share
    return found


def _led(before: World, after: World) -> Iterator[str]:
    """The Services of both that lead to other workloads than before."""
    for key, _ in after.of(SERVICE):
        old, new = before.behind(key), after.behind(key)
        if old is not None and new is not None and set(old) != set(new):
            yield f"{key}: leads to {_names(new)}, before to {_names(old)}"


def _names(workloads: tuple[Key, ...]) -> str:
    return " and ".join(key.name for key in workloads) or "nothing"


def _percent(share: Fraction | None) -> str:
    return "nothing" if share is None else f"{float(share * 100):.4g} %"


def _pods(key: Key, before: World, after: World) -> Iterator[str]:
    old, new = before.objects.get(key), after.objects.get(key)
    if old is None or new is None:
        yield f"{key}: {'gone with its pods' if new is None else f'new, {counted(after, key)}'}"
        return
    changed = list(_restarts(key, before, after))
    if changed:
        shown = ", ".join(format_path(path) for path in changed[:SHOWN]) + (" …" if len(changed) > SHOWN else "")
        word = "a new revision" if key.kind == KNATIVE_SERVICE else "its pods restart"
        yield f"{key}: {word}: {shown} of the template"
    if counted(before, key) != counted(after, key):
        yield f"{key}: {counted(before, key)} → {counted(after, key)}"


def counted(there: World, key: Key) -> str:
    """How many pods a workload has, in words: its own number, or the bounds of what scales it."""
    for _, data in there.of(*SCALERS):
        target = mapping(data, "spec", "scaleTargetRef")
        if data["metadata"].get("namespace", "") == key.namespace and target.get("name") == key.name:
            least = integer(data, "spec", "minReplicas") or integer(data, "spec", "minReplicaCount") or 1
            most = integer(data, "spec", "maxReplicas") or integer(data, "spec", "maxReplicaCount") or least
            return f"{least} to {most} pods" if most != least else _plural(least)
    count = integer(there.objects[key], "spec", "replicas")
    return "pods as Knative wants" if key.kind == KNATIVE_SERVICE else _plural(1 if count is None else count)


def _plural(count: int) -> str:
    return f"{count} pod" if count == 1 else f"{count} pods"


def differing(old: object, new: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places where two values differ, as deep as both have the same shape."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            if name not in old or name not in new:
                yield (*path, name)
            else:
                yield from differing(old[name], new[name], (*path, name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differing(one, other, (*path, number))
    elif old != new or type(old) is not type(new):
        yield path
