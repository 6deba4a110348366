"""Threads that do the same for many things, some at once, and never hold more than a bounded number of bytes."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


class Crew:
    """Who works together: the first failure, or Ctrl-C, ends the work of all."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def each(self, work: Callable[[T], R], *lanes: tuple[Iterable[T], int]) -> list[R]:
        """Do the same for all items of all lanes.

        Args:
            work: What is done with an item.
            lanes: Items that are taken one after the other, and how many at the same time; lanes run side by side.
                Where one lane takes one at a time and is the only one, no thread is started.

        Returns:
            The results, in the order of the lanes and of their items.
        """
        if len(lanes) == 1 and lanes[0][1] == 1:
            return [work(item) for item in lanes[0][0]]
        pools = [ThreadPoolExecutor(at_once) for _, at_once in lanes]
        failures: list[BaseException] = []

        def one(item: T) -> R:
            self.go_on()
            try:
                return work(item)
            except BaseException as error:
                failures.append(error)
                self._stop.set()
                raise

        try:
            begun = [pool.submit(one, item) for (items, _), pool in zip(lanes, pools, strict=True) for item in items]
            wait(begun, return_when=FIRST_EXCEPTION)
            if failures:
                raise failures[0]
            return [done.result() for done in begun]
        finally:
            self._stop.set()
            for pool in pools:
                pool.shutdown(cancel_futures=True)
            self._stop.clear()

    def go_on(self) -> None:
        """Leave a long piece of work whose fellows have failed.

        Raises:
            OutsideError: They have; theirs came first and is the one that is told.
        """
        if self._stop.is_set():
            raise OutsideError("stopped, for another one failed.")


class Room:
    """So many bytes may be in memory at once; who wants more waits until others have given theirs back.

    Args:
        size: Bytes. Whoever asks for more than that at once gets all there is.
    """

    def __init__(self, size: int) -> None:
        self._size = self._left = size
        self._changed = threading.Condition()

    def take(self, size: int) -> int:
        """Wait for room; what was taken must be given back."""
        wanted = min(size, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= wanted)
            self._left -= wanted
        return wanted

    def give(self, size: int) -> None:
        """Give back what was taken."""
        with self._changed:
            self._left += size
            self._changed.notify_all()

    @contextlib.contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Room for as long as the block takes."""
        took = self.take(size)
        try:
            yield
        finally:
            self.give(took)
