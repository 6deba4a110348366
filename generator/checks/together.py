"""What is missing several times is said once an object: at the first place, with all the names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.checks.rules.k8s import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.rule import Hit


def together(hits: Iterable[Hit], value: str = "name") -> Iterator[Hit]:
    """One hit for all.

    Args:
        hits: Of one rule in one object; they differ in one value.
        value: The name of that value.
    """
    every = list(hits)
    if every:
        names = list(dict.fromkeys(one.values[value] for one in every))
        yield replace(every[0], values={**every[0].values, value: alternatives(names)})
