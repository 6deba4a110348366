"""What can't be changed in a Job that is there.

Source: ``ValidateJobSpecUpdate`` in ``pkg/apis/batch/validation/validation.go`` of Kubernetes, and the options that
``pkg/registry/batch/job/strategy.go`` gives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import LISTS, integer
from generator.checks.rules.kubernetes.settled import pod_template, same, with_defaults
from generator.checks.subject import mapping, reach, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.reading.documents import Path
    from generator.schemas import Version

_FIXED = ("selector", "backoffLimitPerIndex", "managedBy", "successPolicy")
_PODS_FREE = (1, 36)
"""From here on a Job that is suspended again may get other resources, and other places for its pods."""
_PLACING = ("nodeSelector", "tolerations", "schedulingGates")


def job(new: Mapping[str, Any], old: Mapping[str, Any], release: Version | None) -> Iterator[Path]:
    """The fields of a Job that change and can't."""
    spec, was = mapping(new, "spec"), mapping(old, "spec")
    if not _completions_fit(spec, was):
        yield ("spec", "completions")
    for name in _FIXED:
        if not same(spec.get(name), was.get(name), name):
            yield ("spec", name)
    if (spec.get("completionMode") or "NonIndexed") != (was.get("completionMode") or "NonIndexed"):
        yield ("spec", "completionMode")
    if not same(_policy(spec), _policy(was)):
        yield ("spec", "podFailurePolicy")
    if not _templates_fit(spec, old, release):
        yield ("spec", "template")


def _completions_fit(spec: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    wanted, had = _completions(spec), _completions(was)
    if wanted == had:
        return True
    if spec.get("completionMode") != "Indexed":
        return False
    parallelism = integer(spec, "parallelism")
    # With Indexed and without a number, another rule has its say.
    return wanted is None or wanted == (1 if parallelism is None else parallelism)


def _completions(spec: Mapping[str, Any]) -> int | None:
    alone = spec.get("completions") is None and spec.get("parallelism") is None
    return 1 if alone else integer(spec, "completions")


def _policy(spec: Mapping[str, Any]) -> Any:
    """The policy on failures as it is stored."""
    policy = spec.get("podFailurePolicy")
    if not isinstance(policy, dict):
        return policy
    rules = []
    for rule in sequence(policy, "rules"):
        patterns = sequence(rule, "onPodConditions")
        filled = [with_defaults(one, {"status": "True"}) if isinstance(one, dict) else one for one in patterns]
        rules.append({**rule, "onPodConditions": filled} if filled else rule)
    return {**policy, "rules": rules}


def _templates_fit(spec: Mapping[str, Any], old: Mapping[str, Any], release: Version | None) -> bool:
    template, was = pod_template(spec.get("template")), pod_template(reach(old, "spec", "template"))
    if not isinstance(template, dict) or not isinstance(was, dict) or not _suspended(old):
        return same(template, was, "template")
    newer = release is None or release >= _PODS_FREE
    free = _never_started(old) or (newer and _suspended_again(old))
    if newer and (reach(old, "status", "active") or 0) != 0:
        free = False
    if free:
        was = _placed_alike(template, was)
    if free and newer:
        template, was = mapping(template, "spec"), mapping(was, "spec")
        return same(template, _with_resources_of(template, was))
    return same(template, was)


def _suspended(old: Mapping[str, Any]) -> bool:
    return reach(old, "spec", "suspend") is True


def _never_started(old: Mapping[str, Any]) -> bool:
    return reach(old, "status", "startTime") is None


def _suspended_again(old: Mapping[str, Any]) -> bool:
    conditions = sequence(old, "status", "conditions")
    return any(reach(one, "type") == "Suspended" and reach(one, "status") == "True" for one in conditions)


def _placed_alike(template: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """The old template with what says where its pods go as the new one has it, and with its labels and annotations."""
    spec, before = mapping(template, "spec"), dict(mapping(was, "spec"))
    before |= {name: spec.get(name) for name in _PLACING}
    affinity, had = spec.get("affinity"), before.get("affinity")
    if isinstance(affinity, dict):
        before["affinity"] = {**(had or {}), "nodeAffinity": affinity.get("nodeAffinity")}
    elif isinstance(had, dict):
        rest = {name: value for name, value in had.items() if name != "nodeAffinity" and value is not None}
        before["affinity"] = rest or None
    meta = mapping(template, "metadata")
    named = {name: meta.get(name) for name in ("labels", "annotations")}
    return {**was, "metadata": {**mapping(was, "metadata"), **named}, "spec": before}


def _with_resources_of(spec: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """The old pods with the resources of the new ones; only containers of the same name at the same place count."""
    found = dict(was)
    for name in LISTS:
        new, old = sequence(spec, name), sequence(was, name)
        if len(new) == len(old):
            found[name] = [_resourced(*pair) for pair in zip(new, old, strict=True)]
    return found


def _resourced(new: Any, old: Any) -> Any:
    if not isinstance(new, dict) or not isinstance(old, dict) or new.get("name") != old.get("name"):
        return old
    rest = {key: value for key, value in old.items() if key != "resources"}
    return {**rest, "resources": new["resources"]} if "resources" in new else rest
