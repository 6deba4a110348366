"""Judging documents in the order in which a cluster does (DESIGN, decision 3).

Strict decoding, the platform's mutating webhook, the schema on the changed object, the validating webhook, then what
nobody refuses. A valid document takes the fast lane: one check against the compiled schema and the rules of its kind,
both looked up once for all documents of that kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import NOTHING_MADE, Finding, Offspring, Report, Severity, Verdict
from generator.checks.judging.covering import Said, told
from generator.checks.judging.faults import fault, unread
from generator.checks.judging.job import Options
from generator.checks.judging.judges import panel
from generator.checks.judging.merging import merged
from generator.checks.judging.offspring import Children, Judgement
from generator.checks.judging.schema_stage import below, problems
from generator.checks.judging.upgrade import changes
from generator.checks.judging.wording import words
from generator.checks.placing import broken_finding, finding, silenced
from generator.checks.registry import registry
from generator.checks.rule import Stage
from generator.checks.rules.k8s.fields import DUPLICATE_KEY, MISSING_FIELD
from generator.checks.rules.k8s.reading import KIND_MISSING, KIND_NOT_SERVED, KIND_UNKNOWN, UNREADABLE, where_served
from generator.checks.sources.recognition import for_a_cluster
from generator.checks.structure import verdict as structure
from generator.checks.structure.change import as_applied
from generator.checks.subject import Index, Subject, keys_of
from generator.reading.documents import Broken, Document, UnreadableError
from generator.schemas import user_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from generator.checks.defaulting import Changed
    from generator.checks.judging.judges import Judge, Panel
    from generator.checks.platforms import Asked
    from generator.checks.rule import Hit, Rule
    from generator.reading.documents import Path
    from generator.schemas import KindSchema


__all__ = ["Options", "broken_by_us", "check", "documents_of", "verdicts"]


def check(
    entries: Iterable[Document | Broken],
    asked: Asked,
    options: Options,
    previous: Iterable[Document | Broken] = (),
) -> Report:
    """Judge documents, each by the releases that have a say on it.

    Args:
        entries: What ``generator.reading.documents.read`` gave, of all files of the run: references are looked up among
            them.
        asked: The releases that the command names.
        options: How to judge.
        previous: The same objects as they were before the change, for rules on updates; they are not judged.
    """
    every, before = for_a_cluster(entries), list(previous)
    index = Index.of(documents_of(every), documents_of(before))
    return Report.of(verdicts([*every, *broken_by_us(before)], index, asked, options), asked.remarks)


def verdicts(entries: Iterable[Document | Broken], index: Index, asked: Asked, options: Options) -> Iterator[Verdict]:
    """Judge documents one by one.

    Args:
        entries: Those that a cluster will see.
        index: The set that they are given with.
        asked: As for ``check``.
        options: As for ``check``.
    """
    judges = panel(asked.targets, webhooks=options.webhooks, fallback=asked.fallback, folder=user_folder())
    session = _Session(judges, index, options)
    return map(session.verdict, entries)


def documents_of(entries: Iterable[Document | Broken]) -> list[Document]:
    """The entries that could be read."""
    return [entry for entry in entries if isinstance(entry, Document)]


def broken_by_us(entries: Iterable[Document | Broken]) -> list[Broken]:
    """The entries that a reader of ours broke on: of earlier objects these are told as well."""
    return [entry for entry in entries if isinstance(entry, Broken) and entry.trace]


class _Session:
    """One run: the judges and the set are shared by all documents."""

    def __init__(self, panel: Panel, index: Index, options: Options) -> None:
        self._panel = panel
        self._index = index
        self._options = options
        self._children = Children(panel, index)

    def verdict(self, entry: Document | Broken) -> Verdict:
        """What all judges say of one document, without what it silences."""
        if isinstance(entry, Broken):
            return self._unreadable(entry)
        try:
            checked, found, made = self._judged(entry)
        except UnreadableError as error:
            # The fast lane of reading took what the exact one, asked for a place, doesn't: that one has the last word.
            line = (entry.source.line if entry.source else 0) + error.line + 1
            return self._unreadable(Broken(entry.file, line, error.column + 1, error.message, entry.index))
        except Exception as error:  # noqa: BLE001 (told as a fault of ours, with exit code 70)
            checked, found, made = False, [fault(error, entry, "the engine")], NOTHING_MADE
        return Verdict(
            file=entry.file,
            document=entry.index,
            kind=entry.kind,
            namespace=entry.namespace,
            name=entry.name,
            checked=checked,
            findings=self._heard(found, self._quiet(entry)) if found else (),
            offspring=made,
        )

    def _unreadable(self, broken: Broken) -> Verdict:
        one = unread(broken) if broken.trace else broken_finding(UNREADABLE, broken)
        found = self._heard([one], self._options.ignore)
        return Verdict(file=broken.file, document=broken.index, checked=False, findings=found)

    def _quiet(self, document: Document) -> frozenset[str]:
        """The rules that the object or the repository silences."""
        return silenced(document) | self._options.ignore

    def _heard(self, found: list[Finding], quiet: frozenset[str]) -> tuple[Finding, ...]:
        return tuple(entry for entry in found if entry.rule not in quiet or entry.trace)

    def _judged(self, document: Document) -> tuple[bool, list[Finding], Offspring]:
        """Whether anyone could judge the document, the findings of all who could, and what was seen of its children."""
        if not document.kind or not document.api_version:
            return True, [finding(KIND_MISSING, document, (), {"missing": _missing(document)})], NOTHING_MADE
        judges = self._panel.judges(document)
        if judges:
            every = [(judge, *self._by(judge, document)) for judge in judges]
            found = merged([(judge, findings) for judge, findings, _ in every])
            if len(judges) > 1 and self._options.webhooks:
                found += changes(judges, document, self._index)
            return True, found, max((made for _, _, made in every), key=lambda one: one.made)
        severity = Severity.ERROR if self._options.strict else None
        values = {"kind": document.kind, "version": document.api_version}
        unknown = finding(KIND_UNKNOWN, document, ("kind",), values, severity=severity)
        return False, [*_doubled(document), unknown], NOTHING_MADE

    def _by(self, judge: Judge, document: Document) -> tuple[list[Finding], Offspring]:
        """The findings of one judge, in the cluster's order, and what was seen of the document's children."""
        if judge.schema is None:
            values = {"target": str(judge.target), "kind": document.kind, "version": document.api_version}
            values |= where_served(judge.target, document)
            return [finding(KIND_NOT_SERVED, document, ("apiVersion",), values)], NOTHING_MADE
        try:
            changed = judge.changed(document)
            old = self._before(judge, document) if self._index.earlier else None
        except Exception as error:  # noqa: BLE001 (as above)
            # What anyone said of an object that the webhook hasn't changed could be wrong.
            return [fault(error, document, f"the webhook's part of {judge.target}")], NOTHING_MADE
        try:
            found, readable = self._structure(judge, document, changed, old)
        except Exception as error:  # noqa: BLE001 (as above)
            found, readable = (
                [Said((), fault(error, document, f"the schema's part of {judge.target}"), on_key=True)],
                False,
            )
        refused = {said.path for said in found if not said.finding.trace}
        absent = {said.path for said in found if said.finding.rule == MISSING_FIELD.id} if found else set()
        release = judge.target.version
        data = changed.data if old is None else _applied(changed.data, old, judge.schema)
        subject = Subject(document, data, release, self._index, judge.schema.schema, judge.beside)
        keys = keys_of(document.data) if document.keys is None else document.keys
        for rule in judge.concerned(keys):
            if not readable and rule.stage is Stage.SERVER:
                continue
            try:
                for hit in rule.check(subject) if rule.check else ():
                    if not (absent and below(changed.place(hit), absent)):
                        found += self._said(rule, hit, document, changed, refused)
            except Exception as error:  # noqa: BLE001 (as above, and a rule's own; free where nothing is raised)
                found.append(Said((), fault(error, document, f"rule {rule.id}"), on_key=True))
        made, said = self._offspring(judge, document, found)
        return told([*found, *said]), made

    def _offspring(self, judge: Judge, document: Document, found: list[Said]) -> Judgement:
        """What becomes of the document, where a controller is there; ``found`` is what was said of the document."""
        if not self._options.webhooks:
            return Judgement(NOTHING_MADE, ())
        try:
            return self._children.judged(judge, document, found)
        except Exception as error:  # noqa: BLE001 (as above)
            broken = Said((), fault(error, document, f"what {judge.target} makes of it"), on_key=True)
            return Judgement(NOTHING_MADE, (broken,))

    def _structure(
        self, judge: Judge, document: Document, changed: Changed, old: dict[str, Any] | None
    ) -> tuple[list[Said], bool]:
        """What is wrong by the schema, and whether the API server has an object that its own code could look at."""
        found: list[Said] = []
        readable = True
        assert judge.schema is not None  # noqa: S101 (the caller has seen to it)
        fast = not document.duplicates and structure.fast_pays(judge.schema)
        if not fast or not structure.fast_valid(document.data, judge.schema, old):
            for path, problem in problems(judge, document, changed, old):
                rule = registry(judge.product, document.kind).by_code[problem.code]
                filled = words(judge, document, problem)
                readable = readable and problem.code not in structure.UNDECODABLE
                found.append(Said(path, finding(rule, document, path, filled, on_key=problem.on_key), problem.on_key))
        return found, readable

    def _said(
        self, rule: Rule, hit: Hit, document: Document, changed: Changed, refused: AbstractSet[Path]
    ) -> Iterator[Said]:
        """What a rule's hit is for the user; nothing where the schema refused the same place."""
        path = changed.place(hit)
        # Who silences a rule that covers others still hears those.
        silent = bool(hit.covers) and rule.id in self._quiet(document)
        covers = frozenset(changed.origin(place) for place in hit.covers if not silent)
        if path not in refused or covers:
            severity = rule.complete if self._options.complete else None
            one = finding(rule, document, path, hit.values, severity=severity, on_key=hit.on_key)
            yield Said(path, one, hit.on_key, covers)

    def _before(self, judge: Judge, document: Document) -> dict[str, Any] | None:
        """The object as the cluster has it before this change; None where it is new, or nobody says."""
        before = self._index.before(document)
        if before is None:
            return None
        return judge.webhook.change(before.data, judge.target.version).data if judge.webhook else before.data


def _doubled(document: Document) -> Iterator[Finding]:
    """The keys that stand twice; nobody needs a schema to see that, and a kind that does may hide another."""
    for path in document.duplicates:
        yield finding(DUPLICATE_KEY, document, path, {"field": path[-1]}, on_key=True)


def _missing(document: Document) -> str:
    given = (("apiVersion", document.api_version), ("kind", document.kind))
    return " and ".join(
        f"the text of {name}" if document.data.get(name) not in (None, "") else name
        for name, value in given
        if not value
    )


def _applied(data: dict[str, Any], old: dict[str, Any], schema: KindSchema) -> dict[str, Any]:
    """What applying an object of Kubernetes' own kinds makes of the one that is there.

    An old one that no cluster can have says nothing; what rules count on it doesn't have.
    """
    if not schema.typed or any(one.code in structure.UNDECODABLE for one in structure.violations(old, schema)):
        return data
    return as_applied(data, old, by_name=True)
