"""With what a model was trained: settings, data, libraries, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import TYPE_CHECKING, Any

from trainer import key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainer.data.dataset import Dataset
    from trainer.fitting.history import History
    from trainer.settings import Settings

GIT_SECONDS = 10
"""A repository on a slow disk isn't waited for longer: the commit is a note, not a condition."""


def trained_with(
    what: Mapping[str, str],
    chosen: Settings,
    dataset: Dataset,
    *,
    libraries: dict[str, str],
    history: History | None,
    workers: int,
    errors: dict[str, Any] | None,
    contaminated: int,
    folder: Path,
) -> dict[str, Any]:
    """The record, JSON-able, without a time or a path of this machine, so that two machines write the same.

    Args:
        what: What was trained: the task, or the user's function and its code.
        chosen: The settings.
        dataset: The data.
        libraries: As ``key.versions`` gives them.
        history: The losses of each epoch; None where code of the user's has trained.
        workers: How many trained together.
        errors: The held-out examples that the model gets most wrong; None where there is no such thing.
        contaminated: How many held-out examples stand in the training data as well.
        folder: The service file's, whose commit is noted.
    """
    commit = git_commit(folder)
    return {
        "trainer": key.TRAINER,
        **what,
        **chosen.record(),
        **({"errors": errors} if errors else {}),
        **({"workers": workers} if workers > 1 else {}),
        **({"history": history.record()} if history else {}),
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "trainingExamples": len(dataset.train),
            "heldOutExamples": len(dataset.test),
            "heldOutAlsoInTraining": contaminated,
            "split": dataset.split,
            "licence": dataset.licence,
            **({"classes": list(dataset.classes)} if dataset.classes else {}),
            **dataset.notes,
        },
        "versions": {"python": platform.python_version(), **libraries},
        **({"gitCommit": commit} if commit else {}),
    }


def git_commit(folder: Path) -> str | None:
    """The commit that is checked out, with ``-dirty`` where tracked files differ from it; None where there is none."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    # Looking must not touch the repository: without this git refreshes its index, and another git would meet a lock.
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=GIT_SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):  # no git, or one that hangs
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
