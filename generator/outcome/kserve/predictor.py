"""A predictor before its pods: its implementation, its runtime, what the runtime sets; and what a canary is.

kserve/kserve v0.20.0: pkg/controller/v1beta1/inferenceservice/components/predictor.go;
pkg/apis/serving/v1beta1/predictor.go and inference_service_defaults.go (``SetRuntimeDefaults``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve.implementations import FRAMEWORKS
from generator.outcome.kserve.runtime import MLSERVER, PROTOCOLS, TORCHSERVE, TRITON, Choice, chosen, known
from generator.outcome.part import Part, opened, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.kserve.runtime import Runtime
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

EXTENSION = (
    "minReplicas",
    "maxReplicas",
    "scaleTarget",
    "scaleMetric",
    "scaleMetricType",
    "autoScaling",
    "containerConcurrency",
    "timeout",
    "canaryTrafficPercent",
    "logger",
    "batcher",
    "labels",
    "annotations",
    "deploymentStrategy",
)
"""The fields of a component that aren't those of its pods (component.go, ``ComponentExtensionSpec``)."""

NOT_OF_A_POD = frozenset(
    (*EXTENSION, *FRAMEWORKS, "model", "name", "storageUris", "storageContainerName", "workerSpec", "art")
)

_CLASSES = {
    "xgboost": "mlserver_xgboost.XGBoostModel",
    "lightgbm": "mlserver_lightgbm.LightGBMModel",
    "mlflow": "mlserver_mlflow.MLflowRuntime",
}
_CLASS = "mlserver_sklearn.SKLearnModel"


@dataclass(frozen=True, slots=True)
class Predictor:
    """A predictor.

    Attributes:
        fields: Its fields; ``model`` with what its runtime sets.
        view: The InferenceService, with the labels that the runtime sets.
        choice: Its runtime, or why it has none.
    """

    fields: Mapping[str, Tree]
    view: ServiceView
    choice: Choice

    @property
    def model(self) -> dict[str, Tree] | None:
        """The fields of ``model``; None for a custom predictor."""
        found = opened(self.fields.get("model"))
        return found if found.__class__ is dict else None

    @property
    def runtime(self) -> Runtime | None:
        """Its runtime."""
        return self.choice.runtime

    @property
    def own_name(self) -> str:
        """``predictor.name``."""
        found = value_of(self.fields.get("name"))
        return found if isinstance(found, str) else ""


def resolved(fields: Mapping[str, Tree], view: ServiceView, *, several_nodes: bool) -> Predictor:
    """A predictor with its runtime.

    Args:
        fields: Its fields.
        view: The InferenceService.
        several_nodes: Whether it runs on several nodes.
    """
    model = opened(fields.get("model"))
    if model.__class__ is not dict:
        return Predictor(fields, view, Choice(None))
    namespace = view.root.text("metadata", "namespace")
    choice = chosen(model, namespace, known(view.given, view.release), several_nodes=several_nodes)
    if choice.runtime is None:
        return Predictor(fields, view, choice)
    model = {**model}
    labels = _defaults(model, choice.runtime, view)
    model.setdefault("runtime", choice.runtime.name)
    if value_of(model.get("protocolVersion")) is None:
        model["protocolVersion"] = PROTOCOLS[choice.runtime.rank] if choice.runtime.rank < len(PROTOCOLS) else ""
    return Predictor({**fields, "model": model}, view.with_labels(labels), choice)


def _defaults(model: dict[str, Tree], runtime: Runtime, view: ServiceView) -> dict[str, Tree]:
    """What some servers need: put into the model; the labels that the InferenceService gets are given back."""
    server = runtime.server(view.release)
    if server == MLSERVER:
        return _mlserver(model, view)
    if server == TORCHSERVE:
        protocol = model.setdefault("protocolVersion", "v1")
        variable = {"name": "PROTOCOL_VERSION", "value": protocol}
        model["env"] = [*opened(model.get("env") or []), variable]
        second = value_of(protocol) in ("v2", "grpc-v2")
        return {"serviceEnvelope": "kservev2" if second else "kserve"}
    if server == TRITON:
        model.setdefault("protocolVersion", "v2")
        if not _stored(model):
            model["args"] = [*opened(model.get("args") or []), "--model-control-mode=explicit"]
    return {}


def _mlserver(model: dict[str, Tree], view: ServiceView) -> dict[str, Tree]:
    model.setdefault("protocolVersion", "v2")
    if _stored(model):
        name = view.root.get("metadata", "name") or view.name
        wanted = {"MLSERVER_MODEL_NAME": name, "MLSERVER_MODEL_URI": notes.MODEL_FOLDER}
    else:
        wanted = {"MLSERVER_LOAD_MODELS_AT_STARTUP": "false"}
    for variable, value in wanted.items():
        if not containers.has_env(model, variable):
            model.update(containers.with_env(model, variable, value))
    form = opened(model.get("modelFormat"))
    named = value_of(form.get("name")) if form.__class__ is dict else None
    return {"modelClass": _CLASSES.get(named, _CLASS) if isinstance(named, str) else _CLASS}


def _stored(model: Mapping[str, Tree]) -> bool:
    return model.get("storageUri") is not None or model.get("storage") is not None


def waits_for_models(kind: str, fields: Mapping[str, Tree], predictor: Mapping[str, Tree]) -> bool:
    """Whether a predictor gets its models by TrainedModels (utils.go, ``IsMMSPredictor``).

    A custom one does where its first container says so; a model does that says nowhere where it comes from, unless it
    is Hugging Face's, which fetches by itself.
    """
    listed = opened(predictor.get("containers"))
    if isinstance(listed, list) and listed:
        return bool(value_of(containers.env(listed[0], "MULTI_MODEL_SERVER")) == "true")
    form = opened(fields.get("modelFormat"))
    if kind == "huggingface" or (form.__class__ is dict and value_of(form.get("name")) == "huggingface"):
        return False
    return not _stored(fields) and not value_of(predictor.get("storageUris"))


def canary_replicas(canary: Part, stable: Mapping[str, Tree]) -> int:
    """How many pods a canary has: what it says, or its share of the stable predictor's, rounded up."""
    own = canary.get("predictor", "minReplicas")
    if own is not None and isinstance(own.value, int):
        return int(own.value)
    least = value_of(stable.get("minReplicas"))
    percent = canary.get("trafficPercent")
    share = percent.value if percent is not None and isinstance(percent.value, (int, float)) else 0
    return math.ceil((least if isinstance(least, int) else 1) * share / 100)


def canary_of(stable: Predictor, canary: Part) -> Predictor:
    """A canary: the stable predictor, its runtime and what that set among it, with the canary's own laid over.

    So a canary of another format that names no runtime has the stable predictor's, and KServe refuses it.
    """
    own = canary.get("predictor")
    fields = overridden(dict(stable.fields), own) if own is not None else dict(stable.fields)
    for name in ("maxReplicas", "scaleTarget", "scaleMetric", "autoScaling"):
        fields.pop(name, None)
    fields["minReplicas"] = canary_replicas(canary, stable.fields)
    return resolved(fields, stable.view, several_nodes=False)


def overridden(base: Tree, over: Tree) -> Tree:
    """An object with what isn't empty in another one: objects field by field, lists whole (mergo, ``WithOverride``)."""
    upper, lower = opened(over), opened(base)
    if upper.__class__ is not dict or lower.__class__ is not dict:
        return over if value_of(over) not in (None, "", 0, [], {}) else base
    merged = dict(lower)
    for name, value in upper.items():
        if value_of(value) in (None, "", 0, []):
            continue
        merged[name] = overridden(merged[name], value) if merged.get(name) is not None else value
    return merged
