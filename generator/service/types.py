"""The types of single values in a service file: names, labels, quantities, percentages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

from generator.decoding.shapes import KeyPattern, Pattern
from generator.text import quantity

BrokenRules = Iterator[tuple[tuple[str | int, ...], str, str]]
"""Path below the object, message, fix: what ``broken_rules`` of a part of the service file gives."""

LABEL_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
LABEL_KEY = r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
DNS_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
HOST = r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+"

ServiceName = Annotated[
    str,
    Pattern(r"[a-z]([-a-z0-9]{0,51}[a-z0-9])?", "name: lower-case letters, digits and '-', from a letter, at most 53"),
]
DnsLabel = Annotated[str, Pattern(DNS_LABEL, "Kubernetes name: lower-case letters, digits and '-', at most 63")]
DnsName = Annotated[
    str,
    Pattern(
        r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "Kubernetes name: lower-case letters, digits, '-' and '.'",
    ),
]
VariantName = Annotated[str, Pattern(DNS_LABEL, "variant name: lower-case letters, digits and '-'")]
VariantKey = KeyPattern(DNS_LABEL, "variant name: lower-case letters, digits and '-'")
Host = Annotated[str, Pattern(HOST, "host name, such as digits.example.com")]
LabelValue = Annotated[str, Pattern(LABEL_VALUE, "label value: letters, digits, '-', '_' and '.', at most 63")]
MetadataKey = KeyPattern(LABEL_KEY, "label or annotation key, such as team or example.com/team")
HeaderKey = KeyPattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}", "name of a header")
CookieKey = KeyPattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", "name of a cookie")

TensorKey = KeyPattern(DNS_LABEL + r"\.\S{1,128}", "variant and tensor, such as first.scores")


class Quantity:
    """The note of a field that holds a Kubernetes quantity, kept in canonical form."""

    schema = ("string", "number")

    def convert(self, text: str) -> str:
        """The canonical text.

        Raises:
            ValueError: It isn't a quantity, or one below zero, which Kubernetes refuses wherever this stands.
        """
        if quantity.value(text) < 0:
            raise ValueError(f"{text[:40]} is below zero.|Write for example 500m, 2, 512Mi or 1.5Gi.")
        return quantity.canonical(text)


class Percent:
    """The note of a field that holds a percentage, kept as an exact fraction; two decimals at most."""

    schema = ("number",)

    def convert(self, text: str) -> Fraction:
        """The number.

        Raises:
            ValueError: It isn't one of 0 to 100.
        """
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text) or (number := Fraction(text)) > 100:  # noqa: PLR2004 (percent)
            raise ValueError(f"'{text[:40]}' is no percentage.|Write a number of 0 to 100, with two decimals at most.")
        return number


Percentage = Annotated[Fraction, Percent()]
Quantities = Annotated[
    dict[str, Annotated[str, Quantity()]], KeyPattern(LABEL_KEY, "resource name, such as cpu, memory or nvidia.com/gpu")
]

Names = Iterator[tuple[tuple[str | int, ...], str]]
"""Path below a strategy, and the variant that stands there."""
