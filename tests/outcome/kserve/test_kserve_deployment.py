"""The Deployments of an InferenceService in mode Standard: what is chosen, merged and added, release by release."""

from __future__ import annotations

from typing import Any

import pytest

from becoming import KSERVE, children, container, variables, words

STANDARD = "annotations: {serving.kserve.io/deploymentMode: Standard}"


def service(predictor: str, more: str = "", metadata: str = STANDARD) -> str:
    """An InferenceService."""
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: ml, {metadata}}}
spec: {{predictor: {predictor}{more}}}
"""


def runtime(name: str, spec: str, kind: str = "ServingRuntime", metadata: str = "") -> str:
    """A runtime of the set."""
    return f"""
---
apiVersion: serving.kserve.io/v1alpha1
kind: {kind}
metadata: {{name: {name}, {metadata}}}
spec: {spec}
"""


DIGITS = (
    "{supportedModelFormats: [{name: digits, autoSelect: true}], containers: [{name: kserve-container, image: d:1%s}]}"
)


def deployment(text: str, release: str = "0.20", name: str = "iris-predictor") -> dict[str, Any]:
    """The Deployment of the predictor."""
    return children(text, release)["Deployment", name].data


def main(text: str, release: str = "0.20") -> dict[str, Any]:
    """The predictor's container."""
    return container(children(text, release)["Deployment", "iris-predictor"])


SKLEARN = "{sklearn: {storageUri: 's3://a/b'}}"


@pytest.mark.parametrize("release", KSERVE)
def test_a_model_becomes_a_deployment_and_a_service_in_every_release(release: str) -> None:
    mode = "annotations: {serving.kserve.io/deploymentMode: RawDeployment}"
    made = children(service(SKLEARN, metadata=mode), release)
    assert {("Deployment", "iris-predictor"), ("Service", "iris-predictor")} <= made.keys()
    spec = made["Deployment", "iris-predictor"].data["spec"]
    assert spec["selector"] == {"matchLabels": {"app": "isvc.iris-predictor"}}
    assert spec["template"]["metadata"]["labels"] == {
        "serving.kserve.io/inferenceservice": "iris",
        "component": "predictor",
        "app": "isvc.iris-predictor",
    }
    found = main(service(SKLEARN, metadata=mode), release)
    assert found["image"].startswith("kserve/sklearnserver:v0.")
    assert found["args"] == ["--model_name=iris", "--model_dir=/mnt/models", "--http_port=8080"]
    assert found["readinessProbe"] == {"tcpSocket": {"port": 8080}}
    assert found["imagePullPolicy"] == "IfNotPresent"


@pytest.mark.parametrize(("release", "told"), [("0.15", False), ("0.16", False), ("0.17", True), ("0.21", True)])
def test_from_0_17_containers_are_told_the_service_s_name(release: str, told: bool) -> None:
    mode = "annotations: {serving.kserve.io/deploymentMode: RawDeployment}"
    assert ("INFERENCE_SERVICE_NAME" in variables(main(service(SKLEARN, metadata=mode), release))) is told


def test_arguments_follow_the_runtime_s_and_its_placeholders_are_filled_in_both() -> None:
    text = service("{model: {modelFormat: {name: sklearn}, args: ['--workers=2', '--who={{.Name}}.{{ .Namespace }}']}}")
    assert main(text)["args"] == [
        *("--model_name=iris", "--model_dir=/mnt/models", "--http_port=8080"),
        *("--workers=2", "--who=iris.ml"),
    ]


def test_the_user_s_variables_come_before_those_that_the_runtime_alone_has() -> None:
    env = ", env: [{name: A, value: one}, {name: B, value: two}]"
    text = service("{model: {modelFormat: {name: digits}, env: [{name: C, value: c}, {name: B, value: b}]}}")
    found = variables(main(text + runtime("digits", DIGITS % env)))
    assert found == {"C": "c", "A": "one", "B": "b", "INFERENCE_SERVICE_NAME": "iris"}
    assert list(found) == ["C", "A", "B", "INFERENCE_SERVICE_NAME"]


@pytest.mark.parametrize(
    ("release", "expected"),
    [("0.19", {"value": "x", "valueFrom": {"fieldRef": {}}}), ("0.20", {"valueFrom": {"fieldRef": {}}})],
)
def test_a_variable_of_two_sources_is_one_from_0_20(release: str, expected: dict[str, Any]) -> None:
    own = "{model: {modelFormat: {name: digits}, env: [{name: A, valueFrom: {fieldRef: {}}}]}}"
    found = main(service(own) + runtime("digits", DIGITS % ", env: [{name: A, value: x}]"), release)
    assert found["env"][0] == {"name": "A", **expected}


@pytest.mark.parametrize(
    ("model", "image"),
    [
        ("runtimeVersion: v1", "kserve/sklearnserver:v1"),
        ("image: 'me/it:2'", "me/it:2"),
        ("image: 'host:5000/it', runtimeVersion: v1", "host:5000/it:v1"),
        ("image: 'it@sha256:0', runtimeVersion: v1", "it@sha256:0"),
    ],
)
def test_the_runtime_s_version_is_the_image_s_tag(model: str, image: str) -> None:
    assert main(service(f"{{model: {{modelFormat: {{name: sklearn}}, {model}}}}}"))["image"] == image


@pytest.mark.parametrize(
    ("form", "limits", "release", "ending"),
    [
        ("tensorflow", "nvidia.com/gpu: 1", "0.20", ":2.6.2-gpu"),
        ("tensorflow", "nvidia.com/gpu: 1", "0.15", ":2.6.2-gpu"),
        ("tensorflow", "nvidia.com/mig-1g.5gb: 1", "0.20", ":2.6.2-gpu"),
        ("tensorflow", "amd.com/gpu: 1", "0.20", ":2.6.2"),
        ("huggingface", "nvidia.com/gpu: 1", "0.20", "huggingfaceserver:v0.20.0-gpu"),
        ("sklearn", "nvidia.com/gpu: 1", "0.20", "sklearnserver:v0.20.0"),
        ("vLLM", "cpu: 1", "0.20", "vllm-openai-cpu:v0.20.0"),
        ("vLLM", "nvidia.com/gpu: 1", "0.20", "vllm-openai:v0.20.0"),
    ],
)
def test_an_image_follows_the_gpu_where_the_platform_has_one_for_it(
    form: str, limits: str, release: str, ending: str
) -> None:
    protocol = ", protocolVersion: v2" if form == "huggingface" else ""
    text = f"{{model: {{modelFormat: {{name: {form}}}{protocol}, resources: {{limits: {{{limits}}}}}}}}}"
    mode = "annotations: {serving.kserve.io/deploymentMode: RawDeployment}"
    assert main(service(text, metadata=mode), release)["image"].endswith(ending)


@pytest.mark.parametrize(
    ("model", "added", "labels"),
    [
        (
            "modelFormat: {name: xgboost}, protocolVersion: v2, storageUri: 's3://a/b', runtime: kserve-mlserver",
            {"MLSERVER_MODEL_NAME": "iris", "MLSERVER_MODEL_URI": "/mnt/models"},
            {"modelClass": "mlserver_xgboost.XGBoostModel"},
        ),
        (
            "modelFormat: {name: sklearn}, runtime: kserve-mlserver",
            {"MLSERVER_LOAD_MODELS_AT_STARTUP": "false"},
            {"modelClass": "mlserver_sklearn.SKLearnModel"},
        ),
        (
            "modelFormat: {name: pytorch}, storageUri: 's3://a/b'",
            {"PROTOCOL_VERSION": "v1"},
            {"serviceEnvelope": "kserve"},
        ),
        (
            "modelFormat: {name: pytorch}, storageUri: 's3://a/b', protocolVersion: v2",
            {"PROTOCOL_VERSION": "v2"},
            {"serviceEnvelope": "kservev2"},
        ),
    ],
)
def test_what_a_server_needs_is_put_beside_it(model: str, added: dict[str, str], labels: dict[str, str]) -> None:
    found = deployment(service(f"{{model: {{{model}}}}}", ", transformer: {containers: [{image: t}]}"))
    variables_of = variables(found["spec"]["template"]["spec"]["containers"][0])
    assert added.items() <= variables_of.items()
    assert labels.items() <= found["metadata"]["labels"].items()
    transformer = deployment(
        service(f"{{model: {{{model}}}}}", ", transformer: {containers: [{image: t}]}"), name="iris-transformer"
    )
    assert labels.items() <= transformer["metadata"]["labels"].items()  # both are made of one object in memory


def test_mlserver_s_class_reaches_its_variable_by_a_label() -> None:
    text = service("{model: {modelFormat: {name: lightgbm}, runtime: kserve-mlserver, storageUri: 's3://a/b'}}")
    assert variables(main(text))["MLSERVER_MODEL_IMPLEMENTATION"] == "mlserver_lightgbm.LightGBMModel"


def test_triton_without_a_model_is_told_to_wait_for_them() -> None:
    assert main(service("{triton: {args: ['--x']}}"))["args"][-2:] == ["--x", "--model-control-mode=explicit"]


def test_labels_and_annotations_reach_the_pods_the_nearest_winning() -> None:
    spec = (
        "{labels: {a: runtime, b: runtime}, annotations: {c: runtime, d: runtime}, "
        "supportedModelFormats: [{name: digits, autoSelect: true}], containers: [{name: kserve-container, image: d}]}"
    )
    metadata = (
        "labels: {a: service, e: service, component: mine}, annotations: {serving.kserve.io/deploymentMode: Standard, "
        "c: service, autoscaling.knative.dev/min-scale: '1', modelFormat: mine}"
    )
    own = "{labels: {e: own}, annotations: {d: own, autoscaling.knative.dev/max-scale: '2'}, model: {modelFormat: {name: digits}, storage: {path: /m}}}"
    found = deployment(service(own, metadata=metadata) + runtime("digits", spec))["spec"]["template"]["metadata"]
    assert found["labels"] == {
        "a": "service",
        "b": "runtime",
        "e": "own",
        "app": "isvc.iris-predictor",
        "serving.kserve.io/inferenceservice": "iris",
        "component": "predictor",
    }
    assert found["annotations"] == {
        "c": "service",
        "d": "own",
        "serving.kserve.io/deploymentMode": "Standard",
        "internal.serving.kserve.io/storage-spec": "true",
        "internal.serving.kserve.io/storage-initializer-sourceuri": "<scheme-placeholder>://m",
    }


def test_up_to_0_16_the_annotation_of_the_format_is_one_like_others() -> None:
    metadata = "annotations: {serving.kserve.io/deploymentMode: RawDeployment, modelFormat: mine}"
    found = deployment(service(SKLEARN, metadata=metadata), "0.16")
    assert found["metadata"]["annotations"]["modelFormat"] == "mine"


def test_a_pod_s_own_fields_lie_over_the_runtime_s() -> None:
    spec = (
        "{supportedModelFormats: [{name: digits, autoSelect: true}], nodeSelector: {a: b, c: d}, hostIPC: true, "
        "volumes: [{name: v, emptyDir: {}}], tolerations: [{key: t}], schedulerName: theirs, "
        "containers: [{name: kserve-container, image: d}, {name: other, image: o}]}"
    )
    own = (
        "{nodeSelector: {c: e}, volumes: [{name: w, emptyDir: {}}], tolerations: [{key: u}], serviceAccountName: me, "
        "containers: [{name: mine, image: m}], model: {modelFormat: {name: digits}}}"
    )
    found = deployment(service(own) + runtime("digits", spec))["spec"]["template"]["spec"]
    assert found["nodeSelector"] == {"a": "b", "c": "e"}
    assert [one["name"] for one in found["volumes"]] == ["w", "v"]
    assert found["tolerations"] == [{"key": "u"}]
    assert "hostIPC" not in found
    assert (found["schedulerName"], found["serviceAccountName"]) == ("theirs", "me")
    assert [one["name"] for one in found["containers"]] == ["kserve-container", "other", "mine"]
    assert "schedulerName" not in deployment(service(own) + runtime("digits", spec), "0.16")["spec"]["template"]["spec"]


def test_a_transformer_inside_the_pods_stands_second_and_its_port_is_the_service_s() -> None:
    own = (
        "{model: {modelFormat: {name: digits}}, containers: [{name: side, image: s}, "
        "{name: transformer-container, image: 't:{{.Name}}', ports: [{containerPort: 9000, name: http}]}]}"
    )
    made = children(service(own) + runtime("digits", DIGITS % ""))
    listed = made["Deployment", "iris-predictor"].data["spec"]["template"]["spec"]["containers"]
    assert [(one["name"], one["image"]) for one in listed] == [
        ("kserve-container", "d:1"),
        ("transformer-container", "t:iris"),
        ("side", "s"),
    ]
    assert listed[1]["readinessProbe"] == {"tcpSocket": {"port": 9000}}
    (port,) = made["Service", "iris-predictor"].data["spec"]["ports"]
    assert port == {"name": "http", "port": 80, "targetPort": 9000, "protocol": "TCP"}


def test_a_custom_predictor_gets_the_config_map_s_resources_and_a_name() -> None:
    found = main(service("{containers: [{image: x, resources: {limits: {cpu: 4}}}]}"))
    assert found["resources"] == {
        "requests": {"cpu": "1", "memory": "2Gi"},
        "limits": {"cpu": 4, "memory": "2Gi"},
    }


def test_a_custom_container_that_isn_t_the_first_comes_twice() -> None:
    text = service("{containers: [{name: side, image: s}, {name: kserve-container, image: m}]}")
    listed = deployment(text)["spec"]["template"]["spec"]["containers"]
    assert [one["image"] for one in listed] == ["m", "m"]


def test_two_custom_containers_of_other_names_are_more_than_the_controller_bears() -> None:
    text = service("{containers: [{name: side, image: s}, {name: other, image: m}]}")
    assert not children(text)
    assert words(text) == [
        "spec.predictor: KServe makes nothing: no container of the predictor is named kserve-container"
    ]


def test_a_transformer_and_an_explainer_are_told_whom_to_ask() -> None:
    more = (
        ", transformer: {containerConcurrency: 3, containers: [{image: t, args: [--model_name=x]}]}, "
        "explainer: {containers: [{image: e}]}"
    )
    made = children(service(SKLEARN, more))
    transformer, explainer = (container(made["Deployment", f"iris-{role}"]) for role in ("transformer", "explainer"))
    asked = ["--predictor_host", "iris-predictor.ml", "--http_port", "8080"]
    assert transformer["args"] == ["--model_name=x", *asked, "--workers", "3"]
    assert explainer["args"] == ["--model_name", "iris", *asked]
    assert variables(transformer) == {"INFERENCE_SERVICE_NAME": "iris"}
    assert variables(explainer) == {}
    assert explainer["resources"]["limits"] == {"cpu": "1", "memory": "2Gi"}


def test_art_s_explainer_has_the_user_s_arguments_twice() -> None:
    more = ", explainer: {art: {type: SquareAttack, config: {nb_classes: '10'}, storageUri: 's3://e', args: [--x]}}"
    found = children(service(SKLEARN, more))["Deployment", "iris-explainer"]
    assert container(found)["image"] == "kserve/art-explainer:latest"
    assert container(found)["args"] == [
        *("--model_name", "iris", "--http_port", "8080", "--predictor_host", "iris-predictor.ml"),
        *("--storage_uri", "/mnt/models", "--adversary_type", "SquareAttack", "--nb_classes", "10", "--x", "--x"),
    ]
    assert found.data["metadata"]["annotations"]["internal.serving.kserve.io/storage-initializer-sourceuri"] == "s3://e"


def test_replicas_are_written_where_nothing_scales() -> None:
    mode = "annotations: {serving.kserve.io/deploymentMode: Standard, serving.kserve.io/autoscalerClass: %s}"
    own = "{minReplicas: 3, sklearn: {storageUri: 's3://a/b'}}"
    assert deployment(service(own, metadata=mode % "none"))["spec"]["replicas"] == 3
    assert "replicas" not in deployment(service(own, metadata=mode % "external"))["spec"]


CONFIG = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data: %s
"""


@pytest.mark.parametrize(
    ("release", "own", "expected"),
    [
        ("0.20", "", {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "1", "maxUnavailable": "25%"}}),
        ("0.15", "", None),
        ("0.20", "deploymentStrategy: {type: Recreate}, ", {"type": "Recreate"}),
    ],
)
def test_how_pods_are_replaced_is_the_user_s_or_the_config_map_s(
    release: str, own: str, expected: dict[str, Any] | None
) -> None:
    deploy = (
        '{"defaultDeploymentMode": "RawDeployment", "deploymentRolloutStrategy": {"defaultRollout": {"maxSurge": "1"}}}'
    )
    text = service(f"{{{own}sklearn: {{storageUri: 's3://a/b'}}}}", metadata="") + CONFIG % f"{{deploy: '{deploy}'}}"
    assert deployment(text, release)["spec"].get("strategy") == expected


def test_a_config_map_of_the_set_counts_alone() -> None:
    texts = '{deploy: \'{"defaultDeploymentMode": "Standard"}\', inferenceService: \'{"serviceAnnotationDisallowedList": ["a"]}\'}'
    text = service("{containers: [{image: x}]}", metadata="annotations: {a: b, c: d}") + CONFIG % texts
    found = deployment(text)
    assert found["metadata"]["annotations"] == {"c": "d", "serving.kserve.io/deploymentMode": "Standard"}
    spec = found["spec"]["template"]["spec"]
    assert "resources" not in spec["containers"][0]
    assert spec["automountServiceAccountToken"] is False  # security is missing, and Go's empty value is no
    assert not words(text)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("{deploy: '{'}", ": KServe makes nothing: deploy of the ConfigMap inferenceservice-config is no JSON"),
        ("{deploy: '{}'}", ": KServe makes nothing: the ConfigMap inferenceservice-config names no mode"),
    ],
)
def test_a_config_map_that_can_t_be_read_stops_the_controller(texts: str, said: str) -> None:
    text = service(SKLEARN, metadata="") + CONFIG % texts
    assert not children(text)
    assert words(text) == [said]


@pytest.mark.parametrize(
    ("mode", "release", "made"),
    [
        ("Standard", "0.20", True),
        ("RawDeployment", "0.15", True),
        ("Standard", "0.15", True),
        ("ModelMesh", "0.20", False),
    ],
)
def test_the_mode_decides_whether_there_are_deployments(mode: str, release: str, made: bool) -> None:
    text = service(SKLEARN, metadata=f"annotations: {{serving.kserve.io/deploymentMode: {mode}}}")
    assert (("Deployment", "iris-predictor") in children(text, release)) is made


def test_without_a_mode_that_of_the_release_is_taken_and_said() -> None:
    text = service(SKLEARN, metadata="annotations: {serving.kserve.io/deploymentMode: standard}")
    (said,) = words(text)
    assert said.startswith("metadata.annotations: no mode is said, and no ConfigMap inferenceservice-config is given")
    assert said.endswith("taken is Knative, as the release ships")


@pytest.mark.parametrize(("release", "made"), [("0.15", True), ("0.16", False)])
def test_a_service_that_is_told_to_stop_has_nothing(release: str, made: bool) -> None:
    metadata = "annotations: {serving.kserve.io/deploymentMode: RawDeployment, serving.kserve.io/stop: 'True'}"
    assert bool(children(service(SKLEARN, metadata=metadata), release)) is made


def test_a_runtime_that_isn_t_known_leaves_the_pods_open_and_not_the_names() -> None:
    text = service("{model: {modelFormat: {name: x}, runtime: theirs, ports: [{containerPort: 9000}]}}")
    made = children(text)
    assert not made["Deployment", "iris-predictor"].whole
    assert made["Service", "iris-predictor"].data["spec"]["ports"][0]["targetPort"] == 9000
    assert words(text) == ["spec.predictor.model: the runtime theirs stands neither in the set nor in the release"]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("modelFormat: {name: sklearn}, runtime: digits", "the runtime digits doesn't take the format sklearn"),
        ("modelFormat: {name: digits}, runtime: digits, protocolVersion: v2", "the runtime digits doesn't speak v2"),
        ("modelFormat: {name: digits}, runtime: resting", "the runtime resting is disabled"),
    ],
)
def test_a_runtime_that_doesn_t_fit_leaves_nothing(model: str, said: str) -> None:
    spec = "{protocolVersions: [v1], supportedModelFormats: [{name: digits}], containers: [{name: kserve-container, image: d}]}"
    text = (
        service(f"{{model: {{{model}}}}}")
        + runtime("digits", spec)
        + runtime("resting", "{disabled: true, containers: []}")
    )
    assert not children(text)
    assert words(text) == [f"spec.predictor.model: KServe makes nothing: {said}"]
