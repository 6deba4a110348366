"""Which CRDs the server gets: those that are beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[3] / "shared"
INSTALLED = {
    "argo-cd": "3.5.1",
    "argo-rollouts": "1.9.1",
    "external-secrets": "2.9.0",
    "gateway-api": "1.6.1",
    "istio": "1.30.3",
    "keda": "2.20.2",
    "knative-serving": "1.23.0",
    "kserve": "0.20.0",
    "kubeflow-trainer": "2.3.0",
    "kubeflow-training-operator": "1.9.0",
    "prometheus-operator": "0.93.0",
    "seldon-core-1": "1.17.1",
    "seldon-core-2": "2.6.0",
}
"""The newest of each; of Seldon Core the newest under the Apache licence."""


def crds_of(product: str) -> list[dict[str, Any]]:
    """The CRDs of the release that is installed."""
    folder = SHARED / "crds" / product / INSTALLED[product]
    return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
