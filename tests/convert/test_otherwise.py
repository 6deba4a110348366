"""What convert finds by rendering: every difference in meaning is told with its place and both values."""

from __future__ import annotations

import pytest

from convert.test_readers import EXPERIMENT, MODEL, SDEP, TENSORFLOW, outcomes, predictor
from generator.convert import Conversion, Target
from generator.platforms import platforms

STANDARD = "{name: a, annotations: {serving.kserve.io/deploymentMode: Standard%s}}"


def told(text: str, to: Target | None = None) -> list[str]:
    """Path, value and reason of what is otherwise."""
    (outcome,) = outcomes(text, to)
    assert isinstance(outcome, Conversion)
    return [f"{each.place.path}: {each.what}: {each.why}" for each in outcome.lost if each.otherwise]


OTHERWISE = {
    "a probe that Serinus writes": (
        predictor("model: {modelFormat: {name: sklearn}, protocolVersion: v2, storageUri: 's3://m'}"),
        ["spec.predictor.model.readinessProbe: nothing: a readiness probe asks MLServer whether"],
    ),
    "an address in another field": (
        predictor("model: {modelFormat: {name: onnx}, runtime: own}\nstorageUris: [{uri: 's3://m', mountPath: /mnt/models}]"),
        [
            "spec.predictor.model.storageUri: nothing: 's3://m' is rendered",
            "spec.predictor.storageUris: [{'uri': 's3://m', 'mountPath': '/mnt/models'}]: it isn't rendered",
        ],
    ),
    "the account of a transformer": (
        predictor(TENSORFLOW + "\nserviceAccountName: reader") + "  transformer: {containers: [{name: t, image: a/b:1}]}\n",
        ["spec.transformer.serviceAccountName: nothing: 'reader' is rendered"],
    ),
    "a predictor's traffic": (
        SDEP
        + "  predictors:\n  - name: p\n    traffic: 40\n    graph: {name: m, implementation: SKLEARN_SERVER, modelUri: gs://m}\n"
        "  - name: q\n    traffic: 60\n    graph: {name: m, implementation: SKLEARN_SERVER, modelUri: gs://n}\n",
        [],
    ),
    "nothing": (predictor(TENSORFLOW), []),
    "nothing of a Model": (MODEL.replace("NAME", "m"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERWISE)
def test_what_is_rendered_otherwise_is_told(case):
    text, expected = OTHERWISE[case]
    found = told(text)
    assert len(found) == len(expected), found
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


def test_what_was_lost_is_not_told_a_second_time_by_its_difference():
    text = predictor(TENSORFLOW).replace("{name: a}", "{name: a.b}")
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    assert [each.place.path for each in outcome.lost] == ["metadata.name"]


def test_each_part_of_a_group_is_compared_with_its_own_object():
    experiment = EXPERIMENT + "  default: a\n  candidates: [{name: a, weight: 50}, {name: b, weight: 50}]\n"
    models = [
        MODEL.replace("NAME", "a"),
        MODEL.replace("NAME", "b").replace("{storageUri", "{dataflow: {}, storageUri"),
    ]
    assert told("---\n".join([experiment, *models])) == []


def test_on_another_platform_there_is_nothing_to_compare():
    text = predictor("model: {modelFormat: {name: sklearn}, protocolVersion: v2, storageUri: 's3://m'}")
    assert not [each for each in told(text, Target("seldon-core-2", "2.10")) if "rendered" in each]


def test_a_manifest_that_a_cluster_refuses_has_no_meaning_to_compare():
    (outcome,) = outcomes(predictor(TENSORFLOW + "\nminReplicas: many"))
    assert isinstance(outcome, Conversion)
    assert any(
        "a cluster would refuse the manifest itself, at spec.predictor.minReplicas" in each for each in outcome.notes
    )


def test_it_stands_at_the_end_of_the_file_too():
    (outcome,) = outcomes(OTHERWISE["the account of a transformer"][0])
    assert isinstance(outcome, Conversion)
    assert "# Otherwise once it is rendered:\n#   a.yaml:" in outcome.text


FAITHFUL = {
    "a format and a runtime of one's own": "model: {modelFormat: {name: caikit}, runtime: own, storageUri: 's3://m'}",
    "a known format with a runtime of one's own": "model: {modelFormat: {name: vLLM}, runtime: own, storageUri: 's3://m'}",
    "a format of one's own without a runtime": "model: {modelFormat: {name: caikit, version: '2'}, storageUri: 's3://m'}",
    "a version for a runtime of one's own": "model: {modelFormat: {name: tensorflow}, runtime: own, runtimeVersion: '2.18', storageUri: 's3://m'}",
    "a protocol for a runtime of one's own": "model: {modelFormat: {name: onnx}, runtime: own, protocolVersion: grpc-v2, storageUri: 's3://m'}",
    "a format that no shipped runtime runs over this protocol": "model: {modelFormat: {name: onnx}, storageUri: 's3://m'}",
    "a shipped runtime that takes the format by another name": "model: {modelFormat: {name: xgboost}, runtime: kserve-sklearnserver, storageUri: 's3://m'}",
    "an older version of a shipped runtime": "model: {modelFormat: {name: tensorflow}, runtimeVersion: '2.18.0', storageUri: 's3://m'}",
    "a runtime that brings its model": "model: {modelFormat: {name: nim}, runtime: nim}",
    "kit": "model: {modelFormat: {name: sklearn}, storageUri: 'kit://registry/model:1'}",
    "proto": "model: {modelFormat: {name: sklearn}, storageUri: 'proto://registry/model'}",
    "model-registry": "model: {modelFormat: {name: sklearn}, storageUri: 'model-registry://model/1'}",
    "a storage entry": "model: {modelFormat: {name: sklearn}, storage: {key: k, path: p/1}}",
    "a storage entry with a bucket": "model: {modelFormat: {name: sklearn}, storage: {key: k, path: p/1, parameters: {bucket: b}}}",
    "the default storage entry": "sklearn: {storage: {path: p/1}}",
    "an address and who may read it": "model: {modelFormat: {name: sklearn}, storageUri: 's3://m/a', storage: {key: k}}",
    "KEDA by CPU": "minReplicas: 1\nmaxReplicas: 4\nautoScaling: {metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}\nsklearn: {storageUri: 's3://m'}",
    "KEDA by memory": "minReplicas: 1\nmaxReplicas: 4\nautoScaling: {metrics: [{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 70}}}]}\nsklearn: {storageUri: 's3://m'}",
}  # fmt: skip


@pytest.mark.parametrize("case", FAITHFUL)
def test_what_is_kept_as_it_is_without_a_patch(case):
    scaler = ", serving.kserve.io/autoscalerClass: keda" if "autoScaling" in FAITHFUL[case] else ""
    text = predictor(FAITHFUL[case]).replace("{name: a}", STANDARD % scaler)
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    assert outcome.lost == ()
    assert not outcome.service.patches
    assert not [note for note in outcome.notes if "refuses" in note]


@pytest.mark.parametrize("implementation", ["MY_SERVER", "TEMPO_SERVER"])
def test_a_server_of_seldon_s_configuration_is_kept_by_its_name(implementation):
    graph = f"{{name: m, implementation: {implementation}, modelUri: 's3://m'}}"
    (outcome,) = outcomes(f"{SDEP}  protocol: v2\n  predictors: [{{name: p, graph: {graph}}}]\n")
    assert isinstance(outcome, Conversion)
    assert outcome.service.model.model_format == implementation
    assert outcome.lost == ()
    assert not [note for note in outcome.notes if "refuses this" in note]


def test_nothing_of_the_cluster_s_own_is_kept_for_another_platform():
    text = predictor("model: {modelFormat: {name: caikit}, runtime: own, storageUri: 's3://m'}")
    (outcome,) = outcomes(text, Target("seldon-core-1", "1.18"))
    assert isinstance(outcome, Conversion)
    assert outcome.service.model.model_format is None
    assert "spec.predictor.model.runtime" in [each.place.path for each in outcome.lost]


ASKED = {
    "the same server on Seldon Core 1": ("tensorflow", "2.18.0", "seldon-core-1", "2.18.0"),
    "the same server on plain Kubernetes": ("tensorflow", "2.18.0", "kubernetes", "2.18.0"),
    "another server": ("tensorflow", "2.18.0", "seldon-core-2", None),
    "a version that nobody asked for": ("tensorflow", "", "seldon-core-1", None),
    "KServe's own server on plain Kubernetes": ("sklearn", "v0.17.0", "kubernetes", "v0.17.0"),
}


@pytest.mark.parametrize("case", ASKED)
def test_the_release_of_a_server_that_runs_elsewhere_too_is_kept_where_it_was_asked_for(case):
    framework, version, kind, kept = ASKED[case]
    asked = f", runtimeVersion: {version}" if version else ""
    target = Target(kind, platforms()[kind].releases[-1])
    (outcome,) = outcomes(predictor(f"{framework}: {{storageUri: 's3://m'{asked}}}"), target)
    assert isinstance(outcome, Conversion)
    assert outcome.service.model.runtime_version == kept
    assert bool([each for each in outcome.lost if "runtimeVersion" in each.place.path]) is bool(version and not kept)


def test_a_version_that_is_a_number_is_kept_as_text():
    (outcome,) = outcomes(predictor("tensorflow: {storageUri: 's3://m', runtimeVersion: 2.18}"))
    assert isinstance(outcome, Conversion)
    assert outcome.service.model.runtime_version == "2.18"
    assert any("it is text now" in each.why for each in outcome.lost)


def test_what_render_refuses_is_told_and_no_patch_gets_round_it():
    text = predictor(TENSORFLOW + "\nminReplicas: 0").replace("{name: a}", STANDARD % "")
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    assert not outcome.service.patches
    refused, instead = outcome.lost
    assert (refused.place.path, refused.what) == ("spec.predictor.minReplicas", "0")
    assert "can't scale to zero" in refused.why
    assert (instead.place.path, instead.what, instead.why) == ("spec.predictor.minReplicas", "0", "it becomes 1")


def test_metrics_of_keda_that_have_no_key_are_told_with_what_runs_instead():
    metrics = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}"
    scaled = (
        f"minReplicas: 1\nmaxReplicas: 4\nautoScaling: {{metrics: [{metrics}, {metrics.replace('cpu', 'memory')}]}}"
    )
    (outcome,) = outcomes(
        predictor(f"{TENSORFLOW}\n{scaled}").replace(
            "{name: a}", STANDARD % ", serving.kserve.io/autoscalerClass: keda"
        )
    )
    assert isinstance(outcome, Conversion)
    (lost,) = outcome.lost
    assert lost.place.path == "spec.predictor.autoScaling"
    assert "KEDA scales by CPU at 80 % without it" in lost.why


def test_who_may_call_stays_where_no_gateway_says_it():
    labelled = "{name: a, labels: {networking.knative.dev/visibility: cluster-local}}"
    (outcome,) = outcomes(predictor(TENSORFLOW).replace("{name: a}", labelled))
    assert isinstance(outcome, Conversion)
    assert outcome.service.labels == {"networking.knative.dev/visibility": "cluster-local"}
    assert outcome.lost == ()


def test_of_variants_each_keeps_its_runtime():
    canary = "  canary:\n  - {trafficPercent: 10, predictor: {name: next, model: {modelFormat: {name: caikit}, runtime: other, storageUri: 's3://n'}}}\n"
    text = predictor("name: now\nmodel: {modelFormat: {name: caikit}, runtime: own, storageUri: 's3://m'}") + canary
    (outcome,) = outcomes(text)
    assert isinstance(outcome, Conversion)
    stable, other = outcome.service.variants
    assert (outcome.service.model.model_format, outcome.service.model.runtime) == ("caikit", "own")
    assert (stable.model_format, other.model_format, other.runtime) == (None, "caikit", "other")
