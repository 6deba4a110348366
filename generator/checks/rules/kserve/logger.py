"""The payload logger of a component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import COMPONENT, V0_16, judged
from generator.checks.subject import mapping, reach, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

WEB = ("http", "https")
BUCKETS = ("s3", "gs", "abfs")
"""Stores that the logger writes batches to since 0.16; what begins like one of them it takes for one (store.go)."""

STORE = Source("kserve/kserve", "v0.20.0", "pkg/logger/store.go")
GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    logger: {mode: all, url: 'http://log-sink.models'}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
STORED = GOOD.replace(
    "url: 'http://log-sink.models'", "url: 's3://logs', storage: {path: digits, key: minio, parameters: {type: s3}}"
)


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


@rule(
    id="KSV530",
    name="logger-address-unread",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"logger"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the logger can't send to '{url}': {what}, so {outcome}",
    fix="Write an address of http:// or https:// that takes CloudEvents{others}.",
    source=STORE,
    bad=GOOD.replace("http://log-sink.models", "kafka://broker.kafka:9092/predictions"),
    good=GOOD,
)
def logger_address_unread(subject: Subject) -> Iterator[Hit]:
    """Requests are answered as ever; each payload ends in an error in the log of the sidecar, which nobody reads.

    A broker of Kafka takes no HTTP: Knative's KafkaSink, or any small service before it, does. What begins like a
    bucket's address and isn't one (`s3a://`) is worse: the sidecar ends at its start, and the pod with it.
    """
    stores = subject.release is None or subject.release >= V0_16
    known = (*WEB, *BUCKETS) if stores else WEB
    for component in judged(subject):
        url = text(component.spec, "logger", "url")
        scheme, separator, _ = (url or "").partition("://")
        if not url or not filled(url) or (separator and scheme in known):
            continue
        dies = stores and bool(separator) and scheme.startswith(BUCKETS)
        what = f"it doesn't speak {scheme}://" if separator else "the address has no scheme"
        outcome = "the sidecar ends at its start, again and again" if dies else "no payload is ever logged"
        others = ", or of s3://, gs:// or abfs:// with logger.storage beside it" if stores else ""
        values = {"url": url, "what": what, "outcome": outcome, "others": others}
        yield Hit((*component.path, "logger", "url"), values)


@rule(
    id="KSV531",
    name="logger-without-store",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"logger"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the logger has a bucket and no storage: it collects batches and drops them",
    fix="Add logger.storage with path, key and parameters.",
    source=Source("kserve/kserve", "v0.20.0", "cmd/agent/main.go"),
    bad=STORED.replace(", storage: {path: digits, key: minio, parameters: {type: s3}}", ""),
    good=STORED,
)
def logger_without_store(subject: Subject) -> Iterator[Hit]:
    """The sidecar opens a store only where it is told a path in it; storage in KServe's ConfigMap doesn't help.

    That one counts only for services without a logger of their own.
    """
    predictor = judged(subject)[0]
    logger = mapping(predictor.spec, "logger")
    scheme, separator, _ = (text(logger, "url") or "").partition("://")
    if separator and scheme in BUCKETS and not isinstance(logger.get("storage"), dict):
        yield Hit((*predictor.path, "logger", "url"))
