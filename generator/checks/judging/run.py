"""One run over files: read, judge, put the verdicts together; on one core, or on all where there is enough to do.

Every process reads and judges a share of the files. References are looked up in the whole set, so between reading and
judging the processes tell one another what they read, kind by kind; a kind that no rule looks up is never unpacked.
"""

from __future__ import annotations

import contextlib
import gc
import io
import marshal
import os
import signal
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from generator.checks.finding import Report
from generator.checks.judging.engine import broken_by_us, documents_of, verdicts
from generator.checks.judging.job import Checked
from generator.checks.judging.packing import packed, unpacked
from generator.checks.judging.remembered import Slot
from generator.checks.sources.read import read
from generator.checks.sources.skipped import STDIN, Skipped
from generator.checks.subject import Index, by_kind, earlier_ones
from generator.errors import OutsideError, debugging
from generator.reading.documents import Document
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

    from generator.checks.finding import Verdict
    from generator.checks.judging.job import Job
    from generator.reading.documents import Broken

FILES_A_PROCESS = 250
"""Fewer are judged in the time that a second process takes to start and to tell what it read."""

Cards = dict[tuple[str, str], bytes]
"""What other processes need to know of documents, by group and kind; packed."""


def check_files(job: Job, stdin: BinaryIO, processes: int | None = None) -> Checked:
    """Read and judge files, and remember what was said of them where the job says so.

    Args:
        job: What to judge, and how.
        stdin: Where ``-`` is read from.
        processes: How many to use; None for as many as there are cores and work for.

    Raises:
        OutsideError: A process of the run was killed.
        RuntimeError: One of them broke.
    """
    slot = Slot.of(job)
    with no_collector():
        checked = _checked(job, stdin, processes or min(cores(), len(job.names) // FILES_A_PROCESS))
        if slot is not None and not checked.unread and not checked.report.faults:
            slot.keep(job.names, checked.digests, checked.report.verdicts, checked.skipped)
        return checked


def _checked(job: Job, stdin: BinaryIO, count: int) -> Checked:
    if count > 1 and hasattr(os, "fork"):
        return _on_all_cores(job, stdin, count)
    files = read(job.names, stdin, job.found, digested=job.memory is not None)
    index = Index.of(documents_of(files.entries), documents_of(job.previous))
    found = _judged(job, [*files.entries, *broken_by_us(job.previous)], index)
    return Checked(Report.of(found, job.asked.remarks), files.unread, files.skipped, files.digests)


def cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    """Python's collector looks for cycles, and documents and verdicts have none; it would take a tenth of a run."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _judged(job: Job, entries: Sequence[Document | Broken], index: Index, processes: int = 1) -> Iterator[Verdict]:
    total = len(entries) * processes
    for number, verdict in enumerate(verdicts(entries, index, job.asked, job.options), 1):
        if job.progress and (number % 64 == 0 or number == len(entries)):
            job.progress(number * processes, total)
        yield verdict


def _on_all_cores(job: Job, stdin: BinaryIO, count: int) -> Checked:
    """This process takes the first share, others take the rest."""
    import multiprocessing  # noqa: PLC0415 (only large runs need it)

    fork = multiprocessing.get_context("fork")
    gc.freeze()
    here, *elsewhere = _shares(job.names, count)
    lines = []
    for names in elsewhere:
        ours, theirs = fork.Pipe()
        helper = fork.Process(target=_help, args=(theirs, job, names), daemon=True)
        helper.start()
        theirs.close()
        lines.append(ours)
    try:
        files = read(here, stdin, job.found, digested=job.memory is not None)
        own = documents_of(files.entries)
        cards = [_cards(own), *(_received(line) for line in lines)]
        for number, line in enumerate(lines, 1):
            line.send_bytes(marshal.dumps(cards[:number] + cards[number + 1 :]))
        every = [*files.entries, *broken_by_us(job.previous)]
        found = list(_judged(job, every, _index(job, own, cards[1:]), count))
        rest = [_received(line) for line in lines]
    except (EOFError, ConnectionError) as error:
        raise OutsideError(
            "a process of this run was ended from outside, so not every file was checked.",
            fix="Look for a limit on memory, or check fewer files at a time.",
        ) from error
    place = {name: number for number, name in enumerate(job.names)}
    found += [unpacked(values) for there in rest for values in there[0]]
    found.sort(key=lambda verdict: place.get(verdict.file, len(place)))  # --previous comes last
    unread = [*files.unread, *chain.from_iterable(there[1] for there in rest)]
    skipped = [*files.skipped, *(Skipped(*one) for there in rest for one in there[2])]
    digests = dict(chain(files.digests.items(), *(there[3].items() for there in rest)))
    return Checked(Report.of(found, job.asked.remarks), unread, skipped, digests)


def _shares(names: Sequence[str], count: int) -> list[list[str]]:
    """The files of each process; standard input is the first one's, since only that has it."""
    files = [name for name in names if name != STDIN]
    first = [name for name in names if name == STDIN]
    return [(first if number == 0 else []) + files[number::count] for number in range(count)]


def _help(connection: Connection, job: Job, names: Sequence[str]) -> None:
    """What each other process does; who ends the first one, by Ctrl-C or for good, hears nothing from here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, ConnectionError):
        try:
            _share(connection, job, names)
        except (EOFError, ConnectionError):
            raise
        except Exception as fault:  # noqa: BLE001 (told by the first process: what breaks here breaks the run)
            connection.send_bytes(marshal.dumps(_told(fault)))


def _share(connection: Connection, job: Job, names: Sequence[str]) -> None:
    """Read and judge a share of the files, and tell what was read and found."""
    files = read(names, io.BytesIO(), job.found, digested=job.memory is not None)
    own = documents_of(files.entries)
    connection.send_bytes(marshal.dumps(_cards(own)))
    index = _index(job, own, _received(connection))
    found = [packed(verdict) for verdict in verdicts(files.entries, index, job.asked, job.options)]
    skipped = [(one.file, str(one.why), one.of) for one in files.skipped]
    connection.send_bytes(marshal.dumps((found, files.unread, skipped, files.digests)))


def _told(fault: Exception) -> str:
    """A fault as text, with its traceback for who asks for it."""
    import traceback  # noqa: PLC0415 (nobody needs it where all is well)

    return "".join(traceback.format_exception(fault)) if debugging() else f"{type(fault).__name__}: {fault}"


def _received(connection: Connection) -> Any:
    """What another process tells.

    Raises:
        RuntimeError: It broke.
        EOFError: It is gone.
    """
    found = marshal.loads(connection.recv_bytes())  # noqa: S302 (from a process of our own)
    if isinstance(found, str):
        raise RuntimeError(f"a process of this run broke: {found}")  # noqa: TRY004 (no type is wrong)
    return found


def _cards(documents: Iterable[Document]) -> Cards:
    return {
        (kind.group, kind.kind): marshal.dumps([(one.data, one.file, one.index, one.header) for one in found])
        for kind, found in by_kind(documents).items()
    }


class _Everyone(Mapping[Kind, Sequence[Document]]):
    """The documents of all processes by their kinds; those of the others are unpacked when a kind is asked for."""

    def __init__(self, own: Iterable[Document], cards: Sequence[Cards], names: Iterable[str]) -> None:
        self._own = by_kind(own)
        self._cards = cards
        self._places = {name: number for number, name in enumerate(names)}
        self._found: dict[Kind, Sequence[Document]] = {}

    def __getitem__(self, kind: Kind) -> Sequence[Document]:
        if kind not in self._found:
            others = [marshal.loads(cards[kind]) for cards in self._cards if kind in cards]  # noqa: S302 (as above)
            theirs = [
                Document(data, file, index, header=header) for data, file, index, header in chain.from_iterable(others)
            ]
            if not theirs and kind not in self._own:
                raise KeyError(kind)
            everyone = [*self._own.get(kind, ()), *theirs]
            self._found[kind] = sorted(everyone, key=lambda document: self._places[document.file])
        return self._found[kind]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._own.keys() | {Kind(*kind) for cards in self._cards for kind in cards})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _index(job: Job, own: Sequence[Document], cards: Sequence[Cards]) -> Index:
    return Index(_Everyone(own, cards, job.names), own, earlier_ones(documents_of(job.previous)))
