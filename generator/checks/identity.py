"""What a finding is, apart from the line that it stands on: the same mistake tomorrow, after lines have moved."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from generator.checks.finding import Finding

STDIN = "-"


class Identity(NamedTuple):
    """One mistake: two findings with the same identity are told apart by their number alone.

    Attributes:
        rule: The rule's id.
        file: With forward slashes, relative to a folder that the caller chose; ``-`` for standard input.
        kind: The document's kind; empty where it has none.
        namespace: The object's namespace; empty where it has none.
        name: The object's name; empty where it has none.
        path: The place inside the document; empty for the whole of it.
    """

    rule: str
    file: str
    kind: str
    namespace: str
    name: str
    path: str


def identity(finding: Finding, folder: Path) -> Identity:
    """Who a finding is, its file named as seen from ``folder``."""
    file = relative(finding.file, folder)
    return Identity(finding.rule, file, finding.kind, finding.namespace, finding.name, finding.path)


def relative(file: str, folder: Path) -> str:
    """A file as seen from a folder, with forward slashes; ``-`` stays what it is.

    However the user wrote it (``./a.yaml``, an absolute path, from a folder below), it is the same file.
    """
    if file == STDIN:
        return STDIN
    try:
        return PurePath(os.path.relpath(file, folder)).as_posix()
    except ValueError:
        # Windows: no way leads from one drive to another.
        return Path(file).absolute().as_posix()
