"""TensorFlow Serving: ``<number>/saved_model.pb``.

It serves the folders whose names are numbers, the highest first. A release of ours is one model, so the number is
always 1. Source: kserve/kserve v0.20.0, config/runtimes/kserve-tensorflow-serving.yaml; tensorflow/serving #266, #1250.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store import golden
from generator.store.layouts.base import Layout, Parts, asked

if TYPE_CHECKING:
    from generator.store.formats.base import Model, Say

VERSION = "1"


def _savedmodel(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    generated = asked(model, "v1")
    if model.golden and model.signature and not (model.path / golden.WARM_UP).exists():
        record = golden.warm_up(model.golden, model.signature, service)
        if record is not None:
            generated[f"{VERSION}/{golden.WARM_UP}"] = record
    return Parts({VERSION: model.path}, generated)


LAYOUT = Layout("tensorflow-serving", {"savedmodel": _savedmodel})
