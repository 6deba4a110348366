"""Looking into zip files that nobody vouches for: names, and small members, never more than asked for."""

from __future__ import annotations

import contextlib
import errno
import lzma
import re
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from generator.store import disk
from generator.store.contents.damage import DamagedError

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator
    from pathlib import Path

# What zipfile is known to raise on damaged, encrypted or exotic files.
DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


DRIVE = re.compile(r"[A-Za-z]:")
HEADER = 30  # of a member, at the least: APPNOTE.TXT, "Local file header"


class ArchiveError(DamagedError):
    """The file is no zip file, or is damaged; the text says which."""


def names(path: Path) -> list[str]:
    """The names of all members.

    Raises:
        ArchiveError: It is no zip file, or a damaged one.
        OSError: It can't be read.
    """
    with _opened(path) as archive:
        return archive.namelist()


def member(path: Path, name: str, limit: int) -> bytes | None:
    """The content of a member; None where there is none of that name.

    Args:
        path: The zip file.
        name: The member's name.
        limit: The most bytes that it may have.

    Raises:
        ArchiveError: It is no zip file, a damaged one, or the member is bigger.
        OSError: It can't be read.
    """
    with _opened(path) as archive:
        if name not in archive.namelist():
            return None
        with archive.open(name) as file:
            content = file.read(limit + 1)
    if len(content) > limit:
        raise ArchiveError(f"its {name} is bigger than {limit} bytes")
    return content


def head(path: Path, name: str, most: int) -> tuple[bytes, int]:
    """The first bytes of a member and the size of all of it; nothing where there is none of that name.

    Raises:
        ArchiveError: It is no zip file, or a damaged one.
        OSError: It can't be read.
    """
    with _opened(path) as archive:
        if name not in archive.namelist():
            return b"", 0
        with archive.open(name) as file:
            return file.read(most), archive.getinfo(name).file_size


def check(path: Path) -> None:
    """Hold the members against the file: each lies where the directory at its end says, whole, once, and no trap.

    Who unpacks the archive, as TorchServe does, would follow a name that leads out of the folder, or a link.

    Raises:
        ArchiveError: It is no zip file, a damaged one, or one that nobody should unpack.
        OSError: It can't be read.
    """
    with _opened(path) as archive:
        _check_members(archive)


def _check_members(archive: zipfile.ZipFile) -> None:
    seen = set[str]()
    for member in archive.infolist():
        name, shown = member.orig_filename, repr(member.orig_filename[:80])
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or DRIVE.match(name):
            raise ArchiveError(f"its member {shown} would be unpacked outside of its folder")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveError(f"its member {shown} is a link")
        if name in seen:
            raise ArchiveError(f"it holds {shown} twice, and who reads it may take either")
        seen.add(name)
        if member.header_offset + HEADER + member.compress_size > archive.start_dir:
            raise ArchiveError(f"its member {member.filename[:80]!r} was cut off")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, with whatever a damaged one makes zipfile raise as one error."""
    try:
        with disk.opened(path) as file:
            _demand_zip(file)
            with zipfile.ZipFile(file) as archive:
                yield archive
    except ArchiveError:
        raise
    except DAMAGE as error:
        raise ArchiveError(f"the zip file is damaged: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ArchiveError("the zip file is damaged: it points before its own start") from error


def _demand_zip(file: io.BufferedReader) -> None:
    if not zipfile.is_zipfile(file):
        raise ArchiveError("it is no zip file, or was cut off")
