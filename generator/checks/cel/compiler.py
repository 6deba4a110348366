"""From a syntax tree to a function: operators, access and macros."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from generator.checks.cel.functions import FUNCTIONS, NAMESPACES, TYPES
from generator.checks.cel.parser import Node, parse
from generator.checks.cel.values import (
    CelError,
    Duration,
    Optional,
    Timestamp,
    UInt,
    UnsupportedError,
    checked,
    compare,
    equal,
    is_number,
    type_name,
    usable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Scope = Mapping[str, Any]
    Code = Callable[[Scope], Any]

_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
_VARIABLES = frozenset(("self", "oldSelf"))


def _overload(operator: str, left: Any, right: Any) -> CelError:
    return CelError(f"no such overload: {type_name(left)} {operator} {type_name(right)}")


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise CelError(f"no such overload: {type_name(value)} is no bool")


def _divided(operator: str, left: int, right: int) -> int:
    """Integer division and rest, both towards zero."""
    if right == 0:
        raise CelError("division by zero" if operator == "/" else "modulus by zero")
    quotient = abs(left) // abs(right)
    quotient = quotient if (left < 0) == (right < 0) else -quotient
    return checked(quotient) if operator == "/" else left - quotient * right


def _double(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def _moments(operator: str, left: Any, right: Any) -> Any:
    """Sums and differences of durations and timestamps."""
    kinds = (type(left), type(right))
    if operator == "+" and kinds == (Duration, Duration):
        return Duration(left.nanoseconds + right.nanoseconds)
    if operator == "+" and Timestamp in kinds and Duration in kinds:
        return Timestamp(left.nanoseconds + right.nanoseconds)
    if operator == "-" and kinds == (Timestamp, Timestamp):
        return Duration(left.nanoseconds - right.nanoseconds)
    if operator == "-" and kinds[1] is Duration and kinds[0] in (Duration, Timestamp):
        return kinds[0](left.nanoseconds - right.nanoseconds)
    raise _overload(operator, left, right)


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if not (is_number(left) and is_number(right)):
        if operator == "+" and type(left) is type(right) and isinstance(left, (str, bytes, list)):
            return left + right
        return _moments(operator, left, right)
    if type(left) is not type(right) or (operator == "%" and isinstance(left, float)):
        raise _overload(operator, left, right)
    if isinstance(left, float):
        return _double(operator, left, right)
    if operator in ("/", "%"):
        value = _divided(operator, left, right)
    else:
        value = left + right if operator == "+" else left - right if operator == "-" else left * right
    if isinstance(left, UInt):
        if not 0 <= value < 2**64:
            raise CelError("unsigned integer overflow")
        return UInt(value)
    return checked(value)


def _contains(item: Any, container: Any) -> bool:
    if isinstance(container, list):
        return any(equal(item, one) for one in container)
    if isinstance(container, dict):
        return isinstance(item, (str, int)) and item in container
    raise _overload("in", item, container)


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Optional):
        inner = value.value
        return Optional(inner[name], present=True) if _has(inner, name) else Optional()
    if not isinstance(value, dict):
        raise CelError(f"no such overload: a {type_name(value)} has no fields")
    if name not in value:
        raise CelError(f"no such key: {name}")
    return usable(value[name])


def _has(value: Any, name: str) -> bool:
    return isinstance(value, dict) and name in value


def _item(value: Any, index: Any) -> Any:
    if isinstance(value, list):
        if not is_number(index) or index != int(index):
            raise _overload("[]", value, index)
        if not 0 <= index < len(value):
            raise CelError(f"index out of bounds: {index}")
        return usable(value[int(index)])
    if isinstance(value, dict):
        if not isinstance(index, (str, int, float)) or index not in value:
            raise CelError(f"no such key: {index}")
        return usable(value[index])
    raise _overload("[]", value, index)


def _logical(operator: str, left: Code, right: Code) -> Code:
    """``&&`` and ``||`` in either order: one decisive side is enough, even where the other has no value."""
    decisive = operator == "||"

    def run(scope: Scope) -> bool:
        try:
            first = _truth(left(scope))
        except CelError:
            if _truth(right(scope)) is decisive:
                return decisive
            raise
        return first if first is decisive else _truth(right(scope))

    return run


def _items(value: Any) -> list[Any]:
    if isinstance(value, (list, dict)):
        return [usable(item) for item in value]
    raise CelError(f"no such overload: a {type_name(value)} has no items")


class _Compiler:
    """Compiles one expression; knows which names are bound by macros."""

    def __init__(self) -> None:
        self._bound: list[str] = []

    def code(self, node: Node) -> Code:
        """The function of a node."""
        build: dict[str, Callable[[Node], Code]] = {
            "literal": lambda node: lambda _: node.value,
            "name": self._name,
            "select": self._select,
            "index": self._index,
            "call": self._call,
            "list": self._list,
            "map": self._map,
            "unary": self._unary,
            "binary": self._binary,
            "choice": self._choice,
        }
        return build[node.kind](node)

    def _name(self, node: Node) -> Code:
        name = node.value
        if name in self._bound or name in _VARIABLES:
            return lambda scope: scope[name]
        if name in TYPES:
            return lambda _: name
        raise UnsupportedError(f"the name {name}")

    def _select(self, node: Node) -> Code:
        inner, name = self.code(node.parts[0]), node.value
        if not node.optional:
            return lambda scope: _field(inner(scope), name)

        def run(scope: Scope) -> Optional:
            value = inner(scope)
            value = value.value if isinstance(value, Optional) else value
            return Optional(value[name], present=True) if _has(value, name) else Optional()

        return run

    def _index(self, node: Node) -> Code:
        inner, index = (self.code(part) for part in node.parts)
        if not node.optional:
            return lambda scope: _item(inner(scope), index(scope))

        def run(scope: Scope) -> Optional:
            value = inner(scope)
            value = value.value if isinstance(value, Optional) else value
            try:
                return Optional(_item(value, index(scope)), present=True)
            except CelError:
                return Optional()

        return run

    def _list(self, node: Node) -> Code:
        parts = [self.code(part) for part in node.parts]
        return lambda scope: [part(scope) for part in parts]

    def _map(self, node: Node) -> Code:
        parts = [self.code(part) for part in node.parts]
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        return lambda scope: {key(scope): value(scope) for key, value in pairs}

    def _unary(self, node: Node) -> Code:
        inner = self.code(node.parts[0])
        if node.value == "!":
            return lambda scope: not _truth(inner(scope))

        def negate(scope: Scope) -> Any:
            value = inner(scope)
            if not is_number(value) or isinstance(value, UInt):
                raise CelError(f"no such overload: -{type_name(value)}")
            return -value if isinstance(value, float) else checked(-value)

        return negate

    def _binary(self, node: Node) -> Code:
        operator = node.value
        left, right = (self.code(part) for part in node.parts)
        if operator in ("&&", "||"):
            return _logical(operator, left, right)
        if operator == "==":
            return lambda scope: equal(left(scope), right(scope))
        if operator == "!=":
            return lambda scope: not equal(left(scope), right(scope))
        if operator == "in":
            return lambda scope: _contains(left(scope), right(scope))
        if operator in _COMPARISONS:
            holds = _COMPARISONS[operator]
            return lambda scope: holds(compare(left(scope), right(scope)))
        return lambda scope: _arithmetic(operator, left(scope), right(scope))

    def _choice(self, node: Node) -> Code:
        condition, yes, no = (self.code(part) for part in node.parts)
        return lambda scope: yes(scope) if _truth(condition(scope)) else no(scope)

    def _call(self, node: Node) -> Code:
        receiver, *arguments = node.parts
        if receiver is None and node.value == "has" and len(arguments) == 1:
            return self._has(arguments[0])
        if receiver is not None and (node.value, len(arguments)) in _MACROS:
            return self._macro(node)
        if receiver is not None and receiver.kind == "name" and receiver.value in NAMESPACES:
            function, parts = FUNCTIONS.get(f"{receiver.value}.{node.value}"), arguments
        else:
            function, parts = FUNCTIONS.get(node.value), [receiver, *arguments] if receiver is not None else arguments
        if function is None:
            raise UnsupportedError(f"the function {node.value}")
        codes = [self.code(part) for part in parts]

        def run(scope: Scope) -> Any:
            values = [code(scope) for code in codes]
            try:
                return function(*values)
            except (TypeError, AttributeError) as error:
                shown = ", ".join(type_name(value) for value in values)
                raise CelError(f"no such overload: {node.value}({shown})") from error

        return run

    def _has(self, node: Node) -> Code:
        if node.kind != "select":
            raise CelError("has() needs a field: has(self.x)")
        inner, name = self.code(node.parts[0]), node.value

        def run(scope: Scope) -> bool:
            value = inner(scope)
            value = value.value if isinstance(value, Optional) else value
            if value is not None and not isinstance(value, dict):
                raise CelError(f"no such overload: a {type_name(value)} has no fields")
            return value is not None and name in value and usable(value[name]) is value[name]

        return run

    def _macro(self, node: Node) -> Code:
        receiver, variable, *bodies = node.parts
        if variable.kind != "name":
            raise CelError(f"{node.value}() needs the name of a variable first")
        source = self.code(receiver)
        self._bound.append(variable.value)
        codes = [self.code(body) for body in bodies]
        self._bound.pop()
        return _MACROS[node.value, 1 + len(bodies)](source, variable.value, *codes)


def _all(source: Code, name: str, predicate: Code) -> Code:
    return _quantified(source, name, predicate, decisive=False)


def _exists(source: Code, name: str, predicate: Code) -> Code:
    return _quantified(source, name, predicate, decisive=True)


def _quantified(source: Code, name: str, predicate: Code, *, decisive: bool) -> Code:
    """``all`` and ``exists``: one decisive item is enough, even where others have no value."""

    def run(scope: Scope) -> bool:
        error = None
        for item in _items(source(scope)):
            try:
                if _truth(predicate({**scope, name: item})) is decisive:
                    return decisive
            except CelError as found:
                error = error or found
        if error:
            raise error
        return not decisive

    return run


def _exists_one(source: Code, name: str, predicate: Code) -> Code:
    return lambda scope: sum(_truth(predicate({**scope, name: item})) for item in _items(source(scope))) == 1


def _filter(source: Code, name: str, predicate: Code) -> Code:
    return lambda scope: [item for item in _items(source(scope)) if _truth(predicate({**scope, name: item}))]


def _mapped(source: Code, name: str, *codes: Code) -> Code:
    predicate, change = codes if len(codes) > 1 else (None, codes[0])

    def run(scope: Scope) -> list[Any]:
        scopes = ({**scope, name: item} for item in _items(source(scope)))
        return [change(inner) for inner in scopes if predicate is None or _truth(predicate(inner))]

    return run


_MACROS: dict[tuple[str, int], Callable[..., Code]] = {
    ("all", 2): _all,
    ("exists", 2): _exists,
    ("exists_one", 2): _exists_one,
    ("existsOne", 2): _exists_one,
    ("filter", 2): _filter,
    ("map", 2): _mapped,
    ("map", 3): _mapped,
}


class Program:
    """A compiled expression.

    Attributes:
        uses_old: Whether it looks at ``oldSelf``.
        fields: The fields of ``self`` that it looks at; None where it looks at ``self`` as a whole.
    """

    def __init__(self, text: str) -> None:
        node = parse(text)
        self._run = _Compiler().code(node)
        self.uses_old = _mentions(node, "oldSelf")
        fields: set[str] = set()
        self.fields = frozenset(fields) if _only_fields(node, fields) else None

    def evaluate(self, value: Any, old: Any = None) -> Any:
        """The expression's value.

        Args:
            value: What ``self`` means.
            old: What ``oldSelf`` means.

        Raises:
            CelError: It has none.
        """
        return self._run({"self": value, "oldSelf": old})


def _mentions(node: Any, name: str) -> bool:
    if not isinstance(node, Node):
        return False
    return (node.kind == "name" and node.value == name) or any(_mentions(part, name) for part in node.parts)


def _only_fields(node: Any, fields: set[str]) -> bool:
    """Whether ``self`` is only used to reach its fields, which are collected."""
    if not isinstance(node, Node):
        return True
    if node.kind == "select" and node.parts[0] == Node("name", "self"):
        fields.add(node.value)
        return True
    return node != Node("name", "self") and all(_only_fields(part, fields) for part in node.parts)


@cache
def compile_rule(text: str) -> Program:
    """Compile an expression; the same text is compiled once a process.

    Raises:
        CelError: It is no CEL.
        UnsupportedError: It uses something that isn't implemented here.
    """
    return Program(text)
