"""Inputs that once crashed, hung or ate all memory: each ends in a sentence at its place, within two seconds and 500 MB.

Each runs as a process of its own, as users run it; what it costs is what the system counts for that process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from generator.plan import lock
from kit import SERVICE, locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS, BYTES = 2.0, 500_000_000
"""Of a machine that starts ``PROGRAM`` in ``STARTED``; a slower or a busy one may take as much longer."""
PROGRAM, STARTED = "import typer; typer.main.get_command(typer.Typer(callback=lambda: None))", 0.06
MOST_ADDRESSES = 2_300_000_000
"""More than is used: Python maps more than it touches. What asks for gigabytes at once fails."""
PUBLISH = """\
apiVersion: serinus/v1
kind: ModelService
name: chat
namespace: models
platform: {{kind: kserve, version: "0.20", mode: standard}}
store: {{url: s3://models, publish: ./build/store}}
model: {{format: {0}}}
variants: [{{name: stable, release: latest}}]
strategy: {{rolling: {{}}}}
"""
OBJECT = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "m", "namespace": "x", "labels": {"l": "v"}},
    "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/m/1"}}},
}


def numbered(count: int) -> list[dict[str, object]]:
    return [{**OBJECT, "metadata": {"name": f"m{number}", "namespace": "x"}} for number in range(count)]


def object_with(head: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "input.yaml").write_text(f"{head}\n")


def config_map(rest: str) -> Callable[[Path], None]:
    return object_with(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\n{rest}")


def cron(schedule: str) -> Callable[[Path], None]:
    return object_with(f'apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: x}}\nspec:\n  schedule: "{schedule}"')


def as_json(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "input.json").write_text(text)


def service(**files: str) -> Callable[[Path], None]:
    """A service file with its lock, and more files beside it."""

    def make(folder: Path) -> None:
        (folder / "serinus.yaml").write_text(SERVICE)
        lock.write(folder / lock.FILE, locked())
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    return make


def model(form: str, **files: str) -> Callable[[Path], None]:
    """A service file of a format, and a model's folder ``m``."""

    def make(folder: Path) -> None:
        (folder / "serinus.yaml").write_text(PUBLISH.format(form))
        for name, text in files.items():
            (folder / "m" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "m" / name).write_text(text)

    return make


def pipe(folder: Path) -> None:
    model("onnx")(folder)
    os.mkfifo(folder / "m.onnx")


def crd(a: dict[str, object], value: object) -> Callable[[Path], None]:
    """A CRD with a schema for ``spec.a``, and an object of it."""

    def make(folder: Path) -> None:
        root = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": a}}}}
        version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": root}}
        names = {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"}
        spec = {"group": "x.io", "scope": "Namespaced", "names": names, "versions": [version]}
        head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        thing = {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "t", "namespace": "d"}}
        (folder / "crd.json").write_text(json.dumps({**head, "metadata": {"name": "things.x.io"}, "spec": spec}))
        (folder / "thing.json").write_text(json.dumps({**thing, "spec": {"a": value}}))

    return make


def ruled(rule: str) -> dict[str, object]:
    return {"type": "string", "x-kubernetes-validations": [{"rule": rule}]}


@dataclass(frozen=True)
class Attack:
    """What to make, what to run, and how it has to end.

    Attributes:
        command: Of Serinus; several, by ``;``, run one after the other, and the last one counts.
        says: What stands in what the last one writes.
    """

    make: Callable[[Path], object]
    command: str
    code: int
    says: str
    environment: dict[str, str] = field(default_factory=dict)


VALIDATE = "validate input.yaml"
IMPORT = "schema import crd.json --as thing@1.0"
JUDGE = f"{IMPORT}; validate --platform thing@1.0 thing.json"
LOOPS = {
    "type": "array",
    "items": {"type": "integer"},
    "x-kubernetes-validations": [{"rule": "self.all(a, self.all(b, self.all(c, self.all(d, true))))"}],
}
DEEP: dict[str, object] = {"type": "string", "pattern": "^x$"}
for _ in range(140):
    DEEP = {"type": "object", "properties": {"a": DEEP}}
MERGES = "b: &b {" + "<<: {" * 290 + "k: v" + "}" * 291 + "\nc: {" + "<<: {" * 290 + "<<: *b" + "}" * 291
ATTACKS = {
    "01 a stream of JSON objects": Attack(
        as_json("\n".join(json.dumps(each, indent=1) for each in numbered(1500))),
        "validate input.json",
        0,
        "1500 documents: 1500 valid",
    ),
    "01 the same in one line": Attack(
        as_json("".join(json.dumps(each) for each in numbered(1500))),
        "validate input.json",
        0,
        "1500 documents: 1500 valid",
    ),
    "02 merges nested below an alias": Attack(config_map(MERGES), VALIDATE, 1, "nested deeper than 300 levels"),
    "02 as the state before": Attack(
        config_map(MERGES), f"{VALIDATE} --previous input.yaml", 1, "nested deeper than 300 levels"
    ),
    "03 quotes that nothing closes": Attack(
        as_json('{"a":"' + "[{" * 400 + '","b":"' + '\\"' * 30_000), "validate input.json", 1, "this is not JSON"
    ),
    "04 a duration of 30,000 digits": Attack(cron("@every " + "1" * 30_000), VALIDATE, 1, "is no schedule"),
    "05 a minute of 5,000 digits": Attack(cron("1" * 5000 + " * * * *"), VALIDATE, 1, "is no schedule"),
    "06 half a pair of surrogates in a model": Attack(
        model("huggingface", **{"config.json": '{"architectures": ["\\ud800"]}', "model.safetensors": "x"}),
        "publish serinus.yaml --model m",
        2,
        "its architectures aren't names of classes",
    ),
    "08 a baseline with a number of 5,000 digits": Attack(
        service(b='{"version":' + "9" * 5000 + "}"), "validate serinus.yaml --baseline b", 2, "b: this is no baseline"
    ),
    "08 a baseline nested deep": Attack(
        service(b="[" * 100_000), "validate serinus.yaml --baseline b", 2, "b: this is no baseline"
    ),
    "09 a glob of many stars": Attack(
        service(**{"serinus.toml": f'[validate]\nexclude = ["{"*a" * 25}b.yaml"]\n', f"{'a' * 200}.yaml": "a: b"}),
        f"validate {'a' * 200}.yaml",
        1,
        "apiVersion and kind",
    ),
    "10 a pattern that nothing compiles": Attack(
        crd({"type": "string", "pattern": "("}, "x"),
        IMPORT,
        2,
        "crd.json:1:461: the CRD things.x.io has a pattern that Go",
    ),
    "10 a greedy pattern": Attack(
        crd({"type": "string", "pattern": "^(a+)+$"}, "a" * 100_000 + "!"), JUDGE, 1, "Write text that matches ^(a+)+$"
    ),
    "10 a greedy search": Attack(crd(ruled("self.find('(a+)+$') == ''"), "a" * 5_000 + "!"), JUDGE, 0, "1 valid"),
    "10 a search that is too long": Attack(
        crd(ruled("self.find('(a|b|c)+d') == ''"), "a" * 1_000_000), JUDGE, 0, "1 valid"
    ),
    "10 a text that is no boolean": Attack(crd(ruled("bool('x')"), "x"), JUDGE, 1, "strconv.ParseBool"),
    "10 20,000 signs": Attack(crd(ruled("!" * 20_000 + "(self == 'x')"), "y"), JUDGE, 1, "1 error"),
    "10 5,000 digits": Attack(crd(ruled("9" * 5_000 + " > 1"), "x"), IMPORT, 2, "integer overflow"),
    "10 a rule of 300,000 characters": Attack(
        crd(ruled("self != 'y'" + " && self != 'y'" * 20_000), "x"), IMPORT, 2, "exceeds limit"
    ),
    "10 four loops": Attack(crd(LOOPS, list(range(1_000))), JUDGE, 1, "actual cost limit exceeded"),
    "10 a schema nested deep": Attack(crd(DEEP, "x"), JUDGE, 1, "1 error"),
    "10 a range of 5,000 digits": Attack(
        crd({"type": "string", "format": "cidr"}, "1.1.1.1/" + "9" * 5_000), JUDGE, 1, "1 error"
    ),
    "11 an index nested deep": Attack(
        service(**{"out/.serinus-index": "[" * 200_000}), "render serinus.yaml -o out", 2, "nested too deep"
    ),
    "11 an index with a NUL in a name": Attack(
        service(**{"out/.serinus-index": '{"environment": null, "files": ["a\\u0000b"], "services": ["digits"]}'}),
        "render serinus.yaml -o out",
        2,
        "is no file of this folder",
    ),
    "11 an index of other types": Attack(
        service(**{"out/.serinus-index": '{"environment": [], "files": {}, "services": 1}'}),
        "render serinus.yaml -o out",
        2,
        "its names are no texts",
    ),
    "12 a configuration of 30,000 names": Attack(
        model("triton", **{"a/config.pbtxt": 'name: "a" ' * 30_000, "a/1/model.py": "x"}),
        "publish serinus.yaml --model m",
        0,
        "published chat 1",
    ),
    "13 a SavedModel of two bytes": Attack(
        model("savedmodel", **{"saved_model.pb": "ab"}), "publish serinus.yaml --model m", 2, "no server can load it"
    ),
    "13 a pipe for a model": Attack(pipe, "publish serinus.yaml --model m.onnx", 2, "m.onnx"),
    "14 a lock that mixes releases": Attack(
        lambda folder: (
            service()(folder),
            (folder / lock.FILE).write_text(locked().to_yaml().replace("version: 2", "version: 3")),
        ),
        "render serinus.yaml",
        2,
        "serinus.lock:9:13: the path is release 2's, and the version is 3",
    ),
    "15 a template that runs a command": Attack(
        service(
            **{
                "serinus.toml": '[render]\ntemplates = "templates"\n',
                "templates/kserve/predictor.yaml.j2": "{{ cycler.__init__.__globals__.os.system('touch PWNED') }}\n",
            }
        ),
        "render serinus.yaml",
        2,
        "predictor.yaml.j2:1:1: the template can't be filled",
    ),
    "17 a List of 4,000 items": Attack(
        as_json(json.dumps({"apiVersion": "v1", "kind": "List", "items": numbered(4000)}, indent=1)),
        "validate input.json",
        0,
        "4000 documents: 4000 valid",
    ),
    "18 200,000 aliases": Attack(config_map("data: {a: &a x}\nl:\n" + "- *a\n" * 200_000), VALIDATE, 1, "'l'"),
}


@pytest.mark.server
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_ends_in_a_sentence_within_bounds(tmp_path: Path, attack: Attack) -> None:
    # What takes too long by its nature does so twice; a machine that was busy for a moment doesn't.
    folders = [tmp_path / name for name in ("once", "again")]
    assert any(ends_in_time(attack, folder) for folder in folders)


def ends_in_time(attack: Attack, folder: Path) -> bool:
    """Whether it keeps to the bound of time; all else that it has to do is asserted."""
    folder.mkdir()
    attack.make(folder)
    in_time = True
    for command in attack.command.split(";"):
        code, text, taken, held = run_and_measure(folder, command.split(), attack.environment)
        assert "Traceback" not in text
        in_time = in_time and (taken < SECONDS or taken < SECONDS * slowness())
        assert held < BYTES
    assert (code, attack.says in text) == (attack.code, True), text[-2000:]
    return in_time


def slowness() -> float:
    """How many times longer this machine takes just now than the one that the bound was set on."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / STARTED


WATCHER = """
import json, os, resource, subprocess, sys, threading
told, most = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (most, most))
process = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL)
patience = threading.Timer(30, process.kill)
patience.start()
_, status, used = os.wait4(process.pid, 0)
patience.cancel()
with open(told, "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss * 1024], file)
"""
"""A small process that starts another and says what that one took. The system counts for a process what its parent held
when it was started, so the process that runs the tests can't be the parent."""


def run_and_measure(folder: Path, argv: list[str], environment: dict[str, str]) -> tuple[int, str, float, int]:
    """The exit code, all that was written, seconds of processor time and bytes of one run; ended after half a minute."""
    schemas = {"SERINUS_SCHEMAS": str(folder / "schemas")}
    told = folder.parent / f"{folder.name}.told"
    with (folder / "said").open("w+b") as said:
        subprocess.run(
            [sys.executable, "-S", "-c", WATCHER, told, str(MOST_ADDRESSES), sys.executable, "-m", "generator", *argv],
            cwd=folder,
            check=True,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **schemas, **environment},
        )
        code, taken, held = json.loads(told.read_text())
        said.seek(0)
        return code, said.read().decode(), taken, held
