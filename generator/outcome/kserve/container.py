"""What a container becomes: the runtime's under the user's, its image, its variables.

kserve/kserve v0.20.0: pkg/controller/v1beta1/inferenceservice/utils/utils.go (``MergeRuntimeContainers``,
``UpdateImageTag``, ``AddEnvVarToPodSpec``), pkg/utils/container_merge.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.outcome.kserve.runtime import HUGGINGFACE, TENSORFLOW, TORCHSERVE, VLLM
from generator.outcome.merging import laid_over
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.outcome.kserve.runtime import Runtime
    from generator.outcome.part import Tree

MAIN, TRANSFORMER, WORKER = "kserve-container", "transformer-container", "worker-container"

NOT_OF_A_CONTAINER = frozenset(
    ("modelFormat", "runtime", "storageUri", "runtimeVersion", "protocolVersion", "storage", "confidential")
)
"""The fields of a model that aren't those of its container (predictor.go, ``PredictorExtensionSpec``)."""

_V0_16, _V0_20 = Version(0, 16), Version(0, 20)
_TAG = re.compile(r":([\w.\-_]*)\Z", re.ASCII)
_WITH_GPU_TAG = (TENSORFLOW, TORCHSERVE, HUGGINGFACE)


def of_model(model: Mapping[str, Tree]) -> dict[str, Tree]:
    """The container that is in the fields of a model."""
    return {name: value for name, value in model.items() if name not in NOT_OF_A_CONTAINER}


def merged(base: Tree, over: Mapping[str, Tree], release: Version) -> dict[str, Tree]:
    """A runtime's container under the user's, whose arguments follow the runtime's.

    Args:
        base: The runtime's.
        over: The user's.
        release: KServe's. From 0.20 a variable that both give is the user's alone; before, one with ``value`` below and
            ``valueFrom`` above had both, which the API server refuses.
    """
    lower: dict[str, Tree] = opened(base)
    args, own = lower.get("args"), over.get("args")
    found: dict[str, Tree] = laid_over(lower, dict(over))
    if args is not None and own is not None:
        found["args"] = [*opened(args), *opened(own)]
    if not value_of(found.get("name")):
        found["name"] = lower.get("name")
    if release >= _V0_20 and "env" in lower and "env" in over:
        above = {_name(item): item for item in opened(over["env"])}
        found["env"] = [_one_source(item, above) for item in opened(found["env"])]
    return found


def _one_source(item: Tree, above: Mapping[Any, Tree]) -> Tree:
    fields = opened(item)
    if fields.__class__ is not dict or not value_of(fields.get("value")) or fields.get("valueFrom") is None:
        return item
    own = opened(above.get(_name(item)))
    if own.__class__ is not dict:
        return item
    dropped = "value" if own.get("valueFrom") is not None else "valueFrom" if value_of(own.get("value")) else ""
    return {name: value for name, value in fields.items() if name != dropped}


def _name(item: Tree) -> Any:
    fields = value_of(item)
    return value_of(fields.get("name")) if fields.__class__ is dict else None


def with_image(container: dict[str, Tree], version: Tree, runtime: Runtime, release: Version) -> None:
    """Put ``runtimeVersion`` into the image, or else what the platform adds to a tag by itself.

    Up to 0.19 the images of three servers get ``-gpu`` where the runtime has one of the shipped names; from 0.20 the
    kind of server tells, and vLLM's image without a GPU becomes ``<image>-cpu``.

    Args:
        container: The container, which is changed.
        version: ``runtimeVersion``; None where it isn't given.
        runtime: The runtime.
        release: KServe's. From 0.16 an image with a digest stays as it is.
    """
    image = container.get("image")
    text = value_of(image)
    if not isinstance(text, str) or ("@sha256:" in text and release >= _V0_16):
        return
    tag = _TAG.search(text)
    if version is not None:
        bare = text[: tag.start()] if tag else text
        _put(container, f"{bare}:{value_of(version)}", version if version.__class__ is Part else image)
    elif tag:
        new = _adorned(text, tag.start(), container, runtime, release)
        if new != text:
            _put(container, new, image)


def _put(container: dict[str, Tree], text: str, source: Tree) -> None:
    container["image"] = Part(text, source.origin) if source.__class__ is Part else text


def _adorned(text: str, tag: int, container: Mapping[str, Tree], runtime: Runtime, release: Version) -> str:
    kind = runtime.server(release) if release >= _V0_20 else runtime.kind_by_name
    gpu = on_gpu(container)
    if gpu and kind in _WITH_GPU_TAG and not text.endswith("-gpu"):
        return f"{text}-gpu"
    if release >= _V0_20 and not gpu and kind == VLLM and not text[:tag].endswith("-cpu"):
        return f"{text[:tag]}-cpu{text[tag:]}"
    return text


def on_gpu(container: Mapping[str, Tree]) -> bool:
    """Whether a container is limited to one of Nvidia's GPUs, or a slice of one (utils.go, ``IsGPUEnabled``)."""
    limits = opened(opened(container.get("resources") or {}).get("limits") or {})
    return limits.__class__ is dict and any(
        name == "nvidia.com/gpu" or name.startswith("nvidia.com/mig") for name in limits
    )


def with_env(container: Mapping[str, Tree], name: str, value: Tree) -> dict[str, Tree]:
    """A container with a variable: at the end, or where it is already, beside what else that says."""
    variables = list(opened(container.get("env") or []))
    for number, item in enumerate(variables):
        if _name(item) == name:
            variables[number] = {**opened(item), "value": value}
            break
    else:
        variables.append({"name": name, "value": value})
    return {**container, "env": variables}


def has_env(container: Mapping[str, Tree], name: str) -> bool:
    """Whether a container has a variable, whatever it says."""
    return any(_name(item) == name for item in opened(container.get("env") or []))


def env(container: Tree, name: str) -> Tree:
    """What a variable says, as a text with its origin; None where the container doesn't have it."""
    fields = opened(container)
    for item in opened(fields.get("env") or []) if fields.__class__ is dict else ():
        if _name(item) == name:
            found = opened(item).get("value")
            return "" if found is None else found
    return None


def named(containers: Iterable[Tree], name: str) -> int | None:
    """The place of the first container of a name."""
    return next((number for number, one in enumerate(containers) if _name(one) == name), None)


def has_arg(arguments: Iterable[Tree], name: str) -> bool:
    """Whether one of the arguments begins with a name (pkg/utils/collections.go, ``IncludesArg``)."""
    return any(str(value_of(one)).startswith(name) for one in arguments)
