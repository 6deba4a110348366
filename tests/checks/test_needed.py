"""What pods name and the given files don't have."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: digits, namespace: models}
spec:
  selector: {matchLabels: {app: digits}}
  template:
    metadata: {labels: {app: digits}}
    spec:
      POD
      containers: [{name: server, image: "models/server:1.0", CONTAINER}]
"""
CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: digits, namespace: models}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          POD
          containers: [{name: train, image: "models/trainer:1.0", CONTAINER}]
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: digits, namespace: models}
spec:
  POD
  containers: [{name: train, image: "models/trainer:1.0", CONTAINER}]
"""
ROLLOUT = DEPLOYMENT.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
KNATIVE_SERVICE = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: digits, namespace: models}
spec:
  template:
    spec:
      POD
      containers: [{image: "models/server:1.0", CONTAINER}]
"""
INFERENCE_SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    POD
    containers: [{name: kserve-container, image: "models/server:1.0", CONTAINER}]
"""
MODEL = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    POD
    model: {modelFormat: {name: sklearn}, storageUri: "gs://models/digits/1", CONTAINER}
"""
SELDON_DEPLOYMENT = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits, namespace: models}
spec:
  predictors:
    - name: default
      replicas: 1
      componentSpecs:
        - spec:
            POD
            containers: [{name: server, image: "models/server:1.0", CONTAINER}]
      graph: {name: server}
"""
LLM_WORKER = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: chat, namespace: models}
spec:
  model: {uri: "hf://acme/chat", name: chat}
  parallelism: {data: 2, dataLocal: 1}
  template: {containers: [{name: main}]}
  worker:
    POD
    containers: [{name: main, CONTAINER}]
"""
LLM_SCHEDULER = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: chat, namespace: models}
spec:
  model: {uri: "hf://acme/chat", name: chat}
  router:
    scheduler:
      template:
        POD
        containers: [{name: main, CONTAINER}]
"""
RUNTIME = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: mine, namespace: models}
spec:
  supportedModelFormats: [{name: digits, version: "1"}]
  POD
  containers: [{name: kserve-container, image: "models/server:1.0", CONTAINER}]
"""
SERVER = """\
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata: {name: mine, namespace: models}
spec:
  serverConfig: mlserver
  podSpec:
    POD
    containers: [{name: mlserver, CONTAINER}]
"""
PLAIN = {"Deployment": DEPLOYMENT, "CronJob": CRON_JOB, "Pod": POD, "Rollout": ROLLOUT, "Knative": KNATIVE_SERVICE}
EVERY = {**PLAIN, "InferenceService": INFERENCE_SERVICE, "a model": MODEL, "SeldonDeployment": SELDON_DEPLOYMENT}
EVERY |= {"an LLM": LLM_WORKER, "its scheduler": LLM_SCHEDULER, "ServingRuntime": RUNTIME, "Server": SERVER}

SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: models}\n"
STORE = "apiVersion: v1\nkind: Secret\nmetadata: {name: store, namespace: models}\n"
READER = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader, namespace: models}\n"
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights, namespace: models}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
"""
PLATFORMS = (
    "kserve@0.20",
    "seldon-core-2@2.10",
    "seldon-core-1@1.18",
    "argo-rollouts@1.9",
    "kubernetes@1.34",
    "knative-serving@1.23",
)
ALL = frozenset(f"REF0{number}" for number in range(48, 52))

ENV = "env: [{name: A, valueFrom: {%s: {name: %s, key: a}}}]"
ENV_FROM = "envFrom: [{%s: {name: %s}}]"
VOLUME = "volumes: [{name: v, %s}]"


def workload(text: str, pod: str = "", container: str = "") -> str:
    return text.replace("POD", pod or "{}").replace("{}\n", "\n").replace("CONTAINER", container)


def found(*documents: str, complete: bool = True) -> list[tuple[str, str, str]]:
    """Rule, severity and the end of the path of what is told as missing."""
    report = check("---\n".join(documents), platforms=PLATFORMS, options=Options(complete=complete))
    assert not report.summary.errors, report.findings
    return [
        (one.rule, one.severity.name.lower(), one.path.rpartition(".")[2]) for one in report.findings if one.rule in ALL
    ]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("container", [ENV % ("configMapKeyRef", "settings"), ENV_FROM % ("configMapRef", "settings")])
def test_a_container_waits_for_the_config_map_of_its_environment(kind: str, container: str) -> None:
    text = workload(EVERY[kind], container=container)
    assert found(text) == [("REF049", "warning", "name")]
    assert found(text, complete=False) == [("REF049", "note", "name")]
    assert found(text, SETTINGS) == []
    assert found(text, SETTINGS.replace("namespace: models", "namespace: others")) != []
    assert found(text.replace("name: settings", "name: settings, optional: true")) == []


@pytest.mark.parametrize("kind", [kind for kind in EVERY if kind not in ("InferenceService", "a model")])
@pytest.mark.parametrize("container", [ENV % ("secretKeyRef", "store"), ENV_FROM % ("secretRef", "store")])
def test_a_container_waits_for_the_secret_of_its_environment(kind: str, container: str) -> None:
    text = workload(EVERY[kind], container=container)
    assert found(text) == [("REF050", "warning", "name")]
    assert found(text, STORE) == []
    made = STORE.replace("apiVersion: v1\nkind: Secret", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret")
    assert found(text, made + "spec: {}\n") == []


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    ("volume", "rule", "field", "there"),
    [
        ("configMap: {name: settings}", "REF049", "name", SETTINGS),
        ("projected: {sources: [{configMap: {name: settings}}]}", "REF049", "name", SETTINGS),
        ("secret: {secretName: store}", "REF050", "secretName", STORE),
        ("projected: {sources: [{secret: {name: store}}]}", "REF050", "name", STORE),
        ("persistentVolumeClaim: {claimName: weights}", "REF051", "claimName", CLAIM),
    ],
)
def test_a_pod_waits_for_what_its_volumes_are_made_of(
    kind: str, volume: str, rule: str, field: str, there: str
) -> None:
    text = workload(EVERY[kind], VOLUME % volume)
    assert found(text) == [(rule, "warning", field)]
    assert found(text, there) == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, "serviceAccountName") for kind in PLAIN),
        *((kind, "serviceAccount") for kind in PLAIN if kind != "Knative"),  # which doesn't know the old name
    ],
)
def test_no_pod_is_made_without_its_account(kind: str, field: str) -> None:
    text = workload(PLAIN[kind], f"{field}: reader")
    assert found(text) == [("REF048", "warning", field)]
    assert found(text, READER) == []
    assert found(text.replace("reader", "default")) == []


@pytest.mark.parametrize("name", ["kube-root-ca.crt", "istio-ca-root-cert"])
def test_what_the_cluster_puts_into_each_namespace_is_there(name: str) -> None:
    assert found(workload(DEPLOYMENT, VOLUME % f"configMap: {{name: {name}}}")) == []


def test_a_bundle_of_certificates_makes_a_config_map_of_its_name() -> None:
    bundle = "apiVersion: trust.cert-manager.io/v1alpha1\nkind: Bundle\nmetadata: {name: settings}\nspec: {}\n"
    assert found(workload(DEPLOYMENT, VOLUME % "configMap: {name: settings}"), bundle) == []


@pytest.mark.parametrize(
    ("claim", "missing"), [("data-store-0", False), ("data-store-x", True), ("data-other-0", True)]
)
def test_a_stateful_set_makes_its_claims(claim: str, missing: bool) -> None:
    store = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: models}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers: [{name: store, image: "minio:1", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
    text = workload(POD, VOLUME % f"persistentVolumeClaim: {{claimName: {claim}}}")
    assert found(store, text) == ([("REF051", "warning", "claimName")] if missing else [])


def test_an_llm_waits_for_the_claim_that_it_is_mounted_from() -> None:
    text = workload(LLM_SCHEDULER).replace("hf://acme/chat", "pvc://weights/chat")
    assert found(text) == [("REF051", "warning", "uri")]
    assert found(text, CLAIM) == []
