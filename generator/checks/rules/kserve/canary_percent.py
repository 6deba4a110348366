"""``canaryTrafficPercent``: it works in Knative mode, and there only with a history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import KNATIVE, V0_16, by_route, components, mode
from generator.checks.subject import integer
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

FIELD = "canaryTrafficPercent"
KSVC = Source(
    "kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go"
)
GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    canaryTrafficPercent: 10
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}
"""


@rule(
    id="KSV102",
    name="canary-percent-outside-knative",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({FIELD}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="canaryTrafficPercent {percent} works in Knative mode only; {found} the new model gets all traffic at once",
    fix="Set the annotation serving.kserve.io/deploymentMode: {mode}, or split with {other}.",
    source=KSVC,
    bad=GOOD.replace("Knative", "Standard"),
    good=GOOD,
)
def canary_percent_outside_knative(subject: Subject) -> Iterator[Hit]:
    """Standard mode replaces the pods of the Deployment; it keeps no old revision that traffic could go to."""
    found = mode(subject)
    if found in (KNATIVE, "Serverless"):
        return
    words = "without a mode annotation a Standard cluster ignores it:" if found is None else f"in mode {found}"
    for component in components(subject):
        percent = integer(component.spec, FIELD)
        if percent is not None:
            name = "Serverless" if subject.release and subject.release < V0_16 else KNATIVE
            values = {"percent": percent, "found": words, "mode": name, "other": by_route(subject.release)}
            yield Hit((*component.path, FIELD), values, on_key=True)


@rule(
    id="KSV103",
    name="canary-percent-needs-history",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({FIELD}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="{percent} % go to this model only where another one was rolled out before; a new service gives it all",
    fix="Roll the stable model out first, without canaryTrafficPercent; never re-create the service during a canary.",
    source=KSVC,
    bad=GOOD,
    good=GOOD.replace("    canaryTrafficPercent: 10\n", ""),
)
def canary_percent_needs_history(subject: Subject) -> Iterator[Hit]:
    """The old model is nowhere in the manifest: its revision stands in the cluster's status alone.

    A restored cluster, a renamed service or a second cluster has no such revision, and splits nothing.
    """
    if mode(subject) not in (KNATIVE, "Serverless"):
        return
    for component in components(subject):
        percent = integer(component.spec, FIELD)
        if percent is not None and percent < 100:  # noqa: PLR2004 (percent)
            yield Hit((*component.path, FIELD), {"percent": percent}, on_key=True)
