"""Fields: unknown, doubled, missing, of the wrong type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.k8s import PRUNING, ROUTE, alternatives, structural
from generator.checks.rules.k8s.values import FORMS, QUANTITY
from generator.checks.rules.kubernetes.words import BY_FIELD
from generator.checks.structure.patterns import matches
from generator.checks.structure.verdict import Code
from generator.text.regex import UnknownError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _unknown(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The best advice first: the nearest name here, else where the field is known, else what is known here."""
    field, nearest, elsewhere, known = (values[name] for name in ("field", "nearest", "elsewhere", "known"))
    hint, advice = "", "Remove it; no field is known here."
    if values["in_status"]:
        advice = "Remove status: the cluster writes it."
    elif nearest:
        hint, advice = f"; did you mean '{nearest}'?", f"Write {nearest} instead of {field}."
    elif elsewhere:
        hint, advice = f"; it is known at {elsewhere[0]}", f"Move it to {alternatives(elsewhere)}."
    elif known:
        advice = f"Remove it. Known here: {alternatives(sorted(known))}."
    return {"field": field, "hint": hint, "advice": advice}


UNKNOWN_FIELD = structural(
    code=Code.UNKNOWN_FIELD,
    id="K8S010",
    why="kubectl asks the API server to be strict, and it refuses a field that the schema doesn't know. Without that "
    "it would drop the field and say nothing, and the setting would never take effect.",
    message="unknown field '{field}'{hint}",
    fix="{advice}",
    bad=ROUTE.replace("backendRefs", "backendRef"),
    source=PRUNING,
    words=_unknown,
)

DUPLICATE_KEY = structural(
    code=Code.DUPLICATE_KEY,
    id="K8S011",
    why="Who reads YAML leniently keeps the last of two equal keys and drops the first without a word: two predictors "
    "meant as stable and canary become one. kubectl does so before it sends the object, so a plain apply passes with "
    "the last value. Strict decoding refuses the object: the API server where it gets the text itself, kustomize, and "
    "what builds on it, such as Flux and Argo CD.",
    message="the key '{field}' stands twice in one mapping: strict decoding refuses it, a plain kubectl apply takes "
    "the last value",
    fix="Keep one of them; where both are meant, one is in the wrong place, or --- is missing between two documents.",
    bad=ROUTE.replace("  rules:", "  hostnames: [digits.example.org]\n  rules:"),
    source=PRUNING,
)

WRONG_TYPE = structural(
    code=Code.WRONG_TYPE,
    id="K8S012",
    why="Quotes make a string of a number, and missing quotes make a number or a boolean of what is meant as a string.",
    message="{expected} wanted, found {found} {value}",
    fix="{advice}",
    bad=ROUTE.replace("port: 80", 'port: "80"'),
    words=lambda values: {**values, "value": _shown(values["value"]), "advice": _type_advice(values)},
)

NULL_VALUE = structural(
    code=Code.NULL_VALUE,
    id="K8S013",
    why="A list item without a value is null. The API server drops null fields, but not null items.",
    message="null stands where {wanted} is wanted",
    fix="Write a value or remove the line.",
    bad=ROUTE.replace("[digits.example.com]", "[digits.example.com, null]"),
    words=lambda values: {**values, "wanted": _with_article(values["expected"])},
)

MISSING_FIELD = structural(
    code=Code.MISSING_FIELD,
    id="K8S014",
    why="The schema requires the field, and nothing fills it in.",
    message="the required field '{field}' is missing",
    fix="Add the field {field}.",
    bad=ROUTE.replace("{name: digits-predictor, port: 80}", "{port: 80}"),
)


INT64_DIGITS = 19
"""A number that YAML itself reads as text, for it is too large, has more: it has no quotes."""


def _shown(value: object) -> str:
    """A scalar as it reads; the type alone says enough of a list or mapping."""
    if isinstance(value, (list, dict)):
        return f"of {len(value)}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _with_article(types: str) -> str:
    """``integer or string`` as ``an integer or a string``."""
    return " or ".join(f"{'an' if word[:1] in 'aeiou' else 'a'} {word}" for word in types.split(" or "))


def _fits(pattern: str, text: str) -> bool:
    """Whether a text is known not to break a pattern."""
    try:
        return matches(pattern, text)
    except UnknownError:
        return True


def _as_text(values: Mapping[str, Any]) -> str:
    """The advice for a number or boolean where a text may stand: quotes, if they make a text that fits."""
    text, bounds = _shown(values["value"]), values.get("bounds", {})
    allowed, pattern = bounds.get("enum") or BY_FIELD.get(values.get("field", ""), ()), bounds.get("pattern", "")
    if allowed and text not in allowed:
        return f"Write {alternatives(allowed)}."
    if pattern and not _fits(pattern, text):
        return f"Write {FORMS.get(pattern) or f'text that matches {pattern}'}."
    if values["expected"] == "number or string":
        return f"Write {QUANTITY}."
    if values["expected"] == "integer or string":
        return "Write a whole number, or a text such as 25% or the name of a port."
    return f'Put it in quotes: "{text}".'


def _type_advice(values: Mapping[str, Any]) -> str:
    expected, found, value = values["expected"], values["found"], values["value"]
    wants_number = expected.startswith(("integer", "number"))
    if found == "string" and (
        (wants_number and len(value) <= INT64_DIGITS and value.isascii() and value.lstrip("-").isdigit())
        or (expected == "boolean" and value in ("true", "false"))
    ):
        return "Remove the quotes."
    if "string" in expected and found in ("integer", "number", "boolean"):
        return _as_text(values)
    if expected == "list" and found in ("mapping", "string"):
        return "Write it as a list, each item after a hyphen."
    return f"Write {_with_article(expected)} here."
