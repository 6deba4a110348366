"""Which held-out examples a record names as mistakes."""

from __future__ import annotations

import dataclasses
import json

import numpy as np

from trainer.data.dataset import Dataset, Examples
from trainer.measures.mistakes import MOST, mistakes

PART = Examples(inputs={"secret": np.array([[0.123]] * 4)}, targets=np.array([0, 1, 1, 0]))
DATA = Dataset(name="x", train=PART, test=PART, classes=("cat", "dog"), split="", licence="")
LOGITS = np.array([[2.0, 0.0], [3.0, 0.0], [0.0, 1.0], [0.0, 4.0]], np.float32)


def test_the_surest_mistake_comes_first_and_what_is_right_isnt_there() -> None:
    assert mistakes("classification", DATA, LOGITS) == {
        "wrong": 2,
        "worst": [
            {"example": 3, "true": "cat", "predicted": "dog", "confidence": 0.982},
            {"example": 1, "true": "dog", "predicted": "cat", "confidence": 0.9526},
        ],
    }


def test_of_numbers_those_furthest_off() -> None:
    part = Examples(inputs=PART.inputs, targets=np.array([1.0, 2.0, 3.0], np.float32))
    data = dataclasses.replace(DATA, test=part, classes=())
    found = mistakes("regression", data, np.array([[1.5], [-2.0], [3.25]], np.float32))
    assert found == {
        "worst": [
            {"example": 1, "true": 2.0, "predicted": -2.0},
            {"example": 0, "true": 1.0, "predicted": 1.5},
            {"example": 2, "true": 3.0, "predicted": 3.25},
        ]
    }


def test_a_record_stays_small_and_tells_no_input() -> None:
    targets = np.zeros(500, np.int64)
    part = Examples(inputs={"secret": np.full((500, 1), 0.123)}, targets=targets)
    found = mistakes("classification", dataclasses.replace(DATA, test=part), np.tile(LOGITS[3], (500, 1)))
    assert found
    assert (found["wrong"], len(found["worst"])) == (500, MOST)
    assert "0.123" not in json.dumps(found)


def test_rankings_have_no_single_right_answer() -> None:
    assert mistakes("ranking", DATA, LOGITS) is None
