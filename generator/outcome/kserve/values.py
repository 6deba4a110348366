"""Values out of trees, and values that follow from others and keep their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Part, value_of

if TYPE_CHECKING:
    from generator.outcome.part import Tree


def whole(tree: Tree) -> int | None:
    """A whole number out of a tree; None where there is none."""
    found = value_of(tree)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def words(tree: Tree) -> str:
    """A text out of a tree; empty where there is none."""
    found = value_of(tree)
    return found if isinstance(found, str) else ""


def derived(source: Tree, value: object) -> Tree:
    """A value that follows from another one, with that one's origin."""
    return Part(value, source.origin) if isinstance(source, Part) else value


def spelled(tree: Tree) -> Tree:
    """A number as the text that Go makes of it (``strconv.Itoa``); None where there is none."""
    number = whole(tree)
    return None if number is None else derived(tree, str(number))
