"""What a service file may say of strategies, and what is refused when it is loaded, at its place."""

from __future__ import annotations

import pytest

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve}
store: {url: s3://models}
variants:
  - {name: a, release: "1"}
  - {name: b, release: "2"}
"""
THREE = HEAD + '  - {name: c, release: "3"}\n'


def loaded(text):
    return build(parse(text, "serinus.yaml"), "serinus.yaml")


def written(strategy, head=HEAD):
    return f"{head}strategy: {{{strategy}}}\n"


NEEDS = {
    "rolling: {variant: a}": ("rolling",),
    "canary: {stable: a, variant: b, steps: [5]}": ("canary",),
    "ab: {split: {a: 50, b: 50}}": ("ab-weight",),
    "ab: {default: a, match: [{variant: b, headers: {x-group: beta}}]}": ("ab-header",),
    "ab: {default: a, match: [{variant: b, cookies: {group: beta}}]}": ("ab-cookie",),
    "ab: {split: {a: 60, b: 40}, match: [{variant: b, headers: {x: one}}], sticky: arm}": (
        "ab-weight",
        "ab-header",
        "ab-sticky",
    ),
    "shadow: {stable: a, variant: b}": ("shadow",),
    "shadow: {stable: a, variant: b, percent: 10}": ("shadow", "shadow-percent"),
    "blueGreen: {active: a, preview: b}": ("blue-green",),
    "blueGreen: {active: a, preview: b, host: next.example.com}": ("blue-green", "preview-host"),
    "bandit: {router: epsilon-greedy, variants: [a, b]}": ("bandit",),
    "ensemble: {variants: [a, b]}": ("ensemble",),
    "ensemble: {variants: [a, b], combiner: team/mean:1}": ("combiner",),
    "chain: {variants: [a, b]}": ("chain",),
    "chain: {variants: [a, b], tensors: {a.scores: input_1}}": ("chain", "tensors"),
    "ensemble: {variants: [a, b], tensors: {a.scores: a-scores}}": ("ensemble", "tensors"),
    "switch: {branches: [{variant: a, when: x}, {variant: b}]}": ("switch",),
    "switch: {branches: [{variant: a}, {variant: b}], router: team/router:1}": ("switch-router",),
}


@pytest.mark.parametrize("strategy", [case for case in NEEDS if not case.startswith("rolling")])
def test_a_strategy_says_which_rows_of_the_table_it_needs(strategy):
    assert loaded(written(strategy)).strategy.chosen.features() == NEEDS[strategy]


def test_rolling_is_what_is_meant_where_nothing_is_said():
    service = loaded(HEAD.replace('  - {name: b, release: "2"}\n', ""))
    assert (service.strategy.name, service.strategy.chosen.features()) == ("rolling", ("rolling",))


REFUSED = {
    "two strategies": (written("rolling: {}, blueGreen: {active: a, preview: b}"), "one strategy", "{active: a"),
    "a variant that isn't there": (written("ab: {split: {a: 50, x: 50}}"), "no variant 'x'", "50}"),
    "a variant that isn't named": (
        written("ab: {split: {a: 50, b: 50}}", THREE),
        "doesn't name the variant 'c'",
        "c, release",
    ),
    "shares that don't sum": (written("ab: {split: {a: 50, b: 49}}"), "sum to 99", "{a: 50, b: 49"),
    "three decimals": (written("ab: {split: {a: 50.001, b: 49.999}}"), "no percentage", "50.001"),
    "a negative share": (written("ab: {split: {a: -5, b: 105}}"), "no percentage", "-5"),
    "nothing to split by": (written("ab: {}"), "needs split or match", "{}"),
    "a match of everything": (
        written("ab: {default: a, match: [{variant: b}]}"),
        "matches every request",
        "{variant: b}",
    ),
    "a match without a default": (
        written("ab: {match: [{variant: a, headers: {x: one}}, {variant: b, headers: {x: two}}]}"),
        "where the other requests go",
        "[{variant: a",
    ),
    "a default beside a split": (written("ab: {split: {a: 50, b: 50}, default: a}"), "no effect beside split", "a}"),
    "sticky without a split": (
        written("ab: {default: a, sticky: arm, match: [{variant: b, headers: {x: one}}]}"),
        "no effect without split",
        "arm",
    ),
    "a shadow of itself": (written("shadow: {stable: a, variant: a}"), "answers already", "a}"),
    "a shadow of nothing": (written("shadow: {stable: a, variant: b, percent: 0}"), "below 1", "0}"),
    "a preview of itself": (written("blueGreen: {active: a, preview: a}"), "active already", "a}"),
    "one arm": (written("bandit: {router: epsilon-greedy, variants: [a]}"), "two variants", "[a]"),
    "an unknown router": (written("bandit: {router: ucb, variants: [a, b]}"), "isn't known here", "ucb"),
    "an ensemble of one": (written("ensemble: {variants: [a, a]}"), "each once", "[a, a]"),
    "a tensor of nobody": (
        written("chain: {variants: [a, b], tensors: {c.scores: x}}"),
        "none of the variants",
        "x",
    ),
    "a tensor without a name": (
        written("ensemble: {variants: [a, b], tensors: {a.scores: ''}}"),
        "no name of a tensor",
        "''",
    ),
    "a chain of one": (written("chain: {variants: [a]}"), "each once", "[a]"),
    "a branch that can't be reached": (
        written("switch: {branches: [{variant: a}, {variant: b}]}"),
        "no branch behind this one",
        "{variant: a}",
    ),
    "more than there is": (
        written("canary: {stable: a, variant: b, steps: [5, 95], alongside: [{variant: c, percent: 10}]}", THREE),
        "more than there is",
        "95]",
    ),
    "a way that isn't known": (written("ab: {split: {a: 50, b: 50}, by: magic}"), "isn't known here", "magic"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_at_its_place(case):
    text, message, there = REFUSED[case]
    with pytest.raises(InputError) as raised:
        loaded(text)
    assert message in str(raised.value)
    place = raised.value.place
    assert text.splitlines()[place.line - 1][place.column - 1 :].startswith(there)


VARIANTS = {
    "a release and a uri": ('{name: a, release: "1", uri: "s3://x/y"}', "not both"),
    "nothing at all": ("{name: a}", "names no model"),
    "whose without a release": ("{name: a, uri: 's3://x/y', service: other}", "no effect without release"),
    "a uri without a scheme": ("{name: a, uri: models/1}", "URL with a scheme"),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_a_variant_names_one_model(case):
    variant, message = VARIANTS[case]
    with pytest.raises(InputError, match=message):
        loaded(HEAD.split("variants:", maxsplit=1)[0] + f"variants: [{variant}]\n")


def test_a_container_may_bring_the_model():
    text = HEAD.split("variants:", maxsplit=1)[0] + "variants: [{name: a, container: {image: team/model:1}}]\n"
    assert loaded(text).variants[0].container == {"image": "team/model:1"}


def test_a_store_is_needed_for_releases_only():
    text = HEAD.replace("store: {url: s3://models}\n", "")
    with pytest.raises(InputError, match="a release lies in a store"):
        loaded(text)
    alone = text.split("variants:")[0] + "variants: [{name: a, uri: 'gs://bucket/model'}]\n"
    assert loaded(alone).store is None
