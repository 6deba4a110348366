"""How pods are replaced (``rollout``): what Kubernetes refuses, or what could never move, is refused at its line."""

from __future__ import annotations

import pytest

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: churn
platform: {kind: kubernetes}
model: {format: sklearn}
variants: [{name: a, uri: "s3://models/churn/v7"}]
rollout: {%s}
"""


def service(rollout: str):
    return build(parse(SERVICE % rollout, "serinus.yaml"), "serinus.yaml")


@pytest.mark.parametrize(
    ("rollout", "path"),
    [
        ('maxSurge: "0", maxUnavailable: "0"', "rollout.maxSurge"),
        ('maxSurge: "00%", maxUnavailable: 0%', "rollout.maxSurge"),
        ("maxUnavailable: 101%", "rollout.maxUnavailable"),
        ("maxUnavailable: x%", "rollout.maxUnavailable"),
    ],
)
def test_a_rollout_that_no_deployment_can_have_is_refused_at_its_place(rollout: str, path: str) -> None:
    with pytest.raises(InputError) as raised:
        service(rollout)
    assert raised.value.place is not None
    assert (raised.value.place.path, raised.value.place.line) == (path, 7)


@pytest.mark.parametrize("rollout", ["maxSurge: 300%", "maxUnavailable: 100%", 'maxSurge: "0", maxUnavailable: "1"'])
def test_a_rollout_that_can_move_is_taken(rollout: str) -> None:
    assert service(rollout).rollout
