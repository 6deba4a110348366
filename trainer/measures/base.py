"""What a kind of metrics is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset

Raw = Callable[[Mapping[str, "NDArray[Any]"]], "NDArray[Any]"]
"""From raw inputs by name to the network's raw outputs."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One kind of metrics.

    Attributes:
        id: Its name in ``generator.model.measures``.
        evaluate: The metrics, as JSON has them, of a network on the held-out part; its raw outputs are asked for.
        baseline: The same metrics (some of them) of the simplest answer, which knows the training targets and no input.
        headline: The metrics that the one-line summary names.
        table: The metrics as lines for a person.
    """

    id: str
    evaluate: Callable[[Dataset, Raw], dict[str, Any]]
    baseline: Callable[[Dataset], dict[str, Any]]
    headline: tuple[str, ...]
    table: Callable[[Mapping[str, Any]], str]
