"""A folder of spoken words in the layout of Google's Speech Commands: ``<word>/<file>.wav``, a second each at most.

What is read besides, where it is there (P. Warden, Speech Commands, 2018, sections 6 and 7; the set's own README):

    testing_list.txt      which recordings are held out, ``<word>/<file>.wav`` a line
    validation_list.txt   which are neither trained on nor measured with; held out where there is no other list
    _background_noise_/   long recordings of no word: each of their seconds is an example of the class ``_silence_``

Without a list speakers are held out: what stands before ``_nohash_`` in a file's name says who spoke; of other names
each is a speaker, in whichever folders it stands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from trainer.data import wav
from trainer.data.base import Reader
from trainer.data.dataset import OWN, Dataset, Examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.data.base import Reading

AUDIO = "audio"
"""The input: float32 [examples, ``SAMPLES``] from -1 to 1."""

SAMPLES = wav.RATE
"""Of an example: one second."""

NOISE = "_background_noise_"
SILENCE = "_silence_"
"""The class of what holds no word, by the name that it has in Google's own training scripts."""

TESTING, VALIDATION = "testing_list.txt", "validation_list.txt"

HELD_OUT = 5
"""One in so many speakers is held out, and of noise the last of so many seconds."""

BY_SPEAKER = "one speaker in five is held out, chosen by the digest of the name, whatever the seed"
BY_LIST = "the folder's own: held out is what {} names"

LAYOUT = "The layout is Google's Speech Commands': a folder a word, and in it .wav files of a second each."


@dataclass(frozen=True, kw_only=True, eq=False)
class _Clips:
    """Examples that were read: samples float32 [clips, ``SAMPLES``], and for each clip its part."""

    audio: NDArray[Any]
    labels: NDArray[Any]
    held_out: NDArray[Any]


def fits(path: Path) -> bool:
    """Whether it is a folder of folders of .wav files."""
    try:
        return any(_wavs(folder) for folder in _folders(path))
    except OSError:
        return False


def load(path: Path, _: Reading) -> Dataset:
    """Read a folder.

    Raises:
        InputError: A recording isn't fit, or the folder isn't; the message names it.
        OutsideError: Something in it can't be read.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    words = [folder for folder in _folders(path) if folder.name != NOISE]
    files = [(label, file) for label, folder in enumerate(words) for file in _of_word(folder)]
    mask, left_out, split = _parts(path, [file for _, file in files])
    kept = [each for each, out in zip(files, left_out, strict=True) if not out]
    spoken, short = _spoken(kept, mask[~np.array(left_out)])
    noise = _noise(path / NOISE, len(words))
    clips = (spoken, noise) if len(noise.labels) else (spoken,)
    return Dataset(
        name=READER.id,
        train=_examples(clips, held_out=False),
        test=_examples(clips, held_out=True),
        classes=(*(folder.name for folder in words), *([SILENCE] if len(noise.labels) else [])),
        split=split,
        licence=OWN,
        notes={"samplesPerSecond": wav.RATE, "speakers": len({speaker(file.name) for _, file in kept})},
        origin=str(path),
        remarks=(f"{short:,} recordings are shorter than a second; silence is added at their end.",) if short else (),
    )


def speaker(name: str) -> str:
    """Who spoke, by the name of a file."""
    return name.partition("_nohash_")[0].removesuffix(".wav")


def held_out(names: Iterable[str]) -> frozenset[str]:
    """One in five of some names, at least one, by their digests, so that their order doesn't count."""
    ranked = sorted(set(names), key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest())
    return frozenset(ranked[: max(1, len(ranked) // HELD_OUT)])


def _folders(path: Path) -> list[Path]:
    """What may be words, by name."""
    if not path.is_dir():
        return []
    return sorted(each for each in path.iterdir() if each.is_dir() and not each.name.startswith("."))


def _wavs(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix.lower() == ".wav" and not each.name.startswith("."))


def _of_word(folder: Path) -> list[Path]:
    """The recordings of a word.

    Raises:
        InputError: There is none, or something else lies there, which would be missed without a word.
        OutsideError: The folder can't be read.
    """
    try:
        found = _wavs(folder)
        others = [each for each in folder.iterdir() if each not in found and not each.name.startswith(".")]
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(folder))) from error
    if others:
        first = min(others)
        what = "a folder" if first.is_dir() else "no .wav file"
        raise InputError(f"this is {what}. {LAYOUT}", fix="Move it away, or convert it.", place=Place(str(first)))
    if not found:
        raise InputError("there is no .wav file in it.", fix="Add recordings, or delete it.", place=Place(str(folder)))
    return found


def _parts(path: Path, files: Sequence[Path]) -> tuple[NDArray[Any], list[bool], str]:
    """Which recordings are held out, which are left out of both parts, and how that was decided."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    names = [f"{file.parent.name}/{file.name}" for file in files]
    testing, validation = (_listed(path / each, names) for each in (TESTING, VALIDATION))
    if testing is None and validation is None:
        chosen = held_out(speaker(file.name) for file in files)
        return np.array([speaker(file.name) in chosen for file in files]), [False] * len(files), BY_SPEAKER
    if testing is None or validation is None:
        chosen = testing or validation or frozenset()
        split = BY_LIST.format(TESTING if testing else VALIDATION)
        return np.array([name in chosen for name in names]), [False] * len(files), split
    split = f"{BY_LIST.format(TESTING)}; what {VALIDATION} names is left out"
    return np.array([name in testing for name in names]), [name in validation for name in names], split


def _listed(path: Path, names: Sequence[str]) -> frozenset[str] | None:
    """The recordings that a list names; None where there is no list. Google's name words that one may have deleted.

    Raises:
        InputError: It names none of the recordings.
        OutsideError: It can't be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise InputError("this is not UTF-8.", fix="Save it as UTF-8.", place=Place(str(path))) from error
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from error
    found = frozenset(line.strip() for line in lines) & frozenset(names)
    if not found:
        raise InputError(
            "it names none of the recordings.",
            fix=f"A line is a word, / and a file, such as {names[0]}; or delete the list.",
            place=Place(str(path)),
        )
    return found


def _spoken(files: Sequence[tuple[int, Path]], mask: NDArray[Any]) -> tuple[_Clips, int]:
    """The recordings of words, and how many of them are shorter than a second."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    try:
        audio, short = np.zeros((len(files), SAMPLES), dtype=np.float32), 0
    except MemoryError as error:
        raise InputError(
            f"{len(files):,} recordings take {len(files) * SAMPLES * 4 / 2**30:.1f} GiB of memory.",
            fix="Leave words or recordings out, or train where there is more.",
            place=Place(str(files[0][1].parent.parent)),
        ) from error
    for row, (_, file) in enumerate(files):
        found = wav.samples(file)
        if len(found) > SAMPLES:
            raise InputError(
                f"{len(found):,} samples; a recording of a word has {SAMPLES:,} at most, which is a second.",
                fix="Cut it, so that the word is whole: ffmpeg -ss START -i IN.wav -t 1 OUT.wav",
                place=Place(str(file)),
            )
        audio[row, : len(found)] = found
        short += len(found) < SAMPLES
    audio /= wav.SCALE
    return _Clips(audio=audio, labels=np.array([label for label, _ in files], dtype=np.int64), held_out=mask), short


def _noise(folder: Path, label: int) -> _Clips:
    """Recordings of no word, cut into seconds."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    seconds: list[NDArray[Any]] = [np.zeros((0, SAMPLES), np.float32)]
    masks: list[NDArray[Any]] = [np.zeros(0, bool)]
    for file in _wavs(folder) if folder.is_dir() else ():
        found = wav.samples(file)
        count = len(found) // SAMPLES
        if not count:
            raise InputError(
                f"{len(found):,} samples; background noise is a second or longer.",
                fix="Delete it.",
                place=Place(str(file)),
            )
        seconds.append(found[: count * SAMPLES].reshape(count, SAMPLES).astype(np.float32) / wav.SCALE)
        masks.append(np.arange(count) >= count - (max(1, count // HELD_OUT) if count > 1 else 0))
    audio = np.concatenate(seconds)
    return _Clips(audio=audio, labels=np.full(len(audio), label, dtype=np.int64), held_out=np.concatenate(masks))


def _examples(clips: Sequence[_Clips], *, held_out: bool) -> Examples:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    chosen = [(each.audio[mask], each.labels[mask]) for each in clips for mask in [each.held_out == held_out]]
    audio, labels = zip(*chosen, strict=True)
    return Examples(inputs={AUDIO: np.concatenate(audio)}, targets=np.concatenate(labels))


READER = Reader(
    id="recordings",
    summary="a folder of spoken words (folders of .wav files)",
    fits=fits,
    load=load,
    settings=frozenset(),
)
