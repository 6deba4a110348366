"""TorchServe, which is no longer developed (pytorch/serve, README.md of 0.12.0).

Settings: pytorch/serve v0.12.0, docs/configuration.md, docs/metrics.md, docs/token_authorization_api.md; the image:
docker/Dockerfile, docker/dockerd-entrypoint.sh. Paths of the V1 and V2 protocol: frontend,
``InferenceRequestHandler.java`` (``isKFV1InferenceReq``, ``isKFV2InferenceReq``).
"""

from __future__ import annotations

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, flavoured, http

FOLDER = "/etc/torchserve"
ENVELOPES = {"v1": "kserve", "v2": "kservev2"}
"""What unwraps a request of the protocol before the handler sees it: ts/torch_handler/request_envelope."""


def _run(ask: Ask) -> Run:
    return Run(
        image=f"pytorch/torchserve:{flavoured(ask.version, '-gpu' if ask.gpu else '-cpu')}",
        # The image's own script leaves the server in the background, where nobody sees it end.
        command=("torchserve",),
        args=("--start", "--foreground", f"--ts-config={FOLDER}/config.properties"),
        ports={"http": 8080, "grpc": 7070, "metrics": 8082},
        startup=http("/ping"),
        readiness=http("/ping"),
        # It is unhealthy too while it starts a worker anew, which it does by itself.
        liveness=http("/ping"),
        patience=12,
        files={"config.properties": _properties(ask)},
        folder=FOLDER,
    )


def _properties(ask: Ask) -> str:
    """The file config.properties.

    Not that of the release: there the addresses are those that KServe wants, and the model has one name for ever.
    """
    model = f"{ask.name}={ask.share.files.name}.mar" if ask.share.files.version is not None else "all"
    settings = {
        "inference_address": "http://0.0.0.0:8080",
        # Whoever reaches the management can load code into the server.
        "management_address": "http://127.0.0.1:8081",
        "metrics_address": "http://0.0.0.0:8082",
        "grpc_inference_address": "0.0.0.0",  # noqa: S104 (a pod is to be reached)
        "grpc_inference_port": "7070",
        "grpc_management_port": "7071",
        "metrics_mode": "prometheus",  # without it they are only logged
        # Since 0.11.1 each request needs a token out of a file in the container; older ones pass over this.
        "disable_token_authorization": "true",
        "install_py_dep_per_model": "true",
        "model_store": f"{MODELS}/model-store",
        "load_models": model,
        # Its own default is one a processor, each with a model of its own in memory; pods are what is scaled here.
        "default_workers_per_model": "1",
    }
    if ask.protocol in ENVELOPES:
        settings["service_envelope"] = ENVELOPES[ask.protocol]
    settings |= ask.service.model.parameters
    return "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    """A value in a properties file, where Java reads a backslash as the start of an escape."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


TORCHSERVE = ModelServer(
    runtime="TorchServe",
    layout="torchserve",
    model_format="pytorch",
    protocol="torchserve",
    protocols=("torchserve", "v1", "v2"),
    newest="0.12.0",
    run=_run,
    flags="lines of config.properties",
    taken=frozenset(
        (
            *("inference_address", "management_address", "metrics_address", "grpc_inference_address"),
            *("grpc_inference_port", "grpc_management_port", "model_store", "load_models", "service_envelope"),
        )
    ),
)
