"""The upgrade report: the same product twice tells what is refused and what means something else."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.judging.job import Job
from generator.checks.judging.run import check_files
from generator.checks.outputs import outputs
from generator.checks.platforms import asked

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
CANARY = (
    SERVICE
    + """\
  canary:
    - trafficPercent: 10
      predictor:
        name: next
        model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}
"""
)
ROUTE = """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits}
spec:
  parentRefs: [{name: models, namespace: gateways}]
  rules:
    - backendRefs:
        - {name: digits-predictor, port: 80, weight: 90}
        - {name: digits-next-predictor, port: 80, weight: 10}
"""
TRANSFORMER = "  transformer:\n    containers: [{name: kserve-container, image: example/prepare:1}]\n"
KEDA = SERVICE.replace(
    "{serving.kserve.io/deploymentMode: Standard}",
    "{serving.kserve.io/deploymentMode: Standard, serving.kserve.io/autoscalerClass: keda}",
)
BOTH = ("kserve@0.20", "kserve@0.21")
OPTIONS = Options()


def changed(text: str, *platforms: str, options: Options | None = None) -> dict[str, str]:
    """What means something else: places, by rule."""
    found = check(text, platforms=platforms, options=options or OPTIONS).findings
    return {one.rule: one.path for one in found if one.meaning}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SERVICE, {}),
        (CANARY, {"KSV470": "spec.canary[0].trafficPercent"}),
        (CANARY + ROUTE, {"KSV470": "spec.canary[0].trafficPercent"}),
        (CANARY.replace("trafficPercent: 10", "trafficPercent: 0"), {}),
        (CANARY + TRANSFORMER, {"KSV471": "spec.canary[0].trafficPercent"}),
        (SERVICE.replace("    model:", "    name: first\n    model:"), {"KSV472": "spec.predictor.name"}),
    ],
    ids=["plain", "canary", "own route", "parked", "transformer", "predictor.name"],
)
def test_what_means_something_else_from_0_20_to_0_21(text: str, expected: dict[str, str]) -> None:
    assert changed(text, *BOTH) == expected


@pytest.mark.parametrize("more", ["", TRANSFORMER])
def test_kserve_has_no_route_of_a_service_that_is_kept_inside_the_cluster(more: str) -> None:
    """What Serinus renders behind a Gateway, for one: only the Gateway's route splits, before and after."""
    text = (CANARY + more).replace("  predictor:\n    model:", "  predictor:\n    name: first\n    model:", 1) + ROUTE
    inside = text.replace(
        "  name: digits\n", "  name: digits\n  labels: {networking.kserve.io/visibility: cluster-local}\n", 1
    )
    about_routes = {"KSV466", "KSV470", "KSV471", "KSV472"}
    told, kept = (
        {one.rule for one in check(each, platforms=list(BOTH)).findings} & about_routes for each in (text, inside)
    )
    assert told == {"KSV466", "KSV472", "KSV471" if more else "KSV470"}
    assert kept == set()


@pytest.mark.parametrize("release", BOTH)
def test_a_canary_kept_inside_the_cluster_without_a_route_gets_no_traffic_in_any_release(release: str) -> None:
    inside = CANARY.replace(
        "  name: digits\n", "  name: digits\n  labels: {networking.kserve.io/visibility: cluster-local}\n", 1
    )
    told = {one.rule: one.message for one in check(inside, platforms=[release]).findings}
    assert told["REF001"].startswith("the canary gets no traffic: for a service kept inside the cluster KServe makes")
    assert "KSV465" not in told
    assert "REF001" not in {one.rule for one in check(inside + ROUTE, platforms=[release]).findings}


def test_the_meaning_knows_the_route_in_the_given_files() -> None:
    alone, beside = (
        next(one.meaning for one in check(text, platforms=BOTH).findings if one.rule == "KSV470")
        for text in (CANARY, CANARY + ROUTE)
    )
    assert alone
    assert beside
    assert alone.before == "it gets no request"
    assert beside.before == "only your own route splits; KServe's hosts lead to the stable model"
    assert alone.after == beside.after


@pytest.mark.parametrize(
    "platforms",
    [("kserve@0.20",), ("kserve@0.21",), ("kserve@0.19", "kserve@0.20"), ("kserve@0.21", "kserve@0.21"), ()],
)
def test_it_is_told_only_where_both_sides_are_asked_for(platforms: tuple[str, ...]) -> None:
    assert "KSV470" not in changed(CANARY, *platforms)


def test_releases_between_and_their_order_do_not_matter() -> None:
    wide = changed(CANARY, "kserve@0.21", "kserve@0.20", "kserve@0.19")
    assert "KSV470" in wide
    assert changed(CANARY, "kserve@0.21", "kserve@0.19") == wide


def test_what_is_refused_names_its_release_beside_it() -> None:
    found = check(KEDA, platforms=BOTH).findings
    told = [one for one in found if one.severity == Severity.ERROR]
    assert [(one.rule, one.message.endswith("(kserve@0.21.0)"), one.meaning) for one in told] == [
        ("KSV461", True, None)
    ]


def test_without_webhooks_the_platform_has_no_say() -> None:
    assert changed(CANARY, *BOTH, options=Options(webhooks=False)) == {}


def test_it_is_silenced_as_any_other_finding() -> None:
    quiet = CANARY.replace("Standard}", 'Standard, serinus.dev/ignore: "KSV470"}')
    assert changed(quiet, *BOTH) == {}


def test_every_output_tells_both_sides() -> None:
    report = check(CANARY, platforms=BOTH, file="a.yaml")
    for name, output in outputs().items():
        written = " ".join(output.render(report).replace("\\n", " ").split())
        assert "it gets no request" in written, name
        assert "10 % of the requests" in written.replace("%25", "%"), name
    (told,) = [one for one in json.loads(outputs()["json"].render(report))["findings"] if "meaning" in one]
    assert told["severity"] == "warning"
    assert list(told["meaning"]) == ["before", "after"]


def test_the_text_has_a_line_for_each_side() -> None:
    lines = outputs()["text"].render(check(CANARY, platforms=BOTH, file="a.yaml")).splitlines()
    start = next(number for number, line in enumerate(lines) if "[KSV470]" in line)
    assert [line.split(":")[0] for line in lines[start + 3 : start + 6]] == ["  before", "  after", "  fix"]


def test_a_run_on_several_cores_tells_the_same(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text(CANARY.replace("name: digits", f"name: digits-{number}"))
    job = Job(sorted(map(str, tmp_path.iterdir())), asked(BOTH), OPTIONS)
    alone, together = (check_files(job, io.BytesIO(), processes).report for processes in (1, 2))
    assert together.findings == alone.findings
    assert sum(one.meaning is not None for one in together.findings) == 4
