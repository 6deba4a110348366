"""All rules there are, found by looking into the modules under ``generator.checks.rules``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.checks import listing
from generator.checks import rules as package
from generator.checks.misplaced import Misplaced
from generator.checks.rule import Rule
from generator.schemas.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import ModuleType

    from generator.checks.structure.verdict import Code
    from generator.reading.kind import Kind
    from generator.schemas import Version


@dataclass(frozen=True)
class Registry:
    """The rules, in the order of their ids.

    Attributes:
        rules: Each id and each name stands once.
        by_id: The same, by id.
        by_code: Those on structure, by what the structural check found.
        misplaced: By kind, where fields belong that people write elsewhere.
    """

    rules: tuple[Rule, ...]
    by_id: Mapping[str, Rule]
    by_code: Mapping[Code, Rule]
    misplaced: Mapping[Kind, Misplaced]

    def applicable(
        self, kind: Kind, product: str | None, release: Version | None, channel: str | None = None
    ) -> tuple[Rule, ...]:
        """The rules with a check of their own for one kind on one release of its product.

        Rules that hold for all of Kubernetes are among them, and those of the product's channel, if it has several.
        """
        products = (product, channel)
        return tuple(
            rule
            for rule in self.rules
            if rule.check is not None
            and rule.meaning is None
            and (not rule.kinds or kind in rule.kinds)
            and (rule.product is None or (rule.product in products and release is not None and rule.holds_for(release)))
        )

    def changes(self, kind: Kind, products: Collection[str], oldest: Version, newest: Version) -> tuple[Rule, ...]:
        """The rules on what an upgrade from one release of a product, or its channel, to another makes of a kind."""
        return tuple(
            rule
            for rule in self.rules
            if rule.meaning is not None
            and rule.since is not None
            and rule.product in products
            and (not rule.kinds or kind in rule.kinds)
            and oldest < rule.since <= newest
        )


@functools.cache
def _names(parent: str) -> tuple[str, ...]:
    """The modules below a package, packages before what is in them, without importing modules that are no packages."""
    found: list[str] = []
    for module in pkgutil.iter_modules(importlib.import_module(parent).__path__, f"{parent}."):
        found += (module.name, *(_names(module.name) if module.ispkg else ()))
    return tuple(found)


def _concerns(module: str, kind: str) -> bool:
    known = listing.listed().get(listing.short(module))
    return known is None or known.concerns(kind)


def modules(without: frozenset[str] = frozenset(), kind: str = "") -> list[ModuleType]:
    """The modules of rules, imported.

    Args:
        without: Packages that are left alone.
        kind: As for ``registry``.
    """
    names = (name for name in _names(package.__name__) if listing.short(name).partition(".")[0] not in without)
    return [importlib.import_module(name) for name in names if not kind or _concerns(name, kind)]


@functools.cache
def registry(product: str | None = None, kind: str = "") -> Registry:
    """Import modules under ``rules`` and collect the rules that they declare.

    Args:
        product: The product whose objects are to be judged: the packages of other products are left alone, so that
            nobody waits for rules that can't hold. None for all rules there are.
        kind: The name of the kind to be judged: modules without a rule on it are left alone. Empty for all kinds.

    Raises:
        ValueError: Two rules share an id, a name or a code.
    """
    packages = {name: name.replace("-", "_") for name in PRODUCTS}
    others = frozenset(packages.values()) - {packages.get(product, "")} if product is not None else frozenset()
    declared = [value for module in modules(others, kind) for value in vars(module).values()]
    found = dict.fromkeys(value for value in declared if isinstance(value, Rule))
    rules = tuple(sorted(found, key=lambda rule: rule.id))
    by_id = {rule.id: rule for rule in rules}
    by_code = {rule.code: rule for rule in rules if rule.code is not None}
    coded = sum(rule.code is not None for rule in rules)
    if len(by_id) != len(rules) or len(by_code) != coded or len({rule.name for rule in rules}) != len(rules):
        taken = [rule.id for rule in rules if by_id[rule.id] is not rule]
        msg = f"two rules share an id, a name or a code: {', '.join(taken) or 'see names and codes'}"
        raise ValueError(msg)
    misplaced = {value.kind: value for value in declared if isinstance(value, Misplaced)}
    return Registry(rules, by_id, by_code, misplaced)
