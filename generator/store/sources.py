"""Where a model that is brought along comes from: a path, an MLflow registry, the Hugging Face hub's cache.

An alias or a branch is resolved once, when the model is published. The record keeps what it was then (``trainedWith``,
``source``), the lock file pins the release, and from there on nobody asks the registry again.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.store import hub, registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.store.formats.base import Say

MLFLOW, HUB = "models:/", "hf:"


@dataclass(frozen=True)
class Source:
    """Where a model comes from, resolved.

    Attributes:
        path: Where it lies on this disk; None for what has to be fetched.
        facts: What it is, for the record; empty for a path that says nothing.
    """

    path: Path | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """As messages name it."""
        return str(self.facts.get("uri") or self.path)


def resolve(asked: str, folder: Path) -> Source:
    """What is meant now.

    Args:
        asked: A path, ``models:/NAME@ALIAS``, ``models:/NAME/VERSION`` or ``hf:ORG/NAME[@REVISION]``.
        folder: Where a relative path starts.

    Raises:
        InputError: There is no such thing.
        OutsideError: The registry or the cache can't be read.
    """
    if asked.startswith(MLFLOW):
        return Source(None, registry.resolve(asked.removeprefix(MLFLOW).lstrip("/")))
    if asked.startswith(HUB):
        path = hub.find(asked.removeprefix(HUB).removeprefix("//"))
        return Source(path, hub.origin(path))
    if not asked.strip():
        raise InputError("the model's path is empty.", fix="Name a file or a folder.")
    if "://" in asked:
        raise InputError(
            f"{asked} isn't on this disk, and nothing is fetched from there.",
            fix="Fetch it and name the path. Models are also taken from models:/NAME@ALIAS and hf:ORG/NAME.",
        )
    path = folder / Path(asked).expanduser()
    return Source(path, hub.origin(path))


@contextlib.contextmanager
def fetched(source: Source, say: Say) -> Iterator[Path]:
    """Where the model lies, for as long as it is looked at and sent: what was fetched is removed again.

    Raises:
        OutsideError: It can't be fetched.
    """
    if source.path is not None:
        yield source.path
        return
    with tempfile.TemporaryDirectory(prefix="serinus-") as folder:
        say(f"fetching {source.shown}")
        yield registry.fetch(str(source.facts["uri"]), Path(folder))
