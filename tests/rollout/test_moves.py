"""What a rendering risks over an earlier one: told with the steps in which it goes without, where it can go without."""

from __future__ import annotations

import pytest

from generator.rollout import moves
from kit import locked, pin
from kserve_kit import LAYOUTS, rendered, text

KUBERNETES = 'platform: {kind: kubernetes, version: "1.35"}'
KSERVE = 'platform: {kind: kserve, version: "0.20", mode: standard}'


def state(feature: str, a: int = 1, b: int = 2, *, platform: str = KSERVE, step: int | None = None, by: str = ""):
    """A service in a state: its strategy, the releases of both variants, the canary's step."""
    pins = {
        name: pin(str(number), number, f"{number}", layouts=LAYOUTS, runtimes={})
        for name, number in (("a", a), ("b", b))
    }
    written = text(feature, by=by).replace(KSERVE, platform)
    written = written.replace('a, release: "1"', f'a, release: "{a}"').replace('b, release: "2"', f'b, release: "{b}"')
    sets = [] if step is None else [f"strategy.canary.step={step}"]
    return rendered(written, locked(**pins), sets)


def told(before, after) -> list[str]:
    return list(moves.notes([after], {each.file: each.text for each in before.manifests}))


SAFE = {
    "plain Kubernetes: rolling to a canary without requests": (
        state("rolling", platform=KUBERNETES),
        state("canary", step=0, platform=KUBERNETES),
    ),
    "plain Kubernetes: the first share of a canary that is there": (
        state("canary", step=0, platform=KUBERNETES),
        state("canary", step=1, platform=KUBERNETES),
    ),
    "a promotion from the last step": (state("canary", step=4), state("canary", 2, step=4)),
    "the canary without requests": (state("canary", 1, 1, step=4), state("canary", step=0)),
    "a new release of a rolling update": (state("rolling"), state("rolling", 2)),
    "nothing but the same again": (state("canary", step=2), state("canary", step=2)),
}
STEPWISE = {
    "KServe: rolling to blue-green": (state("rolling"), state("blue-green"), ["HTTPRoute digits-split"]),
    "KServe: rolling to two InferenceServices": (
        state("rolling"),
        state("canary", step=0, by="gateway"),
        ["HTTPRoute digits-split"],
    ),
    "plain Kubernetes: back after a promotion": (
        state("canary", 2, 2, step=4, platform=KUBERNETES),
        state("canary", 1, 1, step=4, platform=KUBERNETES),
        ["Service digits", "HTTPRoute digits-split"],
    ),
}
BETWEEN = {
    "KServe: rolling to spec.canary": (state("rolling"), state("canary", step=0)),
    "KServe: back after a promotion in spec.canary": (state("canary", 2, 2, step=4), state("canary", 1, 1, step=4)),
}


@pytest.mark.parametrize("change", SAFE)
def test_what_loses_nothing_is_no_note(change):
    assert told(*SAFE[change]) == []


@pytest.mark.parametrize("change", STEPWISE)
def test_what_is_in_danger_is_held_back_until_the_pods_are_ready(change):
    before, after, held = STEPWISE[change]
    (note,) = told(before, after)
    assert note.startswith("digits: applied over what this folder held, requests are lost: once ")
    assert f"1. Apply all but {' and '.join(held)}, and remove nothing. 2. When all pods are ready, apply" in note


@pytest.mark.parametrize("change", BETWEEN)
def test_where_no_order_helps_a_state_between_does(change):
    (note,) = told(*BETWEEN[change])
    assert note.endswith(moves.BETWEEN)


def test_a_first_rendering_and_another_comment_move_nothing():
    after = state("canary", step=1)
    before = {each.file: each.text.replace("# Rendered by", "# Rendered long ago by") for each in after.manifests}
    assert list(moves.notes([after], before)) == []


def test_of_many_services_validate_tells():
    before, after = state("rolling"), state("blue-green")
    (note,) = moves.notes([after] * (moves.MANY + 1), {each.file: each.text for each in before.manifests})
    assert note.startswith(f"{moves.MANY + 1} services change whom requests are led to: serinus validate --previous")
