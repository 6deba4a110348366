"""The syntax tree of one YAML document, made only when one is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.reading.node import Node


def parse(text: str) -> Node | None:
    """The root node of the first document in ``text``; None where there is none.

    Raises:
        UnreadableError: No YAML, or nested deeper than MAX_DEPTH.
    """
    from generator.reading import composer  # noqa: PLC0415 (PyYAML is heavy, and what is right needs no tree)

    return composer.compose(text)
