"""The annotations of its own that KServe writes on what it makes: notes to its pod webhook.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/components/component.go and predictor.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree

PREFIX = "internal.serving.kserve.io/"
SOURCE = f"{PREFIX}storage-initializer-sourceuri"
STORAGE_SPEC, STORAGE_PARAMETERS = f"{PREFIX}storage-spec", f"{PREFIX}storage-spec-param"
STORAGE_KEY, STORAGE_CONTAINER = f"{PREFIX}storage-spec-key", f"{PREFIX}storage-container-name"
LOGGER, LOGGER_URL, LOGGER_MODE = f"{PREFIX}logger", f"{PREFIX}logger-sink-url", f"{PREFIX}logger-mode"
LOGGER_HEADERS, LOGGER_ANNOTATIONS = f"{PREFIX}logger-metadata-headers", f"{PREFIX}logger-metadata-annotations"
BATCHER, BATCH_SIZE, BATCH_LATENCY = (
    f"{PREFIX}batcher",
    f"{PREFIX}batcher-max-batchsize",
    f"{PREFIX}batcher-max-latency",
)
AGENT, MODEL_CONFIG = f"{PREFIX}agent", f"{PREFIX}configVolumeName"
MODEL_CONFIG_PATH, MODEL_DIR = f"{PREFIX}configMountPath", f"{PREFIX}modelDir"
CONFIDENTIAL, CONFIDENTIAL_ID = f"{PREFIX}confidential-enabled", f"{PREFIX}confidential-resource-id"
LOCAL_MODEL, LOCAL_MODEL_NAMESPACE = f"{PREFIX}localmodel", f"{PREFIX}localmodel-namespace"
LOCAL_MODEL_SOURCE, LOCAL_MODEL_CLAIM = f"{PREFIX}localmodel-sourceuri", f"{PREFIX}localmodel-pvc-name"

MODEL_FOLDER = "/mnt/models"
MODEL_CONFIGS = "/mnt/configs"
SCHEME_TO_COME = "<scheme-placeholder>"
"""What stands for the scheme of a ``storage.path`` until the pod webhook reads the Secret."""

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_V0_20 = Version(0, 20)


def go_json(value: Any) -> str:
    """JSON as Go's encoder writes it: no blanks, keys of maps in order, ``<``, ``>`` and ``&`` escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).translate(_HTML)


def _text(source: Tree, text: str) -> Tree:
    return Part(text, source.origin) if source.__class__ is Part else text


def logger(spec: Tree) -> dict[str, Tree]:
    """Of ``logger``, where there is one; a mode that isn't said is empty, which the webhook takes for none of all."""
    fields = opened(spec)
    if fields.__class__ is not dict:
        return {}
    found = {LOGGER: _text(spec, "true"), LOGGER_MODE: fields.get("mode", _text(spec, ""))}
    if "url" in fields:
        found[LOGGER_URL] = fields["url"]
    for name, key in (("metadataHeaders", LOGGER_HEADERS), ("metadataAnnotations", LOGGER_ANNOTATIONS)):
        listed = value_of(fields.get(name))
        if isinstance(listed, list):
            found[key] = _text(fields[name], ",".join(map(str, listed)))
    return found


def batcher(spec: Tree) -> dict[str, Tree]:
    """Of ``batcher``, where there is one."""
    fields = opened(spec)
    if fields.__class__ is not dict:
        return {}
    found = {BATCHER: _text(spec, "true")}
    for name, key in (("maxBatchSize", BATCH_SIZE), ("maxLatency", BATCH_LATENCY)):
        if name in fields:
            found[key] = _text(fields[name], str(value_of(fields[name])))
    return found


def storage(spec: Tree) -> dict[str, Tree]:
    """Of ``storage``, where there is one: it leads to a Secret with the address and the credentials."""
    fields = opened(spec)
    if fields.__class__ is not dict:
        return {}
    found = {STORAGE_SPEC: _text(spec, "true")}
    if "parameters" in fields:
        found[STORAGE_PARAMETERS] = _text(fields["parameters"], go_json(value_of(fields["parameters"])))
    if "key" in fields:
        found[STORAGE_KEY] = fields["key"]
    path = fields.get("path")
    if path is not None:
        found[SOURCE] = _text(path, f"{SCHEME_TO_COME}://{str(value_of(path)).removeprefix('/')}")
    return found


def agent(name: str) -> dict[str, Tree]:
    """Of a predictor that waits for TrainedModels: nothing says where its model comes from.

    Args:
        name: The InferenceService's.
    """
    return {AGENT: "true", MODEL_CONFIG: model_config(name), MODEL_CONFIG_PATH: MODEL_CONFIGS, MODEL_DIR: MODEL_FOLDER}


def model_config(name: str) -> str:
    """The ConfigMap that lists the TrainedModels of an InferenceService."""
    return f"modelconfig-{name}-0"


def confidential(implementation: Mapping[str, Tree], release: Version) -> dict[str, Tree]:
    """Of an encrypted model; since 0.20."""
    fields = opened(implementation.get("confidential")) if release >= _V0_20 else None
    if fields.__class__ is not dict or value_of(fields.get("enabled")) is not True:
        return {}
    found = {CONFIDENTIAL: _text(fields["enabled"], "true")}
    if value_of(fields.get("resourceId")):
        found[CONFIDENTIAL_ID] = fields["resourceId"]
    return found
