"""What is wrong in a child: what the API server would refuse in it, and what keeps its pods from running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.judging.schema_stage import below, problems
from generator.checks.judging.wording import words
from generator.checks.registry import registry
from generator.checks.rule import Stage
from generator.checks.structure import verdict as structure
from generator.checks.subject import Subject, keys_of, reach
from generator.reading.documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.children import Made
    from generator.checks.judging.judges import Judge, Panel
    from generator.checks.rule import Rule
    from generator.checks.subject import Index
    from generator.reading.documents import Path

_OF_TEXT = frozenset((structure.Code.UNKNOWN_FIELD, structure.Code.DUPLICATE_KEY))
"""What strict decoding refuses in a file."""


class Fault(NamedTuple):
    """Something wrong in a child.

    Attributes:
        made: The child.
        path: The place in it.
        rule: What was broken.
        values: What fills the rule's placeholders.
        on_key: Whether it is about the key, whatever its value.
    """

    made: Made
    path: Path
    rule: Rule
    values: Mapping[str, Any]
    on_key: bool

    @property
    def refused(self) -> bool:
        """Whether the API server refuses the child for it."""
        return self.rule.stage is not Stage.LATER


def faults(panel: Panel, made: Made, index: Index) -> Iterator[Fault]:
    """All that is wrong in a child, wherever it comes from; what several releases say is there several times.

    Args:
        panel: Who judges a kind.
        made: The child.
        index: The set that its parent is given with.
    """
    document = Document(made.child.data, made.document.file, made.document.index, header=made.document.header)
    for judge in panel.judges(document):
        if judge.schema is not None:
            yield from _by(judge, document, made, index)


def _by(judge: Judge, document: Document, made: Made, index: Index) -> Iterator[Fault]:
    assert judge.schema is not None  # noqa: S101 (the caller has seen to it)
    changed = judge.changed(document)
    found: list[tuple[Path, structure.Problem]] = []
    if not (structure.fast_pays(judge.schema) and structure.fast_valid(changed.data, judge.schema, None)):
        found = [one for one in problems(judge, document, changed, None) if not _mended(one[1], changed.data)]
    rules = registry(judge.product, document.kind).by_code
    for path, problem in found:
        yield Fault(made, path, rules[problem.code], words(judge, document, problem), problem.on_key)
    readable = not any(problem.code in structure.UNDECODABLE for _, problem in found)
    refused = {path for path, _ in found}
    absent = {path for path, problem in found if problem.code is structure.Code.MISSING_FIELD}
    subject = Subject(document, changed.data, judge.target.version, index, judge.schema.schema, judge.beside)
    for rule in judge.concerned(keys_of(document.data)):
        if rule.check is None or not _asked(rule) or (rule.stage is Stage.SERVER and not readable):
            continue
        for hit in rule.check(subject):
            path = changed.place(hit)
            if path not in refused and not below(path, absent):
                yield Fault(made, path, rule, hit.values, hit.on_key)


def _mended(problem: structure.Problem, data: Mapping[str, Any]) -> bool:
    """Whether a controller writes otherwise what is wrong in the text: its objects come from Go types.

    Those have no unknown fields, and no numbers with a point: ``cpu: 0.1`` is a quantity, written as 100m.
    """
    is_number = problem.code is structure.Code.WRONG_TYPE and isinstance(reach(data, *problem.path), float)
    return is_number or problem.code in _OF_TEXT


def _asked(rule: Rule) -> bool:
    """Whether a rule is one on objects, whoever wrote them.

    Those on good practice, and on what a set of files says twice or leaves out, are for people's own.
    """
    if rule.stage is Stage.LATER:
        return rule.product is not None and rule.severity > Severity.NOTE
    return rule.stage is Stage.SERVER
