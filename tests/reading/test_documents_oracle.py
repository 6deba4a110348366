"""Reading compared with kubectl's own Go packages, on texts made to be difficult (tests/oracle/yaml).

It needs Go, so it runs on request: ``pytest -m oracle``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import oracles
from difficult_texts import CORPUS, texts
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.oracle

ORACLE = Path(__file__).parents[1] / "oracle" / "yaml"
TEXTS = int(os.environ.get("SERINUS_FUZZ", "1500"))


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[[str], Any]]:
    """A function that asks kubectl's packages; its program is built once into the machine's cache."""
    program = oracles.build("yaml")
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def ask(text: str) -> Any:
            stdin.write(json.dumps(text) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield ask


def marked(value: Any) -> Any:
    """Floats told from integers, as the oracle does."""
    if isinstance(value, dict):
        if set(value) == {"$float"}:
            return {"$float": float(value["$float"])}
        return {key: marked(child) for key, child in value.items()}
    if isinstance(value, list):
        return [marked(child) for child in value]
    return {"$float": value} if isinstance(value, float) else value


def agree(theirs: list[dict[str, Any]], ours: list[Any]) -> bool:
    """kubectl stops at the first document that it can't read; we go on, so only what is before counts."""
    for index, answer in enumerate(theirs):
        if "separator" in answer.get("error", ""):
            # kubectl loses the document above a bad separator, too; we judge it.
            return any(not isinstance(one, Document) for one in ours)
        if index >= len(ours):
            return False
        object_wanted = isinstance(answer.get("value"), dict) and set(answer["value"]) != {"$float"}
        if not object_wanted:
            return not isinstance(ours[index], Document)
        if not isinstance(ours[index], Document) or marked(ours[index].data) != marked(answer["value"]):
            return False
    return len(theirs) == len(ours)


def known_difference(text: str) -> bool:
    """go-yaml v2 takes ``!a[b`` and ``{a:}``; libyaml 0.2.5, as YAML 1.1 says, doesn't. Nobody writes either."""
    tagged = any("!" in word and set(word[word.index("!") :]) & set("[]{},") for word in text.split())
    return tagged or ":}" in text or ":]" in text


def test_we_read_what_kubectl_reads(oracle: Callable[[str], Any]) -> None:
    wrong = [
        text
        for text in texts(seed=20, count=TEXTS)
        if not known_difference(text) and not agree(oracle(text), read(text, "f"))
    ]
    assert wrong == []


def test_the_corpus_reads_as_kubectl_reads_it(oracle: Callable[[str], Any]) -> None:
    files = sorted(CORPUS.glob("*/*.yaml"))
    if not files:
        pytest.skip("no corpus beside the project")
    assert [file.name for file in files if not agree(oracle(file.read_text()), read(file.read_bytes(), "f"))] == []
