"""The model servers: which of the runtimes that ship with KServe runs which format, and how each is told the name.

kserve/kserve v0.15.0 to v0.20.0, config/runtimes; which version of a format a runtime takes changed in 0.17.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.platforms.base import Server, numbers
from generator.platforms.kserve.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

REST = ("v1", "v2")
EVERY = (*REST, "grpc-v1", "grpc-v2")
TRITON = "26.07-py3"
"""Shipped is 23.05, whose ONNX Runtime 1.15 can't load what current exporters write."""
TRITON_WITH_TENSORFLOW = "25.02-py3"
"""The last one that runs SavedModels (triton-inference-server/server, build.py of v2.55.0 and v2.56.0)."""


class Named(Enum):
    """How a server is told under which name it answers, where that isn't the InferenceService's."""

    ARGUMENT = "an argument"
    VARIABLE = "a variable"
    FOLDER = "the layout"
    UNKNOWN = "its own matter"


@dataclass(frozen=True, kw_only=True)
class KServeServer(Server):
    """A server as KServe runs it.

    Attributes:
        named: How it is told its name.
        flag: The argument that names it.
        arguments: Whether ``model.parameters`` become arguments.
        versions: The format's versions that the runtime takes, by the first release of KServe with them.
        paths: Whether it answers under the paths of the V1 and V2 protocols.
        ready: Where it says over HTTP that the model is loaded, for servers that answer before; empty for most.
        grpc: The port where it speaks gRPC, 0 where it doesn't or nobody here knows.
        own: Whether the runtime is rendered, from the user's container.
        alone: Whether the container needs no runtime at all.
        merged: What it asks for and has at most where the user says nothing; empty where nobody here knows.
    """

    named: Named = Named.ARGUMENT
    flag: str = "--model_name"
    arguments: bool = True
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: bool = True
    ready: str = ""
    grpc: int = 0
    own: bool = False
    alone: bool = False
    merged: Mapping[str, str] = field(default_factory=shipped)

    def taken(self, release: str) -> tuple[str, ...]:
        """The versions of the format that the runtime takes in a release; empty for any."""
        held = [taken for since, taken in self.versions.items() if numbers(since) <= numbers(release)]
        return held[-1] if held else ()


def _kserve(runtime: str, model_format: str, **versions: tuple[str, ...]) -> KServeServer:
    """One of KServe's own servers in Python; ``v15`` and ``v17`` name the versions from that release on."""
    named = {f"0.{key[1:]}": taken for key, taken in versions.items()}
    return KServeServer(
        runtime=runtime, layout="plain", model_format=model_format, protocol="v1", protocols=REST, versions=named
    )


def _mlserver(model_format: str, *versions: str) -> KServeServer:
    return KServeServer(
        runtime="kserve-mlserver",
        layout="mlserver",
        model_format=model_format,
        protocol="v2",
        named=Named.VARIABLE,
        arguments=False,
        ready="/v2/health/ready",
        versions={"0.15": versions},
    )


def _triton(model_format: str, *versions: str, newest: str = TRITON) -> KServeServer:
    return KServeServer(
        runtime="kserve-tritonserver",
        layout="triton",
        model_format=model_format,
        protocol="v2",
        protocols=("v2", "grpc-v2"),
        newest=newest,
        named=Named.FOLDER,
        grpc=9000,
        versions={"0.15": versions},
    )


def _own(model_format: str) -> KServeServer:
    """A server of the user's for a known format: a ServingRuntime is rendered for it."""
    return KServeServer(
        runtime="custom",
        layout="plain",
        model_format=model_format,
        protocol="v1",
        protocols=EVERY,
        named=Named.UNKNOWN,
        arguments=False,
        own=True,
        merged=MappingProxyType({}),
    )


def on_cluster(model_format: str, runtime: str) -> KServeServer:
    """A ServingRuntime that is on the cluster already, which alone knows its protocols, its ports and its image.

    Args:
        model_format: The format as the runtime names it.
        runtime: Its name; empty where KServe chooses one by the format.
    """
    return KServeServer(
        runtime=runtime,
        layout="plain",
        model_format=model_format,
        protocol="",
        protocols=("", *EVERY),
        named=Named.UNKNOWN,
        arguments=False,
        merged=MappingProxyType({}),
    )


def _of(**servers: KServeServer) -> Mapping[str, KServeServer]:
    """The servers of a format by their names in service files, the default first."""
    return MappingProxyType({name.replace("_", "-"): server for name, server in servers.items()})


_TENSORFLOW_SERVING = KServeServer(
    runtime="kserve-tensorflow-serving",
    layout="tensorflow-serving",
    model_format="tensorflow",
    protocol="v1",
    protocols=("v1", "grpc-v1"),
    newest="2.20.0",
    grpc=9000,
    versions={"0.15": ("1", "2")},
)
_TORCHSERVE = KServeServer(
    runtime="kserve-torchserve",
    layout="torchserve",
    model_format="pytorch",
    protocol="v1",
    protocols=("v1", "v2", "grpc-v2"),
    named=Named.FOLDER,
    arguments=False,
    grpc=7070,
    versions={"0.15": ("1",)},
)
_HUGGINGFACE = KServeServer(
    runtime="kserve-huggingfaceserver",
    layout="plain",
    model_format="huggingface",
    protocol="v2",
    protocols=("v2", "v1"),
    versions={"0.15": ("1",)},
)
_VLLM = KServeServer(
    runtime="kserve-vllmserver",
    layout="plain",
    model_format="vLLM",
    protocol="v2",
    since="0.20",
    flag="--served-model-name",
    versions={"0.20": ("1",)},
    paths=False,
)
_ALONE = KServeServer(
    runtime="custom",
    layout="plain",
    model_format="custom",
    protocol="v1",
    protocols=REST,
    named=Named.UNKNOWN,
    arguments=False,
    alone=True,
)

SERVERS: Mapping[str, Mapping[str, KServeServer]] = MappingProxyType(
    {
        "savedmodel": _of(
            tensorflow_serving=_TENSORFLOW_SERVING,
            triton=_triton("tensorflow", "1", "2", newest=TRITON_WITH_TENSORFLOW),
            custom=_own("tensorflow"),
        ),
        "onnx": _of(triton=_triton("onnx", "1"), custom=_own("onnx")),
        "pmml": _of(kserve=_kserve("kserve-pmmlserver", "pmml", v15=("3", "4")), custom=_own("pmml")),
        "sklearn": _of(
            kserve=_kserve("kserve-sklearnserver", "sklearn", v15=("1",)),
            mlserver=_mlserver("sklearn", "0", "1"),
            custom=_own("sklearn"),
        ),
        "xgboost": _of(
            kserve=_kserve("kserve-xgbserver", "xgboost", v15=("1",), v17=("2",)),
            mlserver=_mlserver("xgboost", "1", "2"),
            custom=_own("xgboost"),
        ),
        "lightgbm": _of(
            kserve=_kserve("kserve-lgbserver", "lightgbm", v15=("3",), v17=("4",)),
            mlserver=_mlserver("lightgbm", "3", "4"),
            custom=_own("lightgbm"),
        ),
        "torchserve": _of(torchserve=_TORCHSERVE),
        "torchscript": _of(triton=_triton("pytorch", "1"), custom=_own("pytorch")),
        "mlflow": _of(mlserver=_mlserver("mlflow", "1", "2"), custom=_own("mlflow")),
        "huggingface": _of(huggingface=_HUGGINGFACE, vllm=_VLLM, custom=_own("huggingface")),
        "triton": _of(triton=_triton("triton", "2")),
        "paddle": _of(kserve=_kserve("kserve-paddleserver", "paddle", v15=("2",)), custom=_own("paddle")),
        "custom": _of(custom=_ALONE),
    }
)
"""Format to runtime to server; the first is the format's default."""

PREDICT: Mapping[str, str] = MappingProxyType({"v1": "/v1/models/{}:predict", "v2": "/v2/models/{}/infer"})
"""Where a model is asked (pkg/constants/constants.go, ``PredictPath``)."""


def naming(server: KServeServer, name: str) -> dict[str, Any]:
    """What makes a server answer to a name that isn't its InferenceService's.

    Arguments are put behind the runtime's own, and the last one wins; the variable is set by the controller only
    where it isn't there (inference_service_defaults.go, ``SetMlServerDefaults``).
    """
    if server.named is Named.ARGUMENT:
        return {"args": [f"{server.flag}={name}"]}
    if server.named is Named.VARIABLE:
        return {"env": [{"name": "MLSERVER_MODEL_NAME", "value": name}]}
    return {}
