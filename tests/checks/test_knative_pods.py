"""Pods of Knative Services, one's own and those that KServe makes: judged as pods, told at the user's own line."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Finding, Severity

KNATIVE_SERVICE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: digits, namespace: models}
spec:
  template:
    spec:
      containerConcurrency: 1
      timeoutSeconds: 30
      containers:
        - image: models/server:1.0
          FIELD
"""
INFERENCE_SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Knative}}
spec:
  predictor:
    containerConcurrency: 1
    timeout: 30
    containers:
      - name: kserve-container
        image: models/server:1.0
        FIELD
"""
BOTH = {"one's own": KNATIVE_SERVICE, "KServe's": INFERENCE_SERVICE}

FAULTS = [
    ("volumeMounts: [{name: gone, mountPath: /m}]", "K8S075", "volumeMounts[0].name"),
    ("env: [{name: A, value: a, valueFrom: {secretKeyRef: {name: a, key: a}}}]", "K8S064", "env[0].valueFrom"),
    ("envFrom: [{prefix: A}]", "K8S065", "envFrom[0]"),
    ("ports: [{containerPort: 99999}]", "K8S060", "ports[0].containerPort"),
    # Two handlers, and none, are Knative's own to refuse; only of readiness it completes the second.
    ("readinessProbe: {httpGet: {path: /}, exec: {command: [a]}}", "K8S077", "readinessProbe"),
    ("livenessProbe: {httpGet: {path: /}, grpc: {port: 80}}", "K8S077", "livenessProbe"),
    ("startupProbe: {tcpSocket: {port: 80}, exec: {command: [a]}}", "K8S077", "startupProbe"),
    ("livenessProbe: {}", "K8S077", "livenessProbe"),
    ("livenessProbe: {periodSeconds: 5}", "K8S077", "livenessProbe"),
    ("startupProbe: {}", "K8S077", "startupProbe"),
    # Numbers of liveness and startup reach the pod; those of readiness Knative refuses.
    ("readinessProbe: {initialDelaySeconds: -1}", "K8S078", "readinessProbe.initialDelaySeconds"),
    ("readinessProbe: {periodSeconds: -1}", "K8S078", "readinessProbe.periodSeconds"),
    ("livenessProbe: {httpGet: {path: /}, failureThreshold: -1}", "K8S078", "livenessProbe.failureThreshold"),
    ("livenessProbe: {httpGet: {path: /}, successThreshold: 2}", "K8S078", "livenessProbe.successThreshold"),
    # What is asked at all has to be said; the ports of readiness and liveness are completed.
    ("livenessProbe: {exec: {}}", "K8S079", "livenessProbe.exec.command"),
    ("readinessProbe: {exec: {}}", "K8S079", "readinessProbe.exec.command"),
    ("livenessProbe: {httpGet: {path: /, scheme: http}}", "K8S079", "livenessProbe.httpGet.scheme"),
    ("livenessProbe: {grpc: {port: 0}}", "K8S079", "livenessProbe.grpc.port"),
    # Nothing of startup is completed.
    ("startupProbe: {httpGet: {path: /}}", "K8S079", "startupProbe.httpGet.port"),
    ("startupProbe: {tcpSocket: {port: 99999}}", "K8S079", "startupProbe.tcpSocket.port"),
]
REFUSED = [
    ("readinessProbe: {tcpSocket: {}, failureThreshold: 5}", "readinessProbe.failureThreshold"),
    ("readinessProbe: {tcpSocket: {}, timeoutSeconds: 5, periodSeconds: 0}", "readinessProbe.timeoutSeconds"),
    ("readinessProbe: {timeoutSeconds: 5}", "readinessProbe.timeoutSeconds"),
    ("readinessProbe: {tcpSocket: {port: web}}", "readinessProbe.tcpSocket.port"),
    ('livenessProbe: {httpGet: {path: /, port: "8080"}}', "livenessProbe.httpGet.port"),
    ("{ports: [{name: h2c, containerPort: 80}], readinessProbe: {tcpSocket: {port: http}}}", "tcpSocket.port"),
]
"""What Knative refuses, and the API server takes."""
FINE = [
    "readinessProbe: {tcpSocket: {}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 0}",
    "readinessProbe: {tcpSocket: {}, failureThreshold: 0, timeoutSeconds: 0}",
    "livenessProbe: {tcpSocket: {}, failureThreshold: 5, timeoutSeconds: 5}",
    "livenessProbe: {tcpSocket: {port: http}}",
    "{ports: [{name: h2c, containerPort: 80}], livenessProbe: {tcpSocket: {port: h2c}}}",
    "readinessProbe: {}",
    "readinessProbe: {initialDelaySeconds: 5}",
    "readinessProbe: {httpGet: {path: /ready}}",
    "readinessProbe: {grpc: {port: 0}}",
    "readinessProbe: {exec: {command: [a]}}",
    "readinessProbe: {httpGet: {path: /, scheme: http}}",
    "readinessProbe: {tcpSocket: {port: 0}}",
    "readinessProbe: {tcpSocket: {port: 99999}, successThreshold: 2}",
    "livenessProbe: {httpGet: {path: /}}",
    "livenessProbe: {tcpSocket: {port: 99999}}",
    "startupProbe: {httpGet: {path: /, port: 8080}, failureThreshold: 30}",
    "workingDir: /m",
    "ports: [{name: h2c, containerPort: 9000}]",
    "resources: {requests: {cpu: 1}, limits: {cpu: 2}}",
]


def told(text: str) -> list[Finding]:
    platforms = ("kserve@0.20", "knative-serving@1.23")
    report = check(text, platforms=platforms, options=Options())
    return [one for one in report.findings if one.severity > Severity.NOTE]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(("field", "rule", "path"), FAULTS)
def test_a_fault_of_a_pod_is_told_where_it_was_written(kind: str, field: str, rule: str, path: str) -> None:
    text = BOTH[kind].replace("FIELD", field)
    found = [one for one in told(text) if one.path.endswith(path)]
    assert [one.rule for one in found] == [rule], told(text)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if field in each)
    assert found[0].line == line


def with_field(kind: str, field: str) -> str:
    """A text with more in its container: a field, or several in braces."""
    indent = " " * (10 if kind == "one's own" else 8)
    several = field.strip("{}").replace("], ", f"]\n{indent}") + "}}" if field.startswith("{") else field
    return BOTH[kind].replace("FIELD", several)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(("field", "path"), REFUSED)
def test_what_knative_alone_refuses_is_told(kind: str, field: str, path: str) -> None:
    (found,) = told(with_field(kind, field))
    assert (found.rule, found.severity) == (
        ("K8S170", Severity.ERROR) if kind == "one's own" else ("KSV570", Severity.WARNING)
    )
    assert found.path.endswith(path)


@pytest.mark.parametrize("said", ["Standard", "Other"])
@pytest.mark.parametrize(("field", "path"), REFUSED[:2])
def test_without_knative_the_same_is_good(said: str, field: str, path: str) -> None:
    port = field.replace("tcpSocket: {}", "tcpSocket: {port: 80}")
    text = INFERENCE_SERVICE.replace("Knative", said).replace("FIELD", port)
    assert not [one for one in told(text) if one.path.endswith(path)]


def test_a_model_s_probe_lies_over_its_runtime_s() -> None:
    model = "    model: {modelFormat: {name: sklearn}, storageUri: s3://a/b, readinessProbe: {failureThreshold: 5}}\n"
    text = INFERENCE_SERVICE.replace("kserve-container", "helper").replace("    containers:", f"{model}    containers:")
    text = text.replace("FIELD", REFUSED[0][0])
    assert not [one for one in told(text) if one.rule == "KSV570"]


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("field", FINE)
def test_what_knative_completes_is_no_fault(kind: str, field: str) -> None:
    assert told(with_field(kind, field)) == []


TWO = "\n        - {image: models/proxy:1.0, ports: [{containerPort: 8080}], %s}"
HANDLERS = "httpGet: {path: /, port: 80}, tcpSocket: {port: 80}"


@pytest.mark.parametrize(
    ("serving", "beside", "rules"),
    [
        (f"readinessProbe: {{{HANDLERS}}}", "workingDir: /m", ["K8S077"]),
        # A feature of the cluster says whether those beside it may have probes, and what becomes of them.
        ("workingDir: /m", "readinessProbe: {}", []),
        ("workingDir: /m", f"livenessProbe: {{{HANDLERS}}}", []),
    ],
)
def test_of_several_containers_the_one_that_serves_is_judged(serving: str, beside: str, rules: list[str]) -> None:
    text = KNATIVE_SERVICE.replace("FIELD", f"{beside}{TWO % serving}")
    assert [one.rule for one in told(text)] == rules


def test_a_grace_period_that_some_releases_drop_is_no_fault_of_a_child() -> None:
    grace = "readinessProbe: {httpGet: {path: /}, terminationGracePeriodSeconds: 0}"
    assert told(INFERENCE_SERVICE.replace("FIELD", grace)) == []


def test_a_warning_says_that_no_pod_can_be_made_and_counts_no_object_more() -> None:
    report = check(INFERENCE_SERVICE.replace("FIELD", FAULTS[0][0]), platforms=("kserve@0.20",))
    (found,) = [one for one in report.findings if one.severity > Severity.NOTE]
    assert found.message.startswith("no pod of this InferenceService can be made: the pod has no volume 'gone'")
    assert (found.severity, report.summary.valid) == (Severity.WARNING, 1)
    assert not report.summary.refused


def test_a_template_without_containers_stands_for_no_pod() -> None:
    assert told("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\nspec: {traffic: []}\n") == []


def test_a_container_without_a_name_gets_one() -> None:
    two = KNATIVE_SERVICE.replace("FIELD", 'name: ""\n        - image: models/proxy:1.0')
    assert told(two) == []
