"""Verdicts that a real kube-apiserver with KServe's own webhooks gave, on inputs that were once judged wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity

CASES = Path(__file__).parent / "data" / "truth"


def refusals(name: str, *platforms: str, previous: str = "") -> list[str]:
    """The rules that refuse an input, with their places."""
    text = (CASES / name).read_bytes()
    old = (CASES / previous).read_text() if previous else ""
    found = check(text, platforms=platforms, previous=old, file=name).findings
    return [f"{one.rule} {one.path}" for one in found if one.severity == Severity.ERROR]


def test_a_line_break_at_the_end_is_shown_as_the_fault() -> None:
    text = (CASES / "k" / "pod-block-quantity.yaml").read_bytes()
    assert [one.message for one in check(text).findings if one.rule == "K8S020"] == [r"'2Gi\n' is no quantity"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # The webhook writes required fields back, so that CEL rules hold though the user left those out.
        ("llm-cel-skipped-baserefs.yaml", ["K8S032 spec"]),
        ("llm-cel-skipped-container-without-name.yaml", ["K8S032 spec"]),
        ("llm-scaling-no-model.yaml", ["K8S032 spec.scaling"]),
        ("llm-scaling-with-model.yaml", ["K8S032 spec.scaling"]),
        (
            "llm-picker-port-gateway-empty-ref.yaml",
            ["K8S032 spec.router.scheduler.pool.spec.endpointPickerRef"],
        ),
        ("llm-picker-port-ok-ref.yaml", ["K8S032 spec.router.scheduler.pool.spec.endpointPickerRef"]),
        # A runtime's replicas are a uint16 in Go and a plain integer in the schema.
        ("runtime-replicas-negative.yaml", ["KSV007 spec.replicas"]),
        ("runtime-replicas-uint16.yaml", ["KSV007 spec.replicas"]),
        # A line break is no part of a quantity, though blanks around one are.
        ("isvc-block-quantity.yaml", ["K8S019 spec.predictor.model.resources.limits.memory"]),
        ("llm-block-quantity.yaml", ["K8S019 spec.template.containers[0].resources.limits.memory"]),
        ("pod-block-quantity.yaml", ["K8S020 spec.containers[0].resources.limits.memory"]),
        # What a framework field overwrites had to be decoded before.
        ("isvc-empty-quantity.yaml", ["K8S019 spec.predictor.model.resources.limits.cpu"]),
        (
            "isvc-empty-quantity-beside-framework.yaml",
            ["K8S019 spec.predictor.model.resources.limits.cpu"],
        ),
        (
            "isvc-model-beside-framework-bad-gpu.yaml",
            ['K8S019 spec.predictor.model.resources.limits["nvidia.com/gpu"]'],
        ),
        # Go writes a whole number without its point before a webhook sees it.
        ("graph-float.json", ["KSV306 spec.nodes.root"]),
        ("graph-float.yaml", ["KSV306 spec.nodes.root"]),
        ("isvc-float-minreplicas.json", ["KSV011 spec.predictor.minReplicas"]),
        ("isvc-float-minreplicas.yaml", ["KSV011 spec.predictor.minReplicas"]),
    ],
)
def test_what_a_cluster_with_kserve_0_20_refuses(name: str, expected: list[str]) -> None:
    assert refusals(f"k/{name}", "kserve@0.20", "kubernetes@1.35") == expected


def test_every_input_is_judged_here() -> None:
    judged = {name for mark in test_what_a_cluster_with_kserve_0_20_refuses.pytestmark for name, _ in mark.args[1]}
    assert judged == {file.name for file in (CASES / "k").iterdir()}


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("016-template-storageinitializer.yaml", {"0.16": ["KSV441"], "0.17": [], "0.20": []}),
        ("018-template-shutdownTimeout.yaml", {"0.17": ["KSV441"], "0.18": ["KSV441"], "0.19": []}),
        ("018-template-modelheader.yaml", {"0.17": ["KSV441"], "0.18": ["KSV441"], "0.19": []}),
        ("018-actuators.yaml", {"0.17": [], "0.18": ["KSV411"], "0.19": ["KSV411"]}),
    ],
)
def test_from_which_release_on_something_is_refused(name: str, verdicts: dict[str, list[str]]) -> None:
    found = {release: [one.split()[0] for one in refusals(f"rel/{name}", f"kserve@{release}")] for release in verdicts}
    assert found == verdicts


@pytest.mark.parametrize(
    ("release", "unchanged", "renamed"),
    [
        ("0.16", [], ["KSV077"]),  # compares letter by letter, and rewrites nothing
        ("0.17", ["KSV460"], ["KSV460"]),  # rewrites the annotation, and compares letter by letter
        ("0.18", ["KSV460"], ["KSV460"]),
        ("0.19", [], []),  # compares the meaning
        ("0.20", [], []),
    ],
)
def test_a_live_status_with_a_mode_s_old_name(release: str, unchanged: list[str], renamed: list[str]) -> None:
    found = [
        [one.split()[0] for one in refusals(f"rel/{name}", f"kserve@{release}", previous="rel/017-mode.old.yaml")]
        for name in ("017-mode.yaml", "017-mode-standard.yaml")
    ]
    assert found == [unchanged, renamed]


OVERWRITTEN = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits}
spec:
  predictor:
    sklearn: {storageUri: s3://models/digits/1}
    model:
      modelFormat: {name: sklearn}
      unknown: 1
      resources: {limits: {cpu: 0.5, memory: 1 Gi}}
      ports: [{containerPort: 3000000000}]
"""


def test_what_is_wrong_in_an_overwritten_model_is_told_where_it_stands() -> None:
    found = check(OVERWRITTEN, platforms=["kserve@0.20"]).findings
    assert {(one.rule, one.line) for one in found if one.severity > Severity.NOTE} == {
        ("KSV104", 7),
        ("K8S010", 9),
        ("K8S019", 10),  # the memory; a fraction of a CPU is written back as 500m
        ("KSV007", 11),
    }
