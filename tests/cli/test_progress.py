"""The progress bar: for a person at a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from generator.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO, False), (Terminal, True)])
def test_where_nobody_watches_there_is_none(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], *, quiet: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    with progress.bar("Training", quiet=quiet) as draw:
        assert draw is None
    assert sys.stderr.getvalue() == ""


def test_at_a_terminal_it_grows_and_ends_its_line_with_the_last_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.bar("Training") as draw:
        assert draw
        assert sys.stderr.getvalue() == ""  # nothing before the first step
        for done in (10, 60, 100):
            draw(done, 100)
        sys.stderr.write("Trained\n")
    shown = sys.stderr.getvalue()
    assert "Training" in shown
    assert "100%" in shown
    assert shown.index("100%") < shown.rindex("\n", 0, shown.index("Trained\n"))
    assert capsys.readouterr().out == ""


def test_an_error_in_between_ends_the_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())

    def fails() -> None:
        with progress.bar("Training") as draw:
            assert draw
            draw(50, 100)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert "\n" in sys.stderr.getvalue().partition("50%")[2]
