"""What becomes of a Server, with its ServerConfig in the set and without."""

from __future__ import annotations

from typing import Any

import pytest

from generator.checks.subject import by_kind
from generator.outcome import Child, Outcome, Part, outcome
from generator.outcome.seldon_core_2.server import SERVER
from generator.reading.documents import Document, read
from generator.schemas import Version

CONFIG = """
apiVersion: mlops.seldon.io/v1alpha1
kind: ServerConfig
metadata: {name: mlserver, namespace: seldon-system, labels: {tier: one, team: platform}}
spec:
  podSpec:
    terminationGracePeriodSeconds: 120
    containers:
      - {name: agent, image: "agent:1", env: [{name: SELDON_SERVER_CAPABILITIES, value: "sklearn"}]}
      - {name: mlserver, image: "mlserver:1", resources: {requests: {cpu: 100m, memory: 1Gi}}}
    volumes: [{name: a, emptyDir: {}}]
  volumeClaimTemplates:
    - {name: models, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
"""
SERVER_TEXT = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: own, namespace: models, labels: {team: mine}}
spec:
  serverConfig: mlserver
"""


def made(server: str, *others: str) -> Outcome:
    """The outcome of a Server in a set."""
    documents = [one for text in (server, *others) for one in read(text.encode(), "f.yaml")]
    given = by_kind(one for one in documents if isinstance(one, Document))
    first = given[SERVER][0]
    return outcome("seldon-core-2", SERVER, Part.of(first), given, Version(2, 10, 2))


def stateful_set(found: Outcome) -> Child:
    """The one that there is."""
    (one,) = [child for child in found.children if child.kind.kind == "StatefulSet"]
    return one


def test_a_server_is_a_stateful_set_and_a_service_for_each_replica() -> None:
    found = made(SERVER_TEXT + "  replicas: 2\n", CONFIG)
    assert [(child.kind.kind, child.name, child.namespace) for child in found.children] == [
        ("StatefulSet", "own", "models"),
        ("Service", "own-0", "models"),
        ("Service", "own-1", "models"),
    ]
    assert not found.gaps


def test_the_pods_carry_the_label_that_the_set_selects_and_those_of_both() -> None:
    spec = stateful_set(made(SERVER_TEXT, CONFIG)).data["spec"]
    assert spec["template"]["metadata"]["labels"] == {
        "tier": "one",
        "team": "mine",
        "app.kubernetes.io/name": "seldon-server",
        "seldon-server-name": "own",
    }
    assert spec["selector"] == {"matchLabels": {"seldon-server-name": "own"}}
    assert spec["replicas"] == 1
    assert spec["volumeClaimTemplates"][0]["metadata"] == {"name": "models"}


OVER = """
  podSpec:
    terminationGracePeriodSeconds: 0
    nodeSelector: {disk: fast}
    volumes: [{name: b, emptyDir: {}}]
    containers:
      - {name: extra, image: "extra:1"}
      - {name: mlserver, image: "", resources: {requests: {cpu: "1"}}, env: [{name: A, value: b}]}
"""


def test_the_servers_pod_is_laid_over_the_configurations() -> None:
    pod = stateful_set(made(SERVER_TEXT + OVER, CONFIG)).data["spec"]["template"]["spec"]
    assert [each["name"] for each in pod["containers"]] == ["extra", "mlserver", "agent"]
    assert pod["containers"][1] == {
        "name": "mlserver",
        "image": "mlserver:1",
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
        "env": [{"name": "A", "value": "b"}],
    }
    assert pod["terminationGracePeriodSeconds"] == 120, "a nought doesn't win"
    assert [each["name"] for each in pod["volumes"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        (("containers", 1, "resources", "requests", "cpu"), "spec.podSpec.containers[1].resources.requests.cpu"),
        (("containers", 1, "resources", "requests", "memory"), "spec.podSpec.containers[1].resources.requests.memory"),
        (("containers", 1, "image"), "spec.podSpec.containers[1].image"),
        (("volumes", 1, "name"), "spec.podSpec.volumes[0].name"),
        (("nodeSelector",), "spec.podSpec.nodeSelector"),
    ],
)
def test_each_field_knows_its_document(path: tuple[Any, ...], origin: str) -> None:
    child = stateful_set(made(SERVER_TEXT + OVER, CONFIG))
    assert str(child.origin(("spec", "template", "spec", *path))) == f"f.yaml: {origin}"


@pytest.mark.parametrize(
    ("field", "words"),
    [("capabilities: [a, b]", "a,b"), ("extraCapabilities: [a, b]", "sklearn,a,b"), ("replicas: 1", "sklearn")],
)
def test_capabilities_are_told_to_the_container_that_has_the_variable(field: str, words: str) -> None:
    pod = stateful_set(made(f"{SERVER_TEXT}  {field}\n", CONFIG)).data["spec"]["template"]["spec"]
    assert pod["containers"][0]["env"] == [{"name": "SELDON_SERVER_CAPABILITIES", "value": words}]


def test_a_configuration_that_the_set_lacks_is_a_gap_and_the_rest_is_computed() -> None:
    found = made(SERVER_TEXT + OVER)
    (gap,) = found.gaps
    assert gap.path == ("spec", "serverConfig")
    assert "'mlserver' isn't in the set" in gap.words
    containers = stateful_set(found).data["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in containers] == ["extra", "mlserver"]


@pytest.mark.parametrize("replicas", ["0", "-1", "'two'", "null"])
def test_odd_numbers_of_replicas_break_nothing(replicas: str) -> None:
    assert made(f"{SERVER_TEXT}  replicas: {replicas}\n", CONFIG).children
