"""The payload logger of a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import COMPONENT, INFERENCE_SERVICE, V0_16, judged
from generator.checks.subject import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="KSV013",
    name="logger-without-mode",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"logger"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the logger has no mode, and KServe refuses that although its field description names a default",
    fix="Add mode: all, request or response.",
    source=COMPONENT,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    logger: {url: http://log-sink.models}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    logger: {mode: all, url: http://log-sink.models}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def logger_without_mode(subject: Subject) -> Iterator[Hit]:
    """The description of the field says that `all` is the default, but nothing sets it, and the webhook wants one."""
    for component in judged(subject):
        logger = component.spec.get("logger")
        if isinstance(logger, dict) and logger.get("mode") is None:
            yield Hit((*component.path, "logger"), on_key=True)


@rule(
    id="KSV014",
    name="logger-storage-incomplete",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"logger"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the logger's storage lacks {missing}",
    fix="Set path, parameters and key, all three.",
    source=COMPONENT,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    logger:
      mode: all
      url: s3://logs
      storage: {path: digits, key: localMinIO}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    logger:
      mode: all
      url: s3://logs
      storage: {path: digits, key: localMinIO, parameters: {type: s3}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def logger_storage_incomplete(subject: Subject) -> Iterator[Hit]:
    """The schema requires none of the three; the webhook all of them."""
    for component in judged(subject):
        storage = reach(component.spec, "logger", "storage")
        if isinstance(storage, dict):
            missing = [field for field in ("path", "parameters", "key") if storage.get(field) is None]
            if missing:
                path = (*component.path, "logger", "storage")
                yield Hit(path, {"missing": " and ".join(missing)}, on_key=True)
