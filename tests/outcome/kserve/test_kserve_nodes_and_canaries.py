"""Predictors on several nodes, and canaries: what they share with the stable predictor, and what they don't."""

from __future__ import annotations

import pytest

from becoming import children, container, variables, words

STANDARD = "annotations: {serving.kserve.io/deploymentMode: Standard%s}"

RUNTIME = """
---
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: big}
spec:
  supportedModelFormats: [{name: digits, autoSelect: true}]
  annotations: {a: head%s}
  containers: [{name: kserve-container, image: h%s}]
  workerSpec:
    annotations: {a: worker}
    labels: {l: worker}
    containers: [{name: worker-container, image: w%s}]
"""


def spread(worker: str, head: str = "", theirs: str = "", more: str = "") -> str:
    """An InferenceService on several nodes."""
    none = STANDARD % ", serving.kserve.io/autoscalerClass: none"
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: ml, {none}}}
spec: {{predictor: {{model: {{modelFormat: {{name: digits}}, storageUri: 'pvc://c/m'}}, workerSpec: {worker}}}}}
{RUNTIME % (more, head, theirs)}"""


def gpus(count: int) -> str:
    """The resources of a container that asks for GPUs."""
    return f", resources: {{requests: {{nvidia.com/gpu: {count}}}, limits: {{nvidia.com/gpu: {count}}}}}"


@pytest.mark.parametrize(
    ("worker", "head", "theirs", "expected"),
    [
        ("{}", "", "", (1, "1", "1")),
        ("{pipelineParallelSize: 3}", "", "", (3, "1", "1")),
        ("{pipelineParallelSize: 2, tensorParallelSize: 4}", "", gpus(4), (2, "4", "4")),
        ("{pipelineParallelSize: 3, tensorParallelSize: 2}", "", gpus(4), (2, "2", "4")),
        ("{tensorParallelSize: 4}", gpus(4), gpus(2), (1, "4", "0")),
        ("{pipelineParallelSize: 4}", gpus(2), "", (3, "2", "1")),
    ],
)
def test_nodes_and_their_gpus(worker: str, head: str, theirs: str, expected: tuple[int, str, str]) -> None:
    made = children(spread(worker, head, theirs))
    first = container(made["Deployment", "iris-predictor"])
    other = made["Deployment", "iris-predictor-worker"]
    nodes, of_head, of_worker = expected
    assert other.data["spec"]["replicas"] == nodes - 1
    told = variables(container(other, "worker-container"))
    assert (variables(first)["REQUEST_GPU_COUNT"], told["REQUEST_GPU_COUNT"]) == (of_head, of_worker)
    for one, count in ((first, of_head), (container(other, "worker-container"), of_worker)):
        assert one["resources"]["limits"]["nvidia.com/gpu"] == count == one["resources"]["requests"]["nvidia.com/gpu"]


def test_too_few_gpus_leave_nothing() -> None:
    text = spread("{pipelineParallelSize: 2, tensorParallelSize: 4}", gpus(1), gpus(4))
    assert not children(text)
    assert words(text) == [
        "spec.predictor.workerSpec: KServe makes nothing: head and workers have fewer GPUs than the model is spread over"
    ]


@pytest.mark.parametrize(("release", "waits"), [("0.15", False), ("0.16", True), ("0.19", True), ("0.20", False)])
def test_a_predictor_that_never_is_ready_gets_no_route(release: str, waits: bool) -> None:
    text = spread("{pipelineParallelSize: 2}")
    assert (("Ingress", "iris") not in children(text, release)) is waits
    assert any("never is ready" in one for one in words(text, release)) is waits


def test_head_and_workers_find_one_another_by_services_without_addresses() -> None:
    made = children(spread("{pipelineParallelSize: 2}"))
    told = variables(container(made["Deployment", "iris-predictor-worker"], "worker-container"))
    assert (told["HEAD_SVC"], told["WORKER_SVC"]) == ("iris-head-1", "iris-workers-1")
    head, workers = (made["Service", name].data for name in ("iris-head-1", "iris-workers-1"))
    assert head["spec"]["selector"] == {"app": "isvc.iris-predictor", "isvc.generation": "1"}
    assert workers["spec"]["selector"] == {"app": "isvc.iris-predictor-worker", "isvc.generation": "1"}
    assert head["metadata"]["labels"]["multinode/role"] == "head"
    assert variables(container(made["Deployment", "iris-predictor"]))["MODEL_DIR"] == "/mnt/models"
    metadata = made["Deployment", "iris-predictor-worker"].data["spec"]["template"]["metadata"]
    assert (metadata["annotations"]["a"], metadata["labels"]["l"]) == ("worker", "worker")
    assert ("Service", "iris-workers-1") not in children(spread("{pipelineParallelSize: 2}"), "0.17")


def test_by_several_processes_the_sizes_are_nodes_and_gpus() -> None:
    more = ", multinode/executor-backend: mp"
    made = children(spread("{pipelineParallelSize: 3, tensorParallelSize: 2}", more=more))
    assert made["Deployment", "iris-predictor-worker"].data["spec"]["replicas"] == 2
    assert variables(container(made["Deployment", "iris-predictor"]))["REQUEST_GPU_COUNT"] == "2"


def service(stable: str, *canaries: str) -> str:
    """An InferenceService with canaries."""
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: iris, namespace: ml, {STANDARD % ""}}}
spec: {{predictor: {{{stable}}}, canary: [{", ".join(canaries)}]}}
"""


MODEL = "model: {modelFormat: {name: sklearn}, storageUri: 's3://a/1'}"


def test_a_canary_is_the_stable_predictor_with_its_own_laid_over() -> None:
    one = "{trafficPercent: 10, predictor: {name: b, model: {storageUri: 's3://a/2', env: [{name: A, value: b}]}}}"
    made = children(service(f"name: a, nodeSelector: {{x: z}}, serviceAccountName: s, {MODEL}", one))
    assert {("Deployment", "iris-a-predictor"), ("Service", "iris-b-predictor")} <= made.keys()
    spec = made["Deployment", "iris-b-predictor"].data["spec"]["template"]
    source = "internal.serving.kserve.io/storage-initializer-sourceuri"
    assert spec["metadata"]["annotations"][source] == "s3://a/2"
    assert (spec["spec"]["nodeSelector"], spec["spec"]["serviceAccountName"]) == ({"x": "z"}, "s")
    assert container(made["Deployment", "iris-b-predictor"])["image"].startswith("kserve/sklearnserver")


def test_a_canary_of_another_format_has_the_stable_runtime_and_so_nothing() -> None:
    one = "{trafficPercent: 10, predictor: {name: b, model: {modelFormat: {name: lightgbm}, storageUri: 's3://a/2'}}}"
    text = service(f"name: a, {MODEL}", one)
    assert ("Deployment", "iris-b-predictor") not in children(text)
    assert words(text) == [
        "spec.canary.0.model: KServe makes nothing: the runtime kserve-sklearnserver doesn't take the format lightgbm"
    ]


@pytest.mark.parametrize(
    ("stable", "one", "expected"),
    [
        ("minReplicas: 10, ", "{trafficPercent: 25, predictor: {name: b}}", (7, 3)),
        ("minReplicas: 2, ", "{trafficPercent: 50, predictor: {name: b, minReplicas: 2}}", (1, 2)),
        ("", "{trafficPercent: 5, predictor: {name: b}}", (None, 1)),
    ],
)
def test_canaries_take_their_pods_from_the_stable_predictor(
    stable: str, one: str, expected: tuple[int | None, int]
) -> None:
    made = children(service(f"name: a, {stable}{MODEL}", one))
    scalers = [made["HorizontalPodAutoscaler", f"iris-{name}-predictor"].data["spec"] for name in "ab"]
    assert scalers[0].get("minReplicas") in (expected[0], 1 if expected[0] is None else expected[0])
    assert (scalers[1]["minReplicas"], scalers[1]["maxReplicas"]) == (expected[1], expected[1])


def test_a_canary_s_logger_is_asked_for_and_its_service_doesn_t_lead_to_it() -> None:
    made = children(service(f"name: a, logger: {{mode: all}}, {MODEL}", "{trafficPercent: 5, predictor: {name: b}}"))
    ports = [made["Service", f"iris-{name}-predictor"].data["spec"]["ports"][0]["targetPort"] for name in "ab"]
    assert ports == [9081, 8080]
    notes = made["Deployment", "iris-b-predictor"].data["spec"]["template"]["metadata"]["annotations"]
    assert notes["internal.serving.kserve.io/logger"] == "true"


def test_up_to_0_19_there_are_no_canaries_and_no_names_of_predictors() -> None:
    made = children(service(f"name: a, {MODEL}", "{trafficPercent: 5, predictor: {name: b}}"), "0.19")
    assert [name for kind, name in made if kind == "Deployment"] == ["iris-predictor"]
