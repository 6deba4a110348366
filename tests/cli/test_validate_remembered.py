"""Verdicts are remembered from run to run, and never longer than all that they depend on stays as it is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import generator
from generator.checks.judging import remembered
from generator.checks.judging import run as running
from generator.schemas.catalog import SHIPPED

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: m%d
  namespace: models
spec:
  predictor:
    model:
      modelFormat:
        name: mine
      storageUri: s3://models/m/%d
      runtime: own
"""
RUNTIME = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: own, namespace: models}
spec:
  supportedModelFormats: [{name: mine, version: "1"}]
  containers: [{name: kserve-container, image: "example.com/own:1"}]
"""
FILES = 3


@pytest.fixture
def judged(monkeypatch):
    """How many runs judged anything."""
    runs = []
    verdicts = running.verdicts
    monkeypatch.setattr(running, "verdicts", lambda *words: runs.append(1) or verdicts(*words))
    return runs


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder where verdicts are remembered, also those of a few files."""
    monkeypatch.setattr(remembered, "FEWEST", 2)
    monkeypatch.setenv("SERINUS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "verdicts"


@pytest.fixture
def manifests(tmp_path, monkeypatch):
    """A folder with a few manifests, in which the program is run."""
    folder = tmp_path / "work" / "manifests"
    folder.mkdir(parents=True)
    for number in range(FILES):
        (folder / f"{number}.yaml").write_text(SERVICE % (number, number))
    monkeypatch.chdir(folder.parent)
    return folder


def test_an_unchanged_set_is_not_judged_again_and_says_the_same(run, manifests, cache, judged):
    first = run("validate", "manifests", "--format", "json")
    again = run("validate", "manifests", "--format", "json", "-v")
    assert len(judged) == 1
    assert again.out == first.out
    assert '"rule"' in first.out
    assert "nothing has changed since an earlier run" in again.err


def test_what_is_remembered_holds_for_every_output(run, manifests, cache, judged):
    run("validate", "manifests")
    for form in ("text", "json", "sarif", "junit", "github"):
        kept = run("validate", "manifests", "--format", form, "--notes")
        anew = run("validate", "manifests", "--format", form, "--notes", "--no-cache")
        assert (kept.code, _timeless(kept.out), kept.err) == (anew.code, _timeless(anew.out), anew.err)
    assert len(judged) == 1 + 5


def _timeless(text):
    return re.sub(r'time="[0-9.]+"', "", text)


def write(path, text):
    """Another content of the same length, with the times of the old one."""
    there = path.stat()
    path.write_text(text)
    os.utime(path, ns=(there.st_atime_ns, there.st_mtime_ns))


def a_file_says_another_thing(folder):
    write(folder / "1.yaml", (SERVICE % (1, 1)).replace("minReplicas", "x").replace("s3://", "s4://"))


def a_file_has_another_name(folder):
    (folder / "2.yaml").rename(folder / "3.yaml")


def a_file_more(folder):
    (folder / "more.yaml").write_text(SERVICE % (7, 7))


def a_file_less(folder):
    (folder / "2.yaml").unlink()


def two_files_change_places(folder):
    first, second = (folder / "0.yaml").read_text(), (folder / "1.yaml").read_text()
    (folder / "0.yaml").write_text(second)
    (folder / "1.yaml").write_text(first)


def a_runtime_joins(folder):
    (folder / "runtime.yaml").write_text(RUNTIME)


def a_config_map_joins(folder):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inferenceservice-config, namespace: kserve}\n"
    (folder / "config.yaml").write_text(text + 'data: {deploy: \'{"defaultDeploymentMode": "RawDeployment"}\'}\n')


def the_repository_names_a_release(folder):
    (folder.parent / "serinus.toml").write_text('[validate]\nplatform = ["kserve@0.16"]\n')


def the_repository_silences_a_rule(folder):
    (folder.parent / "serinus.toml").write_text('[validate]\nignore = ["KSV101"]\n')


def the_repository_is_strict(folder):
    (folder.parent / "serinus.toml").write_text("[validate]\nstrict = true\n")


def the_repository_excludes_a_file(folder):
    (folder.parent / "serinus.toml").write_text('[validate]\nexclude = ["manifests/2.yaml"]\n')


def a_kustomization_takes_a_file_as_a_patch(folder):
    (folder / "kustomization.yaml").write_text("patches: [{path: 2.yaml}]\n")


def a_pack_is_imported(folder):
    packs = Path(os.environ["SERINUS_SCHEMAS"], "kserve")
    packs.mkdir(parents=True)
    shutil.copy(SHIPPED / "kserve" / "0.21.0.pack", packs / "0.99.0.pack")


CHANGES = (
    *(a_file_says_another_thing, a_file_has_another_name, a_file_more, a_file_less, two_files_change_places),
    *(a_runtime_joins, a_config_map_joins, the_repository_names_a_release, the_repository_silences_a_rule),
    *(the_repository_is_strict, the_repository_excludes_a_file, a_kustomization_takes_a_file_as_a_patch),
    a_pack_is_imported,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_what_a_verdict_depends_on_is_judged(run, manifests, cache, judged, monkeypatch, change):
    monkeypatch.setenv("SERINUS_SCHEMAS", str(manifests.parent / "packs"))
    run("validate", "manifests", "--format", "json")
    change(manifests)
    # A new process looks for packs anew; this one has to forget those that it found.
    _forget_packs()
    after = run("validate", "manifests", "--format", "json")
    assert len(judged) == 2
    assert after.out == run("validate", "manifests", "--format", "json", "--no-cache").out
    assert run("validate", "manifests", "--format", "json").out == after.out
    assert len(judged) == 3
    monkeypatch.undo()
    _forget_packs()


def _forget_packs():
    from generator.checks.judging.judges import panel
    from generator.schemas import catalog

    for cached in (catalog._listed, catalog._read, catalog._merged, panel):
        cached.cache_clear()


@pytest.mark.parametrize(
    "words",
    [
        ("--platform", "kserve@0.16"),
        ("--platform", "kserve@0.16", "--platform", "kserve@0.20"),
        ("--kubernetes", "1.30"),
        ("--strict",),
        ("--complete",),
        ("--no-webhooks",),
        ("manifests/0.yaml",),
        ("--previous", "manifests"),
    ],
    ids=" ".join,
)
def test_a_run_that_asks_otherwise_is_judged(run, manifests, cache, judged, words):
    run("validate", "manifests", "--format", "json")
    otherwise = run("validate", "manifests", "--format", "json", *words)
    assert len(judged) == 2
    assert otherwise.out == run("validate", "manifests", "--format", "json", *words, "--no-cache").out


def test_files_that_are_named_are_another_matter_than_those_that_are_found(run, manifests, cache, judged):
    (manifests / "other.yaml").write_text("a: b\n")
    found = run("validate", "manifests", "--format", "json")
    named = run("validate", *sorted(f"manifests/{one.name}" for one in manifests.iterdir()), "--format", "json")
    assert (found.code, named.code) == (0, 1)
    assert len(judged) == 2


@pytest.mark.parametrize("change", ["version", "python", "code", "library"])
def test_another_program_judges_anew(run, manifests, cache, judged, monkeypatch, tmp_path, change):
    ours = tmp_path / "ours"
    (ours / "rules").mkdir(parents=True)
    (ours / "rules" / "a.py").write_text("LIMIT = 1\n")
    monkeypatch.setattr(remembered, "_home", lambda: str(ours))
    run("validate", "manifests")
    run("validate", "manifests")
    assert len(judged) == 1
    if change == "version":
        monkeypatch.setattr(generator, "__version__", "99.0.0")
    elif change == "python":
        monkeypatch.setattr(sys, "version", "4.0")
    elif change == "library":
        monkeypatch.setattr(remembered, "_LIBRARIES", {"yaml_rs": "none"})
    else:
        write(ours / "rules" / "a.py", "LIMIT = 2\n")
    run("validate", "manifests")
    assert len(judged) == 2


def test_the_same_program_on_another_machine_remembers_what_is_brought_along(
    run, manifests, cache, judged, monkeypatch, tmp_path
):
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "a.py").write_text("LIMIT = 1\n")
    monkeypatch.setattr(remembered, "_home", lambda: str(ours))
    run("validate", "manifests")
    shutil.copytree(ours, tmp_path / "theirs")
    monkeypatch.setattr(remembered, "_home", lambda: str(tmp_path / "theirs"))
    run("validate", "manifests")
    assert len(judged) == 1


def the_only(cache):
    (slot,) = cache.iterdir()
    return slot


def spoil(content, how):
    head, body = content.split(b"\n", 1)
    told = json.loads(head)
    return {
        "empty": b"",
        "cut off": content[:-7],
        "a byte otherwise": content.replace(b"KSV", b"KSW", 1),
        "no JSON": b"\x80\x04\x95" + content,
        "no line": content.replace(b"\n", b" "),
        "another form": json.dumps({**told, "form": 0}).encode() + b"\n" + body,
        "a list": b"[]\n" + body,
        "deep": head + b"\n" + b"[" * 100_000,
        "fitting, of something else": _fitting(told, b'[["x"],[]]'),
        "fitting, of numbers": _fitting(told, b"[5,5]"),
    }[how]


def _fitting(head, body):
    return json.dumps({**head, "sum": remembered._sum(body)}).encode() + b"\n" + body


@pytest.mark.parametrize(
    "how",
    [
        *("empty", "cut off", "a byte otherwise", "no JSON", "no line", "another form", "a list", "deep"),
        *("fitting, of something else", "fitting, of numbers"),
    ],
)
def test_a_spoilt_or_foreign_entry_is_as_good_as_none(run, manifests, cache, judged, how):
    first = run("validate", "manifests", "--format", "json")
    slot = the_only(cache)
    slot.write_bytes(spoil(slot.read_bytes(), how))
    again = run("validate", "manifests", "--format", "json")
    assert (again.code, again.out, again.err) == (first.code, first.out, first.err)
    assert len(judged) == 2
    run("validate", "manifests")
    assert len(judged) == 2


@pytest.mark.parametrize("way", ["a file", "a link to nowhere", "a folder in the entry's place"])
def test_a_folder_that_cannot_be_written_is_no_harm(run, manifests, cache, judged, tmp_path, way):
    if way == "a file":
        (tmp_path / "cache").write_text("")
    elif way == "a link to nowhere":
        (tmp_path / "cache").symlink_to(tmp_path / "cache" / "none")
    else:
        run("validate", "manifests")
        slot = the_only(cache)
        slot.unlink()
        slot.mkdir()
    ended = run("validate", "manifests", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == run("validate", "manifests", "--format", "json", "--no-cache").out


def test_no_cache_neither_reads_nor_writes(run, manifests, cache, judged):
    run("validate", "manifests", "--no-cache")
    assert not cache.exists()
    run("validate", "manifests")
    run("validate", "manifests", "--no-cache")
    assert len(judged) == 3


def test_a_few_files_are_not_worth_it(run, manifests, cache, monkeypatch):
    monkeypatch.setattr(remembered, "FEWEST", FILES + 1)
    run("validate", "manifests")
    assert not cache.exists()


def test_a_run_with_a_file_that_cannot_be_read_is_not_remembered(run, manifests, cache):
    (manifests / "away.yaml").symlink_to("nowhere")
    assert run("validate", "manifests").code == 3
    assert not cache.exists()


def test_a_pipe_is_neither_remembered_nor_waited_for(run, manifests, cache, judged):
    run("validate", "manifests/0.yaml", "manifests/1.yaml")
    (manifests / "1.yaml").unlink()
    os.mkfifo(manifests / "1.yaml")
    slot = remembered.Slot.of(_job(["manifests/0.yaml", "manifests/1.yaml"], cache))
    assert slot is not None
    assert slot.file == the_only(cache)
    assert slot.recall(["manifests/0.yaml", "manifests/1.yaml"], None) is None


def _job(names, cache):
    from generator.checks.judging.job import Job, Options
    from generator.checks.platforms import asked
    from generator.checks.sources.find import Found

    return Job(names, asked([]), Options(), found=Found(), memory=cache)


def test_what_was_asked_for_longest_ago_is_forgotten(run, manifests, cache, judged, monkeypatch):
    monkeypatch.setattr(remembered, "MOST_SLOTS", 3)
    run("validate", "manifests")
    for release in ("0.15", "0.16", "0.17"):
        time.sleep(0.01)
        run("validate", "manifests")
        run("validate", "manifests", "--platform", f"kserve@{release}")
    assert len(list(cache.iterdir())) == 3
    run("validate", "manifests")
    assert len(judged) == 4


def test_who_has_no_folder_of_his_own_is_judged_all_the_same(run, manifests, monkeypatch):
    """As a container's user whom no file of users knows."""

    def nobodys():
        raise RuntimeError("Could not determine home directory.")

    for name in ("HOME", "SERINUS_CACHE_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "SERINUS_SCHEMAS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", nobodys)
    first = run("validate", "manifests")
    assert (first.code, first.out) == (0, run("validate", "manifests", "--no-cache").out)
    assert run("schema", "list").code == 0


def test_the_folder_has_a_size_that_it_keeps_to(run, manifests, cache, monkeypatch):
    monkeypatch.setattr(remembered, "MOST_BYTES_OF_ALL", 10)
    for release in ("0.15", "0.16"):
        run("validate", "manifests", "--platform", f"kserve@{release}")
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"SERINUS_CACHE_DIR": "/c"}, "/c/verdicts"),
        ({"SERINUS_CACHE_DIR": "", "XDG_CACHE_HOME": "/x"}, "/x/serinus/verdicts"),
        ({"SERINUS_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/serinus/verdicts"),
    ],
)
def test_the_folder_is_where_the_environment_says(monkeypatch, variables, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert remembered.folder().as_posix() == expected


def test_processes_at_the_same_time_do_not_spoil_it(manifests, cache):
    for number in range(remembered.FEWEST, 60):
        (manifests / f"{number}.yaml").write_text(SERVICE % (number, number))
    command = [sys.executable, "-m", "generator", "validate", "manifests", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(generator.__file__).parents[1])}
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(3)]
    said = {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert [one.suffix for one in cache.iterdir()] == [remembered.SUFFIX]
    assert subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=False).stdout in said
