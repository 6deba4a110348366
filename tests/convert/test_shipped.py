"""What the platforms run where a manifest says nothing, written down a second time from their sources.

Reading a manifest and comparing it with what is rendered go by one table each, so a slip in it would be in both: here it
shows (kserve/kserve v0.15.0 to v0.20.0, config/runtimes; SeldonIO/seldon-core v1.18.2, helm values).
"""

from __future__ import annotations

import pytest

from generator.convert import kserve_runtimes
from generator.convert.meaning.seldon_core_1 import IMAGES, TENSORFLOW

CHOSEN = {
    ("tensorflow", "v1"): "kserve-tensorflow-serving",
    ("tensorflow", "grpc-v1"): "kserve-tensorflow-serving",
    ("tensorflow", "v2"): "kserve-tritonserver",
    ("tensorflow", "grpc-v2"): "kserve-tritonserver",
    ("sklearn", "v1"): "kserve-sklearnserver",
    ("sklearn", "v2"): "kserve-mlserver",
    ("xgboost", "v1"): "kserve-xgbserver",
    ("xgboost", "v2"): "kserve-mlserver",
    ("lightgbm", "v1"): "kserve-lgbserver",
    ("lightgbm", "v2"): "kserve-mlserver",
    ("pytorch", "v1"): "kserve-torchserve",
    ("pytorch", "v2"): "kserve-torchserve",
    ("pytorch", "grpc-v2"): "kserve-torchserve",
    ("onnx", "v2"): "kserve-tritonserver",
    ("onnx", "grpc-v2"): "kserve-tritonserver",
    ("triton", "v2"): "kserve-tritonserver",
    ("triton", "grpc-v2"): "kserve-tritonserver",
    ("mlflow", "v2"): "kserve-mlserver",
    ("huggingface", "v1"): "kserve-huggingfaceserver",
    ("huggingface", "v2"): "kserve-huggingfaceserver",
    ("pmml", "v1"): "kserve-pmmlserver",
    ("pmml", "v2"): "kserve-pmmlserver",
    ("paddle", "v1"): "kserve-paddleserver",
    ("paddle", "v2"): "kserve-paddleserver",
    ("vLLM", "v1"): "kserve-vllmserver",
    ("vLLM", "v2"): "kserve-vllmserver",
}


def test_the_runtime_that_kserve_chooses_by_format_and_protocol():
    table = kserve_runtimes.CHOSEN
    assert {(name, protocol): runtime for name, row in table.items() for protocol, runtime in row.items()} == CHOSEN


@pytest.mark.parametrize(
    ("runtime", "release", "tag"),
    [
        ("kserve-tensorflow-serving", "0.15", "2.6.2"),
        ("kserve-tensorflow-serving", "0.20", "2.6.2"),
        ("kserve-tritonserver", "0.20", "23.05-py3"),
        ("kserve-torchserve", "0.20", "0.9.0"),
        ("kserve-mlserver", "0.17", "1.5.0"),
        ("kserve-mlserver", "0.18", "1.7.1"),
        ("kserve-sklearnserver", "0.20", None),
    ],
)
def test_the_image_that_a_shipped_runtime_has(runtime, release, tag):
    assert kserve_runtimes.shipped(release, runtime) == tag


def test_the_images_of_seldon_s_prepackaged_servers():
    assert dict(IMAGES["v2"]) == {
        "SKLEARN_SERVER": "seldonio/mlserver:1.3.5-sklearn",
        "XGBOOST_SERVER": "seldonio/mlserver:1.3.5-xgboost",
        "MLFLOW_SERVER": "seldonio/mlserver:1.3.5-mlflow",
        "HUGGINGFACE_SERVER": "seldonio/mlserver:1.3.5-huggingface",
        "TEMPO_SERVER": "seldonio/mlserver:1.3.5-slim",
        "TRITON_SERVER": "nvcr.io/nvidia/tritonserver:21.08-py3",
    }
    assert dict(IMAGES["tensorflow"]) == {"TENSORFLOW_SERVER": "tensorflow/serving:2.1.0"}
    assert TENSORFLOW == "tensorflow/serving:2.1.0"
