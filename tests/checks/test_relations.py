"""Relations over a whole set: what scales what, what a route reaches, what one namespace lets another use."""

from __future__ import annotations

import json

import pytest

from becoming import become
from generator.checks.api import Options, check
from generator.checks.finding import Severity

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: digits, namespace: models}
spec:
  selector: {matchLabels: {app: digits}}
  template:
    metadata: {labels: {app: digits}}
    spec:
      containers:
        - {name: server, image: "models/server:1.0", resources: {requests: {cpu: 500m}}}
        - {name: proxy, image: "models/proxy:1.0", resources: {limits: {cpu: 100m}}}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: digits, namespace: models}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  maxReplicas: 6
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
"""
SCALED_OBJECT = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: digits, namespace: models}
spec:
  scaleTargetRef: {name: digits}
  triggers: [{type: prometheus, metadata: {serverAddress: "http://p:9090", query: q, threshold: "10"}}]
"""
MODEL = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: digits, namespace: models}
spec: {storageUri: "gs://models/digits/1", requirements: [sklearn], replicas: 1}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: digits, namespace: models}
spec: {selector: {app: digits}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
HTTP_ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits, namespace: models}
spec: {rules: [{backendRefs: [{name: digits, port: 80}]}]}
"""
GRPC_ROUTE = HTTP_ROUTE.replace("HTTPRoute", "GRPCRoute")
VIRTUAL_SERVICE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: digits, namespace: models}
spec: {hosts: [a.example.com], http: [{route: [{destination: {host: digits, port: {number: 80}}}]}]}
"""
DESTINATION_RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: digits, namespace: models}
spec: {host: digits.models.svc.cluster.local}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: digits, namespace: models}
spec:
  rules:
    - host: a.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: digits, port: {number: 80}}}}]}
"""
INFERENCE_SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  namespace: models
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: "https://example.com/digits/1/model.joblib"}
"""
OTHER_NAMESPACE = HTTP_ROUTE.replace("{name: digits, port: 80}", "{name: digits, namespace: others, port: 80}")
BARE = SERVICE.replace("selector: {app: digits}, ", "")
"""Whose pods somebody else tells."""
THERE = BARE.replace("namespace: models", "namespace: others")
GRANT = """\
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: models, namespace: others}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: models}]
  to: [{group: "", kind: Service}]
"""


def found(*documents: str, complete: bool = False, platforms: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Rule and path of what relations are told; with ``complete`` what an incomplete set leaves open too."""
    report = check("---\n".join(documents), options=Options(complete=complete), platforms=platforms)
    told = [one for one in report.findings if one.severity > Severity.NOTE]
    return [(one.rule, one.path) for one in told]


def called(document: str, name: str) -> str:
    """The object by another name of its own."""
    return document.replace("metadata: {name: digits", f"metadata: {{name: {name}", 1)


class TestScaledTwice:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (AUTOSCALER, called(AUTOSCALER, "other")),
            (AUTOSCALER, SCALED_OBJECT),
            (SCALED_OBJECT, called(SCALED_OBJECT, "other")),
        ],
    )
    def test_both_are_told(self, one: str, other: str) -> None:
        assert found(DEPLOYMENT, one, other) == [("REF020", "spec.scaleTargetRef.name")] * 2

    def test_the_same_object_twice_is_another_matter(self) -> None:
        assert found(DEPLOYMENT, AUTOSCALER, AUTOSCALER) == [("REF004", "metadata.name")]

    def test_in_another_namespace_it_is_another_deployment(self) -> None:
        assert found(DEPLOYMENT, AUTOSCALER, called(AUTOSCALER, "b").replace("namespace: models", "namespace: b")) == []

    def test_another_kind_by_the_same_name_is_not_meant(self) -> None:
        other = called(AUTOSCALER, "other").replace("kind: Deployment", "kind: StatefulSet")
        assert found(DEPLOYMENT, AUTOSCALER, other) == []

    def test_what_keda_made_of_one_is_no_second_one(self) -> None:
        owner = "ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: digits, uid: u}]"
        made = called(AUTOSCALER, "keda-hpa-digits").replace("namespace: models}", f"namespace: models, {owner}}}", 1)
        assert found(DEPLOYMENT, SCALED_OBJECT, made) == []


BUDGETED = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits, namespace: models}
spec:
  predictors:
    - name: main
      graph: {name: model, implementation: SKLEARN_SERVER, modelUri: "gs://models/digits/1"}
      componentSpecs:
        - spec: {containers: [{name: model, resources: {requests: {cpu: 500m}}}]}
          pdbSpec: {maxUnavailable: 1}
          hpaSpec:
            maxReplicas: 3
            metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 70}}]
"""
SCALED_SERVICE = INFERENCE_SERVICE.replace("  predictor:", "  predictor:\n    maxReplicas: 3\n    scaleTarget: 70")


class TestCopiesOutOfACluster:
    """People keep what ``kubectl get -o yaml`` says of a service in one folder: its children are no second ones."""

    @pytest.mark.parametrize(
        ("parent", "platform"),
        [(SCALED_SERVICE, "kserve@0.20"), (BUDGETED, "seldon-core-1@1.18")],
        ids=["kserve", "seldon-core-1"],
    )
    def test_children_beside_their_parent_are_silent(self, parent: str, platform: str) -> None:
        product, release = platform.split("@")
        made = [child.data for child in become(parent, release, product).outcome.children]
        assert {one["kind"] for one in made} >= {"Deployment", "HorizontalPodAutoscaler"}
        assert found(parent, *(json.dumps(one) + "\n" for one in made), platforms=(platform,)) == []

    def test_one_of_ones_own_by_that_name_is_replaced(self) -> None:
        own = called(AUTOSCALER, "digits-predictor").replace("name: digits}", "name: digits-predictor}")
        report = check(f"{SCALED_SERVICE}---\n{own}", options=Options(), platforms=())
        told = [one.message for one in report.findings if one.rule == "REF020"]
        assert len(told) == 1
        assert "so it replaces this one" in told[0]


GATEWAY_OF_KNATIVE = VIRTUAL_SERVICE.replace("host: digits", "host: knative-local-gateway.%s.svc.cluster.local")


class TestServicesOfThePlatform:
    def test_no_set_has_those_of_istio(self) -> None:
        assert found(GATEWAY_OF_KNATIVE % "istio-system", complete=True) == []

    def test_one_of_ones_own_has_to_be_there(self) -> None:
        there = "spec.http[0].route[0].destination.host"
        assert found(GATEWAY_OF_KNATIVE % "models", complete=True) == [("REF025", there)]


class TestRequests:
    def test_a_limit_is_a_request(self) -> None:
        assert found(DEPLOYMENT, AUTOSCALER) == []

    @pytest.mark.parametrize(
        ("metrics", "path"),
        [
            ("{type: Resource, resource: {name: cpu, %s}}", "resource"),
            ("{type: ContainerResource, containerResource: {container: server, name: cpu, %s}}", "containerResource"),
        ],
    )
    def test_a_container_without_one_leaves_no_share(self, metrics: str, path: str) -> None:
        share = "target: {type: Utilization, averageUtilization: 70}"
        scaler = AUTOSCALER[: AUTOSCALER.index("    - type")] + f"    - {metrics % share}\n"
        bare = DEPLOYMENT.replace(", resources: {requests: {cpu: 500m}}", "")
        assert found(bare, scaler) == [("REF021", f"spec.metrics[0].{path}")]

    def test_without_any_metric_it_is_the_cpu(self) -> None:
        scaler = AUTOSCALER[: AUTOSCALER.index("  metrics")]
        bare = DEPLOYMENT.replace(", resources: {requests: {cpu: 500m}}", "")
        assert found(bare, scaler) == [("REF021", "spec.maxReplicas")]

    @pytest.mark.parametrize(
        "change",
        [
            ("target: {type: Utilization, averageUtilization: 70}", "target: {type: AverageValue, averageValue: 500m}"),
            ("name: digits}\n  max", "name: others}\n  max"),
        ],
    )
    def test_an_amount_and_strangers_need_none(self, change: tuple[str, str]) -> None:
        bare = DEPLOYMENT.replace(", resources: {requests: {cpu: 500m}}", "")
        assert found(bare, AUTOSCALER.replace(*change)) == []

    def test_a_limit_range_may_fill_them_in(self) -> None:
        bare = DEPLOYMENT.replace(", resources: {requests: {cpu: 500m}}", "")
        limits = (
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: a, namespace: models}\n"
            "spec: {limits: [{type: Container, defaultRequest: {cpu: 100m}}]}\n"
        )
        assert found(bare, AUTOSCALER, limits) == []


class TestWithoutPods:
    SCALER = AUTOSCALER.replace("apps/v1, kind: Deployment", "mlops.seldon.io/v1alpha1, kind: Model")

    def test_a_model_has_none(self) -> None:
        assert found(MODEL, self.SCALER) == [("REF022", "spec.metrics[0]")]

    def test_a_metric_of_an_object_is_fine(self) -> None:
        metric = (
            "    - {type: Object, object: {metric: {name: rps}, target: {type: AverageValue, averageValue: 3}, "
            "describedObject: {apiVersion: mlops.seldon.io/v1alpha1, kind: Model, name: digits}}}\n"
        )
        scaler = self.SCALER[: self.SCALER.index("    - type")] + metric
        assert found(MODEL, scaler) == []
        assert found(MODEL.replace(", replicas: 1", ""), scaler) == [("REF022", "spec.scaleTargetRef.name")]

    @pytest.mark.parametrize(
        "scaled",
        [
            "serving.kserve.io/v1beta1, kind: InferenceService",
            "machinelearning.seldon.io/v1, kind: SeldonDeployment",
            "mlops.seldon.io/v1alpha1, kind: Pipeline",
        ],
    )
    def test_kinds_that_cant_be_scaled(self, scaled: str) -> None:
        scaler = AUTOSCALER.replace("apps/v1, kind: Deployment", scaled)
        assert found(scaler) == [("REF022", "spec.scaleTargetRef.name")]


class TestGrants:
    def test_one_is_asked_for(self) -> None:
        assert found(OTHER_NAMESPACE, THERE) == []
        assert found(OTHER_NAMESPACE, THERE, complete=True) == [
            ("REF023", "spec.rules[0].backendRefs[0].namespace"),
        ]

    def test_it_is_there(self) -> None:
        assert found(OTHER_NAMESPACE, THERE, GRANT, complete=True) == []

    @pytest.mark.parametrize(
        "change",
        [
            ("kind: HTTPRoute", "kind: GRPCRoute"),
            ("namespace: models}]", "namespace: strangers}]"),
            ("kind: Service}", "kind: Service, name: letters}"),
            ("kind: Service}", "kind: Secret}"),
            ("namespace: others", "namespace: elsewhere"),
        ],
    )
    def test_it_is_for_somebody_else(self, change: tuple[str, str]) -> None:
        rules = [rule for rule, _ in found(OTHER_NAMESPACE, THERE, GRANT.replace(*change), complete=True)]
        assert rules == ["REF023"]

    def test_a_mirror_and_a_certificate_need_one_too(self) -> None:
        mirror = "{type: RequestMirror, requestMirror: {backendRef: {name: digits, namespace: others, port: 80}}}"
        route = HTTP_ROUTE.replace("rules: [{", f"rules: [{{filters: [{mirror}], ")
        assert ("REF023", "spec.rules[0].filters[0].requestMirror.backendRef.namespace") in found(
            route, THERE, BARE, complete=True
        )
        gateway = (
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: a, namespace: models}\n"
            "spec: {gatewayClassName: a, listeners: [{name: a, port: 443, protocol: HTTPS, "
            "tls: {certificateRefs: [{name: a, namespace: others}]}}]}\n"
        )
        assert found(gateway, complete=True) == [("REF023", "spec.listeners[0].tls.certificateRefs[0].namespace")]


ROUTES = {
    "HTTPRoute": (HTTP_ROUTE, "spec.rules[0].backendRefs[0]", "name", "port"),
    "GRPCRoute": (GRPC_ROUTE, "spec.rules[0].backendRefs[0]", "name", "port"),
    "VirtualService": (VIRTUAL_SERVICE, "spec.http[0].route[0].destination", "host", "port.number"),
    "DestinationRule": (DESTINATION_RULE, "spec", "host", ""),
    "Ingress": (INGRESS, "spec.rules[0].http.paths[0].backend.service", "name", "port.number"),
}


@pytest.mark.parametrize(("route", "path", "name", "port"), ROUTES.values(), ids=ROUTES)
class TestRoutes:
    def test_the_service_is_there(self, route: str, path: str, name: str, port: str) -> None:
        assert found(route, BARE, complete=True) == []

    def test_it_is_not(self, route: str, path: str, name: str, port: str) -> None:
        assert found(route) == []
        assert [one for _, one in found(route, complete=True)] == [f"{path}.{name}"]

    def test_it_is_kserve_s_name_of_former_times(self, route: str, path: str, name: str, port: str) -> None:
        old = route.replace("name: digits, port", "name: digits-predictor-default, port")
        old = old.replace("host: digits", "host: digits-predictor-default")
        assert found(old, INFERENCE_SERVICE) == [("REF024", f"{path}.{name}")]
        assert found(old, INFERENCE_SERVICE, complete=True) == [("REF024", f"{path}.{name}")]
        assert found(old, INFERENCE_SERVICE.replace("Standard", "RawDeployment"), platforms=("kserve@0.15",)) == []
        assert found(old) == []

    def test_a_port_that_it_has_not(self, route: str, path: str, name: str, port: str) -> None:
        wrong = route.replace("port: 80}", "port: 8080}").replace("number: 80}", "number: 8080}")
        assert found(wrong, SERVICE) == ([("REF026", f"{path}.{port}")] if port else [])


def test_hosts_outside_the_cluster_are_no_services() -> None:
    route = VIRTUAL_SERVICE.replace("host: digits", "host: api.example.com")
    assert found(route, complete=True) == []


def test_a_named_port_of_an_ingress() -> None:
    assert found(INGRESS.replace("number: 80", "name: http"), SERVICE) == []
    path = "spec.rules[0].http.paths[0].backend.service.port.name"
    assert found(INGRESS.replace("number: 80", "name: grpc"), SERVICE) == [("REF026", path)]


def test_two_containers_on_one_port() -> None:
    ports = "ports: [{containerPort: 8080}]"
    text = DEPLOYMENT.replace('server:1.0"', f'server:1.0", {ports}').replace('proxy:1.0"', f'proxy:1.0", {ports}')
    assert found(text) == [("K8S140", "spec.template.spec.containers[1].ports[0].containerPort")]
    other = text.replace(f'proxy:1.0", {ports}', 'proxy:1.0", ports: [{containerPort: 8080, protocol: UDP}]')
    assert found(other) == []


BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: digits, namespace: models}
spec: {minAvailable: 1, selector: {matchLabels: {app: digits}}}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights, namespace: models}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
SELDON_DEPLOYMENT = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits, namespace: models}
spec:
  predictors:
    - name: stable
      graph: {name: classifier, type: MODEL}
      componentSpecs:
        - pdbSpec: {maxUnavailable: 1}
          spec: {containers: [{name: classifier, image: "models/digits:1.0"}]}
"""


class TestScalersOfNothing:
    @pytest.mark.parametrize("scaler", [AUTOSCALER, SCALED_OBJECT])
    def test_it_is_told_where_the_set_is_complete(self, scaler: str) -> None:
        assert found(scaler) == []
        assert found(scaler, complete=True) == [("REF040", "spec.scaleTargetRef.name")]
        assert found(DEPLOYMENT, scaler, complete=True) == []

    def test_what_a_controller_makes_is_there(self) -> None:
        scaler = AUTOSCALER.replace("kind: Deployment, name: digits}", "kind: Deployment, name: digits-predictor}")
        service = INFERENCE_SERVICE.replace("Standard}", "Standard, serving.kserve.io/autoscalerClass: external}")
        assert found(service, scaler, complete=True) == []

    def test_an_old_name_is_told_as_one(self) -> None:
        scaler = AUTOSCALER.replace("Deployment, name: digits}", "Deployment, name: digits-predictor-default}")
        assert found(INFERENCE_SERVICE, scaler, complete=True) == [("REF024", "spec.scaleTargetRef.name")]


class TestSelectors:
    @pytest.mark.parametrize("which", [SERVICE, BUDGET])
    def test_of_nothing(self, which: str) -> None:
        assert found(which) == []
        assert [rule for rule, _ in found(which, complete=True)] == ["REF044"]
        assert found(DEPLOYMENT, which, complete=True) == []

    def test_the_name_of_kserve_s_deployment_is_no_label(self) -> None:
        service = SERVICE.replace("app: digits}", "app: digits-predictor}")
        assert found(INFERENCE_SERVICE, service) == [("REF041", "spec.selector.app")]
        assert found(INFERENCE_SERVICE, service.replace("app: digits", "app: isvc.digits")) == []

    def test_a_named_port_that_no_container_has(self) -> None:
        service = SERVICE.replace("targetPort: 8080", "targetPort: web")
        assert found(DEPLOYMENT, service) == [("REF043", "spec.ports[0].targetPort")]
        named = DEPLOYMENT.replace('"models/proxy:1.0"', '"models/proxy:1.0", ports: [{name: web, containerPort: 1}]')
        assert found(named, service) == []
        assert found(service) == []


class TestBudgets:
    def test_two_of_the_files(self) -> None:
        assert found(DEPLOYMENT, BUDGET, called(BUDGET, "other")) == [("REF042", "spec.selector")] * 2

    def test_of_other_pods(self) -> None:
        other = called(BUDGET, "other").replace("app: digits", "app: letters")
        assert found(DEPLOYMENT, BUDGET, other) == []

    def test_one_that_seldon_core_makes(self) -> None:
        own = BUDGET.replace("{app: digits}", "{seldon-deployment-id: digits}")
        assert found(SELDON_DEPLOYMENT, own) == [("REF042", "spec.selector")]
        assert found(SELDON_DEPLOYMENT.replace("pdbSpec: {maxUnavailable: 1}\n          ", ""), own) == []


class TestClaims:
    MOUNTING = DEPLOYMENT.replace("  selector:", "  replicas: 2\n  selector:") + (
        "      volumes: [{name: weights, persistentVolumeClaim: {claimName: weights}}]\n"
    )
    PATH = "spec.template.spec.volumes[0].persistentVolumeClaim.claimName"

    def test_several_pods_on_a_claim_of_one_node(self) -> None:
        assert found(self.MOUNTING, CLAIM) == [("REF045", self.PATH)]

    @pytest.mark.parametrize("mode", ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce, ReadOnlyMany"])
    def test_a_claim_of_several(self, mode: str) -> None:
        assert found(self.MOUNTING, CLAIM.replace("ReadWriteOnce", mode)) == []

    def test_one_pod(self) -> None:
        one = self.MOUNTING.replace("replicas: 2", "replicas: 1")
        assert found(one, CLAIM) == []
        assert found(one, CLAIM, AUTOSCALER.replace("  maxReplicas", "  minReplicas: 2\n  maxReplicas")) == [
            ("REF045", self.PATH)
        ]

    def test_a_model_of_several_pods(self) -> None:
        model = INFERENCE_SERVICE.replace('"https://example.com/digits/1/model.joblib"', "pvc://weights/digits")
        several = model.replace("    model:", "    minReplicas: 2\n    maxReplicas: 3\n    model:")
        assert found(several, CLAIM) == [("REF046", "spec.predictor.model.storageUri")]
        assert found(model, CLAIM) == []
