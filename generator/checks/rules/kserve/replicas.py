"""Replicas and concurrency of a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import COMPONENT, judged
from generator.checks.subject import integer
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
    minReplicas: 2
    maxReplicas: 4
    containerConcurrency: 8
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV010",
    name="negative-replicas",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"minReplicas", "maxReplicas"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{field} is {value}; KServe refuses negative replicas",
    fix="Write 0 or more.",
    source=COMPONENT,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    minReplicas: -1
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def negative_replicas(subject: Subject) -> Iterator[Hit]:
    """The schema takes any whole number, the webhook none below zero."""
    for component in judged(subject):
        for field in ("minReplicas", "maxReplicas"):
            value = integer(component.spec, field)
            if value is not None and value < 0:
                yield Hit((*component.path, field), {"field": field, "value": value})


@rule(
    id="KSV011",
    name="replica-bounds-crossed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"maxReplicas"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="minReplicas {low} is above maxReplicas {high}",
    fix="Lower minReplicas or raise maxReplicas.",
    source=COMPONENT,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    minReplicas: 3
    maxReplicas: 2
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def replica_bounds_crossed(subject: Subject) -> Iterator[Hit]:
    """The webhook refuses crossed bounds. It takes a maxReplicas of 0 for none, and a missing minReplicas for 1."""
    for component in judged(subject):
        low = integer(component.spec, "minReplicas")
        high = integer(component.spec, "maxReplicas") or 0
        if high > 0 and (1 if low is None else low) > high:
            yield Hit((*component.path, "minReplicas"), {"low": 1 if low is None else low, "high": high})


@rule(
    id="KSV012",
    name="negative-concurrency",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"containerConcurrency"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="containerConcurrency is {value}; KServe refuses a negative one",
    fix="Write how many requests one pod may handle at once; 0 stands for no limit.",
    source=COMPONENT,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    containerConcurrency: -1
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def negative_concurrency(subject: Subject) -> Iterator[Hit]:
    """The schema takes any whole number, the webhook none below zero."""
    for component in judged(subject):
        value = integer(component.spec, "containerConcurrency")
        if value is not None and value < 0:
            yield Hit((*component.path, "containerConcurrency"), {"value": value})
