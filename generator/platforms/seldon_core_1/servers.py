"""The servers of Seldon Core 1: the operator's prepackaged ones, and containers of one's own.

Which protocol has which image: SeldonIO/seldon-core at v1.17.1 and v1.18.2, ``predictor_servers`` in
helm-charts/seldon-core-operator/values.yaml. What each reads, and which parameters it takes: servers/*/,
operator/controllers/mlserver.go and seldondeployment_prepackaged_servers.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.platforms.base import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

PROTOCOLS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "seldon": ("seldon", "rest"),
        "tensorflow": ("tensorflow", "rest"),
        "v1": ("tensorflow", "rest"),
        "grpc-v1": ("tensorflow", "grpc"),
        "v2": ("v2", "rest"),
        "grpc-v2": ("v2", "grpc"),
    }
)
"""The service file's protocols as ``spec.protocol`` and ``spec.transport``; ``v1`` is KServe's name of TensorFlow's."""

TENSORFLOW_IMAGE, TFSERVING = "tensorflow/serving", "tfserving"
"""The server behind the proxy that speaks the protocol seldon, and the name that its container has to have."""

MLSERVER = "1.7.1"
"""The release that Seldon ships with 1.19.0-rc.1, whose operator has the same code. 1.17 and 1.18 ship 1.3.5, of 2023,
which can't load what today's libraries save."""

TRITON = "25.02-py3"
"""The last release that runs SavedModels too (triton-inference-server/server, build.py of v2.55.0). It still takes the
flag ``--strict-model-config`` that the operator passes (src/command_line_parser.cc, among the deprecated ones)."""


@dataclass(frozen=True, kw_only=True)
class SeldonServer(Server):
    """A server as Seldon Core 1 runs it; ``runtime`` is the implementation in the graph.

    Attributes:
        image: The image without a tag; empty where the container brings its own.
        tag: What comes after the release in the tag, such as ``-sklearn``.
        parameters: The parameters that it takes, by protocol, each with its values (none: any).
        own_args: Whether the operator gives it arguments, and gives none where some are there.
        configured: Whether the cluster's own seldon-config brings it, which alone knows its image and parameters.
    """

    image: str = ""
    tag: str = ""
    parameters: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    own_args: bool = False
    configured: bool = False

    @property
    def prepackaged(self) -> bool:
        """Whether the operator brings the server and fetches the model."""
        return bool(self.image) or self.configured

    def pinned(self, release: str) -> str:
        """The image of a release."""
        return f"{self.image}:{release}" if release.endswith(self.tag) else f"{self.image}:{release}{self.tag}"


def _mlserver(implementation: str, model_format: str, tag: str) -> SeldonServer:
    """MLServer with a folder that holds a model-settings.json, which says what runs the model."""
    return SeldonServer(
        runtime=implementation,
        layout="mlserver",
        model_format=model_format,
        protocol="v2",
        protocols=("v2", "grpc-v2"),
        newest=MLSERVER,
        image="seldonio/mlserver",
        tag=tag,
    )


def _any_mlserver(model_format: str) -> SeldonServer:
    """MLServer for what the operator has no server for.

    TEMPO_SERVER is MLServer for any model-settings.json: the class that the file names wins over the one that the
    operator sets by a variable. The image has all runtimes, where the ones of the other servers have one each.
    """
    return _mlserver("TEMPO_SERVER", model_format, "")


def _seldon(
    implementation: str, model_format: str, image: str, parameters: Mapping[str, tuple[str, ...]]
) -> SeldonServer:
    """Seldon's own Python server, in the operator's release."""
    return SeldonServer(
        runtime=implementation,
        layout="plain",
        model_format=model_format,
        protocol="seldon",
        image=image,
        parameters={"seldon": parameters},
    )


def _triton(model_format: str) -> SeldonServer:
    return SeldonServer(
        runtime="TRITON_SERVER",
        layout="triton",
        model_format=model_format,
        protocol="v2",
        protocols=("v2", "grpc-v2"),
        newest=TRITON,
        image="nvcr.io/nvidia/tritonserver",
        own_args=True,
    )


_TENSORFLOW = SeldonServer(
    runtime="TENSORFLOW_SERVER",
    layout="tensorflow-serving",
    model_format="tensorflow",
    protocol="tensorflow",
    protocols=("tensorflow", "v1", "grpc-v1", "seldon"),
    newest="2.20.0",
    image=TENSORFLOW_IMAGE,
    parameters={"seldon": {"signature_name": (), "model_input": (), "model_output": ()}},
    own_args=True,
)

_SKLEARN_METHODS = ("predict_proba", "predict", "decision_function")

_HUGGINGFACE_PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("task", "pretrained_model", "pretrained_tokenizer", "optimum_model"), ())
)
"""SeldonIO/MLServer 1.7.1, runtimes/huggingface/mlserver_huggingface/settings.py: the one runtime that reads them."""


def _huggingface(layout: str) -> SeldonServer:
    return SeldonServer(
        runtime="HUGGINGFACE_SERVER",
        layout=layout,
        model_format="huggingface",
        protocol="v2",
        protocols=("v2", "grpc-v2"),
        newest=MLSERVER,
        image="seldonio/mlserver",
        tag="-huggingface",
        parameters={"v2": _HUGGINGFACE_PARAMETERS},
    )


CUSTOM = SeldonServer(
    runtime="custom",
    layout="",
    model_format="custom",
    protocol="seldon",
    protocols=tuple(PROTOCOLS),
)


def on_cluster(implementation: str, _: str) -> SeldonServer:
    """A server that ``predictor_servers`` of the cluster's seldon-config has beside those that ship.

    Args:
        implementation: Its name there, which is all that tells it.
    """
    return SeldonServer(
        runtime=implementation,
        layout="plain",
        model_format=implementation,
        protocol="seldon",
        protocols=tuple(PROTOCOLS),
        configured=True,
    )


SERVERS: Mapping[str, Mapping[str, SeldonServer]] = MappingProxyType(
    {
        "savedmodel": MappingProxyType({"tensorflow-serving": _TENSORFLOW, "triton": _triton("tensorflow")}),
        "onnx": MappingProxyType({"triton": _triton("onnx"), "mlserver": _any_mlserver("onnx")}),
        "torchscript": MappingProxyType({"triton": _triton("pytorch")}),
        "triton": MappingProxyType({"triton": _triton("triton")}),
        "sklearn": MappingProxyType(
            {
                "mlserver": _mlserver("SKLEARN_SERVER", "sklearn", "-sklearn"),
                "seldon": _seldon("SKLEARN_SERVER", "sklearn", "seldonio/sklearnserver", {"method": _SKLEARN_METHODS}),
            }
        ),
        "xgboost": MappingProxyType(
            {
                "mlserver": _mlserver("XGBOOST_SERVER", "xgboost", "-xgboost"),
                "seldon": _seldon("XGBOOST_SERVER", "xgboost", "seldonio/xgboostserver", {}),
            }
        ),
        "lightgbm": MappingProxyType({"mlserver": _any_mlserver("lightgbm")}),
        "mlflow": MappingProxyType(
            {
                "mlserver": _mlserver("MLFLOW_SERVER", "mlflow", "-mlflow"),
                "seldon": _seldon(
                    "MLFLOW_SERVER", "mlflow", "seldonio/mlflowserver", {"xtype": ("ndarray", "DataFrame")}
                ),
            }
        ),
        "huggingface": MappingProxyType({"mlserver": _huggingface("mlserver"), "huggingface": _huggingface("plain")}),
        "custom": MappingProxyType({"custom": CUSTOM}),
    }
)
