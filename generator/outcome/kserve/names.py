"""The names that KServe gives to what it makes of an InferenceService.

kserve/kserve v0.20.0, pkg/constants/constants.go: ``PredictorServiceName``, ``GetRawServiceLabel``,
``GetHeadServiceName`` and their neighbours; the same since v0.15.2 but for ``predictor.name``, which came with v0.20.
"""

from __future__ import annotations

PREDICTOR, TRANSFORMER, EXPLAINER = "predictor", "transformer", "explainer"

APP_LABEL = "isvc."
"""In mode Standard the label ``app`` of the pods is this and the Service's name."""
APP = "app"
"""Label of the pods of mode Standard, by which Deployments and Services find them."""
SERVICE_LABEL = "serving.kserve.io/inferenceservice"
"""Label of all children: the InferenceService's name."""
COMPONENT_LABEL = "component"
"""Label of all children: which component they belong to."""
GENERATION_LABEL = "isvc.generation"
"""Label of what belongs to several nodes: the InferenceService's generation."""
ROLE_LABEL = "multinode/role"
"""Label of the headless Services: ``head`` or ``worker``."""


def component(service: str, role: str, own: str = "") -> str:
    """The Deployment and the Service of a component; in mode Knative the Knative Service.

    Args:
        service: The InferenceService's name.
        role: Which component.
        own: ``predictor.name``; a canary always has one.
    """
    return "-".join(part for part in (service, own, role) if part)


def predictor_service(service: str, own: str = "") -> str:
    """The Deployment and the Service of a predictor or canary; see ``component``."""
    return component(service, PREDICTOR, own)


def app(name: str) -> str:
    """What the label ``app`` of the pods of a Deployment says, by which its Service finds them."""
    return APP_LABEL + name


def worker(service: str) -> str:
    """The Deployment of the other nodes; it knows nothing of ``predictor.name``."""
    return f"{service}-{PREDICTOR}-worker"


def head_service(name: str, generation: str) -> str:
    """The headless Service of the first node.

    Args:
        name: The predictor's Service.
        generation: The InferenceService's generation.
    """
    return f"{name.removesuffix('-' + PREDICTOR)}-head-{generation}"


def workers_service(name: str, generation: str) -> str:
    """The headless Service of the other nodes; see ``head_service``."""
    return f"{name.removesuffix('-' + PREDICTOR)}-workers-{generation}"
