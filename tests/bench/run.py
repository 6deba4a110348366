"""``make bench``: what Serinus costs, side by side with what it is compared to, in one run on one machine.

Machines are noisy: every figure is a median, and what matters is the ratio of two that were measured in turn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import manifests

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/digits/serinus.yaml"
SERVICES = 1000
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"
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
        rows = [*startup(Path(scratch), options.pairs), *thousand(Path(scratch))]
        rows += [Row(*row) for row in manifests.rows(Path(scratch))]
        if not options.light:
            rows += training(Path(scratch))
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


def thousand(scratch: Path) -> list[Row]:
    """Rendering and validating 1,000 services in one process, against merely putting 1,000 documents together."""
    from generator import lock, service_file
    from generator.checks.api import check
    from generator.checks.run import no_collector
    from generator.documents import read
    from generator.render import render

    text, section = EXAMPLE.read_text(), lock.read(EXAMPLE.parent / lock.FILE).services["digits"]
    locked = lock.Lock()
    folder = scratch / "services"
    folder.mkdir()
    names = [f"digits-{number}" for number in range(SERVICES)]
    for name in names:
        (folder / f"{name}.yaml").write_text(text.replace("name: digits\n", f"name: {name}\n", 1))
    locked = lock.Lock(services=dict.fromkeys(names, section))

    def ours() -> float:
        started = time.perf_counter()
        with no_collector():
            services = [service_file.load(folder / f"{name}.yaml") for name in names]
            texts = [render(service, locked).text for service in services]
            report = check([entry for name, text in zip(names, texts, strict=True) for entry in read(text, name)])
        if report.summary.documents != 2 * SERVICES or report.summary.errors:
            raise SystemExit(f"{report.summary}: {report.findings[:3]}")
        return time.perf_counter() - started

    finished = scratch / "finished"
    finished.mkdir()
    for name in names:
        manifest = render(service_file.load(folder / f"{name}.yaml"), locked).manifests[0]
        (finished / f"{name}.yaml").write_text(manifest.text)
    resources = "".join(f"- {name}.yaml\n" for name in names)
    (finished / "kustomization.yaml").write_text(f"resources:\n{resources}")
    what = "1,000 services (2,000 documents): load, render, validate, one process"
    peer = kustomize(scratch)
    if peer is None:
        ours()
        return [Row(what, f"{statistics.median(ours() for _ in range(5)):.2f} s (no kustomize here)", "≤ 1 s")]
    mine, theirs = paired(ours, lambda: seconds([*peer, finished]), 5)
    figure = f"{mine:.2f} s; {mine / theirs:.2f} × kustomize on 1,000 finished documents ({theirs:.2f} s)"
    return [Row(what, figure, "≤ 1 s, < 1 ×")]


def kustomize(scratch: Path) -> list[str | Path] | None:
    """The command that puts documents together: kubectl's, its own, or one built by Go; None where there is none."""
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if not shutil.which("go"):
        return None
    environment = {**os.environ, "GOBIN": str(scratch / "bin")}
    built = subprocess.run(["go", "install", KUSTOMIZE], env=environment, capture_output=True, check=False)
    return [scratch / "bin" / "kustomize", "build"] if built.returncode == 0 else None


def training(scratch: Path) -> list[Row]:
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
