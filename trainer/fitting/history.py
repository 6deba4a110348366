"""The losses of each epoch, and when there is no point in another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.service import EarlyStopping

POINTS = 50
"""Epochs in a record at most: enough for a curve, whatever the training took."""

DIGITS = 6
"""Significant digits of a loss in a record."""


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes:
        loss: The mean loss of its examples, each as it was when its turn came, dropout and all.
        validation: The mean loss after it of the examples set aside; None where there are none.
    """

    loss: float
    validation: float | None = None


@dataclass(frozen=True)
class History:
    """All epochs so far.

    Attributes:
        epochs: In their order.
        stopping: When there is no point in another.
    """

    epochs: tuple[Epoch, ...]
    stopping: EarlyStopping | None

    def __len__(self) -> int:
        """How many epochs are done."""
        return len(self.epochs)

    def and_then(self, epoch: Epoch) -> History:
        """The history with one more epoch."""
        return History((*self.epochs, epoch), self.stopping)

    @property
    def best(self) -> int:
        """The index of the best epoch: the last one, or the one that early stopping found best."""
        if self.stopping is None:
            return len(self.epochs) - 1
        best, least = 0, float("inf")
        for index, epoch in enumerate(self.epochs):
            loss = epoch.validation
            if loss is not None and (index == 0 or loss < least - self.stopping.min_delta):
                best, least = index, loss
        return best

    @property
    def stopped(self) -> bool:
        """Whether early stopping ends the training here."""
        return self.stopping is not None and len(self.epochs) - 1 - self.best >= self.stopping.patience

    @property
    def patience(self) -> int:
        """The epochs without a better one that end the training; 0 where early stopping isn't asked for."""
        return self.stopping.patience if self.stopping else 0

    def record(self) -> dict[str, Any]:
        """As a record has it, bounded: at most ``POINTS`` epochs, evenly, the first, the best and the last among them.

        ``epoch`` counts from 1. ``epochsRun`` and ``bestEpoch`` are there where early stopping was asked for.
        """
        chosen = self._shown()
        named: dict[str, Any] = {
            "epoch": [index + 1 for index in chosen],
            "loss": [_short(self.epochs[index].loss) for index in chosen],
        }
        if any(epoch.validation is not None for epoch in self.epochs):
            named["validationLoss"] = [_short(self.epochs[index].validation) for index in chosen]
        if self.stopping is not None:
            named |= {"epochsRun": len(self.epochs), "bestEpoch": self.best + 1}
        return named

    def lines(self, most: int) -> list[str]:
        """At most ``most`` epochs as lines for a person."""
        return [self.line(index) for index in self._shown(most)]

    def line(self, index: int) -> str:
        """One epoch as a line for a person."""
        epoch = self.epochs[index]
        beside = "" if epoch.validation is None else f", validation loss {epoch.validation:.4f}"
        return f"Epoch {index + 1}: loss {epoch.loss:.4f}{beside}."

    def _shown(self, most: int = POINTS) -> list[int]:
        last = len(self.epochs) - 1
        if last < most:
            return list(range(len(self.epochs)))
        even = _spread(last, most)
        return sorted(even if self.best in even else _spread(last, most - 1) | {self.best})


def _spread(last: int, points: int) -> set[int]:
    """So many numbers from 0 to ``last``, both among them."""
    return {round(index * last / (points - 1)) for index in range(points)}


def _short(loss: float | None) -> float | None:
    return None if loss is None else float(f"{loss:.{DIGITS}g}")
