"""The service file's part on strategies: how traffic reaches the variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, Protocol

from generator.decode import Bounds, Choices, Fragment, KeyPattern, Pattern
from generator.service.types import (
    BrokenRules,
    CookieKey,
    HeaderKey,
    Host,
    Percentage,
    TensorKey,
    VariantKey,
    VariantName,
)

WHOLE = 100
"""Shares are percentages that sum to this."""
ROUNDING = Fraction(1, 10)
"""What a split may miss of the whole for each of its parts: three times 33.3 are meant as a whole."""

BY = ("native", "gateway", "graph")
COOKIE = Pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", "name of a cookie")
Names = Iterator[tuple[tuple[str | int, ...], str]]
"""Path below the strategy, and the variant that stands there."""


class Kind(Protocol):
    """What every strategy tells."""

    def names(self) -> Names:
        """Every place that names a variant."""

    def features(self) -> tuple[str, ...]:
        """The rows of the table of capabilities that it needs."""


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """One variant, replaced by the next."""

    variant: Annotated[VariantName | None, "The variant that is served; without it the only one."] = None

    def names(self) -> Names:
        """The variant, where it is named."""
        if self.variant:
            yield ("variant",), self.variant

    def features(self) -> tuple[str, ...]:
        """One row."""
        return ("rolling",)


@dataclass(frozen=True, kw_only=True)
class Alongside:
    """One more canary, at a fixed share."""

    variant: Annotated[VariantName, "The variant that is tried too."]
    percent: Annotated[int, "Its share of the traffic.", Bounds(0, 99)]
    replicas: Annotated[int | None, "Its pods; without it replicas.min.", Bounds(1, 10_000)] = None


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A share of live traffic to a new variant, in steps."""

    stable: Annotated[VariantName, "The variant that serves today."]
    variant: Annotated[VariantName, "The variant that is tried."]
    steps: Annotated[tuple[Annotated[int, Bounds(1, 100)], ...], "Rising shares in percent."]
    step: Annotated[int, "Which of the steps is in force, from 1; 0 sends the canary nothing.", Bounds(0)] = 1
    replicas: Annotated[
        int | None,
        "The canary's pods, the same at every step, so enough for the last one; without it replicas.min.",
        Bounds(1, 10_000),
    ] = None
    alongside: Annotated[tuple[Alongside, ...], "More canaries at the same time, each at a fixed share."] = ()
    by: Annotated[
        str | None, "Who splits the traffic; without it the platform where it can, else the gateway.", Choices(BY)
    ] = None

    @property
    def percent(self) -> int:
        """The share in force."""
        return self.steps[self.step - 1] if self.step else 0

    def names(self) -> Names:
        """Stable, canary, and those alongside."""
        yield ("stable",), self.stable
        yield ("variant",), self.variant
        for index, each in enumerate(self.alongside):
            yield ("alongside", index, "variant"), each.variant

    def features(self) -> tuple[str, ...]:
        """A row of its own for several at once."""
        return ("canary", "canaries") if self.alongside else ("canary",)

    def broken_rules(self) -> BrokenRules:
        """Steps rise; the step in force is one of them; the variants differ; something is left for the stable one."""
        if not self.steps:
            yield ("steps",), "a canary needs at least one step.", "Write for example [5, 25, 50, 100]."
        for index in range(1, len(self.steps)):
            before, here = self.steps[index - 1], self.steps[index]
            if here <= before:
                yield ("steps", index), f"steps rise, and {here} comes after {before}.", "To go back, lower `step`."
        if self.step > len(self.steps):
            yield (
                ("step",),
                f"step {self.step} of {len(self.steps)}: there is no such step.",
                "Steps count from 1; 0 sends nothing.",
            )
        if self.stable == self.variant:
            yield ("variant",), f"'{self.variant}' is the stable variant too.", "A canary compares two variants."
        beside = sum(each.percent for each in self.alongside)
        for index, step in enumerate(self.steps):
            if step + beside > WHOLE:
                message = f"{step} % and the {beside} % alongside are more than there is."
                yield ("steps", index), message, "Lower one of them, or take those alongside out."


@dataclass(frozen=True, kw_only=True)
class Match:
    """Requests that go to one variant, whatever the split: all headers and cookies of the entry have to be there."""

    variant: Annotated[VariantName, "Where they go."]
    headers: Annotated[dict[str, str], "Header to its value, exactly.", HeaderKey] = field(default_factory=dict)
    cookies: Annotated[dict[str, str], "Cookie to its value, exactly.", CookieKey] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """Something to match."""
        if not self.headers and not self.cookies:
            yield (), "this matches every request.", "Name a header or a cookie, or use split."


@dataclass(frozen=True, kw_only=True)
class AB:
    """Two or more variants at fixed shares, or by header or cookie."""

    split: Annotated[dict[str, Percentage], "Variant to its share in percent; they sum to 100.", VariantKey] = field(
        default_factory=dict
    )
    match: Annotated[tuple[Match, ...], "Requests that go to one variant; the first entry that fits holds."] = ()
    default: Annotated[VariantName | None, "Where what nothing matches goes; without split."] = None
    sticky: Annotated[
        str | None, "The cookie that keeps a client with its variant, where the platform or the gateway can.", COOKIE
    ] = None
    by: Annotated[
        str | None, "Who splits the traffic; without it the platform where it can, else the gateway.", Choices(BY)
    ] = None

    def names(self) -> Names:
        """Those of the split, of the matches, and the default."""
        for name in self.split:
            yield ("split", name), name
        for index, each in enumerate(self.match):
            yield ("match", index, "variant"), each.variant
        if self.default:
            yield ("default",), self.default

    def features(self) -> tuple[str, ...]:
        """A row for each way to choose."""
        found = [
            ("ab-weight", bool(self.split)),
            ("ab-header", any(each.headers for each in self.match)),
            ("ab-cookie", any(each.cookies for each in self.match)),
            ("ab-sticky", bool(self.sticky)),
        ]
        return tuple(row for row, needed in found if needed)

    def broken_rules(self) -> BrokenRules:
        """Shares sum to the whole, and every request has somewhere to go."""
        if not self.split and not self.match:
            yield (), "an A/B test needs split or match.", "Write for example split: {a: 50, b: 50}."
        total = sum(self.split.values(), Fraction())
        if self.split and abs(total - WHOLE) > ROUNDING * len(self.split):
            yield ("split",), f"the shares sum to {float(total):g}, not to 100.", "Change one of them."
        if self.split and self.default:
            yield ("default",), "default has no effect beside split.", "Take one of them out."
        if self.match and not self.split and not self.default:
            yield ("match",), "nothing says where the other requests go.", "Add default: or split:."
        if self.sticky and not self.split:
            yield ("sticky",), "sticky has no effect without split.", "What is matched is sticky by itself."
        if len({name for _, name in self.names()}) == 1:
            yield (), "an A/B test compares two variants.", "Name another one."


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A copy of the traffic to a variant whose answers are dropped."""

    stable: Annotated[VariantName, "The variant that answers."]
    variant: Annotated[VariantName, "The variant that gets copies."]
    percent: Annotated[int, "How much of the traffic is copied.", Bounds(1, 100)] = 100
    replicas: Annotated[int | None, "The shadow's pods; without it replicas.min.", Bounds(1, 10_000)] = None

    def names(self) -> Names:
        """Both."""
        yield ("stable",), self.stable
        yield ("variant",), self.variant

    def features(self) -> tuple[str, ...]:
        """A row of its own for less than all."""
        return ("shadow",) if self.percent == WHOLE else ("shadow", "shadow-percent")

    def broken_rules(self) -> BrokenRules:
        """The variants differ."""
        if self.stable == self.variant:
            yield ("variant",), f"'{self.variant}' answers already.", "A shadow is another variant."


@dataclass(frozen=True, kw_only=True)
class BlueGreen:
    """All traffic to one of two complete variants; switched at once."""

    active: Annotated[VariantName, "The variant that gets all traffic."]
    preview: Annotated[VariantName, "The variant that stands ready."]
    host: Annotated[Host | None, "A host name that leads to the preview."] = None
    by: Annotated[str | None, "Who switches; without it the platform where it can, else the gateway.", Choices(BY)] = (
        None
    )

    def names(self) -> Names:
        """Both."""
        yield ("active",), self.active
        yield ("preview",), self.preview

    def features(self) -> tuple[str, ...]:
        """A row of its own for the preview's host."""
        return ("blue-green", "preview-host") if self.host else ("blue-green",)

    def broken_rules(self) -> BrokenRules:
        """The variants differ."""
        if self.active == self.preview:
            yield ("preview",), f"'{self.preview}' is active already.", "The preview is another variant."


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
        str | None, "The tag of the router's image; without it the newest known.", Pattern(r"[\w][\w.-]{0,127}", "tag")
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


KINDS: Mapping[str, str] = MappingProxyType(
    {
        "rolling": "rolling",
        "canary": "canary",
        "ab": "ab",
        "shadow": "shadow",
        "blue_green": "blue-green",
        "bandit": "bandit",
        "ensemble": "ensemble",
        "chain": "chain",
        "switch": "switch",
        "graph": "graph",
    }
)
"""The fields of ``Strategy``, and what the strategies are called."""


def _key(field: str) -> str:
    """A field of ``Strategy`` as the file has it."""
    return "blueGreen" if field == "blue_green" else field


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How traffic reaches the variants: one of these."""

    rolling: Annotated[Rolling | None, "One variant, replaced by the next."] = None
    canary: Annotated[Canary | None, "A share of live traffic to a new variant, in steps."] = None
    ab: Annotated[AB | None, "Two or more variants at fixed shares, or by header or cookie."] = None
    shadow: Annotated[Shadow | None, "A copy of the traffic to a variant whose answers are dropped."] = None
    blue_green: Annotated[BlueGreen | None, "All traffic to one of two variants; switched at once."] = None
    bandit: Annotated[Bandit | None, "A router that learns the shares."] = None
    ensemble: Annotated[Ensemble | None, "Every variant is asked."] = None
    chain: Annotated[Chain | None, "One variant after the other."] = None
    switch: Annotated[Switch | None, "By a condition on the request."] = None
    graph: Annotated[Graph | None, "A graph in the platform's own words."] = None

    @property
    def field(self) -> str:
        """The key under which the strategy stands, as the dataclass has it."""
        return next((key for key in KINDS if getattr(self, key) is not None), "rolling")

    @property
    def key(self) -> str:
        """The same as the file has it."""
        return _key(self.field)

    @property
    def name(self) -> str:
        """What the strategy is called."""
        return KINDS[self.field]

    @property
    def chosen(self) -> Kind:
        """The strategy itself; rolling where none is named."""
        found: Kind = getattr(self, self.field) or Rolling()
        return found

    @property
    def by(self) -> str | None:
        """Who splits the traffic, where the file says it."""
        return getattr(self.chosen, "by", None)

    def broken_rules(self) -> BrokenRules:
        """One strategy at a time."""
        there = [key for key in KINDS if getattr(self, key) is not None]
        if len(there) > 1:
            names = " and ".join(KINDS[key] for key in there)
            yield (
                (_key(there[1]),),
                f"a service has one strategy, and here are {len(there)}: {names}.",
                "Keep one of them.",
            )
