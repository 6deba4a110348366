"""With what a model was trained: settings, data, libraries, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from typing import TYPE_CHECKING, Any

from trainer import key

if TYPE_CHECKING:
    from pathlib import Path

    from generator.service import Train
    from trainer.data.dataset import Dataset

GIT_SECONDS = 10
"""A repository on a slow disk isn't waited for longer: the commit is a note, not a condition."""


def trained_with(
    spec: Train, dataset: Dataset, *, libraries: dict[str, str], contaminated: int, folder: Path
) -> dict[str, Any]:
    """The record, JSON-able, without a time or a path of this machine, so that two machines write the same.

    Args:
        spec: The settings.
        dataset: The data.
        libraries: As ``key.versions`` gives them.
        contaminated: How many held-out examples stand in the training data as well.
        folder: The service file's, whose commit is noted.
    """
    commit = git_commit(folder)
    return {
        "trainer": key.TRAINER,
        "task": spec.task,
        "epochs": spec.epochs,
        "seed": spec.seed,
        "batchSize": spec.batch_size,
        "learningRate": spec.learning_rate,
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "trainingExamples": len(dataset.train_inputs),
            "heldOutExamples": len(dataset.test_inputs),
            "heldOutAlsoInTraining": contaminated,
            "split": dataset.split,
            "licence": dataset.licence,
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
