"""The state of a training on disk, so that one that was killed goes on where it was, to the same result.

A file a training key, written whole or not at all. One of another key is never looked at; a damaged one is said and not
used. It goes with the end of the training.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from generator.text.files import write_atomically
from trainer.fitting.history import Epoch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

FOLDER = "checkpoints"
"""Beside the artifact."""

SECONDS = 20.0
"""Between two checkpoints: what a kill costs at most."""

KEPT = 4
"""Checkpoints of unfinished trainings that are kept, the newest; each is three times the size of the weights."""

MAGIC = b"serinus checkpoint 1 "


@dataclass(frozen=True, eq=False)
class Saved:
    """Where a training was.

    Attributes:
        epochs: Those that were done.
        state: All that changes (``trainer.fitting.state``).
        best: The weights of the best epoch so far, by their number; empty where early stopping isn't asked for.
    """

    epochs: tuple[Epoch, ...]
    state: dict[str, NDArray[Any]]
    best: dict[str, NDArray[Any]]


class Checkpoints:
    """The checkpoint of one training.

    Args:
        folder: Where those of a service lie; made when it is needed.
        key: The training key.
        say: Takes one line of talk.
    """

    def __init__(self, folder: Path, key: str, say: Callable[[str], None]) -> None:
        self._path = folder / f"{key[:32]}.checkpoint"
        self._key = key
        self._say = say
        self._last = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time for another."""
        return time.monotonic() - self._last >= SECONDS

    def load(self) -> Saved | None:
        """What an earlier process of this key left; None where there is nothing, or nothing that can be used."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(f"Warning: the checkpoint {self._path} can't be read: {error.strerror}; training starts anew.")
            return None
        saved = _decoded(content, self._key)
        if saved is None:
            self._say(f"Warning: the checkpoint {self._path} is damaged and isn't used; training starts anew.")
        return saved

    def save(self, saved: Saved) -> None:
        """Write another; training goes on where that fails, and it is said."""
        self._last = time.monotonic()
        try:
            write_atomically(self._path, _encoded(saved, self._key))
        except OutsideError as error:
            self._say(f"Warning: no checkpoint: {error.message} Training goes on without.")
            return
        others = sorted(self._path.parent.glob("*.checkpoint"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[KEPT:]:
            old.unlink(missing_ok=True)

    def remove(self) -> None:
        """The training is done: what was written for it goes. What can't go does no harm: it leads to the same end."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._path.parent.rmdir()  # where it is empty


def _encoded(saved: Saved, key: str) -> bytes:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    epochs = [[epoch.loss, epoch.validation] for epoch in saved.epochs]
    about = json.dumps({"key": key, "epochs": epochs}).encode()
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        about=np.frombuffer(about, np.uint8),
        **{f"state/{name}": array for name, array in saved.state.items()},
        **{f"best/{name}": array for name, array in saved.best.items()},
    )
    content = buffer.getvalue()
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _decoded(content: bytes, key: str) -> Saved | None:
    """The inverse of ``_encoded``; None for anything else."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    head, _, body = content.partition(b"\n")
    if head != MAGIC + hashlib.sha256(body).hexdigest().encode():
        return None
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        about = json.loads(arrays.pop("about").tobytes())
        epochs = tuple(Epoch(loss, validation) for loss, validation in about["epochs"])
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile):
        return None
    if about["key"] != key:
        return None
    parts: dict[str, dict[str, Any]] = {"state": {}, "best": {}}
    for name, array in arrays.items():
        part, _, inner = name.partition("/")
        parts[part][inner] = array
    return Saved(epochs, **parts)
