"""The values that the configs' templates take, and the trees in which they are filled.

kserve/kserve v0.20.0, pkg/controller/v1alpha2/llmisvc/config_merge.go (``ReplaceVariables``) and config_loader.go.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generator.outcome import gotemplate
from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm.naming import POOL, child_name
from generator.outcome.kserve.llm.presets import SYSTEM
from generator.outcome.kserve.llm.trees import dig
from generator.outcome.kserve.placeholders import braced
from generator.outcome.kserve.values import words
from generator.outcome.part import Part, opened
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

HEADER = "X-Gateway-Model-Name"
"""The header by which shared gateways tell models, where the ConfigMap names no other."""
_FIRST = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|\Z)|^[A-Z]", re.ASCII)
_GRACE, _BUFFER = 60, 5
"""Seconds that a pod has to end where it doesn't say, and those that are kept back of them."""


def values(root: Part, model_name: Tree, pool: str, settings: Settings) -> gotemplate.Lookup:
    """What the templates name.

    Args:
        root: The LLMInferenceService, whose own fields they name, not those of the configs under it.
        model_name: The model's name.
        pool: The InferencePool's name.
        settings: What the controller is told.
    """
    everywhere = _global(root, pool, settings)

    def lookup(path: tuple[str, ...]) -> Any:
        if path[0] == "GlobalConfig":
            return everywhere[path[1]]
        if path == ("Spec", "Model", "Name"):
            return words(model_name)
        value: Any = root.value
        for step in path:
            if not isinstance(value, dict):
                raise KeyError(step)  # Go stops at a nil pointer.
            value = value.get("metadata" if step == "ObjectMeta" else _field(step))
        return value if path != ("ObjectMeta", "Namespace") else hosts.namespace_of(root)

    return lookup


def _field(name: str) -> str:
    """A Go field's name in JSON: ``dataRPCPort`` for DataRPCPort."""
    return _FIRST.sub(lambda found: found[0].lower(), name)


def _global(root: Part, pool: str, settings: Settings) -> Mapping[str, Any]:
    namespace, slash, name = settings.text(hosts.SECTION, "kserveIngressGateway").partition("/")
    return {
        "SystemNamespace": SYSTEM,
        "IngressGatewayName": name if slash else namespace,
        "IngressGatewayNamespace": namespace if slash else SYSTEM,
        "EnableTLS": encrypted(settings),
        "ModelBasedRoutingHeaderName": header(settings),
        "InferencePoolNamespacedName": f"{hosts.namespace_of(root)}/{pool}",
    }


def encrypted(settings: Settings) -> bool:
    """Whether the pods answer by TLS."""
    return settings.value(hosts.SECTION, "enableLLMInferenceServiceTLS") is True


def header(settings: Settings) -> str:
    """The header by which shared gateways tell models."""
    return settings.text(hosts.SECTION, "modelBasedRoutingHeaderName") or HEADER


def pool_name(root: Part, spec: Tree) -> str:
    """The InferencePool of a service: the one that it refers to, or its own."""
    own = child_name(root.text("metadata", "name"), POOL)
    return words(dig(spec, "router", "scheduler", "pool", "ref", "name")) or own


def filled(tree: Tree, lookup: gotemplate.Lookup) -> Tree:
    """A tree with its templates filled.

    Raises:
        gotemplate.TemplateError: One can't be.
    """
    if not braced(tree):
        return tree
    inner = opened(tree)
    if inner.__class__ is dict:
        return {name: filled(value, lookup) for name, value in inner.items()}
    if inner.__class__ is list:
        return [filled(value, lookup) for value in inner]
    text = gotemplate.filled(words(tree), lookup, _FUNCTIONS, in_json=True)
    return Part(text, tree.origin) if tree.__class__ is Part else text


def _shutdown_timeout(pod: Any, before: int) -> int:
    """The seconds that vLLM has to end its work, of those that the pod has, after its preStop hook."""
    said = pod.get("terminationGracePeriodSeconds") if isinstance(pod, dict) else None
    seconds = said if isinstance(said, int) else _GRACE
    return max(seconds - before - min(_BUFFER, seconds), 0)


def _kv_transfer(offloading: Any) -> str:
    """VLLM's argument for a cache that spills over."""
    if not isinstance(offloading, dict):
        return ""
    size = quantity.read(offloading.get("cpu"))
    extra: dict[str, Any] = {"cpu_bytes_to_use": size.scaled(0) if size else 0, "spec_name": "TieringOffloadingSpec"}
    if offloading.get("evictionPolicy"):
        extra["eviction_policy"] = offloading["evictionPolicy"]
    tiers = [
        {"root_dir": f"/mnt/kv-cache-{number}", "type": "fs"}
        for number, one in enumerate(offloading.get("secondary") or ())
        if isinstance(one, dict) and one.get("fileSystem") is not None
    ]
    if tiers:
        extra["secondary_tiers"] = tiers
    whole = {"kv_connector": "OffloadingConnector", "kv_connector_extra_config": extra, "kv_role": "kv_both"}
    text = json.dumps(whole, separators=(",", ":"), sort_keys=True).replace('"', '\\"')
    return f"--kv-transfer-config '{text}'"


_FUNCTIONS: gotemplate.Functions = {
    "ChildName": child_name,
    "shutdownTimeout": _shutdown_timeout,
    "kvTransferConfig": _kv_transfer,
}
