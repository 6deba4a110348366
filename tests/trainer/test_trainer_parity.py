"""The parity check: what counts as the same answer, and what doesn't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from generator.errors import AnswerIsNoError
from trainer import parity
from trainer.data.dataset import Dataset, Examples
from trainer.formats.base import Trained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.formats.base import Exported

Answers = dict[str, Any]

PROBABILITIES = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]
TOLD: Answers = {"probabilities": np.array(PROBABILITIES, "float32"), "class": np.array([0, 1])}
TIED: Answers = {"probabilities": np.array([[0.4, 0.4, 0.2], [0.1, 0.8, 0.1]], "float32"), "class": np.array([0, 1])}
RANKED: Answers = {
    "items": np.array([[7, 8, 9], [1, 2, 3]]),
    "scores": np.array([[0.9, 0.7, 0.7], [0.9, 0.8, 0.1]], "float32"),
}
TITLES: Answers = {"items": np.array([[b"Heat", b"Up"]], object), "scores": np.array([[0.9, 0.1]], "float32")}


class Model:
    def __init__(self, told: Answers) -> None:
        self.told = told

    def predict(self, inputs: Mapping[str, Any], **_: object) -> Answers:
        return self.told


class Files:
    evaluator = "test 1"
    signature = None

    def __init__(self, found: Answers) -> None:
        self.found = found

    def answer(self, inputs: Mapping[str, Any]) -> Answers:
        return self.found


def demand(told: Answers, found: Answers, classes: tuple[str, ...] = ()) -> dict[str, Any]:
    part = Examples(inputs={"x": np.zeros((2, 1), "float32")}, targets=np.zeros(2))
    data = Dataset(name="t", train=part, test=part, classes=classes, split="", licence="")
    trained = Trained(model=Model(told), network=cast("Any", None), dataset=data)
    return parity.demand(trained, cast("Exported", Files(found)), "onnx")


def test_the_record_has_the_largest_difference_of_any_output_and_who_judged() -> None:
    found = {"probabilities": TOLD["probabilities"] + np.float32(5e-5), "class": TOLD["class"], "more": np.zeros(2)}
    held = demand(TOLD, found)
    assert held == {"largestDifference": pytest.approx(5e-5, rel=1e-2), "examples": 2, "evaluator": "test 1"}


def test_large_numbers_are_held_against_the_largest_of_them() -> None:
    price = np.array([200_000.0, 3.0], "float32")
    assert demand({"price": price}, {"price": price + np.array([10, 10])})["largestDifference"] == pytest.approx(5e-5)
    with pytest.raises(AnswerIsNoError, match=r"price is off by 0\.0002"):
        demand({"price": price}, {"price": price + np.array([40, 0])})


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (TOLD, {"class": np.array([0, 1], "int32")}),
        (TIED, {"class": np.array([1, 1])}),
        (RANKED, {"items": np.array([[7, 9, 8], [1, 2, 3]])}),
        (RANKED, {"items": np.array([[7, 8, 4], [1, 2, 3]])}),  # as good as the last, and not in the other's list
        (TITLES, {"items": np.array([["Heat", "Up"]], object)}),
    ],
    ids=["a narrower number", "a class as likely", "two that change places", "the last of a list", "bytes as text"],
)
def test_what_is_as_right_is_the_same_answer(told: Answers, found: Answers) -> None:
    assert demand(told, {**told, **found})["largestDifference"] == 0


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (TOLD, {"class": np.array([1, 1])}),
        (TOLD, {"class": np.array([5, 1])}),
        (TIED, {"class": np.array([2, 1])}),
        (RANKED, {"items": np.array([[8, 7, 9], [1, 2, 3]])}),
        (RANKED, {"items": np.array([[4, 8, 9], [1, 2, 3]])}),
        (RANKED, {"items": np.array([[7, 8], [1, 2]])}),
        (TITLES, {"items": np.array([["Up", "Heat"]], object)}),
        (TOLD, {"class": np.array([0.0, 1.0])}),
        (TOLD, {"probabilities": np.array([[0.5, 0.3, 0.2], [0.1, np.nan, 0.1]], "float32")}),
        (TOLD, {"probabilities": np.array([[0.4998, 0.3002, 0.2], [0.1, 0.8, 0.1]], "float32")}),
    ],
    ids=[
        "another class",
        "no class at all",
        "the class that isn't as likely",
        "items in another order",
        "another item",
        "fewer items",
        "texts in another order",
        "no whole numbers",
        "no number",
        "a bit more than is allowed",
    ],
)
def test_another_answer_fails_the_export(told: Answers, found: Answers) -> None:
    with pytest.raises(AnswerIsNoError, match=r"exported as onnx answers otherwise.*nothing was exported"):
        demand(told, {**told, **found})


def test_an_output_that_is_missing_fails_the_export() -> None:
    with pytest.raises(AnswerIsNoError, match="lacks the outputs class"):
        demand(TOLD, {"probabilities": TOLD["probabilities"]})


def test_classes_by_name_may_be_as_likely_too() -> None:
    told = {**TIED, "class": np.array([b"a", b"b"], object)}
    assert demand(told, {**told, "class": np.array(["b", "b"], object)}, ("a", "b", "c"))["largestDifference"] == 0
    with pytest.raises(AnswerIsNoError):
        demand(told, {**told, "class": np.array(["c", "b"], object)}, ("a", "b", "c"))


def test_a_model_that_answers_no_number_is_not_passed_on() -> None:
    told = {"price": np.array([np.nan, 1.0], "float32")}
    with pytest.raises(AnswerIsNoError):
        demand(told, told)
