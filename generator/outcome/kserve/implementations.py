"""What serves in a predictor, and where its model comes from.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/predictor.go (``GetImplementations``) and predictor_custom.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import container as containers
from generator.outcome.part import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree

FRAMEWORKS = (
    "xgboost",
    "pytorch",
    "triton",
    "sklearn",
    "tensorflow",
    "onnx",
    "pmml",
    "lightgbm",
    "paddle",
    "huggingface",
)
"""In the order in which the first that is set is the implementation; the webhook leaves them in canaries alone."""


def implementation(fields: Mapping[str, Tree]) -> tuple[str, dict[str, Tree]] | None:
    """What serves: a framework field, ``model`` or, for a custom predictor, ``containers``, with its fields.

    None where nothing does, which KServe's controller doesn't survive.
    """
    for name in (*FRAMEWORKS, "model"):
        if name in fields:
            found = opened(fields[name])
            return (name, found) if found.__class__ is dict else None
    listed = opened(fields.get("containers"))
    return ("containers", {"containers": listed}) if isinstance(listed, list) and listed else None


def storage_uri(kind: str, fields: Mapping[str, Tree]) -> Tree:
    """Where the model comes from; None where nothing says it.

    Args:
        kind: Which implementation.
        fields: Its fields; see ``implementation``.
    """
    if kind != "containers":
        return fields.get("storageUri")
    place = containers.named(fields["containers"], containers.MAIN)
    return None if place is None else containers.env(fields["containers"][place], "STORAGE_URI")
