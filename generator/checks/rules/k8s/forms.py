"""Lists with keys, alternatives, objects inside objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.k8s import LIST_TYPE, SAMPLE, structural
from generator.checks.structure.verdict import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      env:
        - {name: LOG_LEVEL, value: debug}
"""


def _closest(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The alternatives' problems are many; the place of the first one of the closest says the most."""
    first = next(iter(values["closest"]), None)
    field = str(first.path[-1]) if first is not None and first.path else ""
    return {"count": values["count"], "advice": f"The closest one stumbles over '{field}'" if field else "Compare them"}


REPEATED_ITEM = structural(
    code=Code.REPEATED_ITEM,
    id="K8S027",
    why="The list is a set: each item may stand once.",
    message="'{value}' stands twice in a list whose items are unique",
    fix="Remove one of them.",
    bad=SAMPLE.replace("  step", "  tags: [a, b, a]\n  step"),
    good=SAMPLE,
    source=LIST_TYPE,
)

REPEATED_KEY = structural(
    code=Code.REPEATED_KEY,
    id="K8S028",
    why="The items of the list are told apart by some of their fields, so these must differ.",
    message="another item of the list has the same {keys}",
    fix="Change one of them, or remove it.",
    bad=f"{SERVICE.rstrip()}\n        - {{name: LOG_LEVEL, value: info}}\n",
    good=SERVICE,
    source=LIST_TYPE,
    words=lambda values: {"keys": ", ".join(f"{key} '{value}'" for key, value in values["keys"].items()) or "keys"},
)

NO_ALTERNATIVE = structural(
    code=Code.NO_ALTERNATIVE,
    id="K8S029",
    why="The schema takes one of several forms, and the value has none of them.",
    message="none of {count} allowed forms fits",
    fix="{advice}; see the description of the field: kubectl explain.",
    bad=SAMPLE.replace("{low: 1}", "{middle: 1}"),
    good=SAMPLE,
    words=_closest,
)

SEVERAL_ALTERNATIVES = structural(
    code=Code.SEVERAL_ALTERNATIVES,
    id="K8S030",
    why="The schema takes exactly one of several forms, and the value has more than one.",
    message="{count} forms fit, where exactly one must",
    fix="Remove fields until only one form is left; see kubectl explain.",
    bad=SAMPLE.replace("{low: 1}", "{low: 1, high: 2}"),
    good=SAMPLE,
)

FORBIDDEN_FORM = structural(
    code=Code.FORBIDDEN_FORM,
    id="K8S031",
    why="The schema excludes one form, and the value has it.",
    message="the value has a form that the schema excludes",
    fix="Remove or change its fields; see the description of the field: kubectl explain.",
    bad=SAMPLE.replace("  step", "  free: {secret: x}\n  step"),
    good=SAMPLE,
)

EMBEDDED_OBJECT = structural(
    code=Code.EMBEDDED_OBJECT,
    id="K8S034",
    why="A whole object stands inside this one, and it needs its own apiVersion and kind.",
    message="{field} of the object inside {reason}",
    fix="Give the inner object an apiVersion and a kind, as if it stood alone.",
    bad=SAMPLE.replace("kind: ConfigMap, ", ""),
    good=SAMPLE,
)
