"""Go's text templates, as far as platforms use them in their settings: fields, functions, ``if`` and its ``else``.

https://pkg.go.dev/text/template. What isn't understood raises: a value that might be wrong is worse than none.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Lookup = Callable[[tuple[str, ...]], Any]
"""From the names of a field (``Spec``, ``Model``) to its value; None for Go's nil, KeyError where there is no such."""
Functions = Mapping[str, Callable[..., Any]]

_ACTION = re.compile(r"\{\{(-(?=\s))?\s*(.*?)\s*((?<=\s)-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r'\s*(?:(`[^`]*`|"(?:[^"\\]|\\.)*")|(-?\d+)(?![\w.])|(\.[A-Za-z_][\w.]*)|([A-Za-z_]\w*)|([()]))', re.ASCII
)


class TemplateError(ValueError):
    """A template can't be read, names what isn't there, or does what isn't known here."""


class _Field(NamedTuple):
    names: tuple[str, ...]


class _Literal(NamedTuple):
    value: Any


class _Call(NamedTuple):
    name: str
    arguments: tuple[Any, ...]


class _Branch(NamedTuple):
    condition: Any
    then: tuple[Any, ...]
    otherwise: tuple[Any, ...]


def filled(text: str, lookup: Lookup, functions: Functions | None = None, *, in_json: bool = False) -> str:
    """A template with its values in place.

    Args:
        text: The template.
        lookup: The data.
        functions: Those beyond Go's own.
        in_json: Whether Go sees it within JSON, where a line's end is two letters: none of the blanks that ``{{-``
            and ``-}}`` take away.

    Raises:
        TemplateError: It can't be filled.
    """
    if "{{" not in text:
        return text
    return "".join(_written(_parsed(text, " " if in_json else None), lookup, functions or {}))


def fields(text: str) -> frozenset[tuple[str, ...]]:
    """The fields that a template names anywhere.

    Raises:
        TemplateError: It can't be read.
    """
    found: set[tuple[str, ...]] = set()
    _collect(_parsed(text), found)
    return frozenset(found)


def _collect(nodes: Sequence[Any], found: set[tuple[str, ...]]) -> None:
    for node in nodes:
        if isinstance(node, _Field):
            found.add(node.names)
        elif isinstance(node, _Call):
            _collect(node.arguments, found)
        elif isinstance(node, _Branch):
            _collect((node.condition, *node.then, *node.otherwise), found)


@functools.lru_cache(maxsize=1024)
def _parsed(text: str, blanks: str | None = None) -> tuple[Any, ...]:
    parts = _parts(text, blanks)
    nodes, at, end = _block(parts, 0)
    if end or at != len(parts):
        raise TemplateError(f"a template has '{end or 'a part'}' too many")
    return nodes


def _parts(text: str, blanks: str | None) -> list[str | tuple[str]]:
    """Texts, and actions as tuples of one; the blanks that ``{{-`` and ``-}}`` take away are gone."""
    parts: list[str | tuple[str]] = []
    at, trim = 0, False
    for found in _ACTION.finditer(text):
        piece = text[at : found.start()]
        piece = piece.lstrip(blanks) if trim else piece
        piece = piece.rstrip(blanks) if found[1] else piece
        if piece:
            parts.append(piece)
        if not found[2].startswith("/*"):
            parts.append((found[2],))
        at, trim = found.end(), bool(found[3])
    rest = text[at:].lstrip(blanks) if trim else text[at:]
    if "{{" in rest:
        raise TemplateError("an action isn't closed")
    return [*parts, rest] if rest else parts


def _block(parts: Sequence[str | tuple[str]], at: int) -> tuple[tuple[Any, ...], int, str]:
    """The nodes from a part on, up to the ``else`` or ``end`` that closes them, or to the end of all."""
    nodes: list[Any] = []
    while at < len(parts):
        part = parts[at]
        at += 1
        if isinstance(part, str):
            nodes.append(part)
            continue
        word, _, rest = part[0].partition(" ")
        if word in ("else", "end"):
            return tuple(nodes), at, part[0]
        if word == "if":
            branch, at = _branch(parts, at, rest)
            nodes.append(branch)
        else:
            nodes.append(_expression(part[0]))
    return tuple(nodes), at, ""


def _branch(parts: Sequence[str | tuple[str]], at: int, condition: str) -> tuple[_Branch, int]:
    then, at, end = _block(parts, at)
    otherwise: tuple[Any, ...] = ()
    if end.startswith("else if "):
        inner, at = _branch(parts, at, end.removeprefix("else if "))
        return _Branch(_expression(condition), then, (inner,)), at
    if end == "else":
        otherwise, at, end = _block(parts, at)
    if end != "end":
        raise TemplateError("an 'if' has no 'end'")
    return _Branch(_expression(condition), then, otherwise), at


def _expression(text: str) -> Any:
    tokens: list[re.Match[str]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise TemplateError(f"'{text}' isn't understood")
        tokens.append(found)
        at = found.end()
    value, rest = _operands(tokens, text)
    if rest:
        raise TemplateError(f"'{text}' isn't understood")
    return value


def _operands(tokens: list[re.Match[str]], text: str) -> tuple[Any, list[re.Match[str]]]:
    """A call with its arguments, or a single value; and what follows the closing bracket."""
    operands: list[Any] = []
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        if token[5] == ")":
            break
        if token[5] == "(":
            inner, tokens = _operands(tokens, text)
            operands.append(inner)
        else:
            operands.append(_operand(token))
    if not operands:
        raise TemplateError(f"'{text}' says nothing")
    if isinstance(operands[0], _Call):
        return _Call(operands[0].name, (*operands[0].arguments, *operands[1:])), tokens
    if len(operands) > 1:
        raise TemplateError(f"'{text}' isn't understood")
    return operands[0], tokens


def _operand(token: re.Match[str]) -> Any:
    quoted, number, field, word = token.group(1, 2, 3, 4)
    if quoted:
        return _Literal(quoted[1:-1])
    if number:
        return _Literal(int(number))
    if field:
        return _Field(tuple(field.strip(".").split(".")))
    if word in ("true", "false", "nil"):
        return _Literal({"true": True, "false": False, "nil": None}[word])
    return _Call(word, ())


def _written(nodes: Sequence[Any], lookup: Lookup, functions: Functions) -> list[str]:
    out: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif isinstance(node, _Branch):
            chosen = node.then if _value(node.condition, lookup, functions) else node.otherwise
            out.extend(_written(chosen, lookup, functions))
        else:
            out.append(_shown(_value(node, lookup, functions)))
    return out


def _shown(value: Any) -> str:
    """A value as Go prints it."""
    if value is None:
        return "<no value>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(node: Any, lookup: Lookup, functions: Functions) -> Any:
    if isinstance(node, _Literal):
        return node.value
    if isinstance(node, _Field):
        try:
            return lookup(node.names)
        except KeyError:
            raise TemplateError(f".{'.'.join(node.names)} isn't there") from None
    return _called(node, lookup, functions)


def _called(node: _Call, lookup: Lookup, functions: Functions) -> Any:
    if node.name in ("or", "and"):
        # Both stop at the first argument that decides, as Go's do.
        value: Any = None
        for argument in node.arguments:
            value = _value(argument, lookup, functions)
            if bool(value) == (node.name == "or"):
                break
        return value
    function = functions.get(node.name) or _OWN.get(node.name)
    if function is None:
        raise TemplateError(f"the function '{node.name}' isn't known")
    try:
        return function(*(_value(argument, lookup, functions) for argument in node.arguments))
    except (TypeError, LookupError) as error:
        raise TemplateError(f"'{node.name}' can't take its arguments") from error


def _index(whole: Any, *keys: Any) -> Any:
    for key in keys:
        whole = whole.get(key, "") if isinstance(whole, dict) else whole[key]
    return whole


_OWN: Functions = {
    "not": lambda value: not value,
    "eq": lambda value, *others: value in others,
    "ne": lambda value, other: value != other,
    "index": _index,
}
