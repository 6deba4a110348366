"""What is wrong with models that people bring along, one row each: publishing refuses it in one paragraph with a cure.

Each is published as its owner would, with the format named and with it left out. Nothing is sent, nothing runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from model_files import (  # fmt: skip
    DENSE,
    HDF5,
    INPUT,
    MODELS,
    PICKLE,
    PROGRAM,
    REAL,
    SAID,
    keras,
    mar,
    network,
    parameters,
    safetensors,
    zipped,
)
from onnx_bytes import dense, graph, initializer, model, of_signature
from savedmodel_bytes import block, meta_graph, number, saved_model, signature, varint
from store_kit import write_files, write_service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SERVED = saved_model({"serving_default": signature(SAID)})
RESTORED = saved_model({"serving_default": signature(SAID)}, ops=["VarHandleOp", "RestoreV2"])
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
PAGE = "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>"
BERT = json.dumps({"model_type": "bert", "architectures": ["BertForSequenceClassification"]})
FLAVORS = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n  sklearn:\n    pickled_model: model.pkl\nmlflow_version: 2.19.0\n"
XGBOOST, LIGHTGBM = REAL["xgboost.json"].decode(), REAL["lightgbm.txt"].decode()
PMML = MODELS["pmml"][1]["net.pmml"]
CONFIG = 'name: "{}"\nplatform: "onnxruntime_onnx"\n'
ONNX = of_signature(SAID)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def index(shards: int = 1, size: int = 24) -> bytes:
    """``variables.index``: a table with one tensor of so many bytes."""

    def table(entries: Mapping[bytes, bytes]) -> bytes:
        rows = b"".join(b"\0" + varint(len(key)) + varint(len(value)) + key + value for key, value in entries.items())
        return rows + bytes(4) + (1).to_bytes(4, "little")

    data = table({b"": number(1, shards), b"w": number(1, 1) + number(4, 0) + number(5, size)})
    place = varint(0) + varint(len(data))
    top = table({b"w": place})
    footer = varint(0) + varint(0) + varint(len(data) + 5) + varint(len(top))
    return data + bytes(5) + top + bytes(5) + footer.ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")


@dataclass(frozen=True)
class Wrong:
    """A wrong model.

    Attributes:
        format: What it is meant to be.
        files: What lies there; the first names the file or the folder that ``--model`` does, unless ``path`` does.
        says: What the paragraph holds, beside the name of the file.
        named: The file or folder that the paragraph names.
        path: What ``--model`` names.
        spoil: What is done to the files once they lie there.
        code: The exit code.
    """

    format: str
    files: Mapping[str, bytes | str]
    says: str
    named: str = ""
    path: str = ""
    spoil: Callable[[Path], object] | None = None
    code: int = 2


def link(place: str, target: str) -> Callable[[Path], object]:
    return lambda folder: (folder / place).symlink_to(target)


def pipe(place: str) -> Callable[[Path], object]:
    return lambda folder: os.mkfifo(folder / place)


def tf(says: str, named: str = "", path: str = "net", spoil=None, **files: bytes | str) -> Wrong:
    named_files = {f"net/{name.replace('__', '/').replace('_pb', '.pb')}": content for name, content in files.items()}
    return Wrong("savedmodel", named_files, says, named or "net", path, spoil)


def hf(says: str, files: Mapping[str, bytes | str], named: str = "", spoil=None) -> Wrong:
    whole = {"config.json": BERT, "tokenizer.json": "{}"}
    return Wrong("huggingface", {f"bert/{name}": content for name, content in {**whole, **files}.items()}, says, f"bert/{named}".rstrip("/"), "bert", spoil)  # fmt: skip


def one(model_format: str, name: str, content: bytes | str, says: str, **more: bytes | str) -> Wrong:
    return Wrong(model_format, {name: content, **more}, says, name, name)


def repository(says: str, named: str, **files: bytes | str) -> Wrong:
    return Wrong("triton", {f"repo/{name.replace('__', '/').replace('_dot_', '.')}": content for name, content in files.items()}, says, named, "repo")  # fmt: skip


WRONG = {
    # --- SavedModel
    "savedmodel: an empty folder": Wrong("savedmodel", {}, "holds no saved_model.pb", "net", "net", lambda here: (here / "net").mkdir()),
    "savedmodel: nothing there": Wrong("savedmodel", {}, "there is no", "net", "net"),
    "savedmodel: no graph": tf("holds no saved_model.pb", variables__index="x"),
    "savedmodel: one level too high": Wrong("savedmodel", {"base/1/saved_model.pb": SERVED}, "Use --model {}/base/1.", "base", "base"),
    "savedmodel: one level too low": tf("Use --model {}/net.", path="net/assets", saved_model_pb=SERVED, assets__x="x"),
    "savedmodel: two levels too high": Wrong("savedmodel", {"base/digits/1/saved_model.pb": SERVED}, "base", "base", "base"),
    "savedmodel: the file for the folder": tf("is a file. --model wants the folder", path="net/saved_model.pb", saved_model_pb=SERVED),
    "savedmodel: an empty graph": tf("saved_model.pb: the file is empty", saved_model_pb=""),
    "savedmodel: a graph cut off": tf("saved_model.pb: no server can load it as a SavedModel: field", saved_model_pb=SERVED[:-9]),
    "savedmodel: a pointer of Git LFS": tf("saved_model.pb: the file is a pointer of Git LFS, not the model. Fetch the model: git lfs pull.", saved_model_pb=POINTER),
    "savedmodel: a page of a failed download": tf("no server can load it as a SavedModel", saved_model_pb=PAGE),
    "savedmodel: as text": Wrong("savedmodel", {"net/saved_model.pbtxt": "x"}, "as text. Export it in the binary form", "net", "net"),
    "savedmodel: for training alone": tf("none of its graphs has the tag 'serve' alone", saved_model_pb=saved_model(tags=("train",))),
    "savedmodel: nothing to call": tf("the model has no signature, so no client could call it", saved_model_pb=saved_model({})),
    "savedmodel: variables missing": tf("variables/variables.index, which holds their values, is missing", saved_model_pb=RESTORED),
    "savedmodel: the variables' index missing": tf("variables/variables.index, which holds", saved_model_pb=RESTORED, **{"variables__variables.data-00000-of-00001": b"x" * 24}),
    "savedmodel: the variables' index cut off": tf("variables.index was cut off", saved_model_pb=RESTORED, **{"variables__variables.index": index()[:-9]}),
    "savedmodel: a shard missing": tf("variables.data-00000-of-00001 is missing, which variables.index names", saved_model_pb=RESTORED, **{"variables__variables.index": index()}),
    "savedmodel: a shard cut off": tf("variables.data-00000-of-00001 was cut off", saved_model_pb=RESTORED, **{"variables__variables.index": index(), "variables__variables.data-00000-of-00001": b"x" * 23}),
    "savedmodel: a shard that is a pointer": tf("is a pointer of Git LFS", saved_model_pb=RESTORED, **{"variables__variables.index": index(), "variables__variables.data-00000-of-00001": POINTER}),
    "savedmodel: an asset missing": tf("its graph reads assets/words.txt, which isn't there", saved_model_pb=number(1, 1) + block(2, meta_graph({"serving_default": signature(SAID)}) + block(6, block(2, "words.txt")))),
    "savedmodel: a link out of the folder": tf("extra: it is a link out of the model's folder, to /etc/passwd", spoil=link("net/extra", "/etc/passwd"), saved_model_pb=SERVED),
    "savedmodel: a link to nowhere": tf("extra: the link leads nowhere. Remove it.", spoil=link("net/extra", "gone"), saved_model_pb=SERVED),
    "savedmodel: a link to a folder": tf("extra: it is a link to a folder", spoil=link("net/extra", "/etc"), saved_model_pb=SERVED),
    "savedmodel: a link to itself": Wrong("savedmodel", {"net/saved_model.pb": SERVED}, "can't read", "net/extra", "net", link("net/extra", "extra"), 3),
    "savedmodel: a pipe": tf("extra: it is no regular file. Remove it.", spoil=pipe("net/extra"), saved_model_pb=SERVED),
    "savedmodel: a name with a line break": tf(r"a\nb: the file's name holds a backslash or what can't be printed. Rename it.", saved_model_pb=SERVED, **{"a\nb": "x"}),
    "savedmodel: a release inside": tf("release.json: a model can't hold a file named release.json", saved_model_pb=SERVED, **{"release.json": "{}"}),
    "savedmodel: Keras' own file": one("savedmodel", "net.h5", HDF5, "is Keras' own format, which no server reads. Export it: keras.models.load_model('net.h5')"),
    # --- ONNX
    "onnx: cut off": one("onnx", "net.onnx", ONNX[:-3], "it is no ONNX model"),
    "onnx: empty": one("onnx", "net.onnx", "", "the file is empty. Export the model again."),
    "onnx: a pointer of Git LFS": one("onnx", "net.onnx", POINTER, "git lfs pull"),
    "onnx: a page of a failed download": one("onnx", "net.onnx", PAGE, "it is no ONNX model"),
    "onnx: a zip file": one("onnx", "net.onnx", zipped({"net.onnx": ONNX}), "it is no ONNX model"),
    "onnx: another ending": one("onnx", "net.pb", ONNX, "doesn't end in .onnx"),
    "onnx: no operators": one("onnx", "net.onnx", number(1, 8) + block(7, graph({}, {"y": dense(SAID.outputs[0])})), "it names no version of ONNX"),
    "onnx: weights missing": one("onnx", "net.onnx", of_signature(SAID, [initializer("w", "w.bin")]), "keeps weights in"),
    "onnx: weights elsewhere": one("onnx", "net.onnx", of_signature(SAID, [initializer("w", "../w.bin")]), "its weights lie in '../w.bin', which no server can find"),
    "onnx: weights that are a pointer": Wrong("onnx", {"net.onnx": of_signature(SAID, [initializer("w", "w.bin")]), "w.bin": POINTER}, "the file is a pointer of Git LFS", "w.bin", "net.onnx"),
    "onnx: no plain tensors": one("onnx", "net.onnx", model(graph({"x": dense(SAID.inputs[0])}, {"y": block(4, b"")})), "Triton has to be told the inputs and outputs, and the output 'y' is a sequence, not a tensor"),
    # --- PMML
    "pmml: cut off": one("pmml", "net.pmml", str(PMML)[:-5], "is no well-formed XML"),
    "pmml: entities that grow": one("pmml", "net.pmml", f'<!DOCTYPE PMML [<!ENTITY l0 "ha">{LAUGHS}]><PMML version="4.4">&l11;</PMML>', "declares a document type"),
    "pmml: an entity of the machine": one("pmml", "net.pmml", '<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]><PMML version="4.4">&x;</PMML>', "declares a document type"),
    "pmml: another language": one("pmml", "net.pmml", "<html/>", "its root element is html, not PMML"),
    "pmml: too old": one("pmml", "net.pmml", str(PMML).replace('version="4.4"', 'version="2.1"'), "its version '2.1' is none that servers read"),
    "pmml: too new": one("pmml", "net.pmml", str(PMML).replace('version="4.4"', 'version="4.9"'), "its version '4.9' is none that servers read"),
    "pmml: no model in it": one("pmml", "net.pmml", str(PMML).replace("<TreeModel/>", ""), "it holds no model"),
    "pmml: an encoding that nobody has": one("pmml", "net.pmml", "<?xml version='1.0' encoding='x-none'?><PMML version='4.4'/>", "encoding"),
    "pmml: a pointer of Git LFS": one("pmml", "net.pmml", POINTER, "git lfs pull"),
    # --- scikit-learn
    "sklearn: cut off": one("sklearn", "net.joblib", PICKLE[:-1], "it was cut off"),
    "sklearn: text": one("sklearn", "net.pkl", "hello", "it is no pickle"),
    "sklearn: a page of a failed download": one("sklearn", "net.pkl", PAGE, "it is no pickle"),
    "sklearn: a zip file": one("sklearn", "net.joblib", zipped({"a": "b"}), "the file is a zip file, no pickle"),
    "sklearn: arrays of NumPy": one("sklearn", "net.joblib", b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}", "it is no pickle"),
    "sklearn: damaged compression": one("sklearn", "net.joblib", b"x\x9cno zlib", "what it holds in compressed form is damaged"),
    "sklearn: another ending": one("sklearn", "net.h5", PICKLE, "doesn't end in .joblib or .pkl or .pickle"),
    "sklearn: a pointer of Git LFS": one("sklearn", "net.joblib", POINTER, "git lfs pull"),
    # --- XGBoost
    "xgboost: cut off": one("xgboost", "net.json", XGBOOST[:-9], "it was cut off"),
    "xgboost: fewer trees than announced": one("xgboost", "net.json", XGBOOST.replace('"num_trees":"2"', '"num_trees":"3"'), "it announces 3 trees and holds 2"),
    "xgboost: other JSON": one("xgboost", "net.json", '{"a": 1}', "it is no model of XGBoost"),
    "xgboost: settings without the model": one("xgboost", "net.json", XGBOOST.replace('"model":{', '"settings":{'), "settings of a booster without the model"),
    "xgboost: a pickle": one("xgboost", "net.bst", PICKLE, "is a pickle, which no server reads as an XGBoost model"),
    "xgboost: UBJSON under the ending of JSON": one("xgboost", "net.json", REAL["xgboost.ubj"], "it holds UBJSON, and XGBoost goes by the ending. Name it net.ubj."),
    "xgboost: JSON under the ending of UBJSON": one("xgboost", "net.ubj", XGBOOST, "it holds JSON, and XGBoost goes by the ending. Name it net.json."),
    "xgboost: another ending": one("xgboost", "net.model", XGBOOST, "doesn't end in .bst or .json or .ubj"),
    # --- LightGBM
    "lightgbm: cut off": one("lightgbm", "net.txt", LIGHTGBM[:600], "it was cut off"),
    "lightgbm: other line breaks": one("lightgbm", "net.txt", LIGHTGBM.replace("\n", "\r\n"), "aren't of the sizes|it was cut off"),
    "lightgbm: no trees": one("lightgbm", "net.txt", "tree\nversion=v4\n", "it holds no trees"),
    "lightgbm: a pickle": one("lightgbm", "net.txt", PICKLE, "doesn't start as a LightGBM model does"),
    # --- MLflow
    "mlflow: no flavors": Wrong("mlflow", {"run/MLmodel": "artifact_path: model\n"}, "it lists no flavors", "run/MLmodel", "run"),
    "mlflow: an empty MLmodel": Wrong("mlflow", {"run/MLmodel": ""}, "the file is empty", "run/MLmodel", "run"),
    "mlflow: its file missing": Wrong("mlflow", {"run/MLmodel": FLAVORS}, "it names 'model.pkl', which isn't there", "run/MLmodel", "run"),
    "mlflow: its file empty": Wrong("mlflow", {"run/MLmodel": FLAVORS, "run/model.pkl": ""}, "the file is empty", "run/model.pkl", "run"),
    "mlflow: its file a pointer of Git LFS": Wrong("mlflow", {"run/MLmodel": FLAVORS, "run/model.pkl": POINTER}, "git lfs pull", "run/model.pkl", "run"),
    "mlflow: its file elsewhere": Wrong("mlflow", {"run/MLmodel": FLAVORS.replace("model.pkl", "../model.pkl"), "model.pkl": PICKLE}, "'../model.pkl', which lies outside of the model's folder", "run/MLmodel", "run"),
    "mlflow: its pickle cut off": Wrong("mlflow", {"run/MLmodel": FLAVORS, "run/model.pkl": PICKLE[:-1]}, "it was cut off", "run/model.pkl", "run"),
    "mlflow: one level too high": Wrong("mlflow", {"runs/1/MLmodel": FLAVORS, "runs/1/model.pkl": PICKLE}, "Use --model {}/runs/1.", "runs", "runs"),
    # --- Hugging Face
    "huggingface: no weights": hf("holds no weights", {}),
    "huggingface: no configuration": Wrong("huggingface", {"bert/model.safetensors": safetensors()}, "holds no config.json", "bert", "bert"),
    "huggingface: an adapter alone": Wrong("huggingface", {"lora/adapter_config.json": "{}", "lora/adapter_model.safetensors": safetensors()}, "holds no config.json", "lora", "lora"),
    "huggingface: a configuration of something else": hf("it names neither model_type nor architectures", {"config.json": "{}", "model.safetensors": safetensors()}, "config.json"),
    "huggingface: a configuration that is no JSON": hf("config.json: it is no JSON", {"config.json": "{", "model.safetensors": safetensors()}),
    "huggingface: weights cut off": hf("it announces 16 bytes of tensors and holds 15: it was cut off", {"model.safetensors": safetensors()[:-1]}),
    "huggingface: weights with a tail": hf("behind its last", {"model.safetensors": safetensors() + b"x"}, "model.safetensors"),
    "huggingface: tensors that overlap": hf("overlap", {"model.safetensors": safetensors(data_offsets=[4, 20])}, "model.safetensors"),
    "huggingface: weights that are a pointer": hf("git lfs pull", {"model.safetensors": POINTER}, "model.safetensors"),
    "huggingface: a tokenizer that is a pointer": hf("git lfs pull", {"model.safetensors": safetensors(), "tokenizer.json": POINTER}, "tokenizer.json"),
    "huggingface: a shard of the index missing": hf("it names 'model-2.safetensors', which isn't there", {"model-1.safetensors": safetensors(), "model.safetensors.index.json": '{"weight_map": {"w": "model-1.safetensors", "v": "model-2.safetensors"}}'}),
    "huggingface: a tensor of the index missing": hf("which doesn't hold it", {"model-1.safetensors": safetensors(), "model.safetensors.index.json": '{"weight_map": {"v": "model-1.safetensors"}}'}),
    "huggingface: a shard missing without an index": hf("model-00002-of-00003.safetensors", {"model-00001-of-00003.safetensors": safetensors(), "model-00003-of-00003.safetensors": safetensors()}),
    "huggingface: torch's weights that are text": hf("torch.save wrote no such file", {"pytorch_model.bin": "text"}, "pytorch_model.bin"),
    "huggingface: the hub's cache for the snapshot": Wrong("huggingface", {"models--a--b/snapshots/0f3/config.json": BERT, "models--a--b/refs/main": "0f3"}, "Use --model {}/models--a--b/snapshots/0f3.", "models--a--b", "models--a--b"),
    "huggingface: a link out of the snapshot": hf("extra: it is a link out of the model's folder", {"model.safetensors": safetensors()}, "extra", link("bert/extra", "/etc/passwd")),
    # --- TorchServe and TorchScript
    "torchserve: no archive": one("torchserve", "net.mar", "x" * 99, "it is no model archive: it is no zip file"),
    "torchserve: cut off": one("torchserve", "net.mar", mar()[:-9], "or was cut off"),
    "torchserve: no manifest": one("torchserve", "net.mar", zipped({"a": "b"}), "it holds no MAR-INF/MANIFEST.json"),
    "torchserve: no version": one("torchserve", "net.mar", mar(modelVersion=""), "names no model version"),
    "torchserve: its weights missing": one("torchserve", "net.mar", mar(serializedFile="gone.pt"), "names the serializedFile 'gone.pt', which it doesn't hold"),
    "torchserve: its handler missing": one("torchserve", "net.mar", mar(handler="mine.py:go"), "names the handler 'mine.py', which it doesn't hold"),
    "torchserve: a member that leads out": one("torchserve", "net.mar", zipped({"MAR-INF/MANIFEST.json": json.dumps({"model": {"modelVersion": "1", "handler": "x"}}), "../../root/.ssh/authorized_keys": "x"}), "would be unpacked outside of its folder"),
    "torchscript: no code": one("torchscript", "net.pt", zipped({"net/data.pkl": ""}), "holds weights without code", **{"config.pbtxt": ""}),
    "torchscript: no configuration": Wrong("torchscript", {"net.pt": zipped({"net/constants.pkl": ""})}, "and net.pt doesn't say its inputs and outputs", "config.pbtxt", "net.pt"),
    "torchscript: a configuration of another model": Wrong("torchscript", {"net.pt": zipped({"net/constants.pkl": ""}), "config.pbtxt": 'name: "other"'}, "it names the model 'other', but its folder 'digits'", "config.pbtxt", "net.pt"),
    "torchscript: cut off": one("torchscript", "net.pt", zipped({"net/constants.pkl": "x" * 99})[:-9], "it is no TorchScript file", **{"config.pbtxt": ""}),
    # --- Triton
    "triton: a configuration of another name": repository("it names the model 'other', but its folder 'net'", "repo/net/config.pbtxt", net__config_dot_pbtxt=CONFIG.format("other"), net__1__model_dot_onnx=ONNX),
    "triton: a configuration that isn't closed": repository("Triton couldn't read it: a bracket isn't closed", "repo/net/config.pbtxt", net__config_dot_pbtxt="input {", net__1__model_dot_onnx=ONNX),
    "triton: no version": repository("has no version folder, named by a number from 1", "repo/net", net__config_dot_pbtxt=CONFIG.format("net"), net__model_dot_onnx=ONNX),
    "triton: a version with a zero": repository("has no version folder, named by a number from 1", "repo/net", net__config_dot_pbtxt=CONFIG.format("net"), net__01__model_dot_onnx=ONNX),
    "triton: an empty version": repository("the version folder is empty", "repo/net/1", net__config_dot_pbtxt=CONFIG.format("net"), net__1___dot_keep=""),
    "triton: another file than the platform's": repository("it holds no model.onnx, which its config.pbtxt makes Triton look for", "repo/net/1", net__config_dot_pbtxt=CONFIG.format("net"), net__1__net_dot_onnx=ONNX),
    "triton: a file that nobody knows": repository("it holds nothing named model.…", "repo/net/1", net__1__net_dot_onnx=ONNX),
    "triton: a SavedModel without its folder": repository("it holds nothing named model.…", "repo/net/1", net__1__saved_model_dot_pb=SERVED),
    "triton: a damaged model inside": repository("it is no ONNX model", "repo/net/1/model.onnx", net__1__model_dot_onnx=ONNX[:-3]),
    "triton: the folder of one model": Wrong("triton", {"repo/net/config.pbtxt": CONFIG.format("net"), "repo/net/1/model.onnx": ONNX}, "is the folder of one model. --model wants a model repository", "repo/net", "repo/net"),
    "triton: an empty folder": Wrong("triton", {}, "holds no folder", "repo", "repo", lambda here: (here / "repo").mkdir()),
    # --- Paddle
    "paddle: no parameters": Wrong("paddle", {"net/net.pdmodel": PROGRAM}, "holds no .pdiparams file", "net", "net"),
    "paddle: parameters cut off": Wrong("paddle", {"net/net.pdmodel": PROGRAM, "net/net.pdiparams": parameters([2, 9])[:-1]}, "it was cut off", "net/net.pdiparams", "net"),
    "paddle: two models": Wrong("paddle", {"net/a.pdmodel": PROGRAM, "net/b.pdmodel": PROGRAM, "net/a.pdiparams": parameters([2])}, "holds several .pdmodel files (a.pdmodel, b.pdmodel)", "net", "net"),
    "paddle: a program that is none": Wrong("paddle", {"net/net.pdmodel": PAGE, "net/net.pdiparams": parameters([2])}, "net.pdmodel: ", "net/net.pdmodel", "net"),
    # --- Keras, as it goes to a runtime of the cluster's own
    "keras: cut off": one("keras", "net.keras", keras()[:-9], "or was cut off"),
    "keras: no weights": one("keras", "net.keras", zipped({"config.json": "{}", "metadata.json": "{}"}), "it holds no model.weights.h5"),
    "keras: weights cut off": one("keras", "net.keras", keras(weights=HDF5[:-1]), "of its model.weights.h5, it was cut off"),
    "keras: a member that leads out": one("keras", "net.keras", keras(network(INPUT, DENSE), **{"../x": "x"}), "would be unpacked outside of its folder"),
    "keras: a pointer of Git LFS": one("keras", "net.keras", POINTER, "git lfs pull"),
}  # fmt: skip


def test_there_are_enough_and_of_every_format() -> None:
    assert len(WRONG) >= 60
    assert {each.format for each in WRONG.values()} == set(MODELS)
    assert all(name.startswith(f"{each.format}: ") for name, each in WRONG.items())


@pytest.mark.parametrize("left_out", [False, True], ids=["named", "left-out"])
@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_in_one_paragraph_with_a_cure(run, tmp_path: Path, name: str, *, left_out: bool) -> None:
    wrong = WRONG[name]
    file = write_service(tmp_path, "./store")
    says = "" if left_out else f"format: {wrong.format}"
    if wrong.format == "keras":
        says = ", ".join(filter(None, (says, "modelFormat: keras, runtime: ours")))
    file.write_text(file.read_text().replace('format: savedmodel, gate: {accuracy: ">= 0.95"}', says))
    here = tmp_path / "here"
    here.mkdir()
    write_files(here, wrong.files)
    if wrong.spoil:
        wrong.spoil(here)
    ended = run("publish", file, "--model", here / wrong.path)
    assert (ended.code, ended.out, (tmp_path / "store").exists()) == (wrong.code, "", False), ended.err
    last = ended.err.rstrip("\n").splitlines()[-1]
    assert last.startswith("serinus: ")
    assert "Traceback" not in ended.err
    assert str(here / wrong.named) in last
    if not left_out:
        assert any(part in last for part in wrong.says.format(here).split("|")), last
    assert last.count(". ") >= 1 or wrong.code == 3, f"no cure: {last}"


@dataclass(frozen=True)
class Doubtful:
    """A model that is whole, and that the server which is rendered may not load, or answer with otherwise.

    Attributes:
        format: What it is.
        files: What lies there; ``--model`` names the first.
        says: What publishing says.
        model: What the service file says of the model besides.
        renders: What rendering refuses it with; empty where it says the same in a note.
    """

    format: str
    files: Mapping[str, bytes | str]
    says: str
    model: str = ""
    renders: str = ""


SKLEARN = b"\x80\x04\x95\x3a\x00\x00\x00\x00\x00\x00\x00\x8c\x14sklearn.linear_model\x94\x8c\x01L\x94\x93\x94)\x81\x94}\x94\x8c\x10_sklearn_version\x94\x8c\x051.9.1\x94sb."
MLMODEL = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 3.17.2\n"
FROM_5_14 = json.dumps({"model_type": "bert", "architectures": ["BertForSequenceClassification"], "transformers_version": "5.14.0"})  # fmt: skip

DOUBTFUL = {
    "a newer scikit-learn": Doubtful("sklearn", {"net.joblib": SKLEARN}, "the model was written by scikit-learn 1.9.1, and kserve-sklearnserver has 1.5.2"),
    "a newer XGBoost": Doubtful("xgboost", {"net.json": XGBOOST}, "written by xgboost 3.2.0, and kserve-xgbserver has 2.1.4"),
    "a newer MLflow": Doubtful("mlflow", {"run/MLmodel": MLMODEL}, "written by mlflow 3.17.2, and kserve-mlserver has 2.19.0"),
    "a newer transformers": Doubtful("huggingface", {"bert/config.json": FROM_5_14, "bert/model.safetensors": safetensors(), "bert/tokenizer.json": "{}"}, "written by transformers 5.14.0, and kserve-huggingfaceserver has 5.13.0"),
    "a newer TensorFlow": Doubtful("savedmodel", {"net/saved_model.pb": saved_model({"serving_default": signature(SAID)}, version="2.21.0")}, "the model needs tensorflow-serving 2.21 or newer, and kserve-tensorflow-serving is rendered with 2.20.0", "", "tensorflow-serving 2.20.0 can't load a model that tensorflow 2.21 wrote"),
    "a newer TensorFlow than the server that is asked for": Doubtful("savedmodel", {"net/saved_model.pb": SERVED}, "the model needs tensorflow-serving 2.20 or newer", "runtimeVersion: 2.18.0", "can't load a model that tensorflow 2.20 wrote"),
    "an opset that no server has": Doubtful("onnx", {"net.onnx": of_signature(SAID, opset=99)}, "the model needs triton 26.08 or newer, and kserve-tritonserver is rendered with 26.07-py3", "", "triton 26.07-py3 can't load the model: it takes 26.08 or newer"),
    "a form of ONNX that no server has": Doubtful("onnx", {"net.onnx": of_signature(SAID, ir_version=99)}, "the model needs triton 26.08 or newer", "", "it takes 26.08 or newer"),
    "an opset that the server that is asked for lacks": Doubtful("onnx", {"net.onnx": of_signature(SAID, opset=21)}, "the model needs triton 24.05 or newer, and kserve-tritonserver is rendered with 23.05-py3", "runtimeVersion: 23.05-py3", "triton 23.05-py3 can't load the model: it takes 24.05 or newer"),
    "an archive without a handler": Doubtful("torchserve", {"net.mar": mar(handler="")}, "net.mar names no handler, so TorchServe may not know how to run it"),
    "a package that the server lacks": Doubtful("sklearn", {"net.pkl": b"cmine\nModel\n."}, "names the packages mine, which a server has to have as well"),
    "a repository of other names": Doubtful("triton", {"repo/net/1/model.onnx": ONNX}, "no model of the repository is called digits: clients must ask for net"),
    "a snapshot without a tokenizer": Doubtful("huggingface", {"bert/config.json": BERT, "bert/model.safetensors": safetensors()}, "holds no tokenizer"),
    "an MLflow model that servers can't call": Doubtful("mlflow", {"run/MLmodel": "flavors:\n  sklearn:\n    code: null\n"}, "has no flavor python_function"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_a_server_may_not_load_is_said_when_it_is_published(run, tmp_path: Path, name: str) -> None:
    doubtful = DOUBTFUL[name]
    file = write_service(tmp_path, "./store")
    says = ", ".join(filter(None, (f"format: {doubtful.format}", doubtful.model)))
    file.write_text(file.read_text().replace('format: savedmodel, gate: {accuracy: ">= 0.95"}', says))
    write_files(tmp_path, doubtful.files)
    published = run("publish", file, "--model", tmp_path / next(iter(doubtful.files)).partition("/")[0])
    assert published.code == 0, published.err
    assert doubtful.says in published.err
    assert run("lock", file).code == 0
    rendered = run("render", file)
    assert (rendered.code == 2, doubtful.renders in rendered.err) == (bool(doubtful.renders), True), rendered.err
