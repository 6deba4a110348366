"""``serinus validate`` on one file beside a bare Typer program, on ten thousand beside kubeconform, once and again.

Machines are busy with other things: beside the time on the wall stands the processors' own, which that changes less.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
FILES, FEW, SERVICES = 10_000, 200, 1_000
PLATFORMS = ("kserve", "seldon-core-1", "seldon-core-2")
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"
KUBECTL_VALIDATE = "sigs.k8s.io/kubectl-validate@v0.0.4"
NAME = re.compile(r"^( +name: *[\"']?)(?=[a-z0-9])", re.MULTILINE)
MEASURED = """\
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
taken = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(taken, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Run in a process of its own, whose children are this one command."""
SINGLE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
      storageUri: s3://models/digits/1
"""


BARE = """\
import typer
app = typer.Typer()
@app.command()
def a(x: int = 1): ...
@app.command()
def b(x: int = 1): ...
app()
"""
CHILDLESS = """\
from generator.checks.finding import NOTHING_MADE
from generator.checks.judging import offspring
offspring.Children.judged = lambda *_: offspring.Judgement(NOTHING_MADE, ())
from generator.cli.main import run
run()
"""
"""The program without what becomes of documents."""


class Cost(NamedTuple):
    """What whole processes took, the medians of several: on the wall, and of all processors."""

    seconds: float
    work: float
    megabytes: int

    def beside(self, other: Cost, name: str) -> str:
        """The ratios of both, with the figures."""
        return (
            f"{self.seconds / other.seconds:.2f} × {name} ({self.seconds:.2f} / {other.seconds:.2f} s); "
            f"processors {self.work / other.work:.2f} × ({self.work:.2f} / {other.work:.2f} s)"
        )


def rows(scratch: Path) -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    program = Path(sys.executable).parent / "serinus"
    os.environ["SERINUS_CACHE_DIR"] = str(scratch / "cache")
    found = [*_single(program, scratch), _expanded(program, scratch)]
    if not (SHARED / "corpus").is_dir():
        return [*found, (f"{FILES:,} files", "not measured: there is no corpus beside the project", "")]
    many = _corpus(scratch / "manifests", FILES)
    again = [program, "validate", many, "--format", "json"]
    ours = [*again, "--no-cache"]
    childless = [sys.executable, _written(scratch / "childless.py", CHILDLESS), *ours[1:]]
    what = f"`serinus validate`, {FILES:,} files, all layers"
    peer = _installed("kubeconform", KUBECONFORM, scratch)
    if peer is None:
        first, second, without = _in_turn(ours, again, childless)
        found.append((what, f"{first.seconds:.2f} s, {first.megabytes} MB (no kubeconform here)", "≤ 300 MB"))
    else:
        schemas = _schemas(scratch / "schemas")
        location = f"{schemas}/{{{{.ResourceKind}}}}-{{{{.Group}}}}-{{{{.ResourceAPIVersion}}}}.json"
        kubeconform = [peer, "-n", "4", "-strict", "-ignore-missing-schemas", "-schema-location", location, many]
        first, second, without, theirs = _in_turn(ours, again, childless, kubeconform)
        figure = f"{first.beside(theirs, 'kubeconform')}; {first.megabytes} / {theirs.megabytes} MB"
        found.append((what, figure, "≤ 0.5 ×, ≤ 300 MB a process"))
    found.append((f"{what}, the second time", second.beside(first, "the first"), "≤ 0.15 ×"))
    found.append((f"{what}, with what becomes of them", first.beside(without, "without"), "≤ 1.25 ×"))
    few = _corpus(scratch / "few", FEW)
    slow = _installed("kubectl-validate", KUBECTL_VALIDATE, scratch)
    if slow is not None:
        mine, theirs = _in_turn(
            [program, "validate", few, "--no-cache"], [slow, few, "--local-crds", _crds(scratch / "crds")]
        )
        figure = f"{mine.seconds / theirs.seconds:.3f} × kubectl-validate ({mine.seconds:.2f} / {theirs.seconds:.2f} s)"
        found.append((f"`serinus validate`, {FEW} files", figure, ""))
    return found


def _single(program: Path, scratch: Path) -> list[tuple[str, str, str]]:
    file = _written(scratch / "single.yaml", SINGLE)
    bare = [sys.executable, _written(scratch / "bare.py", BARE), "--help"]
    childless = [sys.executable, _written(scratch / "childless.py", CHILDLESS), "validate", file]
    ours, without, theirs = _in_turn([program, "validate", file], childless, bare, runs=15)
    what = "`serinus validate`, one small file, whole process"
    more = (ours.work - without.work) * 1000
    return [
        (what, ours.beside(theirs, "bare Typer"), "≤ 1.2 ×"),
        (f"{what}, with what becomes of it", f"{more:+.0f} ms of the processors", "≤ +20 ms"),
    ]


def _expanded(program: Path, scratch: Path) -> tuple[str, str, str]:
    services = "---\n".join(SINGLE.replace("digits", f"digits-{number}") for number in range(SERVICES))
    (cost,) = _in_turn([program, "expand", _written(scratch / "services.yaml", services)])
    figure = f"{cost.seconds:.2f} s; processors {cost.work:.2f} s"
    return f"`serinus expand`, {SERVICES:,} services", figure, "< 1.5 s"


def _written(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def _in_turn(*commands: list[str | Path], runs: int = 5) -> list[Cost]:
    """The median cost of each command; they are run in turn, after one run of each that isn't counted."""
    taken: list[list[Cost]] = [[] for _ in commands]
    for number in range(runs + 1):
        for costs, command in zip(taken, commands, strict=True):
            cost = _cost(command)
            if number:
                costs.append(cost)
    return [
        Cost(
            statistics.median(cost.seconds for cost in costs),
            statistics.median(cost.work for cost in costs),
            max(cost.megabytes for cost in costs),
        )
        for costs in taken
    ]


def _cost(command: list[str | Path]) -> Cost:
    """Times, and the memory of the largest process; exit codes of checkers tell of findings."""
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], check=True, capture_output=True, text=True)
    seconds, work, kilobytes = done.stdout.split()
    return Cost(float(seconds), float(work), int(kilobytes) // 1024)


def _corpus(folder: Path, count: int) -> Path:
    """Files with real manifests, each object with a name of its own."""
    texts = [
        file.read_text() for platform in PLATFORMS for file in sorted((SHARED / "corpus" / platform).glob("*.yaml"))
    ]
    folder.mkdir()
    for number, text in enumerate(islice(cycle(texts), count)):
        (folder / f"{number}.yaml").write_text(f"# {number}\n{renamed(text, number)}")
    return folder


def renamed(text: str, number: int) -> str:
    """A manifest whose first name has the number before it, inside its quotes where it has some."""
    return NAME.sub(rf"\g<1>n{number}-", text, count=1)


def _newest(product: Path) -> Path:
    return max(product.iterdir(), key=lambda release: [int(part) for part in release.name.split("-")[0].split(".")])


def _definitions() -> list[dict[str, Any]]:
    newest = [_newest(SHARED / "crds" / platform) for platform in PLATFORMS]
    return [json.loads(file.read_text()) for release in newest for file in sorted(release.glob("*.json"))]


def _crds(folder: Path) -> Path:
    folder.mkdir()
    for number, definition in enumerate(_definitions()):
        (folder / f"{number}.json").write_text(json.dumps(definition))
    return folder


def _schemas(folder: Path) -> Path:
    """The CRDs as JSON Schemas by kubeconform's names."""
    folder.mkdir()
    for definition in _definitions():
        spec = definition["spec"]
        for version in spec["versions"]:
            schema = _strict(version["schema"]["openAPIV3Schema"])
            schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {}}
            name = f"{spec['names']['kind'].lower()}-{spec['group']}-{version['name']}.json"
            (folder / name).write_text(json.dumps(schema))
    return folder


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that refuses unknown fields and takes what Kubernetes' own marks mean."""
    left_out = ("default", "nullable", "format", "properties", "items", "additionalProperties")
    made = {key: value for key, value in schema.items() if key not in left_out and not key.startswith("x-")}
    if "properties" in schema:
        made["properties"] = {name: _strict(child) for name, child in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = _strict(schema[key])
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return made


def _installed(name: str, module: str, scratch: Path) -> str | None:
    """A program on the path, or built by Go; None where there is neither."""
    found = shutil.which(name)
    if found or not shutil.which("go"):
        return found
    environment = {**os.environ, "GOBIN": str(scratch / "bin")}
    built = subprocess.run(["go", "install", module], env=environment, capture_output=True, check=False)
    return str(scratch / "bin" / name) if built.returncode == 0 else None
