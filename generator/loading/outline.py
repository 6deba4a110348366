"""What a service file says of all its environments at once, without asking whether each would stand alone.

An environment may need ``--set`` to be whole, or be broken in a way that doesn't matter for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding.nodes import Mapping, Scalar, Sequence, parse, says_nothing
from generator.loading import defaults, environments
from generator.loading.load import laid_over, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.decoding.nodes import Node


@dataclass(frozen=True)
class Outline:
    """A service file as it stands, or in one environment.

    Attributes:
        releases: The names of the variants that are releases.
        own_store: Whether the environment says something of the store.
    """

    releases: frozenset[str]
    own_store: bool = False


def outlines(file: str | Path) -> dict[str | None, Outline]:
    """The outline of the file as it stands, under None, and of each environment.

    Raises:
        InputError: The file is missing, isn't YAML, or one of its environments doesn't fit the format.
        OutsideError: It can't be read.
    """
    path = Path(file)
    name, root, under = str(file), parse(read_text(path), str(file)), defaults.of(path.parent)
    found = {None: Outline(frozenset(_releases(laid_over(root, name, None, under))))}
    return found | {
        environment: Outline(
            frozenset(_releases(laid_over(root, name, environment, under))),
            isinstance(differences, Mapping) and "store" in differences.items,
        )
        for environment, differences in environments.declared(root).items()
    }


def _releases(tree: Node) -> Iterator[str]:
    """The names of the variants that are releases; what has another form is left to whoever decodes it."""
    variants = tree.items.get("variants", (None, None))[1] if isinstance(tree, Mapping) else None
    for variant in variants.items if isinstance(variants, Sequence) else ():
        if isinstance(variant, Mapping) and "release" in variant.items and "name" in variant.items:
            name, release = variant.items["name"][1], variant.items["release"][1]
            if isinstance(name, Scalar) and not says_nothing(release):
                yield name.text
