"""Objects as YAML with a comment behind the lines that ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.text.yaml import Yaml, scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Path = tuple[str | int, ...]


def block(value: Any, comment: Callable[[Path], str]) -> Yaml:
    """A mapping or list in block form, as ``generator.text.yaml.block`` writes it but for the comments.

    Args:
        value: A dict with str keys, or a list; nested as you like.
        comment: What is said of a place; nothing for most. A line break in it becomes a blank.

    Raises:
        TypeError, ValueError: As ``generator.text.yaml.scalar``.
    """
    return Yaml("\n".join(_lines(value, (), comment)))


def _lines(value: Any, path: Path, comment: Callable[[Path], str]) -> Iterator[str]:
    """The lines of a mapping or a list that isn't empty, without indentation."""
    if isinstance(value, dict):
        for key, each in value.items():
            below = (*path, key)
            said = _said(comment(below))
            if isinstance(each, (dict, list)) and each:
                yield f"{scalar(key)}:{said}"
                yield from (f"  {line}" for line in _lines(each, below, comment))
            else:
                yield f"{scalar(key)}: {_single(each)}{said}"
    else:
        for number, each in enumerate(value):
            below = (*path, number)
            said = _said(comment(below))
            if isinstance(each, (dict, list)) and each:
                if said:
                    yield f"-{said}"
                first = "  " if said else "- "
                for line in _lines(each, below, comment):
                    yield f"{first}{line}"
                    first = "  "
            else:
                yield f"- {_single(each)}{said}"


def _single(value: Any) -> str:
    if value is None:
        return "null"
    return "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else scalar(value)


def _said(words: str) -> str:
    """The comment; what no file can hold, or turns the direction of writing, becomes a question mark."""
    flat = "".join(each if each.isprintable() else "?" for each in " ".join(words.split()))
    return f"  # {flat}" if flat else ""
