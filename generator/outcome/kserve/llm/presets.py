"""Which LLMInferenceServiceConfigs are laid under an LLMInferenceService: KServe's own by its form, then its baseRefs.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/config_merge.go (``combineBaseRefsConfig``, ``getConfig``); of
0.21 aaac4e294.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.facts import facts
from generator.outcome.given import within
from generator.outcome.kserve.llm import plugins
from generator.outcome.kserve.llm.trees import dig, items, there
from generator.outcome.kserve.values import whole, words
from generator.outcome.merging import laid_over
from generator.outcome.part import Brought, Origin, Part
from generator.schemas.kinds import LLM_CONFIG
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.given import Given
    from generator.outcome.part import Tree

SYSTEM = "kserve"
"""KServe's own namespace, where configs are looked for after the service's own."""
_PREFIX = "kserve-config-llm-"
_TRACED = Version(0, 20)
_LATENCY = "predicted-latency-producer"


class Laid(NamedTuple):
    """What is laid under a service.

    Attributes:
        specs: The specs of the configs, the lowest first.
        missing: The configs that there aren't; the controller then waits for them.
        model_name: The model's name that a config of ``baseRefs`` says, which is stronger than the user's own.
    """

    specs: tuple[Part, ...]
    missing: tuple[str, ...] = ()
    model_name: Tree = None


def laid_under(root: Part, given: Given, release: Version) -> Laid:
    """The configs that are laid under a service."""
    namespace = root.text("metadata", "namespace")
    names = [reference.text("name") for reference in root.each("spec", "baseRefs")]
    bases = {name: _config(name, namespace, given, release) for name in names}
    resolved: Tree = root.get("spec") or {}
    for base in bases.values():
        resolved = laid_over(resolved, base)
    own = {
        name: _config(name, namespace, given, release)
        for name in (_PREFIX + wanted for wanted in _wanted(resolved, release))
    }
    every = {**own, **bases}
    missing = tuple(name for name, found in every.items() if found is None)
    model = dig(resolved, "model", "name") if bases else None
    return Laid(tuple(found for found in every.values() if found is not None), missing, model)


def _wanted(spec: Tree, release: Version) -> Iterator[str]:
    """KServe's own configs for a service's form."""
    scheduler = dig(spec, "router", "scheduler")
    if there(spec, "router", "scheduler") and not words(dig(scheduler, "pool", "ref", "name")):
        yield "scheduler"
    if there(spec, "router", "scheduler") and plugins.tokenized(scheduler, release):
        yield "tokenizer"
    if release >= _TRACED and _LATENCY in plugins.types(scheduler, release):
        yield "scheduler-latency-predictor"
    if there(spec, "router", "route") and not items(spec, "router", "route", "http", "refs"):
        yield "router-route"
    if release >= _TRACED and there(spec, "tracing"):
        yield "tracing"
    if there(spec, "prefill"):
        yield from _template("prefill-", dig(spec, "prefill"))
        yield from _template("decode-", spec)
    else:
        yield from _template("", spec)


def _template(role: str, workload: Tree) -> Iterator[str]:
    """The config of one workload: of one node, or of several that share out the data or the layers."""
    if not there(workload, "worker"):
        yield f"{role}template"
    elif any((whole(dig(workload, "parallelism", name)) or 0) > 0 for name in ("data", "dataLocal")):
        yield f"{role}worker-data-parallel"
    elif (whole(dig(workload, "parallelism", "pipeline")) or 0) > 0:
        yield f"{role}worker-pipeline-parallel"


def _config(name: str, namespace: str, given: Given, release: Version) -> Part | None:
    """The spec of a config: the set's in the service's namespace, then in KServe's, then the one that is shipped."""
    found = [one for one in within(given, LLM_CONFIG, namespace) if one.name == name]
    found += [one for one in within(given, LLM_CONFIG, SYSTEM) if one.name == name]
    if found:
        return Part.of(found[0]).get("spec") or Part({}, Origin(found[0], ("spec",)))
    return shipped(release).get(name)


@functools.cache
def shipped(release: Version) -> Mapping[str, Part]:
    """The specs of the configs that a release ships, by name; empty before 0.16."""
    found = facts("kserve", release)
    try:
        every = found.part("presets")
    except FileNotFoundError:
        return {}
    words_ = f"of KServe {release.major}.{release.minor}"
    return {
        name: Part(data["spec"], Origin(Brought(f"the config {name} {words_}"), ("spec",)))
        for name, data in every.items()
    }
