"""The words that fields of pods and Services take. Kubernetes' packs have no enums: its Go code knows them.

Source: ``pkg/apis/core/types.go`` and ``pkg/apis/core/validation/validation.go`` of kubernetes/kubernetes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PULL = ("Always", "IfNotPresent", "Never")
RESTART = ("Always", "OnFailure", "Never")
DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
PREEMPTION = ("PreemptLowerPriority", "Never")
TERMINATION = ("File", "FallbackToLogsOnError")
PROTOCOLS = ("TCP", "UDP", "SCTP")

BY_FIELD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dnsPolicy": DNS,
        "imagePullPolicy": PULL,
        "preemptionPolicy": PREEMPTION,
        "protocol": PROTOCOLS,
        "pullPolicy": PULL,
        "restartPolicy": RESTART,
        "terminationMessagePolicy": TERMINATION,
    }
)
"""Fields whose name alone says which words they take, wherever in one of Kubernetes' own kinds they stand."""
