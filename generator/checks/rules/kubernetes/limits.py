"""Limits for namespaces, and priorities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import CORE, integer, items, keys, refusal, said, source
from generator.checks.rules.kubernetes.resources import COUNTED, HUGE, amount_fault, listed, milli, name_fault, native
from generator.checks.rules.kubernetes.syntax import is_qualified
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import LIMIT_RANGE, PRIORITY_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.text.quantity import Quantity

QUOTA = Kind("", "ResourceQuota")
_COMPUTED = ("cpu", "memory", "ephemeral-storage")
_QUOTA_NAMES = COUNTED | frozenset(
    (*_COMPUTED, *(f"{side}.{name}" for side in ("requests", "limits") for name in _COMPUTED), "requests.storage")
)
_STANDARD = _QUOTA_NAMES | {"storage"}
_PARTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity")
_CLASS_SCOPE = "VolumeAttributesClass"
_EXISTENCE = frozenset((*_SCOPES[:4], "CrossNamespacePodAffinity"))
_COMPUTE_QUOTA = frozenset(("pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"))
_HIGHEST = 1_000_000_000
_MOST_IN_THOUSANDTHS = (2**63 - 1) // 1000
RANGE_EXAMPLE = """
apiVersion: v1
kind: LimitRange
metadata:
  name: models
spec:
  limits:
    - {type: Container, max: {memory: 4Gi}, default: {memory: 1Gi}}
"""
QUOTA_EXAMPLE = """
apiVersion: v1
kind: ResourceQuota
metadata:
  name: models
spec:
  hard: {requests.cpu: 8, pods: 20}
"""
CLASS_EXAMPLE = """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: serving
value: 1000
"""


def _standard(name: str) -> str:
    """What is wrong with the name of a resource that need not be a container's; empty where nothing is."""
    if not is_qualified(name):
        return f"'{name}' can't be the name of a resource"
    huge = name.startswith((HUGE, f"requests.{HUGE}"))
    return "" if "/" in name or name in _STANDARD or huge else f"'{name}' is no resource"


@refusal(
    id="K8S118",
    name="limit-range",
    kinds=(LIMIT_RANGE,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=RANGE_EXAMPLE.replace("default: {memory: 1Gi}", "default: {memory: 8Gi}"),
    good=RANGE_EXAMPLE,
    when=keys("limits"),
)
def limit_range(subject: Subject) -> Iterable[Hit]:
    """Of each resource the least, the default request, the default limit and the most are in that order.

    There is one entry a type, and pods as a whole have no defaults.
    """
    seen: set[str] = set()
    for place, entry in items(subject.data, (), "spec", "limits"):
        kind = text(entry, "type") or ""
        if not is_qualified(kind) or ("/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim")):
            yield said((*place, "type"), f"'{kind}' is no type of a limit", "Write Container, Pod or the like.")
        elif kind in seen:
            yield said((*place, "type"), f"the type {kind} stands twice", "Join the two.")
        seen.add(kind)
        yield from _limit_names(entry, kind, place)
        yield from _limit_order(entry, kind, place)


def _limit_names(entry: Mapping[str, Any], kind: str, place: Path) -> Iterator[Hit]:
    for part in _PARTS:
        given = mapping(entry, part)
        if kind == "Pod" and part in ("default", "defaultRequest") and given:
            yield said((*place, part), f"a limit of pods has no {part}", "Remove it.", on_key=True)
            continue
        for name in given:
            problem = name_fault(name) if kind in ("Pod", "Container") else _standard(name)
            if not problem and kind in ("Pod", "Container"):
                problem = _standard(name)
            if problem:
                yield said((*place, part, name), problem, "Write cpu, memory or the like.", on_key=True)
    if kind == "PersistentVolumeClaim" and "storage" not in {*mapping(entry, "min"), *mapping(entry, "max")}:
        yield said(place, "a limit of claims says nothing of storage", "Add min or max of storage.")


def _limit_order(entry: Mapping[str, Any], kind: str, place: Path) -> Iterator[Hit]:
    amounts = {part: {name: milli(value) for name, value in mapping(entry, part).items()} for part in _PARTS}
    if kind == "Container":
        amounts["default"] = {**amounts["max"], **amounts["default"]}
        amounts["defaultRequest"] = {**amounts["min"], **amounts["default"], **amounts["defaultRequest"]}
    elif kind == "Pod":
        amounts["default"] = amounts["defaultRequest"] = {}
    order = ("min", "defaultRequest", "default", "max")
    for index, low in enumerate(order):
        for high in order[index + 1 :]:
            for name, value in amounts[low].items():
                other = amounts[high].get(name)
                if value is not None and other is not None and value > other:
                    where = low if name in mapping(entry, low) else high
                    problem = f"{low} of {name} is above its {high}"
                    yield said((*place, where, name), problem, f"Lower {low}, or raise {high}.")
    yield from _limit_ratio(entry, place)
    for name, limit in amounts["default"].items():
        request = amounts["defaultRequest"].get(name)
        shared = native(name) and not name.startswith(HUGE)
        if not shared and limit is not None and request is not None and limit != request:
            yield said((*place, "default"), f"default and defaultRequest of {name} differ", "Write the same in both.")


def _limit_ratio(entry: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    for name, value in mapping(entry, "maxLimitRequestRatio").items():
        ratio = listed(value)
        low, high = (
            listed(given[name]) if name in (given := mapping(entry, part)) else None for part in ("min", "max")
        )
        if ratio and (ratio.number < 1 or (low and high and _cannot_be_kept(ratio, low, high))):
            yield said((*place, "maxLimitRequestRatio", name), "the ratio can't be kept", "Write 1 to max / min.")


def _cannot_be_kept(ratio: Quantity, low: Quantity, high: Quantity) -> bool:
    """Whether a ratio is above that of two limits: by thousandths, where all three can be counted in them."""
    places = -3 if all(one.scaled(0) < _MOST_IN_THOUSANDTHS for one in (ratio, low, high)) else 0
    wanted = float(ratio.scaled(places)) / 10.0**-places
    least, most = float(low.scaled(places)), float(high.scaled(places))
    if not least:
        return most < 0
    return wanted > most / least


@refusal(
    id="K8S119",
    name="quota",
    kinds=(QUOTA,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=QUOTA_EXAMPLE.replace("pods: 20", "pod: 20"),
    good=QUOTA_EXAMPLE,
    when=keys("hard", "scopes", "scopeSelector"),
)
def quota(subject: Subject) -> Iterable[Hit]:
    """A quota limits resources that there are, or counts objects (count/deployments.apps).

    Scopes that exclude one another, or have nothing to do with what is limited, are refused.
    """
    spec = mapping(subject.data, "spec")
    hard = mapping(spec, "hard")
    for name, value in hard.items():
        path = ("spec", "hard", name)
        if problem := _quota_name(name):
            yield said(path, problem, "Write for example requests.cpu or pods.", on_key=True)
        elif problem := amount_fault(name if not name.startswith(HUGE) else "", value):
            whole = name in COUNTED and "negative" not in problem
            yield said(path, problem, "Write a whole number such as 20." if whole else "Write nought or more.")
    scopes = [scope or "" for scope in sequence(spec, "scopes")]
    yield from _scopes(subject, scopes, hard, ("spec", "scopes"))
    selected = []
    for place, entry in items(spec, ("spec",), "scopeSelector", "matchExpressions"):
        scope, operator = text(entry, "scopeName") or "", text(entry, "operator") or ""
        selected.append(scope)
        values = sequence(entry, "values")
        wanted = {"In": bool(values), "NotIn": bool(values), "Exists": not values, "DoesNotExist": not values}
        if not wanted.get(operator) or (scope in _EXISTENCE and operator != "Exists"):
            yield said(place, f"operator and values don't fit the scope {scope}", "Write Exists without values.")
    yield from _scopes(subject, selected, hard, ("spec", "scopeSelector", "matchExpressions"))


def _quota_name(name: str) -> str:
    problem = _standard(name)
    huge = name.startswith((HUGE, f"requests.{HUGE}"))
    if not problem and "/" not in name and name not in _QUOTA_NAMES and not huge:
        return f"'{name}' is no resource of a quota"
    return problem


def _scopes(subject: Subject, scopes: list[str], hard: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    newer = subject.release is None or subject.release >= (1, 31)
    for index, scope in enumerate(scopes):
        if scope not in _SCOPES and not (newer and scope == _CLASS_SCOPE):
            yield said((*path, index), f"'{scope}' is no scope", f"Write {', '.join(_SCOPES)}.")
            continue
        for name in hard:
            fits = {"BestEffort": name == "pods", _CLASS_SCOPE: name in ("persistentvolumeclaims", "requests.storage")}
            known = name in _QUOTA_NAMES or name.startswith((HUGE, f"requests.{HUGE}"))
            if known and not fits.get(scope, name in _COMPUTE_QUOTA):
                yield said((*path, index), f"the scope {scope} has nothing to do with {name}", "Make two quotas of it.")
    for one, other in (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")):
        if one in scopes and other in scopes:
            yield said(path, f"the scopes {one} and {other} exclude one another", "Keep one of them.", on_key=True)


@refusal(
    id="K8S120",
    name="priority-class",
    kinds=(PRIORITY_CLASS,),
    message="{problem}",
    fix="{advice}",
    source=source("pkg/apis/scheduling/validation/validation.go"),
    bad=CLASS_EXAMPLE.replace("value: 1000", "value: 2000000000"),
    good=CLASS_EXAMPLE,
)
def priority_class(subject: Subject) -> Iterable[Hit]:
    """Priorities above a billion, and names that start with system-, are kept for the cluster's own pods."""
    name, value = text(subject.data, "metadata", "name") or "", integer(subject.data, "value") or 0
    if name.startswith("system-"):
        known = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
        if known.get(name) != value or subject.data.get("globalDefault") is True:
            yield said(("metadata", "name"), "names with system- are the cluster's own", "Choose another name.")
    elif value > _HIGHEST:
        yield said(("value",), f"{value} is above {_HIGHEST}", f"Write at most {_HIGHEST}.")
    policy = subject.data.get("preemptionPolicy")
    if isinstance(policy, str) and policy not in ("PreemptLowerPriority", "Never"):
        yield said(("preemptionPolicy",), f"'{policy}' is no policy", "Write PreemptLowerPriority or Never.")
