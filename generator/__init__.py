"""Serinus' manifest generator: from a service file and pinned releases to proven Kubernetes manifests.

The package is light: importing it, or any module below it, loads neither TensorFlow nor the Kubernetes client. Its face
for programs is ``generator.checks.api.check``.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
