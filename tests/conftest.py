"""Fixtures of all tests: one way to run the program, and a folder to run it in."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import hypothesis
import pytest

from generator.plan import lock
from kit import SERVICE, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A machine that is busy with something else is no failure of what is tested.
hypothesis.settings.register_profile("serinus", deadline=None)
hypothesis.settings.load_profile("serinus")


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def faults_told() -> None:
    """A fault of ours becomes a finding, as it does for users; in all other tests it ends the test."""


@pytest.fixture(autouse=True)
def _faults_fail(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(error: Exception, *_: object) -> None:
        raise error

    if "faults_told" not in request.fixturenames:
        monkeypatch.setattr("generator.checks.judging.engine.fault", fails)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is remembered from run to run lies in a folder of these tests."""
    os.environ["SERINUS_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Programs that are started heed Ctrl-C; those of a shell's background job otherwise inherit that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run ``serinus`` in this process, through the function that the console command calls."""
    from generator.cli import main

    def call(*argv: str | Path) -> Ended:
        with pytest.raises(SystemExit) as left:
            main.run([str(each) for each in argv])
        captured = capsys.readouterr()
        code = left.value.code
        return Ended(code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a service file and its lock."""
    (tmp_path / "serinus.yaml").write_text(SERVICE)
    lock.write(tmp_path / lock.FILE, locked())
    return tmp_path
