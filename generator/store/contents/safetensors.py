"""Safetensors: a header that says where each tensor lies, and then nothing but tensors, to the last byte.

Source: huggingface/safetensors, README.md ("Format") and safetensors/src/tensor.rs (``Metadata::validate``).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from generator.store.contents.damage import CutError, DamagedError, exactly, number

if TYPE_CHECKING:
    import io

LONGEST_HEADER = 100_000_000  # tensor.rs, MAX_HEADER_SIZE
LONGEST_READ = 2**24
"""A longer header is held against the file's size alone: as objects it would take ten times its bytes."""
MOST_DIMENSIONS = 64  # NumPy takes as many; no tensor of a real model comes near
# tensor.rs, Dtype::bitsize
BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}


def tensors(file: io.BufferedReader, size: int) -> frozenset[str]:
    """The names of the tensors in a file that is whole; empty where its header is too long to be read.

    Args:
        file: At its start.
        size: Its bytes.

    Raises:
        DamagedError: It isn't whole, or isn't safetensors.
        OSError: It can't be read.
    """
    length = number(file, 8)
    if length > LONGEST_HEADER:
        raise DamagedError("it is no safetensors file")
    if 8 + length > size:
        raise CutError
    if length > LONGEST_READ:
        return frozenset()
    try:
        header = json.loads(exactly(file, length))
    except (ValueError, RecursionError) as error:
        raise DamagedError("its header is no JSON") from error
    if not isinstance(header, dict):
        raise DamagedError("its header is no JSON object")
    header.pop("__metadata__", None)
    end = 0
    for start, stop in sorted(_span(name, entry) for name, entry in header.items()):
        if start != end:
            raise DamagedError("its tensors overlap, or something lies between them")
        end = stop
    found = size - 8 - length
    if end > found:
        raise CutError(f"it announces {end} bytes of tensors and holds {found}: it")
    if end < found:
        raise DamagedError(f"it holds {found - end} bytes behind its last tensor")
    return frozenset(header)


def _span(name: str, entry: Any) -> tuple[int, int]:
    """Where a tensor begins and ends, which are as far apart as its type and shape say.

    Raises:
        DamagedError: They aren't.
    """
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(stop)]}:
            pass
        case _:
            raise DamagedError("its header describes something else than tensors")
    if (
        not all(isinstance(each, int) and 0 <= each < 2**63 for each in (start, stop, *shape))
        or len(shape) > BITS["F64"]
    ):
        raise DamagedError("its header describes something else than tensors")
    bits = BITS.get(dtype)
    if stop < start or (bits is not None and math.prod(shape) * bits != (stop - start) * 8):
        raise DamagedError(f"the tensor '{name[:80]}' has another size than its type and shape say")
    return start, stop
