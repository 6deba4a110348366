"""The training key: equal keys mean that training again would give the same model, so it isn't done.

The bytes of two exports differ from run to run (measured: all files of a SavedModel), which is why a digest of the
files can't play this part. TensorFlow isn't imported for a key: versions come from the installed packages' records.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
from typing import TYPE_CHECKING

from generator.errors import missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trainer.data.dataset import Dataset
    from trainer.formats.base import Exporter
    from trainer.settings import Settings

TRAINER = 3
"""Raised when a change of ours gives another model, or other files, for the same settings and data."""

TENSORFLOW = ("tensorflow", "tensorflow-cpu")
"""The distributions that hold TensorFlow; the GPU-capable one first, since it wins where both are installed."""


def versions(packages: Iterable[str] = ()) -> dict[str, str]:
    """The releases of the libraries that decide what training gives.

    Args:
        packages: Distributions beside TensorFlow, Keras and NumPy, such as the one that ships the data.

    Raises:
        InputError: One of them is not installed.
    """
    found = {"tensorflow": _version(*TENSORFLOW)}
    for package in ("keras", "numpy", *packages):
        found[package] = _version(package)
    return found


def writers(exporter: Exporter) -> dict[str, str]:
    """The releases of the libraries beside those of ``versions`` that decide what a format's files are.

    Raises:
        InputError: One of them is not installed, or what reads the format back.
    """
    missing = missing_extra(exporter.extra, f"exporting a model as {exporter.id}")
    if not all(map(importlib.util.find_spec, exporter.modules)):
        raise missing
    try:
        return {package: importlib.metadata.version(package) for package in exporter.packages}
    except importlib.metadata.PackageNotFoundError as error:
        raise missing from error


def training_key(
    task: str,
    chosen: Settings,
    dataset: Dataset,
    *,
    formats: Sequence[str],
    libraries: dict[str, str],
    code: str = "",
) -> str:
    """The sha256, in hex, of all that decides what training gives.

    The path of a data file is not part of it, its content is; so is no git commit, no time and no machine.

    Args:
        task: What is trained.
        chosen: The settings.
        dataset: The data.
        formats: What is exported.
        libraries: As ``versions`` gives them.
        code: The fingerprint of code that isn't ours.
    """
    parts = {
        "trainer": TRAINER,
        "task": task,
        "data": dataset.name,
        "fingerprint": dataset.fingerprint,
        "notes": dict(dataset.notes),
        "code": code,
        "settings": chosen.record(),
        "formats": sorted(formats),
        "versions": libraries,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _version(*names: str) -> str:
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise missing_extra("train", "training")
