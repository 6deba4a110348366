"""A folder that is written aside and swapped in whole, so that a reader sees the old one or the new one.

A process can be killed at any line of this file. What it leaves behind is put right by the next one that enters: the
lock goes with the process, a half-written folder is thrown away, and where the kill fell between the two renames of the
swap, the old folder goes back to its place.
"""

from __future__ import annotations

import contextlib
import glob
import os
import secrets
import shutil
import sys
import time
from typing import TYPE_CHECKING

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


POLL = 0.2
"""Seconds between two tries to get the lock."""


@contextlib.contextmanager
def only_one(target: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Be the only process that works on ``target``, and start from a clean state.

    Args:
        target: The folder; it needn't be there.
        say: Told once where another process has to be waited for.

    Raises:
        OutsideError: The folder beside it can't be written.
    """
    lock = target.with_name(f".{target.name}.lock")
    with as_outside(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with as_outside(target):
            _wait_for(handle, lambda: say(f"Another process works on {target}; waiting for it."))
            _recover(target)
        yield
    finally:
        os.close(handle)  # and with it the lock


@contextlib.contextmanager
def replacement(target: Path) -> Iterator[Path]:
    """An empty folder that becomes ``target`` if the block ends well, and disappears if it doesn't.

    To be used inside ``only_one``.

    Raises:
        OutsideError: The folders can't be made or renamed.
    """
    token = secrets.token_hex(4)
    new, old = (target.with_name(f".{target.name}.{token}.{kind}") for kind in ("new", "old"))
    try:
        with as_outside(target):
            new.mkdir()
        yield new
        with as_outside(target):
            if target.is_symlink() or target.exists():
                target.rename(old)
            new.rename(target)
    finally:
        _recover(target)


def _recover(target: Path) -> None:
    """Put back what a swap had taken away and not yet replaced; remove what is left over."""
    before, unfinished = (
        sorted(target.parent.glob(f".{glob.escape(target.name)}.*.{kind}")) for kind in ("old", "new")
    )
    if before and not target.exists():
        before.pop().rename(target)
    for left in [*before, *unfinished]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _wait_for(handle: int, once: Callable[[], None]) -> None:
    """Take the lock, and call ``once`` if that needs waiting."""
    waiting = False
    while True:
        try:
            _try_lock(handle)
        except (BlockingIOError, PermissionError):  # PermissionError: Windows' word for it
            if not waiting:
                once()
            waiting = True
            time.sleep(POLL)
        else:
            return


@contextlib.contextmanager
def as_outside(target: Path) -> Iterator[None]:
    """Tell what the system says to writing ``target``.

    Raises:
        OutsideError: It can't be written.
    """
    try:
        yield
    except OSError as error:
        raise OutsideError(
            f"can't write {target}: {error.strerror or error}.", fix="What was there is unchanged."
        ) from error
