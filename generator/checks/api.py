"""Checking from Python: text or objects in, a report out; nothing is printed and nothing is read from disk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from generator.checks.judging.engine import check as judge
from generator.checks.judging.job import Options
from generator.checks.platforms import asked
from generator.reading.documents import Broken, Document, read
from generator.reading.scalars import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.finding import Report

_SURROGATE = re.compile("[\ud800-\udfff]")

__all__ = ["Options", "check"]


def check(
    source: str | bytes | Mapping[str, Any] | Iterable[Document | Broken | Mapping[str, Any]],
    *,
    platforms: Iterable[str] = (),
    options: Options | None = None,
    file: str = "-",
    previous: str | bytes = "",
) -> Report:
    """Judge YAML or JSON text, objects, or documents that were read before.

    Args:
        source: The text of a file; or objects as a YAML loader or a client of the API gives them; or what
            ``generator.reading.documents.read`` gave, of one or more files. References are looked up among all of them.
        platforms: Releases as ``--platform`` takes them, such as ``kserve@0.20``; without them a document's own
            comment decides, else the newest release.
        options: How to judge; the default is a cluster with webhooks.
        file: The name that findings give to text and to objects. Findings in objects have no line: it is 1, and
            ``document`` and ``path`` say where.
        previous: The text of the same objects as they were before the change, for rules on updates.

    Returns:
        Findings in their order, counts, and remarks on the run.

    Raises:
        InputError: An unknown product or release.
    """
    if isinstance(source, (str, bytes)):
        entries: list[Document | Broken] = read(source, file)
    else:
        given = [source] if isinstance(source, Mapping) else source
        entries = [
            Document(data=_plain(entry), file=file, index=number) if isinstance(entry, Mapping) else entry
            for number, entry in enumerate(given)
        ]
    return judge(entries, asked(platforms), options or Options(), read(previous, "previous") if previous else ())


def _plain(value: Any) -> Any:
    """Dicts and lists alone, and numbers as they are sent to a cluster.

    A loader that keeps comments has mappings and lists of its own; a whole float is an integer on its way, and half a
    pair of surrogates what Go makes of it.
    """
    if isinstance(value, Mapping):
        return {_plain(key): _plain(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(child) for child in value]
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    return number(value) if isinstance(value, float) else value
