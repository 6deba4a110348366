"""The components of an InferenceService, put together: predictor, canaries, transformer, explainer.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice: controller.go, components/.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.outcome.child import Gap
from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve import names, pod, predictor, scaling
from generator.outcome.kserve.component import Component, Nodes
from generator.outcome.kserve.implementations import implementation, storage_uri
from generator.outcome.kserve.mode import STANDARD
from generator.outcome.kserve.nodes import generation_of, spread
from generator.outcome.kserve.pod_storage import listed as addresses_of
from generator.outcome.kserve.pod_storage import several
from generator.outcome.kserve.predictor import EXTENSION, Predictor
from generator.outcome.kserve.service_view import ServiceView, without_token
from generator.outcome.kserve.storage import supported
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.modelcar import Address
    from generator.outcome.part import Tree
    from generator.reading.document import Path

_CANARIES = Version(0, 20)
_OWN_NAMES = Version(0, 20)
_LISTED = Version(0, 16)


class Components(NamedTuple):
    """The components that children are made of.

    Attributes:
        each: Predictor first, then its canaries, transformer and explainer.
        gaps: What isn't known, or why there are none.
    """

    each: tuple[Component, ...]
    gaps: tuple[Gap, ...]


class _Refusal(Exception):  # noqa: N818
    """KServe makes nothing of a component, nor of those that come after it."""

    def __init__(self, path: Path, words: str) -> None:
        super().__init__(words)
        self.gap = Gap(path, words)


def components(view: ServiceView) -> Components:
    """The components of an InferenceService as far as KServe gets: what it can't make, stops it."""
    gaps: list[Gap] = []
    found: list[Component] = []
    try:
        for one in _every(view, gaps):
            _scaled(one)
            found.append(one)
    except _Refusal as refusal:
        gaps.append(refusal.gap)
    return Components(tuple(found), tuple(gaps))


def _scaled(one: Component) -> None:
    """Stop where KServe does when it comes to what scales a component."""
    stopped = scaling.breaks(one) if one.mode == STANDARD else ""
    if stopped:
        raise _Refusal((*one.part.origin.path, "autoScaling", "metrics"), stopped)


def _every(view: ServiceView, gaps: list[Gap]) -> Iterator[Component]:
    spec = view.root.get("spec", "predictor") or Part({}, view.root.origin.below("spec", "predictor"))
    if not isinstance(spec.value, dict):
        return
    fields: dict[str, Tree] = dict(spec.fields())
    stable = predictor.resolved(fields, view, several_nodes="workerSpec" in fields)
    listed = tuple(view.root.each("spec", "canary")) if view.release >= _CANARIES and view.mode == STANDARD else ()
    yield _predictor(stable, spec, gaps, _lessened(stable, listed))
    for canary in listed:
        if isinstance(canary.value, dict):
            yield _canary(stable, canary, gaps)
    view = stable.view
    host = names.component(view.name, names.PREDICTOR, _own_name(stable))
    for role, build in ((names.TRANSFORMER, pod.of_transformer), (names.EXPLAINER, pod.of_explainer)):
        part = view.root.get("spec", role)
        if part is not None and isinstance(part.value, dict):
            own: dict[str, Tree] = dict(part.fields())
            made = build(own, host, view)
            if made.refused:
                raise _Refusal(("spec", role), made.refused)
            name = names.component(view.name, role)
            source = _source_of_custom(own, role)
            if source is not None:
                _supported(view, source, ("spec", role))
            yield _component(view, role, part, name, own, made.spec, _notes(view, own, role, source))


def _own_name(one: Predictor) -> str:
    return one.own_name if one.view.release >= _OWN_NAMES else ""


def _lessened(stable: Predictor, canaries: tuple[Part, ...]) -> dict[str, Tree]:
    """The stable predictor's pods are fewer by those of its canaries, but one at least."""
    least = value_of(stable.fields.get("minReplicas"))
    if not canaries or not isinstance(least, int):
        return {}
    counts = (predictor.canary_replicas(one, stable.fields) for one in canaries if isinstance(one.value, dict))
    return {"minReplicas": max(least - sum(counts), 1)}


def _predictor(one: Predictor, part: Part, gaps: list[Gap], changed: Mapping[str, Tree]) -> Component:
    view = one.view
    made, source, annotations = _of_predictor(one, ("spec", "predictor"), gaps)
    own = {**one.fields, **changed}
    name = names.component(view.name, names.PREDICTOR, _own_name(one))
    found = _component(view, names.PREDICTOR, part, name, own, made, annotations, runtime=one)
    if "workerSpec" in one.fields:
        found = _spread(found, one, source, annotations, view)
    addresses = addresses_of(one.fields) if view.release >= _LISTED else []
    return _with_models(found, addresses, view) if addresses else found


def _with_models(found: Component, addresses: list[Address], view: ServiceView) -> Component:
    """A predictor with the models of ``storageUris``; a canary has none, whatever it says."""
    asked = value_of(found.part.get("storageContainerName")) if view.release >= _CANARIES else None
    made = several(found.pod, addresses, found.annotations, view, str(asked or ""))
    if found.nodes is None:
        return replace(found, pod=made)
    workers = several(found.nodes.pod, addresses, found.nodes.annotations, view, str(asked or ""))
    return replace(found, pod=made, nodes=replace(found.nodes, pod=workers))


def _spread(
    found: Component, one: Predictor, source: Tree, annotations: Mapping[str, Tree], view: ServiceView
) -> Component:
    if one.runtime is None:
        return found
    made = spread(one, dict(found.pod), source, found.annotations, view)
    if made.refused:
        raise _Refusal(("spec", "predictor", "workerSpec"), made.refused)
    theirs = one.runtime.spec
    generation = {names.GENERATION_LABEL: generation_of(view)}
    annotations = {**annotations, **view.kept(opened(one.fields.get("annotations")) or {})}
    nodes = Nodes(
        name=names.worker(view.name),
        labels={
            **theirs.fields("workerSpec", "labels"),
            **_labels(view, one.fields, names.PREDICTOR),
            **generation,
            names.APP: names.app(f"{found.name}-worker"),
        },
        annotations={**theirs.fields("workerSpec", "annotations"), **annotations},
        pod=made.workers,
        replicas=made.replicas,
    )
    return replace(found, pod=made.head, labels={**found.labels, **generation}, nodes=nodes)


def _canary(stable: Predictor, canary: Part, gaps: list[Gap]) -> Component:
    one = predictor.canary_of(stable, canary)
    made, _, annotations = _of_predictor(one, canary.origin.path, gaps)
    name = names.component(one.view.name, names.PREDICTOR, one.own_name)
    part = canary.get("predictor") or canary
    found = _component(one.view, names.PREDICTOR, part, name, dict(one.fields), made, annotations, runtime=one)
    return replace(found, extension={"minReplicas": one.fields["minReplicas"]}, canary=canary)


def _of_predictor(one: Predictor, path: Path, gaps: list[Gap]) -> tuple[dict[str, Tree], Tree, dict[str, Tree]]:
    view = one.view
    serving = implementation(one.fields)
    if serving is None:
        raise _Refusal(path, "KServe makes nothing: the predictor has neither a model nor a container")
    if one.choice.refused:
        raise _Refusal((*path, "model"), one.choice.words)
    if one.choice.words:
        gaps.append(Gap((*path, "model"), one.choice.words))
    made = pod.of_predictor(one)
    if made.refused:
        raise _Refusal(path, made.refused)
    kind, fields = serving
    source = storage_uri(kind, fields)
    annotations = _notes(view, one.fields, names.PREDICTOR, None)
    annotations.update(notes.storage(fields.get("storage") if kind != "containers" else None))
    if predictor.waits_for_models(kind, fields, one.fields):
        annotations.update(notes.agent(view.name))
    if source is not None:
        _supported(view, source, path)
        annotations[notes.SOURCE] = source
        chosen = one.fields.get("storageContainerName")
        if view.release >= _CANARIES and value_of(chosen):
            annotations[notes.STORAGE_CONTAINER] = chosen
    annotations.update(notes.confidential(fields if kind != "containers" else {}, view.release))
    return made.spec, source, annotations


def _supported(view: ServiceView, source: Tree, path: Path) -> None:
    if not supported(view.given, view.release, str(value_of(source))):
        place = source.origin.path if source.__class__ is Part else path
        raise _Refusal(place, f"KServe makes nothing: it fetches from no address like {value_of(source)}")


def _source_of_custom(own: Mapping[str, Tree], role: str) -> Tree:
    """Where a transformer's or explainer's files come from."""
    art = opened(own.get("art")) if role == names.EXPLAINER else None
    if art.__class__ is dict:
        return art.get("storageUri") if value_of(art.get("storageUri")) else None
    listed = opened(own.get("containers")) or []
    return containers.env(listed[0], "STORAGE_URI") if listed else None


def _notes(view: ServiceView, own: Mapping[str, Tree], role: str, source: Tree) -> dict[str, Tree]:
    found = view.passed_on
    found.update(notes.logger(own.get("logger")))
    if role != names.EXPLAINER:
        found.update(notes.batcher(own.get("batcher")))
    if source is not None:
        found[notes.SOURCE] = source
    return found


def _labels(view: ServiceView, own: Mapping[str, Tree], role: str) -> dict[str, Tree]:
    mine = opened(own.get("labels")) or {}
    name: Any = view.root.get("metadata", "name") or view.name
    return {**view.labels, **mine, names.SERVICE_LABEL: name, names.COMPONENT_LABEL: role}


def _component(
    view: ServiceView,
    role: str,
    part: Part,
    name: str,
    own: Mapping[str, Tree],
    made: dict[str, Tree],
    annotations: Mapping[str, Tree],
    runtime: Predictor | None = None,
) -> Component:
    """A component with the labels and annotations of its runtime, the service and itself, the last above the first."""
    theirs = runtime.runtime.spec if runtime is not None and runtime.runtime is not None else None
    labels = _labels(view, own, role)
    above = {**annotations, **view.kept(opened(own.get("annotations")) or {})}
    if theirs is not None:
        labels = {**theirs.fields("labels"), **labels}
        above = {**view.kept(theirs.fields("annotations")), **above}
    if view.mode == STANDARD:
        labels[names.APP] = names.app(name)
    without_token(made, view.settings)
    addresses = addresses_of(own) if view.release >= _LISTED and role != names.PREDICTOR else []
    if addresses:
        made = several(made, addresses, above, view, "")
    return Component(
        release=view.release,
        root=view.root,
        given=view.given,
        settings=view.settings,
        mode=view.mode,
        role=role,
        part=part,
        extension={key: own[key] for key in EXTENSION if key in own},
        name=name,
        labels=labels,
        annotations=above,
        pod=made,
        added_labels=view.added_labels,
        added_annotations=view.added_annotations,
        whole=runtime is None or not runtime.choice.words,
    )
