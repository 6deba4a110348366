"""Programs of the lab: started, waited for, ended; what they said is shown where they fail."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PATIENCE = 120.0
"""Seconds that a program may take to be ready; it takes two where nothing else runs."""
GRACE = 10.0


@contextlib.contextmanager
def running(
    log: Path, *command: str | Path, environment: Mapping[str, str] | None = None, leashed: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that lives as long as the block, in the network of this thread.

    Args:
        log: What it says goes there.
        command: The program and its arguments.
        environment: Besides our own.
        leashed: It isn't ours, so that it wouldn't end with us by itself.
    """
    leash = [programs.built("own") / "leashed"] if leashed else []
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*leash, *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env={**os.environ, **(environment or {})},
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=GRACE)
            except subprocess.TimeoutExpired:
                process.kill()


def until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Until a program is ready.

    Raises:
        AssertionError: It ended, or takes too long; with what it said last.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if is_ready():
            return
        time.sleep(0.1)
    raise AssertionError(f"{log.stem} isn't ready: {log.read_text(errors='replace')[-3000:]}")


def listens(address: str) -> bool:
    """Somebody listens at ``host:port``, seen from this thread's network."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False
