"""Regular expressions mean what Go and the schema mean by them: the end is the end, and digits are ASCII's.

Python's ``$`` also stands before a last line break, and its ``\\d`` and ``\\w`` know the digits and letters of all scripts:
``2Gi`` and a line break was a quantity, ``٢٠٢٦`` a year. In a pattern of ours the end is ``\\Z`` or ``fullmatch``.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from generator.checks.api import check
from generator.reading.documents import read
from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "finditer", "findall"}
END = re.compile(r"(?<!\\)(?:\\\\)*\$")
SCRIPTS = re.compile(r"(?<!\\)(?:\\\\)*\\[dw]")
OF_PYTHON = {
    # The initializer of KServe is Python itself, and these are its expressions.
    "generator/checks/rules/kserve/storage_forms.py",
    # Words of people and of pip: a letter of any script is one there.
    "generator/checks/placeholders.py",
    "generator/checks/rules/seldon_core_2/requirements.py",
    # What is in doubt goes to the exact reader.
    "generator/reading/fast.py",
}
SKIPPED = (
    "generator/store/",
    "generator/text/secrets.py",
    "generator/text/printable.py",
    "generator/text/json.py",
    "generator/checks/outputs/",
)
"""What reads other programs' talk and models' files, not what a Go program decides."""


def patterns(file: Path) -> Iterator[tuple[int, str, set[str]]]:
    """The literals that are compiled in a file, each with the names of its flags."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        if not (isinstance(called, ast.Attribute) and called.attr in CALLS and ast.unparse(called.value) == "re"):
            continue
        flags = {
            name.attr
            for each in [*node.args[1:], *(k.value for k in node.keywords)]
            for name in ast.walk(each)
            if isinstance(name, ast.Attribute)
        }
        pieces = [
            part.value
            for part in ast.walk(node.args[0])
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        yield node.lineno, "".join(pieces), flags


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in sorted((ROOT / "generator").rglob("*.py"))
        if (name := file.relative_to(ROOT).as_posix()) not in OF_PYTHON and not name.startswith(SKIPPED)
    ],
    ids=lambda file: file.relative_to(ROOT).as_posix(),
)
def test_patterns_end_at_the_end_and_know_ascii_alone(file: Path) -> None:
    wrong = [
        f"line {line}: {pattern}"
        for line, pattern, flags in patterns(file)
        if (END.search(re.sub(r"\[[^\]]*\]|\\.", "", pattern)) and "MULTILINE" not in flags)
        or (SCRIPTS.search(pattern) and "ASCII" not in flags)
    ]
    assert wrong == []


@pytest.mark.parametrize("stamp", ["٢٠٢٦-01-01T00:00:00Z", "2026-01-01T00:00:0٠Z", "2026-01-01T00:00:00Z\n"])
def test_a_time_of_other_digits_is_none_for_go(stamp: str) -> None:
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "creationTimestamp": stamp}}
    assert [found.rule for found in check([data]).findings] == ["K8S020"]


def test_a_date_of_other_digits_is_text() -> None:
    (document,) = read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: ٢٠٢٦-01-01}\n", "-")
    assert check([document]).findings == ()
