"""What a set's documents become in the cluster, for the engine and for rules on relations: each computed once a run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import outcome
from generator.checks.defaulting import Changed, Defaulter, defaulter
from generator.checks.structure import verdict as structure
from generator.checks.subject import kind_of, may_be_in
from generator.outcome.given import Remembering
from generator.schemas import load
from generator.schemas.products import PRODUCTS, owned_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.checks.subject import Index
    from generator.outcome import Child, Outcome
    from generator.reading.documents import Document, Path
    from generator.reading.kind import Kind
    from generator.schemas import Target

REFUSED = "the API server refuses it, so no controller sees it; serinus validate says why"


class Made(NamedTuple):
    """A child, and the document of the set that it is made of.

    Attributes:
        child: The object; origins in ``document`` are places of the object as the webhook changed it.
        document: Whose child it is.
        changed: The document after the webhook.
    """

    child: Child
    document: Document
    changed: Changed

    def written(self, path: Path) -> tuple[Document, Path] | None:
        """Where the user wrote what stands at a place of the child; None where the platform brings it."""
        found = self.child.origin(path)
        if found.source is self.document:
            return self.document, self.changed.origin(found.path)
        return None if isinstance(found.source, outcome.Brought) else (found.source, found.path)


class Become(NamedTuple):
    """A document's outcome.

    Attributes:
        outcome: Its children and what isn't known of them.
        changed: The document after the webhook.
    """

    outcome: Outcome
    changed: Changed


def outcome_of(index: Index, document: Document, target: Target) -> Become:
    """What becomes of a document in the set, for a release of the product that owns its kind.

    Args:
        index: The set.
        document: One of its documents.
        target: Product and release.
    """
    memory = index.derive(_memory)
    key = (id(document), target.product, target.version)
    found = memory.get(key)
    if found is None:
        found = memory[key] = _become(index, document, target)
    return found


def _memory(index: Index) -> dict[tuple[int, str, object], Become]:
    """Outcomes by document, which the set keeps alive, and release."""
    del index
    return {}


def _become(index: Index, document: Document, target: Target) -> Become:
    kind = kind_of(document)
    webhook = defaulter(target.product, kind)
    changed = webhook.change(document.data, target.version) if webhook else Changed(document.data)
    unseen = _unseen(changed.data, document, target, webhook)
    if unseen:
        return Become(outcome.Outcome((), (outcome.Gap((), unseen),)), changed)
    root = outcome.Part(changed.data, outcome.Origin(document))
    return Become(outcome.outcome(target.product, kind, root, index.derive(_given), target.version), changed)


def _unseen(data: dict[str, Any], document: Document, target: Target, webhook: Defaulter | None) -> str:
    """Why no controller ever sees an object, as a gap says it; empty where one does.

    A quantity such as 0.1 is no text, and yet seen: the webhook writes it back as 100m before the schema is asked.
    """
    group, _, version = document.api_version.rpartition("/")
    schema = load(target.product, target.version).kind(group, version, document.kind)
    if schema is None:
        return f"{target} doesn't serve it, so nothing becomes of it"
    if structure.fast_pays(schema) and structure.fast_valid(data, schema):
        return ""
    found = structure.violations(data, schema)
    if found and webhook is not None:
        back = webhook.written_back(structure.prepared(data, schema), found, schema.schema, target.version)
        found = structure.violations(back, schema)
    return REFUSED if any(problem.code is structure.Code.WRONG_TYPE for problem in found) else ""


def _given(index: Index) -> Remembering:
    return Remembering(index.by_kind)


def called(index: Index, targets: Iterable[Target], kind: Kind, name: str, namespace: str) -> Iterator[Made]:
    """The children of a kind and name; only documents after which they could be named are asked.

    A child is named after its document, unless that would be too long: such are never found.

    Args:
        index: The set.
        targets: As for ``children``.
        kind: The child's kind.
        name: Its name.
        namespace: Where it has to be; empty for anywhere.
    """
    for made in named_after(index, targets, name, namespace):
        if made.child.name == name and made.child.kind == kind:
            yield made


def named_after(index: Index, targets: Iterable[Target], name: str, namespace: str) -> Iterator[Made]:
    """The children of all documents whose name is one, or begins one, that is looked for; see ``called``."""
    parents = index.derive(_parents)
    wanted = tuple(targets)
    for length in range(1, len(name) + 1):
        for document in parents.get(name[:length], ()):
            if not may_be_in((document.namespace,), namespace):
                continue
            for target in wanted:
                kind = kind_of(document)
                if kind.group in owned_groups(target.product) and outcome.has_children(target.product, kind):
                    become = outcome_of(index, document, target)
                    yield from (Made(child, document, become.changed) for child in become.outcome.children)


def _parents(index: Index) -> Mapping[str, Sequence[Document]]:
    """The documents of products of which something can become, by name."""
    found: dict[str, list[Document]] = defaultdict(list)
    for kind in index.by_kind:
        if any(outcome.has_children(product, kind) for product in PRODUCTS if kind.group in owned_groups(product)):
            for document in index.by_kind[kind]:
                found[document.name].append(document)
    return found


def children(index: Index, targets: Iterable[Target]) -> Mapping[Kind, Sequence[Made]]:
    """The children of all documents of the set, by their kinds.

    Args:
        index: The set.
        targets: The releases that hold for who asks; a document without a release of its product among them has none.
    """
    wanted = tuple(targets)
    memory = index.derive(_every)
    found = memory.get(wanted)
    if found is None:
        found = memory[wanted] = _children(index, wanted)
    return found


def _every(index: Index) -> dict[tuple[Target, ...], Mapping[Kind, Sequence[Made]]]:
    del index
    return {}


def _children(index: Index, targets: tuple[Target, ...]) -> Mapping[Kind, Sequence[Made]]:
    found: dict[Kind, list[Made]] = defaultdict(list)
    for target in targets:
        for kind in index.by_kind:
            if kind.group not in owned_groups(target.product) or not outcome.has_children(target.product, kind):
                continue
            for document in index.by_kind[kind]:
                become = outcome_of(index, document, target)
                for child in become.outcome.children:
                    found[child.kind].append(Made(child, document, become.changed))
    return found
