"""Where an InferenceService answers inside the cluster, and under which path, as KServe writes it into a graph's steps.

kserve/kserve: pkg/controller/v1beta1/inferenceservice/utils/utils.go (``GetPredictorEndpoint``, ``GetModelName``) and
reconcilers/ingress at v0.15.2, v0.16.0, v0.17.0, v0.18.0, v0.19.0 and v0.20.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.kserve import hosts, names
from generator.outcome.kserve.frameworks import FRAMEWORKS, V2_FRAMEWORKS, v2_formats
from generator.outcome.kserve.mode import ANNOTATION, KNATIVE, STANDARD, said
from generator.outcome.kserve.runtime import known
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Part

_NAMED, _HEADLESS, _PLAIN, _RUNTIME = Version(0, 20), Version(0, 17), Version(0, 19), Version(0, 16)
_PORT = 8080
_MODEL_ARGUMENT, _MODEL_VARIABLE = "--model_name", "MLSERVER_MODEL_NAME"
_PATHS = {"v1": "/v1/models/{}:predict", "v2": "/v2/models/{}/infer"}


class Predictor(NamedTuple):
    """What a predictor runs.

    Attributes:
        model: The model as the webhook leaves it, or the framework's field that it makes the model of; None where a
            container of the user's own serves.
        framework: The name of that field; empty where ``model`` stands there.
    """

    model: Part | None
    framework: str = ""


def mode_of(root: Part, settings: Settings) -> str:
    """The mode of an object: its annotation's, or else the ConfigMap's."""
    return said(root.text("metadata", "annotations", ANNOTATION)) or settings.mode


def first(root: Part, release: Version) -> str:
    """The Service that takes requests first: the transformer's where there is one."""
    service = root.text("metadata", "name")
    if root.get("spec", "transformer") is not None:
        return names.component(service, names.TRANSFORMER)
    own = root.text("spec", "predictor", "name") if release >= _NAMED else ""
    return names.component(service, names.PREDICTOR, own)


def address(root: Part, settings: Settings, release: Version) -> str:
    """The URL of an InferenceService inside the cluster, without a path; empty for ModelMesh.

    Args:
        root: The InferenceService.
        settings: What the controller is told.
        release: KServe's. From 0.17 the port is said where Services have no address of their own; up to 0.18 the scheme
            is that of the outside.
    """
    mode = mode_of(root, settings)
    if mode == KNATIVE:
        alone = settings.value(hosts.SECTION, "disableIstioVirtualHost") is True
        return f"http://{hosts.inside(first(root, release) if alone else root.text('metadata', 'name'), root)}"
    if mode != STANDARD:
        return ""
    headless = release >= _HEADLESS and settings.value("service", "serviceClusterIPNone") is True
    scheme = "http" if release >= _PLAIN else settings.text(hosts.SECTION, "urlScheme") or "http"
    return f"{scheme}://{hosts.inside(first(root, release), root)}{f':{_PORT}' if headless else ''}"


def predictor_of(root: Part) -> Predictor:
    """What the predictor of an InferenceService runs, whether or not the webhook has seen it."""
    for framework in FRAMEWORKS:
        found = root.get("spec", "predictor", framework)
        if found is not None:
            return Predictor(found, framework)
    return Predictor(root.get("spec", "predictor", "model"))


def path(root: Part, given: Given, release: Version) -> str:
    """The path of predictions; empty where several models are served, or by gRPC."""
    transformer = root.get("spec", "transformer", "containers", 0)
    predictor = predictor_of(root)
    container = root.get("spec", "predictor", "containers", 0)
    if root.get("spec", "transformer") is not None:
        protocol = _variable(transformer, "PROTOCOL") or "v1"
    elif predictor.model is None:
        protocol = "" if _variable(container, "MULTI_MODEL_SERVER") == "true" else _custom(root)
    else:
        protocol = _protocol(root, predictor, given, release) if _one_model(root, predictor) else ""
    model = _model_name(transformer, predictor.model or container) or root.text("metadata", "name")
    return _PATHS[protocol].format(model) if protocol in _PATHS else ""


def _custom(root: Part) -> str:
    """The protocol of containers of the user's own: the transformer's beside them, or else the first one's."""
    containers = list(root.each("spec", "predictor", "containers"))
    beside = next((one for one in containers if one.text("name") == "transformer-container"), None)
    return _variable(beside or (containers[0] if containers else None), "PROTOCOL") or "v1"


def _one_model(root: Part, predictor: Predictor) -> bool:
    model = predictor.model
    if model is None or predictor.framework == "huggingface" or model.text("modelFormat", "name") == "huggingface":
        return True
    said = model.get("storageUri") or model.get("storage") or next(root.each("spec", "predictor", "storageUris"), None)
    return said is not None


def _protocol(root: Part, predictor: Predictor, given: Given, release: Version) -> str:
    """The model's protocol: from 0.16 what a runtime that is named speaks, the first that a graph knows."""
    model = predictor.model
    runtime = model.text("runtime") if model else ""
    if runtime and release >= _RUNTIME:
        every = known(given, release)
        namespace = root.text("metadata", "namespace")
        here = (one for one in every.namespaced if one.name == runtime and one.namespace in (namespace, "", None))
        found = next(here, None) or every.cluster.get(runtime)
        if found is not None and found.protocols:
            return next((one for one in found.protocols if one in _PATHS), "")
    own = model.text("protocolVersion") if model else ""
    v2 = predictor.framework in V2_FRAMEWORKS or (model and model.text("modelFormat", "name") in v2_formats(release))
    return own or ("v2" if v2 else "v1")


def _variable(container: Part | None, name: str) -> str:
    every = container.each("env") if container else ()
    return next((one.text("value") for one in every if one.text("name") == name), "")


def _model_name(transformer: Part | None, served: Part | None) -> str:
    """The name that the model has in paths where arguments or MLServer's variable say one."""
    found = _argument(transformer)
    if not found and served is not None:
        found = _variable(served, _MODEL_VARIABLE) or _argument(served)
    return found


def _argument(container: Part | None) -> str:
    arguments = [one.value for one in container.each("args")] if container else []
    found = ""
    for number, argument in enumerate(arguments):
        if not isinstance(argument, str) or not argument.startswith(_MODEL_ARGUMENT):
            continue
        if argument.count("=") == 1:
            found = argument.partition("=")[2]
        following = arguments[number + 1] if number + 1 < len(arguments) else None
        if isinstance(following, str) and not following.startswith("--"):
            found = following
    return found
