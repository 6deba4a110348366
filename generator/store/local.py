"""A store in a local folder: files under a folder that the first write makes."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.store.failures import told
from generator.store.objects import STAGED, Store, unwatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from generator.store.disk import Local
    from generator.store.objects import Lying, Sent

AT_ONCE = 8  # files: the disk is told to keep them (fsync) while others are being written


class FolderStore(Store):
    """Objects as files under a local folder, which is made by the first write."""

    def __init__(self, root: Path, at_once: int = AT_ONCE) -> None:
        super().__init__(str(root), str(root), None, None, at_once)
        self._root = root

    def folders(self, prefix: str) -> list[str]:
        """See Store; a folder that isn't there holds none."""
        return super().folders(prefix) if self._open() else []

    def lying(self, prefix: str) -> dict[str, Lying]:
        """See Store; a folder that isn't there holds none."""
        return super().lying(prefix) if self._open() else {}

    def read(self, key: str) -> bytes | None:
        """See Store; a folder that isn't there holds none."""
        if not self._open():
            return None
        self._hold_file(key)
        return super().read(key)

    def _hold_file(self, key: str) -> None:
        """Refuse what has a file's name and is none: a pipe would be waited for without end.

        Raises:
            OutsideError: So it is.
        """
        path = self._root / key
        if path.exists() and not path.is_file():
            raise OutsideError(f"{path} is no file.", fix="Nobody but Serinus writes there: take it away.")

    def sha256(self, key: str) -> str | None:
        """See Store; the library would only add copies and threads to it."""
        with told(f"can't read {key} back", self.name):
            self._hold_file(key)
            try:
                with (self._root / key).open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """See Store."""
        self._open()
        return super().pieces(key, size)

    def send(self, key: str, source: Local | bytes, size: int, sent: Sent = unwatched, beside: int = 1) -> str | None:
        """See Store."""
        self._open(make=True)
        tag = super().send(key, source, size, sent, beside)
        with told(f"can't write {key}", self.name):
            _sync(self._root / key)  # while others are being written; flush then finds little to do
        return tag

    def create(self, key: str, content: bytes) -> bool:
        """See Store."""
        self._open(make=True)
        return super().create(key, content)

    def flush(self, keys: Iterable[str]) -> None:
        """Write the files and their folders through to the disk.

        Raises:
            OutsideError: The disk refuses, at the latest moment at which some file systems say so.
        """
        with told("can't write", self.name):
            paths = [self._root / key for key in keys]
            folders = {parent for path in paths for parent in path.parents if parent.is_relative_to(self._root)}
            for path in [*paths, *sorted(folders, reverse=True)]:
                _sync(path)

    def sweep(self, prefix: str) -> None:
        """Remove what obstore stages as ``name#<number>`` until a file is whole; its listings don't show it.

        Raises:
            OutsideError: A file can't be removed.
        """
        with told("can't remove unfinished files", self.name):
            for path in (self._root / prefix).rglob("*#*"):
                if STAGED.fullmatch(path.name) and path.is_file():
                    path.unlink(missing_ok=True)

    def _open(self, *, make: bool = False) -> bool:
        """Open the folder once it is there; ``make`` sees to that.

        Raises:
            OutsideError: It isn't a folder, or can't be made.
        """
        from obstore.store import LocalStore  # noqa: PLC0415 (an extra; open_store has made sure of it)

        if self._asking is not None:
            return True
        with told("can't open the folder", self.name):
            if not self._root.exists() and not make:
                return False
            if self._root.exists() and not self._root.is_dir():
                raise OutsideError(f"the store {self.name} is a file.", fix="Name a folder.")
            self._asking = self._sending = LocalStore(str(self._root), mkdir=True, automatic_cleanup=True)
        return True


def _sync(path: Path) -> None:
    """Write a file or a folder through to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
