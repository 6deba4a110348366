"""PMML: what is written, what is refused by which word, and that our evaluator says what KServe's does."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import networks
import numpy as np
import pytest
from networks import of_answer, of_task, prices

import mlflow_server
from generator.model.artifact import Golden
from generator.store.golden import bodies
from trainer import backend, formats, parity
from trainer.data import digits
from trainer.formats import pmml
from trainer.golden import golden
from trainer.pmml.evaluate import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trainer.formats.base import Trained

pytestmark = pytest.mark.tensorflow

JPMML = ("jpmml-evaluator==0.16.0", "jpype1>=1.5,<2")
EXPORTER = formats.find("pmml")


def written(made: Trained, folder: Path) -> pmml.Evaluated:
    assert EXPORTER.refusal(made) == ""
    EXPORTER.write(made, folder / pmml.FILE)
    return pmml.read(folder / pmml.FILE)


def found(folder: Path, name: str) -> list[ET.Element]:
    return list(ET.parse(folder / pmml.FILE).getroot().iter(f"{NAMESPACE}{name}"))  # noqa: S314


def classes(raw: Any) -> dict[str, Any]:
    keras = backend.keras()
    return {"likely": keras.layers.Softmax()(raw), "best": keras.ops.argmax(raw, axis=-1)}


def by_jpmml(path: Path, rows: list[list[Any]]) -> list[dict[str, Any]]:
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    python = mlflow_server.environment("jpmml", *JPMML) / "python"
    script = Path(__file__).parents[1] / "jpmml.py"
    done = subprocess.run(
        [python, script, path], input=json.dumps(rows), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def rows_of(fields: Mapping[str, Any]) -> list[list[Any]]:
    """Fields as rows, as a client of KServe's server sends them: what is missing is null."""

    def sent(value: Any) -> Any:
        return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value

    return [[sent(value) for value in row] for row in zip(*(each.tolist() for each in fields.values()), strict=True)]


class TestWhatIsWritten:
    def test_a_network_is_one_and_a_linear_model_is_a_regression(self, tmp_path: Path) -> None:
        written(of_task("tabular-regression", prices(), hidden=(8,)), tmp_path)
        assert len(found(tmp_path, "NeuralLayer")) == 2
        assert not found(tmp_path, "RegressionModel")
        written(of_task("tabular-regression", prices(), hidden=()), tmp_path)
        assert len(found(tmp_path, "RegressionTable")) == 1
        assert not found(tmp_path, "NeuralNetwork")

    def test_fields_are_the_columns_and_the_target_has_its_name(self, tmp_path: Path) -> None:
        made = written(of_task("tabular-regression", prices()), tmp_path)
        assert {each.get("name"): each.get("dataType") for each in found(tmp_path, "DataField")} == {
            "colour": "string",
            "size": "double",
            "rooms": "integer",
            "price & more": "double",
        }
        assert [tensor.name for tensor in made.signature.inputs] == ["colour", "size", "rooms"]
        assert [tensor.name for tensor in made.signature.outputs] == ["prediction"]

    def test_images_have_a_field_a_pixel_and_classes_a_probability_each(self, tmp_path: Path) -> None:
        made = written(of_task("image-classification", digits.load()), tmp_path)
        assert [tensor.name for tensor in made.signature.inputs] == [f"image_{index}" for index in range(784)]
        assert [tensor.name for tensor in made.signature.outputs] == [
            "class",
            *(f"probabilities({digit})" for digit in range(10)),
        ]
        assert [each.get("normalizationMethod") for each in found(tmp_path, "NeuralLayer")] == [None, "softmax"]

    def test_the_golden_pair_is_of_fields(self, tmp_path: Path) -> None:
        data = prices(classes=("no", "yes"))
        pair = golden(written(of_task("tabular-classification", data), tmp_path), data)
        assert list(pair.request) == ["colour", "size", "rooms"]
        assert all(len(values) == 2 for values in pair.request.values())
        assert set(pair.response["class"]) <= {"no", "yes"}
        assert set(pair.response) == {"class", "probabilities(no)", "probabilities(yes)"}


class TestParity:
    @pytest.mark.parametrize(
        "layers",
        [
            lambda keras: [keras.layers.Dense(5, activation="sigmoid"), keras.layers.Dense(4, activation="tanh")],
            lambda keras: [keras.layers.Dense(5), keras.layers.BatchNormalization(), keras.layers.ReLU()],
            lambda keras: [keras.layers.Dense(5, "relu", use_bias=False), keras.layers.Dropout(0.5)],
            lambda keras: [keras.layers.Reshape((2, 2)), keras.layers.Dense(3, "relu"), keras.layers.Flatten()],
            lambda keras: [keras.layers.Rescaling(0, 1), keras.layers.Dense(2, "exponential")],
            lambda keras: [keras.layers.Activation("tanh"), keras.layers.Softmax()],
        ],
        ids=["sigmoid and tanh", "batches", "no bias", "of two dimensions", "a constant", "no dense layer before"],
    )
    def test_dense_networks_answer_as_they_do_in_keras(
        self, layers: Callable[[Any], list[Any]], tmp_path: Path
    ) -> None:
        made = of_answer(classes, *layers(backend.keras()))
        for weight in made.model.weights:  # so that no part of a normalisation is 0 or 1
            weight.assign(abs(weight + 0.1 * np.random.default_rng(5).normal(size=weight.shape)))
        assert parity.demand(made, written(made, tmp_path), "pmml")["largestDifference"] < 1e-5

    def test_numbers_that_neither_an_input_nor_a_layer_is_may_be_scaled(self, tmp_path: Path) -> None:
        made = of_answer(lambda raw: classes((2.0 - (raw * 3.0 + 1.0) / 4.0) - 0.5))
        assert parity.demand(made, written(made, tmp_path), "pmml")["largestDifference"] < 1e-5

    @pytest.mark.parametrize("hidden", [(), (8, 4)], ids=["linear", "dense"])
    @pytest.mark.parametrize("names", [(), ("no", "yes", networks.ODD)], ids=["number", "classes"])
    def test_kserves_evaluator_says_the_same(
        self, hidden: tuple[int, ...], names: tuple[str, ...], tmp_path: Path
    ) -> None:
        task = "tabular-classification" if names else "tabular-regression"
        made = of_task(task, prices(classes=names), hidden=hidden)
        fields, told = written(made, tmp_path).pair(parity.sample(made.dataset))
        answers = by_jpmml(tmp_path / pmml.FILE, rows_of(fields))
        for name, values in told.items():
            theirs = [answer[name] for answer in answers]
            assert theirs == (values.tolist() if values.dtype == object else pytest.approx(values.tolist(), abs=1e-9))

    def test_kserves_evaluator_reads_an_image_network(self, tmp_path: Path) -> None:
        made = of_task("image-classification", digits.load())
        inputs = {name: array[:5] for name, array in made.dataset.test.inputs.items()}
        fields, told = written(made, tmp_path).pair(inputs)
        answers = by_jpmml(tmp_path / pmml.FILE, rows_of(fields))
        assert [answer["class"] for answer in answers] == told["class"].tolist()
        for digit in range(10):
            name = f"probabilities({digit})"
            assert [answer[name] for answer in answers] == pytest.approx(told[name].tolist(), abs=1e-6)

    def test_kserves_server_answers_the_golden_request_that_lies_beside_the_model(self, tmp_path: Path) -> None:
        """A record sorts its names, and the server takes a row without names."""
        data = prices(classes=("no", "yes"))
        made = written(of_task("tabular-classification", data), tmp_path)
        pair = golden(made, data)
        kept = Golden(*(dict(sorted(side.items())) for side in (pair.request, pair.response)))
        body = json.loads(bodies(kept, made.signature, protocols=["v1"], flat=True)["golden.v1"])
        (answer,) = by_jpmml(tmp_path / pmml.FILE, body["instances"])
        for name, values in pair.response.items():
            assert answer[name] == (values[0] if name == "class" else pytest.approx(values[0], abs=1e-6))


@pytest.mark.parametrize(
    ("layers", "answer", "says"),
    [
        (lambda k: [k.layers.Reshape((2, 2, 1)), k.layers.Conv2D(1, 2), k.layers.Flatten()], classes, "the layer Conv2D"),
        (lambda k: [k.layers.Dense(3, "gelu")], classes, "no activation function gelu"),
        (lambda k: [k.layers.ReLU(negative_slope=0.1)], classes, "relu with a slope or a bound"),
        (lambda k: [], lambda raw: {"raw": raw}, "one number, and the outputs are raw"),
        (lambda k: [], lambda raw: {**classes(raw), "raw": raw}, "the outputs are"),
        (lambda k: [], lambda raw: {**classes(raw), "best": backend.keras().ops.argmax(-raw, -1)}, "the likeliest one"),
        (lambda k: [], lambda raw: classes(raw * raw), "the operation Multiply of two inputs"),
        (lambda k: [], lambda raw: classes(1.0 / raw), "a number divided by an input"),
        (lambda k: [], lambda raw: classes(backend.keras().ops.cast(raw, "int32") * 1.0), "a whole one"),
    ],
    ids=["convolution", "gelu", "leaky", "neither", "more", "another class", "square", "inverse", "cut"],
)  # fmt: skip
def test_what_it_cannot_say_is_refused_by_its_name(
    layers: Callable[[Any], list[Any]], answer: Callable[[Any], Mapping[str, Any]], says: str
) -> None:
    assert says in EXPORTER.refusal(of_answer(answer, *layers(backend.keras())))


def test_names_that_xml_cannot_hold_or_that_stand_for_two_things_are_refused() -> None:
    assert "XML has no letters" in EXPORTER.refusal(of_task("tabular-classification", prices(classes=("a\x00", "b"))))
    made = of_task("tabular-classification", prices(classes=("a", "b")))
    twice = {**made.dataset.train.inputs, "class": made.dataset.train.inputs["rooms"]}
    data = prices(classes=("a", "b"))
    for part in (data.train, data.test):
        part.inputs["class"] = part.inputs["rooms"]  # type: ignore[index]
    assert len(twice) == 4
    assert "class is the name of an input and of an output" in EXPORTER.refusal(of_task("tabular-classification", data))
