"""What the operator writes into the container of a unit, and the Service that leads to it.

seldondeployment_controller.go, ``createContainerService``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Tree, plain, value_of
from generator.outcome.seldon_core_1 import names
from generator.outcome.seldon_core_1.deployment import label, type_labels
from generator.outcome.seldon_core_1.values import (
    field,
    go_json,
    items,
    name_of,
    parameters,
    variable,
    with_variable,
)

if TYPE_CHECKING:
    from generator.outcome.part import Part
    from generator.outcome.seldon_core_1.predictor import Predictor, Unit
    from generator.outcome.seldon_core_1.settings import Settings

MOUNTED = "/mnt/models"
SLEEP = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "/bin/sleep 10"]}}}


def service(root: Part, predictor: Predictor, unit: Unit, made: Tree) -> Tree:
    """The Service of a unit's container; the container in ``made`` is completed, and its pods get the label."""
    name = names.container(root.text("metadata", "name"), predictor.name, unit.name)
    key = f"{names.SERVICE_LABEL}-{unit.name}"
    label(made, {key: name}, selector=True)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": root.get("metadata", "namespace"),
            "labels": {
                key: name,
                names.ID_LABEL: names.fitting(root.text("metadata", "name")),
                names.APP_LABEL: names.predictor(root.text("metadata", "name"), predictor.part),
                **type_labels(unit, predictor),
            },
            "annotations": dict(predictor.part.fields("annotations")),
        },
        "spec": {
            "ports": [port("http", unit.http), port("grpc", unit.grpc)],
            "type": "ClusterIP",
            "selector": {key: name},
            "sessionAffinity": "None",
        },
    }


def port(name: str, number: int) -> Tree:
    """A port of a Service that leads to the same one of its pods."""
    return {"name": name, "protocol": "TCP", "port": number, "targetPort": number}


def complete(root: Part, predictor: Predictor, unit: Unit, container: dict[str, Tree], settings: Settings) -> None:
    """Ports, probes, the sleep before the end, and what the container is told of itself."""
    for name, number in (("http", unit.http), ("grpc", unit.grpc)):
        ports = items(container.get("ports"))
        if not any(name_of(each) == name for each in ports):
            container["ports"] = [*ports, {"name": name, "containerPort": number, "protocol": "TCP"}]
    asked = unit.grpc if by_grpc(root, unit) else unit.http
    container["livenessProbe"] = container.get("livenessProbe") or _probe(asked, 60)
    container["readinessProbe"] = container.get("readinessProbe") or _probe(asked, 20)
    container["lifecycle"] = container.get("lifecycle") or dict(SLEEP)
    container["env"] = _variables(root, predictor, unit, container, settings)


def by_grpc(root: Part, unit: Unit) -> bool:
    """Whether the container is asked by gRPC first."""
    return root.text("spec", "transport") == "grpc" or unit.by_grpc


def _probe(number: int, delay: int) -> Tree:
    times = {"initialDelaySeconds": delay, "periodSeconds": 5, "timeoutSeconds": 1}
    return {"tcpSocket": {"port": number}, **times, "successThreshold": 1, "failureThreshold": 3}


def _variables(
    root: Part, predictor: Predictor, unit: Unit, container: dict[str, Tree], settings: Settings
) -> list[Tree]:
    env = items(container.get("env"))
    asked = unit.grpc if by_grpc(root, unit) else unit.http
    if not any(name_of(each) == "PREDICTIVE_UNIT_SERVICE_PORT" for each in env):
        env.append(variable("PREDICTIVE_UNIT_SERVICE_PORT", str(asked)))
    for name, number in (
        ("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", unit.http),
        ("MLSERVER_HTTP_PORT", unit.http),
        ("PREDICTIVE_UNIT_GRPC_SERVICE_PORT", unit.grpc),
        ("MLSERVER_GRPC_PORT", unit.grpc),
    ):
        env = with_variable(env, variable(name, str(number)), override=False)
    said = list(unit.part.each("parameters"))
    if said:
        env = with_variable(env, variable("PREDICTIVE_UNIT_PARAMETERS", parameters(said)), override=False)
    if unit.part.text("modelUri"):
        env = with_variable(env, variable("MLSERVER_MODEL_URI", MOUNTED), override=False)
    labels = dict(sorted(plain(predictor.labels).items()))
    env += [
        variable("PREDICTIVE_UNIT_ID", container.get("name")),
        variable("MLSERVER_MODEL_NAME", container.get("name")),
        variable("PREDICTIVE_UNIT_IMAGE", container.get("image")),
        variable("PREDICTOR_ID", predictor.part.get("name")),
        variable("PREDICTOR_LABELS", go_json(labels)),
        variable("SELDON_DEPLOYMENT_ID", root.get("metadata", "name")),
        variable("SELDON_EXECUTOR_ENABLED", "true"),
    ]
    metrics = settings.environment["PREDICTIVE_UNIT_METRICS_PORT_NAME"]
    found = next(
        (value_of(field(each, "containerPort")) for each in items(container.get("ports")) if name_of(each) == metrics),
        None,
    )
    if found is not None:
        path = settings.environment["EXECUTOR_PROMETHEUS_PATH"]
        env += [
            variable("PREDICTIVE_UNIT_METRICS_SERVICE_PORT", str(found)),
            variable("PREDICTIVE_UNIT_METRICS_ENDPOINT", path),
            variable("MLSERVER_METRICS_PORT", str(found)),
            variable("MLSERVER_METRICS_ENDPOINT", path),
        ]
    return env
