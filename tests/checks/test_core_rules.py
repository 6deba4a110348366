"""What the API server's own code takes and refuses in its own kinds, where one would guess otherwise.

Each line is the API server's verdict as the oracle gave it at Kubernetes 1.37; what other releases say is read from
their sources.
"""

from __future__ import annotations

import pytest

from core_objects import OBJECTS
from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.rules.kubernetes.cron import is_schedule
from generator.checks.rules.kubernetes.examples import (
    CRON_JOB,
    DEPLOYMENT,
    JOB,
    SERVICE,
    STATEFUL_SET,
    container,
    pod,
    with_field,
)
from generator.checks.rules.kubernetes.syntax import is_cidr, is_config_key, is_env_name, is_port_name, is_search_domain
from generator.schemas import Version


def errors(text: str, kubernetes: str = "1.37", previous: str = "") -> list[str]:
    found = check(text, platforms=[f"kubernetes@{kubernetes}"], previous=previous).findings
    return [entry.rule for entry in found if entry.severity is Severity.ERROR]


@pytest.mark.parametrize("text", OBJECTS, ids=range(len(OBJECTS)))
def test_rich_objects_are_valid(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        container("env: [{name: A, value: a}, {name: A, value: b}]"),
        container("ports: [{containerPort: 80}, {containerPort: 80}]"),
        container("resources: {limits: {cpu: 0}}"),
        container("resources: null"),
        container("readinessProbe: {tcpSocket: {port: 80}, successThreshold: 3}"),
        pod("volumes: [{name: empty}]"),
        pod("terminationGracePeriodSeconds: -1"),
        pod("imagePullSecrets: [{}]"),
        DEPLOYMENT.replace("name: digits\n", "name: digits.v2\n", 1),
        DEPLOYMENT.replace("labels: {app: digits}", "labels: {app: digits, more: x}"),
        with_field(DEPLOYMENT, "strategy: {rollingUpdate: {maxSurge: 300%}}"),
        with_field(JOB, "completionMode: Indexed"),
        with_field(SERVICE, "clusterIP: None").replace("targetPort: 8080", "targetPort: 0"),
        STATEFUL_SET.replace("      containers", "      volumes: [{name: a}]\n      containers"),
    ],
)
def test_what_looks_wrong_and_is_taken(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (container("env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"), "K8S064"),
        (container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]"), "K8S064"),
        (container("resources: {requests: {nvidia.com/gpu: 1}}"), "K8S068"),
        (container("readinessProbe: {httpGet: {path: /}}"), "K8S079"),
        (container("ports: [{name: a-very-long-name-of-a-port, containerPort: 80}]"), "K8S060"),
        (container("volumeMounts: [{name: models, mountPath: /models}]"), "K8S075"),
        (pod("restartPolicy: Never"), "K8S080"),
        (JOB.replace("      restartPolicy: Never\n", ""), "K8S080"),
        (JOB.replace("name: digits\n", f"name: {'a' * 64}\n", 1), "K8S091"),
        (with_field(DEPLOYMENT, "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}"), "K8S087"),
        (CRON_JOB.replace("name: digits\n", f"name: {'a' * 53}\n", 1), "K8S050"),
        (SERVICE.replace("port: 80, ", ""), "K8S094"),
    ],
)
def test_what_looks_fine_and_is_refused(text: str, rule: str) -> None:
    assert errors(text) == [rule]


def test_what_can_not_be_decoded_is_not_validated() -> None:
    assert errors(with_field(DEPLOYMENT, "replicas: two").replace("image: models/server:1.0", "image: ''")) == [
        "K8S012"
    ]


AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: digits}
spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: digits}}
"""
BLOCK = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: digits}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]}
"""
CLAIMS = with_field(STATEFUL_SET, "volumeClaimTemplates: [{metadata: {name: models}, spec: {}}]")


@pytest.mark.parametrize(
    ("text", "rule", "refused", "taken"),
    [
        (SERVICE.replace("name: digits\n", "name: 1digits\n", 1), "K8S050", "1.35", "1.36"),
        (AUTOSCALER, "K8S099", "1.34", "1.33"),
        (BLOCK, "K8S105", "1.36", "1.35"),
        (CLAIMS, "K8S074", "1.34", "1.33"),
        (container("env: [{name: 1A, value: x}]"), "K8S063", "1.31", "1.32"),
        (container("restartPolicy: OnFailure"), "K8S058", "1.34", "1.35"),
        (with_field(STATEFUL_SET, "serviceName: a.b"), "K8S088", "1.33", "1.32"),
    ],
)
def test_what_releases_differ_in(text: str, rule: str, refused: str, taken: str) -> None:
    assert set(errors(text, refused)) == {rule}
    assert errors(text, taken) == []


LIVE = DEPLOYMENT.replace("name: digits\n", "name: digits\n  uid: a\n", 1)


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        (LIVE, DEPLOYMENT.replace("app: digits", "app: other"), ["K8S123"]),
        (LIVE, with_field(DEPLOYMENT, "replicas: 3"), []),
        (with_field(SERVICE, "clusterIP: 10.0.0.1"), SERVICE, []),
        (with_field(SERVICE, "clusterIP: 10.0.0.1"), with_field(SERVICE, "clusterIP: None"), ["K8S123"]),
        (SERVICE, with_field(SERVICE, "clusterIP: 10.0.0.1"), []),
        (JOB, JOB.replace("trainer:1.0", "trainer:1.1"), ["K8S123"]),
        (JOB, with_field(JOB, "backoffLimit: 3"), []),
        # Of a Job that waits only its pods' places and resources can be changed.
        (with_field(JOB, "suspend: true"), JOB.replace("trainer:1.0", "trainer:1.1"), ["K8S123"]),
    ],
)
def test_what_can_be_changed(before: str, after: str, rules: list[str]) -> None:
    assert errors(after, previous=before) == rules


@pytest.mark.parametrize(
    "text",
    ["* * * * *", "*/5 1-3,7 ? JAN-mar MON", "@daily", "@every 1h30m", "0 0 31 2 *", "5/15 * * * *", "0 0 1,,2 * *"],
)
def test_schedules(text: str) -> None:
    assert is_schedule(text)


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "* * * * * *", "60 * * * *", "* * * * 7", "*/0 * * * *", "3-1 * * * *", "@often", "a * * * *"],
)
def test_texts_that_are_no_schedule(text: str) -> None:
    assert not is_schedule(text)


def test_addresses_are_strict_since_1_36() -> None:
    loose, strict = Version(1, 35), Version(1, 36)
    for text in ("010.0.0.0/8", "10.0.0.1/8", "::ffff:10.0.0.0/104", "10.0.0.0/08"):
        assert is_cidr(text, loose)
        assert not is_cidr(text, strict)
    assert is_cidr("2001:db8::/32", strict)
    assert not is_cidr("10.0.0.0", loose)


@pytest.mark.parametrize(
    ("good", "bad", "check_of"),
    [
        (("http", "a", "0a"), ("", "1", "a--b", "-a", "A", "a" * 16), is_port_name),
        (("a.b", "..a"[1:], "A_b"), ("", ".", "..", "..a", "a b", "a" * 254), is_config_key),
        ((".", "a.b.", "_tcp.a"), ("", "a..b", "A", "a_"), is_search_domain),
        (("a b", "1"), ("", "a=b", "é"), lambda text: is_env_name(text, Version(1, 32))),
        (("a-b", "A.b"), ("", "1", "a b", ".."), lambda text: is_env_name(text, Version(1, 31))),
    ],
)
def test_forms_of_names(good: tuple[str, ...], bad: tuple[str, ...], check_of) -> None:
    assert [text for text in good if not check_of(text)] == []
    assert [text for text in bad if check_of(text)] == []
