"""Keras' own file, which no model server reads: a release holds it for training on, and for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.layouts.base import Layout, Parts, with_beside

if TYPE_CHECKING:
    from generator.store.formats.base import Model, Say


def _file(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    return Parts(with_beside(model))


LAYOUT = Layout("keras", {"keras": _file})
