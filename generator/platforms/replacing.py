"""How a Deployment replaces its pods: none goes before its successor is ready, since a model takes minutes to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.service import Rollout

SHARE = "25%"
"""Kubernetes' own default for both bounds (k8s.io/api/apps/v1, ``RollingUpdateDeployment``)."""
QUARTERED = 4
"""Pods from which on that default lets one of them go first: a quarter, rounded down."""


def bounds(rollout: Rollout) -> tuple[str, str]:
    """Pods above the wanted number during an update, and below it; something has to be able to move."""
    surge = rollout.max_surge or SHARE
    return surge, rollout.max_unavailable or ("1" if surge in ("0", "0%") else "0")
