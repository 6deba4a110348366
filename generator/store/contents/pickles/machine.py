"""The pickle machine, which makes nothing: it keeps the few values that have to be known."""

from __future__ import annotations

import functools
import math
import pickletools
import re
from typing import TYPE_CHECKING, Any

from generator.store.contents.damage import DamagedError
from generator.store.contents.pickles.values import (
    LONGEST_TEXT,
    MARK,
    NOTHING,
    RUNNERS,
    Made,
    Name,
    Seen,
    StepsError,
    UnsureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.store.contents.pickles.stream import Stream

    Step = Callable[["Machine", Any], None]

MOST_STEPS = 2_000_000
"""Instructions that are walked; a longer pickle is held against its last byte only."""
DEEPEST = 50
"""Pickles in arrays of objects of pickles that are walked."""
WRAPPER = "joblib.numpy_pickle NumpyArrayWrapper"
DTYPE = "numpy dtype"
KEPT = frozenset({"_sklearn_version", "shape", "dtype", "numpy_array_alignment_bytes"})
VERSION = re.compile(r"\d[\w.+-]{0,30}", re.ASCII)
HAS_OBJECTS = 1  # numpy/core/include/numpy/ndarraytypes.h: NPY_ITEM_HASOBJECT, in the flags of a structured dtype
FLAGS_AT = 7
_WIDTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}


@functools.cache
def _opcodes() -> Mapping[int, pickletools.OpcodeInfo]:
    return {ord(each.code): each for each in pickletools.opcodes}


class Machine:
    """The pickle machine with values that stand for others, and a memory of what has to be known alone."""

    def __init__(self, stream: Stream, seen: Seen, instructions: Mapping[str, Step], depth: int = 0) -> None:
        self.stream, self.seen, self.instructions, self.depth = stream, seen, instructions, depth
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.steps = 0

    def run(self) -> None:
        """From here to STOP.

        Raises:
            DamagedError: There is no STOP, or what stands there is no pickle.
            UnsureError, StepsError: It can't be walked to its end.
            IndexError, KeyError, UnicodeDecodeError: It is no pickle.
        """
        opcodes = _opcodes()
        while True:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise StepsError
            code = self.stream.take(1)[0]
            opcode = opcodes.get(code)
            if opcode is None:
                raise DamagedError("it is no pickle")
            if opcode.name == "STOP":
                self.stack.pop()
                return
            argument = self._argument(opcode)
            own = self.instructions.get(opcode.name)
            if own is None:
                raise DamagedError("it is no pickle that a server could read")
            own(self, argument)

    def _argument(self, opcode: pickletools.OpcodeInfo) -> Any:
        """What follows an instruction; of long texts and bytes nothing."""
        if opcode.arg is None:
            return None
        if opcode.arg.n >= 0:
            return self.stream.take(opcode.arg.n)
        if opcode.arg.n == pickletools.UP_TO_NEWLINE:
            first = self.stream.line()
            return first + b" " + self.stream.line() if "pair" in opcode.arg.name else first
        width = _WIDTHS[opcode.arg.n]
        size = int.from_bytes(
            self.stream.take(width), "little", signed=opcode.arg.n == pickletools.TAKEN_FROM_ARGUMENT4
        )
        if size < 0:
            raise DamagedError("it is no pickle")
        if size <= LONGEST_TEXT:
            return self.stream.take(size)
        self.stream.skip(size)
        return None

    def since_mark(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        at = len(self.stack) - 1
        while self.stack[at] is not MARK:
            at -= 1
            if at < 0:
                raise IndexError
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def named(self, text: str) -> None:
        """A name that unpickling would import.

        Raises:
            DamagedError: It's a function that runs commands: whoever loads the file would run them.
        """
        module, _, name = text.partition(" ")
        where, _, called = f"{module}.{name}".rpartition(".")  # a name may lead through other modules: joblib os.system
        if called in RUNNERS.get(where.rpartition(".")[2], ()):
            raise DamagedError(
                f"it names {where}.{called}, which runs commands where it is loaded; no model needs that"
            )
        if len(self.seen.packages) < LONGEST_TEXT:
            self.seen.packages.add(module.split(".", maxsplit=1)[0])
        self.push(Name(text))

    def made(self, name: Any, arguments: Any) -> None:
        """What a call of a name would make."""
        self.push(Made(name.text, arguments, []) if isinstance(name, Name) else NOTHING)

    def entries(self, pairs: list[Any]) -> None:
        """Keys and values for the mapping on top: those that are kept."""
        target = self.stack[-1]
        for key, value in zip(pairs[::2], pairs[1::2], strict=False):
            if isinstance(key, str) and key in KEPT:
                if isinstance(target, dict):
                    target[key] = value
                if key == "_sklearn_version" and isinstance(value, str) and VERSION.fullmatch(value):
                    self.seen.sklearn = self.seen.sklearn or value

    def build(self) -> None:
        """State for the object on top; after an array's wrapper its raw bytes follow."""
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Made):
            return
        target.state[:] = [state]
        if target.name == WRAPPER:
            self._array(state if isinstance(state, dict) else {})

    def _array(self, state: Mapping[str, Any]) -> None:
        """Pass over an array's bytes.

        Raises:
            UnsureError: Nobody knows how many there are.
        """
        shape, dtype = state.get("shape"), state.get("dtype")
        if not isinstance(shape, tuple) or not all(isinstance(each, int) and each >= 0 for each in shape):
            raise UnsureError
        width = _width(dtype)
        if width is None:
            if self.depth >= DEEPEST:
                raise UnsureError
            Machine(self.stream, self.seen, self.instructions, self.depth + 1).run()
            return
        if "numpy_array_alignment_bytes" in state:
            self.stream.skip(self.stream.take(1)[0])
        self.stream.skip(math.prod(shape) * width)


def _width(dtype: Any) -> int | None:
    """Bytes of one element; None where they are objects, which are pickled in their turn.

    Raises:
        UnsureError: Nobody knows.
    """
    if not isinstance(dtype, Made) or dtype.name != DTYPE or not isinstance(dtype.arguments, tuple):
        raise UnsureError
    code = dtype.arguments[0] if dtype.arguments else None
    found = re.fullmatch(r"[<>|=]?([a-zA-Z])(\d{1,9})", code) if isinstance(code, str) else None
    if found is None:
        raise UnsureError
    flags = dtype.state[0][FLAGS_AT] if dtype.state and _long(dtype.state[0]) else 0
    if found[1] == "O" or (isinstance(flags, int) and flags & HAS_OBJECTS and found[1] == "V"):
        return None
    return int(found[2]) * (4 if found[1] == "U" else 1)


def _long(state: Any) -> bool:
    return isinstance(state, tuple) and len(state) > FLAGS_AT
