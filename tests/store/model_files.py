"""The smallest files of each format that can be published, for the tests."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from onnx_bytes import of_signature
from savedmodel_bytes import saved_model, signature
from store_kit import write_files

from generator.model.artifact import Signature, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SAID = Signature("serving_default", (Tensor("x", "float32", (None, 4)),), (Tensor("y", "float32", (None, 3)),))
PICKLE = b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94."


def zipped(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def mar(**model: str) -> bytes:
    known = {"modelName": "mnist", "handler": "image_classifier", "modelVersion": "1.0", **model}
    return zipped({"MAR-INF/MANIFEST.json": json.dumps({"runtime": "python", "model": known}), "mnist.pt": "weights"})


# Format to the path that --model names, and all files there.
MODELS: dict[str, tuple[str, dict[str, bytes | str]]] = {
    "huggingface": (
        "bert",
        {
            "bert/config.json": json.dumps({"model_type": "bert", "architectures": ["BertForSequenceClassification"]}),
            "bert/model.safetensors": "weights",
            "bert/tokenizer.json": "{}",
            "bert/.gitattributes": "x",
        },
    ),
    "lightgbm": ("net.txt", {"net.txt": "tree\nversion=v4\n"}),
    "mlflow": (
        "run",
        {
            "run/MLmodel": "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 2.19.0\n",
            "run/model.pkl": PICKLE,
        },
    ),
    "onnx": ("net.onnx", {"net.onnx": of_signature(SAID)}),
    "paddle": ("net", {"net/net.pdmodel": "program", "net/net.pdiparams": "weights"}),
    "pmml": (
        "net.pmml",
        {"net.pmml": '<?xml version="1.0"?><PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"/>'},
    ),
    "savedmodel": (
        "net",
        {"net/saved_model.pb": saved_model({"serving_default": signature(SAID)}), "net/variables/index": "x"},
    ),
    "sklearn": ("net.joblib", {"net.joblib": PICKLE}),
    "torchscript": (
        "net.pt",
        {"net.pt": zipped({"net/constants.pkl": "", "net/data.pkl": ""}), "config.pbtxt": 'name: "digits"\n'},
    ),
    "torchserve": ("net.mar", {"net.mar": mar()}),
    "triton": (
        "repository",
        {
            "repository/digits/config.pbtxt": 'name: "digits"\nplatform: "ensemble"\n',
            "repository/digits/1/README": "Triton wants this folder.",
            "repository/net/1/model.onnx": "x",
        },
    ),
    "xgboost": ("net.json", {"net.json": '{"learner": {}}'}),
}


def write_model(folder: Path, model_format: str) -> Path:
    """Write the smallest model of a format; the path that --model would name."""
    path, files = MODELS[model_format]
    write_files(folder, files)
    return folder / path
