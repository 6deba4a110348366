"""Nothing that a file says breaks a check, and the shortcuts of the engine change no finding."""

from __future__ import annotations

import copy
import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

from generator.checks.api import check
from generator.checks.judging.judges import Judge, Panel, panel
from generator.checks.registry import registry
from generator.checks.subject import keys_of
from generator.reading.documents import Document, read

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
LARGE = (
    "9" * 5000,
    "9" * 5000 + "%",
    1e308,
    10**30,
    "1e2147483647",
    "1e-2147483648",
    "²",
    "٣",
    "2Gi\n",
    "1-9",
    "a" * 70_000,
)
ODD: tuple[Any, ...] = (
    *LARGE,
    None,
    "",
    "x",
    0,
    -1,
    2**40,
    0.1,
    True,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    "standard",
)


def examples() -> list[Document]:
    texts = [text for rule in registry().rules for text in (rule.bad, rule.good)]
    return [entry for text in texts for entry in read(text, "x") if isinstance(entry, Document)]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


def bent(data: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A copy with one value made odd or taken away."""
    result = copy.deepcopy(data)
    *parents, last = dice.choice(places(result))
    holder: Any = result
    for step in parents:
        holder = holder[step]
    if dice.random() < 0.2:
        del holder[last]
    else:
        holder[last] = dice.choice(ODD)
    return result


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_no_document_breaks_a_rule(seed: int) -> None:
    dice = random.Random(seed)
    for document in dice.sample(examples(), 60):
        for _ in range(6):
            data = bent(document.data, dice)
            report = check([dataclasses.replace(document, data=data, source=None, keys=None)])
            assert report.summary.documents <= 1


@pytest.mark.slow
def test_looking_for_keys_first_changes_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules with ``when`` are skipped where no key of theirs is: the findings are the same with and without."""
    documents = examples()
    if CORPUS.is_dir():
        files = sorted(CORPUS.glob("kserve/*.yaml"))[:150]
        documents += [
            entry for file in files for entry in read(file.read_bytes(), file.name) if isinstance(entry, Document)
        ]
    quick = check(documents)
    monkeypatch.setattr(Judge, "concerned", lambda self, _: self.rules)
    assert check(documents).findings == quick.findings


def test_webhooks_add_no_keys_but_those_that_they_declare() -> None:
    files = sorted(CORPUS.glob("kserve/*.yaml"))
    read_before = [entry for file in files for entry in read(file.read_bytes(), file.name)]
    changed = 0
    for document in (entry for entry in (*examples(), *read_before) if isinstance(entry, Document)):
        for judge in panel((), webhooks=True, fallback=(), folder=Path()).judges(document):
            if judge.webhook:
                after = judge.webhook.change(document.data, judge.target.version).data
                changed += after is not document.data
                assert keys_of(after) <= keys_of(document.data) | judge.webhook.adds
    assert changed > 50


def test_judges_of_a_kind_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    find = Panel._find
    monkeypatch.setattr(Panel, "_find", lambda self, *key: calls.append(key) or find(self, *key))
    (document,) = [entry for entry in read(registry().by_id["KSV001"].good, "x") if isinstance(entry, Document)]
    check([document] * 50)
    assert len(calls) <= 1
