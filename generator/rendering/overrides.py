"""Templates of the user's own, in the place of ours: whether one is concerned, and whether its outcome is the object.

Ours are tested; what comes out of another's is read once, before it is written anywhere.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import jinja2
from jinja2 import meta
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from generator.errors import InputError, Place
from generator.reading.documents import Broken, read
from generator.rendering.templating import builtin_templates, environment_of, fill
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.platforms.base import Sheet
    from generator.reading.documents import Document

_OPEN, _CLOSE = "\ue000", "\ue001"
_SEPARATOR = re.compile(r"\A((?:[ \t]*(?:#[^\n]*)?\n)*)---[ \t]*\n")
"""What may stand before the one document, and would make an empty one of our comment before it."""
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*):([0-9]+){_CLOSE}")


@functools.cache
def concern(folder: Path, template: str) -> bool:
    """Whether a template, or one that it includes, is taken from a folder of overrides."""
    return any((folder / name).is_file() for name in included(folder, template))


def included(folder: Path, template: str) -> frozenset[str]:
    """A template and all that it includes, as far as they are named by their names.

    Raises:
        InputError: One of them is no text in UTF-8.
        OutsideError: One of them can't be read.
    """
    environment = environment_of(folder)
    assert environment.loader is not None  # noqa: S101 (what it was made with)
    found: set[str] = set()
    waiting = [template]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            source, _, _ = environment.loader.get_source(environment, name)
            waiting += filter(None, meta.find_referenced_templates(environment.parse(source)))
        except jinja2.TemplateError:
            continue  # told when it is rendered, if it ever is
    return frozenset(found)


def hold(folder: Path, sheet: Sheet, body: str) -> str:
    """Hold what came out of a template against its sheet: it is one object, of that kind and name.

    Args:
        folder: Where the overrides are.
        sheet: What the template was filled with.
        body: What came out.

    Returns:
        The same, so that other documents can stand before and behind it.

    Raises:
        InputError: It isn't that object; at the template's line.
    """
    documents = read(body, sheet.template)
    meant = f"{sheet.kind} {sheet.name}"
    if not documents:
        raise _wrong(folder, sheet, 1, f"nothing comes out of this template, where {meant} is meant.")
    first = documents[0]
    if isinstance(first, Broken):
        shown = hidden("".join(body.split("\n")[first.line - 1 : first.line]).strip())[:60]
        message = f"what comes out for {meant} is no YAML: {first.message}, in the line {shown!r}."
        raise _wrong(folder, sheet, first.line, message)
    if len(documents) > 1:
        raise _wrong(folder, sheet, _line(documents[1]), f"several objects come out, where {meant} alone is meant.")
    for path, is_, wanted in ((("kind",), first.kind, sheet.kind), (("metadata", "name"), first.name, sheet.name)):
        if is_ != wanted:
            what = f"{'.'.join(path)} is {is_}" if is_ else f"{'.'.join(path)} is missing"
            raise _wrong(folder, sheet, _line(first, path), f"{what}, where {meant} is meant.")
    alone = _SEPARATOR.sub(r"\1", body)
    return alone if alone.endswith("\n") else f"{alone}\n"


def _line(document: Document | Broken, path: tuple[str, ...] = ()) -> int:
    return document.line if isinstance(document, Broken) else document.place(path).line or 1


def _wrong(folder: Path, sheet: Sheet, line: int, message: str) -> InputError:
    """An error at the line of the override that wrote a line of the outcome."""
    name, number = _origin(folder, sheet, line)
    ours = (builtin_templates() / name).is_file()
    fix = f"Ours, to compare: serinus templates eject {name} -o DIR." if ours else ""
    return InputError(message, fix=fix, place=Place(str(folder / name), number))


def _origin(folder: Path, sheet: Sheet, line: int) -> tuple[str, int]:
    """The override and its line that wrote a line of the outcome, or the nearest line above that one wrote.

    The template is filled once more, with a mark behind each line of a template's own text.
    """
    environment = environment_of(folder).overlay(extensions=[_Marks])
    try:
        marked = fill(environment, sheet)
    except InputError:  # a template that looks at its own text, and finds the marks
        marked = ""
    for written in reversed(marked.split("\n")[:line]):
        for name, number in _MARK.findall(written):
            if (folder / name).is_file():
                return name, int(number)
    return next(name for name in sorted(included(folder, sheet.template)) if (folder / name).is_file()), 1


class _Marks(Extension):
    """Marks each line of a template's own text with the template's name and the line's number."""

    def filter_stream(self, stream: TokenStream) -> TokenStream:
        """The tokens of a template, its text marked."""
        name = stream.name or ""
        return TokenStream(self._marked(stream, name), stream.name, stream.filename)

    def _marked(self, stream: TokenStream, name: str) -> Iterator[Token]:
        for token in stream:
            if token.type != "data":
                yield token
                continue
            *lines, rest = token.value.split("\n")
            marked = [f"{text}{_OPEN}{name}:{token.lineno + at}{_CLOSE}" for at, text in enumerate([*lines, rest])]
            # Behind the last line break nothing of this text stands: what comes there is another's line.
            yield Token(token.lineno, token.type, "\n".join(marked if rest else [*marked[:-1], ""]))
