"""What becomes of a SeldonDeployment: names, ports, servers, the executor, scalers and routes, each with its origin."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.checks.subject import by_kind
from generator.outcome import Child, Outcome, Part, outcome
from generator.outcome.seldon_core_1.names import fitting
from generator.outcome.seldon_core_1.values import go_json
from generator.reading.documents import Document, read
from generator.schemas import Version
from generator.schemas.kinds import SELDON_DEPLOYMENT

PREPACKED = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: iris, namespace: models}
spec:
  protocol: v2
  predictors:
    - name: main
      replicas: 2
      traffic: 90
      graph: {name: model, implementation: SKLEARN_SERVER, modelUri: "s3://models/iris"}
    - name: next
      traffic: 10
      graph: {name: model, implementation: SKLEARN_SERVER, modelUri: "s3://models/iris2"}
"""
OWN = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: own, namespace: models}
spec:
  predictors:
    - name: p
      annotations: {team: a}
      componentSpecs:
        - spec:
            securityContext: {runAsUser: 1}
            containers:
              - {name: a, image: "a:1", ports: [{name: http, containerPort: 8080}]}
              - {name: stray, image: "stray:1"}
        - spec: {containers: [{name: b, image: "b:1"}]}
          hpaSpec: {minReplicas: 1, maxReplicas: 3, metricsv2: [{type: Resource, resource: {name: cpu}}]}
          pdbSpec: {minAvailable: 1}
      graph: {name: a, type: ROUTER, children: [{name: b, endpoint: {type: GRPC}}]}
"""


def made(text: str, *others: str) -> Outcome:
    """The outcome of a SeldonDeployment in a set."""
    documents = [one for each in (text, *others) for one in read(each.encode(), "f.yaml")]
    given = by_kind(one for one in documents if isinstance(one, Document))
    first = given[SELDON_DEPLOYMENT][0]
    return outcome("seldon-core-1", SELDON_DEPLOYMENT, Part.of(first), given, Version(1, 18, 2))


def child(found: Outcome, kind: str, name: str) -> Child:
    """A child by its name."""
    (one,) = [each for each in found.children if (each.kind.kind, each.name) == (kind, name)]
    return one


def container(one: Child, name: str) -> dict[str, Any]:
    """A container of a Deployment's pods."""
    (found,) = [each for each in one.data["spec"]["template"]["spec"]["containers"] if each["name"] == name]
    return found


def variables(of: dict[str, Any]) -> dict[str, Any]:
    """A container's variables by name."""
    return {each["name"]: each["value"] for each in of["env"]}


def test_each_predictor_has_a_deployment_and_two_services() -> None:
    names = {(each.kind.kind, each.name) for each in made(PREPACKED).children}
    assert names == {
        ("Deployment", "iris-main-0-model"),
        ("Deployment", "iris-next-0-model"),
        ("Service", "iris-main-model"),
        ("Service", "iris-main"),
        ("Service", "iris-next-model"),
        ("Service", "iris-next"),
        ("VirtualService", "iris"),
        ("DestinationRule", "iris-main"),
        ("DestinationRule", "iris-next"),
    }


def test_a_prepackaged_server_is_completed() -> None:
    one = child(made(PREPACKED), "Deployment", "iris-main-0-model")
    server = container(one, "model")
    assert server["image"] == "seldonio/mlserver:1.3.0-sklearn"
    assert [(each["name"], each["containerPort"]) for each in server["ports"]] == [("grpc", 9500), ("http", 9000)]
    assert variables(server)["MLSERVER_MODEL_IMPLEMENTATION"] == "mlserver_sklearn.SKLearnModel"
    (init,) = one.data["spec"]["template"]["spec"]["initContainers"]
    assert init["args"] == ["s3://models/iris", "/mnt/models"]
    assert one.data["spec"]["replicas"] == 2


def test_the_executor_stands_in_the_first_pods_and_its_service_finds_them() -> None:
    found = made(OWN)
    first, second = child(found, "Deployment", "own-p-0-a-stray"), child(found, "Deployment", "own-p-1-b")
    assert container(first, "seldon-container-engine")["ports"][0]["containerPort"] == 8000
    assert [each["name"] for each in second.data["spec"]["template"]["spec"]["containers"]] == ["b"]
    selector = child(found, "Service", "own-p").data["spec"]["selector"]
    assert selector == {"seldon-app": "own-p"}
    assert selector.items() <= first.data["spec"]["template"]["metadata"]["labels"].items()
    assert not selector.items() <= second.data["spec"]["template"]["metadata"]["labels"].items()


def test_every_service_finds_the_pods_of_its_deployment() -> None:
    found = made(OWN)
    pods = [
        each.data["spec"]["template"]["metadata"]["labels"] for each in found.children if each.kind.kind == "Deployment"
    ]
    for each in found.children:
        if each.kind.kind == "Service":
            assert sum(each.data["spec"]["selector"].items() <= labels.items() for labels in pods) == 1, each.name


@pytest.mark.parametrize(
    ("name", "service", "http", "grpc"), [("a", "own-p-a", 8080, 9500), ("b", "own-p-b", 9002, 9502)]
)
def test_ports_are_counted_up_but_for_those_that_the_user_names(name: str, service: str, http: int, grpc: int) -> None:
    found = made(OWN)
    ports = child(found, "Service", service).data["spec"]["ports"]
    assert [(each["name"], each["port"]) for each in ports] == [("http", http), ("grpc", grpc)]


def test_a_unit_that_speaks_grpc_is_probed_there() -> None:
    server = container(child(made(OWN), "Deployment", "own-p-1-b"), "b")
    assert server["readinessProbe"]["tcpSocket"] == {"port": 9502}
    assert variables(server)["PREDICTIVE_UNIT_SERVICE_PORT"] == "9502"


def test_a_container_that_no_unit_has_gets_neither_service_nor_variables() -> None:
    found = made(OWN)
    assert "env" not in container(child(found, "Deployment", "own-p-0-a-stray"), "stray")
    assert not [each for each in found.children if each.name == "own-p-stray"]


def test_the_pods_lose_their_security_context() -> None:
    assert "securityContext" not in child(made(OWN), "Deployment", "own-p-0-a-stray").data["spec"]["template"]["spec"]


def test_what_scales_and_guards_a_deployment_has_its_name() -> None:
    found = made(OWN)
    assert child(found, "HorizontalPodAutoscaler", "own-p-1-b").data["spec"]["scaleTargetRef"]["name"] == "own-p-1-b"
    assert child(found, "PodDisruptionBudget", "own-p-1-b").data["spec"]["selector"] == {
        "matchLabels": {"seldon-deployment-id": "own"}
    }
    assert "replicas" not in child(found, "Deployment", "own-p-1-b").data["spec"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}},
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
            },
        ),
        (
            {"type": "Pods", "pods": {"metricName": "m", "targetAverageValue": "1"}},
            {
                "type": "Pods",
                "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "1"}},
            },
        ),
        (
            {"type": "External", "external": {"metricName": "m", "targetValue": "9"}},
            {"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "Value", "value": "9"}}},
        ),
        (
            {"type": "Object", "object": {"metricName": "m", "target": {"kind": "S", "name": "s"}, "targetValue": "9"}},
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "m"},
                    "describedObject": {"kind": "S", "name": "s"},
                    "target": {"type": "Value", "value": "9"},
                },
            },
        ),
    ],
)
def test_old_metrics_are_renewed_and_win(old: dict[str, Any], new: dict[str, Any]) -> None:
    data = yaml.safe_load(OWN)
    data["spec"]["predictors"][0]["componentSpecs"][1]["hpaSpec"]["metrics"] = [old]
    found = made(yaml.safe_dump(data))
    assert child(found, "HorizontalPodAutoscaler", "own-p-1-b").data["spec"]["metrics"] == [new]


def test_the_traffic_is_shared_by_istio() -> None:
    rest, grpc = child(made(PREPACKED), "VirtualService", "iris").data["spec"]["http"]
    assert [(each["destination"]["host"], each["weight"]) for each in rest["route"]] == [
        ("iris-main.models.svc.cluster.local", 90),
        ("iris-next.models.svc.cluster.local", 10),
    ]
    assert [each["destination"]["port"]["number"] for each in (*rest["route"], *grpc["route"])] == [
        8000,
        8000,
        5001,
        5001,
    ]


def test_a_shadow_is_a_mirror() -> None:
    data = yaml.safe_load(PREPACKED)
    data["spec"]["predictors"][1]["shadow"] = True
    rest, _ = child(made(yaml.safe_dump(data)), "VirtualService", "iris").data["spec"]["http"]
    assert [each["destination"]["host"] for each in rest["route"]] == ["iris-main.models.svc.cluster.local"]
    assert rest["mirror"]["host"] == "iris-next.models.svc.cluster.local"
    assert rest["mirrorPercentage"] == {"value": 10}


def test_a_variable_that_the_operator_would_add_empties_the_users_list() -> None:
    data = yaml.safe_load(OWN)
    own = [{"name": "MINE", "value": "x"}, {"name": "MLSERVER_HTTP_PORT", "value": "1"}]
    data["spec"]["predictors"][0]["componentSpecs"][1]["spec"]["containers"][0]["env"] = own
    told = variables(container(child(made(yaml.safe_dump(data)), "Deployment", "own-p-1-b"), "b"))
    assert "MINE" not in told
    assert "MLSERVER_HTTP_PORT" not in told
    assert told["MLSERVER_GRPC_PORT"] == "9502"


@pytest.mark.parametrize(
    ("kind", "name", "path", "origin"),
    [
        (
            "Deployment",
            "own-p-0-a-stray",
            "containers.0.image",
            "spec.predictors[0].componentSpecs[0].spec.containers[0].image",
        ),
        (
            "Deployment",
            "own-p-1-b",
            "containers.0.name",
            "spec.predictors[0].componentSpecs[1].spec.containers[0].name",
        ),
    ],
)
def test_each_field_knows_its_place_in_the_users_document(kind: str, name: str, path: str, origin: str) -> None:
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    one = child(made(OWN), kind, name)
    assert str(one.origin(("spec", "template", "spec", *steps))) == f"f.yaml: {origin}"


def test_the_clusters_own_configuration_wins_part_by_part() -> None:
    config = """
apiVersion: v1
kind: ConfigMap
metadata: {name: seldon-config, namespace: seldon-system}
data:
  predictor_servers: '{"SKLEARN_SERVER": {"protocols": {"v2": {"image": "mirror/mlserver", "defaultImageVersion": "2"}}}}'
  storageInitializer: "no json"
"""
    one = child(made(PREPACKED, config), "Deployment", "iris-main-0-model")
    assert container(one, "model")["image"] == "mirror/mlserver:2"
    assert one.data["spec"]["template"]["spec"]["initContainers"][0]["image"].startswith("seldonio/rclone")


def test_an_executor_of_its_own_and_none_at_all() -> None:
    data = yaml.safe_load(PREPACKED)
    data["spec"]["annotations"] = {"seldon.io/engine-separate-pod": "true"}
    found = made(yaml.safe_dump(data))
    assert container(child(found, "Deployment", "iris-main-svc-orch"), "seldon-container-engine")
    data = yaml.safe_load(OWN)
    data["spec"]["predictors"][0]["annotations"]["seldon.io/no-engine"] = "true"
    found = made(yaml.safe_dump(data))
    assert "seldon-container-engine" not in str([each.data for each in found.children])


def test_an_explainer_is_a_deployment_and_a_service() -> None:
    data = yaml.safe_load(PREPACKED)
    data["spec"]["predictors"][0]["explainer"] = {"type": "AnchorTabular", "modelUri": "s3://e"}
    found = made(yaml.safe_dump(data))
    one = child(found, "Deployment", "iris-main-explainer")
    (server,) = one.data["spec"]["template"]["spec"]["containers"]
    assert server["image"] == "seldonio/mlserver:1.3.0-alibi-explain"
    assert child(found, "Service", "iris-main-explainer").data["spec"]["selector"] == {
        "seldon-app": "iris-main-explainer"
    }
    data["spec"]["predictors"][0]["explainer"]["type"] = ""
    assert not [each for each in made(yaml.safe_dump(data)).children if "explainer" in each.name]


def test_a_certificate_is_mounted_into_the_containers_of_the_graphs_first_unit() -> None:
    data = yaml.safe_load(OWN)
    data["spec"]["predictors"][0]["ssl"] = {"certSecretName": "cert"}
    found = made(yaml.safe_dump(data))
    first, second = child(found, "Deployment", "own-p-0-a-stray"), child(found, "Deployment", "own-p-1-b")
    assert first.data["spec"]["template"]["spec"]["volumes"][-1]["secret"] == {"secretName": "cert"}
    for each in first.data["spec"]["template"]["spec"]["containers"]:
        assert each["volumeMounts"][-1]["mountPath"] == "/cert/"
    assert "cert" not in str(second.data)


def test_an_update_takes_no_pod_away_first() -> None:
    strategy = child(made(OWN), "Deployment", "own-p-1-b").data["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}


def test_long_names_become_a_hash() -> None:
    assert fitting("a" * 63) == "a" * 63
    assert fitting("a" * 64) == "seldon-014842d480b571495a4a0363793f7367"


def test_json_is_gos() -> None:
    assert go_json({"a": "<b>&", "c": 1}) == '{"a":"\\u003cb\\u003e\\u0026","c":1}'
