"""The model's own files and nothing beside them, under the names that servers look for.

So read KServe's Python servers (exactly one file of their ending at the top of the folder; even a stray ``.json`` stops
xgbserver), Seldon Core 1's servers of the seldon protocol (``model.joblib``, ``model.bst``, an MLflow folder), KServe's
Hugging Face server and vLLM (a snapshot folder). Sources: kserve/kserve v0.20.0, python/<server>/<server>/model.py;
SeldonIO/seldon-core v1.18.2, servers/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.layouts.base import Layout, Parts, asked, with_beside

if TYPE_CHECKING:
    from generator.store.formats.base import Model, Say


def _files(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    return Parts(with_beside(model), asked(model, "v1", "v2"))


def _folder(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    return Parts({"": model.path}, asked(model, "v1", "v2"))


LAYOUT = Layout(
    "plain",
    {
        "huggingface": _folder,
        "keras": _files,
        "lightgbm": _files,
        "mlflow": _folder,
        "onnx": _files,
        "paddle": _files,
        "pmml": _files,
        "sklearn": _files,
        "xgboost": _files,
    },
)
