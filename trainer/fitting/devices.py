"""What training runs on."""

from __future__ import annotations

import os

from trainer import backend


def used() -> str:
    """The device that computes, in a few words: TensorFlow's first GPU, or the processor."""
    tf = backend.tensorflow()
    cards = tf.config.list_logical_devices("GPU")
    if not cards:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return f"the CPU ({threads} core{'' if threads == 1 else 's'})"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    name = details.get("device_name", "no name known")
    return f"GPU:0 ({name})" if len(cards) == 1 else f"GPU:0 of {len(cards)} ({name})"
