"""What scales a component: the HPA, the ScaledObject, or nothing, by class and release."""

from __future__ import annotations

from typing import Any

import pytest

from generator.outcome.kserve import scaling
from generator.outcome.kserve.inference_service import MAKER
from generator.outcome.part import Part, plain
from outcome_components import RELEASES, V0_15, V0_16, V0_20, by_kind, components, config_map, origin, service

CLASS = "serving.kserve.io/autoscalerClass"
MODE = "serving.kserve.io/deploymentMode"


def made(spec: str, who: str | None = None, release=V0_20, given=None) -> dict[str, Any]:
    """What scales the predictor, by kind."""
    annotations = {} if who is None else {CLASS: who}
    (component,) = components(service(f"predictor: {spec}", annotations=annotations), release, given)
    return by_kind(scaling.made(component))


def cpu(percent: int) -> dict[str, Any]:
    """An HPA's metric."""
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        (None, {"HorizontalPodAutoscaler"}),
        ("hpa", {"HorizontalPodAutoscaler"}),
        ("keda", {"ScaledObject"}),
        ("none", set()),
        ("external", set()),
        ("HPA", set()),
    ],
)
@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_class_says_who_scales(who: str | None, kinds: set[str], release) -> None:
    assert set(made("{}", who, release)) == kinds


RESOURCE = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 9}}}"
BLIND = "{type: PodMetric, podmetric: {metric: {backend: opentelemetry}, target: {type: Value, value: 4}}}"


@pytest.mark.parametrize(
    ("metrics", "who", "release", "breaks"),
    [
        (BLIND, None, V0_15, True),
        (f"{RESOURCE}, {BLIND}", "hpa", V0_15, True),
        (RESOURCE, None, V0_15, False),
        ("{type: Resource, resource: {}}", None, V0_15, False),
        (BLIND, "keda", V0_15, False),
        (BLIND, None, V0_16, False),
    ],
)
def test_kserve_0_15_breaks_on_a_metric_without_resource_under_the_class_hpa(metrics, who, release, breaks) -> None:
    spec = f"{{autoScaling: {{metrics: [{metrics}]}}, model: {{modelFormat: {{name: sklearn}}, storageUri: s3://a/b}}}}"
    annotations = {MODE: "Standard"} | ({} if who is None else {CLASS: who})
    found = MAKER.make(Part.of(service(f"predictor: {spec}", annotations=annotations)), {}, release)
    words = "KServe makes nothing: under the class hpa it breaks on a metric without resource"
    assert ("Deployment" not in {one.kind.kind for one in found.children}) is breaks
    assert [one.words for one in found.gaps] == ([words] if breaks else [])


def test_a_component_s_own_class_wins() -> None:
    assert not made(f"{{annotations: {{{CLASS}: none}}}}", "hpa")


@pytest.mark.parametrize(
    ("spec", "least", "most"),
    [
        ("{}", 1, 1),
        ("{minReplicas: 0}", 1, 1),
        ("{minReplicas: 2}", 2, 2),
        ("{minReplicas: 3, maxReplicas: 2}", 3, 3),
        ("{maxReplicas: 4}", 1, 4),
        ("{minReplicas: x, maxReplicas: true}", 1, 1),
    ],
)
def test_an_hpa_has_at_least_one_pod_and_never_a_most_below_its_least(spec: str, least: int, most: int) -> None:
    hpa = made(spec)["HorizontalPodAutoscaler"]["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (least, most)
    assert hpa["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "churn-predictor"}
    assert hpa["behavior"] == {}


@pytest.mark.parametrize(
    ("spec", "metrics"),
    [
        ("{}", [cpu(80)]),
        ("{scaleTarget: 60}", [cpu(60)]),
        ("{scaleMetric: cpu}", [cpu(80)]),
        ("{scaleMetric: memory}", None),
        ("{scaleMetric: concurrency, scaleTarget: 5}", None),
        ("{scaleTarget: 60, autoScaling: {behavior: {}}}", None),
        (
            "{autoScaling: {metrics: [{type: Resource, resource: {name: cpu, target: {type: AverageValue}}}]}}",
            [cpu(80)],
        ),
        ("{autoScaling: {metrics: [{type: External, external: {}}]}}", None),
    ],
)
def test_what_an_hpa_looks_at(spec: str, metrics: list[Any] | None) -> None:
    assert made(spec)["HorizontalPodAutoscaler"]["spec"].get("metrics") == metrics


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("{type: Utilization, averageUtilization: 70}", {"type": "Utilization", "averageUtilization": 70}),
        ("{type: AverageValue, averageValue: 1024Mi}", {"type": "AverageValue", "averageValue": "1Gi"}),
        ("{type: Value, value: 1Gi}", {"type": ""}),
    ],
)
def test_the_target_of_memory(target: str, expected: dict[str, Any]) -> None:
    spec = f"{{autoScaling: {{metrics: [{{type: Resource, resource: {{name: memory, target: {target}}}}}]}}}}"
    (metric,) = made(spec)["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert metric["resource"]["target"] == expected


PROMETHEUS = """
minReplicas: 0
maxReplicas: 3
autoScaling:
  behavior: {scaleUp: {stabilizationWindowSeconds: 7, policies: []}}
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization}}}
  - type: External
    external:
      metric: {backend: prometheus, serverAddress: "http://p:9090", query: q, namespace: team}
      authenticationRef: {authModes: basic, authenticationRef: {name: creds}}
      target: {type: Value, value: "2.50"}
"""


@pytest.mark.parametrize(
    ("release", "threshold", "authorized", "advanced"),
    [
        (V0_15, "2.500000", False, None),
        (V0_16, "2.50", True, {"scaleUp": 7, "scaleDown": 300}),
        (V0_20, "2.50", True, {"scaleUp": 7, "scaleDown": 300}),
    ],
    ids=str,
)
def test_keda_s_triggers_and_windows_by_release(release, threshold: str, authorized: bool, advanced) -> None:
    (component,) = components(
        service(f"predictor:\n{PROMETHEUS.replace(chr(10), chr(10) + '  ')}", annotations={CLASS: "keda"}), release
    )
    scaled = by_kind(scaling.made(component))["ScaledObject"]
    spec = scaled["spec"]
    assert spec["scaleTargetRef"] == {"name": "churn-predictor"}
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (0, 3)
    first, second = spec["triggers"]
    assert first == {"type": "cpu", "metadata": {"value": "80"}, "metricType": "Utilization"}
    assert second["type"] == "prometheus"
    assert second["metadata"]["threshold"] == threshold
    assert second["metadata"]["namespace"] == "team"
    assert (second.get("authenticationRef"), second["metadata"].get("authModes")) == (
        ({"name": "creds"}, "basic") if authorized else (None, None)
    )
    behavior = spec.get("advanced", {}).get("horizontalPodAutoscalerConfig", {}).get("behavior")
    seconds = {way: said["stabilizationWindowSeconds"] for way, said in behavior.items()} if behavior else None
    assert seconds == advanced


def test_keda_s_windows_may_stand_in_the_config_map() -> None:
    given = config_map(
        autoscaler='{"scaleUpStabilizationWindowSeconds": "9", "scaleDownStabilizationWindowSeconds": "x"}'
    )
    spec = made("{}", "keda", given=given)["ScaledObject"]["spec"]
    assert spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == {
        "scaleUp": {"stabilizationWindowSeconds": 9}
    }
    assert "triggers" not in spec


PODS = """{minReplicas: 2, autoScaling: {metrics: [{type: PodMetric, podmetric: {
  metric: {backend: opentelemetry, metricNames: [waiting], query: waiting, operationOverTime: avg},
  target: {type: Value, value: 4}}}]}}"""


@pytest.mark.parametrize(
    ("release", "metadata"),
    [
        (V0_15, {"metricQuery": "waiting", "targetValue": "4.000000", "clampMin": "2", "clampMax": "2"}),
        (V0_16, {"metricQuery": 'sum(waiting{namespace="models", deployment="churn-predictor"})', "targetValue": "4"}),
    ],
    ids=str,
)
def test_metrics_of_the_pods_bring_a_collector(release, metadata: dict[str, str]) -> None:
    found = made(PODS, "keda", release)
    (trigger,) = found["ScaledObject"]["spec"]["triggers"]
    rest = {"scalerAddress": "keda-otel-scaler.keda.svc:4318", "operationOverTime": "avg"}
    assert trigger == {"type": "external", "metadata": {**metadata, **rest}}
    collector = found["OpenTelemetryCollector"]
    assert collector["metadata"]["name"] == "churn-predictor"
    filters = collector["spec"]["config"]["processors"]
    assert ("filter/ottl" in filters, "filter/metrics" in filters) == (release < V0_16, release >= V0_16)


def test_values_know_where_they_came_from() -> None:
    document = service("predictor: {minReplicas: 0, scaleTarget: 60}", labels={"team": "a"})
    (component,) = components(document)
    (hpa,) = scaling.made(component)
    assert plain(hpa)["metadata"]["labels"]["team"] == "a"
    assert origin(hpa, "spec", "minReplicas") == "isvc.yaml: spec.predictor.minReplicas"
    assert origin(hpa, "spec", "maxReplicas") == "isvc.yaml: spec.predictor.minReplicas"
    place = ("spec", "metrics", 0, "resource", "target", "averageUtilization")
    assert origin(hpa, *place) == "isvc.yaml: spec.predictor.scaleTarget"
    assert origin(hpa, "metadata", "labels", "team") == "isvc.yaml: metadata.labels.team"
    assert origin(hpa, "spec", "behavior") == "KServe"
