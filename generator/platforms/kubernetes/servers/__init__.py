"""The model servers of plain Kubernetes: format to the runtime's name in service files to the server."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.platforms.kubernetes.servers import custom, kserve, mlserver, tensorflow, torchserve, triton, vllm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.platforms.kubernetes.servers.base import ModelServer

SERVERS: Mapping[str, Mapping[str, ModelServer]] = MappingProxyType(
    {
        "savedmodel": MappingProxyType({"tensorflow-serving": tensorflow.SAVEDMODEL, "triton": triton.SAVEDMODEL}),
        "onnx": MappingProxyType({"triton": triton.ONNX, "mlserver": mlserver.ONNX}),
        "pmml": MappingProxyType({"kserve": kserve.PMML}),
        "torchserve": MappingProxyType({"torchserve": torchserve.TORCHSERVE}),
        "torchscript": MappingProxyType({"triton": triton.TORCHSCRIPT}),
        "sklearn": MappingProxyType({"kserve": kserve.SKLEARN, "mlserver": mlserver.SKLEARN}),
        "xgboost": MappingProxyType({"kserve": kserve.XGBOOST, "mlserver": mlserver.XGBOOST}),
        "lightgbm": MappingProxyType({"kserve": kserve.LIGHTGBM, "mlserver": mlserver.LIGHTGBM}),
        "mlflow": MappingProxyType({"mlserver": mlserver.MLFLOW}),
        "huggingface": MappingProxyType(
            {"huggingface": kserve.HUGGINGFACE, "vllm": vllm.HUGGINGFACE, "mlserver": mlserver.HUGGINGFACE}
        ),
        "triton": MappingProxyType({"triton": triton.REPOSITORY}),
        "paddle": MappingProxyType({"kserve": kserve.PADDLE}),
        "custom": MappingProxyType({"custom": custom.CUSTOM}),
    }
)
"""The first of a format is its default."""
