"""Whole roll-outs on KServe and plain Kubernetes behind a real gateway, each step as a user makes it.

A client asks all the while, after a warm-up of the gateway. At no moment a Service that gets requests leads to fewer
ready pods than are wanted, no request fails, and the pods of what serves aren't restarted by a step. What happened is
written into ``build/lab/``, for people.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import calls
import journal
import pytest
from rollouts import KSERVE, KUBERNETES, ROLLING, Setting, blue_green, canary
from stories import Step, Story, transcript

from kit import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Site

pytestmark = pytest.mark.lab

PODS = 2
RATE = 60
"""Requests a second."""
BY_GATEWAY = ", by: gateway"
ONE, TWO = {"stable": 1, "canary": 2}, {"stable": 2, "canary": 2}
BACK, BACK_ALONE = {"stable": 2, "canary": 1}, {"stable": 1, "canary": 1}


def leading(*services: str, pods: int = PODS) -> dict[str, int]:
    """Services to the pods that they lead to."""
    return dict.fromkeys(services, pods)


@dataclass(frozen=True)
class Tale:
    """A story before it is told.

    Attributes:
        name: Its namespace, and the name of its transcript.
        title: What a person calls it.
        platform: ``platform`` of the service file.
        steps: Its steps; the first one begins with nothing, before anyone asks.
        restarted: Deployments whose pods are meant to be replaced, and how often.
        replicas: ``replicas`` of the service file.
    """

    name: str
    title: str
    platform: str
    steps: tuple[Step, ...]
    restarted: Mapping[str, int]
    replicas: str = f"{{min: {PODS}}}"


OLD, NEW = "digits-r1-predictor", "digits-r2-predictor"
GO_ON = (
    Step("5 %", canary(1), ONE, leading(OLD, NEW)),
    Step("25 %", canary(2), ONE, leading(OLD, NEW)),
    Step("50 %", canary(3), ONE, leading(OLD, NEW)),
    Step("100 %", canary(4), ONE, leading(OLD, NEW)),
)
"""A canary in ``spec.canary`` from its first share on."""


def shifted(steps: tuple[Step, ...], more: str) -> tuple[Step, ...]:
    """The same steps, with more said of the canary."""
    return tuple(
        Step(each.title, canary(number, more), each.releases, each.ready) for number, each in enumerate(steps, start=1)
    )


KSERVE_BY_GATEWAY = Tale(
    "kserve-by-gateway",
    "KServe 0.20 standard: rolling, canary by: gateway, promoted, rolling on the new release",
    KSERVE,
    (
        Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits-predictor")),
        Step(
            "to a canary, 1. the InferenceServices alone",
            canary(0, BY_GATEWAY),
            ONE,
            leading("digits-predictor", OLD, NEW),
            kinds=("InferenceService",),
        ),
        Step(
            "2. the route; 3. the old InferenceService is removed",
            canary(0, BY_GATEWAY),
            ONE,
            leading(OLD, NEW),
            prune=True,
        ),
        *shifted(GO_ON, BY_GATEWAY),
        Step("promoted", canary(4, BY_GATEWAY), TWO, leading(NEW), prune=True),
        Step(
            "rolling on release 2, 1. the InferenceService alone",
            ROLLING,
            {"stable": 2},
            leading("digits-predictor", NEW),
            kinds=("InferenceService",),
        ),
        Step(
            "2. the route; 3. the old InferenceService is removed",
            ROLLING,
            {"stable": 2},
            leading("digits-predictor"),
            prune=True,
        ),
        Step("rolling on release 3", ROLLING, {"stable": 3}, leading("digits-predictor")),
    ),
    {"digits-predictor": 1},
)
KSERVE_INSIDE = Tale(
    "kserve-spec-canary",
    "KServe 0.20 standard: spec.canary, promoted, and back to the old release",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON,
        Step("promoted", canary(4), TWO, leading(NEW)),
        Step("back: 1. release 1 without requests", canary(0), BACK, leading(OLD, NEW)),
        Step("2. the last step", canary(4), BACK, leading(OLD, NEW)),
        Step("3. release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
    ),
    {},
)
KSERVE_TAKEN_BACK = Tale(
    "kserve-taken-back",
    "KServe 0.20 standard: a canary is taken back",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON[:2],
        Step("no requests any more (step 0)", canary(0), ONE, leading(OLD, NEW)),
        Step("release 1 alone", canary(0), BACK_ALONE, leading(OLD)),
    ),
    {},
)
KUBERNETES_CANARY = Tale(
    "kubernetes-canary",
    "Plain Kubernetes: rolling, canary, promoted, and back to the old release",
    KUBERNETES,
    (
        Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits")),
        Step("the canary without requests (step 0)", canary(0), ONE, leading("digits-r1", "digits-r2"), prune=True),
        *(Step(each.title, each.strategy, each.releases, leading("digits-r1", "digits-r2")) for each in GO_ON),
        Step("promoted", canary(4), TWO, leading("digits-r2"), prune=True),
        Step("back: 1. release 1 without requests", canary(0), BACK, leading("digits-r1", "digits-r2")),
        Step("2. the last step", canary(4), BACK, leading("digits-r1", "digits-r2")),
        Step("3. release 1 alone", canary(4), BACK_ALONE, leading("digits-r1"), prune=True),
    ),
    {},
)
BLUE, GREEN = {"blue": 1, "green": 2}, {"blue": 3, "green": 2}


def switching(*services: str) -> tuple[Step, ...]:
    """Blue-green: to the other one, a new preview, and to that."""
    ready = leading(*services)
    return (
        Step("blue is active", blue_green("blue", "green"), BLUE, ready),
        Step("green is active", blue_green("green", "blue"), BLUE, ready),
        Step("another release of blue", blue_green("green", "blue"), GREEN, ready),
        Step("blue is active again", blue_green("blue", "green"), GREEN, ready),
    )


KSERVE_BLUE_GREEN = Tale(
    "kserve-blue-green",
    "KServe 0.20 standard: blue-green",
    KSERVE,
    switching("digits-blue-predictor", "digits-green-predictor"),
    {"digits-blue-predictor": 1},
)
KUBERNETES_BLUE_GREEN = Tale(
    "kubernetes-blue-green",
    "Plain Kubernetes: blue-green",
    KUBERNETES,
    switching("digits", "digits-preview"),
    {"digits-blue": 1},
)
FOUR = leading("digits", pods=4)


def replaced(platform: str, name: str, service: str) -> Tale:
    """A rolling update of four pods: Kubernetes' own default would let one of them go first."""
    ready = leading(service, pods=4)
    steps = (
        Step("release 1", ROLLING, {"stable": 1}, ready),
        Step("release 2", ROLLING, {"stable": 2}, ready),
    )
    return Tale(name, f"{name}: a rolling update of four pods", platform, steps, {service: 1}, "{min: 4}")


KSERVE_SCALED = Tale(
    "kserve-scaled",
    "KServe 0.20 standard: spec.canary with a HorizontalPodAutoscaler",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON,
        Step("promoted", canary(4), TWO, leading(NEW)),
    ),
    {},
    replicas="{min: 2, max: 4, metric: cpu, target: 70}",
)
TALES = (
    pytest.param(KSERVE_BY_GATEWAY, id=KSERVE_BY_GATEWAY.name),
    pytest.param(KUBERNETES_CANARY, id=KUBERNETES_CANARY.name),
    *(
        pytest.param(each, id=each.name, marks=pytest.mark.more)
        for each in (
            KSERVE_INSIDE,
            KSERVE_TAKEN_BACK,
            KSERVE_BLUE_GREEN,
            KUBERNETES_BLUE_GREEN,
            KSERVE_SCALED,
            replaced(KSERVE, "kserve-rolling", "digits-predictor"),
            replaced(KUBERNETES, "kubernetes-rolling", "digits"),
        )
    ),
)


def tell(site: Site, tale: Tale, run, folder: Path) -> tuple[Story, list[calls.Call], journal.Journal]:
    """Tell a story, with a client that asks from its second step on."""
    setting = Setting(tale.name, tale.platform, tale.replicas)
    objects = site.lab.objects
    objects.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": tale.name}})
    story = Story(tale.title, setting, objects, run, folder)
    written = folder / "calls"
    with journal.kept(tale.name, objects) as kept:
        story.take(tale.steps[0], after=0)
        calls.asked(site.network, setting.host, folder / "warm-up", 100, "--rate=50")
        with calls.calling(site.network, setting.host, written, f"--rate={RATE}"):
            time.sleep(1)
            for step in tale.steps[1:]:
                story.take(step)
    made = calls.read(written)
    story.count(made, kept)
    return story, made, kept


@pytest.mark.parametrize("tale", TALES)
def test_a_roll_out_loses_nothing(site: Site, tale: Tale, run, tmp_path: Path) -> None:
    story, made, kept = tell(site, tale, run, tmp_path)
    told = transcript(story)
    into = ROOT / "build/lab"
    into.mkdir(parents=True, exist_ok=True)
    (into / f"{tale.name}.txt").write_text(told)
    print(told)
    assert [each for each in made if each.failed] == []
    wanted = max(tale.steps[0].ready.values())
    few = {
        told.step.title: told.least for told in story.told[1:] if any(count < wanted for count in told.least.values())
    }
    assert few == {}, "fewer pods than wanted behind a route that has traffic"
    assert all(told.answered for told in story.told[1:])
    assert kept.replaced() == tale.restarted
