"""The executor, which walks the graph: in the pods of the first component, or in pods of its own.

seldondeployment_engine.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Brought, Origin, Part, Tree
from generator.outcome.seldon_core_1 import names
from generator.outcome.seldon_core_1.deployment import GRACE, STRATEGY, label, podinfo
from generator.outcome.seldon_core_1.predictor import OLD_PODINFO, PODINFO, PODINFO_PATH
from generator.outcome.seldon_core_1.values import items, name_of, variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.seldon_core_1.predictor import Predictor
    from generator.outcome.seldon_core_1.settings import Settings

NAME = "seldon-container-engine"
GRPC = 5001
SWITCH = "seldon.io/engine-"
"""Annotations that begin so become variables of the executor."""
PREDICTOR = Part("(the predictor, as JSON in base64)", Origin(Brought("the executor's variable ENGINE_PREDICTOR")))
"""What Go makes of the predictor with all its defaults; nobody reads it but the executor."""


def http_port(settings: Settings) -> int:
    """Where the executor answers HTTP."""
    return int(settings.environment["EXECUTOR_SERVER_PORT"])


def annotation(root: Part, name: str) -> Part | None:
    """An annotation of the spec, else of the object."""
    return root.get("spec", "annotations", name) or root.get("metadata", "annotations", name)


def container(root: Part, predictor: Predictor, settings: Settings) -> dict[str, Tree]:
    """The executor's container."""
    environment, port = settings.environment, http_port(settings)
    secure = "HTTPS" if predictor.part.text("ssl", "certSecretName") else "HTTP"
    queue = annotation(root, "seldon.io/executor-logger-queue-size")
    patience = annotation(root, "seldon.io/executor-logger-write-timeout-ms")
    user = environment["EXECUTOR_CONTAINER_USER"]
    return {
        "name": NAME,
        "image": Part(
            environment["EXECUTOR_CONTAINER_IMAGE_AND_VERSION"],
            Origin(Brought("the operator's environment as shipped")),
        ),
        "args": [
            *("--sdep", root.get("metadata", "name"), "--namespace", root.get("metadata", "namespace") or ""),
            *("--predictor", predictor.part.get("name"), "--http_port", str(port), "--grpc_port", str(GRPC)),
            *("--protocol", _or(root.get("spec", "protocol"), "seldon")),
            *("--transport", _or(root.get("spec", "transport"), "rest")),
            *("--prometheus_path", environment["EXECUTOR_PROMETHEUS_PATH"]),
            *("--server_type", _or(root.get("spec", "serverType"), "rpc")),
            *("--log_work_buffer_size", queue or environment["EXECUTOR_REQUEST_LOGGER_WORK_QUEUE_SIZE"]),
            *("--log_write_timeout_ms", patience or environment["EXECUTOR_REQUEST_LOGGER_WRITE_TIMEOUT_MS"]),
            f"--full_health_checks={environment['EXECUTOR_FULL_HEALTH_CHECKS']}",
        ],
        "imagePullPolicy": environment["EXECUTOR_CONTAINER_IMAGE_PULL_POLICY"],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"name": PODINFO, "mountPath": PODINFO_PATH}],
        "env": list(_variables(root, predictor, settings)),
        "ports": [
            {"name": "http", "containerPort": port, "protocol": "TCP"},
            {"name": environment["EXECUTOR_SERVER_METRICS_PORT_NAME"], "containerPort": port, "protocol": "TCP"},
            {"name": "grpc", "containerPort": GRPC, "protocol": "TCP"},
        ],
        "readinessProbe": _probe("/ready", port, secure),
        "livenessProbe": _probe("/live", port, secure),
        "resources": predictor.part.get("svcOrchSpec", "resources") or _resources(settings),
        "securityContext": {"runAsUser": int(user), "allowPrivilegeEscalation": False} if user else None,
    }


def _or(part: Part | None, otherwise: str) -> Tree:
    return part if part is not None and part.value else otherwise


def _probe(path: str, port: int, scheme: str) -> Tree:
    times = {"initialDelaySeconds": 20, "periodSeconds": 5, "timeoutSeconds": 60}
    asked = {"path": path, "port": port, "scheme": scheme}
    return {"httpGet": asked, **times, "successThreshold": 1, "failureThreshold": 3}


def _resources(settings: Settings) -> Tree:
    said = settings.environment
    return {
        side: {
            "cpu": said[f"EXECUTOR_DEFAULT_CPU_{word}"],
            "memory": said[f"EXECUTOR_DEFAULT_MEMORY_{word}"],
        }
        for side, word in (("requests", "REQUEST"), ("limits", "LIMIT"))
    }


def _variables(root: Part, predictor: Predictor, settings: Settings) -> Iterator[Tree]:
    yield variable("ENGINE_PREDICTOR", PREDICTOR)
    yield variable("REQUEST_LOGGER_DEFAULT_ENDPOINT", settings.environment["EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT"])
    own = list(predictor.part.each("svcOrchSpec", "env"))
    yield from own
    told = {each.text("name") for each in own}
    for name, value in sorted(root.fields("spec", "annotations").items()):
        called = name.removeprefix(SWITCH).replace("-", "_").upper()
        if name.startswith(SWITCH) and name != f"{SWITCH}separate-pod" and called not in told:
            told.add(called)
            yield variable(called, value)


def join(root: Part, predictor: Predictor, made: Tree, settings: Settings) -> None:
    """Put the executor into a Deployment, whose pods the predictor's Service then finds."""
    spec = made["spec"]["template"]["spec"]
    if any(name_of(each) == NAME for each in spec["containers"]):
        return
    made["metadata"]["labels"][names.EXECUTOR_LABEL] = "true"
    spec["containers"].append(container(root, predictor, settings))
    service = names.predictor(root.text("metadata", "name"), predictor.part)
    label(made, {names.APP_LABEL: service}, selector=True)
    volumes = items(spec.get("volumes"))
    if not any(name_of(each) in (PODINFO, OLD_PODINFO) for each in volumes):
        spec["volumes"] = [*volumes, podinfo()]


def alone(root: Part, predictor: Predictor, settings: Settings) -> Tree:
    """The Deployment of an executor that has pods of its own."""
    own = root.text("metadata", "name")
    name, service = names.executor(own, predictor.name), names.predictor(own, predictor.part)
    found = {names.APP_LABEL: service, names.ID_LABEL: service}
    counts = (
        predictor.part.get("svcOrchSpec", "replicas"),
        predictor.part.get("replicas"),
        root.get("spec", "replicas"),
    )
    account = settings.environment["EXECUTOR_CONTAINER_SERVICE_ACCOUNT_NAME"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": root.get("metadata", "namespace"),
            "labels": {
                names.EXECUTOR_LABEL: "true",
                **found,
                "app": name,
                "version": "v1",
                "fluentd": "true",
                **predictor.labels,
            },
            "annotations": root.fields("spec", "annotations") or None,
        },
        "spec": {
            "replicas": next((each for each in counts if each is not None), None),
            "selector": {"matchLabels": dict(found)},
            "template": {
                "metadata": {
                    "labels": {**found, "app": name, **predictor.labels},
                    "annotations": {
                        "prometheus.io/path": settings.environment["EXECUTOR_PROMETHEUS_PATH"],
                        "prometheus.io/scrape": "true",
                    },
                },
                "spec": {
                    "containers": [container(root, predictor, settings)],
                    "terminationGracePeriodSeconds": GRACE,
                    "dnsPolicy": "ClusterFirst",
                    "schedulerName": "default-scheduler",
                    "securityContext": {},
                    "volumes": [podinfo()],
                    "restartPolicy": "Always",
                    "serviceAccountName": account,
                    "serviceAccount": account,
                },
            },
            "strategy": dict(STRATEGY),
        },
    }
