"""The model servers of Seldon Core 2: MLServer and Triton, and by which words a Model asks for one.

Capabilities are compared letter by letter (scheduler/pkg/scheduler/filters/serverrequirements.go, v2.10.2); these are
the ones of the shipped ServerConfigs (k8s/helm-charts/seldon-core-v2-setup/values.yaml). Each of the formats' own words
is in one of the two only, so that one word is enough; ``python`` is in both, so it needs the server's word beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from generator.platforms.base import Server


@dataclass(frozen=True, kw_only=True)
class Core2Server(Server):
    """A server, and how Core 2 speaks of it.

    Attributes:
        capabilities: What a Model for it requires.
        image: The image of its container, without the tag.
        parameters: Whether the agent hands a Model's parameters on to it.
    """

    capabilities: tuple[str, ...]
    image: str
    parameters: bool

    @property
    def container(self) -> str:
        """Its container in the pods of a Server of the shipped configurations, which are named like it."""
        return self.runtime


PROTOCOLS = ("v2", "grpc-v2")
"""Both at the same address: Envoy tells them apart by the path (scheduler/pkg/envoy/xdscache/resource.go)."""


def _mlserver(model_format: str, *capabilities: str) -> Core2Server:
    """MLServer; the agent writes a Model's parameters into model-settings.json, as ``extra``."""
    return Core2Server(
        runtime="mlserver",
        layout="mlserver",
        model_format=model_format,
        protocol="v2",
        protocols=PROTOCOLS,
        capabilities=capabilities,
        image="docker.io/seldonio/mlserver",
        parameters=True,
    )


def _triton(model_format: str, capability: str) -> Core2Server:
    """Triton; the agent leaves parameters out for it (scheduler/pkg/agent/repository/triton/triton.go)."""
    return Core2Server(
        runtime="triton",
        layout="triton",
        model_format=model_format,
        protocol="v2",
        protocols=PROTOCOLS,
        capabilities=(capability,),
        image="nvcr.io/nvidia/tritonserver",
        parameters=False,
    )


SERVERS = MappingProxyType(
    {
        "savedmodel": MappingProxyType({"triton": _triton("tensorflow", "tensorflow")}),
        "onnx": MappingProxyType(
            {
                "triton": _triton("onnx", "onnx"),
                # MLServer has no runtime of its own for ONNX: the layout brings one, a Python class.
                "mlserver": _mlserver("onnx", "mlserver", "python"),
            }
        ),
        "torchscript": MappingProxyType({"triton": _triton("pytorch", "pytorch")}),
        "triton": MappingProxyType({"triton": _triton("triton", "triton")}),
        "sklearn": MappingProxyType({"mlserver": _mlserver("sklearn", "sklearn")}),
        "xgboost": MappingProxyType({"mlserver": _mlserver("xgboost", "xgboost")}),
        "lightgbm": MappingProxyType({"mlserver": _mlserver("lightgbm", "lightgbm")}),
        "mlflow": MappingProxyType({"mlserver": _mlserver("mlflow", "mlflow")}),
        "huggingface": MappingProxyType({"mlserver": _mlserver("huggingface", "huggingface")}),
        # What it takes to run it stands in model.requirements.
        "custom": MappingProxyType({"mlserver": _mlserver("custom")}),
    }
)
