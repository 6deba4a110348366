"""Values: choices, bounds, patterns, formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.k8s import ROUTE, SAMPLE, alternatives, structural
from generator.checks.structure.verdict import Code

if TYPE_CHECKING:
    from collections.abc import Mapping


QUANTITY = "a quantity, such as 500m, 2 or 1Gi"
_NUMBER = r"(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
FORMS = {
    rf"^(\+|-)?{_NUMBER}(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?{_NUMBER}))?$": QUANTITY,
    f"^{_LABEL}$": "lower-case letters, digits and '-', with a letter or digit first and last",
    rf"^{_LABEL}(\.{_LABEL})*$": ("lower-case letters, digits, '-' and '.', with a letter or digit first and last"),
    rf"^(\*\.)?{_LABEL}(\.{_LABEL})*$": "a host's name in lower case, such as digits.example.com or *.example.com",
    r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$": "letters, digits and '-', with a letter first and no '-' last",
}
"""What the commonest patterns of CRDs mean."""
AS_FORMAT = {
    "quantity": QUANTITY,
    "date-time": "a time in full, such as 2026-01-31T12:00:00Z",
    "date": "a day, such as 2026-01-31",
    "duration": "a duration, such as 30s or 5m",
    "base64": "it in base64; a Secret takes plain text in stringData",
    "byte": "it in base64",
    "uri": "a whole address, such as https://example.com/path",
    "ipv4": "an address, such as 10.0.0.1",
    "ipv6": "an address, such as 2001:db8::1",
    "cidr": "a range of addresses, such as 10.0.0.0/8",
    "hostname": "a host's name, such as digits.example.com",
    "email": "an address, such as models@example.com",
    "uuid": "an identifier, such as 6f1b1c0e-3f0a-4c39-9d38-4f2b1f0a8c11",
}
"""By the format that a schema names, what stands after "Write"."""


def _pattern(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**values, "form": FORMS.get(values["pattern"]) or f"text that matches {values['pattern']}"}


def _enum(values: Mapping[str, Any]) -> Mapping[str, Any]:
    hint = f"; did you mean '{values['nearest']}'?" if values["nearest"] else ""
    return {"value": values["value"], "hint": hint, "allowed": alternatives(values["allowed"])}


def _bound(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**values, "than": "" if values["exclusive"] else " or equal to"}


NOT_IN_ENUM = structural(
    code=Code.NOT_IN_ENUM,
    id="K8S015",
    why="The schema lists the words that it takes; case counts.",
    message="'{value}' is not among the allowed values{hint}",
    fix="Write {allowed}.",
    bad=ROUTE.replace("    - backendRefs", "    - matches: [{method: Post}]\n      backendRefs"),
    words=_enum,
)

BELOW_MINIMUM = structural(
    code=Code.BELOW_MINIMUM,
    id="K8S016",
    why="The schema gives the number a lower bound.",
    message="{value} is too small",
    fix="Write a number greater than{than} {bound}.",
    bad=ROUTE.replace("port: 80", "port: 80, weight: -1"),
    words=_bound,
)

ABOVE_MAXIMUM = structural(
    code=Code.ABOVE_MAXIMUM,
    id="K8S017",
    why="The schema gives the number an upper bound.",
    message="{value} is too large",
    fix="Write a number less than{than} {bound}.",
    bad=ROUTE.replace("port: 80", "port: 80000"),
    words=_bound,
)

NOT_A_MULTIPLE = structural(
    code=Code.NOT_A_MULTIPLE,
    id="K8S018",
    why="The schema takes the number in steps only.",
    message="{value} is no multiple of {bound}",
    fix="Write a multiple of {bound}.",
    bad=SAMPLE.replace("step: 10", "step: 7"),
    good=SAMPLE,
)

PATTERN = structural(
    code=Code.PATTERN,
    id="K8S019",
    why="The schema gives the text a regular expression that it has to match.",
    message="'{value}' does not have the form that the schema wants",
    fix="Write {form}.",
    bad=ROUTE.replace("digits.example.com", "Digits_Example.com"),
    words=_pattern,
)

FORMAT = structural(
    code=Code.FORMAT,
    id="K8S020",
    why="The schema names a format, such as a time or an address, and the text has to be one.",
    message="'{value}' is no {format}",
    fix="{advice}",
    words=lambda values: {**values, "advice": f"Write {AS_FORMAT.get(values['format'], 'it as ' + values['format'])}."},
    bad=ROUTE.replace("  name: digits\n", "  name: digits\n  creationTimestamp: yesterday\n", 1),
)
