"""Verdicts that are remembered from run to run, so that nobody waits for what was judged before.

A verdict is a function of

- the contents of all files of the run, in their order: what a document is told depends on the others (a runtime, a
  ConfigMap, the other Services of a name), so a set is remembered as a whole, and judged anew as a whole as soon as one
  byte of one file is another;
- how the files are named, which of them nobody named, and what lies around them (charts, kustomizations);
- the options: releases by command and repository, severities, rules that the repository silences;
- the schema packs that the user imported;
- our own code with its rules, facts and packs, the Python that runs it, and the libraries that read and compile.

The first four make the question, and so the name of the file; the contents and the code stand in the file and are
compared. What fails in any way (a folder that can't be written, a file that was cut off, made by another, or tampered
with so that its sum is wrong) is as if nothing were remembered. No run with a fault of ours, an unread file, standard
input or ``--previous`` is remembered. The file is JSON: reading it runs nothing, whoever wrote it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generator
from generator.checks.finding import Report
from generator.checks.judging.job import Checked
from generator.checks.judging.packing import packed, unpacked
from generator.checks.sources.skipped import STDIN, Skipped
from generator.errors import OutsideError
from generator.schemas import user_folder
from generator.text.files import MOST_BYTES, digest, home, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.checks.finding import Verdict
    from generator.checks.judging.job import Job
    from generator.checks.sources.find import Found

FORM = 1
"""The number of the form of these files; one of another form is as good as none."""
FEWEST = 50
"""Files of a run that is remembered; fewer are judged in the time that it takes to look."""
MOST_SLOTS, MOST_BYTES_OF_ALL = 64, 256 * 2**20
"""What the folder holds at most; the runs that were asked for longest ago are forgotten first."""
SUFFIX = ".verdicts"
_FOLDER = "verdicts"
_LIBRARIES = {"yaml_rs": "yaml_rs-", "jsonschema_rs": "jsonschema_rs-", "yaml": "pyyaml-"}
"""Modules that have a say, by the beginnings of their folders of metadata, which name the version."""


def folder() -> Path:
    """Where verdicts are remembered: below ``$SERINUS_CACHE_DIR``, else the system's folder for such things."""
    if named := os.environ.get("SERINUS_CACHE_DIR"):
        return Path(named, _FOLDER)
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named, "serinus", _FOLDER)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home(), "serinus", "cache", _FOLDER)
    return home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "serinus" / _FOLDER


def recalled(job: Job) -> Checked | None:
    """What an earlier run has said of the very same; None where there was none, so that it has to be judged."""
    slot = Slot.of(job)
    known = slot.recall(job.names, job.found) if slot else None
    if known is None:
        return None
    verdicts, skipped = known
    return Checked(Report.of(verdicts, job.asked.remarks), (), skipped, remembered=True)


@dataclass(frozen=True)
class Slot:
    """Where the answer to one question is kept, or will be.

    Attributes:
        file: The file; another content of the same files takes the place of what is there.
        mark: What the code's files looked like when the run began.
    """

    file: Path
    mark: str

    @classmethod
    def of(cls, job: Job) -> Slot | None:
        """The place of a run; None for one that isn't remembered."""
        names = job.names
        if job.memory is None or len(names) < FEWEST or job.previous or STDIN in names:
            return None
        try:
            asked = [FORM, _plain(job.asked), _plain(job.options), _around(names, job.found), _imported()]
            return cls(job.memory / f"{_sum(_json(asked))}{SUFFIX}", _mark())
        except OSError:
            return None

    def recall(self, names: Sequence[str], found: Found | None) -> tuple[list[Verdict], list[Skipped]] | None:
        """The verdicts and skipped files of an earlier run on the very same; None where there was none."""
        try:
            head, body = self.file.read_bytes().split(b"\n", 1)
            then = json.loads(head)
            if then["form"] != FORM or (then["mark"] != self.mark and then["code"] != _code()):
                return None
            if then["sum"] != _sum(body) or then["contents"] != _of_all(_digests(names, found)):
                return None
            verdicts, skipped = json.loads(body)
            answer = [unpacked(values) for values in verdicts], [Skipped(*values) for values in skipped]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        with contextlib.suppress(OSError):
            os.utime(self.file)
        return answer

    def keep(
        self,
        names: Sequence[str],
        digests: Mapping[str, bytes],
        verdicts: Sequence[Verdict],
        skipped: Sequence[Skipped],
    ) -> None:
        """Remember a run; where that can't be done, the next one judges anew, and nobody needs to know.

        Args:
            names: The files of the run.
            digests: Of the contents that were judged.
            verdicts: What was said of them.
            skipped: The files that no cluster will ever see.
        """
        body = _json([[packed(one) for one in verdicts], [[one.file, str(one.why), one.of] for one in skipped]])
        contents = _of_all(digests.get(name, b"") for name in names)
        try:
            if self.mark != _mark() or not all(map(_is_file, digests)):
                return
            head = {"form": FORM, "mark": self.mark, "code": _code(), "contents": contents, "sum": _sum(body)}
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self.file, _json(head) + b"\n" + body)
            _forget(self.file.parent)
        except (OSError, OutsideError):
            return


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _sum(content: bytes) -> str:
    return digest(content).hex()


def _plain(value: Any) -> list[Any]:
    """The fields of a dataclass with their values, sets in an order."""
    found = ((one.name, getattr(value, one.name)) for one in fields(value))
    return [[name, sorted(each) if isinstance(each, frozenset) else each] for name, each in found]


def _around(names: Sequence[str], found: Found | None) -> Any:
    """The files with what is known of them before they are read."""
    if found is None:
        return list(names)
    return [[name, name in found.names, found.parts.get(name), found.templates.get(name)] for name in names]


def _imported() -> list[Any]:
    """The packs that the user imported, with their contents."""
    packs = sorted(user_folder().glob("*/*.pack"))
    return [[str(pack.relative_to(user_folder())), _sum(pack.read_bytes())] for pack in packs]


def _of_all(digests: Iterator[bytes]) -> str:
    return _sum(b"".join(len(one).to_bytes(1) + one for one in digests))


def _digests(names: Sequence[str], found: Found | None) -> Iterator[bytes]:
    """The digests of all that a run reads of these files.

    Raises:
        OSError: One can't be read, or is no file.
    """
    unread = found.parts if found else {}
    for name in names:
        yield b"" if name in unread else digest(_content(name))


def _content(name: str) -> bytes:
    """A file's content; a pipe isn't waited for, and nothing is taken out of it.

    Raises:
        OSError: It can't be read, or is no file.
    """
    opened = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        there = os.fstat(opened)
        if not stat.S_ISREG(there.st_mode) or there.st_size > MOST_BYTES:
            raise OSError(f"{name} is no file of a common size")
        parts = []
        while part := os.read(opened, max(there.st_size, 1) + 1):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(opened)


def _is_file(name: str) -> bool:
    return stat.S_ISREG(os.stat(name).st_mode)  # noqa: PTH116 (ten thousand of them)


def _ours(place: str) -> Iterator[os.DirEntry[str]]:
    """The files of a folder of code and of those below, in an order."""
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if not entry.is_dir():
                yield entry
            elif entry.name != "__pycache__":
                yield from _ours(entry.path)


def _home() -> str:
    return str(Path(generator.__file__).parent)


def _mark() -> str:
    """What tells that the code is the same as in another run on this machine; cheap.

    Raises:
        OSError: The code can't be looked at.
    """
    looks = [(one.path, one.stat()) for one in _ours(_home())]
    shown = [[path, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino] for path, at in looks]
    return _sum(_json([shown, _runs_on()]))


def _code() -> str:
    """What tells that the code is the same, on whatever machine.

    Raises:
        OSError: The code can't be read.
    """
    files = [[os.path.relpath(one.path, _home()), _sum(Path(one.path).read_bytes())] for one in _ours(_home())]
    return _sum(_json([files, _runs_on()]))


def _runs_on() -> list[Any]:
    """The Python and the libraries by their versions."""
    from importlib.util import find_spec  # noqa: PLC0415 (large runs alone need it)

    found: list[Any] = [generator.__version__, sys.version]
    for module, begins in _LIBRARIES.items():
        spec = find_spec(module)
        site = Path(spec.origin).parents[1] if spec and spec.origin else None
        beside = os.scandir(site) if site else ()
        found.append([module, sorted(one.name for one in beside if one.name.lower().startswith(begins))])
    return found


def _forget(place: Path) -> None:
    """Remove what was asked for longest ago, as much as is too much; other processes may do the same."""
    entries = [(one, one.stat()) for one in os.scandir(place) if one.name.endswith(SUFFIX)]
    entries.sort(key=lambda one: one[1].st_mtime_ns, reverse=True)
    size = 0
    for number, (entry, at) in enumerate(entries):
        size += at.st_size
        if number and (number >= MOST_SLOTS or size > MOST_BYTES_OF_ALL):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(entry.path)  # noqa: PTH108 (an entry of a folder that is read)
