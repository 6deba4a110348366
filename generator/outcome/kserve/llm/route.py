"""The HTTPRoute of an LLMInferenceService.

kserve/kserve, pkg/controller/v1alpha2/llmisvc at v0.20.0: router.go (``expectedHTTPRoute``), config_merge.go
(``isModelBasedRoutingEnabled``), router_group.go; older releases where one is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.given import named
from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm import adapters, filling, naming
from generator.outcome.kserve.llm.combined import POOLS_V1, rules_to
from generator.outcome.kserve.llm.scheduler import POOL_ALPHA
from generator.outcome.kserve.llm.trees import Fields, dig, fields, items, there
from generator.outcome.kserve.llm.workload import BASED_ON_MODEL
from generator.outcome.kserve.values import derived, words
from generator.reading.kind import Kind
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

GATEWAY = Kind("gateway.networking.k8s.io", "Gateway")
GROUP = "serving.kserve.io/routing-group"
"""The label of services that share their requests out by weight, since 0.20."""
_BY_MODEL, _MARKED = Version(0, 19), Version(0, 20)
_PATH = ("router", "route", "http", "spec")


def made(service: Combined) -> Iterator[Tree]:
    """The route, unless the service refers to others."""
    if not there(service.spec, *_PATH):
        return
    spec = fields(service.spec, *_PATH)
    if service.release >= _BY_MODEL:
        spec["rules"] = list(_by_model(service, items(spec, "rules")))
    own = there(service.spec, "router", "scheduler") and service.pool == service.child(naming.POOL)
    if service.release >= POOLS_V1 and own:
        # The group of before, until the gateway has said that it knows the new one alone.
        spec["rules"] = rules_to(spec, service.name, {"group": POOL_ALPHA})
    metadata = service.metadata(naming.ROUTE, "router")
    group = dig(service.spec, "router", "route", "group")
    if group is not None and service.release >= _MARKED:
        metadata["labels"][GROUP] = group
    yield {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata, "spec": spec}


def gaps(service: Combined) -> Iterator[Gap]:
    """What of the route only the cluster knows."""
    group = dig(service.spec, "router", "route", "group")
    if group is not None and service.release >= _MARKED:
        path = ("spec", "router", "route", "group")
        yield Gap(path, "the backends of the other services of the group aren't shown in its route")


def _by_model(service: Combined, rules: list[Tree]) -> Iterator[Tree]:
    """The rules, with or without those that tell models by a header."""
    header = filling.header(service.settings)
    wanted = _wanted(service)
    listed = adapters.resolved(service)
    for rule in rules:
        matches = items(rule, "matches")
        ours = [one for one in matches if _names(one, header)]
        if not ours:
            if wanted or matches:
                yield rule
            continue
        if not wanted:
            kept = [one for one in matches if not _names(one, header)]
            if kept:
                yield {**fields(rule), "matches": kept}
            continue
        more = [_for_adapter(service, one, adapter.name, header) for one in ours for adapter in listed]
        yield {**fields(rule), "matches": [*matches, *more]} if more else rule


def _names(match: Tree, header: str) -> bool:
    return any(words(dig(one, "name")) == header for one in items(match, "headers"))


def _for_adapter(service: Combined, match: Tree, name: Tree, header: str) -> Fields:
    value = derived(name, f"publishers/{hosts.namespace_of(service.root)}/models/{words(name)}")
    headers = [
        {**fields(one), "value": value} if words(dig(one, "name")) == header else one for one in items(match, "headers")
    ]
    return {**fields(match), "headers": headers}


def _wanted(service: Combined) -> bool:
    """Whether requests are told by their model's name: as the ConfigMap says, and no gateway says otherwise."""
    if service.release >= _MARKED and words(dig(service.spec, "annotations", BASED_ON_MODEL)) != "true":
        return False
    mode = service.settings.text(hosts.SECTION, "modelBasedRoutingMode").lower()
    if mode in ("disabled", "forced"):
        return mode == "forced"
    namespace = words(service.namespace)
    for reference in items(service.spec, "router", "gateway", "refs"):
        where = words(dig(reference, "namespace")) or namespace
        found = named(service.given, GATEWAY, words(dig(reference, "name")), where)
        annotations = found.data.get("metadata", {}).get("annotations") if found else None
        if isinstance(annotations, dict) and annotations.get(BASED_ON_MODEL) == "false":
            return False
    return True
