"""How the pods of an LLMInferenceService are replaced (``rolloutStrategy``), from 0.21 on.

kserve/kserve aaac4e294, pkg/controller/v1alpha2/llmisvc: workload_single_node.go (``applyDeploymentRolloutStrategy``),
workload_multi_node.go (``rollingUpdateConfigFromWorkloadSpec``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.llm.trees import Fields, dig
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from generator.outcome.part import Tree

_SINCE = Version(0, 21)
_FIELDS = ("maxUnavailable", "maxSurge")
_OF_NODES = {"maxUnavailable": 1, "maxSurge": 0}
"""What a LeaderWorkerSet is told of the one number where the other is said."""


def _said(workload: Tree, release: Version) -> Fields:
    """The numbers that are said; empty where there are none."""
    strategy = dig(workload, "rolloutStrategy") if release >= _SINCE else None
    found = {name: dig(strategy, name) for name in _FIELDS}
    return {name: value for name, value in found.items() if value is not None}


def of_deployment(workload: Tree, release: Version) -> Fields | None:
    """A Deployment's ``strategy``; None where Kubernetes' own holds, a quarter of the pods each.

    Args:
        workload: The service's spec, or its ``prefill``.
        release: KServe's.
    """
    said = _said(workload, release)
    return {"type": "RollingUpdate", "rollingUpdate": said} if said else None


def of_nodes(workload: Tree, release: Version) -> Fields:
    """A LeaderWorkerSet's ``rolloutStrategy``; arguments as of ``of_deployment``."""
    said = _said(workload, release)
    return {"type": "RollingUpdate", "rollingUpdateConfiguration": {**_OF_NODES, **said} if said else None}
