"""The explainer beside a predictor.

Source: SeldonIO/seldon-core v1.17.1, operator/controllers/seldondeployment_explainers.go (``createExplainer``) and
operator/controllers/mlserver.go (``getAlibiExplainEnvVars``); the images: helm-charts/seldon-core-operator/values.yaml.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.decoding.exact import nearest
from generator.platforms import access
from generator.platforms.seldon_core_1 import names, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.platforms.base import Objection
    from generator.service import Explainer, Service

TYPES = (
    "AnchorTabular",
    "AnchorImages",
    "AnchorText",
    "Counterfactuals",
    "Contrastive",
    "KernelShap",
    "IntegratedGradients",
    "ALE",
    "TreeShap",
)
IMAGES = {"v2": ("seldonio/mlserver", "-alibi-explain")}
OLD_IMAGE = ("seldonio/alibiexplainer", "")
"""With the protocols seldon and tensorflow."""


def objections(service: Service, protocol: str) -> Iterator[Objection]:
    """What the operator ignores, or stumbles over."""
    explainer = service.explainer
    if explainer is None:
        return
    at = ("explainer",)
    if not explainer.type:
        yield at, "Seldon Core 1 makes no explainer without a type.", "Write type: AnchorTabular, or another one."
    elif explainer.type not in TYPES and (protocol == "v2" or "image" not in explainer.container):
        fix = nearest(explainer.type, TYPES)
        yield (*at, "type"), f"Seldon Core 1 knows no explainer '{explainer.type}'.", fix
    lost = "env" if protocol == "v2" else "args"
    if lost in explainer.container:
        message = f"the operator writes its own {lost} over this with the protocol {protocol}."
        yield (*at, "container", lost), message, "Say it by explainer.parameters."
    if "name" in explainer.container:
        yield (*at, "container", "name"), "Serinus names the container.", "Take it out."
    if "resources" in explainer.container:
        yield (*at, "container", "resources"), "the service file says this by explainer.resources.", "Write it there."
    if explainer.runtime_version and "image" in explainer.container:
        yield (*at, "runtimeVersion"), "the container's image says this already.", "Take one of them out."
    if explainer.replicas == 0:
        message = "an explainer without pods keeps the SeldonDeployment from ever being ready."
        yield (*at, "replicas"), message, "Write 1, or take the explainer out."


def explainer_of(service: Service, deployment: str, predictor: str, protocol: str) -> dict[str, Any]:
    """The explainer of a predictor; empty where none is asked for."""
    explainer = service.explainer
    if explainer is None:
        return {}
    made: dict[str, Any] = {"type": explainer.type}
    files = {
        "modelUri": explainer.uri,
        "envSecretRefName": service.access.secret if explainer.uri else None,
        "serviceAccountName": access.account_name(service),
    }
    made |= {key: value for key, value in files.items() if value}
    if explainer.parameters:
        made |= _parameters(explainer, protocol)
    container = _container(explainer, names.explainer(deployment, predictor), protocol)
    if len(container) > 1:
        made["containerSpec"] = container
    return {**made, "replicas": explainer.replicas}


def _parameters(explainer: Explainer, protocol: str) -> dict[str, Any]:
    """MLServer's explainer takes one JSON text; the older one takes an argument for each."""
    if protocol != "v2":
        return {"config": explainer.parameters}
    values = {name: _value(text) for name, text in explainer.parameters.items()}
    return {"initParameters": json.dumps(values, ensure_ascii=False)}


def _value(text: str) -> Any:
    """A parameter as JSON where it is JSON: ``0.95`` is a number for Alibi, ``[a]`` is no JSON and stays a text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _container(explainer: Explainer, name: str, protocol: str) -> dict[str, Any]:
    ours: dict[str, Any] = {"name": name}
    if explainer.runtime_version:
        image, ending = IMAGES.get(protocol, OLD_IMAGE)
        tag = explainer.runtime_version
        ours["image"] = f"{image}:{tag if tag.endswith(ending) else tag + ending}"
    if explainer.resources.mapping:
        ours["resources"] = explainer.resources.mapping
    return units.container(ours, explainer.container)
