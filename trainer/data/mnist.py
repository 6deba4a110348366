"""``mnist``: the classic 70,000 digits, through Keras' own loader, which downloads them once."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from trainer import backend
from trainer.data import npz
from trainer.data.dataset import Dataset, Examples, named, pixels_to_unit

if TYPE_CHECKING:
    from collections.abc import Iterator


SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
"""The digest of ``mnist.npz``. Source: keras v3.15.1, ``keras/src/datasets/mnist.py``."""

PATIENCE = 30
"""Seconds without an answer after which the download is given up; Keras itself would wait for ever."""

SPLIT = "MNIST's own: 60,000 images to train on, 10,000 held out, by other writers"

LICENCE = "MNIST by Yann LeCun and Corinna Cortes, made from NIST's sets, CC BY-SA 3.0"

HELP = "Put mnist.npz in ~/.keras/datasets, name such a file with --data PATH, or use the data 'digits'."


def load() -> Dataset:
    """Read MNIST from Keras' cache, or let Keras download it.

    Raises:
        InputError: TensorFlow is not installed.
        OutsideError: It is not in the cache and can't be downloaded.
    """
    cached = cache_file()
    if sha256(cached) == SHA256:
        # The same file that Keras would read, without the seconds that importing TensorFlow takes.
        data = npz.load(cached)
        return _dataset(data.train, data.test)
    (train_images, train_labels), (test_images, test_labels) = _download()
    return _dataset(
        Examples(inputs={"image": pixels_to_unit(train_images)}, targets=train_labels.astype("int64")),
        Examples(inputs={"image": pixels_to_unit(test_images)}, targets=test_labels.astype("int64")),
    )


def cache_file() -> Path:
    """Where Keras keeps the file (``keras.config``: ``$KERAS_HOME``, else ``~/.keras``)."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets" / "mnist.npz"


def sha256(path: Path) -> str | None:
    """The digest of a file, None where it can't be read: a download that was killed leaves a part."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _download() -> Any:
    loader = backend.keras().datasets.mnist
    try:
        with _patience():
            return loader.load_data()
    except (OSError, http.client.HTTPException) as error:
        raise OutsideError(f"MNIST can't be downloaded: {error}.", fix=HELP) from error
    except Exception as error:
        # Keras wraps what the network says in a bare Exception, and a wrong digest in a ValueError.
        text = str(error)
        if text.startswith("URL fetch failure") or "corrupted file" in text:
            raise OutsideError(f"MNIST can't be downloaded: {text.rstrip('.')}.", fix=HELP) from error
        raise


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Let new connections give up after ``PATIENCE`` seconds of silence."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _dataset(train: Examples, test: Examples) -> Dataset:
    return Dataset(
        name="mnist",
        train=train,
        test=test,
        classes=named(10),
        split=SPLIT,
        licence=LICENCE,
    )
