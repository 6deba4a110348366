"""Who judges a document: each release that serves its kind, with schema, webhook and rules, looked up once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from generator.checks.defaulting import Changed, defaulter
from generator.checks.platforms import chosen
from generator.checks.registry import registry
from generator.checks.rule import Stage
from generator.reading.kind import Kind
from generator.schemas import load
from generator.schemas.products import owned_groups

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from generator.checks.defaulting import Defaulter
    from generator.checks.rule import Rule
    from generator.reading.documents import Document
    from generator.schemas import KindSchema, Target

MOST_REMEMBERED = 4096
"""Sets of keys for which a judge remembers its rules: real manifests have far fewer, and memory stays bounded."""
REPLACEMENTS = {"gateway-api-experimental": "gateway-api"}


@dataclass(frozen=True)
class Judge:
    """One release that has a say on a kind.

    Attributes:
        target: The release.
        schema: The kind as that release serves it; None where the release owns the API group but not this kind.
        webhook: The mutating webhook, if the kind has one and webhooks are asked for.
        rules: The rules of the kind, without those on structure.
        beside: The releases of all products that hold for the document, this one among them.
    """

    target: Target
    schema: KindSchema | None
    webhook: Defaulter | None
    rules: tuple[Rule, ...]
    beside: tuple[Target, ...] = ()
    _keys: frozenset[str] = field(init=False, repr=False, compare=False)
    _concerned: dict[frozenset[str], tuple[Rule, ...]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collect the keys that rules ask for."""
        object.__setattr__(self, "_keys", frozenset().union(*(rule.when for rule in self.rules)))

    def changed(self, document: Document) -> Changed:
        """The object as the platform's webhook leaves it."""
        return self.webhook.change(document.data, self.target.version) if self.webhook else Changed(document.data)

    @property
    def product(self) -> str:
        """The product whose rules hold: an experimental channel has the same as the standard one."""
        return REPLACEMENTS.get(self.target.product, self.target.product)

    def concerned(self, keys: AbstractSet[str]) -> tuple[Rule, ...]:
        """The rules that can hold for an object with these keys (``Rule.when``); looked up once for keys alike.

        Args:
            keys: All keys of the object as it was written; those that the webhook may add are counted in.
        """
        present = self._keys.intersection(keys)
        found = self._concerned.get(present)
        if found is None:
            there = present | self.webhook.adds if self.webhook else present
            found = tuple(rule for rule in self.rules if not (rule.when and rule.when.isdisjoint(there)))
            if len(self._concerned) >= MOST_REMEMBERED:
                self._concerned.clear()
            self._concerned[present] = found
        return found


@cache
def panel(command: tuple[Target, ...], *, webhooks: bool, fallback: tuple[Target, ...], folder: Path) -> Panel:
    """The panel for these releases, the same for every run of a process that asks alike.

    Args:
        command: As for ``Panel``.
        webhooks: As for ``Panel``.
        fallback: As for ``Panel``.
        folder: Where imported packs lie: others there mean other judges.
    """
    del folder
    return Panel(command, webhooks=webhooks, fallback=fallback)


class Panel:
    """Finds the judges of documents; those of one kind and header are looked up once.

    Args:
        command: What ``--platform`` named.
        webhooks: Whether the platform's webhooks and all rules beyond structure have a say.
        fallback: What the repository names, for documents that don't say themselves.
    """

    def __init__(self, command: tuple[Target, ...], *, webhooks: bool, fallback: tuple[Target, ...] = ()) -> None:
        self._command = command
        self._fallback = fallback
        self._webhooks = webhooks
        self._targets: dict[str | None, tuple[Target, ...]] = {}
        self._judges: dict[tuple[str | None, str, str], tuple[Judge, ...]] = {}

    def judges(self, document: Document) -> tuple[Judge, ...]:
        """Everyone who judges a document; empty where no pack knows its kind."""
        key = (document.header, document.api_version, document.kind)
        found = self._judges.get(key)
        if found is None:
            found = self._judges[key] = self._find(*key)
        return found

    def _find(self, header: str | None, api_version: str, kind: str) -> tuple[Judge, ...]:
        targets = self._targets.get(header)
        if targets is None:
            targets = self._targets[header] = chosen(self._command, header, self._fallback)
        group, slash, version = api_version.rpartition("/")
        name = Kind(group if slash else "", kind)
        owners = [target for target in targets if name.group in owned_groups(target.product)]
        served = self._serving(owners, name, version, targets) or self._serving(targets, name, version, targets)
        if served and len(served) == len(owners):
            return served
        absent = {judge.target for judge in served}
        return (*served, *(Judge(target, None, None, ()) for target in owners if target not in absent))

    def _serving(
        self, targets: Sequence[Target], name: Kind, version: str, beside: tuple[Target, ...]
    ) -> tuple[Judge, ...]:
        found = ((target, load(*target[:2]).kind(name.group, version, name.kind)) for target in targets)
        return tuple(self._judge(target, schema, name, beside) for target, schema in found if schema is not None)

    def _judge(self, target: Target, schema: KindSchema, name: Kind, beside: tuple[Target, ...]) -> Judge:
        product = REPLACEMENTS.get(target.product, target.product)
        rules = registry(product, name.kind).applicable(name, product, target.version, target.product)
        if not self._webhooks:
            rules = tuple(rule for rule in rules if rule.stage in (Stage.STRUCTURE, Stage.SERVER))
            return Judge(target, schema, None, rules, beside)
        return Judge(target, schema, defaulter(target.product, name), rules, beside)
