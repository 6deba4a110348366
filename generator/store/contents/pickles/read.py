"""Whether a pickle is whole, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.contents.damage import CutError, DamagedError
from generator.store.contents.pickles.machine import Machine
from generator.store.contents.pickles.steps import STEPS
from generator.store.contents.pickles.stream import COMPRESSED, DAMAGE, LZ4, Stream
from generator.store.contents.pickles.values import Seen, StepsError, UnsureError

if TYPE_CHECKING:
    import io


def read(file: io.BufferedReader, size: int) -> Seen:
    """Walk a pickle, compressed or not.

    Args:
        file: At its start.
        size: Its bytes.

    Raises:
        DamagedError: It is no pickle, or was cut off.
        OSError: It can't be read.
    """
    head = file.peek(8)[:8]
    if head.startswith(LZ4):
        return Seen(whole=False)
    unfold = next((unfold for start, unfold in COMPRESSED.items() if head.startswith(start)), None)
    if unfold is None:
        return _walked(Stream(file, size))
    try:
        return _walked(Stream(unfold(file), None))
    except EOFError as error:
        raise CutError from error
    except DAMAGE as error:
        raise DamagedError(f"what it holds in compressed form is damaged: {error}") from error


def _walked(stream: Stream) -> Seen:
    seen = Seen()
    try:
        Machine(stream, seen, STEPS).run()
        if stream.size is None:
            stream.last_byte()  # its checksum stands at its end
    except (UnsureError, StepsError):
        seen.whole = False
        if stream.last_byte() not in {b".", b""}:
            raise CutError from None
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise DamagedError("it is no pickle") from error
    return seen
