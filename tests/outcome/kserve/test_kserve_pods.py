"""The pods as KServe's pod webhook leaves them, and the models that the controller itself brings."""

from __future__ import annotations

from typing import Any

import pytest

from becoming import children, container, pods, variables, words

STANDARD = "annotations: {serving.kserve.io/deploymentMode: Standard%s}"


def service(predictor: str, more: str = "") -> str:
    """An InferenceService."""
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: ml, {STANDARD % more}}}
spec: {{predictor: {{{predictor}}}}}
"""


def model(uri: str) -> str:
    """A model of an address."""
    return f"model: {{modelFormat: {{name: sklearn}}, storageUri: '{uri}'}}"


def pod(text: str, release: str = "0.20") -> Any:
    """The predictor's pod."""
    (found,) = pods(text, release)
    return found


@pytest.mark.parametrize(("release", "variables_told"), [("0.15", 0), ("0.16", 3), ("0.21", 3)])
def test_a_model_is_fetched_into_a_folder_that_what_serves_reads(release: str, variables_told: int) -> None:
    text = service(model("s3://a/b")).replace("Standard", "RawDeployment")
    spec = pod(text, release).data["spec"]
    (init,) = spec["initContainers"]
    assert init["args"] == ["s3://a/b", "/mnt/models"]
    assert init["image"].startswith("kserve/storage-initializer:v")
    assert len(init.get("env", ())) == variables_told
    assert init["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}
    mount = {"name": "kserve-provision-location", "mountPath": "/mnt/models"}
    assert init["volumeMounts"] == [mount]
    assert spec["containers"][0]["volumeMounts"] == [{**mount, "readOnly": True}]
    assert spec["volumes"] == [{"name": "kserve-provision-location", "emptyDir": {}}]


def test_a_claim_is_mounted_by_itself() -> None:
    more = ", storage.kserve.io/readonly: 'false'"
    spec = pod(service(model("pvc://claim/a/b"), more)).data["spec"]
    assert "initContainers" not in spec
    mount = {"name": "kserve-pvc-source", "mountPath": "/mnt/models", "subPath": "a/b"}
    assert spec["containers"][0]["volumeMounts"] == [mount]
    assert spec["volumes"] == [{"name": "kserve-pvc-source", "persistentVolumeClaim": {"claimName": "claim"}}]


def test_an_image_runs_beside_what_serves() -> None:
    spec = pod(service(model("oci://r/m:1"))).data["spec"]
    assert [one["name"] for one in (*spec["initContainers"], *spec["containers"])] == [
        "modelcar-init",
        "kserve-container",
        "modelcar",
    ]
    assert spec["shareProcessNamespace"] is True
    serving = spec["containers"][0]
    assert variables(serving)["MODEL_INIT_MODE"] == "async"
    assert serving["securityContext"]["runAsUser"] == 1010
    assert serving["securityContext"]["runAsNonRoot"] is True
    assert spec["containers"][1]["image"] == "r/m:1"


def test_up_to_0_17_an_image_s_user_replaces_the_whole_security_context() -> None:
    found = container(pod(service(model("oci://r/m:1")), "0.17"))
    assert found["securityContext"] == {"runAsUser": 1010}


def test_an_image_can_be_a_volume_from_0_20() -> None:
    spec = pod(service(model("oci+native://r/m:1"))).data["spec"]
    image = {"reference": "r/m:1", "pullPolicy": "IfNotPresent"}
    assert spec["volumes"] == [{"name": "mnt-models", "image": image}]
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": "mnt-models", "mountPath": "/mnt/models", "subPath": "models", "readOnly": True}
    ]


def test_a_custom_container_s_address_becomes_the_folder() -> None:
    text = service("containers: [{name: kserve-container, image: i, env: [{name: STORAGE_URI, value: 's3://a'}]}]")
    found = pod(text)
    assert variables(container(found))["STORAGE_URI"] == "/mnt/models"
    assert found.data["spec"]["initContainers"][0]["args"][0] == "s3://a"


@pytest.mark.parametrize(
    ("uri", "release", "made"),
    [
        ("s3://a", "0.15", True),
        ("/mnt/local", "0.20", True),
        ("modelscope://a/b", "0.20", False),
        ("https://x.blob.core.windows.net/a/b", "0.20", True),
        ("oci+native://a", "0.19", False),
        ("oci+native://a", "0.20", True),
    ],
)
def test_an_address_that_can_t_be_fetched_leaves_nothing(uri: str, release: str, made: bool) -> None:
    text = service(model(uri)).replace("Standard", "RawDeployment")
    assert (("Deployment", "iris-predictor") in children(text, release)) is made
    said = f"spec.predictor.model.storageUri: KServe makes nothing: it fetches from no address like {uri}"
    assert (said in words(text, release)) is not made


def test_a_storage_container_of_the_set_makes_an_address_one_that_can_be_fetched() -> None:
    own = """
---
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterStorageContainer
metadata: {name: mine}
spec:
  container: {name: storage-initializer, image: mine:1, env: [{name: A, value: b}]}
  supportedUriFormats: [{prefix: 'modelscope://'}]
"""
    (init,) = pod(service(model("modelscope://a/b")) + own).data["spec"]["initContainers"]
    assert (init["image"], variables(init)["A"]) == ("mine:1", "b")


SECRET = """
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: sa, namespace: ml%s}
secrets: [{name: s}]
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: ml, annotations: {%s}}
stringData: {%s}
"""


@pytest.mark.parametrize(
    ("notes", "data", "release", "expected"),
    [
        (
            "serving.kserve.io/s3-endpoint: 'http://minio:9000', serving.kserve.io/s3-region: eu",
            "AWS_ACCESS_KEY_ID: a, AWS_SECRET_ACCESS_KEY: b",
            "0.20",
            {
                "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "s", "key": "AWS_ACCESS_KEY_ID"}},
                "AWS_SECRET_ACCESS_KEY": {"secretKeyRef": {"name": "s", "key": "AWS_SECRET_ACCESS_KEY"}},
                "S3_USE_HTTPS": "0",
                "S3_ENDPOINT": "minio:9000",
                "AWS_ENDPOINT_URL": "http://minio:9000",
                "AWS_DEFAULT_REGION": "eu",
            },
        ),
        (
            "serving.kserve.io/s3-endpoint: 'http://minio:9000'",
            "AWS_SECRET_ACCESS_KEY: b",
            "0.16",
            {
                "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "s", "key": "AWS_ACCESS_KEY_ID"}},
                "AWS_SECRET_ACCESS_KEY": {"secretKeyRef": {"name": "s", "key": "AWS_SECRET_ACCESS_KEY"}},
                "S3_ENDPOINT": "http://minio:9000",
                "AWS_ENDPOINT_URL": "https://http://minio:9000",
            },
        ),
        ("", "HF_TOKEN: t", "0.20", {"HF_TOKEN": {"secretKeyRef": {"name": "s", "key": "HF_TOKEN"}}}),
        ("", "https-host: h, headers: x", "0.20", {"h-headers": "x"}),
        (
            "",
            "AZ_CLIENT_ID: a",
            "0.20",
            {
                "AZURE_TENANT_ID": {"secretKeyRef": {"name": "s", "key": "AZURE_TENANT_ID"}},
                "AZURE_CLIENT_ID": {"secretKeyRef": {"name": "s", "key": "AZ_CLIENT_ID"}},
            },
        ),
    ],
)
def test_credentials_come_from_the_service_account_s_secrets(
    notes: str, data: str, release: str, expected: dict[str, Any]
) -> None:
    text = service(f"serviceAccountName: sa, {model('s3://a')}").replace("Standard", "RawDeployment")
    (init,) = pod(text + SECRET % ("", notes, data), release).data["spec"]["initContainers"]
    found = variables(init)
    assert {name: value for name, value in found.items() if not name.startswith(("HF_HUB", "HF_XET"))} == expected


def test_google_s_credentials_are_a_file() -> None:
    text = service(f"serviceAccountName: sa, {model('gs://a')}")
    spec = pod(text + SECRET % ("", "", "gcloud-application-credentials.json: '{}'")).data["spec"]
    assert {"name": "user-gcp-sa", "secret": {"secretName": "s"}} in spec["volumes"]
    told = variables(spec["initContainers"][0])
    assert told["GOOGLE_APPLICATION_CREDENTIALS"] == "/var/secrets/gcloud-application-credentials.json"


def test_a_storage_key_s_secret_completes_the_address() -> None:
    stored = "storage: {key: mine, path: /m}"
    text = service(f"model: {{modelFormat: {{name: sklearn}}, {stored}}}")
    config = """
---
apiVersion: v1
kind: Secret
metadata: {name: storage-config, namespace: ml}
stringData: {mine: '{"type": "s3", "bucket": "b"}'}
"""
    (init,) = pod(text + config).data["spec"]["initContainers"]
    assert init["args"] == ["s3://b/m", "/mnt/models"]
    assert variables(init)["STORAGE_CONFIG"] == {"secretKeyRef": {"name": "storage-config", "key": "mine"}}
    (open_init,) = pod(text).data["spec"]["initContainers"]
    assert open_init["args"] == ["<scheme-placeholder>://m", "/mnt/models"]


def test_the_agent_logs_and_knows_when_what_serves_is_ready() -> None:
    own = "logger: {mode: request, url: 'http://sink', metadataHeaders: [a, b]}, batcher: {maxBatchSize: 4}"
    spec = pod(service(f"{own}, {model('s3://a')}")).data["spec"]
    (agent,) = [one for one in spec["containers"] if one["name"] == "agent"]
    assert agent["args"] == [
        *("--enable-batcher", "--max-batchsize", "4"),
        *("--log-url", "http://sink", "--source-uri", "", "--log-mode", "request", "--inference-service", "iris"),
        *("--namespace", "ml", "--endpoint", "", "--component", "predictor", "--metadata-headers", "a,b"),
        *("--logger-tls-skip-verify", "false", "--component-port", "8080"),
    ]
    assert variables(agent)["SERVING_READINESS_PROBE"] == (
        '{"tcpSocket":{"port":8080},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}'
    )
    assert agent["resources"]["limits"] == {"cpu": "1", "memory": "1Gi"}


def test_a_model_without_an_address_waits_for_trained_models() -> None:
    made = children(service("model: {modelFormat: {name: sklearn}}"))
    assert made["ConfigMap", "modelconfig-iris-0"].data["data"] == {"models.json": "[]"}
    spec = pod(service("model: {modelFormat: {name: sklearn}}")).data["spec"]
    assert {"name": "model-config", "configMap": {"name": "modelconfig-iris-0"}} in spec["volumes"]
    assert "initContainers" not in spec


def test_several_models_are_fetched_by_the_controller_itself() -> None:
    own = "storageUris: [{uri: 's3://a', mountPath: /mnt/models/a}, {uri: 's3://b', mountPath: /mnt/models/b}, {uri: 'pvc://c', mountPath: /mnt/c}]"
    made = children(service(f"{own}, model: {{modelFormat: {{name: sklearn}}}}"))
    spec = made["Deployment", "iris-predictor"].data["spec"]["template"]["spec"]
    assert spec["initContainers"][0]["args"] == ["s3://a", "/mnt/models/a", "s3://b", "/mnt/models/b"]
    assert [(one["name"], one["mountPath"]) for one in spec["containers"][0]["volumeMounts"]] == [
        ("mnt-c", "/mnt/c"),
        ("mnt-models", "/mnt/models"),
    ]
    assert {one["name"] for one in spec["volumes"]} == {"mnt-c", "mnt-models"}


def test_annotations_say_who_fetches_and_on_which_nodes() -> None:
    more = ", serving.kserve.io/storage-initializer-uid: '7', serving.kserve.io/gke-accelerator: t4"
    gpu = "model: {modelFormat: {name: sklearn}, storageUri: 's3://a', resources: {limits: {nvidia.com/gpu: 1}}}"
    found = pod(service(gpu, more)).data
    assert found["spec"]["initContainers"][0]["securityContext"] == {"runAsUser": 7}
    assert found["spec"]["nodeSelector"] == {"cloud.google.com/gke-accelerator": "t4"}
    assert found["metadata"]["annotations"]["serving.kserve.io/enable-prometheus-scraping"] == "false"


def test_what_is_mounted_knows_the_line_that_asked_for_it() -> None:
    found = pod(service(model("s3://a")))
    assert str(found.origin(("spec", "initContainers", 0, "args", 0))) == "set.yaml: spec.predictor.model.storageUri"
    words_of_image = str(found.origin(("spec", "initContainers", 0, "image")))
    assert words_of_image.startswith("the ClusterStorageContainer default of KServe 0.20")


CACHED = """
---
apiVersion: serving.kserve.io/v1alpha1
kind: LocalModelCache
metadata: {name: cached}
spec: {sourceModelUri: 's3://a/b', nodeGroups: [one, two]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  deploy: '{"defaultDeploymentMode": "RawDeployment"}'
  storageInitializer: '{"image": "i"}'
  localModel: '{"enabled": %s}'
"""


@pytest.mark.parametrize(
    ("uri", "more", "release", "claim"),
    [
        ("s3://a/b/c", "", "0.20", ("cached-one", "models/e4427fcd8837e764/c")),
        ("s3://a/b", ", serving.kserve.io/nodegroup: two", "0.17", ("cached-two", "models/cached/")),
        ("s3://a/bc", "", "0.20", None),
        ("s3://a/b", ", serving.kserve.io/nodegroup: three", "0.20", None),
        ("s3://a/b", ", serving.kserve.io/disable-localmodel: 'true'", "0.20", None),
    ],
)
def test_a_cached_model_is_mounted_from_the_nodes(
    uri: str, more: str, release: str, claim: tuple[str, str] | None
) -> None:
    text = service(model(uri), more) + CACHED % "true"
    spec = pod(text, release).data["spec"]
    found = [one["persistentVolumeClaim"]["claimName"] for one in spec["volumes"] if "persistentVolumeClaim" in one]
    assert found == ([claim[0]] if claim else [])
    if claim:
        assert spec["containers"][0]["volumeMounts"][0]["subPath"] == claim[1]
    assert "persistentVolumeClaim" not in str(pod(service(model(uri)) + CACHED % "false", release).data)
