"""Evaluation, held against scikit-learn's and against numbers worked out by hand."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

from generator.model import gate, measures
from trainer.data.dataset import Dataset, Examples, named
from trainer.measures import classification

RIGHT = np.array([[9.0, 0, 0], [0, 9, 0], [0, 0, 9]])


def measured(logits: Any, labels: Any) -> dict[str, Any]:
    return classification.of_logits(logits, labels, named(logits.shape[1]))


def made_up(seed: int, *, examples: int, classes: int) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    return random.normal(scale=3, size=(examples, classes)).astype(np.float32), random.integers(0, classes, examples)


@pytest.mark.parametrize(("examples", "classes"), [(1, 2), (7, 5), (200, 10), (3000, 3)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_is_scikit_learns(seed: int, examples: int, classes: int) -> None:
    from sklearn import metrics as sk

    logits, labels = made_up(seed, examples=examples, classes=classes)
    ours = measured(logits, labels)
    predicted, names = logits.argmax(axis=1), list(range(classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of a class that has one example or none
        precision, recall, f1, support = sk.precision_recall_fscore_support(
            labels, predicted, labels=names, zero_division=0
        )
        matrix = sk.confusion_matrix(labels, predicted, labels=names)
        loss = sk.log_loss(labels, np.exp(log_softmax(logits)), labels=names)
    assert ours["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted), abs=1e-15)
    assert ours["loss"] == pytest.approx(loss, rel=1e-6)
    assert ours["examples"] == examples
    assert ours["confusionMatrix"] == matrix.tolist()
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1), ("support", support)):
        assert [scores[name] for scores in ours["perClass"].values()] == pytest.approx(values.tolist(), abs=1e-15)
    for name, values in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert ours["macro"][name] == pytest.approx(values.mean(), abs=1e-12)


def log_softmax(logits: Any) -> Any:
    wide = logits.astype(np.float64)
    return wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))


def test_numbers_by_hand() -> None:
    # Truth 0 0 0 1; said 0 0 1 1; class 2 is neither true nor said.
    metrics = measured(RIGHT[[0, 0, 1, 1]], np.array([0, 0, 0, 1]))
    assert metrics["accuracy"] == 0.75
    assert metrics["confusionMatrix"] == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert metrics["perClass"]["0"] == {"precision": 1.0, "recall": 2 / 3, "f1": 0.8, "support": 3}
    assert metrics["perClass"]["1"] == {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "support": 1}
    assert metrics["perClass"]["2"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


@pytest.mark.parametrize("shift", [0.0, 1e4, -1e4])
def test_the_loss_neither_overflows_nor_depends_on_a_shift(shift: float) -> None:
    logits = np.array([[0.0, 1.0], [2.0, 0.0]]) + shift
    expected = (np.log(1 + np.e) + np.log(1 + np.exp(-2))) / 2
    assert measured(logits, np.array([0, 0]))["loss"] == pytest.approx(expected)


def test_metrics_are_json_and_go_through_it_unchanged() -> None:
    metrics = measured(*made_up(1, examples=50, classes=10))
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_a_loss_that_is_no_number_is_null_in_json_and_meets_no_gate() -> None:
    metrics = measured(np.full((2, 2), np.nan), np.array([0, 1]))
    assert metrics["loss"] is None
    json.dumps(metrics, allow_nan=False)
    assert not gate.judge([gate.parse("loss", "< 100")], metrics)[0].met


@pytest.mark.parametrize("metric", ["loss", "accuracy", "macro.f1", "perClass.2.recall", "confusionMatrix.0.1"])
def test_a_gate_can_ask_for_each(metric: str) -> None:
    metrics = measured(*made_up(1, examples=50, classes=3))
    assert gate.judge([gate.parse(metric, ">= 0")], metrics)[0].met


def test_what_a_gate_may_name_is_what_is_measured() -> None:
    """The names are declared where the service file is read, so that a wrong one is refused before anything is trained."""
    logits, labels = made_up(1, examples=50, classes=3)
    part = Examples(inputs={"x": logits}, targets=labels)
    data = Dataset(name="x", train=part, test=part, classes=("a", "b.c", "3"), split="", licence="")
    metrics = classification.evaluate(data, lambda inputs: inputs["x"])
    metrics["baseline"] = classification.baseline(data)
    leaves = dict(gate._leaves(metrics))
    assert {measures.general(path) for path in leaves} == {*measures.MEASURES["classification"]}


def test_the_baseline_says_the_commonest_class_of_the_training_data() -> None:
    train = Examples(inputs={}, targets=np.array([1, 1, 0]))
    test = Examples(inputs={}, targets=np.array([0, 0, 0, 1]))
    data = Dataset(name="x", train=train, test=test, classes=("a", "b"), split="", licence="")
    assert classification.baseline(data)["accuracy"] == 0.25


def test_the_table_has_a_line_a_class_and_the_mean() -> None:
    lines = classification.table(measured(RIGHT[[0, 0, 1, 1]], np.array([0, 0, 0, 1]))).splitlines()
    assert [line.split() for line in lines] == [
        ["class", "precision", "recall", "f1", "support"],
        ["0", "1.0000", "0.6667", "0.8000", "3"],
        ["1", "0.5000", "1.0000", "0.6667", "1"],
        ["2", "0.0000", "0.0000", "0.0000", "0"],
        ["macro", "0.5000", "0.5556", "0.4889", "4"],
    ]
    assert len({len(line) for line in lines}) == 1
