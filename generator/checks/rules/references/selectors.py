"""Label selectors, as Services and as newer kinds write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Selector(NamedTuple):
    """A label selector, as Services and as newer kinds write it.

    Attributes:
        labels: Labels that have to be equal.
        expressions: ``matchExpressions``.
    """

    labels: Mapping[str, Any]
    expressions: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, value: object) -> Selector:
        """Out of ``matchLabels`` and ``matchExpressions``."""
        every = (one for one in sequence(value, "matchExpressions") if isinstance(one, dict))
        return cls(mapping(value, "matchLabels"), tuple(every))

    @property
    def values(self) -> list[str]:
        """The labels' values, which may be, or begin with, the names of what the pods belong to."""
        listed = [one for each in self.expressions for one in sequence(each, "values")]
        return [one for one in (*self.labels.values(), *listed) if isinstance(one, str)]

    def matches(self, labels: Mapping[str, Any]) -> bool:
        """Whether pods with these labels are meant."""
        return self.labels.items() <= labels.items() and all(_holds(one, labels) for one in self.expressions)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    value = labels.get(text(expression, "key") or "")
    values = sequence(expression, "values")
    return {
        "In": value is not None and value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(text(expression, "operator") or "", False)
