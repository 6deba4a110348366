"""Serinus' manifest generator: from a service file and pinned releases to proven Kubernetes manifests.

The package is light: importing it, or any module below it, loads neither TensorFlow nor the Kubernetes client.
"""

__version__ = "0.1.0"
