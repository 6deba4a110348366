"""What the trainer's tests share: a service file, an .npz, and running the program."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from generator.loading.load import load
from trainer import tasks
from trainer.service import train_service

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.artifact import Artifact

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


def task_file(folder: Path, task: str, **train: object) -> Path:
    """A service file that trains a task, as ``serinus init`` would begin it, with other settings of ``model.train``."""
    chosen = tasks.find(task)
    settings = {"task": task, "data": chosen.data, **train}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "serinus.yaml"
    model = {"train": settings, "gate": {} if train else dict(chosen.gate)}
    base = SERVICE.partition("model:")[0] + SERVICE[SERVICE.index("variants:") :]
    path.write_text(f"{base}model: {json.dumps(model)}\n", encoding="utf-8")
    return path


def trained(path: Path, **options: Any) -> Artifact:
    """The artifact of a service file, trained here."""
    return train_service(load(path), **{"say": lambda _: None, **options}).artifact


ASK = """\
import json, sys
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
_, inputs = model.structured_input_signature
for request in json.load(sys.stdin):
    given = {name: tf.constant(value, inputs[name].dtype) for name, value in request.items()}
    said = {name: value.numpy().tolist() for name, value in model(**given).items()}
    print(json.dumps(said))
"""


def asked(artifact: Artifact, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """What the exported SavedModel answers in a process that has TensorFlow and nothing of ours, Keras neither."""
    folder = artifact.root / "savedmodel" / "savedmodel"
    ended = subprocess.run(
        [sys.executable, "-I", "-c", ASK, str(folder)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]
