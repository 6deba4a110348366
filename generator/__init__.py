"""Serinus' manifest generator: from a service file and pinned releases to proven Kubernetes manifests.

The package is light: importing it, or any module below it, loads neither TensorFlow nor the Kubernetes client.

``from generator import check`` is the library's face; see ``generator.checks.api.check``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.checks.api import check as check

__all__ = ["__version__", "check"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the checks when someone asks for them, so that ``import generator`` and ``serinus --help`` stay light.

    Raises:
        AttributeError: The package has no such name.
    """
    if name == "check":
        return importlib.import_module("generator.checks.api").check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
