"""What the structural check can find: a closed list of codes, and one problem."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


class Code(enum.Enum):
    """Each code is what one rule is about; ``Problem.values`` holds the names in brackets."""

    UNKNOWN_FIELD = "unknown-field"
    """A field that the schema doesn't know [field, nearest, elsewhere, known]."""
    DUPLICATE_KEY = "duplicate-key"
    """A key stands twice in one mapping [field]."""
    WRONG_TYPE = "wrong-type"
    """Another type is wanted [expected, found, value]."""
    NULL_VALUE = "null-value"
    """Null where a value is wanted [expected]."""
    MISSING_FIELD = "missing-field"
    """A required field is missing; the path is the field's, it doesn't exist [field]."""
    NOT_IN_ENUM = "not-in-enum"
    """Not among the allowed values [value, allowed, nearest]."""
    BELOW_MINIMUM = "below-minimum"
    """A number is too small [value, bound, exclusive]."""
    ABOVE_MAXIMUM = "above-maximum"
    """A number is too large [value, bound, exclusive]."""
    NOT_A_MULTIPLE = "not-a-multiple"
    """A number is no multiple of another [value, bound]."""
    PATTERN = "pattern"
    """A string does not match a regular expression [value, pattern]."""
    FORMAT = "format"
    """A string is not of its format [value, format]."""
    TOO_SHORT = "too-short"
    """A string has too few characters [length, bound]."""
    TOO_LONG = "too-long"
    """A string has too many characters [length, bound]."""
    TOO_FEW_ITEMS = "too-few-items"
    """A list has too few items [length, bound]."""
    TOO_MANY_ITEMS = "too-many-items"
    """A list has too many items [length, bound]."""
    TOO_FEW_PROPERTIES = "too-few-properties"
    """A mapping has too few keys [length, bound]."""
    TOO_MANY_PROPERTIES = "too-many-properties"
    """A mapping has too many keys [length, bound]."""
    REPEATED_ITEM = "repeated-item"
    """A list of type set has an item twice [value]."""
    REPEATED_KEY = "repeated-key"
    """A list of type map has two items with the same key fields [keys]."""
    NO_ALTERNATIVE = "no-alternative"
    """None of several alternatives fits [count, closest: the problems of the one that fits best]."""
    SEVERAL_ALTERNATIVES = "several-alternatives"
    """More than one of several alternatives fits, where exactly one must [count]."""
    FORBIDDEN_FORM = "forbidden-form"
    """The value has a form that the schema excludes [nothing]."""
    CEL_RULE = "cel-rule"
    """A validation rule of the CRD is false [rule, message]."""
    CEL_TRANSITION = "cel-transition"
    """A validation rule of the CRD on the change of a value is false [rule, message]."""
    CEL_ERROR = "cel-error"
    """A rule of the CRD has no value on this object; the API server takes that as false [rule, message, error]."""
    CEL_UNCHECKED = "cel-unchecked"
    """A rule uses something that Serinus can't evaluate: nothing is known to be wrong [rule, error]."""
    NAME_MISSING = "name-missing"
    """Neither name nor generateName is given [nothing]."""
    NAME_SYNTAX = "name-syntax"
    """A name or namespace that Kubernetes doesn't take [value, wanted: subdomain, label or segment, limit]."""
    LABEL_KEY = "label-key"
    """The key of a label, or a finalizer, of the wrong syntax [key, what]."""
    LABEL_VALUE = "label-value"
    """The value of a label of the wrong syntax [key, value]."""
    ANNOTATION_KEY = "annotation-key"
    """The key of an annotation of the wrong syntax [key, what]."""
    ANNOTATIONS_TOO_LARGE = "annotations-too-large"
    """All annotations together are over the limit [length, bound]."""
    METADATA_VALUE = "metadata-value"
    """Another value in metadata that Kubernetes refuses [reason]."""
    EMBEDDED_OBJECT = "embedded-object"
    """An object inside the object lacks or misspells apiVersion or kind [field, reason]."""
    REPLICAS_RANGE = "replicas-range"
    """A number of replicas that the scale subresource refuses [value, bound]."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong.

    Attributes:
        code: What kind of thing.
        path: Where, inside the object.
        on_key: Whether the key is meant, not the value.
        values: What a message needs, by the names that Code lists.
    """

    code: Code
    path: Path
    on_key: bool = False
    values: dict[str, Any] = field(default_factory=dict)
