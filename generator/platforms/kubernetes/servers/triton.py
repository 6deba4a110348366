"""NVIDIA Triton: ONNX, TorchScript, repositories of its own, and SavedModels up to 25.02.

Flags and health: triton-inference-server/server, docs/protocol, docs/customization_guide/deploy.md (user 1000),
deploy/k8s-onprem/templates/deployment.yaml. It ends what it was asked before it ends itself (``--exit-timeout-secs``,
30 seconds). Its build dropped TensorFlow in 25.03 (build.py of v2.55.0 and v2.56.0).
"""

from __future__ import annotations

from dataclasses import replace

from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, http


def _run(ask: Ask) -> Run:
    return Run(
        image=f"nvcr.io/nvidia/tritonserver:{ask.version}",
        args=(
            "tritonserver",
            f"--model-repository={MODELS}",
            "--http-port=8000",
            "--grpc-port=8001",
            "--metrics-port=8002",
            *ask.flags,
        ),
        ports={"http": 8000, "grpc": 8001, "metrics": 8002},
        startup=http("/v2/health/ready"),
        readiness=http("/v2/health/ready"),
        liveness=http("/v2/health/live"),
        shared_memory=True,  # backends in Python exchange tensors there
    )


ONNX = ModelServer(
    runtime="Triton",
    layout="triton",
    model_format="onnx",
    protocol="v2",
    protocols=("v2", "grpc-v2"),
    newest="26.07-py3",
    run=_run,
    named=False,
    taken=frozenset(("grpc-port", "http-port", "metrics-port", "model-repository", "model-store")),
)
TORCHSCRIPT = replace(ONNX, model_format="pytorch")
REPOSITORY = replace(ONNX, model_format="triton")
SAVEDMODEL = replace(ONNX, model_format="tensorflow", newest="25.02-py3", last="25.02")
