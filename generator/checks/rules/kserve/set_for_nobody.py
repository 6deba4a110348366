"""Fields, annotations and labels that are set and that nobody reads where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.read_by import (
    AUTO_SCALING,
    BEHAVIOR,
    BY_HPA,
    CLASS,
    CONCURRENCY,
    EVERY_CLASS,
    NO_CLASS,
    OF_ANNOTATIONS,
    OF_COMPONENTS,
    OF_GRAPHS,
    OF_LABELS,
    OF_LLMS,
    OF_MODELMESH,
    SCRAPING,
    unread,
)
from generator.checks.rules.kserve.runtimes import GOOD as RUNTIME
from generator.checks.rules.kserve.runtimes import RUNTIMES
from generator.checks.rules.kserve.spec import V0_16, components
from generator.checks.rules.kserve.standard_scaling import GOOD, in_standard
from generator.checks.rules.kserve.standard_scaling import HPA as RECONCILER
from generator.checks.subject import mapping, reach, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.read_by import Entry
    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject

KNATIVE = Source(
    "kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go"
)
RUNTIME_TYPES = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha1/servingruntime_types.go")
BY_CLASS = GOOD.replace("deploymentMode: Standard", "deploymentMode: Standard, serving.kserve.io/autoscalerClass: hpa")
BEHAVING = "    autoScaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 600}}}\n    model:"
TOLD = (CONCURRENCY, SCRAPING)
"""What KSV109 and KSV129 tell in words of their own."""

_WHEN = frozenset({
    *(one.place[-1] for one in (*OF_COMPONENTS, *OF_GRAPHS, *OF_LLMS) if one not in TOLD),
})  # fmt: skip


@rule(
    id="KSV520",
    name="field-that-nobody-reads-here",
    product="kserve",
    kinds=(INFERENCE_SERVICE, INFERENCE_GRAPH, LLM_SERVICE),
    when=_WHEN,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} does nothing here: {reason}{taken}",
    fix="{fix}",
    source=RECONCILER,
    bad=BY_CLASS.replace("    model:", BEHAVING),
    good=GOOD,
)
def field_that_nobody_reads_here(subject: Subject) -> Iterator[Hit]:
    """The schema knows every field in every mode; the controllers take up some in one mode or class only.

    Which is which stands in one table. What goes away with the field is told too: as soon as `autoScaling` is there,
    the HorizontalPodAutoscaler goes by its metrics alone, and without any Kubernetes fills in 80 % CPU.
    """
    for component in components(subject):
        wide = _unread_here(subject, AUTO_SCALING, component)
        for entry in OF_COMPONENTS:
            why = _unread_here(subject, entry, component)
            if why and entry not in TOLD and not (entry is BEHAVIOR and wide):
                taken = _taken(component) if entry is BEHAVIOR else ""
                yield Hit((*component.path, *entry.place), _values(entry, why, taken), on_key=True)
    others = OF_GRAPHS if subject.document.kind == INFERENCE_GRAPH.kind else ()
    for entry in others or (OF_LLMS if subject.document.kind == LLM_SERVICE.kind else ()):
        why = unread(subject, entry) if reach(subject.data, "spec", *entry.place) is not None else None
        if why:
            yield Hit(("spec", *entry.place), _values(entry, why), on_key=True)


def _unread_here(subject: Subject, entry: Entry, component: Component) -> str | None:
    there = reach(component.spec, *entry.place) is not None
    return unread(subject, entry, component.name) if there else None


def _values(entry: Entry, why: str, taken: str = "") -> dict[str, str]:
    reason = f"it is read {entry.who}, and {why}" if entry.who else why
    return {"field": ".".join(entry.place), "reason": reason, "taken": taken, "fix": entry.instead}


def _taken(component: Component) -> str:
    """What the HorizontalPodAutoscaler loses to an autoScaling without metrics."""
    lost = [field for field in ("scaleMetric", "scaleTarget") if component.spec.get(field) is not None]
    if not lost or _metrics(component):
        return ""
    verb = "goes" if len(lost) == 1 else "go"
    return f"; {' and '.join(lost)} {verb} with it, so the service scales by 80 % CPU"


def _metrics(component: Component) -> list[Mapping[str, Any]]:
    """The metrics that a HorizontalPodAutoscaler is made with."""
    every = sequence(component.spec, "autoScaling", "metrics")
    return [one for one in every if isinstance(one, dict) and isinstance(one.get("resource"), dict)]


@rule(
    id="KSV521",
    name="metric-beside-auto-scaling",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} is dropped: beside autoScaling the HorizontalPodAutoscaler goes by {metrics}",
    fix="Write all metrics under autoScaling.metrics, or remove autoScaling.",
    source=RECONCILER,
    bad=BY_CLASS.replace(
        "    model:",
        "    autoScaling:\n"
        "      metrics:\n"
        "        - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}\n"
        "    model:",
    ),
    good=GOOD,
)
def metric_beside_auto_scaling(subject: Subject) -> Iterator[Hit]:
    """The two ways of saying it don't add up: the newer one wins, also where it is empty."""
    for component in in_standard(subject, BY_HPA):
        scaling = component.spec.get("autoScaling")
        if isinstance(scaling, dict) and (_metrics(component) or scaling.get("behavior") is None):
            metrics = "its metrics alone" if _metrics(component) else "80 % CPU, since that has no metrics"
            for field in ("scaleMetric", "scaleTarget"):
                if component.spec.get(field) is not None:
                    yield Hit((*component.path, field), {"field": field, "metrics": metrics}, on_key=True)


@rule(
    id="KSV522",
    name="metric-for-keda-only",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"metrics"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a metric of type {kind} is read with the autoscaler class keda only, and no annotation says that class",
    fix="Add the annotation serving.kserve.io/autoscalerClass: keda.",
    source=RECONCILER,
    bad=GOOD.replace("    scaleMetric: memory\n    scaleTarget: 70\n", "").replace(
        "    model:",
        "    autoScaling:\n"
        "      metrics:\n"
        "        - type: External\n"
        "          external:\n"
        "            metric: {backend: prometheus, serverAddress: 'http://prometheus:9090', query: up}\n"
        "            target: {type: Value, value: '2'}\n"
        "    model:",
    ),
    good=GOOD,
)
def metric_for_keda_only(subject: Subject) -> Iterator[Hit]:
    """With the class hpa in words the webhook refuses it; without the annotation nobody looks, and it is lost."""
    for component in in_standard(subject, (NO_CLASS,)):
        for number, metric in enumerate(sequence(component.spec, "autoScaling", "metrics")):
            kind = text(metric, "type")
            if kind is not None and kind != "Resource" and not isinstance(reach(metric, "resource"), dict):
                yield Hit((*component.path, "autoScaling", "metrics", number), {"kind": kind})


@rule(
    id="KSV523",
    name="annotation-that-nobody-reads-here",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset(one.place[0] for one in (*OF_ANNOTATIONS, *OF_LABELS) if one not in TOLD),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{key}' does nothing here: it is read {who}, and {why}",
    fix="{fix}",
    source=KNATIVE,
    bad=GOOD.replace(
        "deploymentMode: Standard", 'deploymentMode: Standard, serving.kserve.io/enable-tag-routing: "true"'
    ),
    good=GOOD,
)
def annotation_that_nobody_reads_here(subject: Subject) -> Iterator[Hit]:
    """Annotations and labels have no schema at all: a wrong one is kept, copied to the pods, and forgotten.

    The label for a service without a way in from outside has another name in each mode; with the wrong one it is open.
    """
    for field, entries in (("annotations", OF_ANNOTATIONS), ("labels", OF_LABELS)):
        found = mapping(subject.data, "metadata", field)
        for entry in entries:
            key = entry.place[0]
            other = any(one.place[0] in found and one is not entry for one in OF_LABELS) and field == "labels"
            why = unread(subject, entry) if key in found and entry not in TOLD and not other else None
            if why and found[key] != "false" and (entry is not CLASS or found[key] in EVERY_CLASS):
                yield hit("metadata", field, key, on_key=True, key=key, who=entry.who, why=why, fix=entry.instead)


@rule(
    id="KSV524",
    name="runtime-field-of-modelmesh",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset(OF_MODELMESH),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{fields} {are} read by ModelMesh only, and this runtime isn't multiModel: nothing in KServe reads {them}",
    fix="Remove {them}, or write multiModel: true if ModelMesh is to use the runtime.",
    source=RUNTIME_TYPES,
    bad=RUNTIME.replace("  protocolVersions: [v2]\n", "  protocolVersions: [v2]\n  grpcDataEndpoint: port:8001\n"),
    good=RUNTIME,
)
def runtime_field_of_modelmesh(subject: Subject) -> Iterator[Hit]:
    """The two kinds of runtimes share a schema. `replicas` in particular looks as if it did something."""
    spec = mapping(subject.data, "spec")
    found = [field for field in OF_MODELMESH if spec.get(field) is not None]
    if found and spec.get("multiModel") is not True:
        one = len(found) == 1
        words = {"fields": " and ".join(found), "are": "is" if one else "are", "them": "it" if one else "them"}
        yield Hit(("spec", found[0]), words, on_key=True)
