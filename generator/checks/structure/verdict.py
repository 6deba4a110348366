"""The structural truth: what an API server with only the CRDs (no webhooks) says of a new or changed object.

The order is the server's own: strict decoding (``unknown_and_duplicate``), then nulls and defaults, metadata, values,
lists and CEL rules (``violations``). A platform's webhook stands between the two, so they are two calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.structure.change import Pair, as_applied, unchanged
from generator.checks.structure.defaults import prepared, stored
from generator.checks.structure.fast import fast_kind
from generator.checks.structure.metadata import METADATA_FIELDS, metadata_problems, unknown_metadata
from generator.checks.structure.names import generated
from generator.checks.structure.problem import Code, Path, Problem
from generator.checks.structure.rules import has_transitions, rule_problems
from generator.checks.structure.suggest import elsewhere, nearest
from generator.checks.structure.typed import typed_valid, typed_violations
from generator.checks.structure.unknown import unknown_fields
from generator.checks.structure.values import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.reading.documents import Document
    from generator.schemas import KindSchema, Schema

__all__ = [
    "UNDECODABLE",
    "Code",
    "Problem",
    "fast_pays",
    "fast_valid",
    "prepared",
    "unknown_and_duplicate",
    "violations",
]

_BLOCKING = frozenset(
    (Code.MISSING_FIELD, Code.TOO_LONG, Code.TOO_MANY_ITEMS, Code.TOO_MANY_PROPERTIES, Code.WRONG_TYPE, Code.NULL_VALUE)
)
"""After one of these the API server does not run CEL rules (``hasBlockingErr`` of k8s.io/apiextensions-apiserver)."""

UNDECODABLE = frozenset((Code.WRONG_TYPE, Code.FORMAT, Code.BELOW_MINIMUM, Code.ABOVE_MAXIMUM))
"""After one of these the API server has no object of one of its own kinds that its validation could look at."""

_REPEATED = frozenset((Code.REPEATED_ITEM, Code.REPEATED_KEY))
"""Of these none counts on an update where the old object has one, wherever it stands."""

_LET_OFF = frozenset(
    (
        *(Code.MISSING_FIELD, Code.WRONG_TYPE, Code.NULL_VALUE, Code.NOT_IN_ENUM, Code.PATTERN, Code.FORMAT),
        *(Code.BELOW_MINIMUM, Code.ABOVE_MAXIMUM, Code.NOT_A_MULTIPLE, Code.TOO_SHORT, Code.TOO_LONG),
        *(Code.TOO_FEW_ITEMS, Code.TOO_MANY_ITEMS, Code.TOO_FEW_PROPERTIES, Code.TOO_MANY_PROPERTIES),
        *(Code.NO_ALTERNATIVE, Code.SEVERAL_ALTERNATIVES, Code.FORBIDDEN_FORM),
    )
)
"""What the schema says of a value; on an update it is a warning where the value is as it was."""

_INT32_MAX = 2**31 - 1


def _known_fields(path: Path, root: Schema) -> tuple[str, ...]:
    """The fields that may stand in the mapping at a path."""
    node: Schema | None = root
    for part in path:
        node = node.child(part) if node else None
    return tuple(node.properties) if node else ()


def _unknown(path: Path, root: Schema, data: dict[str, Any]) -> Problem:
    parent, key = path[:-1], str(path[-1])
    known = tuple(METADATA_FIELDS) if parent == ("metadata",) else _known_fields(parent, root)
    values = {
        "field": key,
        "nearest": nearest(key, known),
        "elsewhere": elsewhere(key, parent, root, data),
        "known": known,
        "in_status": parent[:1] == ("status",),
    }
    return Problem(Code.UNKNOWN_FIELD, path, on_key=True, values=values)


def unknown_and_duplicate(document: Document, kind: KindSchema) -> list[Problem]:
    """What strict decoding refuses: fields that the schema doesn't know, and keys that stand twice.

    Args:
        document: As it was read.
        kind: The kind's schema in the release.
    """
    root, data = kind.schema, document.data
    unknown = [_unknown(path, root, data) for path in _unknown_paths(data, kind)]
    doubled = [
        Problem(Code.DUPLICATE_KEY, path, on_key=True, values={"field": path[-1]}) for path in document.duplicates
    ]
    return unknown + doubled


def _metadata_is_free(root: Schema) -> bool:
    """Whether a CRD says nothing of metadata but that it is a mapping, as most do."""
    own = root.properties.get("metadata")
    constrained = ("properties", "required", "bounds", "any_of", "one_of", "all_of", "not_", "rules", "additional")
    return own is None or not any(getattr(own, name) for name in constrained)


def _unknown_paths(data: dict[str, Any], kind: KindSchema) -> Iterator[Path]:
    """The unknown fields; where all but metadata is known to fit, only metadata is walked."""
    fast = fast_kind(kind)
    if fast.ready and _metadata_is_free(kind.schema) and fast.fits_but_for_metadata(data):
        return unknown_metadata(data.get("metadata"), ("metadata",))
    return unknown_fields(data, kind.schema)


def _number_at(data: dict[str, Any], dotted: str) -> Any:
    value: Any = data
    for part in dotted.lstrip(".").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _scale(data: dict[str, Any], kind: KindSchema) -> Iterator[Problem]:
    """The replicas that the scale subresource reads (``ValidateScaleSpec`` of k8s.io/apiextensions-apiserver)."""
    scale = kind.kind.scale
    for dotted in (scale.replicas, scale.status_replicas) if scale else ():
        value = _number_at(data, dotted)
        if isinstance(value, int) and not isinstance(value, bool) and not 0 <= value <= _INT32_MAX:
            path = tuple(dotted.lstrip(".").split("."))
            bound = 0 if value < 0 else _INT32_MAX
            yield Problem(Code.REPLICAS_RANGE, path, values={"value": value, "bound": bound})


def violations(data: dict[str, Any], kind: KindSchema, old: dict[str, Any] | None = None) -> list[Problem]:
    """What validation refuses in an object, after nulls are dropped and defaults filled in; ``data`` is left as it is.

    Args:
        data: The object, as decoded or as a webhook changed it.
        kind: The kind's schema in the release.
        old: The object that it takes the place of, as it was written or as it is in the cluster; None at creation.
    """
    if kind.typed:
        found = typed_violations(data, kind)
        return found if old is None else _of_an_update(found)
    problems = list(metadata_problems(data.get("metadata"), ("metadata",), namespaced=kind.kind.namespaced))
    if old is not None:
        return _of_an_update(problems) + _changed(data, old, kind)
    fast = fast_kind(kind)
    closer = fast.rules or not fast.ready or not _metadata_is_free(kind.schema)
    if problems and not closer and fast.fits_but_for_metadata(data):
        return problems
    ready = prepared(_named(data), kind)
    said = {(one.path, one.code) for one in problems}
    problems += [one for one in check(ready, kind.schema, ()) if (one.path, one.code) not in said]
    problems += _scale(ready, kind)
    if not any(problem.code in _BLOCKING for problem in problems):
        problems += rule_problems(ready, kind.schema)
    return problems


def _of_an_update(problems: list[Problem]) -> list[Problem]:
    """What counts in the metadata of an object that is there: its generation is the server's, and its name is made."""
    made = (("metadata", "generation"), ("metadata", "generateName"))
    return [one for one in problems if one.path not in made or one.code not in (Code.METADATA_VALUE, Code.NAME_SYNTAX)]


def _named(data: dict[str, Any]) -> dict[str, Any]:
    """The object with the name that the API server makes before it validates."""
    metadata = data.get("metadata")
    prefix = metadata.get("generateName") if isinstance(metadata, dict) and not metadata.get("name") else None
    if not isinstance(metadata, dict) or not isinstance(prefix, str) or not prefix:
        return data
    return {**data, "metadata": {**metadata, "name": generated(prefix)}}


def _changed(data: dict[str, Any], old: dict[str, Any], kind: KindSchema) -> list[Problem]:
    """What validation refuses in an update; what was as wrong before, and stays as it was, is let off."""
    was = stored(old, kind)
    ready = prepared(as_applied(data, old), kind, was)
    # The types are the same whatever the old object says, and its metadata differs in what the server wrote there.
    names = {key: ready[key] for key in ("apiVersion", "kind", "metadata") if key in ready}
    whole = Pair(ready, was | names, kind.schema)
    repeated = any(problem.code in _REPEATED for problem in check(was, kind.schema, ()))
    problems = [
        problem
        for problem in check(ready, kind.schema, ())
        if not (
            repeated if problem.code in _REPEATED else problem.code in _LET_OFF and unchanged(_bearer(problem), whole)
        )
    ]
    problems += _scale(ready, kind)
    if not any(problem.code in _BLOCKING for problem in problems):
        problems += rule_problems(ready, kind.schema, was)
    return problems


def _bearer(problem: Problem) -> Path:
    """The place of the value whose validation finds a problem: of a missing field the mapping around it."""
    return problem.path[:-1] if problem.code is Code.MISSING_FIELD else problem.path


def fast_pays(kind: KindSchema) -> bool:
    """Whether to ask ``fast_valid`` of one more object of a kind: of the first few the lists are as quick."""
    return kind.typed or fast_kind(kind).pays()


def fast_valid(data: dict[str, Any], kind: KindSchema, old: dict[str, Any] | None = None) -> bool:
    """Whether an object is valid for certain: True only where both lists above would be empty (duplicates aside).

    False means that the lists have to be asked, not that they hold something.
    """
    if kind.typed:
        return typed_valid(data, kind)
    return (old is None or not has_transitions(kind.schema)) and fast_kind(kind).valid(data)
