"""The framework fields of a predictor, which the webhook turns into ``model``, and the protocols that it fills in.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go (``assignDefaultRuntime`` and its
neighbours).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

FRAMEWORKS = (
    "sklearn",
    "tensorflow",
    "xgboost",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
)
"""In the order in which the webhook takes the first one that is set."""
V2_FRAMEWORKS = frozenset(("triton", "onnx", "huggingface"))
"""Those that get protocol v2 where none is named."""
_VLLM = Version(0, 20)


def v2_formats(release: Version) -> AbstractSet[str]:
    """The formats of ``model`` that get protocol v2 where none is named: Triton's, and vLLM's since 0.20."""
    return frozenset(("triton", "vLLM")) if release >= _VLLM else frozenset(("triton",))
