"""Judging documents in the order in which a cluster does (DESIGN, decision 3).

Strict decoding, the platform's mutating webhook, the schema on the changed object, the validating webhook, then what
nobody refuses. A valid document takes the fast lane: one check against the compiled schema and the rules of its kind,
both looked up once for all documents of that kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.checks import structure
from generator.checks.defaulting import Changed
from generator.checks.finding import Finding, Report, Severity, Verdict
from generator.checks.judges import panel
from generator.checks.placing import broken_finding, finding, silenced
from generator.checks.registry import registry
from generator.checks.rule import Stage
from generator.checks.rules.k8s.reading import KIND_MISSING, KIND_NOT_SERVED, KIND_UNKNOWN, UNREADABLE, where_served
from generator.checks.subject import Index, Subject, keys_of, kind_of
from generator.documents import Broken, Document
from generator.schemas import user_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.judges import Judge, Panel
    from generator.checks.platforms import Asked
    from generator.documents import Path

IGNORED_GROUPS = ("kustomize.config.k8s.io", "serinus")
"""Files for tools, not for a cluster: kustomizations and our own service files."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run judges.

    Attributes:
        webhooks: Whether the platforms' webhooks and all rules beyond structure have a say.
        strict: Whether a kind that no pack knows is an error.
        complete: Whether the given set is all there is, so that a reference into nothing is a warning.
        ignore: The ids of rules that nobody wants to hear of, on any object.
    """

    webhooks: bool = True
    strict: bool = False
    complete: bool = False
    ignore: frozenset[str] = frozenset()


def check(
    entries: Iterable[Document | Broken],
    asked: Asked,
    options: Options,
    previous: Iterable[Document | Broken] = (),
) -> Report:
    """Judge documents, each by the releases that have a say on it.

    Args:
        entries: What ``generator.documents.read`` gave, of all files of the run: references are looked up among them.
        asked: The releases that the command names.
        options: How to judge.
        previous: The same objects as they were before the change, for rules on updates; they are not judged.
    """
    every = [entry for entry in entries if isinstance(entry, Broken) or not is_ours(entry)]
    documents = [entry for entry in every if isinstance(entry, Document)]
    judges = panel(asked.targets, webhooks=options.webhooks, fallback=asked.fallback, folder=user_folder())
    index = Index.of(documents, (entry for entry in previous if isinstance(entry, Document)))
    session = _Session(judges, index, options)
    return Report.of((session.verdict(entry) for entry in every), asked.remarks)


def is_ours(document: Document) -> bool:
    """Whether a document is for kustomize or for Serinus itself, so that no cluster will ever see it."""
    return kind_of(document).group in IGNORED_GROUPS or document.file.endswith(
        ("kustomization.yaml", "kustomization.yml")
    )


class _Session:
    """One run: the judges and the set are shared by all documents."""

    def __init__(self, panel: Panel, index: Index, options: Options) -> None:
        self._panel = panel
        self._index = index
        self._options = options

    def verdict(self, entry: Document | Broken) -> Verdict:
        """What all judges say of one document, without what it silences."""
        if isinstance(entry, Broken):
            unreadable = broken_finding(UNREADABLE, entry)
            return Verdict(file=entry.file, document=entry.index, checked=False, findings=self._heard([unreadable]))
        checked, found = self._judged(entry)
        return Verdict(
            file=entry.file,
            document=entry.index,
            kind=entry.kind,
            namespace=entry.namespace,
            name=entry.name,
            checked=checked,
            findings=self._heard(found, silenced(entry)) if found else (),
        )

    def _heard(self, found: list[Finding], quiet: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
        """The findings without those that the object or the repository silences."""
        quiet |= self._options.ignore
        return tuple(entry for entry in found if entry.rule not in quiet)

    def _judged(self, document: Document) -> tuple[bool, list[Finding]]:
        """Whether anyone could judge the document, and the findings of all who could."""
        if not document.kind or not document.api_version:
            return True, [finding(KIND_MISSING, document, (), {"missing": _missing(document)})]
        judges = self._panel.judges(document)
        if judges:
            return True, _merged([(judge, list(self._by(judge, document))) for judge in judges])
        severity = Severity.ERROR if self._options.strict else None
        values = {"kind": document.kind, "version": document.api_version}
        return False, [finding(KIND_UNKNOWN, document, ("kind",), values, severity=severity)]

    def _by(self, judge: Judge, document: Document) -> Iterator[Finding]:
        """The findings of one judge, in the cluster's order."""
        if judge.schema is None:
            values = {"target": str(judge.target), "kind": document.kind, "version": document.api_version}
            yield finding(KIND_NOT_SERVED, document, ("apiVersion",), values | where_served(judge.target, document))
            return
        webhook = judge.webhook
        changed = webhook.change(document.data, judge.target.version) if webhook else Changed(document.data)
        refused: set[Path] = set()
        readable = True
        if document.duplicates or not structure.fast_valid(document.data, judge.schema):
            for problem in self._problems(judge, document, changed):
                rule = registry().by_code[problem.code]
                path = changed.origin(problem.path)
                refused.add(path)
                readable = readable and problem.code not in structure.UNDECODABLE
                yield finding(rule, document, path, _words(document, problem), on_key=problem.on_key)
        subject = Subject(document, changed.data, judge.target.version, self._index, judge.schema.schema)
        keys = keys_of(changed.data) if judge.rules else ()
        for rule in judge.rules:
            if (rule.when and rule.when.isdisjoint(keys)) or (rule.stage is Stage.SERVER and not readable):
                continue
            for hit in rule.check(subject) if rule.check else ():
                path = changed.origin(hit.path)
                if path not in refused:
                    severity = rule.complete if self._options.complete else None
                    yield finding(rule, document, path, hit.values, severity=severity, on_key=hit.on_key)

    def _problems(self, judge: Judge, document: Document, changed: Changed) -> list[structure.Problem]:
        """The slow lane: strict decoding on the object as written, the schema on the object as changed."""
        assert judge.schema is not None  # noqa: S101 (the caller has seen to it)
        strict = structure.unknown_and_duplicate(document, judge.schema)
        problems = structure.violations(changed.data, judge.schema)
        if judge.webhook:
            problems = judge.webhook.settle(problems, judge.schema.schema, judge.target.version)
        for new, _ in changed.moved:
            # What stood there before is gone, but not before the webhook had to decode it.
            written = structure.violations(document.data, judge.schema)
            problems += [
                problem
                for problem in written
                if problem.code is structure.Code.WRONG_TYPE and problem.path[: len(new)] == new
            ]
        return [*strict, *problems]


def _words(document: Document, problem: structure.Problem) -> Mapping[str, Any]:
    """What fills the message; where a rule's package knows the right place of an unknown field, that comes first."""
    rule = registry().by_code[problem.code]
    values = rule.words(problem.values) if rule.words else problem.values
    known = registry().misplaced.get(kind_of(document)) if problem.code is structure.Code.UNKNOWN_FIELD else None
    advice = known.at(problem.path) if known else None
    return {**values, "hint": "", "advice": advice} if advice else values


def _missing(document: Document) -> str:
    return " and ".join(
        name for name, value in (("apiVersion", document.api_version), ("kind", document.kind)) if not value
    )


def _merged(verdicts: list[tuple[Judge, list[Finding]]]) -> list[Finding]:
    """The findings of several releases: what all say is said once, the rest names its releases."""
    if len(verdicts) == 1:
        return verdicts[0][1]
    said: dict[tuple[str, str, str], dict[str, Finding]] = {}
    for judge, findings in verdicts:
        for entry in findings:
            said.setdefault((entry.rule, entry.path, entry.message), {})[str(judge.target)] = entry
    return [
        entry if len(by) == len(verdicts) else replace(entry, message=f"{entry.message} ({', '.join(by)})")
        for by in said.values()
        for entry in list(by.values())[-1:]
    ]
