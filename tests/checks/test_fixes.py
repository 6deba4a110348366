"""Each rule's advice, where a machine can follow it: carried out on the bad example, it silences the rule.

Advice that a person has to think about ("Give it storage of its own") is none of this. The count below holds the
share of rules whose advice is followed, so that a change of wording is noticed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from test_registry import RULES, platforms

from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.rule import Stage
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rule import Rule

Change = Callable[[Any, list[str | int], re.Match[str]], None]
"""Carries advice out on an object, at a path, by what the advice says."""

_STEP = re.compile(r'\.?([\w$-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]')
_WORD = r"([\w./:@%+-]+?)"


def steps(path: str) -> list[str | int]:
    """A path as findings show it, in parts."""
    return [
        int(number) if number else quoted.replace('\\"', '"').replace("\\\\", "\\") if quoted else name
        for name, number, quoted in _STEP.findall(path)
    ]


def reach(data: Any, path: list[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data


def value(text: str) -> Any:
    """A value as it is written in a file."""
    (document,) = read(f"a: {text}", "-")
    assert isinstance(document, Document)
    return document.data["a"]


def drop(data: Any, path: list[str | int], _: re.Match[str]) -> None:
    del reach(data, path[:-1])[path[-1]]


def rename(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    parent = reach(data, path[:-1])
    parent[found[1]] = parent.pop(found[2])


def put(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    reach(data, path[:-1])[path[-1]] = value(found[1])


def put_text(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    reach(data, path[:-1])[path[-1]] = found[1]


def quote(data: Any, path: list[str | int], _: re.Match[str]) -> None:
    parent = reach(data, path[:-1])
    parent[path[-1]] = str(parent[path[-1]])


def unquote(data: Any, path: list[str | int], _: re.Match[str]) -> None:
    parent = reach(data, path[:-1])
    parent[path[-1]] = value(parent[path[-1]])


def rename_key(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    parent = reach(data, path[:-1])
    parent[found[1]] = parent.pop(path[-1])


def shorten(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    parent = reach(data, path[:-1])
    parent[path[-1]] = parent[path[-1]][: int(found[1])]


def drop_key(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    """A key that the finding points to, or that stands beside or below it."""
    here = reach(data, path)
    for place in (here, reach(data, path[:-1])):
        if isinstance(place, dict) and found[1] in place:
            del place[found[1]]
            return
    raise LookupError(found[1])


def add(data: Any, path: list[str | int], found: re.Match[str]) -> None:
    *parents, key = found[1].split(".")
    place = reach(data, path)
    for parent in parents:
        place = place.setdefault(parent, {})
    place[key] = value(found[2])


def annotate(data: Any, _: list[str | int], found: re.Match[str]) -> None:
    data["metadata"].setdefault("annotations", {})[found[1]] = found[2]


def bound(step: int) -> Change:
    def change(data: Any, path: list[str | int], found: re.Match[str]) -> None:
        reach(data, path[:-1])[path[-1]] = int(found[2]) + (0 if found[1] else step)

    return change


MECHANICAL: dict[str, Change] = {
    rf"Write {_WORD} instead of {_WORD}\.": rename,
    r"Remove it[.,:;] ?.*": drop,
    r"Remove the quotes\.": unquote,
    r"Put it in quotes: .*": quote,
    r"Write a number less than( or equal to)? (-?\d+)\.": bound(-1),
    r"Write a number greater than( or equal to)? (-?\d+)\.": bound(1),
    rf"Set the annotation {_WORD}: {_WORD}(?:\.| or .*|; .*)": annotate,
    r"(?:Add|Set) ([\w.]+): ([^\s.…]+|\"[^\"]*\"|\{[^}]*\})(?:\.|, or .*|; .*)": add,
    r"Write minute, .* such as ([^,]+), .*": put_text,
    r"Write a number from (-?\d+) to -?\d+(?:\.|,.*)": put,
    r"Write (-?\d+) to -?\d+\.": put,
    r"(?:Write at most|Raise it to) ([^\s,]+?)[.,].*": put,
    r"Shorten it to (\d+) characters\.": shorten,
    r"Write cpu, memory, or a name such as ([\w./-]+)\.": rename_key,
    r"Write for example (requests\.cpu) or pods\.": rename_key,
    r"Write name or prefix/name, such as ([\w./-]+)\.": rename_key,
    rf"(?:Write|Use|Rename it|Point)\b.*?(?:such as|for example(?: to)?) {_WORD}(?:\.|[,;] .*| or .*)": put,
    rf"Write one of {_WORD}[,.] ?.*": put,
    r"Remove (\w+)(?:\.|, .*|; .*)": drop_key,
    rf"Write apiVersion: {_WORD}(?:\.| or .*)": put_text,
    rf"Write kind: {_WORD}\.": put_text,
    rf"Write {_WORD}(?:\.|, (?!and\b).*| or .*)": put,
}
"""What advice a machine can follow, the more particular first."""


def places(change: Change, path: list[str | int]) -> list[list[str | int]]:
    """Where to follow the advice: at the place itself; what is to be added may belong to any mapping around it."""
    return [path[:length] for length in range(len(path), -1, -1)] if change is add else [path]


def carried_out(entry: Document, change: Change, path: list[str | int], found: re.Match[str]) -> Iterator[Document]:
    """The object after the advice; nothing where it can't be carried out like that."""
    for place in places(change, path):
        data = copy.deepcopy(entry.data)
        try:
            change(data, place, found)
        except (LookupError, TypeError, AttributeError):
            continue
        yield Document(data, entry.file, entry.index)


def errors(entries: list[Any], rule: Rule) -> set[tuple[str, str]]:
    report = check(entries, platforms=platforms(rule), previous=rule.before)
    worst = (one for one in report.findings if one.severity == Severity.ERROR or one.rule == rule.id)
    return {(one.rule, one.path) for one in worst}


def mechanical(fix: str) -> tuple[Change, re.Match[str]] | None:
    matches = ((change, re.fullmatch(form, fix)) for form, change in MECHANICAL.items())
    return next(((change, found) for change, found in matches if found), None)


def followed(rule: Rule) -> bool | None:
    """Whether the advice helps: it takes its finding away and brings no new error; None where nobody can tell."""
    finding = next(
        one for one in check(rule.bad, platforms=platforms(rule), previous=rule.before).findings if one.rule == rule.id
    )
    how = mechanical(finding.fix)
    if how is None:
        return None
    entries = read(rule.bad, "-")
    entry = next(one for one in entries if isinstance(one, Document) and one.index == finding.document)
    before = errors(entries, rule)
    mended = list(carried_out(entry, how[0], steps(finding.path), how[1]))
    after = [errors([one if other is entry else other for other in entries], rule) for one in mended]
    helped = [left for left in after if left <= before - {(rule.id, finding.path)}]
    return bool(helped) if mended else None


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.stage is not Stage.READING], ids=lambda rule: rule.id)
def test_advice_that_a_machine_can_follow_helps(rule: Rule) -> None:
    assert followed(rule) is not False


@pytest.mark.usefixtures("samples")
def test_there_is_enough_of_it() -> None:
    assert sum(followed(rule) is True for rule in RULES if rule.stage is not Stage.READING) > 100
