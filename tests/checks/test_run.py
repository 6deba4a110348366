"""A run over files says the same on one core and on several."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.checks.judging import packing, run
from generator.checks.judging.job import Job, Options
from generator.checks.platforms import asked
from generator.checks.registry import registry
from generator.checks.sources import find as finding
from generator.checks.sources import read as reading
from generator.errors import OutsideError
from generator.reading.documents import Document
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from generator.checks.finding import Verdict

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def job(folder: Path, progress: object = None) -> Job:
    names = finding.find([str(folder)]).names
    return Job(names, asked(()), Options(), progress=progress)  # type: ignore[arg-type]


def written(folder: Path, documents: list[str]) -> Path:
    for number, text in enumerate(documents):
        (folder / f"{number:03}.yaml").write_text(text)
    return folder


def examples() -> list[str]:
    return [text for rule in registry().rules for text in (rule.bad, rule.good)]


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 3, 5])
def test_as_many_processes_as_there_are_say_the_same(tmp_path: Path, processes: int) -> None:
    """Every rule's examples at once, so that references lead across processes in both directions."""
    todo = job(written(tmp_path, [*examples(), "a: [", "\0binary"]))
    alone, together = (run.check_files(todo, io.BytesIO(), count) for count in (1, processes))
    assert together == alone
    assert together.report.summary.documents > 500


def test_real_manifests_too() -> None:
    if not CORPUS.is_dir():
        pytest.skip("no corpus beside the project")
    todo = job(CORPUS / "kserve")
    assert run.check_files(todo, io.BytesIO(), 2) == run.check_files(todo, io.BytesIO(), 1)


def test_a_file_that_cannot_be_read_is_told_whoever_meets_it(tmp_path: Path) -> None:
    folder = written(tmp_path, examples()[:6])
    for name in ("000.yaml", "001.yaml"):
        (folder / name).unlink()
        (folder / name).symlink_to("nowhere")
    unread = run.check_files(job(folder), io.BytesIO(), 2).unread
    assert sorted(unread) == [
        f"can't read {folder / name}: No such file or directory." for name in ("000.yaml", "001.yaml")
    ]


def test_a_process_that_is_killed_is_an_error_and_no_shorter_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = job(written(tmp_path, examples()[:20]))
    here = os.getpid()

    def dies(names: list[str], stdin: io.BytesIO, found: object, *, digested: bool) -> reading.Sources:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(names, stdin, found, digested=digested)

    read = reading.read
    monkeypatch.setattr(run, "read", dies)
    with pytest.raises(OutsideError, match="ended from outside"):
        run.check_files(todo, io.BytesIO(), 2)


@pytest.mark.parametrize("where", ["read", "verdicts"])
def test_a_fault_of_ours_in_another_process_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    todo = job(written(tmp_path, examples()[:20]))
    here, ours = os.getpid(), getattr(run, where)

    def breaks(*given: object, **more: object) -> object:
        if os.getpid() != here:
            raise KeyError("of ours")
        return ours(*given, **more)

    monkeypatch.setattr(run, where, breaks)
    with pytest.raises(RuntimeError, match="a process of this run broke: KeyError: 'of ours'"):
        run.check_files(todo, io.BytesIO(), 2)


def test_progress_ends_with_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    todo = job(written(tmp_path, examples()[:200]), lambda done, total: seen.append((done, total)))
    run.check_files(todo, io.BytesIO(), 2)
    assert len(seen) > 1
    assert seen[-1][0] == seen[-1][1]


def test_what_others_read_is_unpacked_only_when_its_kind_is_asked_for() -> None:
    service = Document({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b"}}, "b.yaml")
    theirs = run._cards([service])
    own = Document({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}, "c.yaml")
    everyone = run._Everyone([own], [{**theirs, ("", "Secret"): b"never looked at"}], ["a.yaml", "b.yaml", "c.yaml"])
    assert [document.name for document in everyone[Kind("", "Service")]] == ["b", "a"]
    assert Kind("", "ConfigMap") not in everyone
    assert set(everyone) == {Kind("", "Service"), Kind("", "Secret")}


def test_a_verdict_survives_the_way_between_processes(tmp_path: Path) -> None:
    report = run.check_files(job(written(tmp_path, examples()[:40])), io.BytesIO(), 1).report
    verdicts: list[Verdict] = list(report.verdicts)
    assert [packing.unpacked(packing.packed(verdict)) for verdict in verdicts] == verdicts


@pytest.mark.parametrize("at", [0, 1, 2])
def test_standard_input_is_read_wherever_it_is_named(tmp_path: Path, at: int) -> None:
    names = finding.find([str(written(tmp_path, examples()[:4]))]).names
    names.insert(at, finding.STDIN)
    todo = Job(names, asked(()), Options())
    alone, together = (run.check_files(todo, io.BytesIO(b"a: ["), count) for count in (1, 2))
    assert together == alone
    assert finding.STDIN in [finding.file for finding in together.report.findings]


def test_a_helper_whose_first_process_is_gone_ends_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import multiprocessing

    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    todo = job(written(tmp_path, examples()[:4]))
    helper = fork.Process(target=run._help, args=(theirs, todo, todo.names))
    ours.close()
    helper.start()
    theirs.close()
    helper.join(30)
    assert helper.exitcode == 0
    assert capfd.readouterr().err == ""
