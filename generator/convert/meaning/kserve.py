"""InferenceServices and InferenceGraphs as KServe reads them.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go, component.go, predictor_model.go.
"""

from __future__ import annotations

import copy
from typing import Any

from generator.checks.defaulting import defaulter
from generator.checks.rules.kserve.spec import MAIN_CONTAINER, MODE, MODELMESH
from generator.convert import kserve_runtimes as runtimes
from generator.convert.kserve_scaling import AUTOSCALER
from generator.convert.meaning import tidy
from generator.platforms.replacing import SHARE
from generator.schemas import parse_version
from generator.schemas.kinds import INFERENCE_SERVICE

STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": SHARE, "maxUnavailable": SHARE}}
"""How a Deployment replaces its pods where nobody says otherwise."""


def inference_service(data: dict[str, Any], release: str, defaults: str) -> dict[str, Any]:
    """An InferenceService after the webhook, with what its controller assumes.

    Args:
        data: The object, which is changed.
        release: KServe's release by minor.
        defaults: The mode that the cluster has where nothing says another.
    """
    webhook = defaulter("kserve", INFERENCE_SERVICE)
    annotations = data["metadata"].setdefault("annotations", {})
    # Under ModelMesh the webhook leaves the old form alone, which says the same all the same.
    retired = annotations.pop(MODE) if annotations.get(MODE) == MODELMESH else None
    if webhook is not None:
        data = copy.deepcopy(webhook.change(data, parse_version(release)).data)
    annotations = data["metadata"]["annotations"]
    if retired:
        annotations[MODE] = retired
    annotations.pop("modelFormat", None)  # the defaulter's own, since 0.17
    if MODE not in annotations:
        needs_standard = (
            "deploymentStrategy" in data["spec"].get("predictor", {})
            or "canary" in data["spec"]
            or AUTOSCALER in annotations
        )
        annotations[MODE] = "Standard" if needs_standard or defaults == "standard" else "Knative"
    standard = annotations[MODE] == "Standard"
    predictors = [data["spec"].get("predictor", {}), *(each["predictor"] for each in data["spec"].get("canary", []))]
    for predictor in predictors:
        _component(predictor)
        if isinstance(predictor.get("model"), dict):
            _runtime(predictor["model"], release)
    for name in ("transformer", "explainer"):
        if isinstance(data["spec"].get(name), dict):
            _component(data["spec"][name])
    _replaced(data["spec"], standard=standard)
    stable = predictors[0]
    if standard and AUTOSCALER not in annotations:
        # The class is hpa by default; without maxReplicas it scales from min to min (reconcilers/hpa).
        annotations[AUTOSCALER] = "hpa" if stable.get("maxReplicas") else "none"
    if not standard and stable.get("scaleTarget") is not None:
        stable.setdefault("scaleMetric", "concurrency")  # Knative's own (component.go)
    return data


def inference_graph(data: dict[str, Any], defaults: str) -> dict[str, Any]:
    """An InferenceGraph with its defaults; as for ``inference_service``."""
    annotations = data["metadata"].setdefault("annotations", {})
    annotations.setdefault(MODE, "Standard" if defaults == "standard" else "Knative")
    data["spec"].setdefault("minReplicas", 1)  # constants.go, DefaultMinReplicas
    return data


def _replaced(spec: dict[str, Any], *, standard: bool) -> None:
    """Only mode standard has Deployments."""
    for name in ("predictor", "transformer", "explainer") if standard else ():
        if isinstance(spec.get(name), dict):
            spec[name].setdefault("deploymentStrategy", copy.deepcopy(STRATEGY))


def _component(spec: dict[str, Any]) -> None:
    spec.setdefault("minReplicas", 1)  # component.go, DefaultMinReplicas
    if spec.get("maxReplicas") == 0:  # none
        del spec["maxReplicas"]
    if spec.get("containerConcurrency") == 0:  # Knative's "no limit", its default
        del spec["containerConcurrency"]
    account = spec.pop("serviceAccount", None)  # the deprecated name of the same field (core/v1)
    if account:
        spec.setdefault("serviceAccountName", account)
    if "logger" in spec:
        spec["logger"].setdefault("mode", "all")  # pkg/agent/logger
    for container in [*spec.get("containers", []), *([spec["model"]] if isinstance(spec.get("model"), dict) else [])]:
        tidy.container(container)
    for container in spec.get("containers", []):
        container.setdefault("name", "")
    if isinstance(spec.get("art"), dict):
        spec["art"]["name"] = MAIN_CONTAINER  # explainer_art.go, Default


def _runtime(model: dict[str, Any], release: str) -> None:
    """What the controller chooses where the manifest says nothing: protocol v1, the shipped runtime, its image's tag.

    Of a runtime that KServe doesn't ship nobody here knows the protocols.
    """
    name = model.get("modelFormat", {}).get("name", "")
    if model.get("name") == "":
        del model["name"]
    own = "v2" if model.get("runtime") in runtimes.V2_RUNTIMES else "v1"  # SetRuntimeDefaults
    protocol = model.get("protocolVersion", own)
    chosen = model.get("runtime") or runtimes.CHOSEN.get(name, {}).get(protocol)
    if chosen is None or chosen not in runtimes.RUNTIMES:
        return
    model.update(protocolVersion=protocol, runtime=chosen)
    tag = runtimes.shipped(release, chosen)
    if tag and "runtimeVersion" not in model:
        resources = model.get("resources", {})
        gpu = any("gpu" in each for kind in ("requests", "limits") for each in resources.get(kind, {}))
        model["runtimeVersion"] = f"{tag}-gpu" if gpu and chosen in runtimes.WITH_GPU else tag
