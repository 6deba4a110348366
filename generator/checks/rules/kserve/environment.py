"""Environment variables that the webhook looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import (
    TRANSFORMER_CONTAINER,
    V0_18,
    VALIDATION,
    components,
    every_container,
    implementations,
    listed,
    predictors,
)
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BLOCKED = "PYTHONPATH"
PROTOCOLS = ("v1", "v2")


@rule(
    id="KSV004",
    name="blocked-environment-variable",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    since=V0_18,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the environment variable PYTHONPATH",
    fix="Put the modules where Python finds them: install them into the image.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/validation/env_policy.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      env:
        - {name: PYTHONPATH, value: /opt/lib}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      env:
        - {name: LOG_LEVEL, value: debug}
""",
)
def blocked_environment_variable(subject: Subject) -> Iterator[Hit]:
    """Whoever sets PYTHONPATH can put own code in front of the server's, so KServe refuses it since 0.18.

    It looks into all containers, init containers, models and workers, but not into canaries.
    """
    for container in every_container(subject):
        for path, name, _ in container.env():
            if name == BLOCKED:
                yield Hit((*path, "name"))


@rule(
    id="KSV005",
    name="storage-uri-in-the-transformer-container",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the predictor's transformer-container has STORAGE_URI, which KServe refuses",
    fix="Set STORAGE_URI on the container kserve-container: that one serves the model.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
    containers:
      - name: transformer-container
        image: registry.example.com/resize:1
        env:
          - {name: STORAGE_URI, value: s3://models/digits/1}
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
    containers:
      - name: transformer-container
        image: registry.example.com/resize:1
""",
)
def storage_uri_in_the_transformer_container(subject: Subject) -> Iterator[Hit]:
    """A transformer in the predictor's pod works on requests; the model goes to the server's container only."""
    for container in listed(components(subject)[0], "containers"):
        if container.spec.get("name") == TRANSFORMER_CONTAINER:
            yield from (Hit((*path, "name")) for path, name, _ in container.env() if name == "STORAGE_URI")
            return


@rule(
    id="KSV006",
    name="unknown-custom-protocol",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the environment variable PROTOCOL is '{value}', and KServe takes v1 and v2 only",
    fix="Write v1 or v2, or remove it: v1 is assumed.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_custom.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    containers:
      - name: kserve-container
        image: registry.example.com/digits:1
        env:
          - {name: PROTOCOL, value: grpc-v2}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    containers:
      - name: kserve-container
        image: registry.example.com/digits:1
        env:
          - {name: PROTOCOL, value: v2}
""",
)
def unknown_custom_protocol(subject: Subject) -> Iterator[Hit]:
    """KServe builds the paths of requests from the protocol of a custom predictor; it knows two of them.

    It looks at the first container of the predictor, and at that of each canary.
    """
    for component in predictors(subject):
        first = next(iter(listed(component, "containers")), None)
        custom = any("containers" in path[len(component.path) :] for path in implementations(component))
        if first is None or not custom:
            continue
        protocol = next(((path, value) for path, name, value in first.env() if name == "PROTOCOL"), None)
        if protocol is not None and protocol[1] not in PROTOCOLS:
            yield Hit((*protocol[0], "value"), {"value": protocol[1]})
