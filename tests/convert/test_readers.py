"""What each part of a manifest becomes in the service file, one row a rule."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.convert import Conversion, Refused, Target, convert
from generator.convert.meaning import differences
from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.plan.lock import Lock
from generator.reading.documents import Document, read
from generator.rendering.render import render

ISVC = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\nspec:\n  predictor:\n"
SDEP = "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\nmetadata: {name: a}\nspec:\n"
MODEL = "apiVersion: mlops.seldon.io/v1alpha1\nkind: Model\nmetadata: {name: NAME}\nspec: {storageUri: gs://m/NAME, requirements: [sklearn]}\n"
EXPERIMENT = "apiVersion: mlops.seldon.io/v1alpha1\nkind: Experiment\nmetadata: {name: e}\nspec:\n"
PIPELINE = "apiVersion: mlops.seldon.io/v1alpha1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n"


def outcomes(text: str, to: Target | None = None) -> list[Conversion | Refused]:
    return convert([each for each in read(text, "a.yaml") if isinstance(each, Document)], to)


def said(text: str) -> dict[str, Any]:
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion), outcome
    return yaml.safe_load(outcome.text)


def predictor(text: str) -> str:
    return ISVC + "".join(f"    {line}\n" for line in text.splitlines())


TENSORFLOW = "tensorflow: {storageUri: 's3://m', runtimeVersion: 2.20.0}"

READ = {
    "a framework is a format, with the runtime and the protocol that KServe chooses": (
        predictor("sklearn: {storageUri: 's3://m'}"),
        {"model": {"format": "sklearn", "runtime": "kserve", "protocol": "v1"}},
    ),
    "so is the model form": (
        predictor("model: {modelFormat: {name: sklearn}, protocolVersion: v2, storageUri: 's3://m'}"),
        {"model": {"format": "sklearn", "runtime": "mlserver", "protocol": "v2"}},
    ),
    "where the files lie": (predictor(TENSORFLOW), {"variants": [{"name": "stable", "uri": "s3://m"}]}),
    "the version of the server": (
        predictor(TENSORFLOW),
        {
            "model": {
                "format": "savedmodel",
                "runtime": "tensorflow-serving",
                "runtimeVersion": "2.20.0",
                "protocol": "v1",
            }
        },
    ),
    "the version that KServe ships, where none is named": (
        predictor("tensorflow: {storageUri: 's3://m', resources: {limits: {nvidia.com/gpu: 1}}}"),
        {
            "model": {
                "format": "savedmodel",
                "runtime": "tensorflow-serving",
                "runtimeVersion": "2.6.2-gpu",
                "protocol": "v1",
            }
        },
    ),
    "the container's own fields": (
        predictor(
            "tensorflow: {storageUri: 's3://m', runtimeVersion: 2.20.0, env: [{name: A, value: b}], args: [--x]}"
        ),
        {"container": {"env": [{"name": "A", "value": "b"}], "args": ["--x"]}},
    ),
    "resources, in canonical form": (
        predictor(
            "tensorflow: {storageUri: 's3://m', runtimeVersion: 2.20.0, resources: {limits: {cpu: 0.5, memory: 1Gi}}}"
        ),
        {"resources": {"limits": {"cpu": "0.5", "memory": "1Gi"}}},
    ),
    "the pods' fields": (
        predictor(TENSORFLOW + "\nnodeSelector: {a: b}\ntolerations: [{key: a}]"),
        {"pod": {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "a"}]}},
    ),
    "the service account, by either name": (predictor(TENSORFLOW + "\nserviceAccount: sa"), {"serviceAccount": "sa"}),
    "replicas and what is measured": (
        predictor(TENSORFLOW + "\nminReplicas: 2\nmaxReplicas: 4\nscaleMetric: cpu\nscaleTarget: 70"),
        {"replicas": {"min": 2, "max": 4, "metric": "cpu", "target": 70}},
    ),
    "a mode that the manifest names": (
        predictor(TENSORFLOW).replace(
            "{name: a}", "{name: a, annotations: {serving.kserve.io/deploymentMode: RawDeployment}}"
        ),
        {"platform": {"kind": "kserve", "version": "0.21", "mode": "standard"}},
    ),
    "KServe's own mode, where nothing says another": (
        predictor(TENSORFLOW),
        {"platform": {"kind": "kserve", "version": "0.21", "mode": "knative"}},
    ),
    "how pods are replaced, which is for standard": (
        predictor(
            TENSORFLOW
            + "\ndeploymentStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 25%}}"
        ),
        {
            "platform": {"kind": "kserve", "version": "0.21", "mode": "standard"},
            "rollout": {"maxSurge": "1", "maxUnavailable": "25%"},
        },
    ),
    "the logger and the batcher": (
        predictor(TENSORFLOW + "\nlogger: {mode: request, url: 'http://a'}\nbatcher: {maxBatchSize: 8}"),
        {"logger": {"mode": "request", "url": "http://a"}, "batcher": {"maxSize": 8}},
    ),
    "a container of one's own": (
        predictor("containers: [{name: x, image: a/b:1, ports: [{containerPort: 8080}]}]"),
        {
            "model": {"format": "custom"},
            "variants": [{"name": "stable", "container": {"image": "a/b:1", "ports": [{"containerPort": 8080}]}}],
        },
    ),
    "a canary of knative, whose stable model the cluster remembers": (
        predictor(TENSORFLOW + "\ncanaryTrafficPercent: 20"),
        {
            "variants": [{"name": "canary", "uri": "s3://m"}, {"name": "stable", "deployed": "a"}],
            "strategy": {"canary": {"stable": "stable", "variant": "canary", "steps": [20, 100], "step": 1}},
        },
    ),
    "canaries of 0.20": (
        predictor("name: r1\n" + TENSORFLOW)
        + "  canary:\n    - trafficPercent: 0\n      predictor: {name: r2, model: {modelFormat: {name: tensorflow}, runtimeVersion: 2.20.0, storageUri: 's3://n'}}\n",
        {
            "variants": [
                {"name": "r1", "uri": "s3://m", "object": "r1"},
                {"name": "r2", "uri": "s3://n", "object": "r2"},
            ],
            "strategy": {"canary": {"stable": "r1", "variant": "r2", "steps": [100], "step": 0}},
        },
    ),
    "a canary's own pods, and what it says as the stable one does": (
        predictor("name: r1\nserviceAccountName: sa\nnodeSelector: {pool: cpu}\npriorityClassName: p\n" + TENSORFLOW)
        + "  canary:\n    - trafficPercent: 5\n      predictor: {name: r2, serviceAccountName: sa, priorityClassName: p, nodeSelector: {pool: gpu}, tolerations: [{operator: Exists}], model: {modelFormat: {name: tensorflow}, runtimeVersion: 2.20.0, storageUri: 's3://n'}}\n",
        {
            "pod": {"nodeSelector": {"pool": "cpu"}, "priorityClassName": "p"},
            "variants": [
                {"name": "r1", "uri": "s3://m", "object": "r1"},
                {
                    "name": "r2",
                    "uri": "s3://n",
                    "object": "r2",
                    "pod": {"nodeSelector": {"pool": "gpu"}, "tolerations": [{"operator": "Exists"}]},
                },
            ],
            "serviceAccount": "sa",
        },
    ),
    "the wait that is rendered anyway": (
        predictor(
            "model: {modelFormat: {name: pmml}, storageUri: 's3://m', lifecycle: {preStop: {sleep: {seconds: 10}}}}"
        ).replace("{name: a}", "{name: a, annotations: {serving.kserve.io/deploymentMode: Standard}}"),
        {"container": None},
    ),
    "a transformer": (
        predictor(TENSORFLOW)
        + "  transformer: {minReplicas: 2, containers: [{name: x, image: t:1, resources: {limits: {cpu: 1}}}]}\n",
        {"transformer": {"container": {"image": "t:1", "resources": {"limits": {"cpu": "1"}}}, "replicas": 2}},
    ),
    "an experiment of equal shares is an A/B test": (
        EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 1}, {name: b, weight: 1}]\n",
        {
            "variants": [{"name": "a", "deployed": "a"}, {"name": "b", "deployed": "b"}],
            "strategy": {"ab": {"split": {"a": 50, "b": 50}}},
        },
    ),
    "a smaller share beside the default is a canary": (
        EXPERIMENT + "  default: b\n  candidates: [{name: a, weight: 10}, {name: b, weight: 90}]\n",
        {"strategy": {"canary": {"stable": "b", "variant": "a", "steps": [10, 100], "step": 1}}},
    ),
    "a mirror is a shadow": (
        EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 100}]\n  mirror: {name: b, percent: 30}\n",
        {"strategy": {"shadow": {"stable": "a", "variant": "b", "percent": 30}}},
    ),
    "a straight pipeline is a chain": (
        PIPELINE + "  steps: [{name: a}, {name: b, inputs: [a]}]\n  output: {steps: [b]}\n",
        {"strategy": {"chain": {"variants": ["a", "b"]}}},
    ),
    "a pipeline that answers with all is an ensemble": (
        PIPELINE + "  steps: [{name: a}, {name: b}]\n  output: {steps: [a, b]}\n",
        {"strategy": {"ensemble": {"variants": ["a", "b"]}}},
    ),
    "any other pipeline stays in its own words": (
        PIPELINE + "  steps: [{name: a}, {name: b, inputs: [a], triggers: [a]}]\n  output: {steps: [b]}\n",
        {
            "strategy": {
                "graph": {
                    "variants": ["a", "b"],
                    "spec": {
                        "steps": [{"name": "a"}, {"name": "b", "inputs": ["a"], "triggers": ["a"]}],
                        "output": {"steps": ["b"]},
                    },
                }
            }
        },
    ),
}


@pytest.mark.parametrize("rule", READ)
def test_what_is_read(rule):
    text, expected = READ[rule]
    found = said(text)
    assert {key: found.get(key) for key in expected} == expected


def test_models_that_one_experiment_names_become_its_variants():
    experiment = EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 50}, {name: b, weight: 50}]\n"
    models = "---\n".join(MODEL.replace("NAME", name) for name in "ab")
    (outcome,) = outcomes(f"{experiment}---\n{models}")
    assert isinstance(outcome, Conversion)
    assert [(each.name, each.uri, each.deployed, each.object) for each in outcome.service.variants] == [
        ("a", "gs://m/a", None, "a"),
        ("b", "gs://m/b", None, "b"),
    ]


def test_what_became_one_service_is_rendered_as_the_objects_that_it_was():
    given = [
        EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 50}, {name: b, weight: 50}]\n",
        *(MODEL.replace("NAME", name) for name in "ab"),
    ]
    (outcome,) = outcomes("---\n".join(given))
    assert isinstance(outcome, Conversion)
    rendered = {each.kind + each.name: yaml.safe_load(each.text) for each in render(outcome.service, Lock()).manifests}
    for text in given:
        original = yaml.safe_load(text)
        made = rendered[original["kind"] + original["metadata"]["name"]]
        assert differences(original, [made], "2.10") == []


def test_a_model_that_two_name_stays_a_service_of_its_own():
    experiment = EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 50}, {name: b, weight: 50}]\n"
    models = "---\n".join(MODEL.replace("NAME", name) for name in "ab")
    found = outcomes(f"{experiment}---\n{experiment.replace('{name: e}', '{name: f}')}---\n{models}")
    assert [each.name for each in found if isinstance(each, Conversion)] == ["e", "f", "a", "b"]


def test_the_same_model_twice_is_nobodys_variant():
    experiment = EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 50}, {name: b, weight: 50}]\n"
    models = "---\n".join(MODEL.replace("NAME", name) for name in "aab")
    assert len(outcomes(f"{experiment}---\n{models}")) == 4


LOST = {
    "a mode that nobody knows": (
        predictor(TENSORFLOW).replace(
            "{name: a}", "{name: a, annotations: {serving.kserve.io/deploymentMode: ModelMesh}}"
        ),
        'metadata.annotations["serving.kserve.io/deploymentMode"]',
        "standard and knative",
    ),
    "a model beside a framework": (
        predictor(TENSORFLOW + "\nmodel: {modelFormat: {name: sklearn}}"),
        "spec.predictor.model",
        "KServe overwrites it with tensorflow",
    ),
    "a name that a service can't have": (
        predictor(TENSORFLOW).replace("{name: a}", "{name: a.b}"),
        "metadata.name",
        "it is a-b now",
    ),
    "what belongs to the object": (
        predictor(TENSORFLOW).replace("{name: a}", "{name: a, finalizers: [x]}"),
        "metadata.finalizers",
        "the object on the cluster",
    ),
}


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_is_told_with_its_reason(what):
    text, path, why = LOST[what]
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    (lost,) = outcome.lost
    assert lost.place.path == path
    assert why in lost.why
    assert lost.place.line is not None


def test_what_the_cluster_wrote_is_no_loss():
    written = "{name: a, uid: x, resourceVersion: '1', creationTimestamp: null, managedFields: [{a: b}], annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}}"
    (outcome,) = outcomes(predictor(TENSORFLOW).replace("{name: a}", written) + "status: {ready: true}\n")
    assert isinstance(outcome, Conversion)
    assert outcome.lost == ()
    assert "annotations" not in yaml.safe_load(outcome.text)


def test_what_has_no_key_stays_as_a_patch_on_the_same_platform_and_is_lost_for_another():
    text = predictor(TENSORFLOW + "\ncontainerConcurrency: 8")
    assert said(text)["patches"] == {"InferenceService": {"spec": {"predictor": {"containerConcurrency": 8}}}}
    (elsewhere,) = outcomes(text, Target("seldon-core-2", "2.10"))
    assert isinstance(elsewhere, Conversion)
    assert "patches" not in yaml.safe_load(elsewhere.text)
    assert "spec.predictor.containerConcurrency" in [lost.place.path for lost in elsewhere.lost]


REFUSED = {
    "no model": (ISVC.replace("  predictor:\n", "  predictor: {}\n"), "it names no model"),
    "no format": (
        predictor("model: {storageUri: 's3://m'}"),
        "spec.predictor.model: no modelFormat says what it is.",
    ),
    "no name": (predictor(TENSORFLOW).replace("{name: a}", "{}"), "the key 'name' is missing."),
}


SHARED = """\
  - name: {0}
    traffic: {1}
    graph: {{name: a, implementation: SKLEARN_SERVER, modelUri: 'gs://m/{0}'}}
"""


@pytest.mark.parametrize("to", [Target("kserve", "0.21"), Target("kubernetes", "1.37")])
def test_with_the_gateway_that_the_note_asks_for_the_file_renders(to: Target) -> None:
    """What else the platform refuses, here the other one's server, isn't hidden behind the Gateway."""
    (outcome,) = outcomes(f"{SDEP}  predictors:\n{SHARED.format('a', 80)}{SHARED.format('b', 20)}", to)
    assert isinstance(outcome, Conversion)
    assert "needs a Gateway" in outcome.notes[0]
    assert any("the runtime 'seldon' doesn't run sklearn" in each.why for each in outcome.lost)
    text = f"{outcome.text}gateway: {{name: models, host: a.example.com}}\n"
    assert render(build(parse(text, "s.yaml"), "s.yaml"), Lock()).manifests


def test_a_bucket_that_only_the_secret_knows_is_nowhere_else():
    (outcome,) = outcomes(predictor("sklearn: {storage: {key: k, path: p}}"), Target("seldon-core-2", "2.10"))
    assert isinstance(outcome, Refused)
    assert "spec.predictor.sklearn.storage: the bucket stands in the secret alone" in outcome.why


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_service_is_refused_with_the_reason(what):
    text, why = REFUSED[what]
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Refused)
    assert why in outcome.why
