"""Who shares the work of a training step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class Team(Protocol):
    """The workers that fit one network together; each calls the same in the same order."""

    @property
    def rank(self) -> int:
        """This worker's number; 0 is the chief, which measures, exports and writes."""

    @property
    def size(self) -> int:
        """How many there are."""

    def share(self, start: Any, end: Any) -> tuple[tuple[Any, Any], Any]:
        """Which part of a batch is this worker's, from and to, and its share of the batch's examples (0 to 1)."""

    def mean(self, gradients: Sequence[Any], loss: Any, share: Any) -> tuple[Sequence[Any], Any]:
        """The gradients and the loss of the whole batch, of those of each worker's part."""

    def same(self, arrays: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """The chief's arrays, given to each worker; all have arrays of these names, types and shapes."""

    def level(self, weights: Sequence[Any]) -> None:
        """Give each worker the mean of the weights that no gradient changes, such as a batch normalization's."""


class Alone:
    """A team of one."""

    rank = 0
    size = 1

    def share(self, start: Any, end: Any) -> tuple[tuple[Any, Any], Any]:
        """All of the batch."""
        return (start, end), 1.0

    def mean(self, gradients: Sequence[Any], loss: Any, share: Any) -> tuple[Sequence[Any], Any]:  # noqa: ARG002 (the team's)
        """As they are."""
        return gradients, loss

    def same(self, arrays: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """As they are."""
        return arrays

    def level(self, weights: Sequence[Any]) -> None:
        """They are."""
