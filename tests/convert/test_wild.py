"""Manifests as strangers write them: converted, rendered and judged, each keeps what was asked for, or says what not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.checks.api import check
from generator.convert import Conversion, convert
from generator.plan.lock import Lock
from generator.reading.documents import Document, read
from generator.rendering.render import render

WILD = Path(__file__).parent / "wild"


def converted(name: str) -> Conversion:
    file = WILD / f"{name}.yaml"
    (outcome,) = convert([each for each in read(file.read_bytes(), file.name) if isinstance(each, Document)])
    assert isinstance(outcome, Conversion)
    return outcome


def predictor(outcome: Conversion) -> dict[str, Any]:
    rendering = render(outcome.service, Lock())
    assert check(rendering.text).summary.errors == 0
    (made,) = [each for each in yaml.safe_load_all(rendering.text) if each["kind"] == "InferenceService"]
    found: dict[str, Any] = made["spec"]["predictor"]
    return found


KEPT = {
    "w03-convert-vllm-own-runtime": {
        "modelFormat": {"name": "vLLM"},
        "runtime": "vllm-runtime",
        "storageUri": "oci://registry.example.com/models/llama:3.2",
        "args": ["--max-model-len=20000"],
    },
    "w04-convert-own-format": {
        "modelFormat": {"name": "caikit"},
        "runtime": "caikit-runtime",
        "storageUri": "s3://models/text/1",
    },
    "w05-convert-storage-key": {
        "modelFormat": {"name": "onnx"},
        "runtime": "kserve-ovms",
        "storage": {"key": "models-bucket", "path": "text/1"},
    },
}


@pytest.mark.parametrize("name", KEPT)
def test_a_runtime_of_one_s_own_keeps_its_words_and_nothing_is_put_beside_them(name):
    outcome = converted(name)
    model = predictor(outcome)["model"]
    del model["lifecycle"]  # the wait before its end, which each container of ours has
    assert model == KEPT[name]
    assert outcome.lost == ()
    assert not outcome.service.patches


def test_keda_keeps_its_share():
    outcome = converted("53-keda-cpu-60-convert")
    (metric,) = predictor(outcome)["autoScaling"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    assert outcome.lost == ()


TOLD = {
    "01-storageuris-oci": ["otherwise spec.predictor.model.storageUri", "otherwise spec.predictor.storageUris"],
    "05b-grpc-v2-lgb": ["otherwise spec.transformer.serviceAccountName"],
    "36-keda-zero-by-cpu": ["lost spec.predictor.minReplicas", "otherwise spec.predictor.minReplicas"],
    "40-logger-kafka": ["lost spec.predictor.logger.url"],
}


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_stay_is_listed_and_no_patch_brings_it_back(name):
    outcome = converted(name)
    predictor(outcome)
    assert [f"{'otherwise' if each.otherwise else 'lost'} {each.place.path}" for each in outcome.lost] == TOLD[name]
    assert not outcome.service.patches


def test_a_kustomize_patch_and_a_values_file_are_skipped_with_a_word_each(run, tmp_path):
    ended = run("convert", WILD / "w22-kustomize-patch", "-o", tmp_path / "out")
    assert ended.code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["iris.yaml"]
    assert "2 files of kustomize skipped" in ended.err
    ended = run("convert", WILD, "-o", tmp_path / "all")
    assert ended.code == 0, ended.err
    assert "1 file without a Kubernetes object (apiVersion and kind) skipped" in ended.err
