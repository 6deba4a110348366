"""Names and labels of children (apis/machinelearning.seldon.io/v1/seldondeployment_types.go)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.outcome.part import Part

LONGEST = 63
ID_LABEL, APP_LABEL = "seldon-deployment-id", "seldon-app"
SERVICE_LABEL = "seldon-app-svc"
"""With a hyphen and a container's name behind it: the label by which that container's Service finds its pods."""
EXECUTOR_LABEL = "seldon-deployment-contains-svcorch"
MANAGED = {"app.kubernetes.io/managed-by": "seldon-core"}
SHADOW_LABEL, EXPLAINER_LABEL = "seldon.io/shadow", "seldon.io/explainer"
TYPE_LABELS = {
    "ROUTER": "seldon.io/router",
    "COMBINER": "seldon.io/combiner",
    "MODEL": "seldon.io/model",
    "TRANSFORMER": "seldon.io/transformer",
    "OUTPUT_TRANSFORMER": "seldon.io/output-transformer",
}
OWN_SERVICE = "seldon.io/svc-name"
"""The annotation of a predictor that names its Service."""


def fitting(name: str) -> str:
    """A name, or where it is too long ``seldon-`` and its MD5."""
    if len(name) <= LONGEST:
        return name
    return f"seldon-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def predictor(service: str, part: Part) -> str:
    """The Service of a predictor."""
    own = part.get("annotations", OWN_SERVICE)
    return str(own.value) if own else fitting(f"{service}-{part.text('name')}")


def workload(service: str, predictor_name: str, number: int, of: str | Iterable[str]) -> str:
    """The Deployment of a predictor's pods.

    Args:
        service: The SeldonDeployment.
        predictor_name: The predictor.
        number: Which of its ``componentSpecs``.
        of: The name that these pods' metadata give, or the names of their containers.
    """
    last = of if isinstance(of, str) else "-".join(of)
    return fitting(f"{service}-{predictor_name}-{number}-{last}")


def container(service: str, predictor_name: str, name: str) -> str:
    """The Service of one container."""
    return fitting(f"{service}-{predictor_name}-{name}")


def executor(service: str, predictor_name: str) -> str:
    """The Deployment of an executor that has pods of its own."""
    return fitting(f"{service}-{predictor_name}-svc-orch")


def explainer(service: str, predictor_name: str) -> str:
    """The Deployment and the Service of an explainer."""
    return fitting(f"{service}-{predictor_name}-explainer")
