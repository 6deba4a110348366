"""Tracing of an InferenceService, which KServe 0.21 brought."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.go_url import problem
from generator.checks.rules.kserve.spec import V0_21
from generator.checks.subject import mapping, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

VALIDATION = Source("kserve/kserve", "aeb510bda7", "pkg/apis/serving/v1beta1/inference_service_validation.go")
"""A commit of September 2026, about where 0.21 was cut."""

SAMPLERS = (
    *("always_on", "always_off", "traceidratio"),
    *("parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"),
)
_WEB = re.compile(r"(?i:https?)://(?:[^/?#]*@)?[^/?#@]+")
"""An address with a host; what else Go's parser refuses, ``go_url`` knows."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
  tracing: {exporterEndpoint: 'http://collector.tracing:4317', sampler: traceidratio, samplerArg: '0.1'}
"""


@rule(
    id="KSV462",
    name="tracing-sampler-unknown",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"tracing"}),
    since=V0_21,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe knows no sampler '{value}'",
    fix=f"Write one of {', '.join(SAMPLERS)}.",
    source=VALIDATION,
    bad=GOOD.replace("sampler: traceidratio", "sampler: ratio"),
    good=GOOD,
)
def tracing_sampler_unknown(subject: Subject) -> Iterator[Hit]:
    """The names are OpenTelemetry's. The sampler's argument and the exporter are taken as they are."""
    sampler = text(subject.data, "spec", "tracing", "sampler")
    if sampler is not None and sampler not in SAMPLERS:
        yield hit("spec", "tracing", "sampler", value=sampler)


@rule(
    id="KSV463",
    name="tracing-endpoint-is-no-address",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"tracing"}),
    since=V0_21,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe wants an absolute address of http or https with a host, and '{value}' is none",
    fix="Write it with its scheme, such as http://otel-collector:4317.",
    source=VALIDATION,
    bad=GOOD.replace("http://collector.tracing:4317", "collector.tracing:4317"),
    good=GOOD,
)
def tracing_endpoint_is_no_address(subject: Subject) -> Iterator[Hit]:
    """OpenTelemetry's own variables take a host and a port for gRPC; KServe's webhook doesn't."""
    endpoint = text(mapping(subject.data, "spec", "tracing"), "exporterEndpoint")
    if endpoint is not None and (problem(endpoint) is not None or not _WEB.match(endpoint)):
        yield hit("spec", "tracing", "exporterEndpoint", value=endpoint)
