"""The numbers that a field of Kubernetes takes, for advice: narrower than what its Go type can hold.

Source: pkg/apis/core/validation/validation.go of kubernetes/kubernetes; no count there is below nought.
"""

from __future__ import annotations

LARGEST = {"int32": 2**31 - 1, "int64": 2**63 - 1}
"""By Go's type."""

_PORTS = ("port", "containerPort", "hostPort", "nodePort", "targetPort", "endPort", "healthCheckNodePort")
_IDS = ("runAsUser", "runAsGroup", "fsGroup", "supplementalGroups")
_LIMITS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(_PORTS, (1, 65535)),
    **dict.fromkeys(_IDS, (0, LARGEST["int32"])),
    **dict.fromkeys(("mode", "defaultMode"), (0, 0o777)),
    "weight": (1, 100),
}


def limits(field: object, form: str = "int32") -> tuple[int, int]:
    """The least and the largest number that makes sense.

    Args:
        field: The field's name.
        form: Go's type, ``int32`` or ``int64``.
    """
    return _LIMITS.get(str(field), (0, LARGEST[form]))
