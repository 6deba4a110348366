"""One recording: a .wav file of 16,000 samples a second, 16 bits each, one channel."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 16_000
"""Samples a second, as in Google's Speech Commands."""

WIDTH = 2
"""Bytes a sample."""

SCALE = 2**15
"""The sample that stands for 1."""

CONVERT = f"Convert it, for example: ffmpeg -i IN -ar {RATE} -ac 1 -c:a pcm_s16le OUT.wav"


def samples(path: Path) -> NDArray[Any]:
    """What was recorded: int16 [samples], at least one.

    Raises:
        InputError: It is no such file, or it was cut off.
        OutsideError: It can't be read.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would be waited for without end
        raise _refusal(path, "this is no file.", "Take it out.")
    try:
        with path.open("rb") as opened, wave.open(opened) as recording:
            _demand(path, recording)
            content, frames = recording.readframes(recording.getnframes()), recording.getnframes()
    except (wave.Error, EOFError, RuntimeError) as error:
        # RuntimeError: a chunk whose size leads out of the file (chunk.Chunk.seek)
        said = str(error).rstrip(".") or "it ends too early"
        raise _refusal(path, f"this is no .wav file that can be read: {said}.", CONVERT) from error
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from error
    if len(content) < frames * WIDTH:
        raise _refusal(
            path,
            f"the file is cut off: {len(content) // WIDTH:,} of {frames:,} samples are there.",
            "Copy it again, or delete it.",
        )
    if not frames:
        raise _refusal(path, "there is nothing in it.", "Delete it.")
    return np.frombuffer(content, dtype="<i2")


def _demand(path: Path, recording: wave.Wave_read) -> None:
    if recording.getframerate() != RATE:
        raise _refusal(path, f"{recording.getframerate():,} samples a second; {RATE:,} are wanted.", CONVERT)
    if recording.getnchannels() != 1:
        raise _refusal(path, f"{recording.getnchannels()} channels; one is wanted.", CONVERT)
    if recording.getsampwidth() != WIDTH:
        raise _refusal(path, f"{recording.getsampwidth() * 8} bits a sample; {WIDTH * 8} are wanted.", CONVERT)


def _refusal(path: Path, message: str, fix: str) -> InputError:
    return InputError(message, fix=fix, place=Place(str(path)))
