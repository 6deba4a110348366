"""Baselines: what was wrong before, so that an existing repository can start and still hears of what is new.

A baseline counts findings by rule, file, object and path, never by line: moving lines about changes nothing, a second
mistake of the same kind at the same place is new.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Report
from generator.checks.identity import Identity, identity, relative
from generator.errors import InputError, OutsideError, Place
from generator.text import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.checks.finding import Verdict

API_VERSION, KIND = "serinus/v1", "Baseline"
"""A document of ours, so that a check of the folder that it lies in knows it and leaves it alone."""

_OURS = re.compile(rb'"kind":\s*"' + KIND.encode() + b'"')

FIELDS = (*Identity._fields, "count")
REPAIR = "Write it anew with --write-baseline."


@dataclass(frozen=True)
class Baseline:
    """What was wrong before.

    Attributes:
        counts: How often each mistake was there.
        folder: The folder of the file, from which it names the others.
    """

    counts: Mapping[Identity, int]
    folder: Path

    def silence(self, report: Report) -> Report:
        """The report without what was there before; the summary says how many findings that are."""
        left = Counter(self.counts)
        known: set[int] = set()  # by id(): findings of twins are equal, and one of them may be new
        for finding in report.findings:
            who = identity(finding, self.folder)
            if left[who] > 0 and not finding.trace:
                left[who] -= 1
                known.add(id(finding))
        verdicts = tuple(_without(verdict, known) for verdict in report.verdicts)
        return Report.of(verdicts, report.remarks, silenced=len(known))

    def gone(self, report: Report) -> int:
        """How many of its findings are no longer there, in the files that were checked.

        Args:
            report: As the check gave it, nothing silenced.
        """
        checked = {relative(verdict.file, self.folder) for verdict in report.verdicts}
        now = Counter(identity(finding, self.folder) for finding in report.findings)
        return sum(max(0, count - now[who]) for who, count in self.counts.items() if who.file in checked)


def _without(verdict: Verdict, known: set[int]) -> Verdict:
    kept = tuple(finding for finding in verdict.findings if id(finding) not in known)
    return verdict if len(kept) == len(verdict.findings) else replace(verdict, findings=kept)


def of(report: Report, folder: Path) -> Baseline:
    """A baseline of all that a report tells, for a file in ``folder``; faults of ours are never known and done with."""
    return Baseline(Counter(identity(finding, folder) for finding in report.findings if not finding.trace), folder)


def write(baseline: Baseline, file: Path) -> None:
    """Write a baseline: sorted, a mistake a line, the same bytes for the same mistakes.

    Raises:
        InputError: Something else stands there; a baseline that somebody bent is none.
        OutsideError: The file can't be written.
    """
    _refuse_others(file)
    rows = [dict(zip(FIELDS, (*who, count), strict=True)) for who, count in sorted(baseline.counts.items())]
    lines = ",\n".join(map(_line, rows))
    body = f"[\n{lines}\n]" if rows else "[]"
    text = f'{{"apiVersion": "{API_VERSION}", "kind": "{KIND}", "findings": {body}}}\n'
    files.write_atomically(file, text.encode())


def _refuse_others(file: Path) -> None:
    """Refuse to write over what was never a baseline.

    Raises:
        InputError: The file is such a one.
        OutsideError: It can't be read.
    """
    try:
        there = files.read_bytes(file) if file.is_file() else b""
    except OSError as error:
        raise OutsideError(f"can't read {file}: {error.strerror or error}.") from error
    if there.strip() and not _OURS.search(there):
        raise InputError(f"{file} is no baseline, so it isn't written over.", fix="Name another file, or remove it.")


def _line(row: Mapping[str, Any]) -> str:
    """An entry as people read it; with escapes where it holds what no UTF-8 can, such as a file name in Latin-1."""
    line = json.dumps(row, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(row)


def read(file: Path) -> Baseline:
    """Read what ``write`` wrote.

    Raises:
        InputError: There is no such file, or it is no baseline.
        OutsideError: The file can't be read.
    """
    try:
        data = json.loads(files.read_text(file))
    except FileNotFoundError:
        raise InputError(
            f"{file}: there is no such baseline.", fix="Write it first: --write-baseline instead of --baseline."
        ) from None
    except json.JSONDecodeError as error:
        place = Place(str(file), error.lineno, error.colno)
        raise InputError(f"this is no JSON: {error.msg}.", fix=REPAIR, place=place) from None
    except (ValueError, RecursionError):  # no UTF-8, a number of thousands of digits, nested too deep
        raise InputError("this is no baseline.", fix=REPAIR, place=Place(str(file))) from None
    except OSError as error:
        raise OutsideError(f"can't read {file}: {error.strerror or error}.") from error
    ours = isinstance(data, dict) and data.get("apiVersion") == API_VERSION and data.get("kind") == KIND
    if not ours or not isinstance(data.get("findings"), list):
        raise InputError(f"this is no {KIND} of {API_VERSION}.", fix=REPAIR, place=Place(str(file)))
    counts: Counter[Identity] = Counter()
    for number, row in enumerate(data["findings"]):
        who, count = _row(row, Place(str(file), path=f"findings[{number}]"))
        counts[who] += count
    return Baseline(counts, file.parent)


def _row(row: Any, place: Place) -> tuple[Identity, int]:
    """One entry.

    Raises:
        InputError: It hasn't exactly the fields that ``write`` writes.
    """
    fits = isinstance(row, dict) and row.keys() == set(FIELDS)
    if not fits or not all(isinstance(row[name], str) for name in Identity._fields):
        raise InputError(f"an entry has exactly the fields {', '.join(FIELDS)}.", fix=REPAIR, place=place)
    count = row["count"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InputError(f"count is a whole number from 1, not {json.dumps(count)}.", fix=REPAIR, place=place)
    return Identity(*(row[name] for name in Identity._fields)), count
