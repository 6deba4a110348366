"""What scales and guards a predictor's pods (seldondeployment_controller.go, createKeda, createHpa, createPdb)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.seldon_core_1 import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.outcome.part import Part, Tree
    from generator.outcome.seldon_core_1.predictor import Predictor


def made(root: Part, pods: Part | None, name: str) -> Iterator[Tree]:
    """The ScaledObject or HPA, and the PodDisruptionBudget, of a Deployment.

    Args:
        root: The SeldonDeployment.
        pods: The entry of ``componentSpecs``.
        name: The Deployment's name, and theirs.
    """
    if pods is None:
        return
    if pods.get("kedaSpec"):
        yield _scaled_object(root, pods, name)
    elif pods.get("hpaSpec"):
        yield _autoscaler(root, pods, name)
    if pods.get("pdbSpec"):
        yield _budget(root, pods, name)


def replicas(root: Part, predictor: Predictor, pods: Part | None) -> Part | None:
    """How many pods a Deployment has that nothing scales: the most special of three places says it."""
    if pods is not None and (pods.get("kedaSpec") or pods.get("hpaSpec")):
        return None
    own = pods.get("replicas") if pods else None
    return own or predictor.part.get("replicas") or root.get("spec", "replicas")


def _metadata(root: Part, name: str) -> Tree:
    labels = {names.ID_LABEL: names.fitting(root.text("metadata", "name"))}
    return {"name": name, "namespace": root.get("metadata", "namespace"), "labels": labels}


def _target(name: str) -> Tree:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}


def _scaled_object(root: Part, pods: Part, name: str) -> Tree:
    kept = ("pollingInterval", "cooldownPeriod", "idleReplicaCount", "maxReplicaCount", "minReplicaCount", "advanced")
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": _metadata(root, name),
        "spec": {
            "scaleTargetRef": _target(name),
            **{key: pods.get("kedaSpec", key) for key in (*kept, "triggers", "fallback")},
        },
    }


def _autoscaler(root: Part, pods: Part, name: str) -> Tree:
    """The HPA. ``metrics``, in the form of a version that is gone, wins over ``metricsv2``."""
    old = pods.get("hpaSpec", "metrics")
    metrics: Tree = [_renewed(each) for each in old.each()] if old else pods.get("hpaSpec", "metricsv2")
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _metadata(root, name),
        "spec": {
            "scaleTargetRef": _target(name),
            "minReplicas": pods.get("hpaSpec", "minReplicas"),
            "maxReplicas": pods.get("hpaSpec", "maxReplicas"),
            "metrics": metrics,
        },
    }


def _renewed(metric: Part) -> Tree:
    """A metric of autoscaling/v2beta1 as autoscaling/v2 has it (conversion.go); a kind of another name is an object."""
    kind = metric.text("type")
    found: dict[str, Tree] = {"type": metric.get("type") if kind in _KINDS else "Object"}
    for field, renew in _KINDS.values():
        source = metric.get(field)
        if source is not None:
            found[field] = renew(source)
    return found


def _resource(source: Part) -> Tree:
    average, share = source.get("targetAverageValue"), source.get("targetAverageUtilization")
    target = {
        "type": "AverageValue" if average else "Utilization",
        "averageUtilization": share,
        "averageValue": average,
    }
    return {"name": source.get("name"), "target": target}


def _container_resource(source: Part) -> Tree:
    return {"container": source.get("container"), **_resource(source)}


def _pods(source: Part) -> Tree:
    metric = {"name": source.get("metricName"), "selector": source.get("selector")}
    return {"metric": metric, "target": {"type": "AverageValue", "averageValue": source.get("targetAverageValue")}}


def _object(source: Part) -> Tree:
    average = source.get("averageValue")
    kind = "AverageValue" if average else "Value"
    return {
        "describedObject": source.get("target"),
        "metric": {"name": source.get("metricName"), "selector": source.get("selector")},
        "target": {"type": kind, "value": source.get("targetValue"), "averageValue": average},
    }


def _external(source: Part) -> Tree:
    whole = source.get("targetValue")
    target = {
        "type": "Value" if whole else "AverageValue",
        "value": whole,
        "averageValue": source.get("targetAverageValue"),
    }
    return {"metric": {"name": source.get("metricName"), "selector": source.get("metricSelector")}, "target": target}


_KINDS: Mapping[str, tuple[str, Callable[[Part], Tree]]] = {
    "Resource": ("resource", _resource),
    "ContainerResource": ("containerResource", _container_resource),
    "Pods": ("pods", _pods),
    "Object": ("object", _object),
    "External": ("external", _external),
}


def _budget(root: Part, pods: Part, name: str) -> Tree:
    """The budget; it selects the pods of all predictors, not of this Deployment alone."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(root, name),
        "spec": {
            "minAvailable": pods.get("pdbSpec", "minAvailable"),
            "maxUnavailable": pods.get("pdbSpec", "maxUnavailable"),
            "selector": {"matchLabels": {names.ID_LABEL: names.fitting(root.text("metadata", "name"))}},
        },
    }
