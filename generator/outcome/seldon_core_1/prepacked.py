"""The servers that Seldon brings (seldondeployment_prepackaged_servers.go, mlserver.go)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from generator.outcome.part import Part, Tree, opened, value_of
from generator.outcome.seldon_core_1.container import MOUNTED
from generator.outcome.seldon_core_1.deployment import container_of
from generator.outcome.seldon_core_1.initializer import inject, secret_variables
from generator.outcome.seldon_core_1.settings import V2
from generator.outcome.seldon_core_1.values import items, name_of, parameters, variable, with_variable

if TYPE_CHECKING:
    from generator.outcome.seldon_core_1.predictor import Unit
    from generator.outcome.seldon_core_1.settings import Settings

TENSORFLOW, TRITON, HUGGINGFACE = "TENSORFLOW_SERVER", "TRITON_SERVER", "HUGGINGFACE_SERVER"
PROXIED, PROXIED_GRPC, PROXIED_HTTP = "tfserving", 2000, 2001
"""TensorFlow Serving behind a proxy that speaks Seldon's protocol: its container, and its ports."""
DIRECT = "seldon.io/no-storage-initializer"
RUNTIMES = {
    "SKLEARN_SERVER": "mlserver_sklearn.SKLearnModel",
    "XGBOOST_SERVER": "mlserver_xgboost.XGBoostModel",
    "TEMPO_SERVER": "tempo.mlserver.InferenceRuntime",
    "MLFLOW_SERVER": "mlserver_mlflow.MLflowRuntime",
    HUGGINGFACE: "mlserver_huggingface.HuggingFaceRuntime",
}
_TRITON_FLAGS = {
    "model_control_mode": "--model-control-mode=",
    "load_model": "--load-model=",
    "strict_model_config": "--strict-model-config=",
}


def complete(root: Part, unit: Unit, made: Tree, settings: Settings) -> None:
    """Make the container of a unit the server that its implementation names."""
    account = unit.part.get("serviceAccountName")
    if account is not None and account.value:
        made["spec"]["template"]["spec"]["serviceAccountName"] = account
    container = container_of(made, unit.name)
    if container is None:
        return
    protocol = root.text("spec", "protocol")
    if unit.implementation == TENSORFLOW:
        inject(made, _tensorflow(unit, made, container, protocol, settings), unit.part, settings)
    elif unit.implementation == TRITON:
        _triton(root, unit, container, settings)
        if not _direct(root):
            inject(made, unit.name, unit.part, settings)
    else:
        if protocol in V2:
            _mlserver(root, unit, container, settings)
        else:
            _wrapped(unit, container, protocol, settings)
        inject(made, unit.name, unit.part, settings)


def _direct(root: Part) -> bool:
    return root.text("spec", "annotations", DIRECT).lower() == "true"


def _tensorflow(unit: Unit, made: Tree, container: dict[str, Tree], protocol: str, settings: Settings) -> str:
    """TensorFlow Serving, in the unit's own container or behind a proxy in it; the name of what reads the model."""
    own = protocol == "tensorflow"
    if not own:
        container["image"] = settings.image(unit.implementation, protocol)
        said = list(unit.part.each("parameters"))
        more = [{"name": "model_name", "value": unit.name, "type": "STRING"}]
        if not {each.text("name") for each in said} & {"rest_endpoint", "grpc_endpoint"}:
            more = [
                {"name": "rest_endpoint", "value": f"http://0.0.0.0:{PROXIED_HTTP}", "type": "STRING"},
                {"name": "grpc_endpoint", "value": f"0.0.0.0:{PROXIED_GRPC}", "type": "STRING"},
                *more,
            ]
        one = variable("PREDICTIVE_UNIT_PARAMETERS", parameters(said, *more))
        container["env"] = with_variable(items(container.get("env")), one, override=True)
    grpc, http = (unit.grpc, unit.http) if own else (PROXIED_GRPC, PROXIED_HTTP)
    server: dict[str, Tree] = {
        "name": unit.name if own else PROXIED,
        "image": settings.image(unit.implementation, "tensorflow"),
        "args": [
            f"--port={grpc}",
            f"--rest_api_port={http}",
            f"--model_name={unit.name}",
            f"--model_base_path={MOUNTED}",
        ],
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": grpc, "protocol": "TCP"}, {"containerPort": http, "protocol": "TCP"}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    there = container if own else container_of(made, PROXIED)
    if there is None:
        made["spec"]["template"]["spec"]["containers"].append(server)
    else:
        for key in ("image", "args", "ports"):
            if not value_of(there.get(key)):
                there[key] = server[key]
    return str(server["name"])


def _triton(root: Part, unit: Unit, container: dict[str, Tree], settings: Settings) -> None:
    args: list[Tree] = [
        "/opt/tritonserver/bin/tritonserver",
        f"--grpc-port={unit.grpc}",
        f"--http-port={unit.http}",
    ]
    if _direct(root):
        args.append(f"--model-repository={unit.part.text('modelUri')}")
        for each in unit.part.each("parameters"):
            flag = _TRITON_FLAGS.get(each.text("name").lower())
            if flag:
                args.append(f"{flag}{each.text('value')}")
    else:
        args += [f"--model-repository={MOUNTED}", "--strict-model-config=false"]
    if not value_of(container.get("image")):
        container["image"] = settings.image(TRITON, root.text("spec", "protocol"))
    container.setdefault("args", args)
    if _direct(root):
        container.setdefault("envFrom", secret_variables(unit.part, settings))
    container.setdefault("readinessProbe", _health("ready", 20, 10, 1))
    container.setdefault("livenessProbe", _health("live", 60, 10, 1))
    container["ports"] = _ports(unit)


def _ports(unit: Unit) -> list[Tree]:
    """The ports that take the place of all that the user or the webhook wrote, that for metrics too."""
    return [
        {"name": "grpc", "containerPort": unit.grpc, "protocol": "TCP"},
        {"name": "http", "containerPort": unit.http, "protocol": "TCP"},
    ]


def _health(word: str, delay: int, period: int, timeout: int) -> dict[str, Tree]:
    times = {"initialDelaySeconds": delay, "periodSeconds": period, "timeoutSeconds": timeout}
    return {**_asked(word), **times, "successThreshold": 1, "failureThreshold": 3}


def _asked(word: str) -> dict[str, Tree]:
    return {"httpGet": {"path": f"/v2/health/{word}", "port": "http", "scheme": "HTTP"}}


def _mlserver(root: Part, unit: Unit, container: dict[str, Tree], settings: Settings) -> None:
    if not value_of(container.get("image")):
        container["image"] = settings.image(unit.implementation, "v2")
    env = _mlserver_variables(root, unit)
    for each in items(container.get("env")):
        env = with_variable(env, {"name": name_of(each), **_rest(each)}, override=True)
    container["env"] = env
    for key, word in (("readinessProbe", "ready"), ("livenessProbe", "live")):
        own = opened(container.get(key))
        handlers = ("exec", "httpGet", "tcpSocket", "grpc")
        if isinstance(own, dict):
            container[key] = {**{name: value for name, value in own.items() if name not in handlers}, **_asked(word)}
        else:
            container[key] = _health(word, 20, 5, 60)
    container["ports"] = _ports(unit)


def _rest(each: Tree) -> dict[str, Tree]:
    fields = opened(each)
    return {key: value for key, value in fields.items() if key != "name"} if isinstance(fields, dict) else {}


def _mlserver_variables(root: Part, unit: Unit) -> list[Tree]:
    namespace = root.text("metadata", "namespace") or "default"
    options = {"k8s_options": {"defaultRuntime": "tempo.seldon.SeldonKubernetesRuntime", "namespace": namespace}}
    env = [
        variable("MLSERVER_HTTP_PORT", str(unit.http)),
        variable("MLSERVER_GRPC_PORT", str(unit.grpc)),
        variable("MLSERVER_MODEL_IMPLEMENTATION", RUNTIMES.get(unit.implementation, "")),
        variable("MLSERVER_MODEL_NAME", unit.name),
        variable("MLSERVER_MODEL_VERSION", "v1"),
        variable("MLSERVER_MODEL_URI", MOUNTED),
        variable("TEMPO_RUNTIME_OPTIONS", json.dumps(options)),
    ]
    if unit.implementation == HUGGINGFACE:
        env += [variable("MLSERVER_PARALLEL_WORKERS", "0"), variable("XDG_CACHE_HOME", "/opt/mlserver")]
    return env


def _wrapped(unit: Unit, container: dict[str, Tree], protocol: str, settings: Settings) -> None:
    """A server in Seldon's own wrapper, which reads its parameters from one variable."""
    if not value_of(container.get("image")):
        container["image"] = settings.image(unit.implementation, protocol)
    where = {"name": "model_uri", "value": MOUNTED, "type": "STRING"}
    one = variable("PREDICTIVE_UNIT_PARAMETERS", parameters(unit.part.each("parameters"), where))
    container["env"] = with_variable(items(container.get("env")), one, override=True)
