"""Probes of an InferenceService on Knative that Knative refuses, so that its Knative Service is never made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.knative.probes import VALIDATION, serves, wrong
from generator.checks.rules.kserve.spec import KNATIVE, components, listed, mode, model
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    containers:
      - name: kserve-container
        image: example/digits:1
        readinessProbe: {httpGet: {path: /ready}, periodSeconds: 10, failureThreshold: 5}
"""


@rule(
    id="KSV570",
    name="probe-that-knative-refuses",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"readinessProbe", "livenessProbe"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no Knative Service can be made: {problem}",
    fix="{advice}",
    source=VALIDATION,
    bad=GOOD.replace("periodSeconds: 10, ", ""),
    good=GOOD,
)
def probe_that_knative_refuses(subject: Subject) -> Iterator[Hit]:
    """In mode Standard the same probes are good.

    Told of containers of the user's own alone, since a model's probe lies over that of its runtime, and where the mode
    is said.
    """
    if mode(subject) != KNATIVE:
        return
    for component in components(subject):
        every = list(listed(component, "containers"))
        specs = [one.spec for one in every]
        if model(component) is not None:
            continue
        for container in every:
            if serves(container.spec, specs):
                for one in wrong(container.spec):
                    yield hit(*container.path, *one.path, problem=one.problem, advice=one.advice)
