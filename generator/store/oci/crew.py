"""Several at work at once, who all stop when one fails or somebody presses Ctrl-C."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 4


class Crew:
    """Threads that do the same for many."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Do the same for many, some at once; the first failure, or Ctrl-C, ends all."""
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            return list(pool.map(work, items))
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
            self._stop.clear()

    def go_on(self) -> None:
        """Leave long work whose fellows have failed.

        Raises:
            OutsideError: They have; theirs came first and is the one that is told.
        """
        if self._stop.is_set():
            raise OutsideError("stopped, for another layer failed.")
