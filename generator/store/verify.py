"""Holding what lies in a store against a release's record: every byte is read, and every object is accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.store.hashing import PART
from generator.store.objects import unwatched
from generator.store.release import SHORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.store.objects import Store
    from generator.store.release import File, Release


@dataclass(frozen=True)
class Fault:
    """One object that isn't as the record has it.

    Attributes:
        url: The object.
        problem: What is wrong with it, the end of a sentence that starts with the object.
    """

    url: str
    problem: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.url} {self.problem}"


def verify(store: Store, release: Release, read: Callable[[int], None] = unwatched) -> tuple[Fault, ...]:
    """Read all files of a release and compare them with its record.

    An object that the record doesn't name is a fault too: pods fetch the whole folder, and many servers refuse or
    misread a folder with one file more.

    Args:
        store: Where it lies.
        release: What its record says.
        read: Told the bytes of each file that is done.

    Returns:
        What is wrong, by the objects' names; nothing where all is right.

    Raises:
        OutsideError: The store can't be read.
    """
    there = store.sizes(release.path)
    named = {f"{release.folder}/{file.path}": file for file in release.files}

    def judge(key: str) -> Fault | None:
        file = named[key]
        problem = _missing_or_cut(file, there.get(key)) or _otherwise(file, store.sha256(key))
        read(file.size)
        return Fault(store.url_of(key), problem) if problem else None

    big = [key for key, file in named.items() if file.size > PART]  # read in pieces, some ahead: a few at once
    small = [key for key, file in named.items() if file.size <= PART]
    wrong = [fault for fault in store.each(judge, small, big) if fault is not None]
    strange = [Fault(store.url_of(key), "isn't named by the record") for key in there if key not in named]
    return tuple(sorted([*wrong, *strange], key=lambda fault: fault.url))


def _missing_or_cut(file: File, size: int | None) -> str:
    if size is None:
        return "is gone"
    if size != file.size:
        return f"has {size:,} bytes, and the record says {file.size:,}"
    return ""


def _otherwise(file: File, found: str | None) -> str:
    if found is None:
        return "is gone"
    if found != file.sha256:
        return f"has other content: its sha256 is {found[:SHORT]}…, and the record says {file.sha256[:SHORT]}…"
    return ""
