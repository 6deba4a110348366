"""The tasks on columns: what is scaled, what is missing, and the unit of the answer."""

from __future__ import annotations

import dataclasses
import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from trainer_kit import SERVICE

from generator.errors import InputError
from generator.loading import load as loader
from generator.model import gate, measures
from generator.model.artifact import Tensor
from trainer import backend, data, tasks
from trainer.data import sound, split
from trainer.data.dataset import Dataset, Examples
from trainer.measures import regression
from trainer.service import train_service
from trainer.settings import Settings
from trainer.tasks import columns

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.run import Outcome

SETTINGS = Settings(epochs=1, seed=1, batch_size=8, learning_rate=0.001, hidden=(4,))


def dataset(inputs: dict[str, Any], targets: Any, classes: tuple[str, ...] = (), **other: Any) -> Dataset:
    """The same examples on both sides."""
    arrays = {name: np.array(column) for name, column in inputs.items()}
    part = Examples(inputs=arrays, targets=np.array(targets))
    return Dataset(name="made", train=part, test=part, classes=classes, split="", licence="", **other)


def texts(*values: str) -> Any:
    return np.array(values, dtype=object)


class TestMetrics:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    @pytest.mark.parametrize("shape", [(50,), (50, 1)])
    def test_every_number_is_scikit_learns(self, seed: int, shape: tuple[int, ...]) -> None:
        from sklearn import metrics as sk

        random = np.random.default_rng(seed)
        right, said = random.normal(3, 5, 50), random.normal(3, 5, 50)
        ours = regression.of_numbers(said.reshape(shape), right)
        assert ours["mse"] == pytest.approx(sk.mean_squared_error(right, said))
        assert ours["rmse"] == pytest.approx(sk.root_mean_squared_error(right, said))
        assert ours["mae"] == pytest.approx(sk.mean_absolute_error(right, said))
        assert ours["r2"] == pytest.approx(sk.r2_score(right, said))
        assert ours["examples"] == 50

    def test_the_baseline_says_the_mean_of_the_training_targets_and_knows_no_held_out_one(self) -> None:
        train = Examples(inputs={"x": np.zeros(4)}, targets=np.array([1.0, 2, 3, 6]))
        test = Examples(inputs={"x": np.zeros(2)}, targets=np.array([1.0, 5]))
        made = Dataset(name="", train=train, test=test, classes=(), split="", licence="")
        assert regression.baseline(made) == {"mse": 4, "rmse": 2, "mae": 2, "r2": 0}

    def test_what_has_no_finite_value_is_none_which_json_can_say(self) -> None:
        found = regression.of_numbers(np.array([np.inf, 1.0]), np.array([2.0, 2.0]))
        assert (found["mse"], found["mae"], found["r2"]) == (None, None, None)
        json.dumps(found, allow_nan=False)

    def test_every_name_can_be_gated_and_no_other_is_measured(self) -> None:
        made = dataset({"x": [0.0, 1, 2]}, [1.0, 2, 4])
        metrics = regression.evaluate(made, lambda inputs: inputs["x"]) | {"baseline": regression.baseline(made)}
        paths = set(metrics) - {"baseline"} | {f"baseline.{name}" for name in metrics["baseline"]}
        assert paths == set(measures.MEASURES["regression"])
        (verdict,) = gate.judge([gate.parse("rmse", "< baseline * 2")], metrics)
        assert verdict.met
        assert regression.table(metrics).count("\n") == 4


class TestHeldOut:
    def test_the_order_of_the_examples_changes_nothing(self) -> None:
        random = np.random.default_rng(0)
        values, targets = random.normal(size=(100, 3)), random.normal(size=100)
        mask = split.held_out({"x": values}, targets, classes=False)
        assert mask.sum() == 20
        turned = random.permutation(100)
        assert (split.held_out({"x": values[turned]}, targets[turned], classes=False) == mask[turned]).all()

    @pytest.mark.parametrize("classes", [True, False])
    def test_equal_inputs_stand_on_one_side_whatever_their_targets(self, classes: bool) -> None:
        values = np.repeat(np.arange(30.0), 3)
        targets = np.random.default_rng(0).integers(0, 3, 90)
        mask = split.held_out({"x": values}, targets, classes=classes).reshape(30, 3)
        assert (mask.all(axis=1) == mask.any(axis=1)).all()
        assert 9 <= mask.sum() <= 27

    @pytest.mark.parametrize(("sizes", "held"), [((50, 10, 2), (10, 2, 1)), ((9, 5, 1), (1, 1, 0))])
    def test_of_each_class_the_same_share(self, sizes: tuple[int, ...], held: tuple[int, ...]) -> None:
        labels = np.repeat(np.arange(len(sizes)), sizes)
        inputs = {"x": np.arange(len(labels)), "y": texts(*map(str, labels))}
        mask = split.held_out(inputs, labels, classes=True)
        assert tuple(np.bincount(labels[mask], minlength=len(sizes))) == held

    def test_of_each_tenth_of_the_numbers_the_same_share(self) -> None:
        targets = np.random.default_rng(0).exponential(size=500)
        mask = split.held_out({"x": targets}, targets, classes=False)
        assert np.bincount(np.argsort(np.argsort(targets))[mask] // 50).tolist() == [10] * 10

    @pytest.mark.parametrize("targets", [np.zeros(40), np.zeros((40, 3)), np.arange(12.0)])
    def test_where_there_are_no_tenths_all_are_one(self, targets: Any) -> None:
        mask = split.held_out({"x": np.arange(float(len(targets)))}, targets, classes=False)
        assert mask.sum() == len(targets) // 5


class TestSound:
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"targets": [0, 1] * 4}, ["8 examples to train on", "at least 10"]),
            ({"targets": [0] * 12, "classes": ("a",)}, ["one class only, 'a'"]),
            ({"targets": [0] * 12, "classes": ("a", "b")}, ["class 'b' has no example to train on"]),
            ({"targets": [0, 3] * 6, "classes": ("a", "b")}, ["a label 3", "0 to 1"]),
            ({"targets": [0, -1] * 6, "classes": ("a", "b")}, ["a label -1"]),
            ({"targets": [0.5] * 12}, ["every training target is 0.5"]),
            ({"targets": [0.5, np.nan] * 6}, ["the target of training example 2 is no finite number"]),
            ({"targets": [0.5, np.inf] * 6}, ["the target of training example 2"]),
            ({"targets": [0.5, 1] * 6, "x": [1.0] * 7 + [np.inf] * 5}, ["training example 8 holds an infinite number"]),
            ({"targets": [0.5, 1] * 6, "x": [1.0] * 7}, ["7 training examples of x for 12 targets"]),
            ({"targets": []}, ["no training examples"]),
        ],
        ids=str,
    )
    def test_what_cant_be_trained_on_is_refused_with_the_file_and_the_place(self, change: Any, says: list[str]) -> None:
        targets = change["targets"]
        inputs = {"x": change.get("x", np.arange(float(len(targets))))}
        made = dataset(inputs, targets, change.get("classes", ()), origin="mine.csv")
        with pytest.raises(InputError) as caught:
            sound.demand(made)
        assert str(caught.value).startswith("mine.csv: ")
        for part in says:
            assert part in str(caught.value)

    def test_one_class_is_said_so_where_nothing_is_held_out_either(self) -> None:
        whole = dataset({"x": np.ones(40)}, [0] * 40, ("a",))
        part = Examples(inputs={"x": np.ones(0)}, targets=np.zeros(0, dtype=np.int64))
        with pytest.raises(InputError, match="one class only, 'a'"):
            sound.demand(dataclasses.replace(whole, test=part))

    def test_a_class_that_nothing_held_out_is_of_is_refused(self) -> None:
        whole = dataset({"x": np.arange(12.0)}, [0, 1, 2] * 4, ("a", "b", "c"))
        part = Examples(inputs={"x": np.arange(4.0)}, targets=np.array([0, 0, 1, 1]))
        with pytest.raises(InputError, match=r"data 'made': the class 'c' has no example held out"):
            sound.demand(dataclasses.replace(whole, test=part))

    def test_inputs_differ_between_the_parts(self) -> None:
        whole = dataset({"x": np.zeros((12, 3))}, np.arange(12.0))
        for inputs, says in (({"x": np.zeros((12, 4))}, "it is 4"), ({"y": np.zeros((12, 3))}, "it is missing")):
            with pytest.raises(InputError, match=rf"input x is 3 to train on, and held out {says}"):
                sound.demand(dataclasses.replace(whole, test=Examples(inputs=inputs, targets=np.arange(12.0))))


class TestColumns:
    @pytest.mark.parametrize(
        ("inputs", "says"),
        [
            ({"x": np.zeros((12, 4, 4))}, ["takes columns", "x has 3 dimensions"]),
            ({"x": np.array([[1.0, np.nan]] * 12)}, ["no training example has a value in the column b"]),
            ({"x": np.full(12, np.nan)}, ["no training example has a value in the column a"]),
            ({"x": texts(*[""] * 12)}, ["no training example has a value in the column x"]),
            ({"x": texts(*(f"name {i}" for i in range(60)))}, ["60 different texts in 60", "no category", "features"]),
        ],
        ids=["images", "empty of a matrix", "empty", "empty text", "names"],
    )
    def test_a_column_that_says_nothing_is_refused_by_its_name(self, inputs: Any, says: list[str]) -> None:
        notes = {"columns": [{"name": name, "input": "x", "kind": "number"} for name in "ab"]}
        made = dataset(inputs, np.arange(float(len(inputs["x"]))), notes=notes)
        for task in ("tabular-regression", "tabular-classification"):
            with pytest.raises(InputError) as caught:
                tasks.find(task).check(dataclasses.replace(made, classes=("0", "1")))
            for part in says:
                assert part in str(caught.value)

    @pytest.mark.parametrize(
        ("task", "classes", "says"),
        [("tabular-regression", ("a", "b"), "no number"), ("tabular-classification", (), "no classes")],
    )
    def test_targets_of_the_other_kind_are_refused(self, task: str, classes: tuple[str, ...], says: str) -> None:
        with pytest.raises(InputError, match=says):
            tasks.find(task).check(dataset({"x": [1.0, 2]}, [0, 1], classes))

    @pytest.mark.tensorflow
    def test_numbers_are_scaled_and_a_missing_one_counts_as_the_mean(self) -> None:
        inputs = {"x": np.array([[1.0, 7], [3, 7], [np.nan, 7]], dtype="float32")}
        scaled = columns.prepare(inputs)({"x": np.array([[3, 7], [np.nan, 8]], dtype="float32")})
        assert np.array(scaled) == pytest.approx(np.array([[1.0, 0], [0, 1]]), abs=1e-6)

    @pytest.mark.tensorflow
    def test_a_category_is_one_of_those_seen_and_what_isnt_known_is_none(self) -> None:
        inputs = {"n": np.array([1.0, 3, 1, 3], dtype="float32"), "city": texts("Rome", "Oslo", "", "Rome")}
        tf = backend.tensorflow()
        asked = {"n": tf.constant([1.0, 1, 1]), "city": tf.constant(["Oslo", "Bern", ""])}
        found = np.array(columns.prepare(inputs)(asked))
        assert found.tolist() == [[-1, 1, 0], [-1, 0, 0], [-1, 0, 0]]

    @pytest.mark.tensorflow
    def test_hidden_layers_are_the_service_files_and_none_is_a_linear_model(self) -> None:
        made = dataset({"x": np.random.default_rng(0).normal(size=(12, 3))}, np.arange(12.0))
        for hidden in ((), (5,), (6, 7)):
            network = tasks.find("tabular-regression").network(made, dataclasses.replace(SETTINGS, hidden=hidden))
            units = [layer.units for layer in network.body.layers if hasattr(layer, "units")]
            assert units == [*hidden, 1]


def service_file(folder: Path, task: str, source: str = "", extra: str = "") -> Path:
    path = folder / "serinus.yaml"
    of_data = f", data: {source}" if source else ""
    text = SERVICE.replace("task: image-classification, data: digits, epochs: 2", f"task: {task}{of_data}{extra}")
    gates = ", ".join(f'{metric}: "{condition}"' for metric, condition in tasks.find(task).gate)
    path.write_text(text.replace('accuracy: ">= 0.5"', gates), encoding="utf-8")
    return path


def train(path: Path) -> Outcome:
    return train_service(loader.load(path), say=lambda _: None)


@pytest.mark.tensorflow
class TestTraining:
    @pytest.mark.parametrize(
        ("task", "outputs"),
        [
            ("tabular-regression", {Tensor("prediction", "float32", (None,))}),
            (
                "tabular-classification",
                {Tensor("probabilities", "float32", (None, 2)), Tensor("class", "int64", (None,))},
            ),
        ],
    )
    def test_a_task_reaches_its_gate_and_twice_the_same_metrics(
        self, tmp_path: Path, task: str, outputs: set[Tensor]
    ) -> None:
        first = train(service_file(tmp_path, task)).artifact
        assert first.signature
        assert set(first.signature.outputs) == outputs
        assert [tensor.name for tensor in first.signature.inputs] == ["features"]
        (tmp_path / "again").mkdir()
        assert train(service_file(tmp_path / "again", task)).artifact.metrics == first.metrics

    def test_the_answer_is_in_the_targets_own_unit(self, tmp_path: Path) -> None:
        artifact = train(service_file(tmp_path, "tabular-regression")).artifact
        assert artifact.golden
        right = data.SOURCES["diabetes"].load().test.targets
        said = artifact.golden.response["prediction"]
        assert said == pytest.approx(right[:2].tolist(), abs=2.5 * float(right.std()))
        assert 0.5 * right.min() < min(said) < max(said) < 1.5 * right.max()
        loaded = backend.tensorflow().saved_model.load(str(artifact.root / "savedmodel" / "savedmodel"))
        request = backend.tensorflow().constant(artifact.golden.request["features"], "float32")
        answer = loaded.signatures["serving_default"](features=request)["prediction"].numpy()
        assert answer.tolist() == pytest.approx(said, rel=1e-5)

    @pytest.mark.parametrize("unit", [1e-6, 1e6])
    def test_the_targets_unit_doesnt_matter(self, unit: float) -> None:
        from trainer.fitting.fit import Watch, fit, seeded

        found = []
        with warnings.catch_warnings():
            for factor in (1.0, unit):
                whole = data.SOURCES["diabetes"].load()
                train_part, test_part = (
                    Examples(inputs=part.inputs, targets=(part.targets * factor).astype("float32"))
                    for part in (whole.train, whole.test)
                )
                made = dataclasses.replace(whole, train=train_part, test=test_part)
                chosen = dataclasses.replace(SETTINGS, epochs=3)
                seeded(1)
                task = tasks.find("tabular-regression")
                network = task.network(made, chosen)
                examples = network.features(made.train.inputs), made.train.targets
                fit(network.body, task.loss(made), examples, chosen, watch=Watch(say=pytest.fail))
                found.append(task.measure.evaluate(made, network.raw)["r2"])
        assert found[0] == pytest.approx(found[1], abs=1e-3)
