"""What serves the model: exactly one implementation a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.spec import V0_16, VALIDATION, implementations, judged, serving_fields
from generator.checks.subject import mapping, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject

CHOICES = {
    "predictor": "model or containers",
    "canary": "model or containers",
    "transformer": "containers",
    "explainer": "art or containers",
}


@rule(
    id="KSV002",
    name="not-exactly-one-implementation",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the {component} has {count} implementations{found}; KServe wants exactly one",
    fix="{verb} {choices}.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 1
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 1
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def not_exactly_one_implementation(subject: Subject) -> Iterator[Hit]:
    """A predictor without a model serves nothing, and of two models KServe couldn't know which is meant.

    The webhook counts them and refuses any number but one, in the predictor, the transformer, the explainer and
    each canary. A container named kserve-container counts as one beside a model.
    """
    for component in judged(subject):
        found = implementations(component)
        if len(found) != 1:
            yield _hit(component, found)


def _hit(component: Component, found: list[tuple[str | int, ...]]) -> Hit:
    names = [_word(path[len(component.path) :]) for path in found]
    path = found[1] if found else component.path
    values = {
        "component": component.name,
        "count": len(found) or "no",
        "found": f" ({', '.join(names)})" if names else "",
        "choices": CHOICES[component.name],
        "verb": "Keep one of them:" if found else "Add",
    }
    return Hit(path, values, on_key=True)


def _word(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else step for step in path)


@rule(
    id="KSV003",
    name="model-with-a-container-name",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses 'name' in {field} (here '{name}')",
    fix="Remove it: the container of a model is always called kserve-container.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def model_with_a_container_name(subject: Subject) -> Iterator[Hit]:
    """The fields of a model are those of a container, so the schema knows a name there; the webhook refuses it.

    In a canary it is the other way round: there the schema of 0.20 requires the name.
    """
    predictor = mapping(subject.data, "spec", "predictor")
    for field in serving_fields(predictor):
        name = text(predictor, field, "name")
        if name:
            yield hit("spec", "predictor", field, "name", on_key=True, field=f"predictor.{field}", name=name)
