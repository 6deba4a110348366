"""What lies where in each layout, and what we write beside a model, as its server reads it."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_files import MODELS, REAL, SAID, mar, write_model
from onnx_bytes import of_signature
from savedmodel_bytes import block, number, saved_model
from store_kit import LAYOUT, write_files

from generator.errors import InputError
from generator.model.artifact import Artifact, Golden, Signature, Tensor, read_artifact, write_artifact
from generator.store.bring import artifact_from_model, artifact_in_layouts
from generator.store.collect import collect
from generator.store.formats import formats
from generator.store.layouts import layouts, of_format, triton


def made(path: Path, model_format: str, layout: str, told: list[str] | None = None) -> Artifact:
    return artifact_from_model(path, model_format, [layout], "digits", (told if told is not None else []).append)


def files_of(artifact: Artifact) -> list[str]:
    return [source.path.partition("/")[2] for source in collect(artifact).files]


def generated(artifact: Artifact, path: str) -> str:
    return artifact.generated[f"{artifact.layouts[0]}/{path}"].decode()


# --- what lies where -------------------------------------------------------------------------------------------------

PLACES = {
    ("huggingface", "plain"): ["config.json", "model.safetensors", "tokenizer.json"],
    ("huggingface", "mlserver"): ["config.json", "model-settings.json", "model.safetensors", "tokenizer.json"],
    ("keras", "keras"): ["model.keras"],
    ("keras", "plain"): ["model.keras"],
    ("lightgbm", "plain"): ["model.bst"],
    ("lightgbm", "mlserver"): ["model-settings.json", "model.bst"],
    ("mlflow", "plain"): ["MLmodel", "model.pkl"],
    ("mlflow", "mlserver"): ["model-settings.json", "model/MLmodel", "model/model.pkl"],
    ("onnx", "plain"): ["model.onnx"],
    ("onnx", "mlserver"): ["model-settings.json", "model.onnx", "serinus_onnx.py"],
    ("onnx", "triton"): ["digits/1/model.onnx", "digits/config.pbtxt"],
    ("paddle", "plain"): ["model.pdiparams", "model.pdmodel"],
    ("pmml", "plain"): ["model.pmml"],
    ("savedmodel", "tensorflow-serving"): ["1/saved_model.pb", "1/variables/index"],
    ("savedmodel", "triton"): [
        "digits/1/model.savedmodel/saved_model.pb",
        "digits/1/model.savedmodel/variables/index",
        "digits/config.pbtxt",
    ],
    ("sklearn", "plain"): ["model.joblib"],
    ("sklearn", "mlserver"): ["model-settings.json", "model.joblib"],
    ("torchscript", "triton"): ["digits/1/model.pt", "digits/config.pbtxt"],
    ("torchserve", "torchserve"): ["config/config.properties", "model-store/digits.mar"],
    ("triton", "triton"): ["digits/1/README", "digits/config.pbtxt", "net/1/model.onnx"],
    ("xgboost", "plain"): ["model.json"],
    ("xgboost", "mlserver"): ["model-settings.json", "model.json"],
}


@pytest.mark.parametrize(("model_format", "layout"), PLACES, ids=str)
def test_each_file_lies_where_the_server_looks(tmp_path: Path, model_format: str, layout: str) -> None:
    assert files_of(made(write_model(tmp_path, model_format), model_format, layout)) == PLACES[model_format, layout]


def test_every_format_and_layout_that_is_declared_stands_in_this_table() -> None:
    assert set(PLACES) == {(each, layout) for each in formats() for layout in of_format(each)}
    assert set(MODELS) == set(formats())
    assert {layout for _, layout in PLACES} == set(layouts())


def test_no_layout_is_the_start_of_another() -> None:
    assert not [(one, two) for one in layouts() for two in layouts() if one != two and two.startswith(one)]


def test_several_layouts_hold_the_same_model_once_each(tmp_path: Path) -> None:
    path = write_model(tmp_path, "onnx")
    artifact = artifact_from_model(path, "onnx", ["triton", "plain", "triton"], "digits", print)
    assert artifact.layouts == ("triton", "plain")
    assert {source.local.path for source in collect(artifact).files if source.path.endswith(".onnx")} == {path}


@pytest.mark.parametrize("ending", ["joblib", "pkl", "pickle"])
def test_a_pickle_keeps_its_ending(tmp_path: Path, ending: str) -> None:
    path = write_model(tmp_path, "sklearn").rename(tmp_path / f"net.{ending}")
    assert files_of(made(path, "sklearn", "plain")) == [f"model.{ending}"]


@pytest.mark.parametrize("layout", ["plain", "mlserver"])
@pytest.mark.parametrize("ending", ["bst", "json", "ubj"])
def test_xgboost_keeps_its_ending(tmp_path: Path, ending: str, layout: str) -> None:
    path = write_model(tmp_path, "xgboost").rename(tmp_path / f"net.{ending}")
    if ending == "ubj":
        path.write_bytes(REAL["xgboost.ubj"])
    assert f"model.{ending}" in files_of(made(path, "xgboost", layout))


@pytest.mark.parametrize(
    ("model_format", "layout", "reason"),
    [
        ("tensorflow", "plain", "'tensorflow' can't be brought along. Did you mean 'savedmodel'?"),
        ("gguf", "plain", "'gguf' can't be brought along. Known here: huggingface, keras, lightgbm"),
        ("onxx", "plain", "'onxx' can't be brought along. Did you mean 'onnx'?"),
        ("pmml", "mlserver", "'pmml' has no layout 'mlserver', which this service's server reads. It can have: plain."),
        ("savedmodel", "plain", "It can have: tensorflow-serving, triton."),
        ("sklearn", "gone", "It can have: mlserver, plain."),
    ],
)
def test_a_format_or_layout_that_is_not_known_lists_those_that_are(
    tmp_path: Path, model_format, layout, reason
) -> None:
    with pytest.raises(InputError) as caught:
        made(tmp_path, model_format, layout)
    assert reason in str(caught.value)


# --- Triton ----------------------------------------------------------------------------------------------------------

LITERAL = r'"(?:[^"\\]|\\.)*"'


def read_pbtxt(text: str) -> dict[str, Any]:
    """A reader of text protos of its own: each line is one field, the opening or the closing of a message."""
    stack: list[dict[str, Any]] = [{}]
    for line in filter(None, text.splitlines()):
        if opened := re.fullmatch(r"\s*(\w+) \{( \})?", line):
            inner: dict[str, Any] = {}
            stack[-1].setdefault(opened[1], []).append(inner)
            if not opened[2]:
                stack.append(inner)
        elif line.strip() == "}":
            stack.pop()
        else:
            field = re.fullmatch(rf"\s*(\w+): ({LITERAL}|[\w-]+|\[ -?\d+(?:, -?\d+)* \])", line)
            assert field, line
            value = field[2]
            if value[0] in '"[' or value.lstrip("-").isdigit():
                value = ast.literal_eval(f"b{value}" if value.isascii() and value[0] == '"' else value)
            stack[-1][field[1]] = value.decode() if isinstance(value, bytes) else value
    (top,) = stack
    return top


def config(*tensors: tuple[str, tuple[int | None, ...]]) -> dict[str, Any]:
    """The configuration of a model with one input, and the others as outputs."""
    first, *rest = (Tensor(name, "float32", shape) for name, shape in tensors)
    return read_pbtxt(triton.config("digits", "onnxruntime_onnx", Signature("", (first,), tuple(rest))).decode())


def test_the_configuration_says_what_the_signature_says(tmp_path: Path) -> None:
    artifact = made(write_model(tmp_path, "onnx"), "onnx", "triton")
    assert read_pbtxt(generated(artifact, "digits/config.pbtxt")) == {
        "name": "digits",
        "platform": "onnxruntime_onnx",
        "max_batch_size": 64,
        "input": [{"name": "x", "data_type": "TYPE_FP32", "dims": [4]}],
        "output": [{"name": "y", "data_type": "TYPE_FP32", "dims": [3]}],
        "dynamic_batching": [{}],
    }


@pytest.mark.parametrize(
    ("shapes", "batch", "dims"),
    [
        (((None, 4), (None, 3)), 64, [[4], [3]]),
        (((None, None, 3), (None, 1)), 64, [[-1, 3], [1]]),
        (((4,), (3,)), 0, [[4], [3]]),
        (((1, 4), (None, 3)), 0, [[1, 4], [-1, 3]]),
        (((None, 4), (None,)), 0, [[-1, 4], [-1]]),  # batched, the output would become a table
        (((None, 4), ()), 0, [[-1, 4], [1]]),
    ],
)
def test_requests_are_put_together_where_every_first_dimension_is_free(shapes, batch: int, dims) -> None:
    found = config(*zip("xy", shapes, strict=True))
    assert found["max_batch_size"] == batch
    assert ("dynamic_batching" in found) == (batch > 0)
    assert [found["input"][0]["dims"], found["output"][0]["dims"]] == dims


@given(st.text(min_size=1).filter(lambda text: all(not 0xD800 <= ord(each) <= 0xDFFF for each in text)))
def test_no_name_breaks_the_configuration(name: str) -> None:
    from generator.store import pbtxt

    written = triton.config(name, "p", Signature("", (Tensor(name, "int64", (1,)),), ())).decode()
    assert pbtxt.text_at_top(written, "name") == name
    assert len(written.split("\n")) == 9


@pytest.mark.parametrize("dtype", triton.DTYPES)
def test_each_type_of_triton_has_its_name(dtype: str) -> None:
    (said,) = re.findall(
        r"TYPE_(\w+)", triton.config("m", "p", Signature("", (Tensor("x", dtype, (1,)),), ())).decode()
    )
    assert said.lower() == {"float16": "fp16", "float32": "fp32", "float64": "fp64", "bfloat16": "bf16"}.get(
        dtype, dtype
    )


def test_a_type_that_triton_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match=r"'x' is of the type complex64, which Triton doesn't have. Cast it"):
        triton.config("m", "p", Signature("", (Tensor("x", "complex64", (1,)),), ()))


def test_a_savedmodel_on_triton_is_told_its_end(tmp_path: Path) -> None:
    told: list[str] = []
    artifact = made(write_model(tmp_path, "savedmodel"), "savedmodel", "triton", told)
    assert read_pbtxt(generated(artifact, "digits/config.pbtxt"))["platform"] == "tensorflow_savedmodel"
    assert told == ["Triton 25.03 and newer can't run a SavedModel; up to 25.02 it can"]
    assert artifact.runtimes == {}


def test_a_savedmodel_whose_signature_cannot_be_said_is_refused_by_triton_alone(tmp_path: Path) -> None:
    ragged = block(2, block(1, "y") + block(2, number(2, 1)))
    write_files(tmp_path, {"saved_model.pb": saved_model({"serving_default": ragged})})
    assert made(tmp_path, "savedmodel", "tensorflow-serving").signature is None
    with pytest.raises(InputError, match=r"of the signature serving_default, the rank of 'y' isn't known"):
        made(tmp_path, "savedmodel", "triton")


def test_clients_are_told_what_the_models_of_a_repository_are_called(tmp_path: Path) -> None:
    told: list[str] = []
    path = write_model(tmp_path, "triton")
    artifact_from_model(path, "triton", ["triton"], "iris", told.append)
    assert "no model of the repository is called iris: clients must ask for digits, net" in told
    told.clear()
    made(path, "triton", "triton", told)
    assert told == [f"{path}/net has no config.pbtxt; Triton finds out what it can"]


# --- MLServer --------------------------------------------------------------------------------------------------------

# SeldonIO/seldon-core v2.10.2, scheduler/pkg/agent/repository/mlserver/settings.go: what survives the agent's rewriting.
KEPT = {"name", "inputs", "outputs", "platform", "versions", "parallel_workers", "implementation", "parameters"}
KEPT_PARAMETERS = {"uri", "version", "format", "content_type", "extra", "environment_tarball"}


@pytest.mark.parametrize(
    ("model_format", "settings"),
    [
        ("sklearn", {"implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}),
        ("xgboost", {"implementation": "mlserver_xgboost.XGBoostModel", "parameters": {"uri": "./model.json"}}),
        ("lightgbm", {"implementation": "mlserver_lightgbm.LightGBMModel", "parameters": {"uri": "./model.bst"}}),
        ("mlflow", {"implementation": "mlserver_mlflow.MLflowRuntime", "parameters": {"uri": "./model"}}),
        (
            "huggingface",
            {
                "implementation": "mlserver_huggingface.HuggingFaceRuntime",
                "parameters": {"extra": {"task": "text-classification"}},
            },
        ),
        (
            "onnx",
            {
                "implementation": "serinus_onnx.OnnxModel",
                "parameters": {"uri": "./model.onnx"},
                "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
                "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 3]}],
            },
        ),
    ],
)
def test_the_settings_name_class_and_file_and_survive_seldon_core_2(tmp_path: Path, model_format, settings) -> None:
    artifact = made(write_model(tmp_path, model_format), model_format, "mlserver")
    found = json.loads(generated(artifact, "model-settings.json"))
    assert found == settings
    assert set(found) <= KEPT
    assert set(found["parameters"]) <= KEPT_PARAMETERS
    uri = found["parameters"].get("uri", "./config.json").removeprefix("./")
    assert any(path == uri or path.startswith(f"{uri}/") for path in files_of(artifact))


def test_our_runtime_for_onnx_is_whole_and_has_the_class(tmp_path: Path) -> None:
    code = generated(made(write_model(tmp_path, "onnx"), "onnx", "mlserver"), "serinus_onnx.py")
    classes = [node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    assert classes == ["OnnxModel"]


def test_a_type_that_the_v2_protocol_does_not_have_is_refused(tmp_path: Path) -> None:
    half = replace(SAID, inputs=(Tensor("x", "bfloat16", (1,)),))
    write_files(tmp_path, {"net.onnx": of_signature(half)})
    with pytest.raises(InputError, match="'x' is of the type bfloat16, which the V2 protocol doesn't have"):
        made(tmp_path / "net.onnx", "onnx", "mlserver")


def test_a_task_that_cannot_be_told_is_refused_by_mlserver_alone(tmp_path: Path) -> None:
    path = write_model(tmp_path, "huggingface")
    write_files(path, {"config.json": '{"model_type": "bert", "architectures": ["BertModel"]}'})
    made(path, "huggingface", "plain")
    with pytest.raises(InputError, match="MLServer has to be told the task, and BertModel doesn't say it"):
        made(path, "huggingface", "mlserver")


def test_settings_of_ones_own_in_a_snapshot_are_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path, "huggingface")
    write_files(path, {"model-settings.json": "{}"})
    with pytest.raises(InputError, match=r"would hold model-settings\.json twice"):
        collect(made(path, "huggingface", "mlserver"))


# --- TorchServe ------------------------------------------------------------------------------------------------------


def read_properties(text: str) -> dict[str, str]:
    """As java.util.Properties reads such lines: a backslash escapes what follows."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: re.sub(r"\\(.)", r"\1", value) for key, _, value in pairs}


@pytest.mark.parametrize("version", ["1.0", "2024-06", 'a"\\b'])
def test_torchserve_is_told_ports_metrics_and_the_one_model(tmp_path: Path, version: str) -> None:
    write_files(tmp_path, {"net.mar": mar(modelVersion=version)})
    said = read_properties(
        generated(made(tmp_path / "net.mar", "torchserve", "torchserve"), "config/config.properties")
    )
    snapshot = json.loads(said.pop("model_snapshot"))
    assert snapshot["models"]["digits"][version]["marName"] == "digits.mar"
    assert snapshot["modelCount"] == len(snapshot["models"]) == 1
    assert said["inference_address"] == "http://0.0.0.0:8085"
    assert (said["metrics_mode"], said["metrics_address"]) == ("prometheus", "http://0.0.0.0:8082")
    assert (said["model_store"], said["enable_envvars_config"]) == ("/mnt/models/model-store", "true")


# --- what was trained ------------------------------------------------------------------------------------------------


@pytest.fixture
def trained(tmp_path: Path) -> Artifact:
    """What the trainer leaves, read back."""
    root = tmp_path / "artifact"
    write_files(root / "savedmodel/savedmodel", {"saved_model.pb": saved_model(), "variables/index": "x"})
    write_artifact(
        Artifact(
            root,
            "savedmodel",
            (),
            exports={"savedmodel": "savedmodel/savedmodel"},
            signature=SAID,
            metrics={"accuracy": 1.0},
            golden=Golden({}, {}),
            training_key="key",
        )
    )
    found = read_artifact(root)
    assert found is not None
    return found


def test_what_was_trained_gets_further_layouts_and_keeps_all_that_is_known(trained: Artifact) -> None:
    both = artifact_in_layouts(trained, {LAYOUT: "savedmodel", "triton": "savedmodel"}, "digits", print)
    assert both.layouts == (LAYOUT, "triton")
    assert [source.path for source in collect(both).files] == [
        f"{LAYOUT}/1/saved_model.pb",
        f"{LAYOUT}/1/variables/index",
        "triton/digits/1/model.savedmodel/saved_model.pb",
        "triton/digits/1/model.savedmodel/variables/index",
        "triton/digits/config.pbtxt",
    ]
    said = read_pbtxt(both.generated["triton/digits/config.pbtxt"].decode())
    assert said["input"][0]["name"] == "x"  # as the trainer read it back
    kept = ("metrics", "golden", "training_key", "signature", "format")
    assert [getattr(both, name) for name in kept] == [getattr(trained, name) for name in kept]


def test_only_the_layouts_that_are_wanted_are_published(trained: Artifact) -> None:
    other = artifact_in_layouts(trained, {"triton": "savedmodel"}, "digits", print)
    assert {source.path.split("/")[0] for source in collect(other).files} == {"triton"}


@pytest.mark.parametrize(
    ("change", "wanted", "reason"),
    [
        ({}, "mlserver", "'savedmodel' has no layout 'mlserver'"),
        ({"exports": {"onnx": "x"}}, "triton", "was not exported as savedmodel; there is onnx. Train again"),
        ({"root": Path("gone")}, "triton", "there is no gone/savedmodel/savedmodel, where the export was. Train again"),
    ],
)
def test_what_cannot_be_made_of_a_trained_model_is_said(trained: Artifact, change, wanted: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        artifact_in_layouts(replace(trained, **change), {wanted: "savedmodel"}, "digits", print)


@pytest.mark.parametrize(
    "content", [b"\xff", b"{", b"[]", b"1" * 5000], ids=["no text", "no JSON", "a list", "a number"]
)
def test_a_record_that_is_none_of_ours_is_told(tmp_path, content):
    (tmp_path / "artifact.json").write_bytes(content)
    with pytest.raises(InputError, match="this record of an export can't be read"):
        read_artifact(tmp_path)
