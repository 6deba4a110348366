"""What a run is asked, and what it gives; whoever only asks imports nothing that judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.checks.finding import Report
    from generator.checks.platforms import Asked
    from generator.checks.sources.find import Found
    from generator.checks.sources.skipped import Skipped
    from generator.reading.documents import Broken, Document


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run judges.

    Attributes:
        webhooks: Whether the platforms' webhooks and all rules beyond structure have a say.
        strict: Whether a kind that no pack knows is an error.
        complete: Whether the given set is all there is, so that a reference into nothing is a warning.
        ignore: The ids of rules that nobody wants to hear of, on any object.
    """

    webhooks: bool = True
    strict: bool = False
    complete: bool = False
    ignore: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Checked:
    """What a run gave.

    Attributes:
        report: The verdicts.
        unread: One line for each file that couldn't be read.
        skipped: The files that no cluster will ever see.
        digests: Of each file that was judged, as ``Sources.digests``; empty where nobody asks.
        remembered: Whether an earlier run has judged the very same, so that nothing was judged now.
    """

    report: Report
    unread: Sequence[str]
    skipped: Sequence[Skipped] = ()
    digests: Mapping[str, bytes] = field(default_factory=dict)
    remembered: bool = False


@dataclass(frozen=True)
class Job:
    """What all processes of a run share.

    Attributes:
        names: All files, in their order.
        asked: The releases that the command names.
        options: How to judge.
        previous: The same objects as they were before the change, for rules on updates.
        progress: Takes how many documents are judged and how many there are; None where nobody watches.
        found: The files that nobody named; None where all are named.
        memory: The folder in which verdicts are remembered; None where none are.
    """

    names: Sequence[str]
    asked: Asked
    options: Options
    previous: Sequence[Document | Broken] = ()
    progress: Callable[[int, int], None] | None = None
    found: Found | None = None
    memory: Path | None = None
