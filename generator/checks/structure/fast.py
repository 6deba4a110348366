"""The fast lane: one compiled JSON Schema that says yes only where the exact check would find nothing.

Every doubt is a no, and the exact check decides: nulls, owners in metadata, objects inside objects, defaults that a
constraint could see. A property test holds both lanes together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from generator.checks.structure.compile import json_schema
from generator.checks.structure.formats import enforced
from generator.checks.structure.lists import Lists, filled, lists_of, needs_defaults, unique
from generator.checks.structure.rules import has_rules, rule_problems
from generator.reading import lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.schemas import KindSchema

FEW = 8
"""Objects of a kind that are looked at exactly before its schema is compiled, which takes as long as dozens of them."""
_INT32_MAX = 2**31 - 1
_STAND_IN = {"name": "x"}


@dataclass(frozen=True, eq=False)
class FastKind:
    """The fast lane of one kind.

    Attributes:
        lists: Where lists of type map can be.
        prepare: Whether defaults have to be filled in before, since a rule or a constraint could see them.
        rules: Whether there are CEL rules.
    """

    kind: KindSchema
    lists: Lists | None
    prepare: bool
    rules: bool
    _met: Iterator[int] = field(default_factory=count, repr=False)

    @cached_property
    def validator(self) -> Any | None:
        """The compiled JSON Schema; None where nothing can compile it, so that the exact check does all."""
        document, names = json_schema(self.kind.schema)
        return _compiled(document, {name: check for name in names if (check := enforced(name))})

    @property
    def ready(self) -> bool:
        """Whether the schema is compiled."""
        return "validator" in self.__dict__

    def pays(self) -> bool:
        """Whether so many objects of the kind came that the compiled schema pays; each call counts one more."""
        return self.ready or next(self._met) >= FEW

    def valid(self, data: dict[str, Any]) -> bool:
        """Whether the object is valid for certain."""
        ready = filled(data, self.kind.schema) if self.prepare else data
        return self._fits(ready) and not (self.rules and rule_problems(ready, self.kind.schema))

    def fits_but_for_metadata(self, data: dict[str, Any]) -> bool:
        """Whether everything but metadata and CEL rules is valid for certain, so that only those need a closer look."""
        stand_in = {**data, "metadata": _STAND_IN}
        return self._fits(filled(stand_in, self.kind.schema) if self.prepare else stand_in)

    def _fits(self, ready: dict[str, Any]) -> bool:
        return bool(
            self.validator is not None
            and self.validator.is_valid(ready)
            and (self.lists is None or unique(ready, self.lists))
            and (self.kind.kind.scale is None or _replicas_fit(ready, self.kind))
        )


def _replicas_fit(data: dict[str, Any], kind: KindSchema) -> bool:
    scale = kind.kind.scale
    value: Any = data
    for part in scale.replicas.lstrip(".").split(".") if scale else ():
        value = value.get(part) if isinstance(value, dict) else None
    return "status" not in data and (value is None or (type(value) is int and 0 <= value <= _INT32_MAX))


@cache
def fast_kind(kind: KindSchema) -> FastKind:
    """A kind's fast lane, the same one for a whole process; its schema is compiled when it is first asked."""
    root = kind.schema
    rules = has_rules(root)
    return FastKind(kind, lists_of(root), rules or needs_defaults(root), rules)


def _compiled(document: dict[str, Any], formats: dict[str, Callable[[str], bool]]) -> Any | None:
    """The compiled validator; None where there is no compiler, or a pattern that it doesn't take."""
    compiler = lanes.json_schema()
    if compiler is None:
        return None
    try:
        return compiler.Draft202012Validator(
            document, pattern_options=compiler.RegexOptions(), validate_formats=True, formats=formats
        )
    except (ValueError, compiler.ValidationError):
        return None
