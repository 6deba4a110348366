"""What a layout declares: how a model's files lie for one kind of server, and what that needs beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.store import golden
from generator.store.formats.base import Model, Say

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Parts:
    """The files of one layout, each by its place from the layout's own folder.

    Attributes:
        local: Files and folders that lie here; the place ``""`` is the layout's folder itself.
        generated: Files that we write.
    """

    local: Mapping[str, Path]
    generated: Mapping[str, bytes] = field(default_factory=dict)


Arrange = Callable[[Model, str, Say], Parts]
"""The model, the service's name and ``say`` to the parts; raises InputError where that server can't run that model."""


@dataclass(frozen=True)
class Layout:
    """A layout.

    Attributes:
        id: The folder's name in a release; others rely on it, so it never changes.
        arrange: By format, for those that it can hold.
    """

    id: str
    arrange: Mapping[str, Arrange]


def with_beside(model: Model, folder: str = "") -> dict[str, Path]:
    """A model's file under its servers' name, and what must lie beside it, in one folder of a layout."""
    return {f"{folder}{name}": path for name, path in {model.name: model.path, **model.beside}.items()}


def asked(model: Model, *protocols: str, folder: str = "") -> dict[str, bytes]:
    """The golden request as bodies of these protocols, by their places in a layout."""
    made = golden.bodies(model.golden, model.signature, protocols=protocols, flat=model.format == "pmml")
    return {f"{folder}{name}": body for name, body in made.items()}
