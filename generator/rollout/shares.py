"""Who gets which share of the traffic: read from routes, whichever API they are of."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.subject import integer, mapping, sequence, text
from generator.reading.kind import Kind
from generator.rollout.world import Key
from generator.schemas.kinds import (
    INFERENCE_SERVICE,
    KNATIVE_ROUTE,
    KNATIVE_SERVICE,
    REVISION,
    SERVICE,
    VIRTUAL_SERVICE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.rollout.world import World

GATEWAY = "gateway.networking.k8s.io"
HTTP_ROUTE, GRPC_ROUTE = Kind(GATEWAY, "HTTPRoute"), Kind(GATEWAY, "GRPCRoute")
EXPERIMENT = Kind("mlops.seldon.io", "Experiment")
NEWEST, BEFORE_IT = "the newest revision", "the revision before it"


class Branch(NamedTuple):
    """A part of the traffic of a route.

    Attributes:
        route: The route.
        rule: Which of its rules, from 0.
        backend: Where it leads: a Service, or an object that answers itself.
        share: Its share of what the rule takes; None for a copy.
    """

    route: Key
    rule: int
    backend: Key
    share: Fraction | None


def branches(there: World) -> Iterator[Branch]:
    """Every branch of every route, those without traffic too."""
    for key, data in there.of(HTTP_ROUTE, GRPC_ROUTE):
        for number, rule in enumerate(sequence(data, "spec", "rules")):
            yield from _gateway(key, number, mapping(rule))
    for key, data in there.of(VIRTUAL_SERVICE):
        for number, rule in enumerate(sequence(data, "spec", "http")):
            yield from _istio(key, number, mapping(rule))
    for key, data in there.of(EXPERIMENT):
        candidates = [mapping(each) for each in sequence(data, "spec", "candidates")]
        named = [(_model(key, each), integer(each, "weight") or 0) for each in candidates]
        yield from _weighed(key, 0, named)
        mirror = mapping(data, "spec", "mirror")
        if mirror:
            yield Branch(key, 0, _model(key, mirror), None)
    for key, data in there.of(KNATIVE_ROUTE):
        targets = [mapping(each) for each in sequence(data, "spec", "traffic")]
        named = [(_configuration(key, each), integer(each, "percent") or 0) for each in targets]
        yield from _weighed(key, 0, named)
    yield from _remembered(there)


def _remembered(there: World) -> Iterator[Branch]:
    """The shares of revisions, which the InferenceService says and no object of the files names.

    The rest of ``canaryTrafficPercent`` is for the revision that was rolled out last (kserve v0.20.0,
    pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go).
    """
    for key, data in there.of(INFERENCE_SERVICE):
        for number, component in enumerate(("predictor", "transformer", "explainer")):
            part = mapping(data, "spec", component)
            if Key(KNATIVE_SERVICE, key.namespace, f"{key.name}-{component}") in there.objects:
                said = integer(part, "canaryTrafficPercent")
                newest = 100 if said is None else said
                for name, percent in ((NEWEST, newest), (BEFORE_IT, 100 - newest)):
                    yield Branch(key, number, Key(REVISION, key.namespace, name), Fraction(percent, 100))


def _gateway(route: Key, number: int, rule: Mapping[str, Any]) -> Iterator[Branch]:
    backends = [mapping(each) for each in sequence(rule, "backendRefs")]
    named = [
        (_reference(route, each), 1 if integer(each, "weight") is None else integer(each, "weight") or 0)
        for each in backends
    ]
    yield from _weighed(route, number, named)
    for each in sequence(rule, "filters"):
        mirrored = mapping(each, "requestMirror", "backendRef")
        if mirrored:
            yield Branch(route, number, _reference(route, mirrored), None)


def _istio(route: Key, number: int, rule: Mapping[str, Any]) -> Iterator[Branch]:
    """One destination without a weight gets all (istio.io/api, networking/v1, ``HTTPRouteDestination``)."""
    targets = [mapping(each) for each in sequence(rule, "route")]
    alone = len(targets) == 1
    named = [
        (_host(route, mapping(each, "destination")), 1 if alone else integer(each, "weight") or 0) for each in targets
    ]
    yield from _weighed(route, number, named)
    mirrors = [mapping(rule, "mirror"), *(mapping(each, "destination") for each in sequence(rule, "mirrors"))]
    for each in filter(None, mirrors):
        yield Branch(route, number, _host(route, each), None)


def _weighed(route: Key, number: int, named: list[tuple[Key, int]]) -> Iterator[Branch]:
    total = sum(weight for _, weight in named)
    for backend, weight in named:
        yield Branch(route, number, backend, Fraction(weight, total) if total else Fraction())


def _reference(route: Key, reference: Mapping[str, Any]) -> Key:
    kind = Kind(text(reference, "group") or "", text(reference, "kind") or "Service")
    return Key(kind, text(reference, "namespace") or route.namespace, text(reference, "name") or "")


def _host(route: Key, destination: Mapping[str, Any]) -> Key:
    """The Service that a host names: ``name``, ``name.namespace``, ``name.namespace.svc.cluster.local``."""
    name, _, rest = (text(destination, "host") or "").partition(".")
    return Key(SERVICE, rest.partition(".")[0] or route.namespace, name)


def _model(route: Key, candidate: Mapping[str, Any]) -> Key:
    return Key(Kind("mlops.seldon.io", "Model"), route.namespace, text(candidate, "name") or "")


def _configuration(route: Key, target: Mapping[str, Any]) -> Key:
    name = text(target, "configurationName") or text(target, "revisionName") or ""
    return Key(KNATIVE_SERVICE, route.namespace, name)
