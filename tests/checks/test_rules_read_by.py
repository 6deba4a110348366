"""What is set for nobody: each row of the table of readers, in a mode, class and release that reads it and in one that doesn't."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.rules.kserve.read_by import OF_ANNOTATIONS, OF_COMPONENTS, OF_GRAPHS, OF_LABELS, OF_LLMS

METRIC = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]"
STANDARD, HPA, KEDA, KNATIVE = (
    f"serving.kserve.io/deploymentMode: {mode}"
    for mode in (
        "Standard",
        "Standard, serving.kserve.io/autoscalerClass: hpa",
        "Standard, serving.kserve.io/autoscalerClass: keda",
        "Knative",
    )
)
BEHAVIOR = "autoScaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}"


def service(notes: str, predictor: str = "", *, more: str = "", labels: str = "") -> str:
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata: {{name: digits, annotations: {{{notes}}}, labels: {{{labels}}}}}\n"
        "spec:\n  predictor:\n    maxReplicas: 4\n"
        + (f"    {predictor}\n" if predictor else "")
        + "    model: {modelFormat: {name: sklearn}, storageUri: 's3://b/x'}\n"
        + more
    )


def told(text: str, release: str = "0.20") -> list[tuple[str, str]]:
    found = check(text, platforms=[f"kserve@{release}"]).findings
    return [(one.rule, one.path) for one in found if one.rule in ("KSV109", "KSV520", "KSV521", "KSV522", "KSV523")]


@pytest.mark.parametrize(
    ("notes", "predictor", "found"),
    [
        (HPA, BEHAVIOR, [("KSV520", "spec.predictor.autoScaling.behavior")]),
        (STANDARD, BEHAVIOR, [("KSV520", "spec.predictor.autoScaling.behavior")]),
        (KEDA, BEHAVIOR.replace("{behavior", f"{{{METRIC}, behavior"), []),
        (KNATIVE, BEHAVIOR, [("KSV520", "spec.predictor.autoScaling")]),
        (KNATIVE, f"autoScaling: {{{METRIC}}}", [("KSV520", "spec.predictor.autoScaling")]),
        (HPA, f"autoScaling: {{{METRIC}}}", []),
        (KEDA, f"scaleTarget: 60\n    autoScaling: {{{METRIC}}}", [("KSV520", "spec.predictor.scaleTarget")]),
        (KNATIVE, "scaleTarget: 60", []),
        (HPA, "scaleTarget: 60", []),
        (HPA, "scaleMetricType: Utilization", [("KSV520", "spec.predictor.scaleMetricType")]),
        (KNATIVE, "containerConcurrency: 4", []),
        (STANDARD, "containerConcurrency: 4", [("KSV109", "spec.predictor.containerConcurrency")]),
        ("a: b", "containerConcurrency: 4", []),
        ("serving.kserve.io/deploymentMode: ModelMesh", BEHAVIOR, []),
        (
            HPA,
            f"scaleMetric: cpu\n    scaleTarget: 60\n    autoScaling: {{{METRIC}}}",
            [("KSV521", "spec.predictor.scaleMetric"), ("KSV521", "spec.predictor.scaleTarget")],
        ),
        (HPA, "scaleMetric: cpu\n    autoScaling: {}", [("KSV521", "spec.predictor.scaleMetric")]),
        (
            STANDARD,
            "autoScaling: {metrics: [{type: External, external: {metric: {backend: prometheus, query: up}}}]}",
            [("KSV522", "spec.predictor.autoScaling.metrics[0]")],
        ),
    ],
)
def test_fields_of_components(notes: str, predictor: str, found: list[tuple[str, str]]) -> None:
    assert told(service(notes, predictor)) == found


NONE, EXTERNAL = (f"{STANDARD}, serving.kserve.io/autoscalerClass: {name}" for name in ("none", "external"))
IN_WORDS_OF_THEIR_OWN = ("KSV118", "KSV119", "KSV120", "KSV520")
UNSCALED = "minReplicas: 4"
"""With the maximum of 4 that is no range to scale in."""


def told_once(text: str) -> list[tuple[str, str]]:
    """What the table tells, and what three rules tell in words of their own."""
    every = check(text, platforms=["kserve@0.20"]).findings
    return [(one.rule, one.path.removeprefix("spec.predictor.")) for one in every if one.rule in IN_WORDS_OF_THEIR_OWN]


@pytest.mark.parametrize(
    ("notes", "predictor", "found"),
    [
        *((notes, "minReplicas: 1", [("KSV119", "maxReplicas")]) for notes in (NONE, EXTERNAL)),
        *((notes, "minReplicas: 1", []) for notes in (STANDARD, HPA, KEDA, KNATIVE)),
        (NONE, UNSCALED, []),
        (NONE, f"{UNSCALED}\n    scaleMetric: cpu\n    scaleTarget: 60", [("KSV119", "scaleMetric")]),
        (EXTERNAL, f"{UNSCALED}\n    scaleTarget: 60", [("KSV119", "scaleTarget")]),
        (NONE, f"{UNSCALED}\n    scaleTarget: 60\n    autoScaling: {{{METRIC}}}", [("KSV119", "autoScaling")]),
        (NONE, f"{UNSCALED}\n    {BEHAVIOR}", [("KSV520", "autoScaling.behavior")]),
        *((n, f"{UNSCALED}\n    timeout: 60", [("KSV120", "timeout")]) for n in (STANDARD, HPA, KEDA, NONE, EXTERNAL)),
        (KNATIVE, "timeout: 60", []),
        ("a: b", "timeout: 60", []),
    ],
)
def test_what_is_told_in_other_words_is_told_once(notes: str, predictor: str, found: list[tuple[str, str]]) -> None:
    assert told_once(service(notes, predictor)) == found


@pytest.mark.parametrize(
    ("notes", "predictor", "found"),
    [
        *((notes, "scaleMetric: cpu", [("KSV118", "scaleMetric")]) for notes in (STANDARD, HPA)),
        (STANDARD, "scaleTarget: 60", [("KSV118", "scaleTarget")]),
        (STANDARD, f"autoScaling: {{{METRIC}}}", [("KSV118", "autoScaling")]),
        (HPA, "", []),
        (STANDARD, "scaleMetric: rps", []),
        (NONE, "scaleTarget: 60", [("KSV119", "scaleTarget")]),
        (KNATIVE, "scaleMetric: rps\n    scaleTarget: 60", []),
    ],
)
def test_without_a_maximum(notes: str, predictor: str, found: list[tuple[str, str]]) -> None:
    assert told_once(service(notes, predictor).replace("    maxReplicas: 4\n", "", 1)) == found


def test_what_goes_away_with_a_field() -> None:
    text = service(HPA, f"scaleMetric: cpu\n    scaleTarget: 60\n    {BEHAVIOR}")
    (one,) = (each for each in check(text, platforms=["kserve@0.20"]).findings if each.rule == "KSV520")
    assert "scaleMetric and scaleTarget go with it" in one.message
    assert "keda" in one.message


def test_the_logger_s_store_is_the_predictor_s() -> None:
    logger = "logger: {mode: all, url: 's3://logs', storage: {path: x, key: y, parameters: {type: s3}}}"
    other = "  transformer:\n    containers: [{name: a, image: example/a:1}]\n    " + logger + "\n"
    assert told(service(STANDARD, more=other)) == [("KSV520", "spec.transformer.logger.storage")]
    assert told(service(STANDARD, logger)) == []


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        (f'{STANDARD}, serving.kserve.io/enable-tag-routing: "true"', ["enable-tag-routing"]),
        (f'{STANDARD}, serving.kserve.io/enable-tag-routing: "false"', []),
        (f'{KNATIVE}, serving.kserve.io/enable-tag-routing: "true"', []),
        (f'{STANDARD}, serving.kserve.io/enable-metric-aggregation: "true"', ["enable-metric-aggregation"]),
        (f"{KNATIVE}, serving.kserve.io/autoscalerClass: hpa", ["autoscalerClass"]),
        (HPA, []),
        ("serving.kserve.io/autoscalerClass: hpa", []),
    ],
)
def test_annotations(notes: str, found: list[str]) -> None:
    places = [("KSV523", f'metadata.annotations["serving.kserve.io/{name}"]') for name in found]
    assert told(service(notes)) == places


@pytest.mark.parametrize(
    ("notes", "label", "found"),
    [
        (STANDARD, "networking.knative.dev/visibility", True),
        (KNATIVE, "networking.knative.dev/visibility", False),
        (STANDARD, "networking.kserve.io/visibility", False),
        (KNATIVE, "networking.kserve.io/visibility", True),
    ],
)
def test_labels(notes: str, label: str, found: bool) -> None:
    expected = [("KSV523", f'metadata.labels["{label}"]')] if found else []
    assert told(service(notes, labels=f"{label}: cluster-local")) == expected


def test_both_labels_for_whoever_changes_modes() -> None:
    both = "networking.knative.dev/visibility: cluster-local, networking.kserve.io/visibility: cluster-local"
    assert told(service(STANDARD, labels=both)) == []


GRAPH = """\
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: triage, annotations: {serving.kserve.io/deploymentMode: %s}}
spec:
  timeout: 120
  nodes: {root: {routerType: Sequence, steps: [{serviceUrl: 'http://a.models'}]}}
"""


@pytest.mark.parametrize(("mode", "found"), [("Standard", [("KSV520", "spec.timeout")]), ("Knative", [])])
def test_a_graph_s_timeout(mode: str, found: list[tuple[str, str]]) -> None:
    assert told(GRAPH % mode) == found


def test_every_row_says_who_reads_it_and_what_to_do() -> None:
    for one in (*OF_COMPONENTS, *OF_ANNOTATIONS, *OF_LABELS, *OF_GRAPHS, *OF_LLMS):
        assert bool(one.who) == bool(one.readers), one
        assert one.instead.endswith("."), one
