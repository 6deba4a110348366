"""Training side by side with the classic script: the same network, the same 60,000 images, whole process by whole process.

MNIST itself would need a download, so the images are scikit-learn's digits, each shifted and made noisy, by a fixed
seed. The script is run as it stands in tutorials (``classic.py``); ``serinus train`` with its defaults, which also
fingerprints the data, exports the model, reads it back and compares the two.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer.data.digits import enlarge, held_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HERE = Path(__file__).parent
SHIFT, NOISE, SEED = 2, 30.0, 7
"""Pixels in each direction; the standard deviation of the noise, of values to 255; of the images, not of the training."""

COUNTS = {"train": 60_000, "test": 10_000}

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models}
model: {train: {task: image-classification, data: images.npz, epochs: 5}}
variants: [{name: stable, release: latest}]
"""


def images() -> dict[str, NDArray[Any]]:
    """60,000 images to train on and 10,000 to test by, uint8, in MNIST's layout; made of different digits."""
    from sklearn.datasets import load_digits

    digits, random = load_digits(), np.random.default_rng(SEED)
    large, test = enlarge(digits.images), held_out(digits.target)
    padded = np.pad(large, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    side = large.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    made: dict[str, NDArray[Any]] = {}
    for part, chosen in (("train", np.flatnonzero(~test)), ("test", np.flatnonzero(test))):
        which = random.choice(chosen, COUNTS[part])
        down, right = random.integers(0, 2 * SHIFT + 1, (2, len(which)))
        noise = random.normal(0, NOISE, (len(which), side, side))
        made[f"x_{part}"] = np.clip(windows[which, down, right] + noise, 0, 255).astype(np.uint8)
        made[f"y_{part}"] = digits.target[which].astype(np.uint8)
    return made


def rows(scratch: Path, runs: int = 3) -> list[tuple[str, str, str]]:
    """What is measured: medians of runs in turn, each with a seed of its own."""
    folder = scratch / "classic"
    folder.mkdir()
    np.savez(folder / "images.npz", **images())
    (folder / "serinus.yaml").write_text(SERVICE)
    pairs = [(_measured(_classic, folder, seed), _measured(_ours, folder, seed)) for seed in range(1, runs + 1)]
    theirs, ours = (
        [statistics.median(column) for column in zip(*side, strict=True)] for side in zip(*pairs, strict=True)
    )
    what = "60,000 images, 5 epochs, `serinus train` against the classic script"
    return [
        (f"{what}: whole process", _ratio(ours[0], theirs[0]), "≤ 1/3"),
        (f"{what}: fit", _ratio(ours[1], theirs[1]), "≤ 1/3"),
        (f"{what}: test accuracy", f"{ours[2]:.4f} / {theirs[2]:.4f}", "± 0.003"),
    ]


def _ratio(ours: float, theirs: float) -> str:
    return f"1/{theirs / ours:.1f} ({ours:.1f} / {theirs:.1f} s)"


def _measured(run: Callable[[Path, int], tuple[float, float]], folder: Path, seed: int) -> tuple[float, float, float]:
    """Seconds of the whole process, seconds of the fit, accuracy."""
    started = time.perf_counter()
    fitted, accuracy = run(folder, seed)
    return time.perf_counter() - started, fitted, accuracy


def _classic(folder: Path, seed: int) -> tuple[float, float]:
    out = _run([HERE / "classic.py", folder / "images.npz", str(seed)], folder).stdout
    fitted, accuracy = out.split()
    return float(fitted), float(accuracy)


def _ours(folder: Path, seed: int) -> tuple[float, float]:
    options = ["serinus.yaml", "--retrain", "--set", f"model.train.seed={seed}"]
    told = _run(["-m", "generator", "train", *options], folder).stderr
    found = re.search(r"Fitted in ([\d.]+) s", told)
    assert found, told
    record = json.loads((folder / "build" / "digits" / "artifact" / "artifact.json").read_text())
    return float(found[1]), record["metrics"]["accuracy"]


def _run(command: list[Any], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=folder, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for row in rows(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 3):
            print(" | ".join(row))
