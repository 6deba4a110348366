"""SeldonDeployments as the operator reads them.

SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (defaults.go, prepack.go,
seldondeployment_types.go) and operator/controllers.
"""

from __future__ import annotations

import itertools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.convert.meaning import tidy
from generator.convert.seldon_units import BUILT_IN, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MLSERVER, TRITON = f"seldonio/mlserver:{SHIPPED['mlserver']}", f"nvcr.io/nvidia/tritonserver:{SHIPPED['triton']}"
TENSORFLOW = f"tensorflow/serving:{SHIPPED['tensorflow-serving']}"
IMAGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "v2": MappingProxyType(
            {
                "SKLEARN_SERVER": f"{MLSERVER}-sklearn",
                "XGBOOST_SERVER": f"{MLSERVER}-xgboost",
                "MLFLOW_SERVER": f"{MLSERVER}-mlflow",
                "HUGGINGFACE_SERVER": f"{MLSERVER}-huggingface",
                "TEMPO_SERVER": f"{MLSERVER}-slim",
                "TRITON_SERVER": TRITON,
            }
        ),
        "tensorflow": MappingProxyType({"TENSORFLOW_SERVER": TENSORFLOW}),
    }
)
"""What the operator of 1.17 and 1.18 runs where the manifest names no image (helm values, predictor_servers)."""
NO_SERVER = (None, "UNKNOWN_IMPLEMENTATION", *BUILT_IN)
"""Implementations that are none of a prepackaged server."""
FIRST_METRICS_PORT = 6000
GRACE = 20
"""Seconds (seldondeployment_controller.go)."""


def seldon_deployment(data: dict[str, Any]) -> dict[str, Any]:
    """A SeldonDeployment after the operator's webhook; ``data`` is changed."""
    data["apiVersion"] = "machinelearning.seldon.io/v1"  # one schema in all versions
    spec = data["spec"]
    spec.pop("name", None)  # deprecated; nothing in the operator of 1.17 or 1.18 reads it
    protocol = spec.get("protocol", "seldon")
    spec["protocol"] = "v2" if protocol == "kfserving" else protocol
    spec.setdefault("serverType", "rpc")
    predictors = spec.get("predictors", [])
    spec.setdefault("transport", "rest")
    shared = spec.pop("replicas", None)
    ports = itertools.count(FIRST_METRICS_PORT)
    for predictor in predictors:
        _predictor(predictor, spec, shared, ports)
    _traffic(predictors)
    return data


def _units(graph: Any) -> Iterator[dict[str, Any]]:
    """A unit and all below; deep in a graph the schema lets anything stand."""
    if isinstance(graph, dict):
        yield graph
        children = graph.get("children")
        for child in children if isinstance(children, list) else ():
            yield from _units(child)


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
            tidy.container(container)
            _add_metrics(container, {unit.get("name") for unit in units}, ports)
            image = IMAGES.get(spec["protocol"], {}).get(prepackaged.get(container.get("name"), ""))
            if image:
                container.setdefault("image", image)
        if "hpaSpec" not in component and "kedaSpec" not in component:
            component.setdefault("replicas", replicas)
        component["spec"].setdefault("terminationGracePeriodSeconds", GRACE)
    named = {each.get("name") for component in components for each in component["spec"]["containers"]}
    for unit in units:
        _unit(unit, named, spec["transport"])
    predictor.setdefault("labels", {}).setdefault("version", predictor.get("name"))
    explainer = predictor.get("explainer", {})
    if not explainer.get("type"):
        predictor.pop("explainer", None)  # ignored without a type
    else:
        explainer.setdefault("replicas", 1)  # seldondeployment_explainers.go


def _add_containers(components: list[dict[str, Any]], prepackaged: dict[Any, str], protocol: str) -> None:
    """The containers of prepackaged servers that no component names, in the first one; TensorFlow's has a proxy."""
    wanted = [{"name": name} for name in prepackaged]
    if protocol == "seldon" and "TENSORFLOW_SERVER" in prepackaged.values():
        wanted.append({"name": "tfserving", "image": TENSORFLOW})
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
