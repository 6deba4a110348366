"""What becomes of an InferenceGraph: its router by mode and release, and the addresses of its steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from generator.outcome import Given, Outcome, Part
from generator.outcome.kserve.inference_graph import MAKER
from generator.reading.documents import Document
from generator.reading.kind import Kind
from outcome_components import RELEASES, V0_15, V0_16, V0_17, V0_18, V0_20, config_map

STANDARD = {"serving.kserve.io/deploymentMode": "RawDeployment"}
KNATIVE = {"serving.kserve.io/deploymentMode": "Serverless"}
NODES = "nodes: {root: {routerType: Sequence, steps: [{serviceName: churn, name: first}]}}"


def outcome(
    spec: str = NODES, annotations: dict[str, str] | None = None, given: Given | None = None, release=V0_20
) -> Outcome:
    """What becomes of a graph ``pipe`` in ``models``."""
    metadata = {"name": "pipe", "namespace": "models", "annotations": annotations or STANDARD, "labels": {"team": "a"}}
    document = Document({"metadata": metadata, "spec": yaml.safe_load(f"{{{spec}}}")}, "graph.yaml")
    return MAKER.make(Part.of(document), given or {}, release)


def by_kind(found: Outcome) -> dict[str, dict[str, Any]]:
    return {child.kind.kind: child.data for child in found.children}


def services(*texts: str) -> dict[Kind, list[Document]]:
    """InferenceServices as they are written, before the webhook."""
    return {Kind("serving.kserve.io", "InferenceService"): [Document(yaml.safe_load(text), "s.yaml") for text in texts]}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_in_mode_standard_the_router_is_a_deployment_with_a_service_and_an_hpa(release) -> None:
    found = by_kind(outcome(f"{NODES}, minReplicas: 2, timeout: 60, serviceAccountName: sa", release=release))
    assert set(found) == {"Deployment", "Service", "HorizontalPodAutoscaler"}
    labels = {"team": "a", "serving.kserve.io/inferencegraph": "pipe", "app": "isvc.pipe"}
    assert all(one["metadata"]["name"] == "pipe" and one["metadata"]["labels"] == labels for one in found.values())
    pod = found["Deployment"]["spec"]["template"]["spec"]
    assert (pod["automountServiceAccountToken"], pod["serviceAccountName"]) == (False, "sa")
    (router,) = pod["containers"]
    assert router["name"] == "pipe"
    assert router["image"].startswith("kserve/router:v0.")
    assert router["resources"]["requests"] == {"cpu": "100m", "memory": "100Mi"}
    assert found["Service"]["spec"]["ports"] == [{"name": "pipe", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
    assert found["Service"]["spec"]["selector"] == {"app": "isvc.pipe"}
    assert found["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == 2


def test_in_mode_knative_the_router_is_a_knative_service() -> None:
    (found,) = outcome(f"{NODES}, maxReplicas: 3, timeout: 60, resources: {{limits: {{cpu: 2}}}}", KNATIVE).children
    template = found.data["spec"]["template"]
    assert found.data["apiVersion"] == "serving.knative.dev/v1"
    assert found.data["metadata"]["labels"] == {"team": "a"}
    assert template["metadata"]["labels"]["serving.kserve.io/kind"] == "InferenceGraph"
    assert template["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"] == "3"
    assert template["spec"]["timeoutSeconds"] == 60
    (router,) = template["spec"]["containers"]
    assert "name" not in router
    assert router["resources"] == {"limits": {"cpu": 2}}


@pytest.mark.parametrize(("release", "there"), [(V0_15, True), (V0_16, False), (V0_20, False)], ids=str)
def test_a_graph_is_stopped_since_0_16(release, there: bool) -> None:
    assert bool(outcome(annotations={**STANDARD, "serving.kserve.io/stop": "True"}, release=release).children) is there


@pytest.mark.parametrize(
    ("default", "said", "release", "kinds"),
    [
        ("Standard", None, V0_20, {"Deployment", "Service", "HorizontalPodAutoscaler"}),
        ("Serverless", None, V0_20, {"Service"}),
        ("Standard", "standard", V0_16, {"Deployment", "Service", "HorizontalPodAutoscaler"}),
        ("Standard", "standard", V0_17, set()),
        ("Serverless", "standard", V0_17, {"Service"}),
    ],
)
def test_the_mode_is_the_annotation_s_or_the_config_map_s(default, said, release, kinds) -> None:
    given = config_map(deploy=json.dumps({"defaultDeploymentMode": default}))
    found = outcome(
        annotations={"serving.kserve.io/deploymentMode": said} if said else {"a": "b"}, given=given, release=release
    )
    assert set(by_kind(found)) == kinds


def argument(found: Outcome) -> str:
    return by_kind(found)["Deployment"]["spec"]["template"]["spec"]["containers"][0]["args"][1]


def test_the_graph_is_an_argument_as_go_writes_it() -> None:
    spec = (
        "timeout: 9, nodes: {two: {routerType: Switch, steps: [{weight: 0, condition: a<b, serviceUrl: http://x}]},"
        " root: {steps: [{nodeName: two, mapPredictionsToInstances: false}], routerType: Sequence}}"
    )
    assert argument(outcome(spec)) == (
        '{"nodes":{"root":{"routerType":"Sequence","steps":[{"nodeName":"two"}]},"two":{"routerType":"Switch",'
        '"steps":[{"serviceUrl":"http://x","weight":0,"condition":"a\\u003cb"}]}},"resources":{},"timeout":9}'
    )


def test_structs_of_the_argument_are_in_go_s_order_and_quantities_canonical() -> None:
    spec = (
        f"{NODES}, resources: {{requests: {{cpu: 0.5}}, limits: {{memory: 1024Mi, cpu: 1}}}},"
        " routerTimeouts: {serviceClient: 9, serverIdle: 8, serverRead: 7}"
    )
    assert argument(outcome(spec)).endswith(
        '"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}},'
        '"routerTimeouts":{"serverRead":7,"serverIdle":8,"serviceClient":9}}'
    )


def test_graphs_of_0_15_know_no_timeouts_of_the_router() -> None:
    spec = f"{NODES}, routerTimeouts: {{serverRead: 7}}"
    assert "routerTimeouts" in argument(outcome(spec, release=V0_16))
    assert "routerTimeouts" not in argument(outcome(spec, release=V0_15))


CUSTOM = "containers: [{name: c, env: [{name: PROTOCOL, value: v2}], args: [--model_name, m]}]"


@pytest.mark.parametrize(
    ("spec", "url"),
    [
        (
            "predictor: {sklearn: {storageUri: s3://b/m}}",
            "churn-predictor.models.svc.cluster.local/v1/models/churn:predict",
        ),
        ("predictor: {onnx: {storageUri: s3://b/m}}", "churn-predictor.models.svc.cluster.local/v2/models/churn/infer"),
        (
            "predictor: {model: {modelFormat: {name: sklearn}, protocolVersion: v2, storageUri: s3://b/m}}",
            "churn-predictor.models.svc.cluster.local/v2/models/churn/infer",
        ),
        (
            "predictor: {model: {modelFormat: {name: sklearn}, runtime: kserve-mlserver, storageUri: s3://b/m}}",
            "churn-predictor.models.svc.cluster.local/v2/models/churn/infer",
        ),
        ("predictor: {model: {modelFormat: {name: sklearn}}}", "churn-predictor.models.svc.cluster.local"),
        (f"predictor: {{{CUSTOM}}}", "churn-predictor.models.svc.cluster.local/v2/models/m/infer"),
        (
            f"predictor: {{sklearn: {{}}}}, transformer: {{{CUSTOM}}}",
            "churn-transformer.models.svc.cluster.local/v2/models/m/infer",
        ),
        (
            "predictor: {name: r1, sklearn: {storageUri: s3://b/m, args: [--model_name=x]}}",
            "churn-r1-predictor.models.svc.cluster.local/v1/models/x:predict",
        ),
    ],
)
def test_a_step_s_service_of_the_set_has_its_address(spec: str, url: str) -> None:
    mode = "annotations: {serving.kserve.io/deploymentMode: Standard}"
    found = outcome(given=services(f"{{metadata: {{name: churn, {mode}}}, spec: {{{spec}}}}}"))
    (step,) = json.loads(argument(found))["nodes"]["root"]["steps"]
    assert step == {"name": "first", "serviceName": "churn", "serviceUrl": f"http://{url}"}
    assert not found.gaps


SERVICE = "{metadata: {name: churn, annotations: {M: X}}, spec: {predictor: {sklearn: {storageUri: s3://b/m}}}}"


@pytest.mark.parametrize(
    ("mode", "release", "settings", "host"),
    [
        ("Serverless", V0_20, {}, "http://churn.models.svc.cluster.local"),
        (
            "Knative",
            V0_20,
            {"ingress": {"disableIstioVirtualHost": True}},
            "http://churn-predictor.models.svc.cluster.local",
        ),
        ("Standard", V0_20, {"ingress": {"urlScheme": "https"}}, "http://churn-predictor.models.svc.cluster.local"),
        ("Standard", V0_18, {"ingress": {"urlScheme": "https"}}, "https://churn-predictor.models.svc.cluster.local"),
        (
            "Standard",
            V0_20,
            {"service": {"serviceClusterIPNone": True}},
            "http://churn-predictor.models.svc.cluster.local:8080",
        ),
        (
            "Standard",
            V0_16,
            {"service": {"serviceClusterIPNone": True}},
            "http://churn-predictor.models.svc.cluster.local",
        ),
    ],
)
def test_the_address_of_a_step_by_mode_settings_and_release(mode: str, release, settings, host: str) -> None:
    text = SERVICE.replace("M:", "serving.kserve.io/deploymentMode:").replace("X", mode)
    given = {**services(text), **config_map(**{name: json.dumps(value) for name, value in settings.items()})}
    (step,) = json.loads(argument(outcome(given=given, release=release)))["nodes"]["root"]["steps"]
    assert step["serviceUrl"] == f"{host}/v1/models/churn:predict"


def test_a_step_s_service_that_is_not_given_leaves_its_address_open() -> None:
    found = outcome()
    assert json.loads(argument(found))["nodes"]["root"]["steps"] == [{"name": "first", "serviceName": "churn"}]
    (gap,) = found.gaps
    assert gap.path == ("spec", "nodes", "root", "steps", 0, "serviceName")


def test_what_the_router_is_told_stands_in_the_config_map() -> None:
    router = {"image": "mine/router", "headers": {"propagate": ["a", "b"]}, "imagePullSecrets": ["s"]}
    given = config_map(router=json.dumps(router))
    deployment = next(one for one in outcome(given=given).children if one.kind.kind == "Deployment")
    pod = deployment.data["spec"]["template"]["spec"]
    assert pod["imagePullSecrets"] == [{"name": "s"}]
    assert pod["containers"][0]["env"] == [{"name": "PROPAGATE_HEADERS", "value": "a,b"}]
    place = ("spec", "template", "spec", "containers", 0, "image")
    assert str(deployment.origin(place)) == "cm.yaml: data.router"


def test_an_amount_that_is_null_is_nought() -> None:
    made = by_kind(outcome(f"{NODES}, resources: {{limits: {{cpu: null}}}}"))["Deployment"]
    (router,) = made["spec"]["template"]["spec"]["containers"]
    assert '"resources":{"limits":{"cpu":"0"}}' in router["args"][1]
