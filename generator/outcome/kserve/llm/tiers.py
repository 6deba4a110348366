"""What the caches of an LLMInferenceService's pods spill over to: disks and claims beside the accelerator's memory.

kserve/kserve v0.20.0: pkg/controller/v1alpha2/llmisvc/workload_kvcache.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.llm.trees import Fields, dig, fields, items, named, there
from generator.outcome.kserve.values import derived
from generator.outcome.part import value_of
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree


def attach(pod: Fields, tiers: Tree, container: str) -> None:
    """Mount what a container's cache spills over to; a folder of the node's own disk is asked for besides."""
    one = named(pod.get("containers"), container)
    for number, tier in enumerate(items({"tiers": tiers}, "tiers")):
        system = dig(tier, "fileSystem")
        source, below = _tier(system)
        if source is None:
            continue
        name = f"kv-cache-secondary-{number}"
        pod["volumes"].append({"name": name, **source})
        if one is not None:
            one["volumeMounts"].append({"name": name, "mountPath": f"/mnt/kv-cache-{number}", "subPath": below})
            if there(system, "emptyDir"):
                _with_disk(one, dig(system, "emptyDir", "size"))


def _tier(system: Tree) -> tuple[Mapping[str, Tree] | None, Tree]:
    if there(system, "emptyDir"):
        return {"emptyDir": {"sizeLimit": dig(system, "emptyDir", "size")}}, None
    if there(system, "pvc", "spec"):
        return {"ephemeral": {"volumeClaimTemplate": {"spec": dig(system, "pvc", "spec")}}}, None
    if there(system, "pvc", "ref"):
        reference = dig(system, "pvc", "ref")
        return {"persistentVolumeClaim": {"claimName": dig(reference, "name")}}, dig(reference, "path")
    return None, None


def _with_disk(container: Fields, size: Tree) -> None:
    resources = fields(container, "resources")
    requests = fields(resources, "requests")
    more = quantity.read(value_of(size))
    have = quantity.read(value_of(requests.get("ephemeral-storage") or "0"))
    if more is not None and have is not None:
        requests["ephemeral-storage"] = derived(size, str(have.plus(more)))
        container["resources"] = {**resources, "requests": requests}
