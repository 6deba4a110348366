"""What an accepted manifest does otherwise after an upgrade: told where releases of both sides of a change judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.judging.faults import fault
from generator.checks.placing import finding
from generator.checks.registry import registry
from generator.checks.subject import Subject, keys_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.checks.finding import Finding
    from generator.checks.judging.judges import Judge
    from generator.checks.subject import Index
    from generator.reading.documents import Document


def changes(judges: Sequence[Judge], document: Document, index: Index) -> Iterator[Finding]:
    """The changes of meaning between the oldest and the newest release of each product.

    Args:
        judges: Everyone who judges the document.
        document: What they judge.
        index: The set that it was given with.
    """
    products: dict[str, list[Judge]] = {}
    for judge in judges:
        if judge.schema is not None:
            products.setdefault(judge.product, []).append(judge)
    for several in products.values():
        if len(several) > 1:
            several.sort(key=lambda one: one.target.version)
            yield from _between(several[0], several[-1], document, index)


def _between(old: Judge, new: Judge, document: Document, index: Index) -> Iterator[Finding]:
    release, kind = new.target.version, kind_of(document)
    products = (new.product, new.target.product)
    rules = registry(new.product, document.kind).changes(kind, products, old.target.version, release)
    keys = keys_of(document.data) if rules else set()
    concerned = [rule for rule in rules if not rule.when or not rule.when.isdisjoint(keys)]
    if not concerned:
        return
    schema = new.schema.schema if new.schema else None
    try:
        changed = new.changed(document)
    except Exception as error:  # noqa: BLE001 (told as a fault of ours; all other verdicts come out)
        yield fault(error, document, f"the webhook's part of {new.target}")
        return
    subject = Subject(document, changed.data, release, index, schema, new.beside)
    for rule in concerned:
        try:
            for hit in rule.check(subject) if rule.check else ():
                yield finding(rule, document, changed.place(hit), hit.values, on_key=hit.on_key)
        except Exception as error:  # noqa: BLE001 (as above)
            yield fault(error, document, f"rule {rule.id}")
