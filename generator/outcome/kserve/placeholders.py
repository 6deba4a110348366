"""The placeholders of containers: Go templates over the InferenceService's metadata.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/utils/utils.go, ``ReplacePlaceholders``: the container,
written as JSON, is one template. So a template with quotes in it can't be read, and what is left are plain fields.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.outcome.part import Part, opened, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.outcome.part import Tree

_PLACEHOLDER = re.compile(r"\{\{\s*((?:\.\w+)+)\s*\}\}", re.ASCII)
_NO_VALUE = "<no value>"


def braced(value: Any) -> bool:
    """Whether a placeholder may stand in a value, be it a plain one or a tree."""
    if value.__class__ is Part:
        value = value.value
    if value.__class__ is str:
        return "{{" in value
    if value.__class__ is dict:
        return any(name.__class__ is str and "{{" in name for name in value) or any(map(braced, value.values()))
    return any(map(braced, value)) if value.__class__ is list else False


def filled(tree: Tree, look_up: Callable[[str], str | None]) -> Tree:
    """A tree with its placeholders replaced; it's best asked first whether there are any (``braced``).

    Args:
        tree: The tree.
        look_up: What a name such as ``.Labels.modelClass`` stands for; None where it isn't known, which leaves it.
    """
    if value_of(tree).__class__ is str:
        text = value_of(tree)
        if "{{" not in text:
            return tree
        new = _PLACEHOLDER.sub(lambda found: _or(look_up(found[1]), found[0]), text)
        return Part(new, tree.origin) if tree.__class__ is Part else new
    if not braced(tree):
        return tree
    inner = opened(tree)
    if inner.__class__ is dict:
        return {name: filled(value, look_up) for name, value in inner.items()}
    return [filled(value, look_up) for value in inner] if inner.__class__ is list else inner


def _or(found: str | None, text: str) -> str:
    return text if found is None else found


def meaning(
    name: str, namespace: str, labels: Mapping[str, Tree], annotations: Mapping[str, Tree]
) -> Callable[[str], str | None]:
    """What the placeholders stand for: fields of the InferenceService's metadata, as Go's text/template finds them.

    A label that isn't there gives ``<no value>``.
    """

    def look_up(text: str) -> str | None:
        first, _, rest = text[1:].partition(".")
        if first == "Name" and not rest:
            return name
        if first == "Namespace" and not rest:
            return namespace
        if first in ("Labels", "Annotations") and rest and "." not in rest:
            found = value_of((labels if first == "Labels" else annotations).get(rest))
            return _NO_VALUE if found is None else str(found)
        return None

    return look_up
