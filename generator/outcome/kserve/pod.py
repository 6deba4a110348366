"""The pods of a component before the pod webhook: predictor, transformer, explainer.

kserve/kserve v0.20.0: pkg/controller/v1beta1/inferenceservice/components/predictor.go (``buildPodSpec``),
transformer.go, explainer.go; utils/utils.go (``MergePodSpec``); pkg/apis/serving/v1beta1/transformer_custom.go,
explainer_custom.go, explainer_art.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve import placeholders
from generator.outcome.kserve.predictor import NOT_OF_A_POD
from generator.outcome.kserve.service_view import with_resources
from generator.outcome.merging import laid_over
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.outcome.kserve.predictor import Predictor
    from generator.outcome.kserve.runtime import Runtime
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

_OF_A_RUNTIME = ("nodeSelector", "affinity", "tolerations", "volumes", "imagePullSecrets", "schedulerName")
"""What a runtime says of its pods beside containers; ``hostIPC`` is left behind, and the scheduler up to 0.16."""

NAME_VARIABLE = "INFERENCE_SERVICE_NAME"
_NAMED_SINCE = _SCHEDULED_SINCE = Version(0, 17)
_ADDED_HOST_PORT = "8080"


class Pod(NamedTuple):
    """A pod's spec.

    Attributes:
        spec: The spec.
        refused: Why KServe makes nothing of it; empty where it does.
    """

    spec: dict[str, Tree]
    refused: str = ""


def of_pod(fields: Mapping[str, Tree]) -> dict[str, Tree]:
    """The fields of a component that are those of its pods."""
    return {name: value for name, value in fields.items() if name not in NOT_OF_A_POD}


def under(runtime: Part, fields: Mapping[str, Tree], release: Version) -> dict[str, Tree]:
    """A runtime's pod under the user's, without containers.

    Args:
        runtime: The runtime's spec, or its ``workerSpec``.
        fields: The user's, those of a pod alone.
        release: KServe's.
    """
    names = _OF_A_RUNTIME if release >= _SCHEDULED_SINCE else _OF_A_RUNTIME[:-1]
    base = {name: found for name in names if (found := runtime.get(name)) is not None}
    merged: dict[str, Tree] = laid_over(base, fields) if base else dict(fields)
    merged.pop("containers", None)
    return merged


def of_predictor(predictor: Predictor) -> Pod:
    """The pods of a predictor, canaries' too; of one whose runtime isn't known, as far as the user says it."""
    model, view = predictor.model, predictor.view
    found = _custom(predictor.fields, view) if model is None else _served(predictor, model, view)
    if not found.refused and view.release >= _NAMED_SINCE:
        _with_names(found.spec["containers"], view, all_of_them=True)
    return found


def _custom(fields: Mapping[str, Tree], view: ServiceView) -> Pod:
    """A predictor of containers: the one that serves takes the first one's place, and stays where it was besides."""
    listed = list(opened(fields.get("containers")) or [])
    place = containers.named(listed, containers.MAIN)
    if place is None:
        return Pod({}, f"KServe makes nothing: no container of the predictor is named {containers.MAIN}")
    listed[place] = _sized(listed, place, view)
    listed[0] = listed[place]
    return Pod({**of_pod(fields), "containers": [dict(opened(one)) for one in listed]})


def _sized(listed: Sequence[Tree], place: int, view: ServiceView) -> Tree:
    """The webhook sizes the first container alone, and only where one serves (``CustomPredictor.Default``)."""
    serving = sum(value_of(opened(one).get("name")) == containers.MAIN for one in listed)
    one = opened(listed[place])
    return with_resources(one, view.settings) if place == 0 and serving == 1 else one


def _served(predictor: Predictor, model: Mapping[str, Tree], view: ServiceView) -> Pod:
    runtime = predictor.runtime
    own = containers.of_model(model)
    if runtime is None:
        listed = [{**own, "name": own.get("name") or containers.MAIN}, *_others(predictor.fields)]
        return Pod({**of_pod(predictor.fields), "containers": listed})
    place = containers.named(runtime.containers, containers.MAIN)
    if place is None:
        return Pod({}, f"KServe makes nothing: no container of the runtime {runtime.name} is named {containers.MAIN}")
    main = containers.merged(runtime.containers[place], own, view.release)
    main = _filled(main, runtime.braced(place) or placeholders.braced(own), view)
    containers.with_image(main, model.get("runtimeVersion"), runtime, view.release)
    spec = under(runtime.spec, of_pod(predictor.fields), view.release)
    spec["containers"] = [main, *_transformer(runtime, predictor, view), *_rest(runtime), *_others(predictor.fields)]
    return Pod(spec)


def _filled(main: dict[str, Tree], there: object, view: ServiceView) -> dict[str, Tree]:
    """A container without its placeholders; it's looked through only where some are there."""
    if not there:
        return main
    look_up = placeholders.meaning(view.name, view.namespace, view.labels, view.annotations)
    return {name: placeholders.filled(value, look_up) for name, value in main.items()}


def _transformer(runtime: Runtime, predictor: Predictor, view: ServiceView) -> list[dict[str, Tree]]:
    """The transformer inside the predictor's pods: the runtime's under the user's, or the one that there is."""
    users = list(opened(predictor.fields.get("containers")) or [])
    theirs = containers.named(runtime.containers, containers.TRANSFORMER)
    own = containers.named(users, containers.TRANSFORMER)
    if theirs is None and own is None:
        return []
    if theirs is None:
        found = dict(opened(users[own or 0]))
    elif own is None:
        found = dict(opened(runtime.containers[theirs]))
    else:
        found = containers.merged(runtime.containers[theirs], opened(users[own]), view.release)
    return [_filled(found, placeholders.braced(found), view)]


def _rest(runtime: Runtime) -> list[dict[str, Tree]]:
    taken = (containers.MAIN, containers.TRANSFORMER)
    return [dict(opened(one)) for one in runtime.containers if one.value.get("name") not in taken]


def _others(fields: Mapping[str, Tree]) -> list[dict[str, Tree]]:
    """The user's own containers beside the transformer's."""
    listed = [opened(one) for one in opened(fields.get("containers")) or []]
    return [dict(one) for one in listed if value_of(one.get("name")) != containers.TRANSFORMER]


def _with_names(listed: list[dict[str, Tree]], view: ServiceView, *, all_of_them: bool) -> None:
    """Tell containers their InferenceService's name: all of a predictor, the first of a transformer."""
    name = view.root.get("metadata", "name") or view.name
    for number in range(len(listed) if all_of_them else 1):
        listed[number] = containers.with_env(listed[number], NAME_VARIABLE, name)


def of_transformer(fields: Mapping[str, Tree], predictor: str, view: ServiceView) -> Pod:
    """The pods of a transformer.

    Args:
        fields: The transformer's.
        predictor: The predictor's Service.
        view: The InferenceService.
    """
    listed = list(opened(fields.get("containers")) or [])
    if not listed:
        return Pod({}, "KServe makes nothing: the transformer has no container")
    first = _asking(_first(listed, view), predictor, view)
    if not containers.has_arg(opened(first.get("args") or []), "--http_port"):
        first["args"] = [*opened(first.get("args") or []), "--http_port", _ADDED_HOST_PORT]
    spec = {**of_pod(fields), "containers": [_crowded(first, fields), *(dict(opened(one)) for one in listed[1:])]}
    if view.release >= _NAMED_SINCE:
        _with_names(spec["containers"], view, all_of_them=False)
    return Pod(spec)


def of_explainer(fields: Mapping[str, Tree], predictor: str, view: ServiceView) -> Pod:
    """The pods of an explainer, ART's or a custom one; see ``of_transformer``."""
    listed = list(opened(fields.get("containers")) or [])
    art = opened(fields.get("art"))
    if art.__class__ is dict:
        first = _art(art, fields, predictor, view)
    elif listed:
        first = _asking(_first(listed, view), predictor, view)
        first["args"] = [*opened(first.get("args") or []), "--http_port", _ADDED_HOST_PORT]
        first = _crowded(first, fields)
    else:
        return Pod({}, "KServe makes nothing: the explainer has no container")
    return Pod({**of_pod(fields), "containers": [first, *(dict(opened(one)) for one in listed[1:])]})


def _first(listed: Sequence[Tree], view: ServiceView) -> dict[str, Tree]:
    return {**with_resources(opened(listed[0]), view.settings), "name": containers.MAIN}


def _asking(first: dict[str, Tree], predictor: str, view: ServiceView) -> dict[str, Tree]:
    """A container that is told whom to ask, where its arguments don't say it already."""
    args = list(opened(first.get("args") or []))
    if not containers.has_arg(args, "--model_name"):
        args += ["--model_name", view.root.get("metadata", "name") or view.name]
    if not containers.has_arg(args, "--predictor_host"):
        args += ["--predictor_host", f"{predictor}.{view.namespace}"]
    return {**first, "args": args}


def _crowded(first: dict[str, Tree], fields: Mapping[str, Tree]) -> dict[str, Tree]:
    """A container with as many workers as requests at once."""
    args = list(opened(first.get("args") or []))
    workers = _workers(fields)
    if workers and not containers.has_arg(args, "--workers"):
        return {**first, "args": [*args, *workers]}
    return first


def _workers(fields: Mapping[str, Tree]) -> list[Tree]:
    concurrency = fields.get("containerConcurrency")
    if concurrency is None:
        return []
    text = str(value_of(concurrency))
    return ["--workers", Part(text, concurrency.origin) if concurrency.__class__ is Part else text]


def _art(art: Mapping[str, Tree], fields: Mapping[str, Tree], predictor: str, view: ServiceView) -> dict[str, Tree]:
    """The container of the Adversarial Robustness Toolbox; the user's own arguments come twice, as KServe has it."""
    own = list(opened(art.get("args") or []))
    args: list[Tree] = ["--model_name", view.root.get("metadata", "name") or view.name]
    args += ["--http_port", _ADDED_HOST_PORT]
    if not containers.has_arg(own, "--predictor_host"):
        args += ["--predictor_host", f"{predictor}.{view.namespace}"]
    if not containers.has_arg(own, "--workers"):
        args += _workers(fields)
    if value_of(art.get("storageUri")):
        args += ["--storage_uri", notes.MODEL_FOLDER]
    args += ["--adversary_type", art.get("type", "")]
    settings = opened(art.get("config"))
    for name in sorted(settings) if settings.__class__ is dict else ():
        args += [f"--{name}", settings[name]]
    left_out = ("type", "storageUri", "runtimeVersion", "config", "storage")
    container = {name: value for name, value in art.items() if name not in left_out}
    container.update(name=containers.MAIN, args=[*args, *own, *own])
    if not value_of(container.get("image")):
        container["image"] = _art_image(art, view)
    return with_resources(container, view.settings)


def _art_image(art: Mapping[str, Tree], view: ServiceView) -> Tree:
    shipped = view.settings.value("explainers", "art")
    shipped = shipped if isinstance(shipped, dict) else {}
    version = value_of(art.get("runtimeVersion"))
    tag = shipped.get("defaultImageVersion", "") if version is None else version
    return Part(f"{shipped.get('image', '')}:{tag}", view.settings.here("explainers"))
