"""A progress bar on standard error, for a person at a terminal and for nobody else."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """A function that takes the steps done and all steps, and draws; None where nobody watches.

    The bar appears with the first call, and ends its line with the last step or with the block.

    Args:
        label: What is going on.
        quiet: Draw nothing at a terminal either.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with contextlib.ExitStack() as line:
        bars: list[Any] = []

        def draw(done: int, total: int) -> None:
            if bars and bars[0].finished:
                return  # the line is ended; a second try has none
            if not bars:
                bars.append(line.enter_context(typer.progressbar(length=total, label=label, file=sys.stderr)))
            bars[0].update(done - bars[0].pos)
            if done >= total:
                line.close()

        yield draw
