"""What can't be changed in a Pod that is there: nearly all of it.

Source: ``ValidatePodUpdate`` in ``pkg/apis/core/validation/validation.go`` of Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import LISTS, integer
from generator.checks.rules.kubernetes.settled import pod_spec, same, settled
from generator.checks.structure.change import is_live
from generator.checks.subject import mapping, reach, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.reading.documents import Path
    from generator.schemas import Version

_OWN_RULES = ("activeDeadlineSeconds", "tolerations", "schedulingGates", *LISTS)
_KEYS_OF_AFFINITY, _KEYS_OF_SPREAD = (1, 31), (1, 34)
"""From here on the server writes the values of ``matchLabelKeys`` into the selector beside them."""
_RESOURCES_KEPT = (1, 37)
"""From here on the server fills in a pod's own resources when it makes it and never later; left out, they stay."""
_APP_ARMOR, _MIRROR = "container.apparmor.security.beta.kubernetes.io/", "kubernetes.io/config.mirror"
_AMOUNTS, _SHARED = ("limits", "requests"), ("cpu", "memory")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def pod(new: Mapping[str, Any], old: Mapping[str, Any], release: Version | None) -> Iterator[Path]:
    """The fields of a Pod that change and can't."""
    yield from _annotations(new, old)
    spec, was = (pod_spec(mapping(data, "spec"), of_pod=True) for data in (new, old))
    if not is_live(old):
        was = _with_label_keys(was, mapping(old, "metadata", "labels"), release)
        newer = release is None or release >= _RESOURCES_KEPT
        if newer and spec.get("resources") is not None and _are_filled_in(was):
            yield ("spec", "resources")
    for name in LISTS:
        yield from _containers(name, sequence(spec, name), sequence(was, name))
    deadline, before = integer(spec, "activeDeadlineSeconds"), integer(was, "activeDeadlineSeconds")
    if before is not None and (deadline is None or deadline > before):
        yield ("spec", "activeDeadlineSeconds")
    if not _only_added(sequence(spec, "tolerations"), sequence(was, "tolerations")):
        yield ("spec", "tolerations")
    gates, had = (_names(one) for one in (spec, was))
    if gates - had:
        yield ("spec", "schedulingGates")
    kept = {"resources"} if spec.get("resources") is None and (release is None or release >= _RESOURCES_KEPT) else set()
    for name in sorted({*spec, *was} - {*_OWN_RULES, *kept}):
        one, other = spec.get(name), was.get(name)
        if not (same(one, other, name) or (had and _may_be_narrowed(name, one, other))):
            yield ("spec", name)


def _annotations(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Path]:
    now, then = (mapping(data, "metadata", "annotations") for data in (new, old))
    for key in sorted({*now, *then}):
        if (key.startswith(_APP_ARMOR) or key == _MIRROR) and (
            (now.get(key), key in now) != (then.get(key), key in then)
        ):
            yield ("metadata", "annotations", key)


def _containers(name: str, new: Any, old: Any) -> Iterator[Path]:
    """Containers can get another image, and nothing else."""
    if len(new) != len(old):
        yield ("spec", name)
        return
    for index, (one, other) in enumerate(zip(new, old, strict=True)):
        if not isinstance(one, dict) or not isinstance(other, dict):
            continue
        for field in sorted({*one, *other} - {"image"}):
            if not same(one.get(field), other.get(field), field):
                yield ("spec", name, index, field)


def _only_added(new: Any, old: Any) -> bool:
    """Whether every toleration is still there; how long it holds may change."""
    there = [_toleration(one) for one in new]
    return all(_toleration(one) in there for one in old)


def _toleration(value: Any) -> Any:
    found = settled(value)
    return (
        {key: item for key, item in found.items() if key != "tolerationSeconds"} if isinstance(found, dict) else found
    )


def _names(spec: Mapping[str, Any]) -> set[Any]:
    return {reach(gate, "name") for gate in sequence(spec, "schedulingGates")}


def _may_be_narrowed(name: str, new: Any, old: Any) -> bool:
    """Whether a pod that still waits at its gates may be changed so: to fewer nodes."""
    if name == "nodeSelector":
        return isinstance(new, dict) and all(new.get(key) == value for key, value in mapping(old).items())
    if name != "affinity":
        return False
    others, had = (
        {key: value for key, value in mapping(one).items() if key != "nodeAffinity" and value is not None}
        for one in (new, old)
    )
    return same(others, had) and _terms_narrowed(reach(new, "nodeAffinity"), reach(old, "nodeAffinity"))


def _terms_narrowed(new: Any, old: Any) -> bool:
    terms, were = (sequence(one, _REQUIRED, "nodeSelectorTerms") for one in (new, old))
    return not were or (
        len(terms) == len(were) and all(_term_narrowed(*pair) for pair in zip(terms, were, strict=True))
    )


def _term_narrowed(new: Any, old: Any) -> bool:
    """Whether a term has all that it had, in the same order."""
    fields = [(sequence(new, field), sequence(old, field)) for field in ("matchExpressions", "matchFields")]
    if not any(then for _, then in fields):
        return not any(now for now, _ in fields)  # it fits no node, and more would be other nodes
    return all(same(list(now[: len(then)]), list(then)) for now, then in fields)


def _with_label_keys(spec: Mapping[str, Any], labels: Mapping[str, Any], release: Version | None) -> dict[str, Any]:
    """A Pod of a file as the server made it: from then on another selector stands there than in the file."""
    found = dict(spec)
    if (release is None or release >= _KEYS_OF_SPREAD) and sequence(spec, "topologySpreadConstraints"):
        constraints = sequence(spec, "topologySpreadConstraints")
        found["topologySpreadConstraints"] = [_keyed(one, labels) for one in constraints]
    if (release is None or release >= _KEYS_OF_AFFINITY) and isinstance(spec.get("affinity"), dict):
        affinity = dict(spec["affinity"])
        for name in ("podAffinity", "podAntiAffinity"):
            if isinstance(affinity.get(name), dict):
                affinity[name] = _keyed_terms(affinity[name], labels)
        found["affinity"] = affinity
    return found


def _keyed_terms(affinity: Mapping[str, Any], labels: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(affinity)
    if sequence(affinity, _REQUIRED):
        found[_REQUIRED] = [_keyed(one, labels) for one in sequence(affinity, _REQUIRED)]
    if sequence(affinity, _PREFERRED):
        found[_PREFERRED] = [
            {**one, "podAffinityTerm": _keyed(one.get("podAffinityTerm"), labels)} if isinstance(one, dict) else one
            for one in sequence(affinity, _PREFERRED)
        ]
    return found


def _keyed(term: Any, labels: Mapping[str, Any]) -> Any:
    selector = reach(term, "labelSelector")
    if not isinstance(term, dict) or not isinstance(selector, dict):
        return term
    more = [
        {"key": key, "operator": operator, "values": [labels[key]]}
        for field, operator in (("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn"))
        for key in sequence(term, field)
        if key in labels
    ]
    expressions = [*sequence(selector, "matchExpressions"), *more]
    return {**term, "labelSelector": {**selector, "matchExpressions": expressions}} if more else term


def _are_filled_in(spec: Mapping[str, Any]) -> bool:
    """Whether the server adds to a pod's own resources what its containers ask for."""
    limits, requests = (set(mapping(spec, "resources", name)) for name in ("limits", "requests"))
    if not limits and not requests:
        return False
    asked = {name: {key for one in _all(spec) for key in mapping(one, "resources", name)} for name in _AMOUNTS}
    pages = {key for key in asked["limits"] if key.startswith("hugepages-")} - requests
    limits |= pages
    wanted = {key for key in asked["requests"] if key in _SHARED} | {
        key for key in limits if key in _SHARED or key.startswith("hugepages-")
    }
    return bool(pages - set(mapping(spec, "resources", "limits"))) or bool(limits and wanted - requests)


def _all(spec: Mapping[str, Any]) -> list[Any]:
    return [one for name in LISTS for one in sequence(spec, name)]
