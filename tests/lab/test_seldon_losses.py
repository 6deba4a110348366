"""What Seldon Core 1's operator loses of a SeldonDeployment, as its rules SC1240 and SC1241 tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import laboratory
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laboratory import Lab

pytestmark = [pytest.mark.lab, pytest.mark.more]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory.started(tmp_path_factory.mktemp("lab"), seldon_core_1={}) as started:
        yield started


def deployment(found: Lab, name: str, pods: dict[str, Any]) -> dict[str, Any]:
    """The pod spec of the Deployment that the operator makes of a SeldonDeployment."""
    document = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": name, "namespace": "models"},
        "spec": {"predictors": [{"name": "p", "graph": {"name": "c"}, "componentSpecs": [{"spec": pods}]}]},
    }
    assert [answer.status for answer in found.apply([document])] == [201]
    found.settle()
    (one,) = [child for child in found.children(document) if child["kind"] == "Deployment"]
    spec: dict[str, Any] = one["spec"]["template"]["spec"]
    return spec


def test_the_security_context_of_pods_is_lost(found: Lab):
    spec = deployment(
        found, "secure", {"securityContext": {"runAsUser": 7}, "containers": [{"name": "c", "image": "i"}]}
    )
    assert spec["securityContext"] == {}


def test_a_variable_that_the_operator_sets_takes_the_others_away(found: Lab):
    env = [{"name": "MINE", "value": "x"}, {"name": "MLSERVER_HTTP_PORT", "value": "1"}]
    spec = deployment(found, "told", {"containers": [{"name": "c", "image": "i", "env": env}]})
    names = [each["name"] for each in spec["containers"][0]["env"]]
    assert "MINE" not in names
    assert "MLSERVER_HTTP_PORT" not in names
    assert "MLSERVER_GRPC_PORT" in names
