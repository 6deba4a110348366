"""A model's files on this disk: regular files of the model's own folder, the same from the first look to the last byte.

A folder that somebody else filled may hold a link to ``/etc/passwd`` or to a process' environment, and what a link
leads to would be published. So a link is followed only where it stays inside of the model's folder. The one exception
is the Hugging Face cache, whose snapshots are nothing but links: from ``snapshots/<commit>/…`` to ``blobs/…`` beside
``snapshots`` (huggingface/huggingface_hub, docs/source/en/guides/manage-cache.md).

A file is opened without following a link and without waiting for a pipe's other end, and is the very file that was
looked at before: whoever exchanges it meanwhile is found out.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generator.errors import InputError, OutsideError, Place

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
KERNEL = (Path("/proc"), Path("/sys"))
"""Where files are no files: what stands in them is made when they are read."""
UNPUBLISHED = "Nothing was published."
LFS_POINTER = b"version https://git-lfs.github.com/spec/"  # git-lfs, docs/spec.md


@dataclass(frozen=True)
class Local:
    """A regular file of a model.

    Attributes:
        path: As the user knows it.
        real: Where it lies, without links.
        identity: Device and inode, when it was looked at.
        size: Bytes, then.
    """

    path: Path
    real: Path
    identity: tuple[int, int]
    size: int

    @contextlib.contextmanager
    def opened(self) -> Iterator[io.BufferedReader]:
        """The file for reading.

        Raises:
            OutsideError: It is another file by now.
            OSError: It can't be read.
        """
        number = os.open(self.real, FLAGS)
        with os.fdopen(number, "rb") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) != self.identity:
                raise OutsideError(
                    f"{self.path} was exchanged for another file while it was being read.",
                    fix="Publish again when nothing writes there any more.",
                )
            yield file

    def start(self, most: int) -> bytes:
        """The first bytes.

        Raises:
            OutsideError: It can't be read, or is another file by now.
        """
        with self._telling(), self.opened() as file:
            return file.read(min(most, self.size + 1))  # one more: a file that has grown shall be found out

    def pieces(self, size: int, kept: int | None = None) -> Iterator[memoryview]:
        """All of it, piece by piece.

        Each piece has memory of its own, which the system has back as soon as nobody uses the piece: what is allocated
        by the usual means stays with the thread that asked for it, and several threads would keep several times that.

        Args:
            size: Bytes of a piece, but for the last.
            kept: How many pieces are still in use when the next is asked for: the memory of older ones is used again.
                Without it none is.

        Raises:
            OutsideError: It can't be read, or is another file by now.
        """
        old = deque[memoryview]()
        with self._telling(), self.opened() as file:
            while True:
                reused = kept is not None and len(old) > kept
                piece = old.popleft() if reused else _memory(size)
                if not (read := file.readinto(piece)):
                    return
                if kept is not None:
                    old.append(piece)
                yield piece[:read]

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutsideError(f"can't read {self.path}: {error.strerror or error}.", fix=UNPUBLISHED) from error


def _memory(size: int) -> memoryview:
    """Memory of its own, in few big pages where the system has them.

    It is filled once and given back: with pages of 4 KiB the system takes longer to bring them than a file to be read
    into them (measured on Linux, 350 MB in pieces of 8 MiB: 0.25 s shared, 0.15 s private, 0.03 s in big pages).
    """
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if advice := getattr(mmap, "MADV_HUGEPAGE", None):  # Linux alone
        with contextlib.suppress(OSError):  # a kernel without such pages
            memory.madvise(advice)
    return memoryview(memory)


class Entry(NamedTuple):
    """What lies under a folder.

    Attributes:
        place: Its path from there, with ``/``.
        path: As the user knows it.
        file: None for what isn't published, for its name starts with a dot.
    """

    place: str
    path: Path
    file: Local | None


def look(path: Path, folder: Path) -> Local:
    """A file of the model in a folder.

    Raises:
        InputError: It is none, or a link that leads out of there.
        OutsideError: It can't be looked at.
    """
    found = _kind(path, _real(folder), _real(path.parent))
    if found is None:
        raise InputError("it is a folder, where a file is meant.", fix="Put the file there.", place=Place(str(path)))
    return found


def files(folder: Path) -> Iterator[Entry]:
    """All that lies under a folder, with a stack of our own: depth is the user's to choose.

    Raises:
        InputError: Something there is neither a file nor a folder, or a link that leads out of there.
        OutsideError: It can't be looked at.
    """
    home, waiting = _real(folder), [(folder, "")]
    while waiting:
        here, prefix = waiting.pop()
        really = _real(here)
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            raise OutsideError(f"can't read the folder {here}: {error.strerror or error}.", fix=UNPUBLISHED) from error
        for entry in entries:
            local, place = here / entry.name, f"{prefix}{entry.name}"
            if entry.name.startswith("."):
                yield Entry(place, local, None)
                continue
            found = _kind(local, home, really)
            if found is None:
                waiting.append((local, f"{place}/"))
            else:
                yield Entry(place, local, found)


def inspect(folder: Path) -> None:
    """Look at all that lies under a folder, before anything of it is read.

    Raises:
        InputError, OutsideError: As ``files``.
    """
    for _ in files(folder):
        pass


@contextlib.contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap | bytes]:
    """The bytes of a file, of which only those that are looked at are loaded.

    Raises:
        InputError: It is no regular file.
        OSError: It can't be read.
    """
    with opened(path) as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""
            return
        # Not closed by us: an error may still hold a view of it, and then it couldn't be.
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """A file for reading that was looked at before, and a regular one: a pipe or a device is never waited for.

    Raises:
        InputError: It is no regular file.
        OSError: It can't be read.
    """
    with os.fdopen(os.open(os.path.realpath(path), FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _no_file(path)
        yield file


def read(path: Path, most: int) -> bytes:
    """The first bytes of a file, no more than it has: a file of the kernel's has none.

    Raises:
        InputError: It is no regular file.
        OSError: It can't be read.
    """
    with opened(path) as file:
        return file.read(min(most, os.fstat(file.fileno()).st_size))


def pointer(path: Path) -> InputError:
    """The error for a pointer of Git LFS where a file is meant."""
    return InputError(
        "the file is a pointer of Git LFS, not the model.",
        fix="Fetch the model: git lfs pull.",
        place=Place(str(path)),
    )


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _kind(path: Path, home: Path, parent: Path) -> Local | None:
    """A file; None for a folder.

    Args:
        path: Where it lies.
        home: The model's folder, without links.
        parent: The folder that it lies in, without links: found once for all its files, for that takes longer than all
            the rest.

    Raises:
        InputError: It is neither, or a link that isn't followed.
        OutsideError: It can't be looked at.
    """
    try:
        found = path.lstat()
        linked = stat.S_ISLNK(found.st_mode)
        if linked:
            found = path.stat()
        real = _real(path) if linked else parent / path.name
    except FileNotFoundError:
        raise InputError("the link leads nowhere.", fix="Remove it.", place=Place(str(path))) from None
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.", fix=UNPUBLISHED) from error
    if stat.S_ISDIR(found.st_mode):
        if linked:
            raise InputError("it is a link to a folder.", fix="Put the folder itself there.", place=Place(str(path)))
        return None
    if not stat.S_ISREG(found.st_mode) or any(real.is_relative_to(kernel) for kernel in KERNEL):
        raise _no_file(path)
    if not _belongs(real, home, parent):
        raise InputError(
            f"it is a link out of the model's folder, to {real}, and such links aren't followed.",
            fix="Put the file itself there. Only the Hugging Face cache's own links, to its blobs, are followed.",
            place=Place(str(path)),
        )
    return Local(path, real, (found.st_dev, found.st_ino), found.st_size)


def _no_file(path: Path) -> InputError:
    return InputError("it is no regular file.", fix="Remove it.", place=Place(str(path)))


def _belongs(real: Path, home: Path, parent: Path) -> bool:
    """Whether a file lies in the model's folder, and not where nothing is published from; or in the hub's cache."""
    if real.is_relative_to(home):
        return not any(part.startswith(".") for part in real.relative_to(home).parts)
    hub = real.parent.parent
    return real.parent.name == "blobs" and parent.is_relative_to(hub / "snapshots")
