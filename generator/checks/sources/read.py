"""Reading what was found: the documents that a cluster will see, and what was passed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from generator.checks.sources.find import Found
from generator.checks.sources.recognition import for_a_cluster, foreign, own
from generator.checks.sources.skipped import STDIN, Skipped, Why
from generator.reading.documents import iterate
from generator.text import files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.reading.documents import Broken, Document


@dataclass
class Sources:
    """What was read.

    Attributes:
        entries: Documents and broken documents of all files, in the order of the files.
        unread: One line for each file that couldn't be read; the others are checked all the same.
        skipped: The files that no cluster will ever see.
        digests: By file, the digest of the content that was taken; only where that is asked for.
    """

    entries: list[Document | Broken] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    digests: dict[str, bytes] = field(default_factory=dict)


def read(names: Iterable[str], stdin: BinaryIO, found: Found | None = None, *, digested: bool = False) -> Sources:
    """Read files.

    Args:
        names: As ``find`` gave them.
        stdin: Where ``-`` is read from.
        found: Which of them nobody named; None where all are named.
        digested: Whether the digest of each content is wanted.
    """
    result, found = Sources(), found or Found()
    for name in names:
        if kustomization := found.parts.get(name):
            result.skipped.append(Skipped(name, Why.KUSTOMIZE, kustomization))
            continue
        try:
            content = stdin.read() if name == STDIN else files.read_bytes(name)
        except OSError as error:
            shown = "standard input" if name == STDIN else name
            result.unread.append(f"can't read {shown}: {error.strerror or error}.")
            continue
        if digested:
            result.digests[name] = files.digest(content)
        if b"{{" in content and (chart := found.templates.get(name)):
            result.skipped.append(Skipped(name, Why.CHART, chart))
            continue
        _take(result, name, content, named=name not in found.names)
    return result


def _take(result: Sources, name: str, content: bytes, *, named: bool) -> None:
    """Take what is for a cluster in a file, or the word for a file in which nothing is."""
    entries = list(iterate(content, name))
    kept = for_a_cluster(entries)
    if entries and not kept:
        result.skipped.append(own(name, entries))
    elif not named and (passed := foreign(name, content, kept)):
        result.skipped.append(passed)
    else:
        result.entries += kept
