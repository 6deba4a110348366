"""Changes that are applied in one go: what is said of each beforehand is what clients see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rollouts import KSERVE, KUBERNETES, ROLLING, blue_green, canary
from stories import Step, Tale, tell, transcript
from tales import BACK_ALONE, BLUE, BY_GATEWAY, NEW, OLD, ONE, TWO, leading

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

pytestmark = [pytest.mark.lab, pytest.mark.more]


@dataclass(frozen=True)
class Change:
    """A change that is applied at once.

    Attributes:
        platform: ``platform`` of the service file.
        before: What is there.
        after: What is applied.
        loses: Whether requests are lost by it.
    """

    platform: str
    before: Step
    after: Step
    loses: bool


ROLLING_ONE = Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits-predictor"))
PLAIN_ROLLING = Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits"))
COLOURS = leading("digits-blue-predictor", "digits-green-predictor")
CHANGES = {
    "kserve-rolling-to-blue-green": Change(
        KSERVE, ROLLING_ONE, Step("blue-green", blue_green("blue", "green"), BLUE, COLOURS), loses=True
    ),
    "kserve-rolling-to-two": Change(
        KSERVE,
        ROLLING_ONE,
        Step("a canary by: gateway", canary(0, BY_GATEWAY), ONE, leading(OLD, NEW)),
        loses=True,
    ),
    # The webhook refuses a name for the predictor of the same model, and the route of the same apply is taken.
    "kserve-refused": Change(
        KSERVE, ROLLING_ONE, Step("spec.canary", canary(4), BACK_ALONE, leading("digits-predictor")), loses=True
    ),
    "kserve-back-at-once": Change(
        KSERVE,
        Step("promoted", canary(4), TWO, leading(NEW)),
        Step("back", canary(4), BACK_ALONE, leading(OLD)),
        loses=True,
    ),
    "kserve-first-share": Change(
        KSERVE,
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("50 %", canary(3), ONE, leading(OLD, NEW)),
        loses=True,
    ),
    "kserve-below-the-last-step": Change(
        KSERVE,
        Step("25 %", canary(2), ONE, leading(OLD, NEW)),
        Step("promoted", canary(2), TWO, leading(NEW)),
        loses=False,
    ),
    "plain-back-at-once": Change(
        KUBERNETES,
        Step("promoted", canary(4), TWO, leading("digits-r2")),
        Step("back", canary(4), BACK_ALONE, leading("digits-r1")),
        loses=True,
    ),
    "plain-rolling-to-blue-green": Change(
        KUBERNETES,
        PLAIN_ROLLING,
        Step("blue-green", blue_green("blue", "green"), BLUE, leading("digits", "digits-preview")),
        loses=True,
    ),
    "plain-rolling-to-canary": Change(
        KUBERNETES,
        PLAIN_ROLLING,
        Step("a canary without requests", canary(0), ONE, leading("digits-r1", "digits-r2")),
        loses=False,
    ),
}
"""What is rendered and applied in one go: dangerous changes, and some that look so."""


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_said_of_a_change_is_what_clients_see(site: Site, name: str, run, tmp_path: Path) -> None:
    """``render`` over the earlier rendering and ``validate --previous`` warn of what loses requests, and of nothing else."""
    change = CHANGES[name]
    tale = Tale(name, name, change.platform, (change.before, change.after), {})
    story, made, _ = tell(site.lab.objects, site.network, tale, run, tmp_path)
    print(transcript(story))
    told = story.told[-1]
    assert any(each.failed for each in made) == change.loses
    assert told.stepwise == change.loses
    assert bool(told.warnings) == change.loses
