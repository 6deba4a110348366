"""MLServer: ``model-settings.json`` and the model beside it.

Which class runs the model, and where it lies, from the settings' own folder. The name is left out: platforms set it by
``MLSERVER_MODEL_NAME`` or write it into the file (SeldonIO/MLServer 1.7.1, mlserver/repository/load.py; tried with
mlserver 1.7.1: the variable names the model, and the file wins over ``MLSERVER_MODEL_URI`` and
``MLSERVER_MODEL_IMPLEMENTATION``). Only keys stand there that Seldon Core 2's agent keeps when it rewrites the file
(SeldonIO/seldon-core v2.10.2, scheduler/pkg/agent/repository/mlserver/settings.go).

MLServer 1.7 has no runtime for ONNX (SeldonIO/MLServer #2360), so one of ours lies beside an ONNX model. The image
``seldonio/mlserver`` with all runtimes has the ONNX Runtime that it needs, through mlserver-huggingface; the slim
images and those of one runtime (``…-sklearn``, which Seldon Core 1 uses) lack it. For PMML there is no runtime either,
and none could be: its evaluators need Java, which the image doesn't have.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place
from generator.model.tensors import DATATYPES
from generator.store.layouts.base import Arrange, Layout, Parts, asked, with_beside

if TYPE_CHECKING:
    from generator.model.artifact import Tensor
    from generator.store.formats.base import Model, Say

SETTINGS = "model-settings.json"
OURS = "serinus_onnx.py"
# transformers names a class after its use; the pipeline's name for that: transformers, src/transformers/pipelines.
TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "ForImageClassification": "image-classification",
}


def _one_file(implementation: str) -> Arrange:
    """A layout of a model that is one file."""

    def arrange(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
        settings = _settings(implementation, {"uri": f"./{model.name}"})
        return Parts(with_beside(model), {**settings, **asked(model, "v2")})

    return arrange


def _mlflow(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    settings = _settings("mlserver_mlflow.MLflowRuntime", {"uri": "./model"})
    return Parts({"model": model.path}, {**settings, **asked(model, "v2")})


def _huggingface(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    """The snapshot beside the settings, without a uri: a relative one would start where MLServer was started.

    Without one it is the folder of the settings. Source: SeldonIO/MLServer 1.7.1,
    runtimes/huggingface/mlserver_huggingface/common.py; mlserver/repository/load.py.
    """
    architectures = model.facts["architectures"]
    tasks = [task for name in architectures for ending, task in TASKS.items() if name.endswith(ending)]
    if not tasks:
        raise InputError(
            f"MLServer has to be told the task, and {', '.join(architectures) or 'no architecture'} doesn't say it.",
            fix=f"It is known of the architectures {', '.join(f'…{ending}' for ending in TASKS)}.",
            place=Place(str(model.path / "config.json")),
        )
    settings = _settings("mlserver_huggingface.HuggingFaceRuntime", {"extra": {"task": tasks[0]}})
    return Parts({"": model.path}, {**settings, **asked(model, "v2")})


def _onnx(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    if model.signature is None:
        raise InputError(
            f"MLServer answers with tensors, and {model.unsaid}.",
            fix="Export the model with plain tensors. A classifier of scikit-learn: options={'zipmap': False}.",
            place=Place(str(model.path)),
        )
    seen = {
        "inputs": [_metadata(tensor) for tensor in model.signature.inputs],
        "outputs": [_metadata(tensor) for tensor in model.signature.outputs],
    }
    ours = files("generator.store").joinpath("served", OURS).read_bytes()
    settings = _settings("serinus_onnx.OnnxModel", {"uri": f"./{model.name}"}, seen)
    return Parts(with_beside(model), {**settings, OURS: ours, **asked(model, "v2")})


def _metadata(tensor: Tensor) -> dict[str, Any]:
    if tensor.dtype not in DATATYPES:
        raise InputError(
            f"'{tensor.name}' is of the type {tensor.dtype}, which the V2 protocol doesn't have.",
            fix=f"Cast it in the model to one of: {', '.join(DATATYPES)}.",
        )
    shape = [-1 if size is None else size for size in tensor.shape]
    return {"name": tensor.name, "datatype": DATATYPES[tensor.dtype], "shape": shape}


def _settings(implementation: str, parameters: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, bytes]:
    content = {"implementation": implementation, "parameters": parameters, **(more or {})}
    return {SETTINGS: (json.dumps(content, indent=2) + "\n").encode()}


LAYOUT = Layout(
    "mlserver",
    {
        "huggingface": _huggingface,
        "lightgbm": _one_file("mlserver_lightgbm.LightGBMModel"),
        "mlflow": _mlflow,
        "onnx": _onnx,
        "sklearn": _one_file("mlserver_sklearn.SKLearnModel"),
        "xgboost": _one_file("mlserver_xgboost.XGBoostModel"),
    },
)
