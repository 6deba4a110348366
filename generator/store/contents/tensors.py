"""Paddle's combined parameters: tensors one after the other, each with its type and shape before it.

Source: PaddlePaddle/Paddle 3.0, paddle/fluid/framework/lod_tensor.cc and tensor_util.cc (``SerializeToStream``,
``TensorToStream``), framework.proto (``VarType.TensorDesc``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from generator.store import wire
from generator.store.contents.damage import CutError, DamagedError, exactly, number

if TYPE_CHECKING:
    import io

# framework.proto, VarType.Type
WIDTHS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 2, 5: 4, 6: 8, 20: 1, 21: 1, 22: 2, 23: 8, 24: 16, 32: 1, 33: 1}
DATA_TYPE, DIMENSIONS = 1, 2
LONGEST_DESCRIPTION = 2**16
MOST_LEVELS = 64


def check(file: io.BufferedReader) -> None:
    """Walk the tensors to the end of the file; of a form that isn't known here no more than its start.

    Raises:
        DamagedError: It ends within a tensor, or holds something else.
        OSError: It can't be read.
    """
    size = file.seek(0, 2)
    file.seek(0)
    while file.tell() < size:
        if number(file, 4) != 0:
            if file.tell() == len(b"0000"):
                return  # another version of the form
            raise DamagedError("it holds something else than tensors")
        levels = number(file, 8)
        if levels > MOST_LEVELS:
            raise DamagedError("it holds something else than tensors")
        for _ in range(levels):
            _skip(file, number(file, 8), size)
        number(file, 4)
        length = number(file, 4, signed=True)
        if not 0 < length <= LONGEST_DESCRIPTION:
            raise DamagedError("it holds something else than tensors")
        width, count = _described(memoryview(exactly(file, length)))
        if width is None:
            return  # of a type that isn't known here, nobody knows how long it is
        _skip(file, width * count, size)


def _described(description: memoryview) -> tuple[int | None, int]:
    """Bytes of an element, None for a type that isn't known here; and how many there are.

    Raises:
        DamagedError: The shape is none.
        wire.MalformedError: It can't be read.
    """
    width = WIDTHS.get(wire.integer(description, DATA_TYPE))
    shape: list[int] = []
    for field, value in wire.fields(description):
        if field != DIMENSIONS:
            continue
        if isinstance(value, int):
            shape.append(value)
            continue
        at = 0
        while at < len(value):
            each, at = wire.varint(value, at)
            shape.append(each)
    if any(each >= wire.WORD // 2 for each in shape):
        raise DamagedError("it holds a tensor of no size")
    return width, math.prod(shape)


def _skip(file: io.BufferedReader, count: int, size: int) -> None:
    if file.tell() + count > size:
        raise CutError
    file.seek(count, 1)
