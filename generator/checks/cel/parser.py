"""From the text of a CEL expression to a syntax tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.cel.values import INT_MAX, CelError, UInt, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEPTH = 250
"""Nesting of parentheses and the like (``MaxRecursionDepth`` of cel-go's parser); Python's stack ends before."""
_LONGEST = 100_000
"""Characters of an expression (``expressionSizeCodePointLimit`` of cel-go)."""
_MOST_DIGITS = 20
"""Of an integer; a uint64 has no more."""

_TOKEN = re.compile(
    r"""
    (?P<space>(?:\s|//[^\n]*)+)
  | (?P<string>(?:[rR][bB]?|[bB][rR]?)?
      (?:\"{3}.*?(?<!\\)\"{3}|'{3}.*?(?<!\\)'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
  | (?P<open>(?:[rR][bB]?|[bB][rR]?)?(?:\"{3}|'{3}))
  | (?P<raw>[rR](?:"[^"\n]*"|'[^'\n]*'))
  | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<int>0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<mark>\|\||&&|==|!=|<=|>=|\.\?|\[\?|[-+*/%!<>?:.,()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_WORDS = {"true": True, "false": False, "null": None}
_LOGICAL = 2
"""How many of the following are logical."""
_BINARY = (("||",), ("&&",), ("<", "<=", ">", ">=", "==", "!=", "in"), ("+", "-"), ("*", "/", "%"))


class Node(NamedTuple):
    """One node.

    Attributes:
        kind: ``literal``, ``name``, ``select``, ``index``, ``call``, ``list``, ``map``, ``unary``, ``binary``,
            ``choice``.
        value: The literal, the name, the operator.
        parts: The nodes below; for a call its receiver (or None) first.
        optional: Whether the access is an optional one (``a.?b``, ``a[?b]``).
    """

    kind: str
    value: Any
    parts: tuple[Any, ...] = ()
    optional: bool = False


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > _LONGEST:
        raise CelError(f"expression code point size exceeds limit: size: {len(text)}, limit {_LONGEST}")
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or not match.lastgroup:
            raise CelError(f"'{text[at : at + 10]}' is no CEL")
        if match.lastgroup == "open":
            raise CelError("the quotes that begin a text aren't closed")
        if match.lastgroup != "space":
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return [*found, ("end", "")]


def _unescaped(text: str, *, as_bytes: bool) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code or match[4]:
            return chr(int(code, 16) if code else int(match[4], 8))
        return _ESCAPES.get(match[5], match[5])

    plain = _ESCAPE.sub(one, text)
    return plain.encode().decode("latin-1") if as_bytes and not plain.isascii() else plain


def _string(text: str) -> str | bytes:
    prefix = re.match(r"[rRbB]*", text)
    flags = prefix[0].lower() if prefix else ""
    body = text[len(flags) :]
    width = 3 if body[:3] in ('"""', "'''") and len(body) > 5 else 1  # noqa: PLR2004 (two triple quotes)
    inner = body[width:-width]
    plain = inner if "r" in flags else _unescaped(inner, as_bytes="b" in flags)
    return plain.encode("latin-1") if "b" in flags else plain


def _integer(text: str) -> int:
    digits = text.rstrip("uU")
    if len(digits.removeprefix("0x").lstrip("0")) > _MOST_DIGITS:
        raise CelError("integer overflow")
    value = int(digits, 16 if digits.startswith("0x") else 10)
    if value > INT_MAX + 1:
        raise CelError("integer overflow")
    return UInt(value) if digits != text else value


_LITERALS: dict[str, Callable[[str], Any]] = {"string": _string, "raw": _string, "float": float, "int": _integer}


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def _peek(self) -> str:
        kind, text = self._tokens[self._at]
        return text if kind in ("mark", "name") else ""

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, *marks: str) -> str:
        if self._peek() in marks and self._tokens[self._at][0] != "end":
            return self._take()[1]
        return ""

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise CelError(f"'{mark}' is missing before '{self._tokens[self._at][1]}'")

    def refuse_depth(self) -> None:
        """Refuse what Kubernetes' parser does, before Python's stack ends.

        Raises:
            CelError: It is nested too deep.
        """
        depth = 0
        for kind, mark in self._tokens:
            if kind == "mark":
                depth += (mark[0] in "([{") - (mark in (")", "]", "}"))
            if depth > _MAX_DEPTH:
                raise CelError(f"the expression is nested deeper than {_MAX_DEPTH} levels")

    def whole(self) -> Node:
        """The whole expression."""
        node = self._expression()
        if self._tokens[self._at][0] != "end":
            raise CelError(f"'{self._tokens[self._at][1]}' stands where the expression should end")
        return node

    def _expression(self) -> Node:
        condition = self._binary(0)
        if self._accept("?"):
            yes = self._binary(0)
            self._expect(":")
            condition = Node("choice", None, (condition, yes, self._expression()))
        return condition

    def _binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self._unary()
        if level < _LOGICAL:
            return self._chain(level)
        left = self._binary(level + 1)
        while operator := self._accept(*_BINARY[level]):
            left = Node("binary", operator, (left, self._binary(level + 1)))
        return left

    def _chain(self, level: int) -> Node:
        """``a && b && …``: a balanced tree, as cel-go builds it, since the order of its parts doesn't matter."""
        operator = _BINARY[level][0]
        parts = [self._binary(level + 1)]
        while self._accept(operator):
            parts.append(self._binary(level + 1))
        while len(parts) > 1:
            pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
            parts = [Node("binary", operator, tuple(pair)) if len(pair) > 1 else pair[0] for pair in pairs]
        return parts[0]

    def _unary(self) -> Node:
        """Of several signs each two cancel one another out, as cel-go's parser has it."""
        operator = self._accept("!", "-")
        if not operator:
            return self._member()
        count = 1
        while self._accept(operator):
            count += 1
        node = self._member()
        return Node("unary", operator, (node,)) if count % 2 else node

    def _member(self) -> Node:
        node = self._primary()
        while mark := self._accept(".", ".?", "[", "[?"):
            if mark in ("[", "[?"):
                inner = self._expression()
                self._expect("]")
                node = Node("index", None, (node, inner), optional=mark == "[?")
                continue
            kind, name = self._take()
            if kind != "name":
                raise CelError(f"'{name}' is no name of a field")
            if mark == "." and self._accept("("):
                node = Node("call", name, (node, *self._list(")")))
            else:
                node = Node("select", name, (node,), optional=mark == ".?")
        return node

    def _list(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._accept(end):
            if items:
                self._expect(",")
                if self._accept(end):
                    break
            items.append(self._expression())
        return tuple(items)

    def _map(self) -> Node:
        pairs: list[Node] = []
        while not self._accept("}"):
            if pairs:
                self._expect(",")
            pairs.append(self._expression())
            self._expect(":")
            pairs.append(self._expression())
        return Node("map", None, tuple(pairs))

    def _named(self, text: str) -> Node:
        if text in _WORDS:
            return Node("literal", _WORDS[text])
        if self._accept("("):
            return Node("call", text, (None, *self._list(")")))
        if self._peek() == "{":
            raise UnsupportedError(f"the construction of a message ({text})")
        return Node("name", text)

    def _primary(self) -> Node:
        kind, text = self._take()
        if kind == "name":
            return self._named(text)
        if kind in _LITERALS:
            return Node("literal", _LITERALS[kind](text))
        if text == "(":
            node = self._expression()
            self._expect(")")
            return node
        if text == "[":
            return Node("list", None, self._list("]"))
        if text == "{":
            return self._map()
        raise CelError(f"'{text or 'the end'}' stands where a value should")


def parse(text: str) -> Node:
    """The syntax tree of an expression.

    Raises:
        CelError: It is no CEL.
        UnsupportedError: It builds a message, which Kubernetes' rules never do.
    """
    parser = _Parser(text)
    parser.refuse_depth()
    return parser.whole()
