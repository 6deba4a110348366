"""What the trainer's tests share: a service file, an .npz, and running the program."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models, publish: ./build/store}
model:
  train: {task: image-classification, data: digits, epochs: 2}
  gate: {accuracy: ">= 0.5"}
variants:
  - {name: stable, release: latest}
"""


def service_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "serinus.yaml"
    path.write_text(SERVICE, encoding="utf-8")
    return path


def arrays(*, images: int = 30, classes: int = 3, side: int = 4) -> dict[str, np.ndarray[Any, Any]]:
    """Random images with their labels in turn, in the layout of mnist.npz."""
    random = np.random.default_rng(0)
    made = {}
    for part in ("train", "test"):
        made[f"x_{part}"] = random.integers(0, 256, (images, side, side), dtype=np.uint8)
        made[f"y_{part}"] = (np.arange(images) % classes).astype(np.uint8)
    return made


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, as a user runs it in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
