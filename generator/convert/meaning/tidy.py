"""What is the same whatever the kind: nothing said in several ways, quantities, the API server's own defaults."""

from __future__ import annotations

from typing import Any

from generator.text.quantity import canonical

WAY_TO_A_QUANTITY = 3
"""``resources``, ``requests`` or ``limits``, and the resource's name."""


def tidy(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Without nulls and what is empty, but for an empty mapping that switches something on; quantities canonical."""
    if isinstance(value, dict):
        found = {key: tidy(each, (*path, str(key))) for key, each in value.items()}
        return {key: each for key, each in found.items() if each not in (None, [], {}) or _a_switch(key, each, path)}
    if isinstance(value, list):
        return [tidy(each, path) for each in value if each is not None]
    if len(path) >= WAY_TO_A_QUANTITY and path[-3] == "resources" and path[-2] in ("requests", "limits"):
        return quantity(value)
    return value


def _a_switch(key: str, value: Any, path: tuple[str, ...]) -> bool:
    return value == {} and (key in ("logger", "batcher", "emptyDir") or path[-1:] == ("children",))


def quantity(value: Any) -> Any:
    """A quantity in canonical form; what is none stays."""
    try:
        return canonical(str(value))
    except ValueError:
        return value


def container(found: dict[str, Any]) -> None:
    """Defaults of the API server for a container (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go)."""
    for port in found.get("ports", []):
        if isinstance(port, dict):
            port.setdefault("protocol", "TCP")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(found.get(probe), dict):
            wanted = found[probe]
            for key, value in (
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ):
                wanted.setdefault(key, value)
            if isinstance(wanted.get("httpGet"), dict):
                wanted["httpGet"].setdefault("scheme", "HTTP")
