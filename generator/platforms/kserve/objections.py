"""What KServe refuses, or accepts and can't run: said when the service file is loaded."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.platforms.base import GATEWAY, GRAPH
from generator.platforms.kserve import scaling, storage
from generator.platforms.kserve.around import ART
from generator.platforms.kserve.manifest import (
    AUTOSCALER_ANNOTATION,
    KNATIVE_CLASS_ANNOTATION,
    KNATIVE_VISIBILITY_LABEL,
    MODE_ANNOTATION,
    VISIBILITY_LABEL,
)
from generator.platforms.kserve.predictor import OURS
from generator.platforms.kserve.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.platforms.base import Objection, Platform
    from generator.service import Service

RESERVED = MappingProxyType(
    {
        "annotations": MappingProxyType(
            {
                MODE_ANNOTATION: "platform.mode",
                AUTOSCALER_ANNOTATION: "replicas",
                KNATIVE_CLASS_ANNOTATION: "replicas.metric",
            }
        ),
        "labels": MappingProxyType({VISIBILITY_LABEL: "gateway", KNATIVE_VISIBILITY_LABEL: "gateway"}),
    }
)
"""What a service's own annotations and labels can't say, since two places would say it, and what says it."""

LONGEST_HOST = 52
"""Name and namespace: KServe's default host label is ``<name>-predictor-<namespace>``, of 63."""

REFUSED_VARIABLE = "PYTHONPATH"


def objections(service: Service, platform: Platform) -> Iterator[Objection]:
    """Everything that can be said without the lock file."""
    setting = Setting(platform, service)
    yield from _reserved(setting)
    yield from _standard_replicas(setting) if setting.standard else _knative_replicas(setting)
    yield from _behavior(setting)
    yield from _rollout(setting)
    yield from _around(setting)
    yield from _shares(setting)
    yield from _canaries_inside(setting)
    yield from _variants(setting)
    yield from _own_routes(setting)
    yield from storage.objections(setting)
    together = len(service.name) + len(service.namespace or "")
    if together > LONGEST_HOST:
        message = (
            f"name and namespace have {together} characters, and KServe's host label <name>-predictor-<namespace> "
        )
        yield ("name",), f"{message}holds {LONGEST_HOST} of them.", "Shorten one of them."


def _own_routes(setting: Setting) -> Iterator[Objection]:
    """Where it doesn't matter whether KServe makes HTTPRoutes."""
    if setting.service.platform.gateway_api and not (setting.standard and setting.since("0.21")):
        yield (
            ("platform", "gatewayApi"),
            f"{setting.title} has no route of its own that splits a canary.",
            "Leave gatewayApi out; KServe's routes do it from 0.21 on in mode standard.",
        )


def _reserved(setting: Setting) -> Iterator[Objection]:
    """What is said by a key of its own, and what the webhook refuses in a container."""
    service = setting.service
    for section, keys in RESERVED.items():
        # Without a gateway nobody else says whether KServe's own route leads out of the cluster.
        for key, instead in keys.items() if section != "labels" or service.gateway else ():
            if key in getattr(service, section):
                yield (section, key), f"Serinus writes {key} itself.", f"Say it by {instead}."
    for at, pod in _pods(service):
        for key in (key for key in pod if key in OURS):
            yield (*at, key), f"{key} is no field of a pod.", "pod: takes nodeSelector, tolerations, volumes …"
    for path, container in _containers(service):
        if path[0] in ("container", "variants") and "name" in container:
            yield (*path, "name"), "KServe gives the model's container its name.", "Leave it out."
        for index, variable in enumerate(container.get("env", ())):
            if setting.since("0.18") and isinstance(variable, dict) and variable.get("name") == REFUSED_VARIABLE:
                message = f"KServe refuses the variable {REFUSED_VARIABLE} from 0.18 on."
                yield (*path, "env", index, "name"), message, "Put the code where the image finds it."


def _pods(service: Service) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    yield ("pod",), service.pod
    for index, variant in enumerate(service.variants):
        yield ("variants", index, "pod"), variant.pod
    if service.transformer:
        yield ("transformer", "pod"), service.transformer.pod


def _containers(service: Service) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    yield ("container",), service.container
    for index, variant in enumerate(service.variants):
        yield ("variants", index, "container"), variant.container
    if service.transformer:
        yield ("transformer", "container"), service.transformer.container
    if service.explainer:
        yield ("explainer", "container"), service.explainer.container


def _standard_replicas(setting: Setting) -> Iterator[Objection]:
    """What a HorizontalPodAutoscaler and KEDA can't do."""
    replicas, by_query = setting.service.replicas, setting.service.replicas.metric == "prometheus"
    if replicas.scaler == "kpa" or (replicas.scaler == "hpa" and by_query):
        instead = "Write keda." if by_query else "Write hpa or keda, or choose mode knative."
        yield ("replicas", "scaler"), f"KServe in mode standard can't scale so by {replicas.scaler}.", instead
    if replicas.metric in scaling.REQUESTS:
        yield (
            ("replicas", "metric"),
            f"KServe in mode standard can't scale by {replicas.metric}: it would watch the CPU instead.",
            "Write cpu or memory, metric: prometheus with a query, or choose mode knative.",
        )
    if replicas.min == 0 and not by_query:
        yield (
            ("replicas", "min"),
            "KServe in mode standard can't scale to zero: it makes 1 of it.",
            "Write 1, or choose metric: prometheus, by which KEDA can, or mode knative.",
        )
    for name in ("transformer", "explainer"):
        part = getattr(setting.service, name)
        if part and part.replicas == 0:
            yield (name, "replicas"), f"the {name} would have no pods in mode standard.", "Write 1 or more."


def _knative_replicas(setting: Setting) -> Iterator[Objection]:
    """What Knative's two autoscalers can't do."""
    replicas = setting.service.replicas
    if replicas.metric == "prometheus" or replicas.scaler == "keda":
        key = "metric" if replicas.metric == "prometheus" else "scaler"
        message = "Knative scales by concurrency, rps, cpu or memory; KEDA has no part in mode knative."
        yield ("replicas", key), message, "Choose one of those, or mode standard."
        return
    by_share = replicas.metric in scaling.SHARES
    if (replicas.scaler == "kpa" and by_share) or (replicas.scaler == "hpa" and replicas.metric in scaling.REQUESTS):
        yield (
            ("replicas", "scaler"),
            f"Knative's {replicas.scaler} doesn't scale by {replicas.metric}.",
            "Write hpa for cpu and memory, kpa for concurrency and rps, or leave scaler out.",
        )
    if scaling.on_knative_by_share(setting) and replicas.min == 0:
        yield (
            ("replicas", "min"),
            f"Knative scales by {replicas.metric or 'cpu'} only from 1 pod on.",
            "Write 1, or metric: concurrency.",
        )


def _behavior(setting: Setting) -> Iterator[Objection]:
    """How fast pods come and go: KServe hands on little of it, and to KEDA alone."""
    behavior = setting.service.replicas.behavior
    at = ("replicas", "behavior")
    by_keda = setting.standard and scaling.autoscaler(setting) == "keda"
    if behavior and not setting.standard:
        message = "Knative's autoscalers know no behavior."
        yield at, message, "Write annotations of autoscaling.knative.dev, or choose mode standard with scaler: keda."
    elif behavior and not (by_keda and setting.since("0.16")):
        release = "" if setting.since("0.16") else f" {setting.release}"
        message = (
            f"the HPA that KServe{release} makes has no behavior, and what it scales by would be dropped beside one."
        )
        yield at, message, "Write scaler: keda, from KServe 0.16 on."
    for side, rules in behavior.items():
        for key in (key for key in rules if by_keda and key != scaling.WINDOW):
            message = f"KServe hands {scaling.WINDOW} on to KEDA and nothing else of a behavior."
            yield (*at, side, key), message, "Leave it out."
    yield from _patched_behavior(setting)


def _patched_behavior(setting: Setting) -> Iterator[Objection]:
    """The same, laid over the object in KServe's own words."""
    spec = setting.service.patches.get("InferenceService", {}).get("spec")
    for part in ("predictor", "transformer", "explainer"):
        fields = spec.get(part) if isinstance(spec, dict) else None
        said = fields.get("autoScaling") if isinstance(fields, dict) else None
        if not isinstance(said, dict) or said.get("metrics") or scaling.autoscaler(setting) == "keda":
            continue
        message = "with its HPA KServe reads no behavior, and beside autoScaling neither scaleMetric nor scaleTarget."
        fix = "Write replicas: {scaler: keda, behavior: {…}}."
        yield ("patches", "InferenceService", "spec", part, "autoScaling"), message, fix


def _rollout(setting: Setting) -> Iterator[Objection]:
    """How pods are replaced: KServe hands on the strategy of a Deployment, in mode standard."""
    rollout = setting.service.rollout
    if rollout.deadline is not None:
        message = "KServe sets the deadline of its Deployments itself, to 600 seconds."
        yield ("rollout", "deadline"), message, "Leave it out."
    for key, value in (("maxSurge", rollout.max_surge), ("maxUnavailable", rollout.max_unavailable)):
        if value is not None and not setting.standard:
            message = "Knative starts the new revision beside the old one and moves the traffic when it is ready."
            yield ("rollout", key), message, "Leave it out, or choose mode standard."


def _around(setting: Setting) -> Iterator[Objection]:
    """Explainers that KServe no longer has, and keys without effect."""
    batcher = setting.service.batcher
    if batcher and batcher.timeout is not None:
        message = "KServe takes a timeout of the batcher and reads it nowhere."
        yield ("batcher", "timeout"), message, "Leave it out; gateway.timeout ends a request."
    found = setting.service.explainer
    if found is None:
        return
    if found.type and found.type not in ART:
        yield (
            ("explainer", "type"),
            f"KServe {setting.release} has no explainer {found.type}.",
            f"It has {', '.join(ART)}; others run as a container of your own (explainer.container).",
        )
    if found.type and found.container:
        yield ("explainer", "container"), f"{found.type} brings its own container.", "Keep one of type and container."
    for key, value in (("parameters", found.parameters), ("runtimeVersion", found.runtime_version)):
        if value and not found.type:
            yield ("explainer", key), f"{key} has no effect on a container of your own.", "Write args: into it."


def _shares(setting: Setting) -> Iterator[Objection]:
    """Shares that are no whole percentages, and hosts that need a namespace."""
    service, way = setting.service, setting.way
    split = service.strategy.ab.split if service.strategy.ab else {}
    by_percent = way == GRAPH or not setting.standard
    if by_percent and any(share.denominator != 1 for share in split.values()):
        who = "an InferenceGraph's" if way == GRAPH else "a Knative Route's"
        message = f"{who} shares are whole percentages."
        yield ("strategy", "ab", "split"), message, "Write whole numbers that sum to 100."
    # A graph of services that are there already names them as the user did.
    there = service.gateway is None and all(variant.deployed for variant in service.variants)
    if not setting.standard and setting.many and service.namespace is None and way in (GATEWAY, GRAPH) and not there:
        message = "in mode knative a service is found by its whole host name, and the namespace is part of it."
        yield ("namespace",), message, "Add namespace: with the one that is rendered for."


def _variants(setting: Setting) -> Iterator[Objection]:
    """Of a canary, the revision that the cluster remembers, which no manifest names; and names that are of use."""
    canary = setting.service.strategy.canary
    for index, variant in enumerate(setting.service.variants):
        if canary and variant.deployed and (setting.many or setting.standard or variant.name != canary.stable):
            yield (
                ("variants", index, "deployed"),
                f"{setting.title} remembers no revision of '{variant.name}'.",
                "Write uri: or release:. In mode knative the stable variant may be the one that is rolled out.",
            )
        if variant.object and not setting.canaries_inside:
            message = f"{setting.title} gives the predictor of a variant no name."
            yield ("variants", index, "object"), message, "Leave it out; spec.canary, from 0.20 on, has names."
        if variant.storage:
            yield from _by_entry(setting, index)


def _by_entry(setting: Setting, index: int) -> Iterator[Objection]:
    """Who can't be told a model by an entry of the storage secret."""
    variant, model = setting.service.variants[index], setting.service.model
    at = ("variants", index, "storage")
    if (variant.format or model.format) == "custom" and not (variant.model_format or model.model_format):
        message = "a container of your own is told its model by an address, which storage hasn't."
        yield at, message, "Write uri, or model.modelFormat with the runtime on the cluster that runs it."
    if setting.canaries_inside:
        # pkg/apis/serving/v1beta1/inference_service_validation.go: a new predictor.name wants another storageUri.
        message = "KServe tells the predictors of spec.canary apart by their storageUri, and storage leaves it empty."
        yield at, message, "Write uri, or strategy.canary.by: gateway, which makes an InferenceService a variant."


def _canaries_inside(setting: Setting) -> Iterator[Objection]:
    """What ``spec.canary`` keeps from the canary (components/predictor.go, ``reconcileCanaryDeployments``)."""
    if not setting.canaries_inside:
        return
    service = setting.service
    reasons = {
        "transformer": "the transformer asks the stable predictor alone",
        "logger": "the canary's Service leads past the agent that logs",
        "batcher": "the canary's Service leads past the agent that batches",
    }
    if setting.splits_itself:
        # Their rules aren't split as asked (pull request 5944), so a part of the requests would pass them by.
        reasons |= {"explainer": "KServe's own routes lead to the explainer, and split nothing then"}
    for key, reason in reasons.items():
        if getattr(service, key):
            yield (
                (key,),
                f"with spec.canary of KServe {setting.release} {reason}.",
                "Write strategy.canary.by: gateway, which makes an InferenceService a variant.",
            )
    if scaling.autoscaler(setting) == "keda":
        key = "scaler" if service.replicas.scaler else "metric"
        yield (
            ("replicas", key),
            f"in spec.canary of KServe {setting.release} it gets a ScaledObject without a trigger, which KEDA refuses.",
            "Write strategy.canary.by: gateway, or scale by hpa.",
        )
