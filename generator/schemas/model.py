"""The structural schema of one kind, as the API server keeps it: facts only, no descriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

NO_DEFAULT: Final = object()
"""Stands where a schema names no default (``null`` could be one)."""


class CelRule(NamedTuple):
    """One entry of ``x-kubernetes-validations``.

    Attributes:
        rule: The CEL expression.
        message: What the API server says when it is false; may be empty.
        message_expression: A CEL expression that gives the message; may be empty.
        reason: The API server's reason, such as ``FieldValueInvalid``; may be empty.
        field_path: A path below the place of the rule, as ``.spec.x``; may be empty.
        optional_old_self: Whether the rule also runs where there is no old value.
    """

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = ""
    field_path: str = ""
    optional_old_self: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One node of a structural schema; equal nodes of a pack are the same object.

    Attributes:
        number: The node's number in its pack.
        type: ``object``, ``array``, ``string``, ``integer``, ``number``, ``boolean``; empty where any type will do.
        properties: The known fields.
        items: The schema of a list's items.
        additional: The schema of the values of free keys, True where they are free, None where there are no free keys.
        required: The fields that must be there.
        preserve: ``x-kubernetes-preserve-unknown-fields``.
        embedded: ``x-kubernetes-embedded-resource``.
        int_or_string: ``x-kubernetes-int-or-string``.
        nullable: Whether null is a value, not an absence.
        default: What a missing field gets, or NO_DEFAULT.
        list_type: ``atomic``, ``set``, ``map`` or empty.
        list_keys: The key fields of a list of type map.
        bounds: ``minimum``, ``maxLength``, ``pattern``, ``enum``, ``format`` and the like, as the CRD has them.
        all_of: Every one holds.
        any_of: At least one holds.
        one_of: Exactly one holds.
        not_: Does not hold.
        rules: The CEL rules of this node.
    """

    number: int
    type: str = ""
    properties: dict[str, Schema] = field(default_factory=dict)
    items: Schema | None = None
    additional: Schema | bool | None = None
    required: tuple[str, ...] = ()
    preserve: bool = False
    embedded: bool = False
    int_or_string: bool = False
    nullable: bool = False
    default: Any = NO_DEFAULT
    list_type: str = ""
    list_keys: tuple[str, ...] = ()
    bounds: dict[str, Any] = field(default_factory=dict)
    all_of: tuple[Schema, ...] = ()
    any_of: tuple[Schema, ...] = ()
    one_of: tuple[Schema, ...] = ()
    not_: Schema | None = None
    rules: tuple[CelRule, ...] = ()

    @property
    def values(self) -> Schema | None:
        """The schema of the values of free keys, if there is one."""
        return self.additional if isinstance(self.additional, Schema) else None

    def child(self, part: str | int) -> Schema | None:
        """The schema of a field or item; None where none is known."""
        if isinstance(part, int):
            return self.items
        return self.properties.get(part) or self.values


class Scale(NamedTuple):
    """The scale subresource: dotted paths into the object; the selector's may be empty."""

    replicas: str
    status_replicas: str
    selector: str = ""


class Kind(NamedTuple):
    """What a CRD says of one kind in one version, without its schema.

    Attributes:
        group: The API group.
        version: The API version, such as ``v1beta1``.
        kind: The kind's name.
        plural: The name in URLs.
        namespaced: Whether objects live in namespaces.
        served: Whether the API server answers for this version.
        deprecated: Whether using it gives a warning.
        status: Whether the status is a subresource: then a created object's status is dropped unread.
        scale: The scale subresource, if there is one.
        root: The number of the schema's root in its pack.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    served: bool
    deprecated: bool
    status: bool
    scale: Scale | None
    root: int

    @property
    def api_version(self) -> str:
        """As an object's ``apiVersion`` has it."""
        return f"{self.group}/{self.version}" if self.group else self.version
