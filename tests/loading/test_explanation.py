"""``serinus render --explain-env``: what each layer changes, and where it stands."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.decoding.nodes import overlay, parse
from generator.loading.explanation import Fate, _flow, _leaves, changes
from kit import SERVICE

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
name: digits
labels: {team: vision, tier: gold}
steps: [5, 25]
gone: ~
empty: {}
"""


def explained(over: str) -> list[tuple[str, str, str]]:
    """What a few lines change of BASE."""
    found = changes(parse(BASE, "base"), parse(over, "over"))
    return [(change.fate.value, change.what, change.where) for change in found]


@pytest.mark.parametrize(
    ("over", "rows"),
    [
        ("name: letters", [("changed", "name: digits -> letters", "base:1 -> over:1")]),
        ("name: digits", [("same", "name: digits", "base:1, again over:1")]),
        ('name: "1"', [("changed", 'name: digits -> "1"', "base:1 -> over:1")]),
        ("name: ~", [("removed", "name: digits", "base:1, by over:1")]),
        ("labels: {tier: lead}", [("changed", "labels.tier: gold -> lead", "base:2 -> over:1")]),
        ("labels: {a.b/c: x}", [("added", 'labels["a.b/c"]: x', "over:1")]),
        (
            "labels: ~",
            [("removed", "labels.team: vision", "base:2, by over:1"), ("removed", "labels.tier: gold", "base:2, by over:1")],
        ),
        ("steps: [1]", [("changed", "steps: [5, 25] -> [1]", "base:3 -> over:1")]),
        ("steps: {a: 1}", [("changed", "steps: [5, 25] -> {a: 1}", "base:3 -> over:1")]),
        ("new: {a: 1, b: {c: yes, d: {}}}", [
            ("added", "new.a: 1", "over:1"), ("added", "new.b.c: yes", "over:1"), ("added", "new.b.d: {}", "over:1"),
        ]),
        ("new: {a: ~}", [("absent", "new.a", "over:1, nothing to take away")]),
        ("gone: ~", [("absent", "gone", "over:1, nothing to take away")]),
        ("gone: here", [("added", "gone: here", "over:1")]),
        ("empty: {a: 1}", [("added", "empty.a: 1", "over:1")]),
        ("labels: {}", []),
        ("name: |\n  two\n  lines\n", [("changed", r'name: digits -> "two\nlines\n"', "base:1 -> over:1")]),
    ],
)  # fmt: skip
def test_every_fate_of_a_path(over, rows):
    assert explained(over) == rows


VALUES = st.recursive(
    st.sampled_from([None, 1, "1", "x", True, [], [1, None]]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
TREES = st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1, max_size=3)


@given(TREES, TREES)
def test_what_is_told_is_what_happens(base, over):
    """The leaves of the one, with what is told done to them, are the leaves of both together."""
    lower, upper = (parse(json.dumps(each), "x") for each in (base, over))
    told = {path: _flow(leaf) for path, leaf in _leaves(lower, ()) if path and _flow(leaf) != "null"}
    for change in changes(lower, upper):
        if change.fate in (Fate.CHANGED, Fate.REMOVED):
            told = {path: text for path, text in told.items() if path[: len(change.path)] != change.path}
        if change.fate in (Fate.CHANGED, Fate.ADDED):
            told |= {path: _flow(leaf) for path, leaf in _leaves(change.new, change.path)}
    laid = {path: _flow(leaf) for path, leaf in _leaves(overlay(lower, upper), ()) if path}
    assert _without_hollows(told) == _without_hollows(laid)


def _without_hollows(leaves):
    """Mappings without anything in them, which come and go with what stands in them, are no values."""
    return {path: text for path, text in leaves.items() if text not in ("{}", "null")}


WHOLE = """\
serinus.yaml, environment staging
Mappings are laid over key by key; a list or a value replaces what was there; null takes a key away.

serinus.yaml over [service] of serinus.toml:
  kept     labels.team: vision          serinus.toml:2
  changed  namespace: shared -> models  serinus.toml:3 -> serinus.yaml:4

environment staging over serinus.yaml:
  changed  namespace: models -> staging  serinus.yaml:4 -> serinus.yaml:20
  changed  replicas.min: 2 -> 1          serinus.yaml:16 -> serinus.yaml:20
  changed  replicas.max: 6 -> 4          serinus.yaml:16 -> serinus.yaml:20

--set over environment staging:
  added    labels.run: "7"       --set labels.run
  changed  replicas.max: 4 -> 5  serinus.yaml:20 -> --set replicas.max
"""


class TestCommand:
    """The command as a user types it."""

    @pytest.fixture(autouse=True)
    def _here(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)

    @pytest.fixture
    def defaults(self, folder: Path) -> None:
        (folder / "serinus.toml").write_text('[service]\nlabels.team = "vision"\nnamespace = "shared"\n')

    def test_every_layer_has_a_section(self, run, defaults):
        sets = ("--set", "replicas.max=5", "--set", "labels.run=7")
        ended = run("render", "serinus.yaml", "--explain-env", "staging", *sets)
        assert (ended.code, ended.out, ended.err) == (0, WHOLE, "")
        assert run("render", "serinus.yaml", "--explain-env", "staging", *sets).out == WHOLE

    def test_without_defaults_and_set_there_is_one_section(self, run):
        out = run("render", "serinus.yaml", "--explain-env", "prod").out
        assert out.count("\n\n") == 1
        assert out.endswith("  changed  namespace: models -> prod  serinus.yaml:4 -> serinus.yaml:21\n")

    def test_an_environment_that_says_nothing(self, run, folder):
        (folder / "serinus.yaml").write_text(SERVICE.replace("{namespace: prod}", "~"))
        assert "serinus.yaml:\n  changes nothing\n" in run("render", "serinus.yaml", "--explain-env", "prod").out

    def test_several_files_follow_one_another(self, run, folder):
        (folder / "letters.yaml").write_text(SERVICE.replace("name: digits", "name: letters"))
        out = run("render", "serinus.yaml", "letters.yaml", "--explain-env", "prod").out
        first, second = (run("render", file, "--explain-env", "prod").out for file in ("serinus.yaml", "letters.yaml"))
        assert out == f"{first}\n{second}"

    def test_a_file_name_that_is_no_utf_8_is_escaped(self, run, folder):
        name = os.fsdecode(b"\xff.yaml")
        (folder / name).write_text(SERVICE)
        assert "\\udcff.yaml, environment prod" in run("render", name, "--explain-env", "prod").out
        assert "\\udcff.yaml" in run("render", name).out

    def test_it_needs_no_lock_and_writes_nothing(self, run, folder):
        (folder / "serinus.lock").unlink()
        before = sorted(folder.iterdir())
        assert run("render", "serinus.yaml", "--explain-env", "prod").code == 0
        assert sorted(folder.iterdir()) == before

    def test_what_the_layers_break_together_is_told_after_they_are_explained(self, run):
        ended = run("render", "serinus.yaml", "--explain-env", "staging", "--set", "replicas.min=5")
        assert ended.code == 2
        assert "replicas.min: 1 -> 5" in ended.out
        assert "max 4 is below min 5" in ended.err

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--explain-env", "prd"], "there is no environment 'prd'. Did you mean 'prod'?"),
            (["--explain-env", "prod", "-e", "prod"], "-e has no effect beside --explain-env"),
            (["--explain-env", "prod", "-o", "out"], "-o has no effect beside --explain-env"),
            (["--explain-env", "prod", "--force"], "--force has no effect beside --explain-env"),
            (["--explain-env", "prod", "--templates", "."], "--templates has no effect beside --explain-env"),
            (["--explain-env", "prod", "--set", "replicas.mni=1"], "Did you mean 'min'?"),
            (["none.yaml", "--explain-env", "prod"], "there is no such file"),
        ],
    )
    def test_wrong_input_ends_with_2_and_explains_nothing(self, run, arguments, message):
        ended = run("render", "serinus.yaml", *arguments)
        assert (ended.code, ended.out) == (2, "")
        assert message in ended.err
        assert len(ended.err.splitlines()) == 1
