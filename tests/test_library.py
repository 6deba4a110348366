"""``from generator.checks.api import check``: the check as a library."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.reading.documents import read

OBJECT = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "digits", "annotations": {"serving.kserve.io/deploymentMode": "Standard"}},
    "spec": {"predictor": {"minReplicas": 0, "model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://m/1"}}},
}
TEXT = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    minReplicas: 0
    model: {modelFormat: {name: sklearn}, storageUri: s3://m/1}
"""


@pytest.mark.parametrize(
    ("source", "line"),
    [(TEXT, 6), (TEXT.encode(), 6), (read(TEXT, "a.yaml"), 6), (OBJECT, 1), ([OBJECT], 1)],
    ids=["text", "bytes", "documents", "an object", "objects"],
)
def test_what_it_takes(source: object, line: int) -> None:
    report = check(source, platforms=["kserve@0.20"], file="a.yaml")  # type: ignore[arg-type]
    (finding,) = [each for each in report.findings if each.severity > Severity.NOTE]
    assert (finding.rule, finding.file, finding.line, finding.path) == (
        "KSV108",
        "a.yaml",
        line,
        "spec.predictor.minReplicas",
    )
    assert report.summary.documents == 1


def test_objects_are_numbered_and_left_as_they_were() -> None:
    before = repr(OBJECT)
    report = check([{"kind": "A", "apiVersion": "example.com/v1"}, OBJECT])
    assert {each.document for each in report.findings if each.rule == "KSV108"} == {1}
    assert repr(OBJECT) == before


def test_options() -> None:
    assert check(TEXT, options=Options(ignore=frozenset({"KSV108"}))).summary.warnings == 0
    assert check(TEXT, options=Options(webhooks=False)).findings == ()


def test_the_package_alone_loads_nothing() -> None:
    program = (
        "import sys, generator\n"
        "assert not any(name.startswith('generator.') for name in sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_objects_are_judged_as_they_are_sent_to_a_cluster() -> None:
    """A whole float is an integer there, and half a pair of surrogates a replacement character."""
    predictor = {**OBJECT["spec"]["predictor"], "minReplicas": 4.0, "maxReplicas": 3.0}  # type: ignore[index, dict-item]
    odd = {**OBJECT, "spec": {"predictor": predictor}, "metadata": {"name": "digits", "annotations": {"a": "\ud800"}}}
    report = check(odd)
    assert "KSV011" in {finding.rule for finding in report.findings}
    assert report.faults == ()
