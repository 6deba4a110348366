"""What a webhook written in Go does to an object merely by decoding it into its types and writing it back.

Every field whose Go tag lacks ``omitempty`` comes back with its zero value, and a quantity comes back in its canonical
form. So some of what the schema holds against the object as written has no force on a cluster with the webhook.

In the CRDs of KServe a field is required exactly where its tag lacks ``omitempty``, with the exceptions below, found by
comparing the CRD of 0.20.0 with the Go types by reflection (tests/oracle).

Up to 0.19 what Go leaves out (an empty list, say) is gone from the object as well; the webhook library of 0.20 keeps it
(controller-runtime 0.20, ``DefaulterRemoveUnknownOrOmitableFields``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kserve.spec import V0_16, V0_20
from generator.checks.structure.values import check
from generator.checks.structure.verdict import Code, Problem
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.reading.documents import Path
    from generator.schemas import Schema, Version

OMITTED = frozenset(
    (
        ("restartPolicyRules", "action"),
        ("exitCodes", "operator"),
        ("podCertificate", "signerName"),
        ("podCertificate", "keyType"),
        ("externalAuth", "protocol"),
        ("endpointPickerRef", "name"),
        ("spec", "endpointPickerRef"),
        ("port", "number"),
        ("targetPorts", "number"),
    )
)
"""Required fields that Go leaves out all the same: the nearest name above them and their own."""

KEPT = frozenset((("target", "type"), ("metric", "backend")))
"""Fields that are not required and come back as "", which their enum doesn't have."""

EXACT_QUANTITIES = frozenset(("value", "averageValue"))
"""Fields of autoscaling metrics; since 0.16 KServe reads their quantities as text or whole numbers only, and writes
back what was written (metric_quantity.go)."""

_UNMENDED, _GONE = object(), object()


def written_back(data: dict[str, Any], problems: Iterable[Problem], root: Schema, release: Version) -> dict[str, Any]:
    """The object as it comes back from the webhook, as far as that mends what the schema holds against it.

    Args:
        data: The object as the webhook's own changes leave it, without nulls and with defaults; it stays as it is.
        problems: What the schema holds against it.
        root: The schema.
        release: The release of KServe.
    """
    result = data
    for problem in problems:
        node = _node(root, problem.path)
        if node is not None:
            new = _mended(problem, node, root, release)
            if new is not _UNMENDED:
                result = _replaced(result, problem.path, new)
    return result


def undecodable(problem: Problem, root: Schema) -> bool:
    """Whether a problem that ``written_back`` didn't mend is a value that Go can't decode into its type at all."""
    node = _node(root, problem.path)
    is_amount = node is not None and _is_quantity(node)
    return problem.code is Code.WRONG_TYPE or (problem.code is Code.PATTERN and is_amount)


def _mended(problem: Problem, node: Schema, root: Schema, release: Version) -> Any:
    """What comes back where a problem was: ``_GONE`` where nothing does, ``_UNMENDED`` where the problem stays."""
    zero = (problem.code is Code.MISSING_FIELD and _names(problem.path) not in OMITTED) or (
        problem.code is Code.NULL_VALUE and isinstance(problem.path[-1], int)
    )
    if zero and _zero_fits(node, problem.path):
        return _zero(node, problem.path)
    if problem.code is Code.TOO_FEW_ITEMS and release < V0_20 and problem.values["length"] == 0:
        return _UNMENDED if _stays(root, problem.path) else _GONE
    if problem.code in (Code.WRONG_TYPE, Code.PATTERN) and _is_quantity(node):
        return _decoded(problem.values["value"], problem.path, release)
    return _UNMENDED


def _replaced(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value at ``path``, or without it; what isn't on the way is shared."""
    step, *rest = path
    copied = value.copy()
    if rest:
        copied[step] = _replaced(value[step], tuple(rest), new)
    elif new is _GONE:
        copied.pop(step, None)
    else:
        copied[step] = new
    return copied


def _stays(root: Schema, path: Path) -> bool:
    """Whether Go writes back an empty list: an item of a list, and a field whose tag has no ``omitempty``."""
    parent = _node(root, path[:-1])
    return parent is None or path[-1] in parent.required or isinstance(path[-1], int)


def _node(root: Schema, path: Path) -> Schema | None:
    node: Schema | None = root
    for part in path:
        node = node.child(part) if node else None
    return node


def _names(path: Path) -> tuple[str, str]:
    """The last two names of a path, without list positions."""
    names = [part for part in path if isinstance(part, str)]
    return (names[-2] if len(names) > 1 else "", names[-1])


def _zero_fits(node: Schema, path: Path) -> bool:
    """Whether the schema takes the zero value of a field's Go type."""
    zero = _zero(node, path)
    return zero is not None and not any(True for _ in check(zero, node, path))


def _zero(node: Schema, path: Path) -> Any:
    """The zero value as Go writes it; None for lists and maps, which come back as null."""
    if node.int_or_string:
        return 0
    if node.type != "object":
        return {"string": "", "integer": 0, "number": 0, "boolean": False}.get(node.type)
    if not node.properties:
        return None
    fields = {name for name in node.properties if (str(path[-1]), name) in KEPT}
    fields |= {name for name in node.required if (str(path[-1]), name) not in OMITTED}
    return {name: _zero(node.properties[name], (*path, name)) for name in sorted(fields) if name in node.properties}


def _is_quantity(node: Schema) -> bool:
    """Whether a field is a Kubernetes quantity: an int-or-string with the quantities' pattern."""
    return node.int_or_string and "[numkMGTPE]" in node.bounds.get("pattern", "")


def _decoded(value: object, path: Path, release: Version) -> Any:
    """A quantity as Go writes back what it read: a number with a fraction, or text with blanks around it."""
    if release >= V0_16 and "autoScaling" in path and path[-1] in EXACT_QUANTITIES:
        return _UNMENDED
    found = quantity.read(value)
    return _UNMENDED if found is None or value is None else quantity.shown(found.number)
