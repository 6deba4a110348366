"""Deployments, StatefulSets and DaemonSets beside their pods: numbers, and how they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import DEPLOYMENT as EXAMPLE
from generator.checks.rules.kubernetes.examples import STATEFUL_SET as STATEFUL_SET_EXAMPLE
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import APPS, KEPT_RUNNING, TEMPLATES_READ, integer, keys, refusal, said
from generator.checks.rules.kubernetes.syntax import LABEL, is_label, is_percent
from generator.checks.subject import kind_of, mapping, text
from generator.schemas.kinds import DAEMON_SET, DEPLOYMENT, STATEFUL_SET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_COUNTS = ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
_TYPES = {
    DEPLOYMENT: ("strategy", ("RollingUpdate", "Recreate")),
    DAEMON_SET: ("updateStrategy", ("RollingUpdate", "OnDelete")),
    STATEFUL_SET: ("updateStrategy", ("RollingUpdate", "OnDelete")),
}
_DEADLINE = 600
_WHOLE = 100


@refusal(
    id="K8S086",
    name="workload-number",
    kinds=KEPT_RUNNING,
    message="{problem}",
    fix="{advice}",
    source=APPS,
    bad=with_field(EXAMPLE, "replicas: -1"),
    good=with_field(EXAMPLE, "replicas: 0"),
    when=keys(*_COUNTS, "ordinals", "activeDeadlineSeconds", "restartPolicy"),
)
def workload_number(subject: Subject) -> Iterable[Hit]:
    """Numbers of pods and of seconds are not negative, and a roll-out's deadline leaves time for pods to be ready."""
    spec = mapping(subject.data, "spec")
    for field in _COUNTS:
        number = integer(spec, field)
        if (
            number is not None
            and number < 0
            and not (field == _COUNTS[2] and kind_of(subject.document) == STATEFUL_SET)
        ):
            yield said(("spec", field), f"{field} is negative", "Write 0 or more.")
    if (integer(spec, "ordinals", "start") or 0) < 0:
        yield said(("spec", "ordinals", "start"), "the first ordinal is negative", "Write 0 or more.")
    ready = integer(spec, "minReadySeconds") or 0
    if kind_of(subject.document) == STATEFUL_SET and subject.release is not None and subject.release < TEMPLATES_READ:
        yield from _kept_running(subject)
    deadline = integer(spec, "progressDeadlineSeconds")
    if kind_of(subject.document) == DEPLOYMENT and (_DEADLINE if deadline is None else deadline) <= ready:
        place = ("spec", "minReadySeconds" if deadline is None else "progressDeadlineSeconds")
        yield said(place, "the deadline of a roll-out is not above minReadySeconds", "Raise progressDeadlineSeconds.")


def _kept_running(subject: Subject) -> Iterator[Hit]:
    """The little that every release asks of a StatefulSet's pods."""
    spec, path = mapping(subject.data, "spec", "template", "spec"), ("spec", "template", "spec")
    if spec.get("activeDeadlineSeconds") is not None:
        place = (*path, "activeDeadlineSeconds")
        yield said(place, "pods that are kept running have no deadline", "Remove it.", on_key=True)
    if (text(spec, "restartPolicy") or "Always") != "Always":
        yield said((*path, "restartPolicy"), "pods that are kept running are restarted", "Write Always.")


def share_faults(value: object, path: Path, *, capped: bool = True) -> Iterator[Hit]:
    """What is wrong with a number of pods or a share of them; nothing is fine."""
    if isinstance(value, str):
        if not is_percent(value):
            yield said(path, f"'{value}' is no percentage", "Write a number, or a percentage such as 25%.")
        elif capped and _percent(value) > _WHOLE:
            yield said(path, f"{value} is more than all", "Write at most 100%.")
    elif isinstance(value, (int, float)) and value < 0:
        yield said(path, "a number of pods is negative", "Write 0 or more.")


def _percent(value: str) -> int:
    """The number of a share; what no int64 holds is none for Go, and so no share that it could refuse."""
    digits = value.removesuffix("%").lstrip("0") or "0"
    number = int(digits) if len(digits) <= len(str(2**63)) else 2**63
    return number if number < 2**63 else 0


def _amount(value: object, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, str):
        return _percent(value) if is_percent(value) else 0
    return int(value) if isinstance(value, (int, float)) else 0


@refusal(
    id="K8S087",
    name="update-strategy",
    kinds=tuple(_TYPES),
    message="{problem}",
    fix="{advice}",
    source=APPS,
    bad=with_field(EXAMPLE, "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}"),
    good=with_field(EXAMPLE, "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"),
    when=keys("strategy", "updateStrategy"),
)
def update_strategy(subject: Subject) -> Iterable[Hit]:
    """A rolling update makes new pods before it ends old ones, or ends old ones first.

    With nought of both it could never begin. The other strategies have no such numbers.
    """
    kind = kind_of(subject.document)
    field, types = _TYPES[kind]
    strategy, path = mapping(subject.data, "spec", field), ("spec", field)
    chosen = text(strategy, "type") or "RollingUpdate"
    rolling = strategy.get("rollingUpdate")
    if chosen not in types:
        yield said((*path, "type"), f"'{chosen}' is no strategy", f"Write {' or '.join(types)}.")
    elif chosen != "RollingUpdate":
        if rolling is not None and kind != DAEMON_SET:
            advice = "Remove it, or write type: RollingUpdate."
            yield said((*path, "rollingUpdate"), f"the strategy {chosen} has no rollingUpdate", advice, on_key=True)
    elif kind == STATEFUL_SET:
        if isinstance(rolling, dict):
            yield from _stateful(rolling, (*path, "rollingUpdate"))
    else:
        yield from _rolling(mapping(rolling), (*path, "rollingUpdate"), daemon=kind == DAEMON_SET)


def _rolling(rolling: Mapping[str, Any], path: Path, *, daemon: bool) -> Iterator[Hit]:
    surge, unavailable = rolling.get("maxSurge"), rolling.get("maxUnavailable")
    yield from share_faults(surge, (*path, "maxSurge"), capped=daemon)
    yield from share_faults(unavailable, (*path, "maxUnavailable"))
    more, less = (
        (_amount(surge, 0), _amount(unavailable, 1)) if daemon else (_amount(surge, 25), _amount(unavailable, 25))
    )
    if not more and not less:
        yield said((*path, "maxUnavailable"), "maxSurge and maxUnavailable are both 0", "Raise one of them.")
    elif daemon and more and less:
        yield said((*path, "maxSurge"), "a DaemonSet has maxSurge or maxUnavailable", "Set one of them to 0.")


def _stateful(rolling: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    if (integer(rolling, "partition") or 0) < 0:
        yield said((*path, "partition"), "partition is negative", "Write 0 or more.")
    unavailable = rolling.get("maxUnavailable")
    yield from share_faults(unavailable, (*path, "maxUnavailable"))
    if unavailable is not None and not _amount(unavailable, 1):
        yield said((*path, "maxUnavailable"), "maxUnavailable is 0", "Write 1 or more.")


@refusal(
    id="K8S088",
    name="stateful-set-setting",
    kinds=(STATEFUL_SET,),
    message="{problem}",
    fix="{advice}",
    source=APPS,
    bad=with_field(STATEFUL_SET_EXAMPLE, "podManagementPolicy: parallel"),
    good=with_field(STATEFUL_SET_EXAMPLE, "podManagementPolicy: Parallel"),
    when=keys("podManagementPolicy", "persistentVolumeClaimRetentionPolicy", "serviceName"),
)
def stateful_set_setting(subject: Subject) -> Iterable[Hit]:
    """Some settings of a StatefulSet are one of a few words.

    And the name of its Service is part of its pods' host names.
    """
    spec = mapping(subject.data, "spec")
    policy = text(spec, "podManagementPolicy") or "OrderedReady"
    if policy not in ("OrderedReady", "Parallel"):
        yield said(("spec", "podManagementPolicy"), f"'{policy}' is no policy", "Write OrderedReady or Parallel.")
    for field in ("whenDeleted", "whenScaled"):
        value = text(spec, "persistentVolumeClaimRetentionPolicy", field) or "Retain"
        if value not in ("Retain", "Delete"):
            path = ("spec", "persistentVolumeClaimRetentionPolicy", field)
            yield said(path, f"'{value}' is no policy", "Write Retain or Delete.")
    service = text(spec, "serviceName") or ""
    if service and not is_label(service) and (subject.release is None or subject.release >= (1, 33)):
        yield said(("spec", "serviceName"), f"no Service can have the name '{service}'", f"Use {LABEL}.")
