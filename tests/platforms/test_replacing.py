"""How pods are replaced: of four or more Kubernetes' own default lets one go before its successor is ready."""

from __future__ import annotations

import pytest
import yaml

from generator.platforms.replacing import bounds
from generator.service import Rollout
from kserve_kit import TAIL, rendered, text


def strategy(replicas: str, rollout: str = "", *, mode: str = "standard") -> object:
    """``deploymentStrategy`` of the one predictor that is rendered."""
    service = text(mode=mode).replace(TAIL.splitlines()[0], f"replicas: {replicas}\n{rollout}")
    documents = yaml.safe_load_all(rendered(service).text)
    (predictor,) = (each["spec"]["predictor"] for each in documents if each["kind"] == "InferenceService")
    found = predictor.get("deploymentStrategy")
    return found and (found["rollingUpdate"]["maxSurge"], found["rollingUpdate"]["maxUnavailable"])


@pytest.mark.parametrize(
    ("replicas", "rollout", "wanted"),
    [
        ("{min: 3}", "", None),
        ("{min: 4}", "", ("25%", 0)),
        ("{min: 1, max: 4}", "", ("25%", 0)),
        ("{min: 1}", 'rollout: {maxSurge: "1"}\n', (1, 0)),
        ("{min: 8}", 'rollout: {maxSurge: "0"}\n', (0, 1)),
        ("{min: 8}", "rollout: {maxUnavailable: 50%}\n", ("25%", "50%")),
    ],
)
def test_kserve_takes_none_away_before_its_successor_is_ready(replicas: str, rollout: str, wanted: object):
    assert strategy(replicas, rollout) == wanted


def test_knative_has_no_deployment():
    assert strategy("{min: 4}", mode="knative") is None


@pytest.mark.parametrize(
    ("rollout", "wanted"),
    [
        (Rollout(), ("25%", "0")),
        (Rollout(max_surge="0%"), ("0%", "1")),
        (Rollout(max_unavailable="2"), ("25%", "2")),
    ],
)
def test_something_can_always_move(rollout: Rollout, wanted: tuple[str, str]):
    assert bounds(rollout) == wanted


BEGINS = "digits-r2-predictor is ready with its first pod, and the autoscaler makes 2 of it"


@pytest.mark.parametrize(
    ("replicas", "step", "told"),
    [
        ("{min: 2, max: 6}", 0, True),
        ("{min: 2, max: 6}", 1, True),
        ("{min: 2, max: 6}", 2, False),
        ("{min: 2}", 0, False),
        ("{min: 1, max: 6}", 0, False),
    ],
)
def test_a_canary_under_an_autoscaler_is_waited_for_by_number(replicas: str, step: int, told: bool):
    service = text("canary").replace(TAIL.splitlines()[0], f"replicas: {replicas}")
    notes = rendered(service, sets=[f"strategy.canary.step={step}"]).notes
    assert any(BEGINS in note for note in notes) == told
