"""From a syntax tree to a function."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from generator.checks.cel.closures import BINARY, application, comparison
from generator.checks.cel.cost import BUDGET, ROUND, Budget, cost_of
from generator.checks.cel.functions import FUNCTIONS, NAMESPACES, TYPES
from generator.checks.cel.macros import MACROS, Rounds, logical
from generator.checks.cel.operators import (
    COMPARISONS,
    arithmetic,
    field_of,
    has_field,
    item_of,
    truth,
)
from generator.checks.cel.parser import Node, parse
from generator.checks.cel.values import (
    CelError,
    Optional,
    UInt,
    UnsupportedError,
    Unusable,
    checked,
    is_number,
    type_name,
    usable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.checks.cel.macros import Code, Scope

_VARIABLES = frozenset(("self", "oldSelf"))


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

        def run(scope: Scope) -> Any:
            value = inner(scope)
            found = value.get(name) if type(value) is dict else None
            # A null, what has no form in CEL, and what is missing take the long way.
            return field_of(value, name) if found is None or type(found) is Unusable else found

        def run_optional(scope: Scope) -> Optional:
            value = inner(scope)
            value = value.value if isinstance(value, Optional) else value
            return Optional(value[name], present=True) if has_field(value, name) else Optional()

        return run_optional if node.optional else run

    def _index(self, node: Node) -> Code:
        inner, index = (self.code(part) for part in node.parts)
        if not node.optional:
            return lambda scope: item_of(inner(scope), index(scope))

        def run(scope: Scope) -> Optional:
            value = inner(scope)
            value = value.value if isinstance(value, Optional) else value
            try:
                return Optional(item_of(value, index(scope)), present=True)
            except CelError:
                return Optional()

        return run

    def _list(self, node: Node) -> Code:
        if node.parts and all(part.kind == "literal" for part in node.parts):
            constant = [part.value for part in node.parts]
            return lambda _: constant
        parts = [self.code(part) for part in node.parts]
        return lambda scope: [part(scope) for part in parts]

    def _map(self, node: Node) -> Code:
        parts = [self.code(part) for part in node.parts]
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        return lambda scope: {key(scope): value(scope) for key, value in pairs}

    def _unary(self, node: Node) -> Code:
        inner = self.code(node.parts[0])
        if node.value == "!":
            return lambda scope: not truth(inner(scope))

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
            return logical(operator, left, right)
        if operator in COMPARISONS:
            return comparison(operator, left, right)
        if operator in BINARY:
            return BINARY[operator](left, right)
        return lambda scope: arithmetic(operator, left(scope), right(scope))

    def _choice(self, node: Node) -> Code:
        condition, yes, no = (self.code(part) for part in node.parts)

        def run(scope: Scope) -> Any:
            found = condition(scope)
            return yes(scope) if found is True or truth(found) else no(scope)

        return run

    def _call(self, node: Node) -> Code:
        receiver, *arguments = node.parts
        if receiver is None and node.value == "has" and len(arguments) == 1:
            return self._has(arguments[0])
        if receiver is not None and (node.value, len(arguments)) in MACROS:
            return self._macro(node)
        if receiver is not None and receiver.kind == "name" and receiver.value in NAMESPACES:
            name, parts = f"{receiver.value}.{node.value}", arguments
        else:
            name, parts = node.value, [receiver, *arguments] if receiver is not None else arguments
        if name not in FUNCTIONS:
            raise UnsupportedError(f"the function {name}")
        return application(name, FUNCTIONS[name], [self.code(part) for part in parts])

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
        rounds = Rounds(variable.value, ROUND + sum(map(cost_of, bodies)))
        return MACROS[node.value, 1 + len(bodies)](source, rounds, *codes)


class Program:
    """A compiled expression.

    Attributes:
        uses_old: Whether it looks at ``oldSelf``.
        fields: The fields of ``self`` that it looks at; None where it looks at ``self`` as a whole.
    """

    def __init__(self, text: str) -> None:
        try:
            node = parse(text)
            self._run = _Compiler().code(node)
            self.uses_old = _mentions(node, "oldSelf")
            fields: set[str] = set()
            self.fields = frozenset(fields) if _only_fields(node, fields) else None
        except RecursionError:
            raise UnsupportedError("an expression this long") from None

    def evaluate(self, value: Any, old: Any = None, budget: Budget | None = None) -> Any:
        """The expression's value.

        Args:
            value: What ``self`` means.
            old: What ``oldSelf`` means.
            budget: What it may cost, together with others on the same object; None for a new one.

        Raises:
            CelError: It has none.
            CostError: It costs too much.
            UnsupportedError: It uses something that isn't implemented here.
        """
        spent = budget or Budget()
        spent.begin()
        try:
            return self._run({"self": value, "oldSelf": old, BUDGET: spent})
        except RecursionError:
            raise UnsupportedError("values that are nested this deep") from None


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
