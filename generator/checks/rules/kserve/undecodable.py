"""Values that the schema takes and Go can't decode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.documents import Path
    from generator.schemas import Schema

INT32 = range(-(2**31), 2**31)
BROKEN_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]*\.[0-9]*")
"""The schema's pattern of quantities allows a fraction in the exponent; Go's quantities don't."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    maxReplicas: 3
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV007",
    name="undecodable-value",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe's webhook can't decode {value}: {reason}",
    fix="{advice}",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/component.go"),
    bad=GOOD.replace("maxReplicas: 3", "maxReplicas: 3000000000"),
    good=GOOD,
)
def undecodable_value(subject: Subject) -> Iterator[Hit]:
    """The API server doesn't enforce the format int32, and its pattern of quantities is wider than Go's.

    The webhook decodes the object into Go types before any schema is asked, and refuses what doesn't fit.
    """
    for path, value in _suspects(subject.document.data, ()):
        node = _node(subject.schema, path)
        if node is None:
            continue
        if isinstance(value, int) and node.bounds.get("format") == "int32":
            values = {"value": value, "reason": "it takes 32 bits", "advice": f"Write {INT32[-1]} or less."}
            yield Hit(path, values)
        elif isinstance(value, str) and node.int_or_string and "[numkMGTPE]" in node.bounds.get("pattern", ""):
            advice = "Write the quantity without a fraction in the exponent, such as 500m or 2Gi."
            yield Hit(path, {"value": f"'{value}'", "reason": "it is no quantity", "advice": advice})


def _suspects(value: Any, path: Path) -> Iterator[tuple[Path, int | str]]:
    """Large numbers, and texts that look like a quantity with a broken exponent; there are none in most objects."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        if isinstance(child, (dict, list)):
            yield from _suspects(child, (*path, key))
        elif isinstance(child, int):
            if child not in INT32:
                yield (*path, key), child
        elif isinstance(child, str) and child[:1] in "+-.0123456789" and BROKEN_EXPONENT.fullmatch(child):
            yield (*path, key), child


def _node(root: Schema | None, path: Path) -> Schema | None:
    for part in path:
        root = root.child(part) if root else None
    return root
