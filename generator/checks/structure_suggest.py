"""Did you mean: the nearest right key, and the places where a misplaced key would be right."""

from __future__ import annotations

from collections import deque
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from generator.checks.structure_metadata import METADATA_FIELDS
from generator.documents import format_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.structure_problem import Path
    from generator.schemas import Schema

_MAX_NODES = 3000
"""Nodes looked at for one key; KServe's largest kind has about this many within the depth below."""
_MAX_DEPTH = 8
_MAX_PLACES = 3
_LIKENESS = 0.72
"""From here on two keys are taken as the same with a slip; found by looking at the misspelt fields of the corpus."""

_ROOT_FIELDS = ("apiVersion", "kind", "metadata")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like another; None where none is like it.

    Case, hyphens and underscores count for nothing, a plural's ``s`` for little.
    """

    def bare(text: str) -> str:
        return text.lower().replace("-", "").replace("_", "")

    wanted = bare(word)
    best, best_likeness = None, _LIKENESS
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for candidate in sorted(known):
        matcher.set_seq1(bare(candidate))
        if matcher.real_quick_ratio() < best_likeness or matcher.quick_ratio() < best_likeness:
            continue
        likeness = matcher.ratio()
        if likeness > best_likeness or (likeness == best_likeness and best is None):
            best, best_likeness = candidate, likeness
    return best


def _fields(schema: Schema, path: Path) -> Iterable[str]:
    if not path:
        return (*schema.properties, *_ROOT_FIELDS)
    if path == ("metadata",):
        return METADATA_FIELDS
    return schema.properties


def _below(schema: Schema, path: Path) -> Iterator[tuple[Path, Schema]]:
    """The schema's descendants, nearest first; list items show as ``[0]``'s place without a number."""
    waiting = deque([(path, schema)])
    seen = 0
    while waiting and seen < _MAX_NODES:
        place, node = waiting.popleft()
        yield place, node
        seen += 1
        if len(place) - len(path) >= _MAX_DEPTH:
            continue
        waiting.extend(((*place, name), child) for name, child in node.properties.items() if name != "status")
        if node.items is not None:
            waiting.append(((*place, -1), node.items))


def _shown(path: Path) -> str:
    return format_path(path).replace("[-1]", "[]")


def elsewhere(key: str, path: Path, root: Schema) -> tuple[str, ...]:
    """Where in the same object the schema knows a key, nearest to its present place first.

    Args:
        key: The key that is unknown where it stands.
        path: The mapping in which it stands.
        root: The schema of the whole object.

    Returns:
        At most three paths, such as ``spec.predictor.containers[].image``.
    """
    nodes = [root]
    for part in path:
        child = nodes[-1].child(part)
        if child is None:
            break
        nodes.append(child)
    found: dict[str, None] = {}
    if key in METADATA_FIELDS and path != ("metadata",):
        found[f"metadata.{key}"] = None
    for depth in range(min(len(nodes) - 1, len(path)), -1, -1):
        place = path[:depth]
        for below, node in _below(nodes[depth], place):
            if below != path and key in _fields(node, below):
                found.setdefault(_shown((*below, key)))
                if len(found) >= _MAX_PLACES:
                    return tuple(found)
    return tuple(found)
