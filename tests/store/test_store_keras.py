"""Keras' own files: what they say of themselves without Keras, and what is wrong with those that no Keras could load."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_files import DENSE, HDF5, INPUT, keras, layer, network, zipped
from store_kit import write_service

from generator.errors import InputError
from generator.model.artifact import Signature, Tensor
from generator.store.bring import artifact_from_model
from generator.store.formats import formats

if TYPE_CHECKING:
    from pathlib import Path

    from generator.store.formats.base import Model


def look(path: Path, told: list[str] | None = None) -> Model:
    return formats()["keras"].look(path, (told if told is not None else []).append)


def of(folder: Path, config: object, told: list[str] | None = None) -> Model:
    (folder / "net.keras").write_bytes(keras(config))
    return look(folder / "net.keras", told)


def test_signature_and_version_are_read_without_keras(tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(keras())
    artifact = artifact_from_model(tmp_path / "net.keras", "keras", ["plain"], "digits", print)
    assert artifact.signature == Signature(
        "serve", (Tensor("x", "float32", (None, 4)),), (Tensor("y", "float32", (None, 3)),)
    )
    assert artifact.trained_with == {"writtenBy": {"keras": "3.15.1"}}


ID = layer("InputLayer", "id", batch_shape=[None], dtype="int64")
SOFTMAX = layer("Softmax", "p")


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


@pytest.mark.parametrize(
    ("config", "inputs", "outputs"),
    [
        (sequential(INPUT, DENSE), {"x": (None, 4)}, {"y": (None, 3)}),
        # A layer without weights after the last one with some has no shape of its own in the file.
        (sequential(INPUT, DENSE, SOFTMAX), {"x": (None, 4)}, {"p": (None, 3)}),
        (network(INPUT, {**SOFTMAX, "build_config": {"input_shape": [None, 4]}}), {"x": (None, 4)}, {"p": (None, 4)}),
        # Names that the model's owner gave come before those of the layers.
        (
            network(INPUT, ID, DENSE, input_layers={"a": ["x", 0, 0], "b": ["id", 0, 0]}, output_layers={"q": ["y", 0, 0]}),
            {"a": (None, 4), "b": (None,)},
            {"q": (None, 3)},
        ),
        (
            network(INPUT, ID, DENSE, input_layers=[["x", 0, 0], ["id", 0, 0]], output_layers=[["y", 0, 0]]),
            {"x": (None, 4), "id": (None,)},
            {"y": (None, 3)},
        ),
    ],
)  # fmt: skip
def test_inputs_and_outputs_are_those_of_the_configuration(tmp_path: Path, config, inputs, outputs) -> None:
    signature = of(tmp_path, config).signature
    assert signature is not None
    assert {each.name: each.shape for each in signature.inputs} == inputs
    assert {each.name: each.shape for each in signature.outputs} == outputs
    assert {each.dtype for each in signature.inputs} <= {"float32", "int64"}


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (network(INPUT, layer("LSTM", "y", built=[None, 4])), "its output 'y' follows from the code of LSTM"),
        (network(layer("InputLayer", "x", batch_shape=[None, 4], ragged=True), DENSE), "'x' is sparse or ragged"),
        (sequential(DENSE), "doesn't begin with an input of a known shape"),
        ({"module": "mine", "class_name": "Net", "config": {}, "registered_name": "mine>Net"}, "class of its own"),
        (network(INPUT, layer("Dense", "y", units="3", built=[None, 4])), "doesn't say its inputs and outputs"),
        (network(INPUT, DENSE, output_layers=["gone", 0, 0]), "doesn't say its inputs and outputs"),
        (sequential(), "doesn't say its inputs and outputs"),
        ({"class_name": "Functional", "config": 3}, "doesn't say its inputs and outputs"),
    ],
)
def test_what_the_configuration_does_not_say_is_no_signature(tmp_path: Path, config, reason) -> None:
    model = of(tmp_path, config)
    assert model.signature is None
    assert reason in model.unsaid


LAMBDA = {
    **layer("Lambda", "l"),
    "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4w"}}},
}
MINE = {**layer("Attention2", "m"), "module": "mine.layers", "registered_name": "mine>Attention2"}


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (network(INPUT, LAMBDA, DENSE), ["Lambda", "a lambda"]),
        (network(INPUT, MINE, DENSE), ["mine>Attention2"]),
        (network(INPUT, {**MINE, "module": None, "registered_name": "mine>Other"}, DENSE), ["mine>Other"]),
        (network(INPUT, layer("TorchModuleWrapper", "t"), DENSE), ["TorchModuleWrapper"]),
        (network(INPUT, DENSE), []),
    ],
)
def test_code_that_is_not_keras_own_is_named(tmp_path: Path, config, named) -> None:
    told: list[str] = []
    assert of(tmp_path, config, told).facts.get("kerasOwnCode", []) == named
    assert told == ([] if not named else [f"{tmp_path}/net.keras names {', '.join(named)}, whose code it doesn't hold in a form that Keras loads safely"])  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * 99, "it is no zip file"),
        (keras()[:-9], "no zip file, or was cut off"),
        (zipped({"config.json": "{}"}), "it holds no metadata.json"),
        (zipped({"config.json": "{}", "metadata.json": "{}"}), "it holds no model.weights.h5"),
        (zipped({"config.json": "{", "metadata.json": "{}", "model.weights.h5": HDF5}), "its config.json is no JSON"),
        (zipped({"config.json": "[]", "metadata.json": "{}", "model.weights.h5": HDF5}), "is no JSON object"),
        (keras({"config": {}}), "names no class_name"),
        (keras(weights=HDF5[:20]), "of its model.weights.h5, it was cut off"),
        (keras(weights=HDF5[:-8] + (49).to_bytes(8, "little")), "of its model.weights.h5, it was cut off"),
        (keras(weights=b"pickle" * 20), "of its model.weights.h5, it is no HDF5 file"),
        (keras(**{"../../etc/passwd": "x"}), "'../../etc/passwd' would be unpacked outside of its folder"),
        (keras(**{"/etc/passwd": "x"}), "would be unpacked outside of its folder"),
        (keras(**{"C:\\x": "x"}), "would be unpacked outside of its folder"),
    ],
)
def test_what_no_keras_could_load_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "net.keras").write_bytes(content)
    with pytest.raises(InputError) as caught:
        look(tmp_path / "net.keras")
    assert reason in str(caught.value)
    assert caught.value.fix == "Save the model again: model.save('model.keras')."


def test_an_archive_with_a_link_or_a_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    link = zipfile.ZipInfo("assets")
    link.external_attr = 0o120777 << 16
    for name, reason in ((link, "'assets' is a link"), ("config.json", "it holds 'config.json' twice")):
        path.write_bytes(keras())
        with (
            zipfile.ZipFile(path, "a") as archive,
            pytest.warns(UserWarning, match="Duplicate name") if name != link else pytest.MonkeyPatch().context(),
        ):
            archive.writestr(name, "/etc")
        with pytest.raises(InputError, match=reason):
            look(path)


def test_the_old_form_leads_to_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "net.h5").write_bytes(HDF5)
    with pytest.raises(InputError, match=r"keras.models.load_model\('net.h5'\).save\('net.keras'\), then --model that"):
        look(tmp_path / "net.h5")


WHOLE = network(INPUT, ID, MINE, DENSE)
LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=4) | st.just([]) | st.just({})


@settings(max_examples=80)
@given(st.data())
def test_a_configuration_of_any_form_is_read_or_unsaid_and_nothing_worse(tmp_path_factory, data) -> None:
    config = json.loads(json.dumps(WHOLE))
    for _ in range(data.draw(st.integers(1, 4))):
        here, steps = config, data.draw(st.integers(1, 6))
        for _ in range(steps):
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if not isinstance(here[key], dict | list):
                here[key] = data.draw(LEAVES)
                break
            below = here[key]
            if data.draw(st.integers(0, 9)) == 0:
                here[key] = data.draw(LEAVES)
                break
            here = below
    path = tmp_path_factory.getbasetemp() / "bent.keras"
    path.write_bytes(keras(config))
    model = look(path)
    assert (model.signature is None) == bool(model.unsaid)


@pytest.mark.parametrize(
    ("model", "name", "config", "code", "says"),
    [
        ("{modelFormat: keras, runtime: ours}", "net.keras", None, 0, "is taken for a model of the format keras"),
        ("{format: keras}", "net.keras", None, 2, "has no server for the format 'keras' here. (at model.format) Did you mean 'savedmodel'?"),
        ("{}", "net.keras", network(INPUT, MINE, DENSE), 2, "it can't be converted: mine>Attention2 is code that isn't Keras' own. Export it where that code is"),
        ("{format: onnx}", "net.keras", network(INPUT, LAMBDA, DENSE), 2, "it can't be converted: Lambda, a lambda is code"),
        ("{format: savedmodel}", "net.h5", None, 2, "net.h5 is Keras' own format, which no server reads. Export it: keras.models.load_model('net.h5')"),
        ("{format: sklearn}", "net.keras", None, 2, "doesn't end in .joblib"),
    ],
    ids=["own-runtime", "named", "own-code", "lambda", "old-form", "another-format"],
)  # fmt: skip
def test_what_becomes_of_one_without_keras(
    run, tmp_path: Path, model: str, name: str, config, code: int, says: str
) -> None:
    """What Keras makes of the others is in the tests of the trainer."""
    (tmp_path / name).write_bytes(keras(config))
    file = write_service(tmp_path, "./store")
    file.write_text(file.read_text().replace('{format: savedmodel, gate: {accuracy: ">= 0.95"}}', model))
    ended = run("publish", file, "--model", tmp_path / name)
    assert (ended.code, says in ended.err) == (code, True), ended.err
