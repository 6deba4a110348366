"""A change that moves requests to what the same change makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.references import ROUTES, backends, earlier_of, made_by, services
from generator.checks.subject import kind_of, mapping, may_be_in, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import SERVICE, VIRTUAL_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

WORKLOADS = tuple(Kind("apps", name) for name in ("Deployment", "StatefulSet", "DaemonSet"))

_SERVICE = """apiVersion: v1
kind: Service
metadata: {name: digits-%s, namespace: models}
spec: {ports: [{port: 80}], selector: {app: digits-%s}}
---
"""
_ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits, namespace: models}
spec:
  rules:
    - backendRefs:
        - {name: digits-r1, port: 80, weight: %s}
"""
_OLD, _NEW = _SERVICE % ("r1", "r1"), _SERVICE % ("r2", "r2")


@rule(
    id="REF016",
    name="moved-before-it-runs",
    product=None,
    kinds=(*ROUTES, VIRTUAL_SERVICE, SERVICE),
    when=frozenset({"backendRefs", "destination", "selector"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="this change sends requests to {what}, which it makes itself: until the pods are ready, they are lost",
    fix="Make it in two: first {what} {before}; when its pods are ready, {after}.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/httproute_types.go"),
    before=_OLD + _ROUTE % "1",
    bad=_OLD + _NEW + (_ROUTE % "0") + "        - {name: digits-r2, port: 80, weight: 1}\n",
    good=_OLD + _NEW + (_ROUTE % "1") + "        - {name: digits-r2, port: 80, weight: 0}\n",
)
def moved_before_it_runs(subject: Subject) -> Iterator[Hit]:
    """A route is in force at once, a model takes minutes to load, and who applies files waits for nothing.

    So a rollback that makes the old release anew, or the first share of a canary that isn't there, answers with errors.
    ``--previous`` says what is there.
    """
    before = subject.index.before(subject.document) if subject.index.earlier else None
    if before is None:
        return  # what is new had no requests that could be lost
    if kind_of(subject.document) == SERVICE:
        yield from _selector(subject, before)
        return
    had = {name for _, name, _ in _receivers(before, before.data)}
    now, then = subject.index.derive(services), subject.index.derive(earlier_services)
    for path, name, namespace in _receivers(subject.document, subject.data):
        new = may_be_in(now.get(name, ()), namespace) and not may_be_in(then.get(name, ()), namespace)
        if new and name not in had and not _leads_to_what_runs(subject.index, name, namespace):
            yield Hit(
                path, {"what": f"the Service {name}", "before": "without requests (weight 0)", "after": "the requests"}
            )


def _leads_to_what_runs(index: Index, service: str, namespace: str) -> bool:
    """Whether a new Service selects pods that are there already, such as those of an update's other strategy."""
    for each in index.by_kind.get(SERVICE, ()):
        if each.name == service and may_be_in((each.namespace,), namespace):
            wanted = mapping(each.data, "spec", "selector")
            return bool(wanted) and any(
                next(_led_to(earlier_of(index, kind), wanted, namespace), None) for kind in WORKLOADS
            )
    return False


def earlier_services(index: Index) -> Mapping[str, set[str]]:
    """The Services of the earlier set, and those that KServe made for its InferenceServices, with their namespaces."""
    return made_by(lambda kind: earlier_of(index, kind))


def _receivers(route: Document, data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """The Services that get requests from a route: place, name, namespace."""
    if kind_of(route) != VIRTUAL_SERVICE:
        for backend in backends(route, data):
            if backend.weight > 0:
                yield (*backend.path, "name"), backend.name, backend.namespace
        return
    for protocol in ("http", "tcp", "tls"):
        for number, entry in enumerate(sequence(data, "spec", protocol)):
            for index, found in enumerate(sequence(entry, "route")):
                name, _, rest = (text(found, "destination", "host") or "").partition(".")
                if name and mapping(found).get("weight") != 0:
                    namespace = rest.partition(".")[0] or route.namespace
                    yield ("spec", protocol, number, "route", index, "destination", "host"), name, namespace


def _selector(subject: Subject, before: Document) -> Iterator[Hit]:
    """A Service that leads to other pods than before, all of which are new."""
    wanted, had = mapping(subject.data, "spec", "selector"), mapping(before.data, "spec", "selector")
    if not wanted or wanted == had:
        return
    namespace = subject.document.namespace
    index = subject.index
    made = [each for kind in WORKLOADS for each in _led_to(index.by_kind.get(kind, ()), wanted, namespace)]
    there = [each for kind in WORKLOADS for each in _led_to(earlier_of(index, kind), wanted, namespace)]
    if made and not there:
        what = f"the {made[0].kind} {made[0].name}"
        changed = [key for key in wanted if wanted[key] != had.get(key)][:1]
        yield hit("spec", "selector", *changed, what=what, before="and this selector as it was", after="the new one")


def _led_to(found: Iterable[Document], selector: Mapping[str, Any], namespace: str) -> Iterator[Document]:
    for each in found:
        labels = mapping(each.data, "spec", "template", "metadata", "labels")
        if selector.items() <= labels.items() and may_be_in((each.namespace,), namespace):
            yield each
