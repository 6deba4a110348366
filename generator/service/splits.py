"""Strategies that share the traffic between whole variants: rolling, canary, A/B, shadow, blue-green."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated

from generator.decoding.shapes import Bounds, Choices, Pattern
from generator.service.types import (
    BrokenRules,
    CookieKey,
    HeaderKey,
    Host,
    Names,
    Percentage,
    VariantKey,
    VariantName,
)

WHOLE = 100
"""Shares are percentages that sum to this."""
ROUNDING = Fraction(1, 10)
"""What a split may miss of the whole for each of its parts: three times 33.3 are meant as a whole."""

BY = ("native", "gateway", "graph")
COOKIE = Pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}", "name of a cookie")


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
        str | None,
        "The cookie that keeps a client with one pod, and so with its variant while that pod lives; the gateway's.",
        COOKIE,
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
