"""Whether a rendered object means what an original manifest means. The definition is strict:

Both objects are brought into one normal form: what the platform's own defaulting makes of them (its defaulter where one
exists, and the defaults that its controller assumes for what is absent, each with its source below), quantities in
canonical form, nulls and empty mappings and lists gone, what the API server writes gone. Then every field has to be
equal. Nothing that the original says may be lost or changed, and nothing may be added, but for

- the labels and annotations by which Serinus marks its objects (``app.kubernetes.io/{managed-by,name,part-of}``,
  ``serinus.dev/*``);
- defaults written out: a field that the original leaves out, with the value that the platform of that release, as it is
  shipped, would have taken anyway.

Names of objects, of predictors, of graph nodes, of Models are fields like all others: a renamed one is a change.
Another object beside the original's kind is a change too. A comparison of two objects doesn't ask who wrote which.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from generator.checks.defaulting import defaulter
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE, MODE
from generator.platforms.base import numbers
from generator.reading.documents import format_path
from generator.schemas import parse_version
from generator.text.quantity import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ABSENT = object()
OUR_LABELS = ("app.kubernetes.io/managed-by", "app.kubernetes.io/name", "app.kubernetes.io/part-of")
FROM_THE_CLUSTER = (
    "creationTimestamp",
    "resourceVersion",
    "uid",
    "generation",
    "managedFields",
    "selfLink",
)
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True)
class Difference:
    """A field that isn't the same in both normal forms."""

    path: str
    original: Any
    rendered: Any

    def __str__(self) -> str:
        words = {True: "nothing", False: ""}
        was = words[True] if self.original is ABSENT else repr(self.original)[:90]
        now = words[True] if self.rendered is ABSENT else repr(self.rendered)[:90]
        return f"{self.path}: {was} -> {now}"


def differences(
    original: dict[str, Any], rendered: Sequence[dict[str, Any]], release: str, defaults: str = "knative"
) -> list[Difference]:
    """What a rendering loses, changes or adds.

    Args:
        original: The manifest.
        rendered: All objects that were rendered in its place.
        release: The platform's release by minor.
        defaults: The mode that a cluster has for an InferenceService that names none.
    """
    kind = original["kind"]
    same = [each for each in rendered if each["kind"] == kind]
    others = [each["kind"] for each in rendered if each["kind"] != kind]
    if len(same) != 1 or others:
        return [Difference("objects", [kind], sorted(each["kind"] for each in rendered))]
    before, after = normal(original, release, defaults), normal(same[0], release, defaults)
    _drop_marks(before, after)
    return list(_compare(before, after, ()))


def normal(data: dict[str, Any], release: str, defaults: str = "knative") -> dict[str, Any]:
    """The normal form of an object."""
    result = copy.deepcopy(data)
    result.pop("status", None)
    metadata = result.setdefault("metadata", {})
    for key in FROM_THE_CLUSTER:
        metadata.pop(key, None)
    if isinstance(metadata.get("annotations"), dict):
        metadata["annotations"].pop(LAST_APPLIED, None)
    result = _tidy(result)
    forms = {
        "InferenceService": lambda: _inference_service(result, release, defaults),
        "InferenceGraph": lambda: _inference_graph(result, defaults),
        "SeldonDeployment": lambda: _seldon_deployment(result),
        "Model": lambda: _model(result),
        "Experiment": lambda: _experiment(result),
        "Pipeline": lambda: _pipeline(result),
    }
    return _tidy(forms[result["kind"]]())


def _tidy(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Without nulls and what is empty, but for an empty mapping that switches something on; quantities canonical."""
    if isinstance(value, dict):
        found = {key: _tidy(each, (*path, str(key))) for key, each in value.items()}
        return {key: each for key, each in found.items() if each not in (None, [], {}) or _a_switch(key, each, path)}
    if isinstance(value, list):
        return [_tidy(each, path) for each in value if each is not None]
    if len(path) >= 3 and path[-3] == "resources" and path[-2] in ("requests", "limits"):
        return _quantity(value)
    return value


def _a_switch(key: str, value: Any, path: tuple[str, ...]) -> bool:
    return value == {} and (key in ("logger", "batcher", "emptyDir") or path[-1:] == ("children",))


def _quantity(value: Any) -> Any:
    try:
        return canonical(str(value))
    except ValueError:
        return value


def _drop_marks(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Take Serinus' own marks off the rendered object where the original hasn't them."""
    for kind in ("labels", "annotations"):
        theirs = before["metadata"].get(kind, {})
        ours = after["metadata"].get(kind, {})
        for key in list(ours):
            if key not in theirs and (key in OUR_LABELS or key.startswith("serinus.dev/")):
                del ours[key]
        if not ours:
            after["metadata"].pop(kind, None)


def _compare(before: Any, after: Any, path: tuple[str | int, ...]) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _compare(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _compare(left, right, (*path, index))
    elif before is ABSENT or after is ABSENT or type(before) is not type(after) or before != after:
        yield Difference(format_path(path), before, after)


# InferenceService: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go, component.go,
# predictor_model.go; facts/kserve.md sections 2 and 5, facts/kserve-runtimes.md sections 1 and 2.


def _inference_service(data: dict[str, Any], release: str, defaults: str) -> dict[str, Any]:
    webhook = defaulter("kserve", INFERENCE_SERVICE)
    assert webhook is not None
    data = copy.deepcopy(webhook.change(data, parse_version(release)).data)
    annotations = data["metadata"].setdefault("annotations", {})
    annotations.pop("modelFormat", None)  # the defaulter's own, since 0.17
    if MODE not in annotations:
        needs_standard = (
            "deploymentStrategy" in data["spec"].get("predictor", {})
            or "canary" in data["spec"]
            or "serving.kserve.io/autoscalerClass" in annotations
        )
        annotations[MODE] = "Standard" if needs_standard or defaults == "standard" else "Knative"
    standard = annotations[MODE] == "Standard"
    predictors = [data["spec"].get("predictor", {}), *(each["predictor"] for each in data["spec"].get("canary", []))]
    for predictor in predictors:
        _component(predictor)
        if isinstance(predictor.get("model"), dict):
            _runtime(predictor["model"], release)
    for name in ("transformer", "explainer"):
        if isinstance(data["spec"].get(name), dict):
            _component(data["spec"][name])
    stable = predictors[0]
    if standard and "serving.kserve.io/autoscalerClass" not in annotations:
        # The class is hpa by default; without maxReplicas it scales from min to min (reconcilers/hpa).
        annotations["serving.kserve.io/autoscalerClass"] = "hpa" if stable.get("maxReplicas") else "none"
    if not standard and stable.get("scaleTarget") is not None:
        stable.setdefault("scaleMetric", "concurrency")  # Knative's own (component.go)
    return data


def _inference_graph(data: dict[str, Any], defaults: str) -> dict[str, Any]:
    annotations = data["metadata"].setdefault("annotations", {})
    annotations.setdefault(MODE, "Standard" if defaults == "standard" else "Knative")
    data["spec"].setdefault("minReplicas", 1)  # constants.go, DefaultMinReplicas
    return data


def _component(spec: dict[str, Any]) -> None:
    spec.setdefault("minReplicas", 1)  # component.go, DefaultMinReplicas
    if spec.get("maxReplicas") == 0:  # none
        del spec["maxReplicas"]
    if spec.get("containerConcurrency") == 0:  # Knative's "no limit", its default
        del spec["containerConcurrency"]
    account = spec.pop("serviceAccount", None)  # the deprecated name of the same field (core/v1)
    if account:
        spec.setdefault("serviceAccountName", account)
    if "logger" in spec:
        spec["logger"].setdefault("mode", "all")  # pkg/agent/logger
    for container in [*spec.get("containers", []), *([spec["model"]] if isinstance(spec.get("model"), dict) else [])]:
        _container(container)
    for container in spec.get("containers", []):
        container.setdefault("name", "")
    if isinstance(spec.get("art"), dict):
        spec["art"]["name"] = "kserve-container"  # explainer_art.go, Default


def _container(container: dict[str, Any]) -> None:
    """Defaults of the API server for a container (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go)."""
    for port in container.get("ports", []):
        if isinstance(port, dict):
            port.setdefault("protocol", "TCP")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(container.get(probe), dict):
            wanted = container[probe]
            for key, value in (
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ):
                wanted.setdefault(key, value)
            if isinstance(wanted.get("httpGet"), dict):
                wanted["httpGet"].setdefault("scheme", "HTTP")


CHOSEN = {
    ("tensorflow", "v1"): "kserve-tensorflow-serving",
    ("tensorflow", "grpc-v1"): "kserve-tensorflow-serving",
    ("tensorflow", "v2"): "kserve-tritonserver",
    ("tensorflow", "grpc-v2"): "kserve-tritonserver",
    ("sklearn", "v1"): "kserve-sklearnserver",
    ("sklearn", "v2"): "kserve-mlserver",
    ("xgboost", "v1"): "kserve-xgbserver",
    ("xgboost", "v2"): "kserve-mlserver",
    ("lightgbm", "v1"): "kserve-lgbserver",
    ("lightgbm", "v2"): "kserve-mlserver",
    ("pytorch", "v1"): "kserve-torchserve",
    ("pytorch", "v2"): "kserve-torchserve",
    ("pytorch", "grpc-v2"): "kserve-torchserve",
    ("onnx", "v2"): "kserve-tritonserver",
    ("onnx", "grpc-v2"): "kserve-tritonserver",
    ("triton", "v2"): "kserve-tritonserver",
    ("triton", "grpc-v2"): "kserve-tritonserver",
    ("mlflow", "v2"): "kserve-mlserver",
    ("huggingface", "v1"): "kserve-huggingfaceserver",
    ("huggingface", "v2"): "kserve-huggingfaceserver",
    ("pmml", "v1"): "kserve-pmmlserver",
    ("pmml", "v2"): "kserve-pmmlserver",
    ("paddle", "v1"): "kserve-paddleserver",
    ("paddle", "v2"): "kserve-paddleserver",
}
"""Which of the shipped runtimes runs a format over a protocol (facts/kserve-runtimes.md, section 2.3); written down here
a second time, so that a slip in ``generator.convert`` shows."""

TAGS = {
    "kserve-tensorflow-serving": (("0.15", "2.6.2"),),
    "kserve-tritonserver": (("0.15", "23.05-py3"),),
    "kserve-torchserve": (("0.15", "0.9.0"),),
    "kserve-mlserver": (("0.15", "1.5.0"), ("0.18", "1.7.1")),
}
"""Their images' tags, by the first release of KServe with them (section 1)."""
WITH_GPU = ("kserve-tensorflow-serving", "kserve-torchserve")
"""Those whose tag gets -gpu beside a GPU (section 1.4)."""


def _runtime(model: dict[str, Any], release: str) -> None:
    """What the controller chooses where the manifest says nothing: protocol v1, the shipped runtime, its image's tag."""
    name = model.get("modelFormat", {}).get("name", "")
    if model.get("name") == "":
        del model["name"]
    own = "v2" if model.get("runtime") in ("kserve-mlserver", "kserve-tritonserver") else "v1"  # SetRuntimeDefaults
    protocol = model.setdefault("protocolVersion", own)
    chosen = CHOSEN.get((name, protocol))
    if "runtime" not in model and chosen:
        model["runtime"] = chosen
    if "runtimeVersion" not in model:
        here = numbers(release)
        tags = [tag for since, tag in TAGS.get(model.get("runtime", ""), ()) if numbers(since) <= here]
        if tags:
            resources = model.get("resources", {})
            gpu = any("gpu" in each for kind in ("requests", "limits") for each in resources.get(kind, {}))
            model["runtimeVersion"] = f"{tags[-1]}-gpu" if gpu and model["runtime"] in WITH_GPU else tags[-1]


# SeldonDeployment: SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (defaults.go, prepack.go,
# seldondeployment_types.go); facts/seldon-core.md sections 1.2 to 1.4.

SELDON_IMAGES = {
    "v2": {
        "SKLEARN_SERVER": "seldonio/mlserver:1.3.5-sklearn",
        "XGBOOST_SERVER": "seldonio/mlserver:1.3.5-xgboost",
        "MLFLOW_SERVER": "seldonio/mlserver:1.3.5-mlflow",
        "HUGGINGFACE_SERVER": "seldonio/mlserver:1.3.5-huggingface",
        "TEMPO_SERVER": "seldonio/mlserver:1.3.5-slim",
        "TRITON_SERVER": "nvcr.io/nvidia/tritonserver:21.08-py3",
    },
    "tensorflow": {"TENSORFLOW_SERVER": "tensorflow/serving:2.1.0"},
}
"""What the operator of 1.17 and 1.18 runs where the manifest names no image (helm values, predictor_servers)."""


def _seldon_deployment(data: dict[str, Any]) -> dict[str, Any]:
    data["apiVersion"] = "machinelearning.seldon.io/v1"  # one schema in all versions
    spec = data["spec"]
    spec.pop("name", None)  # deprecated; nothing in the operator of 1.17 or 1.18 reads it
    protocol = spec.get("protocol", "seldon")
    spec["protocol"] = "v2" if protocol == "kfserving" else protocol
    spec.setdefault("serverType", "rpc")
    predictors = spec.get("predictors", [])
    spec.setdefault("transport", "rest")
    shared = spec.pop("replicas", None)
    ports = itertools.count(6000)
    for predictor in predictors:
        _predictor(predictor, spec, shared, ports)
    _traffic(predictors)
    return data


def _units(graph: Any) -> Iterator[dict[str, Any]]:
    if isinstance(graph, dict):
        yield graph
        for child in graph.get("children", []):
            yield from _units(child)


NO_SERVER = (
    None,
    "UNKNOWN_IMPLEMENTATION",
    "SIMPLE_MODEL",
    "SIMPLE_ROUTER",
    "RANDOM_ABTEST",
    "AVERAGE_COMBINER",
)
"""Implementations that are none of a prepackaged server."""


def _predictor(predictor: dict[str, Any], spec: dict[str, Any], shared: int | None, ports: Iterator[int]) -> None:
    """A predictor as the operator sees it after DefaultSeldonDeployment: every unit that it serves has a container."""
    replicas = predictor.pop("replicas", 1 if shared is None else shared)
    components = predictor.setdefault("componentSpecs", [])
    units = list(_units(predictor.get("graph")))
    prepackaged = {
        unit.get("name"): unit["implementation"] for unit in units if unit.get("implementation") not in NO_SERVER
    }
    _add_containers(components, prepackaged, spec["protocol"])
    for component in components:
        for container in component.setdefault("spec", {}).setdefault("containers", []):
            _container(container)
            _add_metrics(container, {unit.get("name") for unit in units}, ports)
            image = SELDON_IMAGES.get(spec["protocol"], {}).get(prepackaged.get(container.get("name"), ""))
            if image:
                container.setdefault("image", image)
        if "hpaSpec" not in component and "kedaSpec" not in component:
            component.setdefault("replicas", replicas)
        component["spec"].setdefault("terminationGracePeriodSeconds", 20)  # seldondeployment_controller.go
    named = {each.get("name") for component in components for each in component["spec"]["containers"]}
    for unit in units:
        _unit(unit, named, spec["transport"])
    predictor.setdefault("labels", {}).setdefault("version", predictor.get("name"))
    explainer = predictor.get("explainer", {})
    if not explainer.get("type"):
        predictor.pop("explainer", None)  # ignored without a type
    else:
        explainer.setdefault("replicas", 1)  # seldondeployment_explainers.go


TFSERVING = {"name": "tfserving", "image": "tensorflow/serving:2.1.0"}
"""What stands behind the proxy that speaks the protocol seldon (seldondeployment_prepackaged_servers.go)."""


def _add_containers(components: list[dict[str, Any]], prepackaged: dict[Any, str], protocol: str) -> None:
    """The containers of prepackaged servers that no component names, in the first one."""
    wanted = [{"name": name} for name in prepackaged]
    if protocol == "seldon" and "TENSORFLOW_SERVER" in prepackaged.values():
        wanted.append(dict(TFSERVING))
    there = {each.get("name") for component in components for each in component.get("spec", {}).get("containers", [])}
    missing = [each for each in wanted if each["name"] not in there]
    if missing and not components:
        components.append({})
    if missing:
        components[0].setdefault("spec", {}).setdefault("containers", []).extend(missing)


def _add_metrics(container: dict[str, Any], units: set[Any], ports: Iterator[int]) -> None:
    """A port for metrics, counted over the containers of all units (addMetricsPortAndIncrement)."""
    listed = container.get("ports", [])
    if container.get("name") in units and not any(port.get("name") == "metrics" for port in listed):
        listed = [*listed, {"name": "metrics", "containerPort": next(ports), "protocol": "TCP"}]
    if listed:
        container["ports"] = sorted(listed, key=lambda port: (port.get("containerPort", 0), port.get("name", "")))


def _unit(unit: dict[str, Any], named: set[Any], transport: str) -> None:
    """A unit after addDefaultsToGraph and setContainerPredictiveUnitDefaults."""
    if unit.get("implementation") == "UNKNOWN_IMPLEMENTATION":
        del unit["implementation"]
    prepackaged = unit.get("implementation") not in NO_SERVER
    if prepackaged or not (unit.get("methods") or "implementation" in unit or "type" in unit):
        unit["type"] = "MODEL"
    endpoint = unit.get("endpoint", {})
    if str(endpoint.get("type", "")).lower() == transport:
        del endpoint["type"]  # says what the transport says (webhook rule W13)
    if unit.get("name") in named or prepackaged:
        for key in ("service_host", "service_port", "httpPort", "grpcPort"):
            endpoint.pop(key, None)
    if isinstance(unit.get("logger"), dict):
        unit["logger"].setdefault("mode", "all")
    if "parameters" in unit:  # keywords (microservice.py, parse_parameters)
        unit["parameters"] = sorted(unit["parameters"], key=lambda each: each.get("name", ""))


def _traffic(predictors: list[dict[str, Any]]) -> None:
    live = [each for each in predictors if not each.get("shadow")]
    for predictor in predictors:
        if predictor.get("shadow"):
            predictor["traffic"] = predictor.get("traffic") or 100
        elif len(live) == 1:
            predictor.pop("traffic", None)
        else:
            predictor.setdefault("traffic", 0)


# Seldon Core 2: SeldonIO/seldon-core v2.10.2, operator/apis/mlops/v1alpha1, scheduler/pkg/store; facts/seldon-core.md 2.


def _model(data: dict[str, Any]) -> dict[str, Any]:
    spec = data["spec"]
    if spec.get("minReplicas") == 0:
        del spec["minReplicas"]
    if spec.get("maxReplicas") == 0:
        del spec["maxReplicas"]
    spec.setdefault("replicas", spec.get("minReplicas", 1))  # internal/utils.go
    if not spec.get("maxReplicas") and spec.get("minReplicas") == spec["replicas"]:
        del spec["minReplicas"]  # without a most nothing scales, and the least is what runs
    if "explainer" in spec:  # asked for anyway (scheduler/filters/explainer.go)
        spec["requirements"] = sorted({*spec.get("requirements", []), "alibi-explain"})
    if "requirements" in spec:
        spec["requirements"] = sorted(each.strip() for each in spec["requirements"])  # a set (serverrequirements.go)
    if "memory" in spec:
        spec["memory"] = _quantity(spec["memory"])
    if "parameters" in spec:
        spec["parameters"] = sorted(spec["parameters"], key=lambda each: each["name"])
    return data


def _experiment(data: dict[str, Any]) -> dict[str, Any]:
    spec = data["spec"]
    spec.setdefault("resourceType", "model")
    total = sum(each.get("weight", 0) for each in spec.get("candidates", [])) or 1
    for each in spec.get("candidates", []):  # relative (store.go)
        each["weight"] = str(Fraction(each.get("weight", 0), total))
    spec["candidates"] = sorted(spec.get("candidates", []), key=lambda each: each["name"])
    return data


def _pipeline(data: dict[str, Any]) -> dict[str, Any]:
    spec = data["spec"]
    names = {step.get("name") for step in spec.get("steps", [])}

    def full(reference: str) -> str:
        return f"{reference}.outputs" if reference in names else reference

    for step in spec.get("steps", []):
        step.setdefault("inputsJoinType", "inner")
        for key in ("inputs", "triggers"):
            if key in step:
                step[key] = [full(each) for each in step[key]]
    for part, keys in (("output", ("stepsJoin",)), ("input", ("joinType", "triggersJoinType"))):
        if part in spec:
            for key in keys:
                spec[part].setdefault(key, "inner")
    if "output" in spec:
        spec["output"]["steps"] = [full(each) for each in spec["output"].get("steps", [])]
    return data
