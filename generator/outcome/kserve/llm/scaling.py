"""What scales the pods of an LLMInferenceService, from 0.18 on: HPAs or ScaledObjects that follow an outside decision.

kserve/kserve, pkg/controller/v1alpha2/llmisvc/scaling.go at v0.18.0, v0.20.0 and, for 0.21, aaac4e294: then the
workload-variant autoscaler finds its objects by annotations, and KEDA's own triggers may be said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm import naming
from generator.outcome.kserve.llm.trees import Fields, dig, fields, there
from generator.outcome.kserve.values import words
from generator.outcome.part import Part
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

SINCE, _ANNOTATED = Version(0, 18), Version(0, 21)
SECTION = "autoscaling-wva-controller-config"
_METRIC = "wva_desired_replicas"
_ACCELERATOR = "inference.optimization/acceleratorName"
_NODES_API = "leaderworkerset.x-k8s.io/v1"
_PASSED = ("pollingInterval", "cooldownPeriod", "idleReplicaCount", "fallback", "advanced", "initialCooldownPeriod")


def made(service: Combined) -> Iterator[Tree]:
    """The scalers of the decoding pods and of the prefilling ones."""
    if service.release < SINCE:
        return
    yield from _scalers(service, service.spec, naming.NODES, naming.MAIN, "-kserve")
    prefill = dig(service.spec, "prefill")
    if prefill is not None and not _blind(service, service.spec):
        yield from _scalers(service, prefill, naming.PREFILL_NODES, naming.PREFILL, "-kserve-prefill")


def _blind(service: Combined, workload: Tree) -> bool:
    """Whether KEDA isn't told where the decisions are: the controller stops there, before scheduler and route."""
    wanted = service.release >= SINCE and there(workload, "scaling", "wva", "keda")
    return wanted and not _prometheus(service).get("url")


def stopped(service: Combined) -> Gap | None:
    """Why the controller comes no further than the scalers; None where it does."""
    for path, workload in (((), service.spec), (("prefill",), dig(service.spec, "prefill"))):
        if _blind(service, workload):
            words_ = f"KServe stops before scheduler and route: {SECTION} of its ConfigMap says no prometheus.url"
            return Gap(("spec", *path, "scaling", "wva", "keda"), words_)
    return None


def _scalers(service: Combined, workload: Tree, nodes: str, pods: str, prefix: str) -> Iterator[Tree]:
    scaling = dig(workload, "scaling")
    several = there(workload, "worker")
    target = {
        "apiVersion": _NODES_API if several else "apps/v1",
        "kind": "LeaderWorkerSet" if several else "Deployment",
        "name": service.child(nodes if several else pods),
    }
    variant = service.child(f"{prefix}-va")
    annotated = service.release >= _ANNOTATED
    if there(scaling, "keda") and annotated:
        found = _scaled_object(service, scaling, target, f"{prefix}-keda", dig(scaling, "keda"))
        found["spec"]["triggers"] = dig(scaling, "keda", "triggers")
        yield found
        return
    if not there(scaling, "wva"):
        return
    labels = {**naming.labels(service.name, "workload"), _ACCELERATOR: _accelerator(workload)}
    if not annotated:
        yield _variant(service, scaling, target, f"{prefix}-va", labels)
    keda = dig(scaling, "wva", "keda")
    if keda is not None and _prometheus(service).get("url"):
        found = _scaled_object(service, scaling, target, f"{prefix}-keda", keda)
        name = service.child(f"{prefix}-keda") if annotated else variant
        found["spec"]["triggers"] = [_trigger(service, name)]
        yield _marked(service, found, scaling, labels) if annotated else found
    if there(scaling, "wva", "hpa"):
        name = service.child(f"{prefix}-hpa") if annotated else variant
        found = _hpa(service, scaling, target, f"{prefix}-hpa", name)
        yield _marked(service, found, scaling, labels) if annotated else found


def _accelerator(workload: Tree) -> Tree:
    said = dig(workload, "labels", _ACCELERATOR)
    return said if words(said) else "unknown"


def _least(scaling: Tree) -> Tree:
    said = dig(scaling, "minReplicas")
    return 1 if said is None else said


def _marked(service: Combined, scaler: Fields, scaling: Tree, labels: Fields) -> Fields:
    """The autoscaler finds what it scales by annotations."""
    cost = dig(scaling, "wva", "variantCost")
    annotations = {
        "llm-d.ai/managed": "true",
        "llm-d.ai/model-id": dig(service.spec, "model", "name"),
        "llm-d.ai/variant-cost": cost if words(cost) else None,
    }
    return {**scaler, "metadata": {**scaler["metadata"], "labels": labels, "annotations": annotations}}


def _variant(service: Combined, scaling: Tree, target: Tree, suffix: str, labels: Fields) -> Tree:
    metadata = {**service.metadata(suffix, "workload"), "labels": labels}
    return {
        "apiVersion": "llmd.ai/v1alpha1",
        "kind": "VariantAutoscaling",
        "metadata": metadata,
        "spec": {
            "scaleTargetRef": target,
            "modelID": dig(service.spec, "model", "name"),
            "minReplicas": _least(scaling),
            "maxReplicas": dig(scaling, "maxReplicas"),
            "variantCost": dig(scaling, "wva", "variantCost"),
        },
    }


def _hpa(service: Combined, scaling: Tree, target: Tree, suffix: str, variant: str) -> Fields:
    metric = {"name": _METRIC, "selector": {"matchLabels": {"variant_name": variant}}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": service.metadata(suffix, "workload"),
        "spec": {
            "scaleTargetRef": target,
            "minReplicas": _least(scaling),
            "maxReplicas": dig(scaling, "maxReplicas"),
            "metrics": [
                {"type": "External", "external": {"metric": metric, "target": {"type": "Value", "value": "1"}}}
            ],
            "behavior": dig(scaling, "wva", "hpa", "behavior"),
        },
    }


def _scaled_object(service: Combined, scaling: Tree, target: Tree, suffix: str, keda: Tree) -> Fields:
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": service.metadata(suffix, "workload"),
        "spec": {
            "scaleTargetRef": target,
            "minReplicaCount": _least(scaling),
            "maxReplicaCount": dig(scaling, "maxReplicas"),
            **{name: dig(keda, name) for name in _PASSED},
        },
    }


def _prometheus(service: Combined) -> Fields:
    found = service.settings.value(SECTION, "prometheus")
    return found if isinstance(found, dict) else {}


def _trigger(service: Combined, variant: str) -> Tree:
    """Ask Prometheus how many pods there should be."""
    said = _prometheus(service)
    here = service.settings.here(SECTION)
    namespace = hosts.namespace_of(service.root)
    metadata: Fields = {
        "serverAddress": Part(said["url"], here),
        "query": f'{_METRIC}{{variant_name="{variant}",exported_namespace="{namespace}"}}',
        "threshold": "1",
        "unsafeSsl": "true" if said.get("tlsInsecureSkipVerify") is True else "false",
    }
    if said.get("authModes"):
        metadata["authModes"] = Part(said["authModes"], here)
    name, kind = said.get("triggerAuthName"), said.get("triggerAuthKind")
    reference = fields({"name": Part(name, here), "kind": Part(kind, here) if kind else None}) if name else None
    return {
        "type": "prometheus",
        "name": "wva-desired-replicas",
        "metadata": metadata,
        "authenticationRef": reference,
    }
