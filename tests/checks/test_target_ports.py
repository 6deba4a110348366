"""Numbers of ports in Services, held against the pods that they select."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Finding, Severity

PORT = "ports: [{name: http, containerPort: 8080}]"
DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: digits, namespace: models}}
spec:
  selector: {{matchLabels: {{app: digits}}}}
  template:
    metadata: {{labels: {{app: digits}}}}
    spec:
      containers: [{{name: server, image: "models/server:1.0", {PORT}}}]
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: mine, namespace: models}
spec: {selector: {app: digits}, ports: [PORTS]}
"""
INFERENCE_SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: "https://example.com/digits/1/model.joblib"}
"""
CUSTOM = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    containers: [{name: kserve-container, image: "models/server:1.0", ports: [{containerPort: 9090}]}]
"""
SELDON_DEPLOYMENT = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits, namespace: models}
spec:
  predictors:
    - name: default
      replicas: 1
      componentSpecs: [{spec: {containers: [{name: server, image: "models/server:1.0"}]}}]
      graph: {name: server}
"""
SERVER = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: digits, namespace: models}
spec:
  serverConfig: nobody-s
  podSpec: {containers: [{name: server, image: "models/server:1.0", ports: [{containerPort: 9090}]}]}
"""
TARGET, OWN = "spec.ports[0].targetPort", "spec.ports[0].port"
RULES = ("REF043", "REF053", "REF054")


def service(ports: str, selector: str = "app: digits") -> str:
    return SERVICE.replace("PORTS", ports).replace("app: digits", selector)


def of_kserve(ports: str) -> str:
    return service(ports, "app: isvc.digits-predictor")


def told(*documents: str, platforms: tuple[str, ...] = ()) -> list[Finding]:
    found = check("---\n".join(documents), options=Options(), platforms=platforms).findings
    return [one for one in found if one.rule in RULES]


def found(*documents: str, platforms: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in told(*documents, platforms=platforms)]


def sidecar(fields: str) -> str:
    """The Deployment with one container more."""
    return DEPLOYMENT.replace("]}]\n", f']}}, {{name: proxy, image: "models/proxy:1.0", {fields}}}]\n')


class TestDeclared:
    def test_a_note(self) -> None:
        (one,) = told(DEPLOYMENT, service("{port: 80}"))
        assert (one.rule, one.severity, one.path) == ("REF053", Severity.NOTE, OWN)
        assert (
            one.message
            == "the containers of the Deployment digits declare 8080, and not 80: maybe nobody answers there"
        )

    @pytest.mark.parametrize(
        ("ports", "paths"),
        [
            ("{port: 80, targetPort: 8081}", [TARGET]),
            ("{port: 8080, targetPort: 80}", [TARGET]),
            ("{port: 8080}", []),
            ("{port: 80, targetPort: 8080}", []),
            ("{port: 80, targetPort: http}", []),
            ("{name: a, port: 80}, {name: b, port: 443}", [OWN, "spec.ports[1].port"]),
            ("{name: a, port: 80, targetPort: 8080}, {name: b, port: 9090}", []),
            ("{name: a, port: 80, targetPort: http}, {name: b, port: 9090}", []),
        ],
    )
    def test_none_of_the_service_s_is(self, ports: str, paths: list[str]) -> None:
        assert found(DEPLOYMENT, service(ports)) == [("REF053", path) for path in paths]

    @pytest.mark.parametrize(
        ("deployment", "told"),
        [
            (DEPLOYMENT.replace(PORT, "ports: []"), False),
            (sidecar("args: [a]"), False),
            (sidecar("ports: [{containerPort: 90}]"), True),
            (sidecar("ports: [{containerPort: 80}]"), False),
            (DEPLOYMENT.replace(PORT, f"{PORT}, args: ['--admin-port=80']"), False),
            (DEPLOYMENT.replace(PORT, f"{PORT}, args: ['--limit=800']"), True),
            (DEPLOYMENT.replace(PORT, f"{PORT}, args: ['--limit=180']"), True),
            (DEPLOYMENT.replace(PORT, f"{PORT}, env: [{{name: PORT, value: '80'}}]"), False),
            (DEPLOYMENT.replace(PORT, f"{PORT}, readinessProbe: {{tcpSocket: {{port: 80}}}}"), False),
            (DEPLOYMENT.replace("containerPort: 8080", "containerPort: 8080, hostPort: 80"), True),
            (
                DEPLOYMENT.replace("labels: {app: digits}", "labels: {app: digits}, annotations: {a/inject: 'true'}"),
                False,
            ),
        ],
    )
    def test_all_of_the_pod_speaks_for_it(self, deployment: str, told: bool) -> None:
        assert found(deployment, service("{port: 80}")) == ([("REF053", OWN)] if told else [])

    def test_of_several_workloads_one_is_enough(self) -> None:
        other = DEPLOYMENT.replace("name: digits,", "name: green,").replace("8080", "80")
        assert found(DEPLOYMENT, other, service("{port: 80}")) == []
        assert found(DEPLOYMENT, other.replace("containerPort: 80", "containerPort: 81"), service("{port: 80}")) == [
            ("REF053", OWN)
        ]

    @pytest.mark.parametrize(
        "change",
        [
            ("spec: {", "spec: {clusterIP: None, "),
            ("app: digits", "app: others"),
            ("models}", "others}"),
            ("port: 80", "port: 15020"),
            ("port: 80", "port: 9081"),
        ],
    )
    def test_not_of_services_without_a_port_or_pods(self, change: tuple[str, str]) -> None:
        assert found(DEPLOYMENT, service("{port: 80}").replace(*change, 1)) == []

    def test_a_controller_s_pods_with_a_server_of_one_s_own(self) -> None:
        assert found(CUSTOM, of_kserve("{port: 8080}")) == [("REF053", OWN)]
        assert found(CUSTOM, of_kserve("{port: 80, targetPort: 9090}")) == []
        logged = CUSTOM.replace("  predictor:\n", "  predictor:\n    logger: {mode: all, url: 'http://log'}\n")
        assert found(logged, of_kserve("{port: 9081}")) == []

    def test_not_where_the_controller_declares_them(self) -> None:
        assert found(SELDON_DEPLOYMENT, service("{port: 80}", "seldon-deployment-id: digits")) == []

    def test_not_where_half_of_the_pod_is_known(self) -> None:
        assert found(SERVER, service("{port: 80}", "seldon-server-name: digits")) == []


class TestListening:
    def test_a_warning(self) -> None:
        (one,) = told(INFERENCE_SERVICE, of_kserve("{port: 80}"), platforms=("kserve@0.20",))
        assert (one.rule, one.severity, one.path) == ("REF054", Severity.WARNING, OWN)
        assert one.message == (
            "nobody answers on 80 of the Deployment digits-predictor that KServe makes of the InferenceService digits: kserve-sklearnserver speaks HTTP on 8080 and gRPC on 8081"
        )

    @pytest.mark.parametrize(
        ("ports", "paths"),
        [
            ("{port: 80, targetPort: 8080}", []),
            ("{port: 80, targetPort: 8081}", []),
            ("{port: 8080}", []),
            ("{port: 80, targetPort: 9000}", [TARGET]),
            ("{name: a, port: 80, targetPort: 8080}, {name: b, port: 9000}", ["spec.ports[1].port"]),
            *((f"{{port: {port}}}", []) for port in (9081, 15020, 4191)),
        ],
    )
    def test_where(self, ports: str, paths: list[str]) -> None:
        assert found(INFERENCE_SERVICE, of_kserve(ports)) == [("REF054", path) for path in paths]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("name: sklearn}", "name: sklearn}, args: ['--http_port=80']"),
            ("name: sklearn}", "name: sklearn}, env: [{name: SERVER_PORT, value: '80'}]"),
            ("name: sklearn}", "name: sklearn}, image: 'models/server:1.0'"),
            ("name: sklearn}", "name: sklearn}, ports: [{containerPort: 80}]"),
            ("name: sklearn}", "name: sklearn}, protocolVersion: v2"),
            ("name: sklearn}", "name: sklearn}, runtime: our-own"),
            ("  predictor:\n", "  predictor:\n    containers: [{name: proxy, image: 'models/proxy:1.0'}]\n"),
            ("  predictor:\n", "  predictor:\n    annotations: {sidecar.opentelemetry.io/inject: metrics}\n"),
            ("Standard}", "Knative}"),
            ("name: sklearn}", "name: digits}"),
            ("name: sklearn}", "name: huggingface}"),
        ],
    )
    def test_not_where_it_isn_t_sure(self, old: str, new: str) -> None:
        assert old in INFERENCE_SERVICE
        assert found(INFERENCE_SERVICE.replace(old, new), of_kserve("{port: 80}")) == []

    def test_other_components_listen_elsewhere(self) -> None:
        transformed = INFERENCE_SERVICE + (
            "  transformer: {containers: [{name: kserve-container, image: 'models/transformer:1.0'}]}\n"
        )
        label = "serving.kserve.io/inferenceservice: digits"
        assert found(INFERENCE_SERVICE, service("{port: 80}", label)) == [("REF054", OWN)]
        assert found(transformed, service("{port: 80}", label)) == []
        assert found(transformed, of_kserve("{port: 80}")) == [("REF054", OWN)]

    def test_a_canary_of_another_runtime(self) -> None:
        canary = "  canary: [{trafficPercent: 10, predictor: {name: next, model: {modelFormat: {name: FORMAT}, storageUri: 's3://a/b'}}}]\n"
        label = "serving.kserve.io/inferenceservice: digits"
        both = INFERENCE_SERVICE + canary.replace("FORMAT", "tensorflow")
        at = ("kserve@0.21",)
        assert found(both, service("{port: 9000}", label), platforms=at) == []
        assert found(both, service("{port: 9001}", label), platforms=at) == [("REF054", OWN)]
        assert (
            found(INFERENCE_SERVICE + canary.replace("FORMAT", "digits"), service("{port: 80}", label), platforms=at)
            == []
        )

    def test_each_release_that_is_asked_for(self) -> None:
        both = ("kserve@0.17", "kserve@0.20")
        assert found(INFERENCE_SERVICE, of_kserve("{port: 80}"), platforms=both) == [("REF054", OWN)]
