"""Gateway API 1.7: stickiness in another form, retries with a default, and what KServe writes of both."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits}
spec:
  parentRefs: [{name: models, namespace: gateways}]
  rules:
    - %s
      backendRefs: [{name: digits-predictor, port: 80}]
"""
OLD = ROUTE % "sessionPersistence: {type: Cookie, sessionName: arm}"
NEW = ROUTE % "sessionPersistence: {type: Cookie, cookie: {name: arm, path: /, lifetimeType: Session}}"
RETRY = ROUTE % "retry: {codes: [503]}"
EXPERIMENTAL = "gateway-api-experimental"
BEFORE, AFTER = f"{EXPERIMENTAL}@1.6", f"{EXPERIMENTAL}@1.7"


def told(text: str, *platforms: str, least: Severity = Severity.WARNING) -> set[str]:
    return {one.rule for one in check(text, platforms=platforms).findings if one.severity >= least}


@pytest.mark.parametrize(
    ("text", "platform", "field", "advice"),
    [
        (OLD, AFTER, "sessionName", "Since Gateway API 1.7 write cookie: {name: …, path: /}"),
        (NEW, BEFORE, "cookie", "Up to Gateway API 1.6 write sessionName"),
    ],
)
def test_the_form_of_the_other_release_is_told_with_the_right_one(text, platform, field, advice) -> None:
    (found,) = [one for one in check(text, platforms=[platform]).findings if one.rule == "K8S010"]
    assert f"'{field}'" in found.message
    assert found.fix.startswith(advice)


@pytest.mark.parametrize(("text", "platform"), [(OLD, BEFORE), (NEW, AFTER)])
def test_each_release_takes_its_own_form(text: str, platform: str) -> None:
    assert told(text, platform) == set()


@pytest.mark.parametrize(
    ("text", "platforms", "rule"),
    [
        (OLD, (BEFORE, AFTER), "GWA002"),
        (RETRY, ("gateway-api@1.6", "gateway-api@1.7"), "GWA003"),
        (RETRY, (BEFORE, AFTER), "GWA003"),
    ],
)
def test_what_means_something_else_from_1_6_to_1_7(text: str, platforms: tuple[str, ...], rule: str) -> None:
    (found,) = [one for one in check(text, platforms=platforms).findings if one.meaning]
    assert found.rule == rule


def test_retries_are_new_in_the_standard_channel_and_counted_in_the_other() -> None:
    standard, experimental = (
        next(one.meaning.before for one in check(RETRY, platforms=pair).findings if one.meaning)
        for pair in (("gateway-api@1.6", "gateway-api@1.7"), (BEFORE, AFTER))
    )
    assert standard.startswith("the standard channel has no retry")
    assert experimental == "the gateway tries as often as it likes"
    assert "GWA003" not in told(RETRY.replace("[503]", "[503], attempts: 2"), BEFORE, AFTER)


def test_a_stickiness_that_is_in_no_standard_channel_changes_nothing_there() -> None:
    assert told(OLD, "gateway-api@1.6", "gateway-api@1.7") == {"K8S010"}


LLM = """
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: chat}
spec:
  model: {uri: hf://example/chat-7b, name: chat-7b}
  router:
    gateway: {refs: [{name: models}]}
    route:
      http:
        spec:
          rules:
            - %s
              backendRefs: [{name: chat, port: 8000}]
"""
STICKY, TRIED = LLM % "sessionPersistence: {sessionName: arm}", LLM % "retry: {attempts: 2}"


@pytest.mark.parametrize(
    ("text", "gateway", "outcome"),
    [
        (STICKY, "gateway-api@1.6", "drops it"),
        (STICKY, "gateway-api@1.7", "drops it"),
        (STICKY, BEFORE, None),
        (STICKY, AFTER, "refuses the route"),
        (TRIED, "gateway-api@1.6", "drops it"),
        (TRIED, "gateway-api@1.7", None),
        (TRIED, BEFORE, None),
        (TRIED, AFTER, None),
    ],
)
def test_what_becomes_of_the_route_that_kserve_makes(text: str, gateway: str, outcome: str | None) -> None:
    messages = [one.message for one in check(text, platforms=["kserve@0.21", gateway]).findings if one.rule == "KSV492"]
    assert [outcome in message for message in messages] == ([True] if outcome else [])
