"""The two libraries that make the common case fast, and that nothing depends on: what is slower is as exact.

Each is the work of few people. Where one can't be imported (no wheel for a machine, a broken installation), the exact
lanes do all the work, and the command says so once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_ASKED: dict[str, Any | None] = {}
"""The libraries that were needed in this process; None for one that isn't there."""


def yaml() -> Any | None:
    """``yaml_rs``, which reads plain YAML; None where it isn't there."""
    return _module("yaml_rs")


def json_schema() -> Any | None:
    """``jsonschema_rs``, which compiles schemas and patterns; None where it isn't there."""
    return _module("jsonschema_rs")


def json_schema_at_hand() -> bool:
    """Whether ``jsonschema_rs`` is imported; to import it takes longer than to check a few objects without it."""
    return _ASKED.get("jsonschema_rs") is not None


def _module(name: str) -> Any | None:
    if name not in _ASKED:
        try:
            _ASKED[name] = import_module(name)
        except ImportError:
            _ASKED[name] = None
    return _ASKED[name]


def remarks() -> list[str]:
    """A sentence for each one that was needed and isn't there."""
    return [
        f"{shown} isn't installed, so this takes longer; the verdicts are the same. Install it: pip install {shown}"
        for name, module in sorted(_ASKED.items(), reverse=True)
        if module is None
        for shown in (name.replace("_", "-"),)
    ]
