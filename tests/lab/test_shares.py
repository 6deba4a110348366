"""Who gets which share of the requests, counted: ten thousand of them through Envoy on what ``serinus render`` writes.

A share is right where the count lies within the interval that holds 99 of 100 counts of chance (binomial). A fair share
misses it once in a hundred, so that one more count decides then.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import calls
import pytest
from rollouts import KSERVE, KUBERNETES, Setting, canary, release_of
from stories import Step, Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Site

pytestmark = pytest.mark.lab

MANY = 10_000
CONFIDENCE = 0.99
KNOWN = 1.0
"""Seconds until the gateway gives the new shares; it takes a fraction of one."""
PAIR = {"a": 1, "b": 2}


class Platform(NamedTuple):
    """A platform, and how its Services are called."""

    name: str
    setting: str
    more: str
    by_release: tuple[str, str]
    by_variant: tuple[str, str]


PLAIN = Platform("kubernetes", KUBERNETES, "", ("digits-r1", "digits-r2"), ("digits-a", "digits-b"))
BY_GATEWAY = Platform(
    "kserve",
    KSERVE,
    ", by: gateway",
    ("digits-r1-predictor", "digits-r2-predictor"),
    ("digits-a-predictor", "digits-b-predictor"),
)
PLATFORMS = pytest.mark.parametrize(
    "platform",
    [pytest.param(PLAIN, id=PLAIN.name), pytest.param(BY_GATEWAY, id=BY_GATEWAY.name, marks=pytest.mark.more)],
)


class Shared:
    """A service whose shares are counted."""

    def __init__(self, site: Site, platform: Platform, name: str, run, folder: Path) -> None:
        self.site = site
        self.platform = platform
        self.folder = folder
        setting = Setting(name, platform.setting)
        self.setting = setting
        site.lab.objects.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": setting.namespace}})
        self.story = Story(name, setting, site.lab.objects, run, folder)

    def become(self, strategy: str, releases: dict[str, int], services: tuple[str, ...]) -> None:
        """Render and apply a strategy; its Services lead to pods, and the gateway knows the route."""
        self.story.take(Step(strategy, strategy, releases, dict.fromkeys(services, 2)), after=KNOWN)
        calls.warm_up(self.site.network, self.setting.host, self.folder / "warm-up")

    def count(self, *options: str, many: int = MANY) -> Counter[str]:
        """Release to the requests that it answered; none failed."""
        made = calls.asked(self.site.network, self.setting.host, self.folder / "calls", many, *options)
        assert [each for each in made if each.failed] == []
        assert len(made) == many
        pods = {each["metadata"]["name"]: release_of(each) for each in self.site.lab.pods(self.setting.namespace)}
        return Counter(pods[each.pod] for each in made)

    def hold(self, release: str, share: float, *options: str) -> None:
        """Make sure that a release gets its share."""
        first = self.count(*options)[release]
        if not within(first, share):
            again = self.count(*options)[release]
            assert within(again, share), f"release {release} got {first} and {again} of {MANY} instead of {share:%}"


def within(count: int, share: float) -> bool:
    """Whether a count of ``MANY`` is one of a share."""
    from scipy.stats import binom

    low, high = binom.interval(CONFIDENCE, MANY, share)
    return bool(low <= count <= high)


@pytest.fixture
def shared(site: Site, run, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shared]:
    """A service on the platform that the test asks for, in a namespace of its own."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_")).strip("-")
    made = Shared(site, request.getfixturevalue("platform"), name, run, tmp_path)
    yield made
    for each in made.story.documents:
        site.lab.objects.remove(each)


@PLATFORMS
def test_canary_at_5_25_and_50_percent(shared: Shared, platform: Platform) -> None:
    for step, share in ((1, 0.05), (2, 0.25), (3, 0.5)):
        shared.become(canary(step, platform.more), {"stable": 1, "canary": 2}, platform.by_release)
        shared.hold("2", share)


@PLATFORMS
def test_weights_of_an_ab_test(shared: Shared, platform: Platform) -> None:
    shared.become("{ab: {split: {a: 30, b: 70}}}", PAIR, platform.by_variant)
    shared.hold("2", 0.7)


@PLATFORMS
def test_matches_of_an_ab_test(shared: Shared, platform: Platform) -> None:
    """By header, by cookie, and by weight what neither matches."""
    match = "[{variant: b, headers: {x-group: beta}}, {variant: b, cookies: {arm: b}}]"
    shared.become(f"{{ab: {{split: {{a: 90, b: 10}}, match: {match}}}}}", PAIR, platform.by_variant)
    shared.hold("2", 0.1)
    shared.hold("2", 0.1, "--header=x-group: gamma", "--header=cookie: arm=bb; warm=b")
    for told in ("x-group: beta", "cookie: arm=b", "cookie: other=1; arm=b; more=2"):
        assert shared.count(f"--header={told}") == {"2": MANY}


@PLATFORMS
@pytest.mark.parametrize("percent", [100, 10])
def test_shadow_gets_each_copy_once(shared: Shared, platform: Platform, percent: int) -> None:
    shared.become(f"{{shadow: {{stable: a, variant: b, percent: {percent}}}}}", PAIR, platform.by_variant)
    lab, namespace = shared.site.lab, shared.setting.namespace
    shadows = [each["metadata"]["name"] for each in lab.pods(namespace) if release_of(each) == "2"]
    assert len(shadows) == 2
    for _ in range(2):
        lab.counts(anew=True)
        assert shared.count() == {"1": MANY}
        time.sleep(1)
        numbers = lab.numbers()
        copies = Counter[str]()
        for name in shadows:
            copies.update(numbers[f"{namespace}/{name}"] or {})
        assert set(copies.values()) == {1}
        if percent == 100:
            assert len(copies) == MANY
            return
        if within(len(copies), percent / 100):
            return
    pytest.fail(f"{len(copies)} copies of {MANY} requests instead of {percent} %")
