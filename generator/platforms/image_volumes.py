"""Image volumes: an image that the kubelet mounts into pods, and from when on its folder can be.

kubernetes/kubernetes, pkg/features/kube_features.go (ImageVolume): alpha in 1.31, beta with ``subPath`` in 1.33, on by
itself from 1.35, settled in 1.36. The runtimes follow: containerd 2.1 mounts images and passes over ``subPath`` without
a word, so that the model lies one folder too deep; 2.2 heeds it (containerd issue 11580, pull request 11578, release
notes of v2.2.0). CRI-O has it from 1.33 on. What is mounted so is read-only, and nothing in it can be run.
"""

from __future__ import annotations

SINCE = (1, 33)
BY_THEMSELVES = (1, 35)
"""From here on without a feature gate."""
RUNTIMES = (
    "nodes need containerd 2.2 or CRI-O 1.33 to mount the model out of an image; containerd 2.1 mounts the image as a "
    "whole, and the server finds no model"
)
