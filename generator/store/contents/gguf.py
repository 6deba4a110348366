"""GGUF: settings, then where each tensor lies, then the tensors.

Source: ggml-org/ggml, docs/gguf.md; sizes of quantised blocks: ggml/src/ggml-common.h. The old version 1 and files for
computers with another order of bytes are held against their first bytes only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.store.contents.damage import CutError, DamagedError, exactly, number

if TYPE_CHECKING:
    import io

MAGIC = b"GGUF"
VERSIONS = (2, 3)
TEXT, LIST = 8, 9
WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
ALIGNMENT = 32
MOST_DIMENSIONS = 4
# Type to the bytes of a block and the numbers in it; a type that isn't here has a byte at the least.
BLOCKS = {
    0: (4, 1),
    1: (2, 1),
    24: (1, 1),
    25: (2, 1),
    26: (4, 1),
    27: (8, 1),
    28: (8, 1),
    30: (2, 1),
    2: (18, 32),
    3: (20, 32),
    6: (22, 32),
    7: (24, 32),
    8: (34, 32),
    10: (84, 256),
    11: (110, 256),
    12: (144, 256),
    13: (176, 256),
    14: (210, 256),
}


def check(file: io.BufferedReader, size: int) -> None:
    """Hold a file against where it says that its tensors lie.

    Args:
        file: At its start.
        size: Its bytes.

    Raises:
        DamagedError: It ends before the last one, or is no GGUF.
        OSError: It can't be read.
    """
    if exactly(file, len(MAGIC)) != MAGIC:
        raise DamagedError("it is no GGUF file")
    if number(file, 4) not in VERSIONS:
        return
    tensors, settings = number(file, 8), number(file, 8)
    alignment = ALIGNMENT
    for _ in range(settings):
        key = _text(file, size)
        found = _value(file, number(file, 4), size)
        if key == b"general.alignment" and found:
            alignment = found
    end = max((_tensor(file, size) for _ in range(tensors)), default=0)
    start = -(-file.tell() // alignment) * alignment
    if tensors and start + end > size:
        raise CutError


def _text(file: io.BufferedReader, size: int) -> bytes:
    length = number(file, 8)
    if length > size - file.tell():
        raise CutError
    return exactly(file, length)


def _value(file: io.BufferedReader, kind: int, size: int) -> int:
    """Pass over a setting; a whole number that stands alone is given."""
    if kind == TEXT:
        _text(file, size)
        return 0
    if kind in WIDTHS:
        return number(file, WIDTHS[kind])
    if kind != LIST:
        raise DamagedError("its settings are of an unknown type")
    inner, count = number(file, 4), number(file, 8)
    if inner in WIDTHS:
        if count * WIDTHS[inner] > size - file.tell():
            raise CutError
        file.seek(count * WIDTHS[inner], 1)
    elif inner == TEXT:
        for _ in range(count):
            _text(file, size)
    else:
        raise DamagedError("its settings are of an unknown type")
    return 0


def _tensor(file: io.BufferedReader, size: int) -> int:
    """Where a tensor ends, from the first one's start."""
    _text(file, size)
    dimensions = number(file, 4)
    if dimensions > MOST_DIMENSIONS:
        raise DamagedError(f"a tensor of it has {dimensions} dimensions")
    count = math.prod(number(file, 8) for _ in range(dimensions))
    width, block = BLOCKS.get(number(file, 4), (1, max(count, 1)))
    return number(file, 8) + -(-count // block) * width
