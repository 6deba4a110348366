"""Weights by what they are: safetensors, what torch and Keras save, GGUF; each held against what it announces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store import archive, disk
from generator.store.contents import gguf, safetensors
from generator.store.contents.damage import CutError, DamagedError, exactly, number
from generator.store.contents.pickles.read import read

if TYPE_CHECKING:
    import io
    from pathlib import Path

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\3\4"
PICKLE = b"\x80"
TORCH = ".bin", ".pt", ".pth"


def check(path: Path) -> frozenset[str]:
    """Hold a file of weights against what it announces of itself; the names of its tensors, where they are known.

    Raises:
        DamagedError: It isn't whole.
        OSError: It can't be read.
    """
    with disk.opened(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.peek(8)[:8]
        if path.suffix == ".safetensors":
            return safetensors.tensors(file, size)
        if path.suffix in {".h5", ".hdf5"}:
            hdf5(file, size)
        elif path.suffix == ".gguf":
            gguf.check(file, size)
        elif path.suffix in TORCH:
            torch(path, file, size, head)
    return frozenset()


def torch(path: Path, file: io.BufferedReader, size: int, head: bytes) -> None:
    """What ``torch.save`` wrote: a zip file, or in old releases pickles one after the other and then the tensors.

    Raises:
        DamagedError: It isn't whole, or something else.
        OSError: It can't be read.
    """
    if head.startswith(ZIP):
        archive.check(path)
    elif head.startswith(PICKLE):
        read(file, size)
    elif path.name.startswith("pytorch_model"):
        raise DamagedError("torch.save wrote no such file")


def hdf5(file: io.BufferedReader, size: int) -> None:
    """An HDF5 file, which says where it ends (HDF5 File Format Specification 3.0, "Disk Format: Level 0A").

    Raises:
        DamagedError: It ends before, or is none.
        OSError: It can't be read.
    """
    if exactly(file, len(HDF5)) != HDF5:
        raise DamagedError("it is no HDF5 file")
    version = number(file, 1)
    if version in {0, 1}:
        exactly(file, 4)
        width = number(file, 1)
        exactly(file, 10 if version == 0 else 14)
    elif version in {2, 3}:
        width = number(file, 1)
        exactly(file, 2)
    else:
        raise DamagedError(f"its superblock is of the unknown version {version}")
    if width not in {2, 4, 8}:
        raise DamagedError("it is no HDF5 file")
    base = number(file, width)
    number(file, width)
    if base + number(file, width) > size:
        raise CutError
