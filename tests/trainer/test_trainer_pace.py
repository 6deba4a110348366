"""How many steps one call takes."""

from __future__ import annotations

from trainer.fitting.steps import MOST, Pace


def test_thousands_of_epochs_of_few_steps_do_not_make_a_number_without_bounds() -> None:
    """Each is over at once, however many steps it was offered."""
    pace = Pace()
    for _ in range(3000):
        with pace:
            pass
    assert pace.count == MOST
