"""The labels that every rendered object carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.service import Service


def own_labels(service: Service) -> dict[str, str]:
    """Kubernetes' recommended labels, with the user's own laid over them; nothing that changes with a release."""
    return {
        "app.kubernetes.io/managed-by": "serinus",
        "app.kubernetes.io/name": service.name,
        "app.kubernetes.io/part-of": service.name,
        **service.labels,
    }
