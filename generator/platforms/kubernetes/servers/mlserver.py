"""MLServer.

Settings are environment variables (SeldonIO/MLServer 1.7.1, mlserver/settings.py). What a release's
model-settings.json says wins over them; it doesn't say the name. The image, its user and its ports: Dockerfile.
"""

from __future__ import annotations

from dataclasses import replace

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, http

IMPLEMENTATIONS = {
    "huggingface": "mlserver_huggingface.HuggingFaceRuntime",
    "lightgbm": "mlserver_lightgbm.LightGBMModel",
    "mlflow": "mlserver_mlflow.MLflowRuntime",
    "sklearn": "mlserver_sklearn.SKLearnModel",
    "xgboost": "mlserver_xgboost.XGBoostModel",
}


def _run(ask: Ask) -> Run:
    return Run(
        image=f"seldonio/mlserver:{ask.version}",
        env={
            "MLSERVER_MODEL_NAME": ask.name,
            **_described(ask),
            # Where it starts, only a user of group 0 may write.
            "MLSERVER_ENVIRONMENTS_DIR": "/tmp/envs",  # noqa: S108 (a volume of the pod's own)
            "MLSERVER_METRICS_DIR": "/tmp/metrics",  # noqa: S108
        },
        ports={"http": 8080, "grpc": 8081, "metrics": 8082},
        startup=http("/v2/health/ready"),
        readiness=http("/v2/health/ready"),
        liveness=http("/v2/health/live"),
    )


def _described(ask: Ask) -> dict[str, str]:
    """What a folder without model-settings.json lacks, as KServe says it; a release has the file."""
    implementation = IMPLEMENTATIONS.get(ask.share.format)
    if ask.share.files.version is not None or implementation is None:
        return {}
    return {"MLSERVER_MODEL_IMPLEMENTATION": implementation, "MLSERVER_MODEL_URI": MODELS}


SKLEARN = ModelServer(
    runtime="MLServer",
    layout="mlserver",
    model_format="sklearn",
    protocol="v2",
    protocols=("v2", "grpc-v2"),
    newest="1.7.1",
    run=_run,
    flags="",
)
XGBOOST = replace(SKLEARN, model_format="xgboost")
LIGHTGBM = replace(SKLEARN, model_format="lightgbm")
MLFLOW = replace(SKLEARN, model_format="mlflow")
HUGGINGFACE = replace(SKLEARN, model_format="huggingface")
ONNX = replace(SKLEARN, model_format="onnx")
