"""The variables of a SavedModel: an index, and the shards in which the index says that tensors lie.

The index is a table in the form of LevelDB, without compression. Sources: tensorflow 2.20,
tensorflow/core/util/tensor_bundle/tensor_bundle.h and tensorflow/core/protobuf/tensor_bundle.proto;
tensorflow/core/lib/io/format.cc (blocks and footer).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store import disk, wire
from generator.store.contents.damage import CutError, DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "variables"
INDEX = "variables.index"
BIGGEST_INDEX = 2**26
FOOTER, TRAILER = 48, 5
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
PLAIN = 0
MOST_SHARDS = 100_000


def check(folder: Path) -> None:
    """Hold the shards in a folder against the index there.

    Raises:
        DamagedError: One is missing or too short, or the index is damaged.
        OSError: They can't be read.
    """
    index = folder / INDEX
    content = disk.read(index, BIGGEST_INDEX + 1)
    if len(content) > BIGGEST_INDEX:
        return
    try:
        shards, ends = _ends(memoryview(content))
    except (wire.MalformedError, IndexError) as error:
        raise DamagedError(f"{index.name} is damaged: {error}") from error
    for number in range(shards):
        shard = folder / f"variables.data-{number:05d}-of-{shards:05d}"
        if not shard.is_file():
            raise DamagedError(f"{shard.name} is missing, which {INDEX} names")
        if shard.stat().st_size < ends.get(number, 0):
            raise CutError(f"{shard.name}")


def _ends(content: memoryview) -> tuple[int, dict[int, int]]:
    """How many shards there are, and where in each the last tensor ends.

    Raises:
        DamagedError: It is no such index, or was cut off.
        wire.MalformedError: An entry is damaged.
        IndexError: A block is.
    """
    if len(content) < FOOTER or content[-8:] != MAGIC:
        raise DamagedError(f"{INDEX} was cut off")
    footer = content[-FOOTER:]
    _, at = _handle(footer, 0)
    top, _ = _handle(footer, at)
    shards, ends = 0, dict[int, int]()
    for _, place in _entries(content, top):
        for key, value in _entries(content, _handle(place, 0)[0]):
            if not key:
                shards = wire.integer(value, 1)
                continue
            shard = wire.integer(value, 3)
            ends[shard] = max(ends.get(shard, 0), wire.integer(value, 4) + wire.integer(value, 5))
    if not 0 < shards <= MOST_SHARDS or (ends and max(ends) >= shards):
        raise DamagedError(f"{INDEX} names no shards")
    return shards, ends


def _handle(content: memoryview, at: int) -> tuple[tuple[int, int], int]:
    """Where a block lies, its offset and size, and the position after that."""
    offset, at = wire.varint(content, at)
    size, at = wire.varint(content, at)
    return (offset, size), at


def _entries(content: memoryview, place: tuple[int, int]) -> Iterator[tuple[bytes, memoryview]]:
    """The keys and values of a block; a key begins with so many characters of the one before."""
    offset, size = place
    if offset + size + TRAILER > len(content) or content[offset + size] != PLAIN:
        raise DamagedError(f"{INDEX} is damaged")
    block = content[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = wire.varint(block, at)
        own, at = wire.varint(block, at)
        length, at = wire.varint(block, at)
        if shared > len(key) or at + own + length > end:
            raise DamagedError(f"{INDEX} is damaged")
        key = key[:shared] + bytes(block[at : at + own])
        yield key, block[at + own : at + own + length]
        at += own + length
