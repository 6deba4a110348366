"""A thousand services of mixed platforms, loaded, rendered and validated, beside putting as many documents together.

The services are the examples in turn, each under a name of its own. What is measured runs in a process of its own, and
says what its work took and the most memory that it had: `python tests/bench/services.py FOLDER`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SERVICES, MANY = 1_000, 10_000
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"
PAIRS = 5


class Cost(NamedTuple):
    """What one process took for its work, the most memory it had, and how many documents it made."""

    seconds: float
    megabytes: int
    documents: int


def rows(scratch: Path) -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    few, many = write(scratch / "few", SERVICES), write(scratch / "many", MANY)
    documents = cost(few).documents
    what = f"{SERVICES:,} services of mixed platforms ({documents:,} documents): load, render, validate, one process"
    goal = "< 1 ×, < 300 MB"
    peer = kustomize(scratch)
    if peer is None:
        taken = middle([cost(few) for _ in range(PAIRS)])
        figure = f"{taken.seconds:.2f} s, {taken.megabytes} MB (no kustomize here)"
    else:
        finished, number = finish(few, scratch / "finished")
        pairs = [(cost(few), seconds([*peer, finished])) for _ in range(PAIRS)]
        taken, theirs = middle([ours for ours, _ in pairs]), statistics.median(other for _, other in pairs)
        figure = (
            f"{taken.seconds / theirs:.2f} × kustomize on {number:,} finished documents "
            f"({taken.seconds:.2f} / {theirs:.2f} s); {taken.megabytes} MB"
        )
    large = cost(many)
    growth = large.seconds / taken.seconds
    return [
        (what, figure, goal),
        (f"{MANY:,} services, the same", f"{growth:.1f} × the time of {SERVICES:,}; {large.megabytes} MB", "≈ 10 ×"),
    ]


def write(folder: Path, count: int) -> Path:
    """Service files and their lock: the examples in turn, each under a name of its own."""
    from generator.plan import lock

    folder.mkdir()
    examples = sorted(EXAMPLES.glob("*/serinus.yaml"))
    sections = {}
    for number, file in enumerate(islice(cycle(examples), count)):
        text = file.read_text(encoding="utf-8")
        old = re.search(r"^name: (\S+)$", text, re.MULTILINE)
        if old is None:
            raise SystemExit(f"{file}: no name")
        name = f"s{number}"
        (folder / f"{name}.yaml").write_text(text.replace(old[0], f"name: {name}", 1), encoding="utf-8")
        locked = lock.read(file.parent / lock.FILE).services
        if old[1] in locked:
            sections[name] = locked[old[1]]
    lock.write(folder / lock.FILE, lock.Lock(services=sections))
    return folder


def work(folder: Path) -> tuple[list[str], int]:
    """Load, render and validate every service of a folder as one set; the documents' texts, and how many there are."""
    from generator.checks.api import check
    from generator.checks.judging.run import no_collector
    from generator.loading.load import load
    from generator.plan import lock
    from generator.reading.documents import read
    from generator.rendering.render import render

    with no_collector():
        locked = lock.read(folder / lock.FILE)
        services = [load(file) for file in sorted(folder.glob("*.yaml"))]
        texts = [render(service, locked).text for service in services]
        report = check(
            [entry for service, text in zip(services, texts, strict=True) for entry in read(text, service.name)]
        )
    if report.summary.errors:
        raise SystemExit(f"{report.summary}: {report.findings[:3]}")
    return texts, report.summary.documents


def cost(folder: Path) -> Cost:
    """What the work on a folder costs, in a process of its own."""
    ran = subprocess.run([sys.executable, __file__, folder], check=True, capture_output=True, text=True)
    return Cost(*json.loads(ran.stdout))


def middle(costs: list[Cost]) -> Cost:
    """The one whose time is the median."""
    return sorted(costs)[len(costs) // 2]


def finish(folder: Path, target: Path) -> tuple[Path, int]:
    """The rendered documents of a folder, a file each, as kustomize wants them, and how many.

    What several services share (a Secret that an ExternalSecret makes) stands there once: kustomize refuses it twice.
    """
    from generator.reading.documents import Document, read

    target.mkdir()
    texts, _ = work(folder)
    found: dict[tuple[str, str, str], str] = {}
    for text in (document for stream in texts for document in stream.split("---\n") if document):
        (document,) = (each for each in read(text, "-") if isinstance(each, Document))
        metadata = document.data["metadata"]
        found[document.kind, metadata.get("namespace", ""), metadata["name"]] = text
    for number, text in enumerate(found.values()):
        (target / f"{number}.yaml").write_text(text, encoding="utf-8")
    listed = "".join(f"- {number}.yaml\n" for number in range(len(found)))
    (target / "kustomization.yaml").write_text(f"resources:\n{listed}", encoding="utf-8")
    return target, len(found)


def seconds(command: list[str | Path]) -> float:
    """Wall time of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


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


if __name__ == "__main__":
    began = time.perf_counter()
    _, made = work(Path(sys.argv[1]))
    took = time.perf_counter() - began
    print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, made]))
