"""HorizontalPodAutoscalers and PodDisruptionBudgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import integer, items, keys, present, refusal, said, source
from generator.checks.rules.kubernetes.resources import name_fault, number
from generator.checks.rules.kubernetes.syntax import is_label, is_path_segment
from generator.checks.rules.kubernetes.workloads import share_faults
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import AUTOSCALER, BUDGET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

SOURCE = source("pkg/apis/autoscaling/validation/validation.go")
POLICY = source("pkg/apis/policy/validation/validation.go")
_METRICS = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "External": "external",
    "ContainerResource": "containerResource",
}
_TARGETS = ("Utilization", "Value", "AverageValue")
_LONGEST_WINDOW = 3600
_LONGEST_PERIOD = 1800
_TO_ZERO = (1, 37)
_VERSIONED = (1, 34)
EXAMPLE = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: digits
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  minReplicas: 2
  maxReplicas: 6
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
"""
BUDGET_EXAMPLE = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: digits
spec:
  minAvailable: 1
  selector: {matchLabels: {app: digits}}
"""


@refusal(
    id="K8S098",
    name="autoscaler-bounds",
    kinds=(AUTOSCALER,),
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=EXAMPLE.replace("maxReplicas: 6", "maxReplicas: 1"),
    good=EXAMPLE,
)
def autoscaler_bounds(subject: Subject) -> Iterable[Hit]:
    """An autoscaler has an upper bound, and the lower one, 1 where it isn't given, is not above it.

    Nought is a lower bound since Kubernetes 1.37, and with a metric that exists without pods.
    """
    spec = mapping(subject.data, "spec")
    low, high = integer(spec, "minReplicas"), integer(spec, "maxReplicas") or 0
    share = integer(spec, "targetCPUUtilizationPercentage")
    if share is not None and share < 1:
        yield said(("spec", "targetCPUUtilizationPercentage"), f"{share} % can't be aimed at", "Write more than 0.")
    zero = subject.release is None or subject.release >= _TO_ZERO
    if high < 1:
        yield said(("spec", "maxReplicas"), "there is no upper bound above 0", "Set maxReplicas to 1 or more.")
    elif low is not None and low > high:
        problem = f"minReplicas {low} is above maxReplicas {high}"
        yield said(("spec", "minReplicas"), problem, "Lower it, or raise maxReplicas.")
    if low is not None and low < (0 if zero else 1):
        yield said(("spec", "minReplicas"), f"minReplicas can't be {low}", f"Write {0 if zero else 1} or more.")
    if low == 0 and zero:
        types = {text(metric, "type") for metric in sequence(spec, "metrics")}
        if not types & {"Object", "External"}:
            yield said(("spec", "minReplicas"), "no metric is left with no pods", "Add an Object or External metric.")


@refusal(
    id="K8S099",
    name="autoscaler-target",
    kinds=(AUTOSCALER,),
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=EXAMPLE.replace("kind: Deployment, name: digits}", "kind: Deployment}"),
    good=EXAMPLE,
)
def autoscaler_target(subject: Subject) -> Iterable[Hit]:
    """An autoscaler scales one object, which it names by kind and name.

    Since Kubernetes 1.34 its apiVersion is asked for as well, which everyone used to leave out without a word.
    """
    target, path = mapping(subject.data, "spec", "scaleTargetRef"), ("spec", "scaleTargetRef")
    strict = subject.release is None or subject.release >= _VERSIONED
    yield from _reference(target, path, strict=strict)
    version = text(target, "apiVersion") or ""
    if strict and not version.rpartition("/")[0] and text(target, "kind") != "ReplicationController":
        problem = f"'{version}' has no group" if version else "the reference has no apiVersion"
        yield said((*path, "apiVersion"), problem, "Write for example apps/v1.")
    for place, metric in items(subject.data, (), "spec", "metrics"):
        if text(metric, "type") == "Object" and present(metric, "object"):
            described = mapping(metric, "object", "describedObject")
            yield from _reference(described, (*place, "object", "describedObject"), strict=strict)


def _reference(reference: Mapping[str, Any], path: Path, *, strict: bool) -> Iterator[Hit]:
    for field in ("kind", "name"):
        value = text(reference, field) or ""
        if not value or not is_path_segment(value):
            problem = f"'{value}' can't be a {field}" if value else f"the reference has no {field}"
            yield said((*path, field), problem, f"Add the {field} of the object.")
    if strict and (text(reference, "apiVersion") or "").count("/") > 1:
        yield said((*path, "apiVersion"), "this is no apiVersion", "Write for example apps/v1.")


@refusal(
    id="K8S100",
    name="autoscaler-metric",
    kinds=(AUTOSCALER,),
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=EXAMPLE.replace("target: {type: Utilization, averageUtilization: 70}", "target: {type: Utilization}"),
    good=EXAMPLE,
    when=keys("metrics"),
)
def autoscaler_metric(subject: Subject) -> Iterable[Hit]:
    """A metric has the fields of its type and no other's, and says what it should be.

    A share, a value, or a value a pod.
    """
    for place, metric in items(subject.data, (), "spec", "metrics"):
        kind = text(metric, "type") or ""
        field = _METRICS.get(kind)
        if field is None:
            yield said((*place, "type"), f"'{kind}' is no type of a metric", f"Write {', '.join(_METRICS)}.")
            continue
        if not present(metric, field):
            yield said((*place, field), f"a metric of type {kind} has no {field}", f"Add {field}.")
        for other in _METRICS.values():
            if other != field and present(metric, other):
                yield said((*place, other), f"a metric of type {kind} has {other}", "Remove it.", on_key=True)
        if present(metric, field):
            yield from _metric(field, mapping(metric, field), (*place, field))


def _metric(field: str, given: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    name_path = (*path, "name") if field in ("resource", "containerResource") else (*path, "metric", "name")
    name = text(given, *name_path[len(path) :]) or ""
    if not name or (len(name_path) > len(path) + 1 and not is_path_segment(name)):
        yield said(name_path, "the metric has no name", "Add its name.")
    if field == "containerResource":
        if name and (problem := name_fault(name)):
            yield said(name_path, problem, "Write cpu or memory.")
        if not is_label(text(given, "container") or ""):
            yield said((*path, "container"), "the metric names no container", "Add the container's name.")
    yield from _target(field, mapping(given, "target"), (*path, "target"))


def _target(field: str, target: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    kind = text(target, "type") or ""
    if kind not in _TARGETS:
        yield said((*path, "type"), f"'{kind}' is no type of a target", f"Write {', '.join(_TARGETS)}.")
    for name in ("value", "averageValue"):
        amount = number(target.get(name)) if present(target, name) else None
        if amount is not None and amount <= 0:
            yield said((*path, name), f"{name} is not above 0", "Write more than 0.")
    share = integer(target, "averageUtilization")
    if share is not None and share < 1:
        yield said((*path, "averageUtilization"), "averageUtilization is not above 0", "Write more than 0.")
    wanted = {
        "object": ("value", "averageValue"),
        "external": ("value", "averageValue"),
        "pods": ("averageValue",),
        "resource": ("averageUtilization", "averageValue"),
        "containerResource": ("averageUtilization", "averageValue"),
    }[field]
    given = [name for name in wanted if present(target, name)]
    if not given:
        yield said(path, f"the target has no {' or '.join(wanted)}", f"Add {wanted[0]}.", on_key=True)
    elif len(given) > 1 and field != "object":
        yield said(path, f"the target has both {' and '.join(given)}", "Keep one of them.", on_key=True)


@refusal(
    id="K8S101",
    name="autoscaler-behavior",
    kinds=(AUTOSCALER,),
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=with_field(EXAMPLE, "behavior: {scaleDown: {policies: [{type: Pods, value: 1}]}}"),
    good=with_field(EXAMPLE, "behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}"),
    when=keys("behavior"),
)
def autoscaler_behavior(subject: Subject) -> Iterable[Hit]:
    """Each policy says how many pods or what share of them in how many seconds, at most half an hour.

    The window is an hour at most.
    """
    for name in ("scaleUp", "scaleDown"):
        rules, path = mapping(subject.data, "spec", "behavior", name), ("spec", "behavior", name)
        window = integer(rules, "stabilizationWindowSeconds")
        if window is not None and not 0 <= window <= _LONGEST_WINDOW:
            yield said((*path, "stabilizationWindowSeconds"), f"{window} is out of range", "Write 0 to 3600.")
        select = rules.get("selectPolicy")
        if isinstance(select, str) and select not in ("Max", "Min", "Disabled"):
            yield said((*path, "selectPolicy"), f"'{select}' is no word for it", "Write Max, Min or Disabled.")
        if rules.get("policies") == []:
            yield said((*path, "policies"), "the list of policies is empty", "Remove it, or add one.", on_key=True)
        for place, policy in items(rules, path, "policies"):
            yield from _policy(policy, place)
        tolerance = number(rules.get("tolerance"))
        if tolerance is not None and tolerance < 0:
            yield said((*path, "tolerance"), "tolerance is negative", "Write 0 or more.")


def _policy(policy: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    kind, period = text(policy, "type") or "", integer(policy, "periodSeconds") or 0
    if kind not in ("Pods", "Percent"):
        yield said((*path, "type"), f"'{kind}' is no type of a policy", "Write Pods or Percent.")
    if (integer(policy, "value") or 0) < 1:
        yield said((*path, "value"), "value is not above 0", "Write 1 or more.")
    if not 0 < period <= _LONGEST_PERIOD:
        yield said((*path, "periodSeconds"), f"a period of {period} seconds is out of range", "Write 1 to 1800.")


@refusal(
    id="K8S102",
    name="budget-both",
    kinds=(BUDGET,),
    message="minAvailable and maxUnavailable exclude one another",
    fix="Keep one of them.",
    source=POLICY,
    bad=with_field(BUDGET_EXAMPLE, "maxUnavailable: 1"),
    good=BUDGET_EXAMPLE,
    when=keys("maxUnavailable"),
)
def budget_both(subject: Subject) -> Iterable[Hit]:
    """Both say how many pods may be missing, so there is one of them."""
    spec = mapping(subject.data, "spec")
    if present(spec, "minAvailable") and present(spec, "maxUnavailable"):
        yield hit("spec", "maxUnavailable", on_key=True)


@refusal(
    id="K8S103",
    name="budget-amount",
    kinds=(BUDGET,),
    message="{problem}",
    fix="{advice}",
    source=POLICY,
    bad=BUDGET_EXAMPLE.replace("minAvailable: 1", "minAvailable: 120%"),
    good=BUDGET_EXAMPLE,
    when=keys("minAvailable", "maxUnavailable", "unhealthyPodEvictionPolicy"),
)
def budget_amount(subject: Subject) -> Iterable[Hit]:
    """A budget counts pods, or names a share of at most 100 %."""
    spec = mapping(subject.data, "spec")
    for field in ("minAvailable", "maxUnavailable"):
        yield from share_faults(spec.get(field), ("spec", field))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if isinstance(policy, str) and policy not in ("IfHealthyBudget", "AlwaysAllow"):
        path = ("spec", "unhealthyPodEvictionPolicy")
        yield said(path, f"'{policy}' is no policy", "Write IfHealthyBudget or AlwaysAllow.")
