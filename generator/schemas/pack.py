"""The pack of one release: its file, and the lazy way from the file to schemas.

A pack is a text file of JSON, one line a part, so that version control shows what a release changed and the bytes do
not depend on a compressor (the wheel compresses it): a head line, a line for each kind, a line for each sub-schema.
Equal sub-schemas stand once; a line refers to earlier ones by number. A pack may be based on another release's, whose
sub-schemas then go before its own: releases that differ in little share the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place
from generator.schemas.model import NO_DEFAULT, CelRule, Kind, Scale, Schema
from generator.schemas.products import is_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.schemas.versions import Version

FORMAT = 1
"""The number of the form of pack files; a file of another form is refused."""

_BOUNDS = frozenset(
    (
        *("enum", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    )
)


@dataclass(frozen=True, eq=False)
class KindSchema:
    """One kind in one version of one release.

    Attributes:
        kind: What the CRD says besides the schema.
        product: The product that has it.
        release: The product's release.
        schema: The root of its schema.
    """

    kind: Kind
    product: str
    release: Version
    _nodes: _Nodes = field(repr=False)

    @cached_property
    def typed(self) -> bool:
        """Whether the API server decodes and validates the kind by code of its own, not by a CRD."""
        return is_typed(self.product)

    @cached_property
    def schema(self) -> Schema:
        """The root of the schema, made when it is first asked for."""
        return self._nodes.node(self.kind.root)


class _Nodes:
    """The sub-schemas of one file; each is made into a Schema when it is first needed."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._made: dict[int, Schema] = {}

    def node(self, number: int) -> Schema:
        """The sub-schema with that number; its children are made with it."""
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(number, json.loads(self._lines[number]))
        return made

    def _several(self, raw: dict[str, Any], key: str) -> tuple[Schema, ...]:
        return tuple(self.node(number) for number in raw.get(key, ()))

    def _make(self, number: int, raw: dict[str, Any]) -> Schema:
        additional = raw.get("additionalProperties")
        return Schema(
            number=number,
            type=raw.get("type", ""),
            properties={name: self.node(child) for name, child in raw.get("properties", {}).items()},
            items=self.node(raw["items"]) if "items" in raw else None,
            additional=self.node(additional) if type(additional) is int else additional,
            required=tuple(raw.get("required", ())),
            preserve=raw.get("x-kubernetes-preserve-unknown-fields", False),
            embedded=raw.get("x-kubernetes-embedded-resource", False),
            int_or_string=raw.get("x-kubernetes-int-or-string", False),
            nullable=raw.get("nullable", False),
            default=raw.get("default", NO_DEFAULT),
            list_type=raw.get("x-kubernetes-list-type", ""),
            list_keys=tuple(raw.get("x-kubernetes-list-map-keys", ())),
            bounds={key: value for key, value in raw.items() if key in _BOUNDS},
            all_of=self._several(raw, "allOf"),
            any_of=self._several(raw, "anyOf"),
            one_of=self._several(raw, "oneOf"),
            not_=self.node(raw["not"]) if "not" in raw else None,
            rules=tuple(_cel_rule(rule) for rule in raw.get("x-kubernetes-validations", ())),
        )


def _cel_rule(raw: dict[str, Any]) -> CelRule:
    return CelRule(
        raw["rule"],
        raw.get("message", ""),
        raw.get("messageExpression", ""),
        raw.get("reason", ""),
        raw.get("fieldPath", ""),
        raw.get("optionalOldSelf", False),
    )


@dataclass(frozen=True, eq=False)
class Pack:
    """All kinds of one release of a product.

    Attributes:
        product: The product's name.
        version: The release.
        owned: The API groups of which the release has every kind.
        kinds: By group, version and kind; versions that are not served are left out.
    """

    product: str
    version: Version
    owned: frozenset[str]
    kinds: dict[tuple[str, str, str], KindSchema]

    def kind(self, group: str, version: str, kind: str) -> KindSchema | None:
        """The kind in that version; None where this release doesn't serve it."""
        return self.kinds.get((group, version, kind))

    def owns(self, group: str) -> bool:
        """Whether a kind of that group that isn't here does not exist in this release."""
        return group in self.owned

    def served(self, group: str, kind: str) -> tuple[str, ...]:
        """The API versions in which this release serves a kind."""
        return tuple(version for found, version, name in self.kinds if (found, name) == (group, kind))


def write(kinds: Iterable[Kind], nodes: Iterable[dict[str, Any]], *, base: str = "") -> bytes:
    """The bytes of a pack file; equal input gives equal bytes.

    Args:
        kinds: In their final order.
        nodes: The sub-schemas; each refers to earlier ones by number.
        base: The release whose pack holds the sub-schemas that go before these; empty where none do.
    """

    def line(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)

    kinds, nodes = list(kinds), list(nodes)
    head = {"format": FORMAT, "kinds": len(kinds), "schemas": len(nodes)} | ({"base": base} if base else {})
    described = [
        {key: value for key, value in kind._asdict().items() if value is not None and value is not False}
        for kind in kinds
    ]
    return ("\n".join(line(part) for part in (head, *described, *nodes)) + "\n").encode()


def read(
    content: bytes,
    product: str,
    version: Version,
    owned: frozenset[str],
    file: str,
    beside: Callable[[str], bytes] | None = None,
) -> Pack:
    """The inverse of ``write``.

    Args:
        content: The file's bytes.
        product: The product's name.
        version: The release.
        owned: The API groups of which the release has every kind.
        file: Its name, for messages.
        beside: Gives the pack file of another release of the product, for a pack that is based on one.

    Raises:
        InputError: The file is no pack of this form.
    """
    try:
        head, described, schemas = _parts(content)
        if head.get("base"):
            schemas = _parts(beside(head["base"]) if beside else b"")[2] + schemas
        nodes = _Nodes(schemas)
        kinds = [_kind(json.loads(line)) for line in described]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"this schema pack can't be read: {error}.",
            fix="Import it again: serinus schema import.",
            place=Place(file),
        ) from error
    return Pack(
        product,
        version,
        owned,
        {
            (kind.group, kind.version, kind.kind): KindSchema(kind, product, version, nodes)
            for kind in kinds
            if kind.served
        },
    )


def _parts(content: bytes) -> tuple[dict[str, Any], list[str], list[str]]:
    """The head, and the lines of kinds and of sub-schemas."""
    lines = content.decode().removesuffix("\n").split("\n")
    head: dict[str, Any] = json.loads(lines[0])
    first = _first_schema(head, len(lines))
    return head, lines[1:first], lines[first:]


def _first_schema(head: dict[str, Any], length: int) -> int:
    """The line of the first sub-schema."""
    if head["format"] != FORMAT:
        raise ValueError(f"it has form {head['format']}, not {FORMAT}")
    first: int = 1 + head["kinds"]
    if length != first + head["schemas"]:
        raise ValueError("it is cut off")
    return first


def _kind(raw: dict[str, Any]) -> Kind:
    flags = {name: raw.get(name, False) for name in ("namespaced", "served", "deprecated", "status")}
    scale = Scale(*raw["scale"]) if raw.get("scale") else None
    names = {name: raw[name] for name in ("group", "version", "kind", "plural", "root")}
    return Kind(**names, **flags, scale=scale)
