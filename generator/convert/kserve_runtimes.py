"""The runtimes that KServe ships: which format and protocol each is chosen for, and the image that it runs.

Sources: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go, predictor_model.go
(``GetSupportingRuntimes``), config/runtimes at each release (images).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator import platforms
from generator.platforms.base import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.platforms.base import Server

V2_FORMATS = ("triton", "vLLM")
V2_RUNTIMES = ("kserve-mlserver", "kserve-tritonserver")
"""Runtimes that get protocol v2 where the manifest names them and no protocol (``SetRuntimeDefaults``)."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "tensorflow": "savedmodel",
        "onnx": "onnx",
        "pmml": "pmml",
        "sklearn": "sklearn",
        "xgboost": "xgboost",
        "lightgbm": "lightgbm",
        "mlflow": "mlflow",
        "huggingface": "huggingface",
        "paddle": "paddle",
        "triton": "triton",
        "pytorch": "torchserve",
        "vLLM": "huggingface",
    }
)
"""KServe's names of formats to ours."""

RUNTIMES: Mapping[str, str] = MappingProxyType(
    {
        "kserve-tensorflow-serving": "tensorflow-serving",
        "kserve-sklearnserver": "kserve",
        "kserve-xgbserver": "kserve",
        "kserve-lgbserver": "kserve",
        "kserve-pmmlserver": "kserve",
        "kserve-paddleserver": "kserve",
        "kserve-mlserver": "mlserver",
        "kserve-tritonserver": "triton",
        "kserve-torchserve": "torchserve",
        "kserve-huggingfaceserver": "huggingface",
        "kserve-vllmserver": "vllm",
    }
)
"""The runtimes that KServe ships to ours."""

CHOSEN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "tensorflow": MappingProxyType(
            {
                "v1": "kserve-tensorflow-serving",
                "grpc-v1": "kserve-tensorflow-serving",
                "v2": "kserve-tritonserver",
                "grpc-v2": "kserve-tritonserver",
            }
        ),
        "sklearn": MappingProxyType({"v1": "kserve-sklearnserver", "v2": "kserve-mlserver"}),
        "xgboost": MappingProxyType({"v1": "kserve-xgbserver", "v2": "kserve-mlserver"}),
        "lightgbm": MappingProxyType({"v1": "kserve-lgbserver", "v2": "kserve-mlserver"}),
        "mlflow": MappingProxyType({"v2": "kserve-mlserver"}),
        "pytorch": MappingProxyType(
            {"v1": "kserve-torchserve", "v2": "kserve-torchserve", "grpc-v2": "kserve-torchserve"}
        ),
        "onnx": MappingProxyType({"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"}),
        "triton": MappingProxyType({"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"}),
        "huggingface": MappingProxyType({"v1": "kserve-huggingfaceserver", "v2": "kserve-huggingfaceserver"}),
        "pmml": MappingProxyType({"v1": "kserve-pmmlserver", "v2": "kserve-pmmlserver"}),
        "paddle": MappingProxyType({"v1": "kserve-paddleserver", "v2": "kserve-paddleserver"}),
        "vLLM": MappingProxyType({"v1": "kserve-vllmserver", "v2": "kserve-vllmserver"}),
    }
)
"""Format and protocol to the shipped runtime that is chosen where the manifest names none."""

IMAGES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "kserve-tensorflow-serving": (("0.15", "2.6.2"),),
        "kserve-tritonserver": (("0.15", "23.05-py3"),),
        "kserve-torchserve": (("0.15", "0.9.0"),),
        "kserve-mlserver": (("0.15", "1.5.0"), ("0.18", "1.7.1")),
    }
)
"""The tags that the shipped runtimes run, and the release of KServe since when (config/runtimes/kustomization.yaml)."""

WITH_GPU = ("kserve-tensorflow-serving", "kserve-torchserve")
"""Runtimes whose tag gets ``-gpu`` where a GPU is asked for and no version is named (``UpdateImageTag``)."""


def servers() -> Mapping[str, Mapping[str, Server]]:
    """KServe's runtimes by our names of formats; none where the platform isn't there."""
    platform = platforms.platforms().get("kserve")
    return platform.servers if platform else {}


def ships(release: str, ours: str, theirs: str, runtime: object) -> bool:
    """Whether a release of KServe ships a runtime by that name, and it runs the format under that name.

    Args:
        release: The release by minor.
        ours: The format as service files call it.
        theirs: The format as KServe calls it.
        runtime: The runtime's name on the cluster.
    """
    if not isinstance(runtime, str):
        return False
    server = servers().get(ours, {}).get(RUNTIMES.get(runtime, ""))
    if server is None or (server.runtime, server.model_format) != (runtime, theirs):
        return False
    return not server.since or numbers(server.since) <= numbers(release)


def tag(release: str, ours: str, runtime: str) -> str | None:
    """The image's tag that a release ships, where Serinus would otherwise write a newer one.

    Args:
        release: The release by minor.
        ours: The format as service files call it.
        runtime: The runtime's name on the cluster.
    """
    server = servers().get(ours, {}).get(RUNTIMES.get(runtime, ""))
    return shipped(release, runtime) if server and server.newest else None


def shipped(release: str, runtime: str) -> str | None:
    """The image's tag that a release ships in a runtime; None where it is KServe's own of that release."""
    here = numbers(release)
    return next((each for since, each in reversed(IMAGES.get(runtime, ())) if numbers(since) <= here), None)
