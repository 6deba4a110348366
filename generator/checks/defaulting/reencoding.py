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
from generator.text.quantity import canonical

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


def settle(problems: Iterable[Problem], schema: Schema, release: Version) -> list[Problem]:
    """The problems that are left after the webhook wrote the object back."""
    return [problem for problem in problems if not _mended(problem, schema, release)]


def _mended(problem: Problem, root: Schema, release: Version) -> bool:
    node = _node(root, problem.path)
    if node is None:
        return False
    if problem.code is Code.MISSING_FIELD:
        return _names(problem.path) not in OMITTED and _zero_fits(node, problem.path)
    if problem.code is Code.NULL_VALUE:
        return isinstance(problem.path[-1], int) and _zero_fits(node, problem.path)
    if problem.code is Code.TOO_FEW_ITEMS:
        return release < V0_20 and problem.values["length"] == 0
    if problem.code in (Code.WRONG_TYPE, Code.PATTERN):
        return _is_quantity(node) and _readable(problem.values["value"], problem.path, release)
    return False


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


def _readable(value: object, path: Path, release: Version) -> bool:
    """Whether Go reads the value as a quantity: a number with a fraction, or text with blanks around it."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False
    if release >= V0_16 and "autoScaling" in path and path[-1] in EXACT_QUANTITIES:
        return False
    try:
        canonical(str(value).strip())
    except ValueError:
        return False
    return True
