"""The labels that every rendered object carries, and names that don't follow from a variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.service import Service


def preview_name(service: Service) -> str:
    """What leads to blue-green's preview: one name, whichever variant it is.

    Named after the variant, what led to the last one would stay where nobody prunes, and keep the preview's host.
    """
    return f"{service.name}-preview"


def own_labels(service: Service) -> dict[str, str]:
    """Kubernetes' recommended labels, with the user's own laid over them; nothing that changes with a release."""
    return {
        "app.kubernetes.io/managed-by": "serinus",
        "app.kubernetes.io/name": service.name,
        "app.kubernetes.io/part-of": service.name,
        **service.labels,
    }
