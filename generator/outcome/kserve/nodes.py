"""A predictor on several nodes: its head, its workers, and how many GPUs each has.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/components/predictor.go (``multiNodeProcess``,
``computeRayNodeAndGPUs``) and reconcilers/deployment/deployment_reconciler.go (``addGPUResourceToDeployment``).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.kserve import container as containers
from generator.outcome.kserve import names
from generator.outcome.kserve.pod import under
from generator.outcome.part import opened, value_of
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.kserve.predictor import Predictor
    from generator.outcome.kserve.runtime import Runtime
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Part, Tree

GPUS = ("nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu", "habana.ai/gaudi")
MORE_GPUS = "serving.kserve.io/gpu-resource-types"
"""Annotation: a JSON list of further resources that are GPUs."""
_BACKEND = "multinode/executor-backend"
_BACKENDS, _IMAGES = Version(0, 18), Version(0, 16)


class Sizes(NamedTuple):
    """How a model is spread.

    Attributes:
        nodes: How many nodes.
        worker: GPUs of each other node.
        head: GPUs of the first.
    """

    nodes: int
    worker: int
    head: int


class Spread(NamedTuple):
    """The pods of a predictor on several nodes.

    Attributes:
        head: The first node's spec.
        workers: The others'.
        replicas: How many others.
        refused: Why KServe makes nothing; empty where it does.
    """

    head: dict[str, Tree]
    workers: dict[str, Tree]
    replicas: int
    refused: str = ""


def spread(
    predictor: Predictor, head: dict[str, Tree], source: Tree, annotations: Mapping[str, Tree], view: ServiceView
) -> Spread:
    """Spread a predictor over its nodes.

    Args:
        predictor: The predictor, with a runtime that knows workers.
        head: The spec of its pods.
        source: Where its model comes from.
        annotations: Those of its pods.
        view: The InferenceService.
    """
    runtime = predictor.runtime
    theirs = runtime.spec.get("workerSpec") if runtime else None
    if runtime is None or theirs is None:
        return Spread({}, {}, 0, "KServe makes nothing: the runtime has no workerSpec, and the predictor has one")
    listed = tuple(theirs.each("containers"))
    place = containers.named(listed, containers.WORKER)
    if place is None:
        return Spread({}, {}, 0, f"KServe makes nothing: the runtime's workerSpec has no {containers.WORKER}")
    fields = opened(predictor.fields["workerSpec"])
    own = opened(fields.get("containers")) or []
    worker = containers.merged(listed[place], opened(own[0]) if own else {}, view.release)
    left_out = ("pipelineParallelSize", "tensorParallelSize", "containers")
    pod = under(theirs, {name: value for name, value in fields.items() if name not in left_out}, view.release)
    pipeline, tensor = (_size(fields, theirs, f"{name}ParallelSize") for name in ("pipeline", "tensor"))
    sizes = _sizes(runtime, worker, head["containers"][0], (value_of(pipeline), value_of(tensor)), view.release)
    if sizes is None:
        return Spread({}, {}, 0, "KServe makes nothing: head and workers have fewer GPUs than the model is spread over")
    more = _custom(annotations)
    head = _head(head, sizes, (pipeline, tensor), source, view)
    worker = _worker(worker, sizes, (pipeline, tensor), predictor, view)
    pod["containers"] = [_with_gpus(worker, sizes.worker, more)]
    return Spread(_with_gpus_of_main(head, sizes.head, more), pod, sizes.nodes - 1)


def _size(fields: Mapping[str, Tree], theirs: Part, name: str) -> Tree:
    own = fields.get(name)
    found = own if own is not None else theirs.get(name)
    return found if isinstance(value_of(found), int) else 1


def _sizes(
    runtime: Runtime, worker: Mapping[str, Tree], head: Mapping[str, Tree], parallel: tuple[int, int], release: Version
) -> Sizes | None:
    """Nodes and GPUs; None where they don't suffice."""
    pipeline, tensor = parallel
    if release >= _BACKENDS and value_of(runtime.spec.get("annotations", _BACKEND)) == "mp":
        return Sizes(pipeline, tensor, tensor)
    wanted, of_worker, of_head = pipeline * tensor, _gpus(worker), _gpus(head)
    if of_worker > 0:
        nodes = math.ceil(wanted / of_worker)
        if of_head > 0 and math.ceil(wanted / of_head) == 1:
            nodes = 1
        of_head = of_head or wanted - of_worker * (nodes - 1)
        if nodes == 1:
            return Sizes(1, 0, wanted)
    elif of_head > 0:
        of_worker, nodes = 1, max(wanted - of_head, 0) + 1
    else:
        return Sizes(wanted, 1, 1)
    return Sizes(nodes, of_worker, of_head) if wanted <= of_head + of_worker * (nodes - 1) else None


def _gpus(container: Mapping[str, Tree]) -> int:
    """The GPUs that a container asks for, of the known kinds."""
    requests = opened(opened(container.get("resources") or {}).get("requests") or {})
    for name in GPUS:
        if name in requests:
            found = quantity.parse(str(value_of(requests[name])))
            return math.ceil(found.number) if found else 0
    return 0


def _head(
    pod: dict[str, Tree], sizes: Sizes, parallel: tuple[Tree, Tree], source: Tree, view: ServiceView
) -> dict[str, Tree]:
    variables = _parallel(parallel) | _nodes(sizes.nodes, sizes.head)
    variables["MODEL_NAME"] = view.root.get("metadata", "name") or view.name
    scheme = str(value_of(source) or "").split("://")[0]
    if scheme == "pvc" or (scheme == "oci" and view.release >= _IMAGES):
        variables["MODEL_DIR"] = "/mnt/models"
    place = containers.named(pod["containers"], containers.MAIN) or 0
    listed = list(pod["containers"])
    listed[place] = _told(listed[place], variables)
    return {**pod, "containers": listed}


def _worker(
    container: dict[str, Tree], sizes: Sizes, parallel: tuple[Tree, Tree], predictor: Predictor, view: ServiceView
) -> dict[str, Tree]:
    variables = _nodes(sizes.nodes, sizes.worker)
    if view.release >= _BACKENDS:
        variables |= _parallel(parallel)
    generation = generation_of(view)
    variables["ISVC_NAME"] = view.root.get("metadata", "name") or view.name
    variables["HEAD_SVC"] = names.head_service(view.name, generation)
    if view.release >= _BACKENDS:
        name = names.component(view.name, names.PREDICTOR, predictor.own_name)
        variables["WORKER_SVC"] = names.workers_service(name, generation)
    return _told(container, variables)


def _parallel(parallel: tuple[Tree, Tree]) -> dict[str, Tree]:
    pipeline, tensor = (str(value_of(one)) for one in parallel)
    return {"PIPELINE_PARALLEL_SIZE": pipeline, "TENSOR_PARALLEL_SIZE": tensor}


def _nodes(count: int, gpus: int) -> dict[str, Tree]:
    return {"RAY_NODE_COUNT": str(count), "REQUEST_GPU_COUNT": str(gpus)}


def _told(container: dict[str, Tree], variables: Mapping[str, Tree]) -> dict[str, Tree]:
    for name, value in variables.items():
        container = containers.with_env(container, name, value)
    return container


def _with_gpus_of_main(pod: dict[str, Tree], count: int, more: tuple[str, ...]) -> dict[str, Tree]:
    listed = list(pod["containers"])
    place = containers.named(listed, containers.MAIN) or 0
    listed[place] = _with_gpus(listed[place], count, more)
    return {**pod, "containers": listed}


def _with_gpus(container: dict[str, Tree], count: int, more: tuple[str, ...]) -> dict[str, Tree]:
    resources = opened(container.get("resources") or {})
    limits, requests = (dict(opened(resources.get(name) or {})) for name in ("limits", "requests"))
    name = next((one for one in (*GPUS, *more) if _some(limits.get(one)) or _some(requests.get(one))), GPUS[0])
    limits[name] = requests[name] = str(count)
    return {**container, "resources": {**resources, "limits": limits, "requests": requests}}


def _some(amount: Tree) -> bool:
    found = quantity.parse(str(value_of(amount))) if amount is not None else None
    return found is not None and found.number != 0


def _custom(annotations: Mapping[str, Tree]) -> tuple[str, ...]:
    text = value_of(annotations.get(MORE_GPUS))
    try:
        found = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def generation_of(view: ServiceView) -> str:
    """The InferenceService's generation: 1 when it is applied for the first time, as a file is."""
    found = view.root.get("metadata", "generation")
    return str(found.value) if found is not None and isinstance(found.value, int) else "1"
