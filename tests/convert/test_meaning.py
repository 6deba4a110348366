"""The comparison itself: what is the same in meaning, and what isn't. It must err on the strict side."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from generator.convert.meaning import differences

ISVC: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "iris"},
    "spec": {"predictor": {"sklearn": {"storageUri": "gs://models/iris"}}},
}
SDEP: dict[str, Any] = {
    "apiVersion": "machinelearning.seldon.io/v1",
    "kind": "SeldonDeployment",
    "metadata": {"name": "iris"},
    "spec": {
        "predictors": [
            {
                "name": "default",
                "graph": {"name": "classifier", "implementation": "SKLEARN_SERVER", "modelUri": "gs://models/iris"},
            }
        ]
    },
}
MODEL: dict[str, Any] = {
    "apiVersion": "mlops.seldon.io/v1alpha1",
    "kind": "Model",
    "metadata": {"name": "iris"},
    "spec": {"storageUri": "gs://models/iris", "requirements": ["sklearn", "mlserver"]},
}
EXPERIMENT: dict[str, Any] = {
    "apiVersion": "mlops.seldon.io/v1alpha1",
    "kind": "Experiment",
    "metadata": {"name": "iris"},
    "spec": {"default": "a", "candidates": [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}]},
}
PIPELINE: dict[str, Any] = {
    "apiVersion": "mlops.seldon.io/v1alpha1",
    "kind": "Pipeline",
    "metadata": {"name": "both"},
    "spec": {"steps": [{"name": "a"}, {"name": "b", "inputs": ["a"]}], "output": {"steps": ["b"]}},
}


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(document)
    here: Any = result
    *parents, last = path.split("/")
    for step in parents:
        here = here[int(step)] if step.isdigit() else here.setdefault(step, {})
    if value is None:
        del here[last]
    else:
        here[int(last) if last.isdigit() else last] = value
    return result


def compared(original: dict[str, Any], rendered: dict[str, Any], **options: Any) -> list[str]:
    release = {"InferenceService": "0.20", "SeldonDeployment": "1.18"}.get(original["kind"], "2.10")
    return [each.path for each in differences(original, [rendered], release, **options)]


SAME = {
    "itself": (ISVC, ISVC),
    "the model form": (
        ISVC,
        put(ISVC, "spec/predictor", {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "gs://models/iris"}}),
    ),
    "the runtime that is chosen anyway": (
        ISVC,
        put(
            ISVC,
            "spec/predictor",
            {
                "minReplicas": 1,
                "model": {
                    "modelFormat": {"name": "sklearn"},
                    "protocolVersion": "v1",
                    "runtime": "kserve-sklearnserver",
                    "storageUri": "gs://models/iris",
                },
            },
        ),
    ),
    "the mode that KServe ships": (
        ISVC,
        put(ISVC, "metadata/annotations", {"serving.kserve.io/deploymentMode": "Knative"}),
    ),
    "the old name of a mode": (
        put(ISVC, "metadata/annotations", {"serving.kserve.io/deploymentMode": "RawDeployment"}),
        put(
            ISVC,
            "metadata/annotations",
            {"serving.kserve.io/deploymentMode": "Standard", "serving.kserve.io/autoscalerClass": "none"},
        ),
    ),
    "a quantity written otherwise": (
        put(ISVC, "spec/predictor/sklearn/resources", {"limits": {"cpu": 0.1, "memory": "1024Mi"}}),
        put(ISVC, "spec/predictor/sklearn/resources", {"limits": {"cpu": "100m", "memory": "1Gi"}}),
    ),
    "our marks": (ISVC, put(ISVC, "metadata/labels", {"app.kubernetes.io/managed-by": "serinus"})),
    "what the cluster writes": (put(ISVC, "metadata/uid", "x"), ISVC),
    "nothing, written in three ways": (put(ISVC, "spec/predictor/tolerations", []), ISVC),
    "an older version of a SeldonDeployment": (
        put(SDEP, "apiVersion", "machinelearning.seldon.io/v1alpha2"),
        SDEP,
    ),
    "the operator's defaults": (
        SDEP,
        put(put(put(SDEP, "spec/protocol", "seldon"), "spec/transport", "rest"), "spec/predictors/0/replicas", 1),
    ),
    "one predictor's traffic": (put(SDEP, "spec/predictors/0/traffic", 100), SDEP),
    "an endpoint that the operator overwrites": (
        put(SDEP, "spec/predictors/0/graph/endpoint", {"type": "REST", "service_port": 9000}),
        SDEP,
    ),
    "replicas for all predictors": (put(SDEP, "spec/replicas", 2), put(SDEP, "spec/predictors/0/replicas", 2)),
    "requirements in another order": (MODEL, put(MODEL, "spec/requirements", ["mlserver", "sklearn"])),
    "one replica": (MODEL, put(MODEL, "spec/replicas", 1)),
    "weights of the same proportion": (
        EXPERIMENT,
        put(EXPERIMENT, "spec/candidates", [{"name": "b", "weight": 1}, {"name": "a", "weight": 1}]),
    ),
    "the outputs of a step": (PIPELINE, put(PIPELINE, "spec/steps/1/inputs", ["a.outputs"])),
    "the usual join": (PIPELINE, put(PIPELINE, "spec/output/stepsJoin", "inner")),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_meaning(name):
    original, rendered = SAME[name]
    assert compared(original, rendered) == []


CHANGED = {
    "another mode": (
        ISVC,
        put(ISVC, "metadata/annotations", {"serving.kserve.io/deploymentMode": "Standard"}),
        "deploymentMode",
    ),
    "another runtime": (
        ISVC,
        put(
            ISVC,
            "spec/predictor",
            {
                "model": {
                    "modelFormat": {"name": "sklearn"},
                    "runtime": "kserve-mlserver",
                    "storageUri": "gs://models/iris",
                }
            },
        ),
        "spec.predictor.model.runtime",
    ),
    "a newer image": (
        put(ISVC, "spec/predictor", {"tensorflow": {"storageUri": "gs://m"}}),
        put(ISVC, "spec/predictor", {"tensorflow": {"storageUri": "gs://m", "runtimeVersion": "2.20.0"}}),
        "runtimeVersion",
    ),
    "another uri": (ISVC, put(ISVC, "spec/predictor/sklearn/storageUri", "gs://models/iris/"), "storageUri"),
    "something lost": (put(ISVC, "spec/predictor/timeout", 60), ISVC, "spec.predictor.timeout"),
    "something added": (ISVC, put(ISVC, "spec/predictor/timeout", 60), "spec.predictor.timeout"),
    "another name": (ISVC, put(ISVC, "metadata/name", "iris2"), "metadata.name"),
    "a label of somebody": (ISVC, put(ISVC, "metadata/labels", {"team": "a"}), "metadata.labels"),
    "a number that was text": (
        put(ISVC, "spec/predictor/timeout", 60),
        put(ISVC, "spec/predictor/timeout", "60"),
        "spec.predictor.timeout",
    ),
    "another predictor's name": (SDEP, put(SDEP, "spec/predictors/0/name", "stable"), "spec.predictors[0].name"),
    "an image that nobody asked for": (
        SDEP,
        put(
            SDEP,
            "spec/predictors/0/componentSpecs",
            [{"spec": {"containers": [{"name": "classifier", "image": "seldonio/mlserver:1.7.1-sklearn"}]}}],
        ),
        "componentSpecs",
    ),
    "another share": (
        EXPERIMENT,
        put(EXPERIMENT, "spec/candidates/0/weight", 60),
        "spec.candidates[0].weight",
    ),
    "a default that is gone": (EXPERIMENT, put(EXPERIMENT, "spec/default", None), "spec.default"),
    "a requirement that is gone": (MODEL, put(MODEL, "spec/requirements", ["sklearn"]), "spec.requirements"),
    "another join": (PIPELINE, put(PIPELINE, "spec/output/stepsJoin", "any"), "spec.output.stepsJoin"),
    "another order of steps": (
        PIPELINE,
        put(PIPELINE, "spec/steps", list(reversed(PIPELINE["spec"]["steps"]))),
        "spec.steps",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_seen(name):
    original, rendered, path = CHANGED[name]
    found = compared(original, rendered)
    assert found
    assert any(path in each for each in found)


def test_another_object_beside_it_is_a_change():
    assert [each.path for each in differences(ISVC, [ISVC, SDEP], "0.20")] == ["objects"]


def test_a_cluster_that_says_standard_is_another_measure():
    standard = put(
        ISVC,
        "metadata/annotations",
        {"serving.kserve.io/deploymentMode": "Standard", "serving.kserve.io/autoscalerClass": "none"},
    )
    assert compared(ISVC, standard, defaults="standard") == []
