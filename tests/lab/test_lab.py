"""The lab itself: what its controllers make of a small object, and that pods behave as they are told."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import laboratory
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laboratory import Lab

pytestmark = pytest.mark.lab

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PORT = 8080


def service(name: str, **spec: Any) -> dict[str, Any]:
    """An InferenceService of scikit-learn in the mode that makes a Deployment."""
    model = {"modelFormat": {"name": "sklearn"}, "storageUri": f"s3://models/{name}"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": name,
            "namespace": "models",
            "annotations": {"serving.kserve.io/deploymentMode": "Standard"},
        },
        "spec": {"predictor": {"model": model, **spec}},
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory.started(tmp_path_factory.mktemp("lab"), kserve="0.20") as started:
        yield started


def test_the_real_controllers_make_pods_and_their_neighbours(found: Lab):
    document = service("iris")
    assert [answer.status for answer in found.apply([document])] == [201]
    found.settle()
    kinds = sorted(child["kind"] for child in found.children(document))
    assert kinds == [
        "Deployment",
        "EndpointSlice",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Pod",
        "ReplicaSet",
        "Service",
    ]
    assert len(found.ready("models", {"serving.kserve.io/inferenceservice": "iris"})) == 1


def test_kserve_s_webhook_puts_the_storage_initializer_into_pods(found: Lab):
    found.apply([service("stored")])
    found.settle()
    (pod,) = found.pods("models", {"serving.kserve.io/inferenceservice": "stored"})
    (first,) = pod["spec"]["initContainers"]
    assert first["name"] == "storage-initializer"
    assert first["args"] == ["s3://models/stored", "/mnt/models"]


def test_a_refusal_of_a_webhook_is_answered(found: Lab):
    document = service("negative", minReplicas=3, maxReplicas=1)
    (answer,) = found.apply([document])
    assert answer.status == 403
    assert "MinReplicas" in answer.message


def test_pods_answer_as_they_are_told_until_they_are_gone(found: Lab):
    document = service("telling")
    labels = {"serving.kserve.io/inferenceservice": "telling"}
    found.behave({"labels": labels, "serve": True, "ports": [PORT], "status": 503})
    found.apply([document])
    found.settle()
    (pod,) = found.pods("models", labels)
    with found.network.entered():
        with pytest.raises(urllib.error.HTTPError, match="503"):
            DIRECT.open(f"http://{pod['status']['podIP']}:{PORT}/v1/models", timeout=5)
        found.behave({"labels": labels, "serve": True, "ports": [PORT]})
        with DIRECT.open(f"http://{pod['status']['podIP']}:{PORT}/v1/models", timeout=5) as answer:
            said = json.load(answer)
    assert (said["pod"], said["path"]) == (pod["metadata"]["name"], "/v1/models")
    assert found.counts()[f"models/{pod['metadata']['name']}"] == 2
    found.objects.remove(document)
    found.settle()
    assert found.pods("models", labels) == []
    with found.network.entered(), pytest.raises(urllib.error.URLError):
        DIRECT.open(f"http://{pod['status']['podIP']}:{PORT}/v1/models", timeout=5)


def test_pods_are_ready_when_their_rule_says_so(found: Lab):
    labels = {"serving.kserve.io/inferenceservice": "late"}
    found.behave({"labels": labels, "unready": True})
    found.apply([service("late")])
    found.settle()
    assert len(found.pods("models", labels)) == 1
    assert found.ready("models", labels) == []
    found.behave()
    found.settle()
    assert len(found.ready("models", labels)) == 1
