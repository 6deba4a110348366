"""The Knative Service of a component."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generator.outcome.kserve import knative
from generator.outcome.kserve.mode import KNATIVE
from generator.outcome.part import plain
from generator.reading.documents import Document
from generator.schemas.kinds import CONFIG_MAP
from outcome_components import components, origin, service

SCALING = "autoscaling.knative.dev/"


def made(spec: str, annotations: dict[str, str] | None = None, labels=None, given=None) -> dict[str, Any]:
    """The Knative Service of the predictor."""
    document = service(f"predictor: {spec}", annotations=annotations or {}, labels=labels or {})
    (component,) = components(document, given=given, mode=KNATIVE)
    return plain(knative.service(component))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{}", {"class": "kpa.autoscaling.knative.dev", "min-scale": "1"}),
        ("{minReplicas: 0}", {"class": "kpa.autoscaling.knative.dev", "min-scale": "0"}),
        (
            "{minReplicas: 2, maxReplicas: 5, scaleTarget: 10, scaleMetric: rps}",
            {
                "class": "kpa.autoscaling.knative.dev",
                "min-scale": "2",
                "max-scale": "5",
                "target": "10",
                "metric": "rps",
            },
        ),
        ("{maxReplicas: 0, annotations: {autoscaling.knative.dev/class: mine}}", {"class": "mine", "min-scale": "1"}),
    ],
)
def test_how_knative_scales_stands_in_annotations_of_the_template(spec: str, expected: dict[str, str]) -> None:
    found = made(spec)["spec"]["template"]["metadata"]["annotations"]
    assert found == {f"{SCALING}{name}": value for name, value in expected.items()}


def test_quantities_are_text_as_go_writes_them() -> None:
    """Knative's schema takes a whole number or text; KServe's Go never sends the 0.1 of a manifest."""
    (component,) = components(service("predictor: {}"), mode=KNATIVE)
    resources = {"requests": {"cpu": 0.1, "memory": "1024Mi"}, "limits": {"nvidia.com/gpu": 1}}
    found = plain(knative.service(replace(component, pod={"containers": [{"name": "c", "resources": resources}]})))
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "100m", "memory": "1Gi"},
        "limits": {"nvidia.com/gpu": "1"},
    }


@pytest.mark.parametrize(
    ("value", "given", "there"),
    [
        ("2", None, True),
        ("two", None, False),
        ("0", None, False),
        ("0", {"allow-zero-initial-scale": "true"}, True),
    ],
)
def test_an_initial_scale_has_to_be_allowed(value: str, given: dict[str, str] | None, there: bool) -> None:
    metadata = {"name": "config-autoscaler", "namespace": "knative-serving"}
    beside = {CONFIG_MAP: [Document({"metadata": metadata, "data": given}, "cm.yaml")]} if given else None
    found = made("{}", {f"{SCALING}initial-scale": value}, given=beside)
    assert (f"{SCALING}initial-scale" in found["spec"]["template"]["metadata"]["annotations"]) is there


def test_some_annotations_and_all_labels_are_the_service_s_own() -> None:
    found = made(
        "{timeout: 9, containerConcurrency: 4}",
        {"serving.knative.dev/rollout-duration": "60s", "a": "b"},
        {"networking.knative.dev/visibility": "cluster-local", "c": "d"},
    )
    assert found["metadata"]["annotations"] == {"serving.knative.dev/rollout-duration": "60s"}
    assert found["metadata"]["labels"]["networking.knative.dev/visibility"] == "cluster-local"
    template = found["spec"]["template"]
    assert "serving.knative.dev/rollout-duration" not in template["metadata"]["annotations"]
    assert template["metadata"]["annotations"]["a"] == "b"
    assert template["metadata"]["labels"] == {"c": "d", "component": "predictor"}
    limits = {name: template["spec"][name] for name in ("timeoutSeconds", "responseStartTimeoutSeconds")}
    assert limits == {"timeoutSeconds": 9, "responseStartTimeoutSeconds": 9}
    assert template["spec"]["containerConcurrency"] == 4


@pytest.mark.parametrize(
    ("annotations", "traffic"),
    [
        ({}, {"latestRevision": True, "percent": 100}),
        ({"serving.kserve.io/enable-tag-routing": "true"}, {"latestRevision": True, "percent": 100, "tag": "latest"}),
    ],
)
def test_the_newest_revision_gets_all_requests(annotations: dict[str, str], traffic: dict[str, Any]) -> None:
    assert made("{}", annotations)["spec"]["traffic"] == [traffic]


def test_a_share_for_the_newest_revision_leaves_open_who_gets_the_rest() -> None:
    (component,) = components(service("predictor: {canaryTrafficPercent: 10}"), mode=KNATIVE)
    (gap,) = knative.gaps(component)
    assert gap.path == ("spec", "predictor", "canaryTrafficPercent")
    assert not list(knative.gaps(components(service("predictor: {}"), mode=KNATIVE)[0]))


def test_an_annotation_knows_what_it_came_from() -> None:
    (component,) = components(service("predictor: {minReplicas: 2}"), mode=KNATIVE)
    place = ("spec", "template", "metadata", "annotations", f"{SCALING}min-scale")
    assert origin(knative.service(component), *place) == "isvc.yaml: spec.predictor.minReplicas"
