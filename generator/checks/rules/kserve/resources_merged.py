"""Requests above limits, once a container is laid over what KServe knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import LLM_SERVICE, workloads
from generator.checks.rules.kserve.runtime_fit import GOOD, given, runtimes
from generator.checks.rules.kserve.runtimes_shipped import NEWEST, offer, shipped
from generator.checks.rules.kserve.spec import MAIN_CONTAINER, MODELMESH, canaries, components, listed, mode, model
from generator.checks.subject import mapping, sequence, text
from generator.outcome.kserve.config import sizes
from generator.schemas.kinds import INFERENCE_SERVICE
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.spec import Component, Container
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_ASKED = GOOD.replace("s3://models/digits/1}", "s3://models/digits/1, resources: {%s}}")
DEFAULTS, STABLE = "KServe's ConfigMap as shipped", "the stable predictor"


@rule(
    id="KSV496",
    name="request-above-limit-once-merged",
    product="kserve",
    kinds=(INFERENCE_SERVICE, LLM_SERVICE),
    when=frozenset({"resources"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{problem}: no pod can be made of this",
    fix="{advice}",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/utils/utils.go"),
    bad=_ASKED % "requests: {cpu: 4, memory: 8Gi}",
    good=_ASKED % "requests: {cpu: 4, memory: 8Gi}, limits: {cpu: 4, memory: 8Gi}",
)
def request_above_limit_once_merged(subject: Subject) -> Iterator[Hit]:
    """KServe takes any amounts and lays them over those of the runtime, or of its ConfigMap: 1 CPU and 2Gi as shipped.

    So 4 CPU that are asked for without a limit stand beside the runtime's limit of 1, the API server refuses the pods,
    and only the ReplicaSet's events say why. A device has a limit that is its request.
    """
    for path, own, base, whose in _asked(subject):
        limits, requests = mapping(own, "limits"), mapping(own, "requests")
        for name, wanted in ({**base, **requests}).items():
            most = limits.get(name, base.get(name))
            if most is None:
                if name in requests and _device(name) and whose != STABLE:
                    problem = f"{name} is requested and has no limit"
                    yield Hit((*path, "requests", name), _said(problem, f"Set limits: {{{name}: {wanted}}}."))
            elif _above(wanted, most) and (name in requests or name in limits):
                yield _told(path, name, (requests, limits), (wanted, most), whose)


def _told(
    path: Path, name: str, written: tuple[Mapping[str, Any], Mapping[str, Any]], values: tuple[Any, Any], whose: str
) -> Hit:
    """What is told of a request above a limit: where it was written, and who brings the other half."""
    (requests, limits), (wanted, most) = written, values
    if name not in limits:
        problem = f"the request for {name}, {wanted}, is above the limit {most} that {whose} brings"
        return Hit((*path, "requests", name), _said(problem, f"Set limits.{name}: {wanted}, or lower the request."))
    if name not in requests:
        problem = f"the limit for {name}, {most}, is below the request {wanted} that {whose} brings"
        return Hit((*path, "limits", name), _said(problem, f"Set requests.{name}: {most}, or raise the limit."))
    problem = f"the request for {name}, {wanted}, is above the limit {most}"
    return Hit((*path, "requests", name), _said(problem, "Lower the request, or raise the limit."))


def _said(problem: str, advice: str) -> dict[str, str]:
    return {"problem": problem, "advice": advice}


def _device(name: str) -> bool:
    """Whether a resource is one of a device plugin's, whose request is its limit."""
    return "/" in name and "kubernetes.io/" not in name


def _above(wanted: object, most: object) -> bool:
    one, other = quantity.read(wanted), quantity.read(most)
    return one is not None and other is not None and one.number > other.number


def _asked(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any], Mapping[str, Any], str]]:
    """Resources, what they are laid over, and whose that is."""
    if subject.document.kind == LLM_SERVICE.kind:
        for path, container in _of_llm(subject):
            yield (*path, "resources"), mapping(container, "resources"), {}, ""
    elif mode(subject) != MODELMESH:
        for component in components(subject):
            yield from _of_component(subject, component)
        for _, _, component in canaries(subject):
            # The stable predictor lies below a canary, so only what this one says on both sides is sure.
            for one in (model(component), *listed(component, "containers")):
                if one:
                    yield (*one.path, "resources"), mapping(one.spec, "resources"), {}, STABLE


def _of_component(
    subject: Subject, component: Component
) -> Iterator[tuple[Path, Mapping[str, Any], Mapping[str, Any], str]]:
    served = model(component)
    if served and not isinstance(component.spec.get("workerSpec"), dict):
        base, whose = _runtime(subject, served)
        yield (*served.path, "resources"), mapping(served.spec, "resources"), base, whose
    for number, one in enumerate(listed(component, "containers")):
        # The webhook fills the first one in; beside a model there is none to fill.
        base = sizes(subject.release or NEWEST) if not number and not served else {}
        yield (*one.path, "resources"), mapping(one.spec, "resources"), base, DEFAULTS


def _runtime(subject: Subject, served: Container) -> tuple[Mapping[str, Any], str]:
    """What the runtime of a model brings, as far as the set or the release says; nothing where neither does."""
    name, form = text(served.spec, "runtime"), text(served.spec, "modelFormat", "name")
    if not name:
        chosen = form and offer(subject.release, form) and not subject.index.derive(runtimes)
        return (sizes(subject.release or NEWEST), "the shipped runtime") if chosen else ({}, "")
    found = given(subject, name)
    if len(found) == 1:
        for container in sequence(found[0].data, "spec", "containers"):
            if text(container, "name") == MAIN_CONTAINER:
                return _both(mapping(container, "resources")), f"the runtime {name}"
    known = not found and name in shipped(subject.release)
    return (sizes(subject.release or NEWEST), f"the shipped runtime {name}") if known else ({}, "")


def _both(resources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Resources that are the same on both sides; of others only what a request or a limit alone can't break."""
    limits, requests = mapping(resources, "limits"), mapping(resources, "requests")
    return {name: value for name, value in limits.items() if requests.get(name) == value}


def _of_llm(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for workload in workloads(subject):
        for part in ("template", "worker"):
            for number, container in enumerate(sequence(workload.spec, part, "containers")):
                if isinstance(container, dict):
                    yield (*workload.path, part, "containers", number), container
