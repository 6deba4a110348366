"""KServe: InferenceServices in mode standard and knative.

Where the numbers and rules come from: kserve/kserve at tag v0.20.0, pkg/apis/serving/v1beta1 and
pkg/controller/v1beta1/inferenceservice/components/predictor.go (``reconcileRawDeployment``, ``canaryReplicaCount``,
``buildCanaryPredictor``).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.platforms import routes
from generator.platforms.backends import Backend
from generator.platforms.base import Cell, Composition, Level, Platform, Server, Sheet
from generator.platforms.labels import own_labels
from generator.platforms.servers import protocol_of, server_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan import Plan, Share
    from generator.platforms.base import Objection
    from generator.service import Service

STANDARD, KNATIVE = "standard", "knative"

MODE_ANNOTATION = "serving.kserve.io/deploymentMode"
AUTOSCALER_ANNOTATION = "serving.kserve.io/autoscalerClass"
KNATIVE_CLASS_ANNOTATION = "autoscaling.knative.dev/class"
VISIBILITY_LABEL = "networking.kserve.io/visibility"

RESERVED = MappingProxyType(
    {
        "annotations": MappingProxyType(
            {
                MODE_ANNOTATION: "platform.mode",
                AUTOSCALER_ANNOTATION: "replicas",
                KNATIVE_CLASS_ANNOTATION: "replicas.metric",
            }
        ),
        "labels": MappingProxyType({VISIBILITY_LABEL: "gateway"}),
    }
)
"""What a service's own annotations and labels can't say, since two places would say it, and what says it."""

LONGEST_CANARY_NAMES = 47
"""The InferenceService's name and the predictor's: the label ``app: isvc.<name>-<predictor>-predictor`` holds 63."""

LONGEST_NAME = MappingProxyType({STANDARD: 48, KNATIVE: 53})
"""The label ``app: isvc.<name>-predictor`` (standard) and the Service ``<name>-predictor`` (knative), of 63."""

LONGEST_HOST = 52
"""Name and namespace: KServe's default host label is ``<name>-predictor-<namespace>``, of 63."""

SERVICE_PORT = 80
DEFAULT_TARGET = MappingProxyType({"cpu": 80, "memory": 80, "concurrency": 100, "rps": 200})
"""Kubernetes' and Knative's own defaults, written out so that the cluster has nothing to add."""

_OPTIONAL = MappingProxyType(
    dict.fromkeys(("name", "container", "canary_traffic_percent", "max_replicas", "scale_metric", "scale_target"))
)
"""What a predictor's template asks for and not every predictor has: strict templates want to be told so."""

CELLS = (
    Cell("rolling", Level.NATIVE, "the Deployment replaces its pods one by one.", modes=(STANDARD,)),
    Cell("rolling", Level.NATIVE, "all traffic goes to the new revision once it is ready.", modes=(KNATIVE,)),
    Cell(
        "canary",
        Level.GATEWAY,
        "spec.canary makes the canary's pods; in 0.20 no route of KServe's own gives them traffic, so an HTTPRoute "
        "of ours splits it by weight between the Services.",
        modes=(STANDARD,),
    ),
    Cell(
        "canary",
        Level.NATIVE,
        "canaryTrafficPercent splits between the latest revision and the one rolled out before, which the cluster "
        "remembers and Git doesn't.",
        modes=(KNATIVE,),
    ),
)

SERVERS = MappingProxyType(
    {
        "savedmodel": MappingProxyType(
            {
                "tensorflow-serving": Server(
                    runtime="kserve-tensorflow-serving",
                    layout="tensorflow-serving",
                    model_format="tensorflow",
                    protocol="v1",
                    newest="2.20.0",
                ),
            }
        ),
    }
)


def _objections(service: Service) -> Iterator[Objection]:
    """What KServe refuses, or accepts and can't run."""
    mode = service.platform.mode or STANDARD
    replicas = service.replicas
    for section, keys in RESERVED.items():
        for key, instead in keys.items():
            if key in getattr(service, section):
                yield (section, key), f"Serinus writes {key} itself.", f"Say it by {instead}."
    if mode == STANDARD:
        if replicas.min == 0:
            yield (
                ("replicas", "min"),
                "KServe in mode standard can't scale to zero: it makes 1 of it.",
                "Write 1, or choose mode knative.",
            )
        if replicas.metric in ("concurrency", "rps"):
            yield (
                ("replicas", "metric"),
                f"KServe in mode standard can't scale by {replicas.metric}: it would watch the CPU instead.",
                "Write cpu or memory, or choose mode knative.",
            )
    elif replicas.metric in ("cpu", "memory") and replicas.min == 0:
        yield (
            ("replicas", "min"),
            f"Knative scales by {replicas.metric} only from 1 pod on.",
            "Write 1, or metric: concurrency.",
        )
    if len(service.name) > LONGEST_NAME[mode]:
        most = LONGEST_NAME[mode]
        yield (
            ("name",),
            f"{len(service.name)} characters; KServe's pods carry the name in a label that holds {most}.",
            "Shorten it.",
        )
    together = len(service.name) + len(service.namespace or "")
    if together > LONGEST_HOST:
        message = (
            f"name and namespace have {together} characters, and KServe's host label <name>-predictor-<namespace> "
        )
        yield ("name",), f"{message}holds {LONGEST_HOST} of them.", "Shorten one of them."


def compose(plan: Plan, platform: Platform) -> Composition:
    """The InferenceService, and the route where a Gateway leads to it."""
    service = plan.service
    mode = platform.mode_of(service)
    for share in plan.shares:
        _hold_names(service, share, mode)
    build = _standard if mode == STANDARD else _knative
    sheet, notes = build(plan, platform)
    made = Composition((sheet,), (("kserve", platform.release_of(service)),), (*plan.notes, *notes))
    if mode == STANDARD:
        made += routes.compose(
            plan, {share.variant: Backend(predictor_service(service, share), SERVICE_PORT) for share in plan.shares}
        )
    return made


def predictor_name(service: Service, share: Share) -> str:
    """The predictor's name, empty where it has none.

    For a canary both predictors are named after their releases: promoting then keeps the canary's pods, since their
    name stays. A rolling update needs one name for all releases: the controller deletes the Deployment of another
    name at once, before the new pods are ready.
    """
    return share.files.id if service.strategy.canary else ""


def predictor_service(service: Service, share: Share) -> str:
    """The Service that the controller makes for a predictor (constants.go, ``PredictorServiceName``)."""
    return "-".join(part for part in (service.name, predictor_name(service, share), "predictor") if part)


def _hold_names(service: Service, share: Share, mode: str) -> None:
    name = predictor_name(service, share)
    together = len(service.name) + len(name)
    if mode == STANDARD and together > LONGEST_CANARY_NAMES:
        message = (
            f"the name and the predictor's name {name} have {together} characters, and KServe's pods carry both in "
        )
        raise InputError(
            f"{message}a label that holds {LONGEST_CANARY_NAMES} of them.",
            fix="Shorten the name.",
            place=service.place("name"),
        )


def _standard(plan: Plan, platform: Platform) -> tuple[Sheet, tuple[str, ...]]:
    service, canary = plan.service, plan.canary
    annotations = {MODE_ANNOTATION: "Standard", AUTOSCALER_ANNOTATION: "hpa" if service.replicas.max else "none"}
    labels = own_labels(service)
    if service.gateway:
        # KServe's own route would lead past ours, to the stable predictor alone.
        labels[VISIBILITY_LABEL] = "cluster-local"
    notes = []
    # The controller takes the canaries' pods off the stable's minReplicas; what is wanted is put on top before.
    minimum = plan.stable.replicas + (canary.replicas if canary else 0)
    stable = {
        **_predictor(plan, plan.stable, platform),
        "name": predictor_name(service, plan.stable),
        "min_replicas": minimum,
    }
    if service.replicas.max:
        stable |= _scaling(service, maximum=max(service.replicas.max, minimum))
        if minimum > service.replicas.max:
            notes.append(
                f"{service.name}: while the canary runs, the stable variant may scale to {minimum} instead of "
                f"{service.replicas.max} pods: KServe wants room for both in one number."
            )
    canaries = []
    if canary:
        predictor = {
            **_predictor(plan, canary, platform),
            "name": predictor_name(service, canary),
            "min_replicas": canary.replicas,
            "container": "kserve-container",
        }
        canaries.append({"percent": int(canary.percent), "predictor": predictor})
    return _sheet(service, annotations, labels, {"stable": stable, "canaries": canaries}), tuple(notes)


def _knative(plan: Plan, platform: Platform) -> tuple[Sheet, tuple[str, ...]]:
    service, canary = plan.service, plan.canary
    annotations = {MODE_ANNOTATION: "Knative"}
    if service.replicas.metric in ("cpu", "memory"):
        annotations[KNATIVE_CLASS_ANNOTATION] = "hpa.autoscaling.knative.dev"
    notes = []
    live = canary or plan.stable
    predictor = {**_predictor(plan, live, platform), "min_replicas": plan.stable.replicas}
    if service.replicas.max:
        predictor |= _scaling(service, maximum=service.replicas.max)
    if canary:
        predictor["canary_traffic_percent"] = int(canary.percent)
        notes.append(
            f"{service.name}: release {plan.stable.files.version} must already be rolled out on the cluster: in mode "
            "knative the rest of the traffic goes to the revision that the cluster remembers, which no manifest names."
        )
        if service.strategy.canary and service.strategy.canary.replicas is not None:
            notes.append(
                f"{service.name}: strategy.canary.replicas has no effect in mode knative, which scales each revision."
            )
    if service.gateway:
        notes.append(f"{service.name}: gateway isn't used in mode knative, which splits the traffic itself.")
    return _sheet(service, annotations, own_labels(service), {"stable": predictor, "canaries": []}), tuple(notes)


def _sheet(service: Service, annotations: dict[str, str], labels: dict[str, str], body: dict[str, Any]) -> Sheet:
    context = {
        "name": service.name,
        "namespace": service.namespace,
        "labels": labels,
        "annotations": {**service.annotations, **annotations},
        **body,
    }
    return Sheet("kserve/inferenceservice.yaml.j2", "InferenceService", service.name, service.namespace, context)


def _predictor(plan: Plan, share: Share, platform: Platform) -> dict[str, Any]:
    """What a predictor needs for its own release.

    All that tells the release stands here and never on the InferenceService: the controller copies the labels and
    annotations of that one to every pod, so that a new canary would restart the stable's pods.
    """
    service, files = plan.service, share.files
    server = server_of(platform, service, share)
    annotations = {}
    if files.version is not None and files.digest is not None:
        annotations = {"serinus.dev/release": str(files.version), "serinus.dev/digest": files.digest}
    oldest = files.runtimes.get(server.layout)
    if oldest:
        annotations["serinus.dev/trained-with"] = f"{server.model_format} {oldest}"
    return {
        **_OPTIONAL,
        "annotations": dict(sorted(annotations.items())),
        "service_account": service.service_account,
        "model_format": server.model_format,
        "protocol": protocol_of(service, server),
        "runtime": server.runtime,
        "runtime_version": version_of(service, share, server),
        "storage_uri": files.uri(server.layout),
        "resources": share.resources.mapping,
    }


def _scaling(service: Service, *, maximum: int) -> dict[str, Any]:
    metric = service.replicas.metric
    scaling: dict[str, Any] = {"max_replicas": maximum}
    if metric:
        scaling |= {"scale_metric": metric, "scale_target": service.replicas.target or DEFAULT_TARGET[metric]}
    return scaling


PLATFORM = Platform(
    id="kserve",
    title="KServe",
    releases=("0.20",),
    modes=(STANDARD, KNATIVE),
    cells=CELLS,
    servers=SERVERS,
    compose=compose,
    objections=_objections,
)
