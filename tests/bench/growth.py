"""How the readers' time grows: ten times the input in at most twelve times the time, each reader a row.

The two inputs are read in turn, and the least of several counts: what grows with a square shows as a hundred.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.checks import baseline
from generator.checks.judging.engine import check
from generator.checks.judging.job import Options
from generator.checks.judging.run import no_collector
from generator.checks.platforms import asked
from generator.checks.structure.patterns import find_all
from generator.decoding.nodes import parse as parse_service
from generator.loading.repository import read_toml
from generator.reading.documents import read
from generator.rendering.folder import read_index
from generator.store.pbtxt import text_at_top
from generator.text.duration import nanoseconds
from generator.text.globs import glob
from generator.text.regex import Regex

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 12.0
ROUNDS = 3
SERVICE: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "m", "namespace": "x"},
    "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/m/1"}}},
}
YAML = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: m
  namespace: x
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/m/1
"""


def judged(text: str) -> object:
    return check(read(text, "f"), asked([], []), Options())


def items(count: int) -> list[dict[str, Any]]:
    return [{**SERVICE, "metadata": {"name": f"m{number}", "namespace": "x"}} for number in range(count)]


def yaml_list(count: int) -> str:
    lines = "".join(f"  {line}\n" for line in YAML.splitlines())
    item = "-" + lines[1:]
    return "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        item.replace("name: m\n", f"name: m{number}\n") for number in range(count)
    )


def in_folder(name: str, content: str, reader: Callable[[Path], object]) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(content, encoding="utf-8")
        return reader(Path(folder))


def toml(count: int) -> str:
    return "[validate]\nignore = [\n" + '"POL001",\n' * count + "]\n"


def baseline_of(count: int) -> str:
    row = {"rule": "POL001", "file": "a", "kind": "b", "namespace": "c", "name": "d", "path": "e", "count": 1}
    fields = {name: row.get(name, "x") for name in baseline.FIELDS}
    return json.dumps({"apiVersion": baseline.API_VERSION, "kind": baseline.KIND, "findings": [fields] * count})


READERS: dict[str, tuple[int, Callable[[int], Any], Callable[[Any], object]]] = {
    "YAML documents": (100, lambda n: "---\n".join([YAML] * n), judged),
    "a YAML List": (500, yaml_list, judged),  # the exact lane reads both: shorter ones are for the fast one, at 0.8 of it
    "a JSON List": (100, lambda n: json.dumps({"apiVersion": "v1", "kind": "List", "items": items(n)}), judged),
    "JSON objects in a row": (100, lambda n: "\n".join(json.dumps(each, indent=1) for each in items(n)), judged),
    "JSON objects in one line": (100, lambda n: "".join(json.dumps(each) for each in items(n)), judged),
    "JSON quotes that nothing closes": (10_000, lambda n: '{"a":"' + "[{" * 300 + '","b":"' + '\\"' * n, judged),
    "aliases": (5_000, lambda n: f"{YAML}a: &a x\nl:\n" + "- *a\n" * n, lambda text: read(text, "f")),
    "merges": (1_000, lambda n: f"{YAML}b: &b {{k: v}}\nl:\n" + "- {<<: *b}\n" * n, lambda text: read(text, "f")),
    "a service file": (500, lambda n: "labels:\n" + "".join(f"  k{i}: v\n" for i in range(n)), lambda text: parse_service(text, "f")),
    "serinus.toml": (2_000, toml, lambda text: in_folder("f", text, lambda folder: read_toml(folder / "f", "f"))),
    "a baseline": (1_000, baseline_of, lambda text: in_folder("f", text, lambda folder: baseline.read(folder / "f"))),
    ".serinus-index": (
        5_000,
        lambda n: json.dumps({"environment": None, "files": [f"f{i}.yaml" for i in range(n)], "services": []}),
        lambda text: in_folder(".serinus-index", text, read_index),
    ),
    "config.pbtxt": (2_000, lambda n: 'name: "a" ' * n, lambda text: text_at_top(text, "name")),
    "a duration": (2_000, lambda n: "1h" * n, nanoseconds),
    "a glob of stars": (20_000, lambda n: "a" * n, glob("*a" * 20 + "b")),
    "a pattern, our engine": (2_000, lambda n: "a" * n + "!", lambda text: Regex("(a+)+$").matches(text)),
    "a pattern's places": (300, lambda n: "ab" * n, lambda text: find_all("(a|b)+?c?", text)),
}  # fmt: skip
"""By name: a size, what makes an input of a size, and what reads it."""


def seconds(reader: Callable[[Any], object], content: Any) -> float:
    with no_collector():
        started = time.process_time()
        reader(content)
        return time.process_time() - started


def rows() -> list[tuple[str, str, str]]:
    """What was measured, the figure, and the goal."""
    found = []
    for name, (size, make, reader) in READERS.items():
        small, large = make(size), make(size * 10)
        reader(small)
        pairs = [(seconds(reader, small), seconds(reader, large)) for _ in range(ROUNDS)]
        less, more = (min(each) for each in zip(*pairs, strict=True))
        found.append(
            (f"ten times the input: {name}", f"{more / max(less, 1e-4):.1f} x ({more * 1000:.0f} ms)", f"{GOAL:g} x")
        )
    return found


if __name__ == "__main__":
    for row in rows():
        print("| " + " | ".join(row) + " |")
