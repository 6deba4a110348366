"""Pickles, read without unpickling them: whether one is whole, and which scikit-learn wrote it.

Unpickling runs whatever a pickle names. Here its instructions are walked from the first to STOP; names stay names, and
nothing is imported or called. What joblib writes is a pickle with the raw bytes of arrays between the instructions, so
the few values that say how long these are (shape and dtype) are kept; and the version, which every estimator holds.

Sources: Lib/pickletools.py; joblib/joblib, joblib/numpy_pickle.py (``NumpyArrayWrapper.write_array``) and
numpy_pickle_utils.py (``_detect_compressor``); scikit-learn, sklearn/base.py (``__getstate__``).
"""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import math
import pickletools
import re
import zlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.store.contents.damage import PIECE, CutError, DamagedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_STEPS = 2_000_000
"""Instructions that are walked; a longer pickle is held against its last byte only."""
MOST_PLAIN = 2**29
"""Bytes that a compressed file is unfolded to; of a longer one the rest isn't looked at."""
LONGEST_TEXT = 256
LONGEST_NUMBER = 20
WRAPPER = "joblib.numpy_pickle NumpyArrayWrapper"
DTYPE = "numpy dtype"
KEPT = frozenset({"_sklearn_version", "shape", "dtype", "numpy_array_alignment_bytes"})
VERSION = re.compile(r"\d[\w.+-]{0,30}", re.ASCII)
HAS_OBJECTS = 1  # numpy/core/include/numpy/ndarraytypes.h: NPY_ITEM_HASOBJECT, in the flags of a structured dtype
FLAGS_AT = 7

COMPRESSED: Mapping[bytes, Callable[[io.BufferedReader], Any]] = MappingProxyType(
    {
        b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
        b"BZh": bz2.BZ2File,
        b"\x5d\x00": lzma.LZMAFile,
        b"\xfd7zXZ": lzma.LZMAFile,
        b"\x78": lambda file: io.BufferedReader(_Unfolded(file), PIECE),
    }
)
"""How a compressed file begins, in joblib's own table, and what unfolds it."""
LZ4 = b"\x04\x22\x4d\x18"
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


@dataclass
class Seen:
    """What a pickle says.

    Attributes:
        sklearn: The version of scikit-learn that wrote its estimators; empty where it holds none.
        packages: The packages whose classes and functions it names.
        whole: Whether every instruction was walked; else only its end was looked at.
    """

    sklearn: str = ""
    packages: set[str] = field(default_factory=set)
    whole: bool = True


class Name(NamedTuple):
    """A class or function that unpickling would import: module and name."""

    text: str


class Made(NamedTuple):
    """What unpickling would make of a name and arguments, and the state that it would be given."""

    name: str
    arguments: Any
    state: list[Any]


class _UnsureError(Exception):
    """Raw bytes follow, and nobody knows how many."""


class _StepsError(Exception):
    """The pickle has more instructions than are walked."""


class _Unfolded(io.RawIOBase):
    """A file in zlib's format, unfolded piece by piece."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._zlib, self._rest = file, zlib.decompressobj(), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes.

        Raises:
            EOFError: The file ends before the stream does.
        """
        while not self._zlib.eof:
            self._rest = self._rest or self._file.read(PIECE)
            if not self._rest:
                raise EOFError
            found = self._zlib.decompress(self._rest, len(buffer))
            self._rest = self._zlib.unconsumed_tail
            if found:
                buffer[: len(found)] = found
                return len(found)
        return 0


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
        return _walked(_Stream(file, size))
    try:
        return _walked(_Stream(unfold(file), None))
    except EOFError as error:
        raise CutError from error
    except DAMAGE as error:
        raise DamagedError(f"what it holds in compressed form is damaged: {error}") from error


def _walked(stream: _Stream) -> Seen:
    seen = Seen()
    try:
        _Machine(stream, seen).run()
        if stream.size is None:
            stream.last_byte()  # its checksum stands at its end
    except (_UnsureError, _StepsError):
        seen.whole = False
        if stream.last_byte() not in {b".", b""}:
            raise CutError from None
    except (IndexError, KeyError, UnicodeDecodeError) as error:
        raise DamagedError("it is no pickle") from error
    return seen


class _Stream:
    """Bytes from the front to the end.

    Args:
        file: Where they come from.
        size: How many there are; None where nobody knows, for they are unfolded on the way.
    """

    def __init__(self, file: Any, size: int | None) -> None:
        self.file, self.size, self.position = file, size, 0

    def take(self, size: int) -> bytes:
        found: bytes = self.file.read(size)
        self.position += size
        if len(found) < size:
            raise CutError
        return found

    def line(self) -> bytes:
        """Up to the end of the line; of a long line its beginning."""
        found: bytes = self.file.readline(PIECE)
        rest = found
        self.position += len(found)
        while not rest.endswith(b"\n"):
            if not rest:
                raise CutError
            rest = self.file.readline(PIECE)
            self.position += len(rest)
        return found[:LONGEST_TEXT].rstrip(b"\n")

    def skip(self, size: int) -> None:
        if self.size is not None:
            self.position += size
            if self.position > self.size:
                raise CutError
            self.file.seek(self.position)
            return
        if self.position + size > MOST_PLAIN:
            raise _StepsError
        while size > 0:
            size -= len(self.take(min(size, PIECE)))

    def last_byte(self) -> bytes:
        """The last byte; nothing where it lies too far on."""
        if self.size is not None:
            self.file.seek(self.size - 1)
            return bytes(self.file.read(1))
        last = b""
        while piece := self.file.read(PIECE):
            self.position, last = self.position + len(piece), piece[-1:]
            if self.position > MOST_PLAIN:
                return b""
        return last


MARK = object()
NOTHING = object()
"""A value that nobody needs to know."""


@functools.cache
def _opcodes() -> Mapping[int, pickletools.OpcodeInfo]:
    return {ord(each.code): each for each in pickletools.opcodes}


class _Machine:
    """The pickle machine with values that stand for others, and a memory of what has to be known alone."""

    def __init__(self, stream: _Stream, seen: Seen) -> None:
        self.stream, self.seen = stream, seen
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.steps = 0

    def run(self) -> None:
        """From here to STOP.

        Raises:
            DamagedError: There is no STOP, or what stands there is no pickle.
            _UnsureError, _StepsError: It can't be walked to its end.
            IndexError, KeyError, UnicodeDecodeError: It is no pickle.
        """
        opcodes = _opcodes()
        while True:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise _StepsError
            code = self.stream.take(1)[0]
            opcode = opcodes.get(code)
            if opcode is None:
                raise DamagedError("it is no pickle")
            if opcode.name == "STOP":
                self.stack.pop()
                return
            argument = self._argument(opcode)
            own = _STEPS.get(opcode.name)
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
        self.stack.append(value)

    def named(self, text: str) -> None:
        """A name that unpickling would import."""
        if len(self.seen.packages) < LONGEST_TEXT:
            self.seen.packages.add(text.split(" ", maxsplit=1)[0].split(".", maxsplit=1)[0])
        self.push(Name(text))

    def made(self, name: Any, arguments: Any) -> None:
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
            _UnsureError: Nobody knows how many there are.
        """
        shape, dtype = state.get("shape"), state.get("dtype")
        if not isinstance(shape, tuple) or not all(isinstance(each, int) and each >= 0 for each in shape):
            raise _UnsureError
        width = _width(dtype)
        if width is None:
            _Machine(self.stream, self.seen).run()
            return
        if "numpy_array_alignment_bytes" in state:
            self.stream.skip(self.stream.take(1)[0])
        self.stream.skip(math.prod(shape) * width)


def _width(dtype: Any) -> int | None:
    """Bytes of one element; None where they are objects, which are pickled in their turn.

    Raises:
        _UnsureError: Nobody knows.
    """
    if not isinstance(dtype, Made) or dtype.name != DTYPE or not isinstance(dtype.arguments, tuple):
        raise _UnsureError
    code = dtype.arguments[0] if dtype.arguments else None
    found = re.fullmatch(r"[<>|=]?([a-zA-Z])(\d{1,9})", code) if isinstance(code, str) else None
    if found is None:
        raise _UnsureError
    flags = dtype.state[0][FLAGS_AT] if dtype.state and _long(dtype.state[0]) else 0
    if found[1] == "O" or (isinstance(flags, int) and flags & HAS_OBJECTS and found[1] == "V"):
        return None
    return int(found[2]) * (4 if found[1] == "U" else 1)


def _long(state: Any) -> bool:
    return isinstance(state, tuple) and len(state) > FLAGS_AT


_WIDTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}
_Step = "Callable[[_Machine, Any], None]"


def _text(machine: _Machine, argument: bytes | None) -> None:
    machine.push(NOTHING if argument is None else argument.decode("utf-8", "surrogatepass"))


def _quoted(machine: _Machine, argument: bytes) -> None:
    machine.push(argument.decode("latin-1").strip("'\""))


def _line_number(machine: _Machine, argument: bytes) -> None:
    text = argument.decode("ascii").rstrip("L")
    if not re.fullmatch(r"[-+]?\d+", text):
        raise DamagedError("it is no pickle")
    machine.push(int(text) if len(text) < LONGEST_NUMBER else NOTHING)


def _integer(machine: _Machine, argument: bytes) -> None:
    machine.push(int.from_bytes(argument, "little"))


def _signed(machine: _Machine, argument: bytes | None) -> None:
    machine.push(NOTHING if argument is None else int.from_bytes(argument, "little", signed=True))


def _unknown(machine: _Machine, _: Any) -> None:
    machine.push(NOTHING)


def _pushed(value: Any) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.push(value)


def _off(count: int) -> Callable[[_Machine, Any], None]:
    """Take values off and put one that nobody needs to know."""

    def step(machine: _Machine, _: Any) -> None:
        for _each in range(count):
            machine.stack.pop()
        machine.push(NOTHING)

    return step


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, _: Any) -> None:
        found = tuple(machine.stack[-count:])
        if len(found) < count:
            raise IndexError
        del machine.stack[-count:]
        machine.push(found)

    return step


def _marked_tuple(machine: _Machine, _: Any) -> None:
    found = machine.since_mark()
    machine.push(tuple(found) if len(found) <= LONGEST_TEXT else NOTHING)


def _above_mark(machine: _Machine, _: Any) -> None:
    """Values for what lies below the mark, which nobody needs to know."""
    machine.since_mark()
    _top = machine.stack[-1]


def _instead_of_marked(machine: _Machine, _: Any) -> None:
    machine.since_mark()
    machine.push(NOTHING)


def _mapping(machine: _Machine, _: Any) -> None:
    pairs = machine.since_mark()
    machine.push({})
    machine.entries(pairs)


def _item(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.entries([key, value])


def _items(machine: _Machine, _: Any) -> None:
    machine.entries(machine.since_mark())


def _append(machine: _Machine, _: Any) -> None:
    machine.stack.pop()
    _top = machine.stack[-1]


def _put(machine: _Machine, argument: bytes) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _put_binary(machine: _Machine, argument: bytes) -> None:
    machine.memo[int.from_bytes(argument, "little")] = machine.stack[-1]


def _memoize(machine: _Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: _Machine, argument: bytes) -> None:
    machine.push(machine.memo[int(argument)])


def _get_binary(machine: _Machine, argument: bytes) -> None:
    machine.push(machine.memo[int.from_bytes(argument, "little")])


def _global(machine: _Machine, argument: bytes) -> None:
    machine.named(argument.decode())


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise DamagedError("it is no pickle")
    machine.named(f"{module} {name}")


def _reduce(machine: _Machine, _: Any) -> None:
    arguments, name = machine.stack.pop(), machine.stack.pop()
    machine.made(name, arguments)


def _newobj_ex(machine: _Machine, _: Any) -> None:
    machine.stack.pop()
    _reduce(machine, None)


def _inst(machine: _Machine, argument: bytes) -> None:
    arguments = machine.since_mark()
    machine.named(argument.decode())
    machine.made(machine.stack.pop(), tuple(arguments[:LONGEST_TEXT]))


def _obj(machine: _Machine, _: Any) -> None:
    name, *arguments = machine.since_mark()
    machine.made(name, tuple(arguments[:LONGEST_TEXT]))


def _build(machine: _Machine, _: Any) -> None:
    machine.build()


def _pop(machine: _Machine, _: Any) -> None:
    machine.stack.pop()


def _pop_mark(machine: _Machine, _: Any) -> None:
    machine.since_mark()


def _dup(machine: _Machine, _: Any) -> None:
    machine.push(machine.stack[-1])


def _nothing(machine: _Machine, _: Any) -> None:
    """An instruction without an effect here."""


def _empty_dict(machine: _Machine, _: Any) -> None:
    machine.push({})


_STEPS: Mapping[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "READONLY_BUFFER"), _nothing),
    **dict.fromkeys(("BININT", "LONG1", "LONG4"), _signed),
    **dict.fromkeys(("BININT1", "BININT2"), _integer),
    **dict.fromkeys(("INT", "LONG"), _line_number),
    **dict.fromkeys(("STRING", "UNICODE"), _quoted),
    **dict.fromkeys(("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), _text),
    **dict.fromkeys(("FLOAT", "BINFLOAT", "PERSID", "EXT1", "EXT2", "EXT4", "NEXT_BUFFER"), _unknown),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), _unknown),
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), lambda machine, text: _quoted(machine, text or b"")),
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_SET"), _unknown),
    **dict.fromkeys(("LIST", "FROZENSET"), _instead_of_marked),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), _above_mark),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _reduce),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _put_binary),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _get_binary),
    "APPEND": _append,
    "BINPERSID": _off(1),
    "BUILD": _build,
    "DICT": _mapping,
    "DUP": _dup,
    "EMPTY_DICT": _empty_dict,
    "EMPTY_TUPLE": _pushed(()),
    "GET": _get,
    "GLOBAL": _global,
    "INST": _inst,
    "MARK": _pushed(MARK),
    "MEMOIZE": _memoize,
    "NEWFALSE": _pushed(value=False),
    "NEWOBJ_EX": _newobj_ex,
    "NEWTRUE": _pushed(value=True),
    "NONE": _pushed(None),
    "OBJ": _obj,
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "PUT": _put,
    "SETITEM": _item,
    "SETITEMS": _items,
    "STACK_GLOBAL": _stack_global,
    "TUPLE": _marked_tuple,
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
}
