"""The route in front of a service: what the plan says of the traffic, through Gateway API and through Istio."""

from __future__ import annotations

from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.checks.api import check
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.plan.plan import plan
from generator.platforms import gateway_api, routes
from generator.platforms.backends import Backend
from generator.rendering.templating import environment_of
from kit import locked, pin

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kserve}
store: {url: s3://models}
variants:
  - {name: a, release: "1"}
  - {name: b, release: "2"}
gateway: {name: models, namespace: gateways, host: digits.example.com%s}
strategy: {%s}
"""
LOCK = locked(a=pin("1", 1, "a"), b=pin("2", 2, "b"))
BACKENDS = {"a": Backend("digits-a", 80), "b": Backend("digits-b", 80)}
ISTIO = ", api: istio"
EXPERIMENTAL = ", channel: experimental"


def planned(strategy, gateway=""):
    text = HEAD % (gateway, strategy)
    return plan(build(parse(text, "serinus.yaml"), "serinus.yaml"), LOCK)


def routed(strategy, gateway="", backends=BACKENDS):
    made = routes.compose(planned(strategy, gateway), backends)
    comment = "# serinus: platform " + " ".join(f"{product}@{release}" for product, release in made.targets) + "\n"
    texts = [comment + environment_of(None).get_template(sheet.template).render(sheet.context) for sheet in made.sheets]
    report = check("---\n".join(texts), file="route.yaml")
    assert (report.summary.errors, report.summary.warnings) == (0, 0), report.findings
    return [yaml.safe_load(text) for text in texts]


def weights_of(rule, key="backendRefs"):
    return {each["name"]: each["weight"] for each in rule[key]}


SPLIT = "ab: {split: {a: 60, b: 40}}"
MATCH = "ab: {default: a, match: [{variant: b, headers: {x-group: beta}, cookies: {arm: b}}]}"


def test_weights_are_the_percentages():
    (route,) = routed(SPLIT)
    assert weights_of(route["spec"]["rules"][0]) == {"digits-a": 60, "digits-b": 40}


def test_what_is_matched_stands_before_the_rest():
    (route,) = routed(MATCH)
    matched, rest = route["spec"]["rules"]
    assert matched["matches"][0]["headers"] == [
        {"type": "Exact", "name": "x-group", "value": "beta"},
        {"type": "RegularExpression", "name": "cookie", "value": r"^(.*;\s*)?arm=b(\s*;.*)?$"},
    ]
    assert weights_of(matched) == {"digits-b": 1}
    assert weights_of(rest) == {"digits-a": 100}


@pytest.mark.parametrize(("percent", "share"), [(100, {}), (10, {"percent": 10})])
def test_a_shadow_gets_copies(percent, share):
    (route,) = routed(f"shadow: {{stable: a, variant: b, percent: {percent}}}")
    (rule,) = route["spec"]["rules"]
    backend = {"group": "", "kind": "Service", "name": "digits-b", "port": 80}
    assert rule["filters"] == [{"type": "RequestMirror", "requestMirror": {"backendRef": backend, **share}}]
    assert weights_of(rule) == {"digits-a": 100}


def test_a_preview_has_a_host_of_its_own():
    main, preview = routed("blueGreen: {active: a, preview: b, host: next.example.com}")
    assert preview["metadata"]["name"] == "digits-preview"
    assert main["spec"]["hostnames"] == ["digits.example.com"]
    assert preview["spec"]["hostnames"] == ["next.example.com"]
    assert weights_of(preview["spec"]["rules"][0]) == {"digits-b": 1}


def test_sticky_is_session_persistence_of_the_experimental_channel():
    (route,) = routed("ab: {split: {a: 60, b: 40}, sticky: arm}", EXPERIMENTAL)
    assert route["spec"]["rules"][0]["sessionPersistence"] == {"sessionName": "arm", "type": "Cookie"}


def test_after_a_switch_the_preview_keeps_its_route_and_leads_to_the_other_variant():
    """Named after the variant, the old route would stay where nobody prunes, and keep the preview's host."""
    for gateway in ("", ISTIO):
        before, after = (
            routed(f"blueGreen: {{active: {active}, preview: {preview}, host: next.example.com}}", gateway)
            for active, preview in (("a", "b"), ("b", "a"))
        )
        assert [each["metadata"]["name"] for each in before] == [each["metadata"]["name"] for each in after]
        assert "digits-b" in str(before[1]["spec"])
        assert "digits-a" in str(after[1]["spec"])


@pytest.mark.parametrize(
    ("version", "persistence"),
    [
        ("1.2", {"sessionName": "arm", "type": "Cookie"}),
        ("1.6.3", {"sessionName": "arm", "type": "Cookie"}),
        ("1.7", {"type": "Cookie", "cookie": {"name": "arm", "path": "/", "lifetimeType": "Session"}}),
        ("1.7.0", {"type": "Cookie", "cookie": {"name": "arm", "path": "/", "lifetimeType": "Session"}}),
    ],
)
def test_sticky_is_written_as_the_release_has_it(version, persistence):
    (route,) = routed("ab: {split: {a: 60, b: 40}, sticky: arm}", f'{EXPERIMENTAL}, version: "{version}"')
    assert route["spec"]["rules"][0]["sessionPersistence"] == persistence


def test_a_sticky_cookie_is_said_to_keep_a_pod():
    (note,) = routes.compose(planned("ab: {split: {a: 60, b: 40}, sticky: arm}", EXPERIMENTAL), BACKENDS).notes
    assert "with one pod" in note
    assert not routes.compose(planned(SPLIT), BACKENDS).notes


def test_every_release_of_the_gateway_is_rendered_for():
    for release in gateway_api.RELEASES:
        routed(MATCH, f', version: "{release}", path: /churn, timeout: 30s')
        routed("ab: {split: {a: 60, b: 40}, sticky: arm}", f'{EXPERIMENTAL}, version: "{release}", path: /churn')


def test_a_path_is_matched_by_every_rule_and_taken_off():
    (route,) = routed(MATCH, ", path: /churn")
    off = {
        "type": "URLRewrite",
        "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
    }
    for rule in route["spec"]["rules"]:
        assert rule["matches"][0]["path"] == {"type": "PathPrefix", "value": "/churn"}
        assert rule["filters"] == [off]
    assert len(route["spec"]["rules"][0]["matches"][0]["headers"]) == 2


def test_a_path_and_another_host_name_are_one_rewrite():
    backends = {each: Backend("gateway", 80, namespace="istio-system", hostname="s.models.svc") for each in "ab"}
    (route,) = routed("shadow: {stable: a, variant: b}", ", path: /churn", backends=backends)
    (rule,) = route["spec"]["rules"]
    rewrites = [each["urlRewrite"] for each in rule["filters"] if each["type"] == "URLRewrite"]
    assert rewrites == [{"hostname": "s.models.svc", "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}]
    assert "filters" not in rule["backendRefs"][0]


def test_a_cookie_holds_for_the_path():
    (route,) = routed("ab: {split: {a: 60, b: 40}, sticky: arm}", f'{EXPERIMENTAL}, version: "1.7", path: /churn')
    assert route["spec"]["rules"][0]["sessionPersistence"]["cookie"]["path"] == "/churn"


def test_istio_takes_a_path_off_between_slashes():
    (route,) = routed(MATCH, f"{ISTIO}, path: /churn")
    matched, rest = route["spec"]["http"]
    assert [each["uri"] for each in rest["match"]] == [{"prefix": "/churn/"}, {"exact": "/churn"}]
    assert all(each["headers"] for each in matched["match"])
    assert matched["rewrite"] == rest["rewrite"] == {"uri": "/"}


@pytest.mark.parametrize("path", ["churn", "/churn/", "/", "//a", "/a/../b", "/a%2Fb", "/a b"])
def test_a_path_is_one_that_every_gateway_takes(path):
    with pytest.raises(InputError) as raised:
        planned(SPLIT, f', path: "{path}"')
    assert raised.value.place.line == 10


def test_a_timeout_holds_for_every_rule():
    (route,) = routed(MATCH, ", timeout: 30s")
    assert [rule["timeouts"] for rule in route["spec"]["rules"]] == [{"request": "30s"}] * 2


def test_a_backend_may_want_another_host_name():
    backends = {**BACKENDS, "b": Backend("gateway", 80, namespace="istio-system", hostname="b.models.svc")}
    (route,) = routed(SPLIT, backends=backends)
    second = route["spec"]["rules"][0]["backendRefs"][1]
    assert second["namespace"] == "istio-system"
    assert second["filters"] == [{"type": "URLRewrite", "urlRewrite": {"hostname": "b.models.svc"}}]


def test_istio_has_a_virtual_service_of_the_same_meaning():
    (route,) = routed(MATCH, ISTIO)
    matched, rest = route["spec"]["http"]
    assert route["spec"]["gateways"] == ["gateways/models"]
    assert matched["match"] == [
        {"headers": {"x-group": {"exact": "beta"}, "cookie": {"regex": r"^(.*;\s*)?arm=b(\s*;.*)?$"}}}
    ]
    assert rest["route"] == [
        {"destination": {"host": "digits-a.models.svc.cluster.local", "port": {"number": 80}}, "weight": 100}
    ]


def test_istio_mirrors_a_share():
    (route,) = routed("shadow: {stable: a, variant: b, percent: 10}", ISTIO)
    (rule,) = route["spec"]["http"]
    assert rule["mirror"]["host"] == "digits-b.models.svc.cluster.local"
    assert rule["mirrorPercentage"] == {"value": 10}


MODELS = {
    name: Backend("mesh", 80, headers={"x-model": name}, hostname="mesh.svc" if name == "b" else None) for name in "ab"
}


def set_by(filters):
    return [each["requestHeaderModifier"]["set"] for each in filters if each["type"] == "RequestHeaderModifier"]


def test_backends_of_one_service_are_told_apart_by_headers():
    (route,) = routed(SPLIT, backends=MODELS)
    (rule,) = route["spec"]["rules"]
    assert "filters" not in rule
    assert [set_by(each["filters"]) for each in rule["backendRefs"]] == [
        [[{"name": "x-model", "value": "a"}]],
        [[{"name": "x-model", "value": "b"}]],
    ]


def test_headers_of_a_rule_with_one_backend_are_set_by_the_rule_which_every_gateway_can():
    (route,) = routed(MATCH, backends=MODELS)
    for rule, model in zip(route["spec"]["rules"], "ba", strict=True):
        assert set_by(rule["filters"]) == [[{"name": "x-model", "value": model}]]
        assert not set_by(rule["backendRefs"][0].get("filters", []))


def test_a_mirror_never_gets_the_headers_of_the_variant_that_answers():
    (route,) = routed("shadow: {stable: a, variant: b}", backends=MODELS)
    (rule,) = route["spec"]["rules"]
    assert [each["type"] for each in rule["filters"]] == ["RequestMirror"]
    assert set_by(rule["backendRefs"][0]["filters"]) == [[{"name": "x-model", "value": "a"}]]


def test_istio_sets_the_headers_of_each_destination():
    (route,) = routed(SPLIT, ISTIO, backends=MODELS)
    assert [each["headers"]["request"]["set"] for each in route["spec"]["http"][0]["route"]] == [
        {"x-model": "a"},
        {"Host": "mesh.svc", "x-model": "b"},
    ]


REFUSED = {
    "sticky in the standard channel": ("ab: {split: {a: 60, b: 40}, sticky: arm}", "", "experimental channel"),
    "sticky with Istio": ("ab: {split: {a: 60, b: 40}, sticky: arm}", ISTIO, "chooses anew"),
    "a share of a shadow before 1.3": (
        "shadow: {stable: a, variant: b, percent: 10}",
        ', version: "1.2"',
        "mirrors all requests or none",
    ),
    "a fraction of a percent with Istio": ("ab: {split: {a: 99.5, b: 0.5}}", ISTIO, "whole percentages"),
    "two cookies with Istio": (
        "ab: {default: a, match: [{variant: b, cookies: {arm: b, group: beta}}]}",
        ISTIO,
        "once a rule",
    ),
    "a release nobody knows": (SPLIT, ', version: "9.9"', "isn't known"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_gateway_cannot_do_is_told_with_the_alternative(case):
    strategy, gateway, message = REFUSED[case]
    service = planned(strategy, gateway).service
    (objection,) = routes.objections(service)
    assert message in objection[1]
    assert objection[2]


@pytest.mark.parametrize("gateway", ["", ', version: "1.2"', ISTIO])
def test_what_the_platform_shares_out_itself_is_no_matter_of_the_gateway(gateway):
    for strategy in ("shadow: {stable: a, variant: b, percent: 10}", "ab: {split: {a: 99.5, b: 0.5}}"):
        assert list(routes.objections(planned(strategy, gateway).service, shares=False)) == []


@pytest.mark.parametrize("step", range(4))
def test_another_step_changes_the_weights_alone(step):
    def at(number):
        (route,) = routed(f"canary: {{stable: a, variant: b, steps: [5, 25, 50, 100], step: {number}}}")
        return route

    one, two = at(step), at(step + 1)
    for route in (one, two):
        for reference in route["spec"]["rules"][0]["backendRefs"]:
            reference["weight"] = None
    assert one == two


@given(st.integers(0, 10_000))
def test_the_weights_of_any_split_are_exact(hundredths):
    share = Fraction(hundredths, 100)
    text = f"ab: {{split: {{a: {float(100 - share):.2f}, b: {float(share):.2f}}}}}"
    made = routes.compose(planned(text), BACKENDS)
    (rule,) = made.sheets[0].context["rules"]
    first, second = (each["weight"] for each in rule["backendRefs"])
    assert Fraction(second, first + second) * 100 == share


def test_a_service_without_a_gateway_has_no_route():
    text = (HEAD % ("", SPLIT)).replace("gateway:", "labels: {} #")
    service = build(parse(text, "serinus.yaml"), "serinus.yaml")
    assert routes.compose(plan(service, LOCK), BACKENDS).sheets == ()
    assert list(routes.objections(service)) == []


def test_cookies_are_matched_whole():
    import re

    from generator.platforms.backends import cookie_pattern

    pattern = re.compile(cookie_pattern("arm", "b.1"))
    for taken in ("arm=b.1", "x=y; arm=b.1", "x=y;arm=b.1; z=1"):
        assert pattern.match(taken)
    for passed in ("arm=b.12", "arm=bx1", "charm=b.1", "x=arm=b.1"):
        assert not pattern.match(passed)
