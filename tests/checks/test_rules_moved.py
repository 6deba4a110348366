"""Changes that move requests to what isn't running yet: ``--previous`` says what is there."""

from __future__ import annotations

import itertools

import pytest

from generator.checks.api import check
from kit import locked, pin
from kserve_kit import LAYOUTS, rendered, text


def warned(before, after):
    """What is said to get requests too early."""
    report = check(after, previous=before)
    return [(one.kind, one.message.split(", which")[0].removeprefix("this change sends requests to "))
            for one in report.findings if one.rule == "REF016"]  # fmt: skip


def release(number):
    return pin(str(number), number, "abc"[number - 1], layouts=LAYOUTS, runtimes={})


def canary(stable, tried, step, **options):
    """The rendering of a canary of two releases."""
    written = text("canary", **options)
    written = written.replace('a, release: "1"', f'a, release: "{stable}"')
    written = written.replace('b, release: "2"', f'b, release: "{tried}"')
    locks = locked(a=release(stable), b=release(tried))
    return rendered(written, locks, sets=[f"strategy.canary.step={step}"]).text


KINDS = {
    "spec.canary": {},
    "spec.canary of 0.21": {"release": "0.21"},
    "two services": {"by": "gateway"},
    "istio": {"gateway": ", api: istio"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rollback_after_a_promotion_is_warned_of_and_its_steps_are_not(kind):
    options = KINDS[kind]
    route = "VirtualService" if kind == "istio" else "HTTPRoute"
    promoted = canary(2, 2, 4, **options)
    (found,) = warned(promoted, canary(1, 1, 0, **options))
    assert found == (route, "the Service digits-r1-predictor")
    steps = [promoted, canary(2, 1, 0, **options), canary(2, 1, 4, **options), canary(1, 1, 4, **options)]
    for before, after in itertools.pairwise(steps):
        assert warned(before, after) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_canarys_first_share_is_warned_of_unless_it_is_there(kind):
    options = KINDS[kind]
    alone, parked, tried = canary(1, 1, 0, **options), canary(1, 2, 0, **options), canary(1, 2, 1, **options)
    assert [what for _, what in warned(alone, tried)] == ["the Service digits-r2-predictor"]
    assert warned(alone, parked) == []
    assert warned(parked, tried) == []


def test_from_rolling_to_a_canary_the_route_leads_to_what_isnt_there():
    rolling = rendered(text()).text
    assert [what for _, what in warned(rolling, canary(1, 2, 0))] == ["the Service digits-r1-predictor"]


PLAIN = ('platform: {kind: kserve, version: "0.20", mode: standard}', 'platform: {kind: kubernetes, version: "1.35"}')


def test_a_new_service_that_leads_to_pods_that_run_already_loses_nothing():
    """On plain Kubernetes the Service of a canary's stable release selects the pods of the rolling update too."""
    one, two = text().replace(*PLAIN), text("canary").replace(*PLAIN)
    rolling, parked = (rendered(each, sets=sets).text for each, sets in ((one, ()), (two, ["strategy.canary.step=0"])))
    assert warned(rolling, parked) == []
    other = rendered(one.replace('release: "1"', 'release: "3"'), locked(a=release(3))).text
    lost = [("HTTPRoute", "the Service digits-r1"), ("Service", "the Deployment digits-r1")]
    assert sorted(warned(other, parked)) == lost


def test_what_is_new_or_stays_moves_nothing():
    first = canary(1, 2, 1)
    assert warned(first, first) == []
    assert warned("", first) == []
    services = [entry for entry in first.split("---\n") if "InferenceService" in entry]
    assert warned("---\n".join(services), first) == [], "the route itself is new"


SERVICE = """apiVersion: v1
kind: Service
metadata: {name: digits, namespace: models}
spec: {ports: [{port: 80}], selector: {app: digits, release: %s}}
"""
DEPLOYMENT = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: digits-%s, namespace: models}
spec:
  selector: {matchLabels: {app: digits, release: %s}}
  template:
    metadata: {labels: {app: digits, release: %s}}
    spec: {containers: [{name: a, image: a}]}
"""
ONE, TWO = (DEPLOYMENT.replace("%s", each) for each in ("one", "two"))


def test_a_service_that_turns_to_new_pods_is_warned_of():
    before = SERVICE % "one" + ONE
    assert warned(before, SERVICE % "two" + TWO) == [("Service", "the Deployment digits-two")]
    assert warned(before + TWO, SERVICE % "two" + ONE + TWO) == []
    assert warned(before, SERVICE % "one" + ONE + TWO) == []
    assert warned(before, SERVICE % "two") == [], "whoever makes those pods, they may be there"


def test_a_services_advice_is_one_that_a_selector_can_follow():
    report = check(SERVICE % "two" + TWO, previous=SERVICE % "one" + ONE)
    (found,) = (one for one in report.findings if one.rule == "REF016")
    assert found.path == "spec.selector.release", "the label that changes, not the first"
    assert found.fix == (
        "Make it in two: first the Deployment digits-two and this selector as it was; when its pods are ready, the new one."
    )


def test_plain_kubernetes_is_warned_of_alike():
    def made(stable, tried, step):
        head = text("canary").splitlines()[4]
        written = text("canary").replace(head, "platform: {kind: kubernetes}")
        written = written.replace('a, release: "1"', f'a, release: "{stable}"')
        written = written.replace('b, release: "2"', f'b, release: "{tried}"')
        return rendered(
            written, locked(a=release(stable), b=release(tried)), sets=[f"strategy.canary.step={step}"]
        ).text

    found = warned(made(2, 2, 4), made(1, 1, 0))
    assert ("HTTPRoute", "the Service digits-r1") in found
    assert ("Service", "the Deployment digits-r1") in found
    assert warned(made(2, 2, 4), made(2, 1, 0)) == []
