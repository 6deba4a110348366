"""KServe's own servers, without KServe.

Arguments: kserve/kserve v0.20.0, config/runtimes; ports and paths: python/kserve/kserve/model_server.py and
protocol/rest. ``GET /`` and ``/v2/health/ready`` are always true there; only the model's own path tells of the model.
The images run as user 1000 (python/*.Dockerfile).
"""

from __future__ import annotations

from dataclasses import replace

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, flavoured, http

IMAGES = {
    "lightgbm": "kserve/lgbserver",
    "paddle": "kserve/paddleserver",
    "pmml": "kserve/pmmlserver",
    "sklearn": "kserve/sklearnserver",
    "xgboost": "kserve/xgbserver",
}


def _run(ask: Ask) -> Run:
    ready = http(f"/v1/models/{ask.name}" if ask.protocol == "v1" else f"/v2/models/{ask.name}/ready")
    return Run(
        image=f"{IMAGES[ask.share.format]}:{ask.version}",
        args=(f"--model_name={ask.name}", f"--model_dir={MODELS}", "--http_port=8080", "--grpc_port=8081", *ask.flags),
        ports={"http": 8080, "grpc": 8081},
        startup=ready,
        readiness=ready,
        liveness=http("/v2/health/live"),
    )


def _huggingface(ask: Ask) -> Run:
    run = _run(replace(ask, share=replace(ask.share, format="sklearn")))
    return replace(
        run,
        image=f"kserve/huggingfaceserver:{flavoured(ask.version, '-gpu' if ask.gpu else '')}",
        env={"HOME": "/tmp"},  # noqa: S108 (caches go there; a volume of the pod's own)
        start=1800,
        grace=120,
        shared_memory=True,
    )


SKLEARN = ModelServer(
    runtime="KServe's server",
    layout="plain",
    model_format="sklearn",
    protocol="v1",
    protocols=("v1", "v2", "grpc-v2"),
    newest="v0.20.0",
    run=_run,
    taken=frozenset(("grpc_port", "http_port", "model_dir", "model_name")),
)
XGBOOST = replace(SKLEARN, model_format="xgboost")
LIGHTGBM = replace(SKLEARN, model_format="lightgbm")
PMML = replace(SKLEARN, model_format="pmml")
PADDLE = replace(SKLEARN, model_format="paddle")
HUGGINGFACE = replace(
    SKLEARN,
    runtime="KServe's Hugging Face server",
    model_format="huggingface",
    run=_huggingface,
    protocols=("v1", "v2"),
)
