"""Strategies in which one variant's answer may be another's request: bandit, ensemble, chain, switch, and any graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from generator.decoding.shapes import Choices, Fragment, KeyPattern, Pattern
from generator.service.types import (
    BrokenRules,
    Names,
    TensorKey,
    VariantName,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUTERS = ("epsilon-greedy", "thompson-sampling")


@dataclass(frozen=True, kw_only=True)
class Bandit:
    """A router that learns the shares from rewards."""

    router: Annotated[str, "How it learns.", Choices(ROUTERS)]
    variants: Annotated[tuple[VariantName, ...], "The arms."]
    parameters: Annotated[
        dict[str, str],
        "The router's own parameters, such as epsilon.",
        KeyPattern(r"[a-z_]{1,64}", "name of a parameter"),
    ] = field(default_factory=dict)
    version: Annotated[
        str | None,
        "The tag of the router's image; without it the newest known.",
        Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "tag"),
    ] = None

    def names(self) -> Names:
        """The arms."""
        for index, name in enumerate(self.variants):
            yield ("variants", index), name

    def features(self) -> tuple[str, ...]:
        """One row."""
        return ("bandit",)

    def broken_rules(self) -> BrokenRules:
        """At least two arms."""
        if len(set(self.variants)) < 2:  # noqa: PLR2004 (two arms)
            yield ("variants",), "a bandit chooses between at least two variants.", "Add one."


def _renamed(tensors: Mapping[str, str], variants: tuple[str, ...]) -> BrokenRules:
    """Tensors are renamed of variants that are there, and to something."""
    for key, name in tensors.items():
        variant = key.partition(".")[0]
        if variant not in variants:
            yield ("tensors", key), f"'{variant}' is none of the variants.", f"Write one of {', '.join(variants)}."
        if not name or any(letter.isspace() for letter in name):
            yield ("tensors", key), "this is no name of a tensor.", "Write the name that the receiver knows it by."


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Every variant is asked, and all answers come back, or what a combiner makes of them."""

    variants: Annotated[tuple[VariantName, ...], "The variants that are asked."]
    combiner: Annotated[
        str | None,
        "The image that makes one answer of several, where the platform runs one.",
        Pattern(r"\S+", "image"),
    ] = None
    tensors: Annotated[
        dict[str, str], "A tensor of an answer, as VARIANT.TENSOR, to its name in the answer of all.", TensorKey
    ] = field(default_factory=dict)

    def names(self) -> Names:
        """Those that are asked."""
        for index, name in enumerate(self.variants):
            yield ("variants", index), name

    def features(self) -> tuple[str, ...]:
        """A row of its own with a combiner, which a platform may do alone, and one for tensors of other names."""
        first = "combiner" if self.combiner else "ensemble"
        return (first, "tensors") if self.tensors else (first,)

    def broken_rules(self) -> BrokenRules:
        """At least two, each once."""
        if len(self.variants) < 2 or len(set(self.variants)) < len(self.variants):  # noqa: PLR2004 (two)
            yield ("variants",), "an ensemble asks at least two variants, each once.", "Change the list."
        yield from _renamed(self.tensors, self.variants)


@dataclass(frozen=True, kw_only=True)
class Chain:
    """One variant after the other; each gets what the one before answered."""

    variants: Annotated[tuple[VariantName, ...], "In the order in which they are asked."]
    tensors: Annotated[
        dict[str, str],
        "A tensor of an answer, as VARIANT.TENSOR, to the name that the next one knows it by.",
        TensorKey,
    ] = field(default_factory=dict)

    def names(self) -> Names:
        """In order."""
        for index, name in enumerate(self.variants):
            yield ("variants", index), name

    def features(self) -> tuple[str, ...]:
        """A row of its own for tensors of other names."""
        return ("chain", "tensors") if self.tensors else ("chain",)

    def broken_rules(self) -> BrokenRules:
        """At least two, each once."""
        if len(self.variants) < 2 or len(set(self.variants)) < len(self.variants):  # noqa: PLR2004 (two)
            yield ("variants",), "a chain has at least two variants, each once.", "Change the list."
        yield from _renamed(self.tensors, self.variants)


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One way out of a switch."""

    variant: Annotated[VariantName, "Where the request goes."]
    when: Annotated[
        str | None, "The condition on the request's body, in the platform's own words; the last branch may have none."
    ] = None


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A request goes to the first branch whose condition holds."""

    branches: Annotated[tuple[Branch, ...], "In the order in which they are asked."]
    router: Annotated[
        str | None, "The image that chooses the branch, where the platform runs one.", Pattern(r"\S+", "image")
    ] = None

    def names(self) -> Names:
        """The branches'."""
        for index, each in enumerate(self.branches):
            yield ("branches", index, "variant"), each.variant

    def features(self) -> tuple[str, ...]:
        """A row of its own where an image chooses."""
        return ("switch-router",) if self.router else ("switch",)

    def broken_rules(self) -> BrokenRules:
        """At least two branches, and each can be reached."""
        if len(self.branches) < 2:  # noqa: PLR2004 (two)
            yield ("branches",), "a switch has at least two branches.", "Add one."
        for index, each in enumerate(self.branches[:-1]):
            if each.when is None and not self.router:
                yield ("branches", index), "no branch behind this one is ever asked.", "Give it a condition (when:)."


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph that the other strategies have no words for; a node is named as its variant."""

    variants: Annotated[tuple[VariantName, ...], "The variants that take part."]
    spec: Annotated[
        Fragment, "The graph as the platform has it: the spec of a Seldon Core 2 Pipeline or of an InferenceGraph."
    ]

    def names(self) -> Names:
        """Those that take part."""
        for index, name in enumerate(self.variants):
            yield ("variants", index), name

    def features(self) -> tuple[str, ...]:
        """One row."""
        return ("graph",)

    def broken_rules(self) -> BrokenRules:
        """There is a graph, and a variant takes part once."""
        if not self.spec:
            yield ("spec",), "there is no graph.", "Write it in the platform's words, or choose another strategy."
        if not self.variants or len(set(self.variants)) < len(self.variants):
            yield ("variants",), "a graph has at least one variant, each once.", "Change the list."
