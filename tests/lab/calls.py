"""Requests through the gateway, each with who answered it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from namespaces import Network

CALLER = Path(__file__).with_name("caller.py")
PATIENCE = 180
ROUND, ROUNDS = 100, 3
"""Requests of a round, and how many rounds without a failure show that the gateway knows its routes and their pods."""


class Call(NamedTuple):
    """One request of the client's.

    Attributes:
        number: Its number.
        sent: When, seconds of the clock.
        took: Seconds until its answer.
        status: The answer's status, 0 where there was none.
        pod: Who answered.
        fault: What went wrong; empty where an answer came.
    """

    number: int
    sent: float
    took: float
    status: int
    pod: str
    fault: str

    @property
    def failed(self) -> bool:
        """No connection, no answer in time, or an error of the server's side."""
        return bool(self.fault) or self.status >= 500


def read(file: Path) -> list[Call]:
    """What the client wrote; its last line may not be whole yet."""
    lines = file.read_text().split("\n")[:-1]
    return [Call(*json.loads(line)) for line in lines]


@contextlib.contextmanager
def calling(network: Network, host: str, file: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The client, as long as the block; what is under way at the end is waited for."""
    command = network.within(sys.executable, CALLER, file, f"{gateway.HOST}:{gateway.PORT}", host, *options)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=30)


def asked(network: Network, host: str, file: Path, count: int, *options: str) -> list[Call]:
    """That many requests, as fast as they are answered."""
    with calling(network, host, file, f"--count={count}", *options) as process:
        process.wait(timeout=PATIENCE)
    return read(file)


def warm_up(network: Network, host: str, file: Path) -> None:
    """Ask until the gateway knows a route and the pods behind it: it learns of both a while after they are there.

    Raises:
        AssertionError: That takes too long.
    """
    end, good = time.monotonic() + PATIENCE, 0
    while good < ROUNDS:
        made = asked(network, host, file, ROUND)
        good = 0 if any(each.failed or each.status != HTTPStatus.OK for each in made) else good + 1
        assert time.monotonic() < end, f"the gateway answers {made[-1]}"
