"""``espeak-words``: ten words, spoken by the program eSpeak NG in 30 voices. No person was recorded."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError, missing_extra
from trainer.data import recordings, speaking, wav
from trainer.data.base import Source
from trainer.data.dataset import Dataset, Examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NAME = "espeak-words"

PACKAGE = "espeakng-loader"
"""The distribution, which ships library and voices."""

WORDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes")
"""The ten commands of Google's Speech Commands, in the order of the alphabet."""

VOICES = (
    *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5"),
    *("Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Gene", "Hugo", "Lee", "Michael", "Mike", "Storm"),
    *("adam", "belinda", "benjamin", "linda", "steph"),
)
"""Of eSpeak NG's variants those that may pass for a person."""

WAYS = (("en-us", 40, 150), ("en-us", 60, 190), ("en-gb-x-rp", 50, 130), ("en-gb-scotland", 55, 170))
"""How each voice says each word: an accent, a pitch from 0 to 99, words a minute."""

PATIENCE = 300
"""Seconds after which the speaking is given up; it takes one or two."""

NOISE = (10, 300)
"""The noise that is laid under a word, between 0 and this many of 32,768 at most."""

SEED = 2018
"""Of where in its second a word begins and of the noise; fixed, for these are the data."""

SPLIT = "one voice in five is held out, chosen by the digest of its name, whatever the seed"

LICENCE = (
    "made here by eSpeak NG, a program of J. Duddington, R. Dunn and others under GPL-3.0-or-later, which doesn't "
    "cover what it says; no person's voice"
)


def load() -> Dataset:
    """Let the words be spoken.

    Raises:
        InputError: ``espeakng-loader`` is not installed.
        OutsideError: The library doesn't run here.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    said = [(voice, way, word) for voice in VOICES for way in WAYS for word in WORDS]
    spoken = _spoken([(f"{accent}+{voice}", pitch, speed, word) for voice, (accent, pitch, speed), word in said])
    audio = _in_a_second(spoken)
    labels = np.array([WORDS.index(word) for _, _, word in said], dtype=np.int64)
    chosen = recordings.held_out(VOICES)
    mask = np.array([voice in chosen for voice, _, _ in said])
    train, test = (Examples(inputs={recordings.AUDIO: audio[part]}, targets=labels[part]) for part in (~mask, mask))
    return Dataset(
        name=NAME,
        train=train,
        test=test,
        classes=WORDS,
        split=SPLIT,
        licence=LICENCE,
        packages=(PACKAGE, "scipy"),
        notes={
            "synthetic": True,
            "speech": "spoken by the program eSpeak NG; no person was recorded",
            "samplesPerSecond": wav.RATE,
            "voices": len(VOICES),
        },
        remarks=("This is synthetic speech, spoken by a program; how well people are understood it doesn't tell.",),
    )


def _spoken(words: Sequence[tuple[str, int, int, str]]) -> list[NDArray[Any]]:
    """What eSpeak NG says, at ``wav.RATE``, as float64 [samples] to 32,768."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    content = _run(words)
    (rate,) = struct.unpack_from("<i", content)
    start, spoken = 4, []
    for _ in words:
        (count,) = struct.unpack_from("<i", content, start)
        samples = np.frombuffer(content, dtype="<i2", count=count, offset=start + 4)
        spoken.append(_resampled(samples.astype(np.float64), rate))
        start += 4 + 2 * count
    return spoken


def _run(words: Sequence[tuple[str, int, int, str]]) -> bytes:
    try:
        import espeakng_loader  # noqa: PLC0415 (an extra)
    except ModuleNotFoundError as error:
        raise missing_extra("train", f"the data '{NAME}'") from error
    # eSpeak NG cuts longer paths than 160 characters off, so it gets none: it looks in the working folder.
    folder = Path(espeakng_loader.get_data_path()).parent
    command = [sys.executable, "-E", "-P", str(Path(speaking.__file__)), espeakng_loader.get_library_path()]
    try:
        done = subprocess.run(
            command, input=json.dumps(words).encode(), capture_output=True, check=False, cwd=folder, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _broken(str(error)) from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise _broken(lines[-1] if lines else f"it ended with {done.returncode}")
    return done.stdout


def _broken(said: str) -> OutsideError:
    return OutsideError(
        f"eSpeak NG, which speaks the data '{NAME}', doesn't run here: {said.rstrip('.')}.",
        fix="Name a folder of recordings in model.train.data.",
    )


def _resampled(samples: NDArray[Any], rate: int) -> NDArray[Any]:
    from math import gcd  # noqa: PLC0415 (only here)

    from scipy import signal  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    shared = gcd(rate, wav.RATE)
    found: NDArray[Any] = signal.resample_poly(samples, wav.RATE // shared, rate // shared)
    return found


def _in_a_second(spoken: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Each word somewhere in a second, with a little noise: float32 [words, samples] from -1 to 1."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    random = np.random.default_rng(SEED)
    audio = np.zeros((len(spoken), recordings.SAMPLES))
    for row, samples in enumerate(spoken):
        word = samples[: recordings.SAMPLES]
        start = random.integers(recordings.SAMPLES - len(word) + 1)
        audio[row, start : start + len(word)] = word
        most = random.integers(*NOISE)
        audio[row] += random.integers(-most, most + 1, recordings.SAMPLES)
    whole = np.clip(np.round(audio), -wav.SCALE, wav.SCALE - 1)
    return (whole / wav.SCALE).astype(np.float32)


SOURCE = Source(
    name=NAME,
    summary="ten words in 30 voices of a program, synthetic speech; for real use a folder of recordings",
    load=load,
)
