"""``make bench``: what Serinus costs, side by side with what it is compared to, in one run on one machine.

Machines are noisy: every figure is a median, and what matters is the ratio of two that were measured in turn.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import growth
import manifests
import services
import uploads

import training

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/digits/serinus.yaml"
BARE = """\
import typer
app = typer.Typer()
@app.command()
def a(x: int = 1): ...
@app.command()
def b(x: int = 1): ...
app()
"""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: str
    goal: str


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=15, help="runs of each short command")
    parser.add_argument("--light", action="store_true", help="leave out what trains")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = [*startup(Path(scratch), options.pairs), *(Row(*row) for row in services.rows(Path(scratch)))]
        rows += [Row(*row) for row in manifests.rows(Path(scratch))]
        rows += [Row(*row) for row in growth.rows()]
        rows += [Row(*row) for row in uploads.rows(Path(scratch))]
        if not options.light:
            rows += [Row(*row) for row in training.rows(Path(scratch))]
            rows += to_the_gate(Path(scratch))
    print("| what | measured | goal |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.goal} |")


def seconds(command: list[str | Path], **options: object) -> float:
    """Wall time of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    return time.perf_counter() - started


def paired(first: Callable[[], float], second: Callable[[], float], pairs: int) -> tuple[float, float]:
    """The medians of two measurements taken in turn, after one of each that isn't counted."""
    first(), second()
    taken = [(first(), second()) for _ in range(pairs)]
    return statistics.median(one for one, _ in taken), statistics.median(two for _, two in taken)


def startup(scratch: Path, pairs: int) -> list[Row]:
    """Whole short commands against a bare Typer program with two commands."""
    bare = scratch / "bare.py"
    bare.write_text(BARE)
    program = Path(sys.executable).parent / "serinus"
    rows = []
    for what, command, goal in (
        ("`serinus --help`", [program, "--help"], 1.3),
        ("`serinus --version`", [program, "--version"], 1.3),
        ("`serinus render examples/digits/serinus.yaml`", [program, "render", EXAMPLE], 2.5),
    ):
        ours, theirs = paired(
            lambda command=command: seconds(command), lambda: seconds([sys.executable, bare, "--help"]), pairs
        )
        figure = f"{ours / theirs:.2f} × bare Typer ({ours * 1000:.0f} / {theirs * 1000:.0f} ms)"
        rows.append(Row(what, figure, f"≤ {goal} ×"))
    return rows


def to_the_gate(scratch: Path) -> list[Row]:
    """From nothing to a model that has cleared the gate; then the whole demo."""
    folder = scratch / "training"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder)
    program = Path(sys.executable).parent / "serinus"
    taken = statistics.median(seconds([program, "train", folder / "serinus.yaml", "--retrain"]) for _ in range(3))
    shutil.rmtree(ROOT / "build/demo", ignore_errors=True)
    demo = seconds(["make", "demo"], cwd=ROOT)
    return [
        Row("`serinus train`, digits, to the gate, whole process", f"{taken:.1f} s", "< 20 s"),
        Row("`make demo` after downloads", f"{demo:.0f} s", "< 120 s"),
    ]


if __name__ == "__main__":
    main()
