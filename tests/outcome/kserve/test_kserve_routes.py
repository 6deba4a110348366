"""How an InferenceService is reached: HTTPRoutes, an Ingress, or Istio, by ConfigMap, mode and release."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from generator.outcome.kserve import routes
from generator.outcome.kserve.mode import KNATIVE, STANDARD
from generator.outcome.part import plain
from generator.reading.documents import Document
from generator.schemas.kinds import CONFIG_MAP
from outcome_components import (
    RELEASES,
    V0_17,
    V0_18,
    V0_20,
    V0_21,
    components,
    config_map,
    origin,
    service,
    with_ports,
)

GATEWAY = {"enableGatewayApi": True, "kserveIngressGateway": "edge/main", "ingressGateway": "a/b"}
HTTP = {"name": "http1", "port": 80}
ALL = "^/.*$"


def made(
    spec: str, release=V0_20, ports=(HTTP,), mode=STANDARD, given=None, metadata=None, **ingress: Any
) -> list[Any]:
    """The routes of a service, with a ConfigMap whose ingress section says some more."""
    beside = config_map(ingress=json.dumps({"ingressGateway": "a/b", **ingress}))
    beside[CONFIG_MAP].extend(given or ())
    found = components(service(spec, **(metadata or {})), release, beside, mode)
    return [plain(one) for one in routes.made(found, with_ports(found, *ports))]


def backends(route: dict[str, Any]) -> list[list[tuple[str, int, int | None]]]:
    """Of each rule the Services, their ports and weights."""
    return [
        [(one["name"], one["port"], one.get("weight")) for one in rule["backendRefs"]]
        for rule in route["spec"]["rules"]
    ]


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_with_gateway_api_each_component_and_the_service_have_a_route(release) -> None:
    found = made("{predictor: {}, transformer: {}, explainer: {}}", release, **GATEWAY)
    by_name = {one["metadata"]["name"]: one for one in found}
    assert set(by_name) == {"churn", "churn-predictor", "churn-transformer", "churn-explainer"}
    assert backends(by_name["churn"]) == [[("churn-explainer", 80, None)], [("churn-transformer", 80, None)]]
    top = by_name["churn"]["spec"]
    assert top["hostnames"] == ["churn-models.example.com"]
    assert top["parentRefs"] == [
        {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "edge", "name": "main"}
    ]
    assert by_name["churn-predictor"]["spec"]["hostnames"] == ["churn-predictor-models.example.com"]
    (header, _) = top["rules"][0]["filters"][0]["requestHeaderModifier"]["set"]
    assert header == {"name": "KServe-Isvc-Name", "value": "churn"}


@pytest.mark.parametrize(
    ("release", "said", "timeouts"),
    [
        (V0_20, "{predictor: {}}", {"request": "60s"}),
        (V0_20, "{predictor: {timeout: 300}}", {"request": "300s"}),
        (V0_20, "{predictor: {timeout: 300}, transformer: {timeout: 20}}", {"request": "20s"}),
    ],
)
def test_a_route_waits_as_long_as_who_takes_the_request_first(release, said: str, timeouts: dict[str, str]) -> None:
    assert made(said, release, **GATEWAY)[-1]["spec"]["rules"][0]["timeouts"] == timeouts


@pytest.mark.parametrize(("release", "there"), [(V0_17, True), (V0_18, False), (V0_20, False)], ids=str)
def test_timeouts_can_be_switched_off_since_0_18(release, there: bool) -> None:
    (rule,) = made("{predictor: {}}", release, **GATEWAY, disableHTTPRouteTimeout=True)[0]["spec"]["rules"]
    assert ("timeouts" in rule) is there


@pytest.mark.parametrize(
    ("release", "ports", "expected"),
    [
        (V0_17, ({"name": "h2c", "port": 80}, {"name": "http", "port": 8080}), [80]),
        (V0_18, ({"name": "h2c", "port": 80}, {"name": "http", "port": 8080}), [80, 8080]),
        (V0_20, (HTTP, {"name": "x", "appProtocol": "kubernetes.io/h2c", "port": 9000}), [9000, 80]),
        (V0_20, ({"name": "grpc", "port": 80},), [80]),
        (V0_20, (), [80]),
    ],
)
def test_a_service_with_ports_for_both_gets_a_rule_for_grpc_first(release, ports, expected: list[int]) -> None:
    predictor, top = made("{predictor: {}}", release, ports, **GATEWAY)
    for route in (predictor, top):
        assert [rule["backendRefs"][0]["port"] for rule in route["spec"]["rules"]] == expected
        assert route["spec"]["rules"][-1]["matches"] == [{"path": {"type": "RegularExpression", "value": ALL}}]


CANARIES = """
predictor: {name: r1}
canary: [{trafficPercent: 20, predictor: {name: r2}}, {predictor: {name: r3}}]
"""


@pytest.mark.parametrize(
    ("release", "route", "shares"),
    [
        (V0_20, "churn-r1-predictor", [("churn-r1-predictor", 80, None)]),
        (
            V0_21,
            "churn-predictor",
            [("churn-r1-predictor", 80, 80), ("churn-r2-predictor", 80, 20), ("churn-r3-predictor", 80, 0)],
        ),
    ],
    ids=str,
)
def test_canaries_get_their_share_since_0_21(release, route: str, shares: list[Any]) -> None:
    predictor, top = made(CANARIES, release, **GATEWAY)
    assert predictor["metadata"]["name"] == route
    assert predictor["spec"]["hostnames"] == [f"{route}-models.example.com"]
    assert backends(predictor) == backends(top) == [shares]


def test_beside_a_transformer_canaries_get_nothing_of_the_service_s_route() -> None:
    predictor, _, top = made(f"{CANARIES}\ntransformer: {{}}", V0_21, **GATEWAY)
    assert backends(top) == [[("churn-transformer", 80, None)]]
    assert [share for _, _, share in backends(predictor)[0]] == [80, 20, 0]


def test_a_path_and_more_domains() -> None:
    more = {"pathTemplate": "/serving/{{ .Namespace }}/{{ .Name }}", "additionalIngressDomains": ["a.org", "a.org"]}
    _, _, top = made("{predictor: {}, explainer: {}}", **GATEWAY, **more, ingressDomain="x.org")
    assert top["spec"]["hostnames"] == ["churn-models.x.org", "churn-models.a.org", "x.org"]
    patterns = [rule["matches"][0]["path"]["value"] for rule in top["spec"]["rules"]]
    assert patterns == [
        r"^/v1/models/[\w-]+:explain$",
        ALL,
        r"/serving/models/churn(/v1/models/[\w-]+:explain)$",
        "/serving/models/churn/",
    ]


@pytest.mark.parametrize(
    ("template", "host"),
    [
        ("{{ .Name }}.{{ .Namespace }}.{{ .IngressDomain }}", "churn.models.example.com"),
        ("{{.Name}}-{{ .Labels.team }}.{{.IngressDomain}}", "churn-a.example.com"),
        ('{{.Name}}-{{ index .Labels "team" }}.x', "churn-a.x"),
        ("{{ .Nothing }}", None),
    ],
)
def test_hosts_follow_the_template(template: str, host: str | None) -> None:
    (found,) = made("{predictor: {}}", metadata={"labels": {"team": "a"}}, domainTemplate=template)
    rules = found["spec"]["rules"]
    assert (rules[0]["host"] if rules else None) == host


@pytest.mark.parametrize(
    ("spec", "pairs"),
    [
        ("{predictor: {}}", [("churn", "predictor"), ("churn-predictor", "predictor")]),
        (
            "{predictor: {}, transformer: {}}",
            [("churn", "transformer"), ("churn-transformer", "predictor"), ("churn-predictor", "predictor")],
        ),
        (
            "{predictor: {}, explainer: {}}",
            [("churn", "predictor"), ("churn-explainer", "explainer"), ("churn-predictor", "predictor")],
        ),
        (
            "{predictor: {}, transformer: {}, explainer: {}}",
            [
                ("churn-transformer", "explainer"),
                ("churn", "transformer"),
                ("churn-transformer", "predictor"),
                ("churn-predictor", "predictor"),
            ],
        ),
    ],
)
def test_without_gateway_api_one_ingress_has_all_hosts(spec: str, pairs: list[tuple[str, str]]) -> None:
    (found,) = made(spec, ingressClassName="istio", metadata={"annotations": {"a": "b"}, "labels": {"c": "d"}})
    assert found["kind"] == "Ingress"
    assert found["metadata"] == {"name": "churn", "namespace": "models", "annotations": {"a": "b"}}
    assert found["spec"]["ingressClassName"] == "istio"
    rules = [(rule["host"], rule["http"]["paths"][0]["backend"]["service"]) for rule in found["spec"]["rules"]]
    assert rules == [
        (f"{host}-models.example.com", {"name": f"churn-{backend}", "port": {"number": 80}}) for host, backend in pairs
    ]


def test_an_ingress_has_the_annotations_that_the_webhook_adds() -> None:
    """KServe makes it of the object as it is stored, where the mode and the model's format stand."""
    beside = config_map(ingress=json.dumps({"ingressGateway": "a/b", "ingressClassName": "istio"}))
    (component,) = components(service("{predictor: {}}"), V0_20, beside)
    found = [replace(component, added_annotations={"modelFormat": "sklearn"})]
    (ingress,) = (plain(one) for one in routes.made(found, with_ports(found, HTTP)))
    assert ingress["metadata"]["annotations"] == {"modelFormat": "sklearn"}


@pytest.mark.parametrize(
    ("labels", "ingress", "there"),
    [
        ({}, {}, True),
        ({"networking.kserve.io/visibility": "cluster-local"}, {}, False),
        ({"networking.kserve.io/visibility": "public"}, {}, True),
        ({"networking.knative.dev/visibility": "cluster-local"}, {}, True),
        ({}, {"ingressDomain": "svc.cluster.local"}, False),
        ({}, {"disableIngressCreation": True}, False),
        ({}, GATEWAY | {"kserveIngressGateway": "nowhere"}, False),
    ],
)
def test_what_keeps_a_service_inside(labels: dict[str, str], ingress: dict[str, Any], there: bool) -> None:
    assert bool(made("{predictor: {}}", metadata={"labels": labels}, **ingress)) is there


DOMAIN = Document(
    {"metadata": {"name": "config-domain", "namespace": "knative-serving"}, "data": {"ml.org": ""}}, "d.yaml"
)
LOCAL = {"localGateway": "k/l", "localGatewayService": "gateway.istio-system.svc.cluster.local"}


@pytest.mark.parametrize(
    ("given", "labels", "answered"),
    [
        ([], {}, ["churn.models.svc.cluster.local"]),
        ([DOMAIN], {}, ["churn.models.svc.cluster.local", "churn.models.ml.org"]),
        ([DOMAIN], {"networking.knative.dev/visibility": "cluster-local"}, ["churn.models.svc.cluster.local"]),
    ],
)
def test_in_mode_knative_istio_leads_to_knative_s_gateway(given, labels, answered: list[str]) -> None:
    virtual, external = made(
        "{predictor: {}, transformer: {}}", mode=KNATIVE, given=given, metadata={"labels": labels}, **LOCAL
    )
    assert external["spec"] == {
        "externalName": LOCAL["localGatewayService"],
        "type": "ExternalName",
        "sessionAffinity": "None",
    }
    assert virtual["spec"]["hosts"] == answered
    assert virtual["spec"]["gateways"] == ["k/l", "mesh", "a/b"][: len(answered) + 1]
    (route,) = virtual["spec"]["http"]
    assert route["headers"]["request"]["set"]["Host"] == "churn-transformer.models.svc.cluster.local"
    assert route["route"][0]["destination"] == {"host": LOCAL["localGatewayService"], "port": {"number": 80}}
    assert route["match"][0]["authority"] == {"regex": r"^churn\.models\.svc\.cluster\.local(?::\d{1,5})?$"}


def test_in_mode_knative_istio_can_be_left_out() -> None:
    assert not made("{predictor: {}}", mode=KNATIVE, disableIstioVirtualHost=True)


def test_a_route_knows_where_it_came_from() -> None:
    found = components(service("predictor: {timeout: 9}"), V0_20, config_map(ingress=json.dumps(GATEWAY)))
    route, _ = routes.made(found, {})
    assert origin(route, "spec", "hostnames", 0) == "cm.yaml: data.ingress"
    assert origin(route, "spec", "rules", 0, "timeouts", "request") == "isvc.yaml: spec.predictor.timeout"
    assert origin(route, "spec", "rules", 0, "backendRefs", 0, "namespace") == "isvc.yaml: metadata.namespace"


def test_a_service_without_a_predictor_has_no_route() -> None:
    assert not made("{}")
