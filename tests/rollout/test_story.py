"""The states of a roll-out: what stands in the service file and the lock at each of them."""

from __future__ import annotations

import pytest

from generator.loading.load import load
from generator.plan import lock
from generator.plan.plan import plan
from generator.rollout.story import State, states
from kit import ROOT

EXAMPLES = ROOT / "examples"


def story(example: str, environment: str | None = None) -> tuple[State, ...]:
    """The states of an example."""
    service = load(EXAMPLES / example / "serinus.yaml", environment=environment)
    return states(service, lock.read(lock.path_of(service)))


def served(state: State) -> dict[str, tuple[str, float]]:
    """Who gets what: variant to release and percent."""
    shares = plan(state.service, state.locked).shares
    return {share.variant: (share.files.id, float(share.percent)) for share in shares}


def test_a_canary_goes_from_the_stable_one_alone_to_itself_as_the_stable_one() -> None:
    told = [(state.title, served(state)) for state in story("kubernetes-canary")]
    assert told == [
        ("before: 'stable' alone", {"stable": ("r7", 100)}),
        ("step 0 of 4: 'canary' gets 0 %", {"stable": ("r7", 100), "canary": ("r8", 0)}),
        ("step 1 of 4: 'canary' gets 5 %", {"stable": ("r7", 95), "canary": ("r8", 5)}),
        ("step 2 of 4: 'canary' gets 25 %", {"stable": ("r7", 75), "canary": ("r8", 25)}),
        ("step 3 of 4: 'canary' gets 50 %", {"stable": ("r7", 50), "canary": ("r8", 50)}),
        ("step 4 of 4: 'canary' gets 100 %", {"stable": ("r7", 0), "canary": ("r8", 100)}),
        ("promoted: 'stable' is what 'canary' was", {"stable": ("r8", 100)}),
        ("settled: the canary is gone", {"stable": ("r8", 100)}),
        ("back from step 4: 'stable' gets all traffic again", {"stable": ("r7", 100), "canary": ("r8", 0)}),
        (
            "back after it was settled: 'stable' gets all traffic again, with what it was",
            {"stable": ("r7", 100), "canary": ("r8", 0)},
        ),
    ]


def test_the_state_that_the_file_says_is_marked() -> None:
    assert [state.title for state in story("kubernetes-canary") if state.there] == ["step 1 of 4: 'canary' gets 5 %"]


def test_the_ways_back_say_where_they_come_from() -> None:
    told = story("kubernetes-canary")
    assert [told[state.after].title for state in told if state.after is not None] == [
        "step 4 of 4: 'canary' gets 100 %",
        "settled: the canary is gone",
    ]


def test_blue_green_is_switched() -> None:
    active = [state.service.strategy.blue_green.active for state in story("kubernetes-blue-green")]  # type: ignore[union-attr]
    assert active == ["blue", "green"]


@pytest.mark.parametrize("example", ["kubernetes-rolling", "kubernetes-ab", "kubernetes-shadow", "kserve-chain"])
def test_a_strategy_without_steps_is_one_state(example: str) -> None:
    (state,) = story(example)
    assert state.there
