"""A store in memory whose operations can be counted, ended by a kill, made to fail, and interleaved at will."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError, SerinusError
from generator.store.objects import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from obstore.store import MemoryStore

OPERATIONS = ("folders", "lying", "read", "sha256", "send", "create", "remove", "flush", "sweep")


class Killed(BaseException):
    """What stands for ``kill -9``: nothing in the code under test can catch it."""


def plain(memory: MemoryStore) -> Store:
    """The same memory without anybody who watches."""
    return Store("memory://", "memory://", memory, memory, at_once=1)


class Watched(Store):
    """A store that asks before and after each operation what is to happen.

    Args:
        memory: Where objects lie; several stores may share it.
        moment: Called twice an operation; may raise Killed or OutsideError, or wait.
    """

    def __init__(self, memory: MemoryStore, moment: Callable[[str], None]) -> None:
        super().__init__("memory://", "memory://", memory, memory, at_once=1)
        self._moment = moment
        for operation in OPERATIONS:
            setattr(self, operation, self._watch(operation))

    def _watch(self, operation: str) -> Callable[..., Any]:
        real = getattr(super(), operation)

        def watched(*arguments: Any) -> Any:
            arguments = tuple(
                list(each) if not isinstance(each, str | bytes) and hasattr(each, "__next__") else each
                for each in arguments
            )
            self._moment(f"before {operation}")
            result = real(*arguments)
            self._moment(f"after {operation}")
            return result

        return watched


class Ending:
    """Let so many moments pass, then end with an error, once or for ever.

    Args:
        moments: How many pass.
        error: What is raised then; None lets everything pass.
    """

    def __init__(self, moments: int, error: type[BaseException] | None) -> None:
        self.seen: list[str] = []
        self._moments, self._error = moments, error

    def __call__(self, moment: str) -> None:
        self.seen.append(moment)
        if self._error is not None and len(self.seen) > self._moments:
            if self._error is OutsideError:
                self._error = None  # a failure passes; a kill doesn't
                raise OutsideError("the line broke.")
            raise self._error


class Actor:
    """One publisher in a thread of its own, which moves only when it is told to."""

    def __init__(self, memory: MemoryStore, act: Callable[[Store], Any]) -> None:
        self.outcome: Any = None
        self.done = False
        self._orders: queue.SimpleQueue[type[BaseException] | None] = queue.SimpleQueue()
        self._waiting: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._store = Watched(memory, self._moment)
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()
        self._arrive()

    def _run(self, act: Callable[[Store], Any]) -> None:
        try:
            self.outcome = act(self._store)
        except (SerinusError, Killed) as error:
            self.outcome = error
        self._waiting.put(False)

    def _moment(self, _: str) -> None:
        self._waiting.put(True)
        order = self._orders.get(timeout=30)
        if order is Killed:
            raise Killed
        if order is not None:
            raise OutsideError("the line broke.")

    def _arrive(self) -> None:
        if not self._waiting.get(timeout=30):
            self.done = True
            self._thread.join()

    def step(self, order: type[BaseException] | None = None) -> None:
        """Go on to the next moment, or end there."""
        self._orders.put(order)
        self._arrive()
