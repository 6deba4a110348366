"""Checking from Python: text or documents in, a report out; nothing is printed and nothing is read from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.engine import Options
from generator.checks.engine import check as judge
from generator.checks.platforms import asked
from generator.documents import Broken, Document, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.finding import Report

__all__ = ["Options", "check"]


def check(
    source: str | bytes | Iterable[Document | Broken],
    *,
    platforms: Iterable[str] = (),
    options: Options | None = None,
    file: str = "-",
) -> Report:
    """Judge YAML or JSON text, or documents that were read before.

    Args:
        source: The text of a file, or what ``generator.documents.read`` gave, of one or more files.
        platforms: Releases as ``--platform`` takes them, such as ``kserve@0.20``; without them a document's own
            comment decides, else the newest release.
        options: How to judge; the default is a cluster with webhooks.
        file: The name that findings give to text.

    Returns:
        Findings in their order, counts, and remarks on the run.

    Raises:
        InputError: An unknown product or release.
    """
    entries = read(source, file) if isinstance(source, (str, bytes)) else source
    return judge(entries, asked(platforms), options or Options())
