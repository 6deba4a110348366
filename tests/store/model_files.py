"""The smallest files of each format that can be published, for the tests."""

from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_bytes import of_signature
from savedmodel_bytes import saved_model, signature
from store_kit import write_files

from generator.model.artifact import Signature, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

SAID = Signature("serving_default", (Tensor("x", "float32", (None, 4)),), (Tensor("y", "float32", (None, 3)),))
PICKLE = b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94."


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def mar(**model: str) -> bytes:
    known = {"modelName": "mnist", "handler": "image_classifier", "modelVersion": "1.0", **model}
    return zipped({"MAR-INF/MANIFEST.json": json.dumps({"runtime": "python", "model": known}), "mnist.pt": "weights"})


def safetensors(tensors: Mapping[str, list[int]] | None = None, **change: object) -> bytes:
    """A file of float32 tensors by name and shape; ``change`` changes the first one's entry."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in ({"w": [2, 2]} if tensors is None else tensors).items():
        start, end = end, end + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end], **(change if not start else {})}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


def parameters(*shapes: list[int]) -> bytes:
    """Paddle's combined parameters: float32 tensors."""
    tensor = b""
    for shape in shapes:
        dimensions = b"".join(b"\x10" + bytes([each]) for each in shape)
        described = b"\x08\x05" + dimensions
        tensor += bytes(4) + bytes(8) + bytes(4) + len(described).to_bytes(4, "little") + described
        tensor += bytes(4 * math.prod(shape))
    return tensor


def layer(kind: str, name: str, **config: object) -> dict[str, object]:
    """A layer of Keras' own in its configuration."""
    dtype = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
    build = {"build_config": {"input_shape": config.pop("built")}} if "built" in config else {}
    told = {"name": name, "dtype": dtype, **config}
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": told,
        "registered_name": None,
        "name": name,
        **build,
    }


def network(*layers: dict[str, object], **change: object) -> dict[str, object]:
    """The configuration of a functional model from the first of its layers to the last."""
    ends = {"input_layers": [layers[0]["name"], 0, 0], "output_layers": [layers[-1]["name"], 0, 0]}
    config = {"name": "net", "layers": list(layers), **ends, **change}
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


INPUT = layer("InputLayer", "x", batch_shape=[None, 4], sparse=False, ragged=False)
DENSE = layer("Dense", "y", units=3, built=[None, 4])
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(5) + b"\x08" + bytes(10) + bytes(16) + (48).to_bytes(8, "little")
"""A superblock that says where the file ends, and nothing else."""


def keras(config: object = None, weights: bytes = HDF5, **files: bytes | str) -> bytes:
    """A .keras file of one dense layer, or of another configuration."""
    told = network(INPUT, DENSE) if config is None else config
    metadata = json.dumps({"keras_version": "3.15.1", "date_saved": "2026-11-28@03:25:22"})
    content = {"metadata.json": metadata, "config.json": json.dumps(told), "model.weights.h5": weights}
    return zipped({**content, **files})


PROGRAM = b"\x0a\x04\x08\x00\x10\x00\x22\x00"  # one block, and the version of the program
REAL = {file.name: file.read_bytes() for file in sorted((Path(__file__).parent / "models").iterdir())}
"""Written by XGBoost 3.2.0 and LightGBM 4.7.0: two small trees each."""

# Format to the path that --model names, and all files there.
MODELS: dict[str, tuple[str, dict[str, bytes | str]]] = {
    "huggingface": (
        "bert",
        {
            "bert/config.json": json.dumps({"model_type": "bert", "architectures": ["BertForSequenceClassification"]}),
            "bert/model.safetensors": safetensors(),
            "bert/tokenizer.json": "{}",
            "bert/.gitattributes": "x",
        },
    ),
    "keras": ("net.keras", {"net.keras": keras()}),
    "lightgbm": ("net.txt", {"net.txt": REAL["lightgbm.txt"]}),
    "mlflow": (
        "run",
        {
            "run/MLmodel": "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 2.19.0\n",
            "run/model.pkl": PICKLE,
        },
    ),
    "onnx": ("net.onnx", {"net.onnx": of_signature(SAID)}),
    "paddle": ("net", {"net/net.pdmodel": PROGRAM, "net/net.pdiparams": parameters([2, 3])}),
    "pmml": (
        "net.pmml",
        {
            "net.pmml": '<?xml version="1.0"?><PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4">'
            '<Header><Application name="JPMML-SkLearn" version="1.7.51"/></Header><TreeModel/></PMML>'
        },
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
            "repository/net/1/model.onnx": of_signature(SAID),
        },
    ),
    "xgboost": ("net.json", {"net.json": REAL["xgboost.json"]}),
}


def write_model(folder: Path, model_format: str) -> Path:
    """Write the smallest model of a format; the path that --model would name."""
    path, files = MODELS[model_format]
    write_files(folder, files)
    return folder / path
