"""Did you mean: the nearest right key, and the places where a misplaced key would be right."""

from __future__ import annotations

from collections import deque
from difflib import SequenceMatcher
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from generator.checks.structure.metadata import METADATA_FIELDS
from generator.reading.documents import format_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.structure.problem import Path
    from generator.schemas import Schema

_MAX_NODES = 3000
"""Nodes looked at for one key; KServe's largest kind has about this many within the depth below."""
_MAX_DEPTH = 8
_MAX_PLACES = 3
_ENOUGH = 12
"""Candidates after which no place further away is looked for."""
_ANY = -1
"""Stands for the index of any item in a path."""
_LIKENESS = 0.8
"""From here on two keys are taken as the same with a slip; found by looking at the misspelt fields of the corpus."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like another; None where none is like it, or the word itself is known.

    Case, hyphens and underscores count for nothing, a plural's ``s`` for little.
    """

    def bare(text: str) -> str:
        return text.lower().replace("-", "").replace("_", "")

    names = sorted(known)
    if word in names:
        return None
    wanted = bare(word)
    best, best_likeness = None, _LIKENESS
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for candidate in names:
        matcher.set_seq1(bare(candidate))
        if matcher.real_quick_ratio() < best_likeness or matcher.quick_ratio() < best_likeness:
            continue
        likeness = matcher.ratio()
        if likeness > best_likeness or (likeness == best_likeness and best is None):
            best, best_likeness = candidate, likeness
    return best


@cache
def _names(schema: Schema) -> frozenset[str]:
    """All fields that a schema or one below it knows; no status, which nobody writes."""
    children = [child for name, child in schema.properties.items() if name != "status"]
    children += [schema.items] if schema.items else []
    return frozenset(schema.properties).union(*(_names(child) for child in children))


def _holding(key: str, schema: Schema, path: Path) -> Iterator[Path]:
    """The mappings at or below a place whose schema knows a key, nearest first."""
    waiting = deque([(path, schema)])
    seen = 0
    while waiting and seen < _MAX_NODES:
        place, node = waiting.popleft()
        seen += 1
        if key in node.properties:
            yield place
        if len(place) - len(path) >= _MAX_DEPTH:
            continue
        for name, child in node.properties.items():
            if name != "status" and key in _names(child):
                waiting.append(((*place, name), child))
        if node.items is not None and key in _names(node.items):
            waiting.append(((*place, _ANY), node.items))


def _missing(path: Path, data: Any) -> int:
    """How many parts of a path the object doesn't have yet; one that it has is the likelier place."""
    values = [data]
    for depth, part in enumerate(path):
        if part == _ANY:
            values = [item for value in values if isinstance(value, list) for item in value]
        else:
            values = [value[part] for value in values if isinstance(value, dict) and part in value]
        if not values:
            return len(path) - depth
    return 0


def elsewhere(key: str, path: Path, root: Schema, data: dict[str, Any]) -> tuple[str, ...]:
    """Where in the same object the schema knows a key: places that the object has first, then the nearest.

    Args:
        key: The key that is unknown where it stands.
        path: The mapping in which it stands.
        root: The schema of the whole object.
        data: The whole object.

    Returns:
        At most three paths, such as ``spec.predictor.containers[].image``.
    """
    nodes = [root]
    for part in path:
        child = nodes[-1].child(part)
        if child is None:
            break
        nodes.append(child)
    found: dict[Path, None] = {}
    metadata = data.get("metadata")
    if key in METADATA_FIELDS and path != ("metadata",) and not (isinstance(metadata, dict) and key in metadata):
        found["metadata", key] = None
    for depth in range(len(nodes) - 1, -1, -1):
        for place in islice(_holding(key, nodes[depth], path[:depth]), _ENOUGH):
            if place != path:
                found.setdefault((*place, key))
        if len(found) >= _ENOUGH:
            break
    ranked = sorted(found, key=lambda place: _missing(place[:-1], data))
    alike = {tuple(_ANY if isinstance(part, int) else part for part in place): place for place in reversed(ranked)}
    kept = [place for place in ranked if place in alike.values()]
    return tuple(format_path(place).replace(f"[{_ANY}]", "[]") for place in kept[:_MAX_PLACES])
