"""The fast lanes of children hide nothing that the slow one says: documents are bent, and both are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks.api import check
from generator.checks.judging.plain import Lanes
from generator.checks.subject import Index
from generator.reading.documents import Document

if TYPE_CHECKING:
    from generator.checks.finding import Finding

LABELS = st.dictionaries(
    st.sampled_from(["team", "env", "app", "component", "serving.kserve.io/inferenceservice", "a.b/c"]),
    st.sampled_from(["a", "fraud", "1"]),
    max_size=2,
)
NOTES = st.dictionaries(
    st.sampled_from(
        [
            "serving.kserve.io/autoscalerClass",
            "container.apparmor.security.beta.kubernetes.io/kserve-container",
            "serving.kserve.io/targetUtilizationPercentage",
            "env",
            "note",
        ]
    ),
    st.sampled_from(["hpa", "none", "unconfined", "nonsense", "0"]),
    max_size=2,
)
AMOUNTS = st.dictionaries(
    st.sampled_from(["cpu", "memory", "mem", "nvidia.com/gpu"]),
    st.sampled_from(["1", 2, "500m", "1Gi", "0.5", "-1", "1.5Gi", "99", "1k"]),
    max_size=3,
)
MODEL = st.fixed_dictionaries(
    {"modelFormat": st.fixed_dictionaries({"name": st.sampled_from(["sklearn", "xgboost", "huggingface", "mine"])})},
    optional={
        "storageUri": st.sampled_from(
            [
                "s3://models/a",
                "gs://b/c",
                "hf://Qwen/Qwen2.5",
                "pvc://My_Claim/x",
                "oci://a/b:1",
                "s3:/models/a",
                "/mnt/a",
            ]
        ),
        "runtime": st.sampled_from(["kserve-sklearnserver", "kserve-mlserver", "mine"]),
        "runtimeVersion": st.sampled_from(["1.0", "latest-gpu", "a b"]),
        "protocolVersion": st.sampled_from(["v1", "v2"]),
        "resources": st.fixed_dictionaries({}, optional={"requests": AMOUNTS, "limits": AMOUNTS}),
        "env": st.sampled_from([[{"name": "A", "value": "b"}], [{"name": "A=B", "value": "b"}]]),
        "ports": st.sampled_from([[{"containerPort": 8080, "name": "a-name-that-is-too-long"}]]),
        "volumeMounts": st.sampled_from([[{"name": "shm", "mountPath": "/cache"}]]),
    },
)
PREDICTOR = st.fixed_dictionaries(
    {"model": MODEL},
    optional={
        "serviceAccountName": st.sampled_from(["reader", "Reader_1", ""]),
        "minReplicas": st.sampled_from([0, 1, 3]),
        "maxReplicas": st.sampled_from([0, 1, 5]),
        "scaleTarget": st.sampled_from([-5, 0, 80]),
        "scaleMetric": st.sampled_from(["cpu", "memory"]),
        "volumes": st.sampled_from([[{"name": "shm", "emptyDir": {}}], [{"name": "shm"}]]),
    },
)
METADATA = st.fixed_dictionaries(
    {"name": st.sampled_from(["digits", "a", "a" * 40, "b" * 60])},
    optional={"namespace": st.sampled_from(["models"]), "labels": LABELS},
)
SERVICES = st.builds(
    lambda metadata, notes, mode, predictor: {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {**metadata, "annotations": {**notes, "serving.kserve.io/deploymentMode": mode}},
        "spec": {"predictor": predictor},
    },
    METADATA,
    NOTES,
    st.sampled_from(["Standard", "Knative"]),
    PREDICTOR,
)


def told(data: dict[str, Any]) -> list[Finding]:
    """All that is said of an object."""
    return list(check([Document(data, "a.yaml")]).findings)


@settings(max_examples=100, deadline=None)
@given(data=SERVICES)
def test_what_is_harmless_has_no_fault(data: dict[str, Any]) -> None:
    document = Document(data, "a.yaml")
    if not Lanes(Index.of([document])).harmless(document):
        return
    fast = told(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lanes, "harmless", lambda *_: False)
        assert told(data) == fast


@settings(max_examples=40, deadline=None)
@given(data=SERVICES, name=st.sampled_from(["letters", "d", "a" * 19, "a.b", "c" * 55]))
def test_of_documents_alike_each_is_told_as_if_alone(data: dict[str, Any], name: str) -> None:
    other = {**data, "metadata": {**data["metadata"], "name": name}}
    both = check([Document(data, "a.yaml"), Document(other, "b.yaml")]).findings
    alone = [*check([Document(data, "a.yaml")]).findings, *check([Document(other, "b.yaml")]).findings]
    assert list(both) == alone


SERVICE: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "digits", "annotations": {"serving.kserve.io/deploymentMode": "Standard"}},
    "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/digits/1"}}},
}
RUNTIME: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1alpha1",
    "kind": "ServingRuntime",
    "metadata": {"name": "mine"},
    "spec": {},
}


OWN_RUNTIME: dict[str, Any] = {
    **RUNTIME,
    "spec": {
        "supportedModelFormats": [{"name": "sklearn", "version": "1", "autoSelect": True, "priority": 9}],
        "protocolVersions": ["v1", "v2"],
        "containers": [
            {
                "name": "kserve-container",
                "image": "models/server:1.0",
                "resources": {"requests": {"cpu": "2", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "1Gi"}},
            }
        ],
    },
}


@settings(max_examples=100, deadline=None)
@given(data=SERVICES)
def test_what_is_harmless_beside_a_runtime_has_no_fault(data: dict[str, Any]) -> None:
    both = [Document(data, "a.yaml"), Document(OWN_RUNTIME, "b.yaml")]
    if not Lanes(Index.of(both)).harmless(both[0]):
        return
    fast = list(check(both).findings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lanes, "harmless", lambda *_: False)
        assert list(check(both).findings) == fast


class TestHarmless:
    def test_most_services_are(self) -> None:
        document = Document(SERVICE, "a.yaml")
        assert Lanes(Index.of([document])).harmless(document)

    def test_beside_a_runtime_amounts_are_looked_at(self) -> None:
        predictor = {"model": {**SERVICE["spec"]["predictor"]["model"], "resources": {"requests": {"cpu": "1"}}}}
        asking = Document({**SERVICE, "spec": {"predictor": predictor}}, "a.yaml")
        runtime = Document(RUNTIME, "b.yaml")
        assert Lanes(Index.of([asking])).harmless(asking)
        assert not Lanes(Index.of([asking, runtime])).harmless(asking)
        silent = Document(SERVICE, "a.yaml")
        assert Lanes(Index.of([silent, runtime])).harmless(silent)

    @pytest.mark.parametrize(
        "container", [{"name": "a"}, {"name": "a", "image": "b", "volumeMounts": [{"name": "c", "mountPath": "/c"}]}]
    )
    def test_a_runtime_that_leaves_something_open_closes_the_lane(self, container: dict[str, Any]) -> None:
        service = Document(SERVICE, "a.yaml")
        runtime = Document({**RUNTIME, "spec": {"containers": [container]}}, "b.yaml")
        assert not Lanes(Index.of([service, runtime])).harmless(service)

    def test_a_label_by_the_name_of_a_field_hides_no_field(self) -> None:
        metadata = {**SERVICE["metadata"], "labels": {"env": "prod"}}
        model = {"modelFormat": {"name": "sklearn"}, "env": [{"name": "A=B", "value": "c"}]}
        document = Document({**SERVICE, "metadata": metadata, "spec": {"predictor": {"model": model}}}, "a.yaml")
        assert not Lanes(Index.of([document])).harmless(document)
        labelled = Document({**SERVICE, "metadata": metadata}, "a.yaml")
        assert Lanes(Index.of([labelled])).harmless(labelled)


CONTAINERS = st.fixed_dictionaries(
    {"name": st.sampled_from(["kserve-container", "a", "A"])},
    optional={
        "image": st.sampled_from(["a/b:1", "a b", ""]),
        "args": st.sampled_from([["--a"], [1]]),
        "env": st.sampled_from([[{"name": "A", "value": "b"}], [{"name": "A=B", "value": "b"}], [{"name": "A"}], []]),
        "ports": st.lists(
            st.fixed_dictionaries(
                {"containerPort": st.sampled_from([8080, 0, 70000])},
                optional={"name": st.sampled_from(["http", "a-name-that-is-too-long", "1", "Http"])},
            ),
            max_size=2,
        ),
        "imagePullPolicy": st.sampled_from(["Always", "Sometimes"]),
        "resources": st.fixed_dictionaries({}, optional={"requests": AMOUNTS, "limits": AMOUNTS}),
        "volumeMounts": st.sampled_from([[{"name": "shm", "mountPath": "/cache"}]]),
    },
)
UNITS = st.fixed_dictionaries(
    {"name": st.sampled_from(["kserve-container", "a"])},
    optional={
        "implementation": st.sampled_from(["SKLEARN_SERVER", "MINE", "UNKNOWN_IMPLEMENTATION"]),
        "modelUri": st.sampled_from(["gs://a/b", "/mnt/a"]),
        "type": st.sampled_from(["MODEL", "ROUTER"]),
    },
)
CUSTOM = st.one_of(
    st.lists(CONTAINERS, min_size=1, max_size=2).map(
        lambda containers: {**SERVICE, "spec": {"predictor": {"containers": containers}}}
    ),
    st.builds(
        lambda unit, containers: {
            "apiVersion": "machinelearning.seldon.io/v1",
            "kind": "SeldonDeployment",
            "metadata": {"name": "digits"},
            "spec": {
                "predictors": [
                    {"name": "stable", "graph": unit, "componentSpecs": [{"spec": {"containers": containers}}]}
                ]
            },
        },
        UNITS,
        st.lists(CONTAINERS, min_size=1, max_size=2),
    ),
)


@settings(max_examples=100, deadline=None)
@given(data=CUSTOM)
def test_containers_that_are_harmless_have_no_fault(data: dict[str, Any]) -> None:
    document = Document(data, "a.yaml")
    if not Lanes(Index.of([document])).harmless(document):
        return
    fast = told(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lanes, "harmless", lambda *_: False)
        assert told(data) == fast
