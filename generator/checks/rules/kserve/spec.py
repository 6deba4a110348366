"""How KServe reads an InferenceService: its components, their implementations and containers.

The readings follow pkg/apis/serving/v1beta1 of kserve/kserve; where they changed, the release is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.placeholders import filled
from generator.checks.rule import Source
from generator.checks.subject import mapping, reach, sequence, text
from generator.outcome.kserve import mode as modes
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path


V0_16, V0_17, V0_18, V0_19, V0_20, V0_21 = (Version(0, minor) for minor in range(16, 22))

PREFIX = "serving.kserve.io/"
MODE = modes.ANNOTATION
AUTOSCALER = "serving.kserve.io/autoscalerClass"
KNATIVE_CLASS = "autoscaling.knative.dev/class"

STANDARD, KNATIVE, MODELMESH = modes.STANDARD, modes.KNATIVE, modes.MODELMESH
NEW_NAMES = modes.NEW_NAMES

_SERVING = {field: number for number, field in enumerate(("model", *FRAMEWORKS))}

MAIN_CONTAINER = "kserve-container"
TRANSFORMER_CONTAINER = "transformer-container"

VALIDATION = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/inference_service_validation.go")
COMPONENT = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/component.go")
DEFAULTS = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/inference_service_defaults.go")


class Component(NamedTuple):
    """A component of a service and where it stands."""

    name: str
    path: Path
    spec: Mapping[str, Any]


class Container(NamedTuple):
    """A container, or a model (whose fields are those of a container), and where it stands."""

    path: Path
    spec: Mapping[str, Any]

    def env(self) -> Iterator[tuple[Path, str, str]]:
        """Place, name and literal value of each environment variable; the value is empty where it is a reference."""
        for number, variable in enumerate(sequence(self.spec, "env")):
            yield (*self.path, "env", number), text(variable, "name") or "", text(variable, "value") or ""


class Address(NamedTuple):
    """Where a model comes from.

    Attributes:
        component: Whose model it is.
        path: Where the address stands.
        uri: The address.
        listed: Whether it is one of ``storageUris``.
    """

    component: Component
    path: Path
    uri: str
    listed: bool = False


def annotations_of(subject: Subject) -> Mapping[str, Any]:
    """The annotations after the webhook."""
    return subject.derive(_annotations)


def _annotations(subject: Subject) -> Mapping[str, Any]:
    return mapping(subject.data, "metadata", "annotations")


def mode(subject: Subject) -> str | None:
    """The mode annotation after the webhook; None where the cluster's default decides."""
    return subject.derive(_mode)


def _mode(subject: Subject) -> str | None:
    found = annotations_of(subject).get(MODE)
    return found if isinstance(found, str) else None


def kept_inside(subject: Subject) -> bool:
    """Whether the label keeps KServe, in mode standard, from making any route (httproute_reconciler.go, isInternal)."""
    return text(subject.data, "metadata", "labels", "networking.kserve.io/visibility") == "cluster-local"


def by_route(release: Version | None) -> str:
    """What splits traffic without Knative: up to 0.19 an InferenceService has one predictor."""
    pods = "two InferenceServices" if release is not None and release < V0_20 else "spec.canary"
    return f"{pods} and an HTTPRoute"


def components(subject: Subject) -> tuple[Component, ...]:
    """Predictor, transformer and explainer, as far as they are there; canaries are not components of their own.

    The predictor is always there: in Go it is no pointer, so a missing one comes back from the webhook empty.
    """
    return subject.derive(_components)


def _components(subject: Subject) -> tuple[Component, ...]:
    spec = mapping(subject.data, "spec")
    others = (
        Component(name, ("spec", name), found)
        for name in ("transformer", "explainer")
        if isinstance(found := spec.get(name), dict)
    )
    return Component("predictor", ("spec", "predictor"), mapping(spec, "predictor")), *others


def canaries(subject: Subject) -> tuple[tuple[Path, Mapping[str, Any], Component], ...]:
    """Place, entry and predictor of each canary."""
    return subject.derive(_canaries)


def _canaries(subject: Subject) -> tuple[tuple[Path, Mapping[str, Any], Component], ...]:
    found = []
    for number, item in enumerate(sequence(subject.data, "spec", "canary")):
        entry = {} if item is None else item  # as Go decodes null
        if isinstance(entry, dict):
            path = ("spec", "canary", number)
            found.append((path, entry, Component("canary", (*path, "predictor"), mapping(entry, "predictor"))))
    return tuple(found)


def predictors(subject: Subject) -> tuple[Component, ...]:
    """The stable predictor and those of the canaries."""
    return subject.derive(_predictors)


def _predictors(subject: Subject) -> tuple[Component, ...]:
    return components(subject)[0], *(component for _, _, component in canaries(subject))


def judged(subject: Subject) -> tuple[Component, ...]:
    """All components, and the predictors of canaries, to which most rules of a predictor apply as well."""
    return subject.derive(_judged)


def _judged(subject: Subject) -> tuple[Component, ...]:
    return *components(subject), *(component for _, _, component in canaries(subject))


def listed(component: Component, field: str) -> Iterator[Container]:
    """The containers of one list (``containers``, ``initContainers``)."""
    for number, item in enumerate(sequence(component.spec, field)):
        container = {} if item is None else item  # as Go decodes null
        if isinstance(container, dict):
            yield Container((*component.path, field, number), container)


def model(component: Component) -> Container | None:
    """What serves by a runtime: ``model``, or the first framework field; None for a custom container."""
    for field in serving_fields(component.spec):
        found = component.spec[field]
        if isinstance(found, dict):
            return Container((*component.path, field), found)
    return None


def serving_fields(spec: Mapping[str, Any]) -> list[str]:
    """``model`` and the framework fields that are there, in the order in which KServe looks for them."""
    there = _SERVING.keys() & spec.keys()
    return sorted(there, key=_SERVING.__getitem__) if len(there) > 1 else list(there)


def implementations(component: Component) -> list[Path]:
    """Where the implementations stand, of which a component has exactly one.

    A predictor's containers count once for each that is named kserve-container; where none is, and no model is there,
    the first container is the implementation (predictor.go, GetImplementations).
    """
    found: list[Path] = []
    if component.name in ("predictor", "canary"):
        fields = serving_fields(component.spec)
        found = [(*component.path, field) for field in fields if isinstance(component.spec[field], dict)]
        containers = list(listed(component, "containers"))
        found += [container.path for container in containers if container.spec.get("name") == MAIN_CONTAINER]
        if containers and not found:
            found.append(containers[0].path)
        return found
    if component.name == "explainer" and isinstance(component.spec.get("art"), dict):
        found.append((*component.path, "art"))
    if sequence(component.spec, "containers"):
        found.append((*component.path, "containers"))
    return found


def storage_uri(component: Component) -> tuple[Path, str] | None:
    """Where the component's model comes from, by ``storageUri`` or by the environment of a custom container."""
    place = model(component) if component.name in ("predictor", "canary") else None
    if component.name == "explainer" and isinstance(component.spec.get("art"), dict):
        place = Container((*component.path, "art"), mapping(component.spec, "art"))
    if place is not None:
        uri = text(place.spec, "storageUri")
        return None if uri is None else ((*place.path, "storageUri"), uri)
    for container in listed(component, "containers"):
        named = component.name in ("predictor", "canary")
        if not named or container.spec.get("name") == MAIN_CONTAINER:
            return next(((path, value) for path, name, value in container.env() if name == "STORAGE_URI"), None)
    return None


def listed_uris(component: Component) -> Iterator[tuple[Path, str]]:
    """Place and address of each entry of ``storageUris``."""
    for number, entry in enumerate(sequence(component.spec, "storageUris")):
        uri = text(entry, "uri")
        if uri:
            yield (*component.path, "storageUris", number, "uri"), uri


def addresses(subject: Subject) -> tuple[Address, ...]:
    """Where each model comes from, by ``storageUri`` or a list; ModelMesh fetches its models itself.

    Addresses with placeholders are left out: what is wrong with them, nobody can know.
    """
    return subject.derive(_addresses)


def _addresses(subject: Subject) -> tuple[Address, ...]:
    if mode(subject) == MODELMESH:
        return ()
    found = []
    for component in judged(subject):
        single = storage_uri(component)
        several = [Address(component, path, uri, listed=True) for path, uri in listed_uris(component)]
        found += [Address(component, *single), *several] if single else several
    return tuple(one for one in found if one.uri and filled(one.uri))


def every_container(subject: Subject) -> Iterator[Container]:
    """Each container that the webhook looks into: canaries are none of them."""
    for component in components(subject):
        for field in ("containers", "initContainers"):
            yield from listed(component, field)
        if component.name == "predictor":
            served = model(component)
            if served is not None:
                yield served
            worker = Component("worker", (*component.path, "workerSpec"), mapping(component.spec, "workerSpec"))
            for field in ("containers", "initContainers"):
                yield from listed(worker, field)
        if component.name == "explainer":
            art = reach(component.spec, "art")
            if isinstance(art, dict):
                yield Container((*component.path, "art"), art)
