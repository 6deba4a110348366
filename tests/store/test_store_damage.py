"""A model that isn't whole is refused, whatever its format, by what its own files announce; and who wrote it is known."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_files import MODELS, REAL, SAID, mar, parameters, safetensors, write_model, zipped
from onnx_bytes import of_signature
from savedmodel_bytes import saved_model, signature
from store_kit import write_files

from generator.errors import InputError, OutsideError
from generator.store.bring import artifact_from_model
from generator.store.contents import outline
from generator.store.contents.damage import DamagedError
from generator.store.layouts import of_format

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.artifact import Artifact


def bring(path: Path, model_format: str, told: list[str] | None = None) -> Artifact:
    say = (told if told is not None else []).append
    layout = "plain" if "plain" in of_format(model_format) else of_format(model_format)[0]
    return artifact_from_model(path, model_format, (layout,), "digits", say)


CONFIG = json.dumps({"model_type": "bert", "architectures": ["BertModel"], "transformers_version": "4.57.1"})
FLAVORS = """\
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.skops
    python_version: 3.11.7
  sklearn:
    pickled_model: 'model.skops'
    serialization_format: skops
    sklearn_version: 1.9.1
mlflow_version: 3.17.2
"""
LIGHTGBM = REAL["lightgbm.txt"].decode()
XGBOOST = REAL["xgboost.json"].decode()


@pytest.mark.parametrize(
    ("model_format", "files", "reason"),
    [
        ("sklearn", {"net.joblib": "hello"}, "it is no pickle"),
        ("sklearn", {"net.pkl": "<html>"}, "it is no pickle"),
        ("sklearn", {"net.joblib": b"x\x9cno zlib"}, "what it holds in compressed form is damaged"),
        ("sklearn", {"net.pkl": b"\x80\x04N"}, "it was cut off"),
        ("xgboost", {"net.json": '{"version":[3,2,0]}'}, "it has no learner.learner_model_param"),
        ("xgboost", {"net.json": '{"a": 1}'}, "so it is no model of XGBoost"),
        ("xgboost", {"net.json": XGBOOST[:-2]}, "it was cut off"),
        (
            "xgboost",
            {"net.json": XGBOOST.replace('"num_trees":"2"', '"num_trees":"3"')},
            "it announces 3 trees and holds 2",
        ),
        ("xgboost", {"net.json": '{"learner":]'}, "its brackets don't match"),
        ("xgboost", {"net.json": '{"a":' * 1000}, "nested more than 500 levels deep"),
        ("xgboost", {"net.ubj": "{" + "x" * 50}, "it is no UBJSON"),
        ("xgboost", {"net.bst": "hello" * 500}, "it names no booster"),
        (
            "xgboost",
            {"net.json": XGBOOST.replace('"model":{', '"settings":{')},
            "it holds the settings of a booster without the model",
        ),
        ("lightgbm", {"net.txt": "tree\nversion=v4\n"}, "it holds no trees"),
        ("lightgbm", {"net.txt": LIGHTGBM[:600]}, "it was cut off"),
        ("lightgbm", {"net.txt": LIGHTGBM.replace("leaf_count", "leaf_counts", 1)}, "aren't of the sizes"),
        ("lightgbm", {"net.txt": LIGHTGBM.replace("\n", "\r\n")}, "aren't of the sizes|it was cut off"),
        ("lightgbm", {"net.txt": "tree\ntree_sizes=x\n"}, "are no numbers"),
        ("lightgbm", {"net.txt": "tree\ntree_sizes=\n\nend of trees\n"}, "it holds no trees"),
        ("mlflow/run", {"run/MLmodel": FLAVORS}, "it names 'model.skops', which isn't there"),
        ("mlflow/run", {"run/MLmodel": FLAVORS.replace("model.skops", "../x")}, "it names '../x', which lies outside"),
        ("mlflow/run", {"run/MLmodel": FLAVORS.replace("model.skops", "/etc/passwd")}, "which lies outside"),
        (
            "mlflow/run",
            {
                "run/MLmodel": "flavors:\n  python_function:\n    artifacts:\n      x:\n        path: artifacts/x\n"
                "        uri: s3://b/x\n    loader_module: mlflow.pyfunc\n"
            },
            "it names 'artifacts/x', which isn't there",
        ),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": safetensors()[:60]}, "it was cut off"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": safetensors()[:-1]}, "it was cut off"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": safetensors() + b"x"}, "behind its last"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": b"x"}, "it was cut off"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": b"\xff" * 99}, "it is no safetensors file"),
        (
            "huggingface/b",
            {"b/config.json": CONFIG, "b/model.safetensors": safetensors(shape=[2, 3])},
            "has another size than its type and shape say",
        ),
        (
            "huggingface/b",
            {"b/config.json": CONFIG, "b/model.safetensors": safetensors(data_offsets=[4, 20])},
            "overlap, or something lies between",
        ),
        ("huggingface/b", {"b/config.json": CONFIG, "b/pytorch_model.bin": "text"}, "torch.save wrote no such file"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/a.bin": zipped({"a/data.pkl": "x"})[:-30]}, "cut off"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.h5": b"\x89HDF\r\n\x1a\n\x00"}, "it was cut off"),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.gguf": "text"}, "it is no GGUF file"),
        (
            "huggingface/b",
            {
                "b/config.json": CONFIG,
                "b/model-1.safetensors": safetensors(),
                "b/model.safetensors.index.json": '{"weight_map": {"w": "model-1.safetensors", "v": "model-2.safetensors"}}',
            },
            "it names 'model-2.safetensors', which isn't there",
        ),
        (
            "huggingface/b",
            {
                "b/config.json": CONFIG,
                "b/model-1.safetensors": safetensors(),
                "b/model.safetensors.index.json": '{"weight_map": {"v": "model-1.safetensors"}}',
            },
            "it says that 'v' lies in model-1.safetensors, which doesn't hold it",
        ),
        ("huggingface/b", {"b/config.json": r'{"architectures": ["\ud800"]}', "b/a.bin": "x"}, "names of classes"),
        ("huggingface/b", {"b/config.json": r'{"architectures": ["A\u001b[31m"]}', "b/a.bin": "x"}, "names of classes"),
        (
            "savedmodel/net",
            {"net/saved_model.pb": saved_model({"serving_default": signature(SAID)}, ops=["VarHandleOp", "RestoreV2"])},
            r"its graph has variables \(VarHandleOp\), and variables/variables.index.*is missing",
        ),
        (
            "savedmodel/net",
            {
                "net/saved_model.pb": saved_model({"serving_default": signature(SAID)}),
                "net/variables/variables.index": "x" * 99,
            },
            "variables.index was cut off",
        ),
        ("torchserve", {"net.mar": mar(serializedFile="gone.pt")}, "names the serializedFile 'gone.pt'"),
        ("torchserve", {"net.mar": mar(handler="mine.py:go")}, "names the handler 'mine.py', which it doesn't hold"),
        ("torchserve", {"net.mar": mar(modelVersion="\ud800")}, "none that TorchServe could be asked for"),
        ("torchserve", {"net.mar": mar(modelVersion="1\n::error::x")}, "none that TorchServe could be asked for"),
        ("torchserve", {"net.mar": mar()[:-5]}, "it is no zip file, or was cut off"),
        ("pmml", {"net.pmml": "<PMML version='4.4'><Header/></PMML>"}, "it holds no model"),
        ("paddle/net", {"net/a.pdmodel": "program", "net/a.pdiparams": parameters([2])}, "wire type|isn't|ends|longer"),
        ("paddle/net", {"net/a.json": "[", "net/a.pdiparams": parameters([2])}, "it was cut off"),
        ("paddle/net", {"net/a.json": "{}", "net/a.pdiparams": parameters([2, 9])[:-1]}, "it was cut off"),
        ("triton/.", {"net/1/model.onnx": "x"}, "it is no ONNX model"),
        ("triton/.", {"net/1/README": "x", "net/config.pbtxt": 'backend: "python"'}, "it holds no model.py"),
        ("triton/.", {"net/1/README": "x", "net/config.pbtxt": 'platform: "onnxruntime_onnx"'}, "holds no model.onnx"),
        ("triton/.", {"net/1/model.pt": "weights"}, "it is no zip file"),
        (
            "triton/.",
            {"net/1/model.savedmodel/saved_model.pb": saved_model(ops=["VariableV2", "RestoreV2"])},
            r"has variables \(VariableV2\)",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_not_whole_is_refused(tmp_path: Path, model_format: str, files: dict[str, Any], reason: str) -> None:
    write_files(tmp_path, files)
    model_format, _, path = model_format.partition("/")
    with pytest.raises(InputError, match=reason) as caught:
        bring(tmp_path / (path or next(iter(files))), model_format)
    assert caught.value.fix
    str(caught.value).encode()


SINGLE = {"huggingface": "bert/model.safetensors", "torchserve": "net.mar", "pmml": "net.pmml"}


@pytest.mark.parametrize("model_format", ["xgboost", "lightgbm", *SINGLE])
def test_a_file_that_was_cut_anywhere_is_refused(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    file = tmp_path / SINGLE.get(model_format, path.name)
    content = file.read_bytes()
    # What follows the trees of a LightGBM model, its settings, isn't needed to load it.
    end = content.index(b"end of trees") if model_format == "lightgbm" else len(content.rstrip())
    for cut in range(0, end, max(1, end // 100)):
        file.write_bytes(content[:cut])
        with pytest.raises(InputError):
            bring(path, model_format)


def test_a_ubjson_that_was_cut_anywhere_is_refused() -> None:
    content = REAL["xgboost.ubj"]
    assert outline.of_ubjson(content).numbers["version",] == [3, 2, 0]
    for cut in range(len(content)):
        with pytest.raises(DamagedError):
            outline.of_ubjson(content[:cut])


def gguf(kind: int, shape: list[int], data: int) -> bytes:
    """A GGUF file with a few settings and two tensors of which the second has that type and shape."""

    def text(value: bytes) -> bytes:
        return len(value).to_bytes(8, "little") + value

    def whole(value: int, width: int = 4) -> bytes:
        return value.to_bytes(width, "little")

    settings = [
        text(b"general.name") + whole(8) + text(b"net"),
        text(b"general.alignment") + whole(4) + whole(64),
        text(b"tokens") + whole(9) + whole(8) + whole(2, 8) + text(b"a") + text(b"bc"),
        text(b"scores") + whole(9) + whole(6) + whole(2, 8) + bytes(8),
    ]
    second = text(b"w") + whole(len(shape)) + b"".join(whole(each, 8) for each in shape) + whole(kind) + whole(64, 8)
    first = text(b"b") + whole(1) + whole(4, 8) + whole(0) + whole(0, 8)
    head = b"GGUF" + whole(3) + whole(2, 8) + whole(len(settings), 8) + b"".join(settings) + first + second
    return head + bytes(-len(head) % 64) + bytes(data)


@pytest.mark.parametrize(
    ("kind", "shape", "data"),
    [(0, [4, 4], 64 + 64), (1, [4, 4], 64 + 32), (8, [64, 2], 64 + 4 * 34), (99, [64, 2], 65)],
)
def test_a_gguf_is_as_long_as_its_tensors_say(tmp_path: Path, kind: int, shape: list[int], data: int) -> None:
    content = gguf(kind, shape, data)
    write_files(tmp_path, {"b/config.json": CONFIG, "b/model.gguf": content})
    bring(tmp_path / "b", "huggingface")
    for cut in range(1, len(content), 3):
        write_files(tmp_path, {"b/model.gguf": content[: len(content) - cut]})
        with pytest.raises(InputError):
            bring(tmp_path / "b", "huggingface")


# --- outlines --------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(st.binary(max_size=60), st.integers(0, 2342), st.integers(0, 255))
def test_any_bytes_have_an_outline_or_not(content: bytes, at: int, byte: int) -> None:
    bent = bytearray(REAL["xgboost.ubj"])
    bent[at] = byte
    for read in (outline.of_json, outline.of_ubjson):
        for each in (content, b"{" + content, bytes(bent)):
            with contextlib.suppress(DamagedError):
                read(each)


@pytest.mark.parametrize("piece", ['{"a":[', '"', '\\"', "[", "{}", '"a":', '{"a":{"b":1},', " "])
def test_an_outline_is_linear(piece: str) -> None:
    times = []
    for size in (30_000, 300_000):
        started = time.process_time()
        with contextlib.suppress(DamagedError):
            outline.of_json(b"{" + piece.encode() * (size // len(piece)))
        times.append(time.process_time() - started)
    assert times[1] < 1 + 20 * times[0]  # quadratic, it takes minutes


# --- who wrote it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model_format", "files", "written_by"),
    [
        ("xgboost", {"net.ubj": REAL["xgboost.ubj"]}, {"xgboost": "3.2.0"}),
        ("xgboost", {"net.json": REAL["xgboost.json"]}, {"xgboost": "3.2.0"}),
        ("xgboost", {"net.bst": REAL["xgboost.ubj"]}, {"xgboost": "3.2.0"}),
        ("lightgbm", {"net.txt": LIGHTGBM}, {"lightgbm": "4.0"}),
        ("lightgbm", {"net.txt": LIGHTGBM.replace("version=v4", "version=v3")}, None),
        ("mlflow/run", {"run/MLmodel": FLAVORS, "run/model.skops": "x"}, {"scikit-learn": "1.9.1", "mlflow": "3.17.2"}),
        ("huggingface/b", {"b/config.json": CONFIG, "b/model.safetensors": safetensors()}, {"transformers": "4.57.1"}),
        (
            "huggingface/b",
            {"b/config.json": '{"model_type": "x", "transformers_version": "\\ud800"}', "b/a.bin": "x"},
            None,
        ),
        ("pmml", MODELS["pmml"][1], {"JPMML-SkLearn": "1.7.51"}),
        ("onnx", {"net.onnx": of_signature(SAID) + b"\x12\x07pytorch\x1a\x052.5.1"}, {"pytorch": "2.5.1"}),
        ("onnx", {"net.onnx": of_signature(SAID) + b"\x12\x03\x1b[3\x1a\x052.5.1"}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_wrote_a_model_stands_in_its_record(tmp_path: Path, model_format: str, files, written_by) -> None:
    write_files(tmp_path, files)
    model_format, _, path = model_format.partition("/")
    artifact = bring(tmp_path / (path or next(iter(files))), model_format)
    assert artifact.trained_with.get("writtenBy") == written_by


def test_weights_beside_an_onnx_file_are_long_enough(tmp_path: Path) -> None:
    onnx, numpy = pytest.importorskip("onnx"), pytest.importorskip("numpy")
    weights = onnx.numpy_helper.from_array(numpy.zeros((20, 20), "float32"), "w")
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    sides = [onnx.helper.make_tensor_value_info(name, 1, [None, 20]) for name in "xy"]
    graph = onnx.helper.make_graph([node], "g", sides[:1], sides[1:], [weights])
    onnx.save(
        onnx.helper.make_model(graph),
        tmp_path / "net.onnx",
        save_as_external_data=True,
        location="w.bin",
        size_threshold=0,
    )
    bring(tmp_path / "net.onnx", "onnx")
    (tmp_path / "w.bin").write_bytes(bytes(1599))
    with pytest.raises(InputError, match=r"w.bin: it was cut off: tensors of net.onnx lie there up to byte 1600"):
        bring(tmp_path / "net.onnx", "onnx")


@pytest.mark.parametrize(
    ("model_format", "files"),
    [
        # safetensors alone were fetched: the index of the others stays behind
        (
            "huggingface/b",
            {
                "b/config.json": CONFIG,
                "b/model.safetensors": safetensors(),
                "b/pytorch_model.bin.index.json": '{"weight_map": {"w": "pytorch_model-1.bin"}}',
                "b/vectors.index.json": "[]",
            },
        ),
        (
            "huggingface/b",
            {"b/config.json": CONFIG, "b/model.safetensors": safetensors({"a": [0, 4], "b": [], "c": [2]})},
        ),
        (
            "savedmodel/net",
            {"net/saved_model.pb": saved_model({"serving_default": signature(SAID)}, ops=["VariableV2"])},
        ),
        ("triton/.", {"net/1/model.pt2": "x", "net/config.pbtxt": 'backend: "pytorch" platform: "torch_aoti"'}),
        (
            "triton/.",
            {"net/1/x.onnx": "x", "net/config.pbtxt": 'backend: "onnxruntime" default_model_filename: "x.onnx"'},
        ),
        ("paddle/net", {"net/a.json": "{}", "net/a.pdiparams": parameters([2]).replace(b"\x08\x05", b"\x08\x63")}),
        ("mlflow/run", {"run/MLmodel": "flavors:\n  python_function:\n    data: null\n    loader_module: x\n"}),
        ("torchserve", {"net.mar": mar(handler="image_classifier", modelFile="")}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_may_be_right_is_taken(tmp_path: Path, model_format: str, files: dict[str, Any]) -> None:
    write_files(tmp_path, files)
    model_format, _, path = model_format.partition("/")
    assert bring(tmp_path / (path or next(iter(files))), model_format).format == model_format


@pytest.mark.parametrize("model_format", sorted(MODELS))
def test_an_empty_folder_of_that_name_is_no_model(tmp_path: Path, model_format: str) -> None:
    path = write_model(tmp_path, model_format)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.mkdir()
    with pytest.raises((InputError, OutsideError)):
        bring(path, model_format)
