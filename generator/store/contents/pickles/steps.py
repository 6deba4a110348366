"""What each instruction of a pickle does to the machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.store.contents.damage import DamagedError
from generator.store.contents.pickles.values import LONGEST_TEXT, MARK, NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.store.contents.pickles.machine import Machine

LONGEST_NUMBER = 20
"""Digits of a number that is kept."""


def _text(machine: Machine, argument: bytes | None) -> None:
    machine.push(NOTHING if argument is None else argument.decode("utf-8", "surrogatepass"))


def _quoted(machine: Machine, argument: bytes) -> None:
    machine.push(argument.decode("latin-1").strip("'\""))


def _line_number(machine: Machine, argument: bytes) -> None:
    text = argument.decode("ascii").rstrip("L")
    if not re.fullmatch(r"[-+]?\d+", text):
        raise DamagedError("it is no pickle")
    machine.push(int(text) if len(text) < LONGEST_NUMBER else NOTHING)


def _integer(machine: Machine, argument: bytes) -> None:
    machine.push(int.from_bytes(argument, "little"))


def _signed(machine: Machine, argument: bytes | None) -> None:
    machine.push(NOTHING if argument is None else int.from_bytes(argument, "little", signed=True))


def _unknown(machine: Machine, _: Any) -> None:
    machine.push(NOTHING)


def _pushed(value: Any) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.push(value)


def _off(count: int) -> Callable[[Machine, Any], None]:
    """Take values off and put one that nobody needs to know."""

    def step(machine: Machine, _: Any) -> None:
        for _each in range(count):
            machine.stack.pop()
        machine.push(NOTHING)

    return step


def _tuple(count: int) -> Callable[[Machine, Any], None]:
    def step(machine: Machine, _: Any) -> None:
        found = tuple(machine.stack[-count:])
        if len(found) < count:
            raise IndexError
        del machine.stack[-count:]
        machine.push(found)

    return step


def _marked_tuple(machine: Machine, _: Any) -> None:
    found = machine.since_mark()
    machine.push(tuple(found) if len(found) <= LONGEST_TEXT else NOTHING)


def _above_mark(machine: Machine, _: Any) -> None:
    """Values for what lies below the mark, which nobody needs to know."""
    machine.since_mark()
    _top = machine.stack[-1]


def _instead_of_marked(machine: Machine, _: Any) -> None:
    machine.since_mark()
    machine.push(NOTHING)


def _mapping(machine: Machine, _: Any) -> None:
    pairs = machine.since_mark()
    machine.push({})
    machine.entries(pairs)


def _item(machine: Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.entries([key, value])


def _items(machine: Machine, _: Any) -> None:
    machine.entries(machine.since_mark())


def _append(machine: Machine, _: Any) -> None:
    machine.stack.pop()
    _top = machine.stack[-1]


def _place(argument: bytes) -> int:
    """A place of the memory, as the oldest protocol writes it."""
    if not re.fullmatch(rb"\d{1,%d}" % LONGEST_NUMBER, argument):
        raise DamagedError("it is no pickle")
    return int(argument)


def _put(machine: Machine, argument: bytes) -> None:
    machine.memo[_place(argument)] = machine.stack[-1]


def _put_binary(machine: Machine, argument: bytes) -> None:
    machine.memo[int.from_bytes(argument, "little")] = machine.stack[-1]


def _memoize(machine: Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: Machine, argument: bytes) -> None:
    machine.push(machine.memo[_place(argument)])


def _get_binary(machine: Machine, argument: bytes) -> None:
    machine.push(machine.memo[int.from_bytes(argument, "little")])


def _global(machine: Machine, argument: bytes) -> None:
    machine.named(argument.decode())


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise DamagedError("it is no pickle")
    machine.named(f"{module} {name}")


def _reduce(machine: Machine, _: Any) -> None:
    arguments, name = machine.stack.pop(), machine.stack.pop()
    machine.made(name, arguments)


def _newobj_ex(machine: Machine, _: Any) -> None:
    machine.stack.pop()
    _reduce(machine, None)


def _inst(machine: Machine, argument: bytes) -> None:
    arguments = machine.since_mark()
    machine.named(argument.decode())
    machine.made(machine.stack.pop(), tuple(arguments[:LONGEST_TEXT]))


def _obj(machine: Machine, _: Any) -> None:
    found = machine.since_mark()
    machine.made(found[0], tuple(found[1 : LONGEST_TEXT + 1]))


def _build(machine: Machine, _: Any) -> None:
    machine.build()


def _pop(machine: Machine, _: Any) -> None:
    machine.stack.pop()


def _pop_mark(machine: Machine, _: Any) -> None:
    machine.since_mark()


def _dup(machine: Machine, _: Any) -> None:
    machine.push(machine.stack[-1])


def _nothing(machine: Machine, _: Any) -> None:
    """An instruction without an effect here."""


def _empty_dict(machine: Machine, _: Any) -> None:
    machine.push({})


STEPS: Mapping[str, Callable[[Machine, Any], None]] = {
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
