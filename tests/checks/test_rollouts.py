"""Argo's Rollouts that take the pods' template of another workload."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check
from generator.checks.finding import Finding, Severity

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: digits, namespace: models}
spec:
  replicas: 0
  selector: {matchLabels: {app: digits}}
  template:
    metadata: {labels: {app: digits}}
    spec:
      containers: [{name: server, image: "models/server:1.0", ports: [{name: web, containerPort: 8080}]}]
      volumes: [{name: weights, persistentVolumeClaim: {claimName: weights}}]
"""
ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: canary, namespace: models}
spec:
  replicas: 2
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: digits, scaleDown: onsuccess}
  strategy: {canary: {}}
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: digits, namespace: models}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  maxReplicas: 6
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
"""
SCALED_OBJECT = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: digits, namespace: models}
spec:
  scaleTargetRef: {name: digits}
  triggers: [{type: prometheus, metadata: {serverAddress: "http://p:9090", query: q, threshold: "10"}}]
"""
OF_ROLLOUT = AUTOSCALER.replace(
    "apps/v1, kind: Deployment, name: digits", "argoproj.io/v1alpha1, kind: Rollout, name: canary"
)
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights, namespace: models}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: digits, namespace: models}
spec: {selector: {app: digits}, ports: [{name: http, port: 80, targetPort: web}]}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: digits, namespace: models}
spec: {minAvailable: 1, selector: {matchLabels: {app: digits}}}
"""
REPLICA_SET = DEPLOYMENT.replace("kind: Deployment", "kind: ReplicaSet")
POD_TEMPLATE = """\
apiVersion: v1
kind: PodTemplate
metadata: {name: digits, namespace: models}
template:
  metadata: {labels: {app: digits}}
  spec:
    containers: [{name: server, image: "models/server:1.0", ports: [{name: web, containerPort: 8080}]}]
"""
INFERENCE_SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: "https://example.com/digits/1/model.joblib"}
"""
SHARE = "spec.metrics[0].resource"
QUEUE = "{type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 30}}}"
TO_ZERO = f"{AUTOSCALER.partition('  metrics:')[0]}  minReplicas: 0\n  metrics: [{QUEUE}]\n"


def told(*documents: str, complete: bool = False) -> list[Finding]:
    report = check("---\n".join(documents), options=Options(complete=complete))
    return [one for one in report.findings if one.severity > Severity.NOTE]


def found(*documents: str, complete: bool = False) -> list[tuple[str, str]]:
    return [(one.rule, one.path) for one in told(*documents, complete=complete)]


def of(kind: str, version: str) -> str:
    """A Rollout of another kind's template."""
    return ROLLOUT.replace("apps/v1, kind: Deployment", f"{version}, kind: {kind}")


class TestTheTemplate:
    @pytest.mark.parametrize(
        ("lender", "rollout"),
        [
            (DEPLOYMENT, ROLLOUT),
            (REPLICA_SET, of("ReplicaSet", "apps/v1")),
            (POD_TEMPLATE, of("PodTemplate", "v1")),
        ],
    )
    def test_it_is_the_other_s(self, lender: str, rollout: str) -> None:
        assert found(lender, rollout, OF_ROLLOUT) == [("REF021", SHARE)]
        asking = lender.replace('server:1.0"', 'server:1.0", resources: {requests: {cpu: 1}}')
        assert found(asking, rollout, OF_ROLLOUT) == []

    def test_it_is_the_other_s_in_its_own_namespace(self) -> None:
        assert found(DEPLOYMENT.replace("namespace: models", "namespace: others"), ROLLOUT, OF_ROLLOUT) == []

    def test_none_of_two_is_known_to_be_the_one(self) -> None:
        rollout, scaler = (text.replace(", namespace: models", "") for text in (ROLLOUT, OF_ROLLOUT))
        other = DEPLOYMENT.replace("namespace: models", "namespace: others")
        assert found(DEPLOYMENT, rollout, scaler) == [("REF021", SHARE)]
        assert found(DEPLOYMENT, other, rollout, scaler) == []

    def test_its_own_where_it_has_one(self) -> None:
        own = DEPLOYMENT.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
        own = own.replace("name: digits, n", "name: canary, n").replace("  replicas: 0\n", "  strategy: {canary: {}}\n")
        assert found(own, OF_ROLLOUT) == [("REF021", SHARE)]

    def test_selectors_meet_its_pods(self) -> None:
        assert found(POD_TEMPLATE, of("PodTemplate", "v1"), SERVICE, BUDGET, complete=True) == []
        unnamed = POD_TEMPLATE.replace("name: web, ", "")
        assert found(unnamed, of("PodTemplate", "v1"), SERVICE) == [("REF043", "spec.ports[0].targetPort")]

    def test_two_budgets(self) -> None:
        other = BUDGET.replace("name: digits", "name: other", 1)
        sets = (POD_TEMPLATE, of("PodTemplate", "v1"))
        assert found(*sets, BUDGET, other) == [("REF042", "spec.selector")] * 2


class TestClaims:
    PATH = "spec.template.spec.volumes[0].persistentVolumeClaim.claimName"

    def test_the_rollout_s_pods_are_counted(self) -> None:
        assert found(DEPLOYMENT, ROLLOUT, CLAIM) == [("REF045", self.PATH)]

    def test_also_those_that_its_autoscaler_asks_for(self) -> None:
        one = ROLLOUT.replace("replicas: 2", "replicas: 1")
        scaler = OF_ROLLOUT.replace("  maxReplicas", "  minReplicas: 3\n  maxReplicas").partition("  metrics:")[0]
        asking = DEPLOYMENT.replace('server:1.0"', 'server:1.0", resources: {requests: {cpu: 1}}')
        assert found(asking, one, CLAIM) == []
        assert found(asking, one, CLAIM, scaler) == [("REF045", self.PATH)]

    @pytest.mark.parametrize(
        "rollout", [ROLLOUT.replace("namespace: models", "namespace: others"), ROLLOUT.replace("digits", "letters")]
    )
    def test_another_s_are_not(self, rollout: str) -> None:
        assert found(DEPLOYMENT, rollout, CLAIM) == []


class TestScaledTwice:
    ASKING = DEPLOYMENT.replace('server:1.0"', 'server:1.0", resources: {requests: {cpu: 1}}')

    @pytest.mark.parametrize(
        ("scaler", "outcome"),
        [
            (AUTOSCALER, "down to 0, where an autoscaler stops"),
            (TO_ZERO, "what one takes down, the other brings back"),
            (SCALED_OBJECT, "what one takes down, the other brings back"),
        ],
    )
    @pytest.mark.parametrize("how", ["onsuccess", "progressively"])
    def test_the_rollout_takes_it_down(self, how: str, scaler: str, outcome: str) -> None:
        (one,) = told(self.ASKING, ROLLOUT.replace("onsuccess", how), scaler)
        assert (one.rule, one.path, one.fix) == (
            "REF020",
            "spec.scaleTargetRef.name",
            "Scale the Rollout canary instead.",
        )
        assert one.message == f"the Rollout canary scales the Deployment digits as well: {outcome}"

    @pytest.mark.parametrize(
        ("rollout", "scaler"),
        [
            (ROLLOUT.replace("onsuccess", "never"), AUTOSCALER),
            (ROLLOUT.replace(", scaleDown: onsuccess", ""), AUTOSCALER),
            (ROLLOUT.replace("namespace: models", "namespace: others"), AUTOSCALER),
            (ROLLOUT, OF_ROLLOUT),
            (ROLLOUT.replace("name: digits", "name: letters"), AUTOSCALER),
        ],
    )
    def test_it_leaves_it_alone(self, rollout: str, scaler: str) -> None:
        assert found(self.ASKING, rollout, scaler) == []

    def test_what_is_no_deployment_is_never_taken_down(self) -> None:
        scaler = AUTOSCALER.replace("kind: Deployment", "kind: ReplicaSet")
        assert (
            found(self.ASKING.replace("kind: Deployment", "kind: ReplicaSet"), of("ReplicaSet", "apps/v1"), scaler)
            == []
        )


class TestNobodyToTakeItFrom:
    PATH = "spec.workloadRef.name"
    LENDER = DEPLOYMENT.partition("      volumes:")[0]

    def test_a_note_and_a_warning_where_the_set_is_complete(self) -> None:
        notes = check(ROLLOUT, options=Options()).findings
        assert [(one.rule, one.severity, one.path) for one in notes] == [("REF052", Severity.NOTE, self.PATH)]
        assert found(ROLLOUT, complete=True) == [("REF052", self.PATH)]
        elsewhere = self.LENDER.replace("namespace: models", "namespace: others")
        assert found(elsewhere, ROLLOUT, complete=True) == [("REF052", self.PATH)]

    @pytest.mark.parametrize("lender", [LENDER, LENDER.replace(", namespace: models", "")])
    def test_there(self, lender: str) -> None:
        assert found(lender, ROLLOUT, complete=True) == []

    def test_a_controller_makes_it(self) -> None:
        rollout = ROLLOUT.replace("name: digits", "name: digits-predictor")
        assert found(INFERENCE_SERVICE, rollout, complete=True) == []
        assert found(INFERENCE_SERVICE, ROLLOUT, complete=True) == [("REF052", self.PATH)]

    def test_not_told_of_a_kind_that_has_no_template_for_it(self) -> None:
        assert found(of("StatefulSet", "apps/v1"), complete=True) == [("K8S163", "spec.workloadRef")]


class TestRefused:
    @pytest.mark.parametrize(
        ("template", "refused"),
        [
            ("{metadata: {labels: {a: b}}, spec: {containers: []}}", True),
            ("{metadata: {annotations: {a: b}}, spec: {containers: []}}", True),
            ("{metadata: {labels: {}}, spec: {containers: []}}", False),
            ("{metadata: {}, spec: {containers: []}}", False),
            ("{spec: {containers: [{name: a, image: b:1}]}}", False),
        ],
    )
    def test_a_template_of_its_own_beside_it(self, template: str, refused: bool) -> None:
        rollout = ROLLOUT + f"  template: {template}\n"
        assert found(DEPLOYMENT, rollout) == ([("K8S162", "spec.template")] if refused else [])

    def test_of_a_kind_without_one_the_kind_is_the_fault(self) -> None:
        rollout = of("StatefulSet", "apps/v1") + "  template: {metadata: {labels: {a: b}}, spec: {containers: []}}\n"
        assert found(rollout) == [("K8S163", "spec.workloadRef")]

    @pytest.mark.parametrize(
        ("reference", "refused"),
        [
            ("{kind: Deployment, name: digits}", True),
            ("{apiVersion: apps, kind: Deployment, name: digits}", True),
            ("{apiVersion: apps/v1, name: digits}", True),
            ("{apiVersion: apps/v1, kind: StatefulSet, name: digits}", True),
            ("{apiVersion: v1, kind: PodTemplate, name: digits}", False),
            ("{apiVersion: apps/v1, kind: ReplicaSet, name: digits}", False),
            ("{}", True),
        ],
    )
    def test_kinds(self, reference: str, refused: bool) -> None:
        rollout = ROLLOUT.partition("  workloadRef:")[0] + f"  workloadRef: {reference}\n  strategy: {{canary: {{}}}}\n"
        assert found(rollout) == ([("K8S163", "spec.workloadRef")] if refused else [])

    @pytest.mark.parametrize(
        ("word", "fix"),
        [
            ("onSuccess", "Write onsuccess."),
            ("Progressively", "Write progressively."),
            ("always", "Write onsuccess, progressively or never."),
        ],
    )
    def test_scaled_down_by_no_word(self, word: str, fix: str) -> None:
        (one,) = told(DEPLOYMENT, ROLLOUT.replace("onsuccess", word))
        assert (one.rule, one.path, one.fix) == ("K8S164", "spec.workloadRef.scaleDown", fix)

    @pytest.mark.parametrize("word", ["onsuccess", "progressively", "never", "Never", '""'])
    def test_scaled_down_by_a_word(self, word: str) -> None:
        assert found(DEPLOYMENT, ROLLOUT.replace("onsuccess", word)) == []
