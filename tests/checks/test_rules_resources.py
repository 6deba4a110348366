"""Requests and limits of KServe's containers, once they are laid over what the runtime or the ConfigMap brings."""

from __future__ import annotations

import pytest

from generator.checks.api import check

HEAD = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: a, namespace: models, annotations: {serving.kserve.io/deploymentMode: Standard}}
spec:
"""
MODEL = "  predictor: {model: {%smodelFormat: {name: sklearn}, storageUri: s3://m/a, resources: {%s}}}\n"
OWN = "  predictor: {containers: [{name: kserve-container, image: a, resources: {%s}}, {name: b, image: b, resources: {%s}}]}\n"
RUNTIME = """---
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: own, namespace: models}
spec:
  supportedModelFormats: [{name: sklearn, version: "1", autoSelect: true}]
  containers: [{name: kserve-container, image: a%s}]
"""


def told(text, release="0.20"):
    """Path and the begin of what is said."""
    found = check(text, platforms=[f"kserve@{release}"]).findings
    return [(one.path.partition("resources.")[2], one.message.split(":")[0]) for one in found if one.rule == "KSV496"]


def model(resources, runtime="", more=""):
    return HEAD + MODEL % (runtime and f"runtime: {runtime}, ", resources) + more


ABOVE = "is above the limit"
CASES = {
    "nothing": (model(""), []),
    "as the runtime has it": (model("requests: {cpu: 1, memory: 2Gi}"), []),
    "less than the runtime": (model("requests: {cpu: 500m}"), []),
    "requests above the shipped limits": (
        model("requests: {cpu: 4}"),
        [("requests.cpu", f"the request for cpu, 4, {ABOVE} 1 that the shipped runtime brings")],
    ),
    "by the runtime's name": (
        model("requests: {memory: 8Gi}", "kserve-mlserver"),
        [("requests.memory", f"the request for memory, 8Gi, {ABOVE} 2Gi that the shipped runtime kserve-mlserver brings")],
    ),
    "a limit below the shipped request": (
        model("limits: {memory: 1Gi}"),
        [("limits.memory", "the limit for memory, 1Gi, is below the request 2Gi that the shipped runtime brings")],
    ),
    "both halves": (model("requests: {cpu: 4}, limits: {cpu: 4}"), []),
    "both halves, the wrong way round": (
        model("requests: {cpu: 4}, limits: {cpu: 2}"),
        [("requests.cpu", f"the request for cpu, 4, {ABOVE} 2")],
    ),
    "a device without a limit": (
        model('requests: {nvidia.com/gpu: "1"}'),
        [('requests["nvidia.com/gpu"]', "nvidia.com/gpu is requested and has no limit")],
    ),
    "a device with one": (model('limits: {nvidia.com/gpu: "1"}'), []),
    "disk without a limit": (model("requests: {ephemeral-storage: 9Gi}"), []),
    "a runtime that nobody here knows": (model("requests: {cpu: 4}", "theirs"), []),
    "a format that nobody here knows": (model("requests: {cpu: 4}").replace("sklearn", "theirs"), []),
    "a runtime of the set that brings nothing": (model("requests: {cpu: 4}", "own", RUNTIME % ""), []),
    "a runtime of the set that could be chosen": (model("requests: {cpu: 4}", "", RUNTIME % ""), []),
    "a runtime of the set with limits": (
        model("requests: {cpu: 4}", "own", RUNTIME % ", resources: {requests: {cpu: 2}, limits: {cpu: 2}}"),
        [("requests.cpu", f"the request for cpu, 4, {ABOVE} 2 that the runtime own brings")],
    ),
    "several nodes, whose runtime has more": (
        HEAD + MODEL.replace("predictor: {", "predictor: {workerSpec: {}, ") % ("", "requests: {cpu: 4}"), [],
    ),
    "a container of one's own": (
        HEAD + OWN % ("requests: {cpu: 4}", ""),
        [("requests.cpu", f"the request for cpu, 4, {ABOVE} 1 that KServe's ConfigMap as shipped brings")],
    ),
    "the container beside it": (HEAD + OWN % ("", "requests: {cpu: 4}"), []),
    "a transformer": (
        model("") + "  transformer: {containers: [{name: t, image: t, resources: {requests: {memory: 4Gi}}}]}\n",
        [("requests.memory", f"the request for memory, 4Gi, {ABOVE} 2Gi that KServe's ConfigMap as shipped brings")],
    ),
    "a canary, below which the stable lies": (
        HEAD
        + "  predictor: {name: a, model: {modelFormat: {name: sklearn}, storageUri: s3://m/a, resources: {requests: {cpu: 4}, limits: {cpu: 4}}}}\n"
        + "  canary: [{trafficPercent: 1, predictor: {name: b, model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://m/b, resources: {requests: {cpu: 3, nvidia.com/gpu: 1}}}}}]\n",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_no_pod_can_be_made_of_is_told(case):
    text, expected = CASES[case]
    assert told(text) == expected


@pytest.mark.parametrize("release", ["0.15", "0.17", "0.19", "0.21"])
def test_it_holds_for_every_release(release):
    assert told(model("requests: {cpu: 4}"), release)


def test_a_language_model_is_held_to_what_it_says_itself():
    text = """apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: chat, namespace: models}
spec:
  model: {uri: "hf://a/b", name: a/b}
  template: {containers: [{name: main, resources: {requests: {cpu: 8, nvidia.com/gpu: 2}, limits: {nvidia.com/gpu: 1}}}]}
  prefill: {template: {containers: [{name: main, resources: {requests: {memory: 8Gi}, limits: {memory: 4Gi}}}]}}
"""
    assert [path for path, _ in told(text)] == ['requests["nvidia.com/gpu"]', "requests.memory"]
