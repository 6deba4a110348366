"""The two libraries that make the common case fast, and that nothing depends on: what is slower is as exact.

Each is the work of few people. Where one can't be imported (no wheel for a machine, a broken installation), the exact
lanes do all the work, and the command says so once.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


def yaml() -> Any | None:
    """``yaml_rs``, which reads plain YAML; None where it isn't there."""
    return _module("yaml_rs")


def json_schema() -> Any | None:
    """``jsonschema_rs``, which compiles schemas and patterns; None where it isn't there."""
    return _module("jsonschema_rs")


@cache
def _module(name: str) -> Any | None:
    try:
        return import_module(name)
    except ImportError:
        return None


def remarks() -> list[str]:
    """A sentence for each one that isn't there."""
    found = {"yaml-rs": yaml(), "jsonschema-rs": json_schema()}
    return [
        f"{name} isn't installed, so this takes longer; the verdicts are the same. Install it: pip install {name}"
        for name, module in found.items()
        if module is None
    ]
