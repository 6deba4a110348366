"""What surrounds a model: its format and port, its namespace, a cache beside its address, Knative's flags."""

from __future__ import annotations

import pytest

from generator.checks.api import Options, check
from generator.checks.rules.kserve.near_a_cache import matches, near

MODE = "serving.kserve.io/deploymentMode: "


def service(model: str, *, mode: str = "Standard", predictor: str = "minReplicas: 1", namespace: str = "") -> str:
    space = f"namespace: {namespace}, " if namespace else ""
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata: {{name: digits, {space}annotations: {{{MODE}{mode}}}}}\nspec:\n  predictor:\n    {predictor}\n"
        f"    model: {{{model}}}\n"
    )


def told(text: str, *rules: str, release: str = "0.20", complete: bool = False) -> list[tuple[str, str]]:
    found = check(text, platforms=[f"kserve@{release}"], options=Options(complete=complete)).findings
    return [(one.rule, str(one.severity)) for one in found if one.rule in rules]


RUNTIME = """---
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterServingRuntime
metadata: {name: own}
spec:
  supportedModelFormats: [{name: ours, version: "1", autoSelect: true}]
  containers: [{name: kserve-container, image: example/own:1}]
"""


@pytest.mark.parametrize(
    ("form", "more", "release", "found"),
    [
        ("xgbost", "", "0.20", ("KSV546", "warning")),
        ("XGBoost", "", "0.20", ("KSV546", "warning")),
        ("our", RUNTIME, "0.20", ("KSV546", "warning")),
        ("ours", RUNTIME, "0.20", None),
        ("digits", "", "0.20", ("KSV547", "note")),
        ("autogluon", "", "0.19", ("KSV547", "note")),
        ("autogluon", "", "0.20", None),
        ("${FORMAT}", "", "0.20", None),
    ],
)
def test_a_format_that_no_runtime_takes(form: str, more: str, release: str, found: tuple[str, str] | None) -> None:
    text = service(f"modelFormat: {{name: '{form}'}}, storageUri: 's3://b/x'") + more
    assert told(text, "KSV546", "KSV547", release=release) == ([found] if found else [])


def test_the_same_where_the_set_is_all_there_is() -> None:
    text = service("modelFormat: {name: digits}, storageUri: 's3://b/x'")
    assert told(text, "KSV547", complete=True) == [("KSV547", "warning")]
    named = service("modelFormat: {name: digits}, runtime: own, storageUri: 's3://b/x'")
    assert told(named, "KSV547", complete=True) == []


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("modelFormat: {name: lightgbm}, runtime: kserve-lgbserver, ports: [{containerPort: 9000}]", True),
        ("modelFormat: {name: lightgbm}, ports: [{containerPort: 9000}]", True),
        ("modelFormat: {name: lightgbm}, protocolVersion: v2, ports: [{containerPort: 9000}]", False),
        ("modelFormat: {name: lightgbm}, runtime: kserve-lgbserver, ports: [{containerPort: 8081}]", False),
        (
            "modelFormat: {name: lightgbm}, args: [--grpc_port=9000], ports: [{containerPort: 9000}]",
            False,
        ),
        ("modelFormat: {name: lightgbm}, image: 'example/own:1', ports: [{containerPort: 9000}]", False),
        ("modelFormat: {name: tensorflow}, ports: [{containerPort: 8500}]", True),
        ("modelFormat: {name: pytorch}, ports: [{containerPort: 8085}]", False),
        ("modelFormat: {name: huggingface}, ports: [{containerPort: 8000}]", False),
        ("modelFormat: {name: onnx}, protocolVersion: grpc-v2, ports: [{containerPort: 8001}]", True),
        ("modelFormat: {name: onnx}, protocolVersion: grpc-v2, ports: [{containerPort: 9000}]", False),
    ],
)
def test_a_port_where_the_runtime_s_program_listens(model: str, found: bool) -> None:
    assert bool(told(service(f"{model}, storageUri: 's3://b/x'"), "KSV545")) == found


def space(name: str, labels: str) -> str:
    return f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n"


@pytest.mark.parametrize(
    ("namespace", "more", "found"),
    [
        ("kserve", "", True),
        ("kserve", space("kserve", "a: b"), False),
        ("models", "", False),
        ("models", space("models", "control-plane: ours"), True),
        ("", "", False),
    ],
)
def test_a_namespace_that_the_webhook_passes_over(namespace: str, more: str, found: bool) -> None:
    text = service("modelFormat: {name: sklearn}, storageUri: 's3://b/x'", namespace=namespace) + more
    assert told(text, "KSV548") == ([("KSV548", "note")] if found else [])


@pytest.mark.parametrize(
    ("cached", "uri", "what"),
    [
        ("hf://Qwen/Qwen2.5-7B-Instruct", "hf://Qwen/Qwen2.5-7B-instruct", "the case of a letter"),
        ("hf://acme/chat", "hf://acme/chat:v1", "its revision"),
        ("hf://acme/chat-model", "hf://acme/chat_model", "a hyphen, dot or underscore"),
        ("hf://acme/instruct", "hf://acme/instuct", "a letter"),
        ("hf://acme/instruct", "hf://acme/insrtuct", "a letter"),
        ("hf://acme/chat-7b", "hf://acme/chat-8b", None),
        ("hf://acme/chat-v1", "hf://acme/chat-v2", None),
        ("hf://acme/chat-a", "hf://acme/chat-b", None),
        ("hf://acme/chat", "hf://acme/words", None),
    ],
)
def test_what_lies_beside_a_cache(cached: str, uri: str, what: str | None) -> None:
    assert near(cached, uri) == what
    assert near(uri, cached) == what


@pytest.mark.parametrize(
    ("cached", "uri", "found"),
    [("hf://a/b", "hf://a/b/", True), ("hf://a/b", "hf://a/b/c", True), ("hf://a/b", "hf://a/bc", False)],
)
def test_what_a_cache_is_taken_for(cached: str, uri: str, found: bool) -> None:
    assert matches(cached, uri) == found


CACHE = """---
apiVersion: serving.kserve.io/v1alpha1
kind: LocalModelCache
metadata: {name: chat}
spec: {sourceModelUri: 'hf://acme/Chat', modelSize: 10Gi, nodeGroups: [gpus]}
"""
LLM = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: chat}
spec: {model: {uri: 'hf://acme/chat'}}
"""


def test_a_cache_beside_the_address_of_each_kind() -> None:
    model = service("modelFormat: {name: huggingface}, storageUri: 'hf://acme/chat'")
    for text in (model, LLM):
        assert told(text + CACHE, "KSV549") == [("KSV549", "note")]
    off = model.replace(MODE, "serving.kserve.io/disable-localmodel: 'true', " + MODE)
    assert told(off + CACHE, "KSV549") == []


FLAGS = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-features, namespace: knative-serving}
data: {kubernetes.podspec-nodeselector: Enabled}
"""


@pytest.mark.parametrize(
    ("mode", "predictor", "more", "found"),
    [
        ("Knative", "nodeSelector: {a: b}", "", ["KSV550"]),
        ("Knative", "nodeSelector: {a: b}", FLAGS, []),
        ("Knative", "tolerations: [{operator: Exists}]", FLAGS, ["KSV550"]),
        ("Knative", "volumes: [{name: a, hostPath: {path: /a}}]", "", ["KSV550"]),
        ("Knative", "volumes: [{name: a, emptyDir: {}}]", "", []),
        ("Knative", "terminationGracePeriodSeconds: 60", "", ["KSV551"]),
        ("Standard", "nodeSelector: {a: b}\n    terminationGracePeriodSeconds: 60", "", []),
    ],
)
def test_fields_that_knative_refuses(mode: str, predictor: str, more: str, found: list[str]) -> None:
    text = service("modelFormat: {name: sklearn}, storageUri: 's3://b/x'", mode=mode, predictor=predictor) + more
    assert [rule for rule, _ in told(text, "KSV550", "KSV551")] == found


def test_a_graph_s_router_is_a_pod_on_knative_too() -> None:
    text = (
        "apiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\n"
        f"metadata: {{name: triage, annotations: {{{MODE}Knative}}}}\n"
        "spec:\n  nodeSelector: {a: b}\n  nodeName: one\n"
        "  nodes: {root: {routerType: Sequence, steps: [{serviceUrl: 'http://a.models'}]}}\n"
    )
    assert [rule for rule, _ in told(text, "KSV550", "KSV551")] == ["KSV550", "KSV551"]


@pytest.mark.parametrize(("uri", "found"), [("oci://r/chat:1", 1), ("pvc://a/b", 1), ("s3://b/x", 0), ("own://b", 1)])
def test_a_cache_holds_what_is_downloaded(uri: str, found: int) -> None:
    assert len(told(CACHE.replace("hf://acme/Chat", uri).lstrip("-\n"), "KSV553")) == found


def test_images_of_runtimes_and_llms_move_too() -> None:
    llm = LLM.replace("{model: {uri: 'hf://acme/chat'}}", "{model: {uri: hf://a/b}, template: {containers: [%s]}}")
    for text in (RUNTIME.replace("own:1", "own:latest").lstrip("-\n"), llm % "{name: main, image: example/vllm}"):
        assert told(text, "POL011") == [("POL011", "note")]


def test_a_canary_at_zero_keeps_a_pod() -> None:
    canary = (
        "  canary:\n    - trafficPercent: 10\n      predictor:\n        name: next\n        minReplicas: 0\n"
        "        model: {modelFormat: {name: sklearn}, storageUri: 's3://b/y'}\n"
    )
    text = service("modelFormat: {name: sklearn}, storageUri: 's3://b/x'") + canary
    assert told(text, "KSV108") == [("KSV108", "warning")]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("serving.kubeflow.org/deploymentMode", True),
        ("serving.kserve.org/autoscalerClass", True),
        ("kserve.io/stop", True),
        ("serving.knative.dev/rollout-duration", False),
        ("example.com/stop", False),
        ("serving.kubeflow.org/owner", False),
    ],
)
def test_an_annotation_of_a_service_in_a_wrong_domain(key: str, found: bool) -> None:
    text = service("modelFormat: {name: sklearn}, storageUri: 's3://b/x'").replace(MODE, f"{key}: x, {MODE}")
    assert bool(told(text, "KSV562")) == found
