"""``serinus validate`` on ten thousand files beside kubeconform, and on two hundred beside kubectl-validate."""

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
FILES, FEW = 10_000, 200
PLATFORMS = ("kserve", "seldon-core-1", "seldon-core-2")
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"
KUBECTL_VALIDATE = "sigs.k8s.io/kubectl-validate@v0.0.4"
NAME = re.compile(r"^( +name: *[\"']?)(?=[a-z0-9])", re.MULTILINE)
MEASURED = """\
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
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


class Cost(NamedTuple):
    """What whole processes took, the median of several."""

    seconds: float
    megabytes: int


def rows(scratch: Path) -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    program = Path(sys.executable).parent / "serinus"
    found = [_single(program, scratch)]
    if not (SHARED / "corpus").is_dir():
        return [*found, (f"{FILES:,} files", "not measured: there is no corpus beside the project", "")]
    many = _corpus(scratch / "manifests", FILES)
    ours = [program, "validate", many, "--format", "json"]
    peer = _installed("kubeconform", KUBECONFORM, scratch)
    what = f"`serinus validate`, {FILES:,} files, all layers"
    if peer is None:
        (cost,) = _in_turn(ours)
        found.append((what, f"{cost.seconds:.2f} s, {cost.megabytes} MB (no kubeconform here)", "≤ 300 MB"))
    else:
        schemas = _schemas(scratch / "schemas")
        location = f"{schemas}/{{{{.ResourceKind}}}}-{{{{.Group}}}}-{{{{.ResourceAPIVersion}}}}.json"
        mine, theirs = _in_turn(
            ours, [peer, "-n", "4", "-strict", "-ignore-missing-schemas", "-schema-location", location, many]
        )
        figure = (
            f"{mine.seconds / theirs.seconds:.2f} × kubeconform ({mine.seconds:.2f} / {theirs.seconds:.2f} s; "
            f"{mine.megabytes} / {theirs.megabytes} MB)"
        )
        found.append((what, figure, "≤ 0.2 ×, ≤ 300 MB a process"))
    few = _corpus(scratch / "few", FEW)
    slow = _installed("kubectl-validate", KUBECTL_VALIDATE, scratch)
    if slow is not None:
        mine, theirs = _in_turn([program, "validate", few], [slow, few, "--local-crds", _crds(scratch / "crds")])
        figure = f"{mine.seconds / theirs.seconds:.3f} × kubectl-validate ({mine.seconds:.2f} / {theirs.seconds:.2f} s)"
        found.append((f"`serinus validate`, {FEW} files", figure, ""))
    return found


def _single(program: Path, scratch: Path) -> tuple[str, str, str]:
    file = scratch / "single.yaml"
    file.write_text(SINGLE)
    (cost,) = _in_turn([program, "validate", file], runs=9)
    return "`serinus validate`, one small file, whole process", f"{cost.seconds * 1000:.0f} ms", "≤ 250 ms"


def _in_turn(*commands: list[str | Path], runs: int = 5) -> list[Cost]:
    """The median cost of each command; they are run in turn, after one run of each that isn't counted."""
    taken: list[list[Cost]] = [[] for _ in commands]
    for number in range(runs + 1):
        for costs, command in zip(taken, commands, strict=True):
            cost = _cost(command)
            if number:
                costs.append(cost)
    return [
        Cost(statistics.median(cost.seconds for cost in costs), max(cost.megabytes for cost in costs))
        for costs in taken
    ]


def _cost(command: list[str | Path]) -> Cost:
    """Wall time, and the memory of the largest process; exit codes of checkers tell of findings."""
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], check=True, capture_output=True, text=True)
    seconds, kilobytes = done.stdout.split()
    return Cost(float(seconds), int(kilobytes) // 1024)


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
