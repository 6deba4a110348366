"""KServe's mutating webhook on InferenceServices.

Source: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go and predictor_custom.go; older
releases where a release is named. Left out is what neither the schema nor a rule can see: default resources, the
annotation ``modelFormat``, service account tokens, and the cluster's default mode, which the manifest doesn't know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.defaulting import Changed, Defaulter
from generator.checks.defaulting.reencoding import undecodable, written_back
from generator.checks.rules.kserve.spec import (
    MAIN_CONTAINER,
    MODE,
    MODELMESH,
    NEW_NAMES,
    V0_17,
    V0_21,
    Component,
    implementations,
)
from generator.checks.subject import mapping, reach, sequence, text
from generator.outcome.kserve.frameworks import FRAMEWORKS, V2_FRAMEWORKS, v2_formats
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from generator.reading.documents import Path
    from generator.schemas import Version

PREDICTOR: Path = ("spec", "predictor")
TRACING = {
    "exporterEndpoint": "http://otel-collector:4317",
    "sampler": "parentbased_traceidratio",
    "samplerArg": "0.05",
    "exporter": "otlp",
}
"""What is filled in where tracing is asked for, be it by ``{}`` (since 0.21, pkg/apis/serving/v1beta1/tracing.go)."""


def change(data: dict[str, Any], release: Version) -> Changed:
    """The object after the webhook: mode name, ``model`` instead of a framework, protocol, container names, tracing."""
    mode = text(data, "metadata", "annotations", MODE)
    if mode in NEW_NAMES and release >= V0_17:
        mode = NEW_NAMES[mode]
        data = _with(data, ("metadata", "annotations", MODE), mode)
    moved: tuple[tuple[Path, Path], ...] = ()
    components = ["transformer", "explainer"]
    if mode != MODELMESH:
        data, moved = _as_model(data)
        data = _with_protocol(data, release)
        components.append("predictor")
    for name in components:
        data = _with_container_name(data, name)
    tracing = reach(data, "spec", "tracing")
    if isinstance(tracing, dict) and release >= V0_21:
        written = {name: value for name, value in tracing.items() if value is not None}
        data = _with(data, ("spec", "tracing"), {**TRACING, **written})
    return Changed(data, moved)


def _as_model(data: dict[str, Any]) -> tuple[dict[str, Any], tuple[tuple[Path, Path], ...]]:
    """The first framework field becomes ``model``, whatever stood there before."""
    predictor = mapping(data, *PREDICTOR)
    field = next((name for name in FRAMEWORKS if isinstance(predictor.get(name), dict)), None)
    if field is None:
        return data, ()
    model = {**predictor[field], "modelFormat": {"name": field}}
    if field in V2_FRAMEWORKS and model.get("protocolVersion") is None:
        model["protocolVersion"] = "v2"
    rest = {name: value for name, value in predictor.items() if name != field}
    return _with(data, PREDICTOR, {**rest, "model": model}), (((*PREDICTOR, "model"), (*PREDICTOR, field)),)


def _with_protocol(data: dict[str, Any], release: Version) -> dict[str, Any]:
    """Triton, and vLLM since 0.20, get protocol v2 where none is named."""
    model = mapping(data, *PREDICTOR, "model")
    if text(model, "modelFormat", "name") in v2_formats(release) and model.get("protocolVersion") is None:
        return _with(data, (*PREDICTOR, "model", "protocolVersion"), "v2")
    return data


def _with_container_name(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The container that serves gets KServe's name, in a component with exactly one implementation."""
    spec = mapping(data, "spec", name)
    containers = sequence(spec, "containers")
    first = {} if containers and containers[0] is None else next(iter(containers), None)
    if not isinstance(first, dict) or first.get("name") == MAIN_CONTAINER:
        return data
    if first.get("name") is not None and text(first, "name") is None:
        return data  # no text, so it can't be decoded and nothing is changed
    found = implementations(Component(name, ("spec", name), spec))
    if len(found) != 1 or "containers" not in found[0]:
        return data
    if name == "predictor" and len(containers) > 1 and first.get("name"):
        return data
    return _with(data, ("spec", name, "containers"), [{**first, "name": MAIN_CONTAINER}, *containers[1:]])


def _with(data: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """A copy with another value at ``path``, whose parents are objects; what isn't on the way is shared."""
    step, *rest = path
    inner = _with(dict(mapping(data, step)), tuple(rest), value) if rest else value
    return {**data, str(step): inner}


DEFAULTER = Defaulter(
    product="kserve",
    kind=INFERENCE_SERVICE,
    change=change,
    adds=frozenset(("model", "modelFormat", "name", "protocolVersion", *TRACING)),
    written_back=written_back,
    undecodable=undecodable,
)
