"""The gate: which metrics clear which bars, and what is said when they don't."""

from __future__ import annotations

import math
from typing import Any

import pytest

from generator.errors import AnswerIsNoError
from generator.model import gate
from generator.model.gate import Condition

METRICS: dict[str, Any] = {
    "loss": 0.1,
    "accuracy": 0.9499999,
    "diverged": None,
    "nan": math.nan,
    "infinite": math.inf,
    "flag": True,
    "text": "0.99",
    "perClass": {"3": {"recall": 0.9}, "10": {"recall": 0.8}},
    "confusionMatrix": [[5, 0], [1, 4]],
}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (">= 0.95", Condition("m", ">=", 0.95)),
        (">=0.95", Condition("m", ">=", 0.95)),
        ("  <  1e-3 ", Condition("m", "<", 0.001)),
        ("> -1", Condition("m", ">", -1.0)),
        ("<= .5", Condition("m", "<=", 0.5)),
        ("== 3.", Condition("m", "==", 3.0)),
    ],
)
def test_a_condition_is_an_operator_and_a_number(text: str, condition: Condition) -> None:
    assert gate.parse("m", text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0.95",
        ">=",
        "=> 0.95",
        "= 0.95",
        "!= 1",
        ">= 0.9 5",
        ">= nan",
        ">= inf",
        ">= 1e999",
        ">= 95%",
        ">= ٣",
        "a >= 1",
    ],
)
def test_anything_else_is_refused_with_the_operators(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        gate.parse("accuracy", text)
    assert f"'{text}'" in str(caught.value)
    assert "accuracy" in str(caught.value)
    assert all(operator in str(caught.value) for operator in gate.OPERATORS)


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
        ("==", False, True, False),
    ],
)
def test_operators(*, operator: str, below: bool, equal: bool, above: bool) -> None:
    condition = Condition("m", operator, 0.5)
    outcomes = [gate.judge([condition], {"m": value})[0].met for value in (0.4, 0.5, 0.6)]
    assert outcomes == [below, equal, above]


@pytest.mark.parametrize(
    ("metric", "value"),
    [("loss", 0.1), ("perClass.3.recall", 0.9), ("perClass.10.recall", 0.8), ("confusionMatrix.1.0", 1)],
)
def test_a_metric_is_named_by_its_path(metric: str, value: float) -> None:
    (verdict,) = gate.judge([Condition(metric, "<=", 1)], METRICS)
    assert (verdict.value, verdict.met, verdict.reason) == (value, True, "")


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("acuracy", ["'acuracy'", "did you mean 'accuracy'?", "loss, accuracy", "perClass.N.recall"]),
        ("recall.3", ["no metric 'recall.3'", "perClass.N.recall", "confusionMatrix.N.N"]),
        ("perClass", ["no metric 'perClass'"]),
        ("confusionMatrix.2.0", ["no metric"]),
        ("confusionMatrix.-1.0", ["no metric"]),
        ("flag", ["no metric 'flag'"]),
        ("text", ["no metric 'text'"]),
        ("diverged", ["diverged is not a finite number"]),
        ("nan", ["nan is not a finite number"]),
        ("infinite", ["infinite is not a finite number"]),
    ],
)
@pytest.mark.parametrize("operator", gate.OPERATORS)
def test_what_is_no_number_meets_nothing(operator: str, metric: str, says: list[str]) -> None:
    (verdict,) = gate.judge([Condition(metric, operator, math.inf)], METRICS)
    assert (verdict.value, verdict.met) == (None, False)
    assert all(part in verdict.reason for part in says)


def test_a_gate_on_a_model_without_metrics_is_not_met() -> None:
    (verdict,) = gate.judge([Condition("accuracy", ">=", 0)], {})
    assert not verdict.met
    assert "no metrics" in verdict.reason


def test_the_number_printed_never_clears_the_bar_that_the_value_misses() -> None:
    (verdict,) = gate.judge([Condition("accuracy", ">=", 0.95)], METRICS)
    assert "accuracy is 0.9499999, asked is >= 0.95" in verdict.reason


def test_demand_gives_the_reason_of_each_condition_that_fails_and_of_no_other() -> None:
    conditions = [
        Condition("accuracy", ">=", 0.99),
        Condition("loss", "<", 0.2),
        Condition("perClass.3.recall", ">", 0.9),
    ]
    with pytest.raises(AnswerIsNoError) as caught:
        gate.demand(conditions, METRICS)
    assert "accuracy is 0.95, asked is >= 0.99; perClass.3.recall is 0.9, asked is > 0.9." in str(caught.value)
    assert "loss" not in str(caught.value)


def test_demand_is_quiet_where_the_gate_is_met_or_empty() -> None:
    gate.demand([Condition("accuracy", ">=", 0.9), Condition("loss", "<", 0.2)], METRICS)
    gate.demand([], {})
