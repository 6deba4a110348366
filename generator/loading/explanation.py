"""How a service comes together, for people: what each layer lays over the one below it, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding.exact import NOT_TEXT, shown
from generator.decoding.nodes import Mapping, Node, Scalar, Sequence, overlay, parse, says_nothing
from generator.loading import defaults, environments
from generator.loading.assignments import assign
from generator.loading.load import read_text
from generator.text import yaml as yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Where = tuple[str | int, ...]

RULES = "Mappings are laid over key by key; a list or a value replaces what was there; null takes a key away."
WIDEST = 70
"""From here on a value pushes its place to the right instead of widening the column for all."""


class Fate(Enum):
    """What becomes of a path where one layer lies over another, in the word that stands in the text."""

    KEPT = "kept"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    SAME = "same"
    ABSENT = "absent"


@dataclass(frozen=True)
class Change:
    """One path, and what becomes of it.

    Attributes:
        old: What the lower layer says, None where it is silent.
        new: What the upper layer says, a null for what it takes away; None where it is silent.
    """

    fate: Fate
    path: Where
    old: Node | None
    new: Node | None

    @property
    def what(self) -> str:
        """Path and value; of a change the old value and the new."""
        values = [_flow(node) for node in self._values() if node is not None]
        return f"{shown(self.path)}: {' -> '.join(values)}" if values else shown(self.path)

    @property
    def where(self) -> str:
        """Where the values stand."""
        old, new = _place(self.old), _place(self.new)
        match self.fate:
            case Fate.CHANGED:
                return f"{old} -> {new}"
            case Fate.REMOVED:
                return f"{old}, by {new}"
            case Fate.SAME:
                return f"{old}, again {new}"
            case Fate.ABSENT:
                return f"{new}, nothing to take away"
            case Fate.KEPT | Fate.ADDED:
                return old or new

    def _values(self) -> tuple[Node | None, ...]:
        if self.fate is Fate.CHANGED:
            return self.old, self.new
        return (self.new,) if self.fate is Fate.ADDED else (self.old,)


def explain(file: str | Path, environment: str, sets: Iterable[str] = ()) -> str:
    """What the repository's defaults, an environment and ``--set`` make of a service file.

    Args:
        file: The service file's path.
        environment: The name of one of its environments.
        sets: Texts ``path=text``.

    Returns:
        A text with a section a layer; the same files give the same text.

    Raises:
        InputError: A file or an assignment is wrong, or there is no such environment. Nobody has looked whether what
            comes out is a service.
        OutsideError: A file can't be read.
    """
    path, name = Path(file), str(file)
    root = parse(read_text(path), name)
    under = defaults.of(path.parent)
    differences = environments.chosen(root, name, environment)
    sections = [f"{name}, environment {environment}\n{RULES}\n"]
    if under is not None and under.tree.items:
        sections.append(_section(f"{name} over [service] of {under.tree.file}", _filled_in(under.tree, root)))
    below = root if under is None else under.filled_in(root)
    found = () if differences is None else changes(below, differences)
    sections.append(_section(f"environment {environment} over {name}", found))
    tree = laid = below if differences is None else overlay(below, differences)
    for assignment in sets:
        tree = assign(tree, assignment)
    if tree is not laid:
        sections.append(_section(f"--set over environment {environment}", changes(laid, tree)))
    return "\n".join(sections)


def changes(base: Node | None, over: Node, path: Where = ()) -> Iterator[Change]:
    """What ``over`` changes where it is laid on ``base``, in the order in which it says it."""
    below = None if base is None or says_nothing(base) else base
    if over is base:
        return
    if isinstance(over, Mapping) and (isinstance(below, Mapping) or (below is None and over.items)):
        known = below.items if isinstance(below, Mapping) else {}
        for name, (key, value) in over.items.items():
            yield from changes(known.get(name, (key, None))[1], value, (*path, name))
    elif says_nothing(over):
        if below is None:
            yield Change(Fate.ABSENT, path, None, over)
        else:
            yield from (Change(Fate.REMOVED, where, leaf, over) for where, leaf in _leaves(below, path))
    elif below is None:
        yield Change(Fate.ADDED, path, None, over)
    else:
        new = overlay(None, over)
        yield Change(Fate.SAME if _flow(below) == _flow(new) else Fate.CHANGED, path, below, new)


def _filled_in(base: Mapping, file: Mapping, path: Where = ()) -> Iterator[Change]:
    """What becomes of defaults under a file; what only the file says is no news."""
    for name, (_, value) in base.items.items():
        here = (*path, name)
        if name not in file.items:
            yield from (Change(Fate.KEPT, where, leaf, None) for where, leaf in _leaves(value, here))
            continue
        _, over = file.items[name]
        if isinstance(value, Mapping) and isinstance(over, Mapping):
            yield from _filled_in(value, over, here)
        else:
            yield from changes(value, over, here)


def _leaves(node: Node, path: Where) -> Iterator[tuple[Where, Node]]:
    """The values below a node: all but mappings with something in them."""
    if isinstance(node, Mapping) and node.items:
        for name, (_, value) in node.items.items():
            yield from _leaves(value, (*path, name))
    else:
        yield path, node


def _section(title: str, found: Iterable[Change]) -> str:
    """A layer's changes, in columns."""
    rows = [(change.fate.value, change.what, change.where) for change in found]
    wide = max((len(what) for _, what, _ in rows if len(what) <= WIDEST), default=0)
    lines = [f"  {word:7}  {what:{wide}}  {where}" for word, what, where in rows] or ["  changes nothing"]
    return "\n".join([f"{title}:", *lines, ""])


def _flow(node: Node) -> str:
    """A value on one line, as YAML."""
    if isinstance(node, Mapping):
        inside = ", ".join(f"{_text(name)}: {_flow(value)}" for name, (_, value) in node.items.items())
        return f"{{{inside}}}"
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_flow, node.items))}]"
    if not isinstance(node, Scalar):
        return node.says()
    return node.text or "null" if node.plain and NOT_TEXT.match(node.text) else _text(node.text)


def _text(text: str) -> str:
    # Half a pair of surrogates can't be printed, and a file may hold one in escaped form.
    return yaml_text.scalar(text.encode("utf-8", "backslashreplace").decode())


def _place(node: Node | None) -> str:
    """``file:line``; the option itself for what the command line says."""
    if node is None:
        return ""
    return f"{node.file}:{node.line}" if node.line else node.file
