"""How fast pods come and go (``replicas.behavior``): handed on where something reads it, refused where nothing does."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check
from generator.checks.service_pods import hold
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from kserve_kit import documents, of_kind, rendered

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: churn
namespace: models
platform: {%s}
model: {format: sklearn}
variants: [{name: a, uri: "s3://models/churn/v7"}]
serviceAccount: reader
resources: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: "1", memory: 1Gi}}
replicas: {min: 1, max: 6, %s}
"""
CPU = "metric: cpu, target: 60"
KEDA = f"{CPU}, scaler: keda"
QUERY = "metric: prometheus, query: 'sum(x)', server: 'http://prometheus:9090', target: 5"
SLOW = "behavior: {scaleDown: {stabilizationWindowSeconds: 600}}"
WINDOW = {"scaleDown": {"stabilizationWindowSeconds": 600}}


def written(platform, replicas, more=""):
    return SERVICE % (platform, replicas) + more


def made(platform, replicas, kind):
    text = written(platform, replicas)
    report = check(rendered(text).text, options=Options(strict=True))
    assert (report.summary.errors, report.summary.warnings) == (0, 0), report.findings
    (found,) = of_kind(documents(text), kind).values()
    return found["spec"]


def test_plain_kubernetes_has_it_in_the_autoscaler_with_the_servers_defaults():
    spec = made("kind: kubernetes", f"{CPU}, {SLOW}", "HorizontalPodAutoscaler")
    assert spec["behavior"]["scaleDown"] == {
        "stabilizationWindowSeconds": 600,
        "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    }
    assert spec["behavior"]["scaleUp"]["policies"][0] == {"type": "Pods", "value": 4, "periodSeconds": 15}
    assert "behavior" not in made("kind: kubernetes", CPU, "HorizontalPodAutoscaler")


@pytest.mark.parametrize(
    ("platform", "replicas", "kind"),
    [
        ("kind: kubernetes", KEDA, "ScaledObject"),
        ("kind: seldon-core-2", QUERY, "ScaledObject"),
    ],
)
def test_keda_hands_it_to_the_autoscaler_that_it_makes(platform, replicas, kind):
    spec = made(platform, f"{replicas}, {SLOW}", kind)
    assert spec["advanced"] == {"horizontalPodAutoscalerConfig": {"behavior": WINDOW}}
    assert "advanced" not in made(platform, replicas, kind)


def test_seldon_core_1_hands_it_to_keda():
    spec = made("kind: seldon-core-1", f"{KEDA}, {SLOW}", "SeldonDeployment")
    keda = spec["predictors"][0]["componentSpecs"][0]["kedaSpec"]
    assert keda["advanced"] == {"horizontalPodAutoscalerConfig": {"behavior": WINDOW}}


@pytest.mark.parametrize("release", ["0.16", "0.17", "0.18", "0.19", "0.20", "0.21"])
def test_kserve_hands_the_window_to_keda(release):
    scaling = made(f'kind: kserve, version: "{release}"', f"{KEDA}, {SLOW}", "InferenceService")["predictor"][
        "autoScaling"
    ]
    assert scaling["behavior"] == WINDOW
    assert scaling["metrics"][0]["resource"]["name"] == "cpu", "beside it scaleMetric isn't read"


POLICY = "behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}"
PATCH = "patches: {InferenceService: {spec: {predictor: {autoScaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 600}}}}}}}\n"
REFUSED = {
    "kserve's HPA": (written("kind: kserve", f"{CPU}, {SLOW}"), "replicas.behavior", "scaler: keda"),
    "kserve's HPA without a metric": (written("kind: kserve", SLOW), "replicas.behavior", "scaler: keda"),
    "kserve 0.15": (written('kind: kserve, version: "0.15"', f"{KEDA}, {SLOW}"), "replicas.behavior", "from KServe 0.16 on"),
    "knative": (written("kind: kserve, mode: knative", f"{CPU}, {SLOW}"), "replicas.behavior", "know no behavior"),
    "what KServe drops": (written("kind: kserve", f"{KEDA}, {POLICY}"), "replicas.behavior.scaleUp.policies", "nothing else"),
    "a patch that KServe's HPA doesn't read": (
        written("kind: kserve", CPU, PATCH), "patches.InferenceService.spec.predictor.autoScaling", "neither scaleMetric nor scaleTarget",
    ),
    "seldon's HPA": (written("kind: seldon-core-1", f"{CPU}, {SLOW}"), "replicas.behavior", "scaler: keda"),
    "Core 2's own": (written("kind: seldon-core-2", SLOW), "replicas.behavior", "metric: prometheus"),
    "no most": (written("kind: kubernetes", CPU).replace("max: 6, metric: cpu, target: 60", SLOW), "replicas.behavior", "without max"),
    "a third direction": (written("kind: kubernetes", f"{CPU}, behavior: {{scaleLeft: {{}}}}"), "replicas.behavior.scaleLeft", "scaleUp or scaleDown"),
    "no rules": (written("kind: kubernetes", f"{CPU}, behavior: {{scaleUp: 3}}"), "replicas.behavior.scaleUp", "mapping"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_where_nothing_reads_it_it_is_refused_with_what_does(case):
    text, path, message = REFUSED[case]
    with pytest.raises(InputError) as raised:
        rendered(text)
    assert raised.value.place.path == path
    assert message in str(raised.value)


def test_a_patch_with_metrics_of_its_own_is_taken():
    metrics = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]"
    text = written("kind: kserve", CPU, PATCH.replace("autoScaling: {", f"autoScaling: {{{metrics}, "))
    assert rendered(text).text
    assert rendered(written("kind: kserve", KEDA, PATCH)).text
    hold(build(parse(text, "serinus.yaml"), "serinus.yaml"))
