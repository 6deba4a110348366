"""Where pods may run: tolerations, affinities, spreading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import pod
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, integer, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.selectors import selector_faults
from generator.checks.rules.kubernetes.syntax import is_label, is_label_value, is_qualified, is_subdomain
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_WEIGHTS = (1, 100)
_KEY = "Write the key of a label, such as kubernetes.io/hostname."


@refusal(
    id="K8S082",
    name="toleration",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod("tolerations: [{key: gpu, operator: Exists, value: yes please}]"),
    good=pod("tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]"),
    when=keys("tolerations"),
)
def toleration(subject: Subject) -> Iterable[Hit]:
    """Equal compares a value, Exists has none.

    Without a key only Exists makes sense; tolerationSeconds is about NoExecute.
    """
    found = pod_of(subject)
    for place, entry in items(found.spec, found.spec_path, "tolerations"):
        key, operator, value, effect = (text(entry, name) or "" for name in ("key", "operator", "value", "effect"))
        if key and not is_qualified(key):
            yield said((*place, "key"), f"'{key}' can't be the key of a taint", _KEY)
        if not key and operator != "Exists":
            yield said((*place, "operator"), "a toleration without a key needs the operator Exists", "Add it.")
        if present(entry, "tolerationSeconds") and effect != "NoExecute":
            yield said((*place, "effect"), "tolerationSeconds needs the effect NoExecute", "Write NoExecute.")
        if operator not in ("", "Equal", "Exists"):
            yield said((*place, "operator"), f"'{operator}' is no operator of a toleration", "Write Equal or Exists.")
        elif operator == "Exists" and value:
            yield said((*place, "value"), "the operator Exists has no value", "Remove value, or write Equal.")
        elif operator != "Exists" and not is_label_value(value):
            yield said((*place, "value"), f"'{value}' can't be the value of a taint", "Write the value of a label.")
        if effect and effect not in EFFECTS:
            yield said((*place, "effect"), f"'{effect}' is no effect of a taint", f"Write {', '.join(EFFECTS)}.")


def node_selector_faults(selector: Mapping[str, Any], path: Path, release: object) -> Iterator[Hit]:
    """What is wrong with a selector of nodes."""
    terms = sequence(selector, "nodeSelectorTerms")
    if not terms:
        yield said((*path, "nodeSelectorTerms"), "there is no term that a node could fit", "Add nodeSelectorTerms.")
    for place, term in items(selector, path, "nodeSelectorTerms"):
        yield from _term(term, place, strict=release is None or release >= (1, 32))  # type: ignore[operator]


def _term(term: Mapping[str, Any], path: Path, *, strict: bool) -> Iterator[Hit]:
    for place, entry in items(term, path, "matchExpressions"):
        operator, values = text(entry, "operator") or "", sequence(entry, "values")
        wanted = {"In": values, "NotIn": values, "Exists": not values, "DoesNotExist": not values}
        wanted |= dict.fromkeys(("Gt", "Lt"), len(values) == 1)
        if operator not in wanted:
            yield said((*place, "operator"), f"'{operator}' is no operator", "Write In, NotIn, Exists, Gt or the like.")
        elif not wanted[operator]:
            yield said((*place, "values"), f"{len(values)} values don't fit the operator {operator}", "Mend values.")
        if not is_qualified(text(entry, "key") or ""):
            yield said((*place, "key"), f"'{text(entry, 'key') or ''}' can't be the key of a label", _KEY)
        for index, value in enumerate(values if strict else ()):
            if isinstance(value, str) and not is_label_value(value):
                yield said((*place, "values", index), f"'{value}' can't be the value of a label", "Mend it.")
    yield from _fields(term, path)


def _fields(term: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for place, entry in items(term, path, "matchFields"):
        values = sequence(entry, "values")
        if text(entry, "operator") not in ("In", "NotIn") or len(values) != 1:
            yield said(place, "a field is matched by In or NotIn with one value", "Mend operator and values.")
        if text(entry, "key") != "metadata.name":
            yield said((*place, "key"), "nodes are matched by the field metadata.name only", "Write metadata.name.")
        elif any(isinstance(value, str) and not is_subdomain(value) for value in values):
            yield said((*place, "values"), "no node can have this name", "Write the name of a node.")


@refusal(
    id="K8S083",
    name="affinity",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod(
        "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "[{labelSelector: {matchLabels: {app: digits}}}]}}"
    ),
    good=pod(
        "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: digits}}}]}}"
    ),
    when=keys("affinity"),
)
def affinity(subject: Subject) -> Iterable[Hit]:
    """An affinity says in full what it compares.

    Expressions have the number of values that their operator takes, and among pods the label of nodes says what near
    means.
    """
    found = pod_of(subject)
    given, path = mapping(found.spec, "affinity"), (*found.spec_path, "affinity")
    nodes, place = mapping(given, "nodeAffinity"), (*path, "nodeAffinity")
    if present(nodes, REQUIRED):
        yield from node_selector_faults(mapping(nodes, REQUIRED), (*place, REQUIRED), subject.release)
    for at, term in items(nodes, place, PREFERRED):
        yield from _weight(term, at)
        yield from _term(mapping(term, "preference"), (*at, "preference"), strict=False)
    labels = {} if found.template else mapping(found.meta, "labels")
    for name in ("podAffinity", "podAntiAffinity"):
        pods, place = mapping(given, name), (*path, name)
        for at, term in items(pods, place, REQUIRED):
            yield from _pod_term(term, at, labels)
        for at, weighted in items(pods, place, PREFERRED):
            yield from _weight(weighted, at)
            yield from _pod_term(mapping(weighted, "podAffinityTerm"), (*at, "podAffinityTerm"), labels)


def _weight(term: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    weight = integer(term, "weight") or 0
    if not _WEIGHTS[0] <= weight <= _WEIGHTS[1]:
        yield said((*path, "weight"), f"{weight} is no weight", "Write a number from 1 to 100.")


def _pod_term(term: Mapping[str, Any], path: Path, labels: Mapping[str, Any]) -> Iterator[Hit]:
    key = text(term, "topologyKey") or ""
    if not is_qualified(key):
        problem = f"'{key}' can't be the key of a label" if key else "an affinity of pods has no topologyKey"
        yield said((*path, "topologyKey"), problem, _KEY)
    for name in ("labelSelector", "namespaceSelector"):
        yield from selector_faults(mapping(term, name), (*path, name))
    for index, namespace in enumerate(sequence(term, "namespaces")):
        if not is_label(namespace or ""):
            yield said((*path, "namespaces", index), f"'{namespace or ''}' can't be a namespace", "Use a DNS label.")
    yield from _label_keys(term, path, ("matchLabelKeys", "mismatchLabelKeys"), labels)


def _label_keys(
    term: Mapping[str, Any], path: Path, fields: tuple[str, ...], labels: Mapping[str, Any]
) -> Iterator[Hit]:
    """What is wrong with keys whose values come from a pod's labels; a pod's go into its selector at once."""
    selector = mapping(term, "labelSelector")
    selected = {*mapping(selector, "matchLabels")}
    doubled = set()
    for _, entry in items(selector, (), "matchExpressions"):
        key = text(entry, "key") or ""
        doubled |= {key} & selected
        selected.add(key)
    doubled |= selected if len(fields) == 1 else selected & {*labels}
    for field in fields:
        listed = [key or "" for key in sequence(term, field)]
        if listed and not present(term, "labelSelector"):
            yield said((*path, field), f"{field} needs a labelSelector", "Add labelSelector.", on_key=True)
            continue
        for index, key in enumerate(listed):
            if not is_qualified(key):
                yield said((*path, field, index), f"'{key}' can't be the key of a label", _KEY)
            elif field == "matchLabelKeys" and (key in doubled or (key in labels and key in listed[:index])):
                yield said((*path, field, index), f"'{key}' stands twice, or in labelSelector as well", "Remove one.")
    for key in set(sequence(term, "matchLabelKeys")) & set(sequence(term, "mismatchLabelKeys")):
        yield said((*path, "mismatchLabelKeys"), f"'{key}' can't match and not match", "Remove one.", on_key=True)


@refusal(
    id="K8S084",
    name="topology-spread",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod(
        "topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: Ignore}]"
    ),
    good=pod(
        "topologySpreadConstraints: "
        "[{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}]"
    ),
    when=keys("topologySpreadConstraints"),
)
def topology_spread(subject: Subject) -> Iterable[Hit]:
    """A constraint says how unevenly pods may be spread, over which label of nodes, and what happens otherwise.

    One pair of label and consequence stands once.
    """
    found = pod_of(subject)
    seen: set[tuple[str, str]] = set()
    for place, entry in items(found.spec, found.spec_path, "topologySpreadConstraints"):
        key, action = text(entry, "topologyKey") or "", text(entry, "whenUnsatisfiable") or ""
        if (integer(entry, "maxSkew") or 0) < 1:
            yield said((*place, "maxSkew"), "maxSkew is not above 0", "Write 1 or more.")
        if not key:
            yield said((*place, "topologyKey"), "there is no topologyKey", _KEY)
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            advice = "Write DoNotSchedule or ScheduleAnyway."
            yield said((*place, "whenUnsatisfiable"), f"'{action}' is no word for whenUnsatisfiable", advice)
        if (key, action) in seen:
            yield said(place, f"two constraints are about {key} and {action}", "Remove one of them.")
        seen.add((key, action))
        domains = integer(entry, "minDomains")
        if domains is not None and (domains < 1 or action != "DoNotSchedule"):
            yield said((*place, "minDomains"), "minDomains is above 0 and needs DoNotSchedule", "Mend or remove it.")
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            value = entry.get(field)
            if isinstance(value, str) and value not in ("Honor", "Ignore"):
                yield said((*place, field), f"'{value}' is no {field}", "Write Honor or Ignore.")
        merged = subject.release is None or subject.release >= (1, 34)
        fields = ("matchLabelKeys", "mismatchLabelKeys") if merged else ("matchLabelKeys",)
        yield from _label_keys(entry, place, fields, {} if found.template else mapping(found.meta, "labels"))
        yield from selector_faults(mapping(entry, "labelSelector"), (*place, "labelSelector"))
