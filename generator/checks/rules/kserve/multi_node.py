"""A predictor over several nodes (``workerSpec``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import AUTOSCALER, PREFIX, V0_16, VALIDATION, annotations_of
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

WORKERS: Path = ("spec", "predictor", "workerSpec")
MODEL: Path = ("spec", "predictor", "model")
SIZE_VARIABLES = ("PIPELINE_PARALLEL_SIZE", "TENSOR_PARALLEL_SIZE")
BASIC = ("cpu", "memory", "storage", "ephemeral-storage")
GPUS = ("nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu", "habana.ai/gaudi")
GPU_TYPES = f"{PREFIX}gpu-resource-types"

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: none
spec:
  predictor:
    model:
      modelFormat: {name: huggingface}
      storageUri: pvc://models/llama
      resources: {limits: {nvidia.com/gpu: "1"}}
    workerSpec:
      pipelineParallelSize: 2
      tensorParallelSize: 1
      containers:
        - name: worker-container
          resources: {limits: {nvidia.com/gpu: "1"}}
"""


def _workers(subject: Subject) -> Mapping[str, Any] | None:
    found = mapping(subject.data, "spec", "predictor").get("workerSpec")
    return found if isinstance(found, dict) else None


def _model(subject: Subject) -> Mapping[str, Any] | None:
    """The model of a service that has workers."""
    found = mapping(subject.data, "spec", "predictor").get("model")
    return found if isinstance(found, dict) and _workers(subject) is not None else None


@rule(
    id="KSV070",
    name="several-worker-containers",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="workerSpec has {count} containers; KServe takes one",
    fix="Keep the container worker-container only.",
    source=VALIDATION,
    bad=f"{GOOD}        - name: sidecar\n          image: registry.example.com/sidecar:1\n",
    good=GOOD,
)
def several_worker_containers(subject: Subject) -> Iterator[Hit]:
    """The runtime's worker is merged with the one container given here; a second has no place."""
    containers = sequence(_workers(subject), "containers")
    if len(containers) > 1:
        yield hit(*WORKERS, "containers", 1, count=len(containers))


@rule(
    id="KSV071",
    name="parallel-size-in-the-environment",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the variable {name} beside workerSpec",
    fix="Set workerSpec.pipelineParallelSize and workerSpec.tensorParallelSize instead.",
    source=VALIDATION,
    bad=GOOD.replace("      storageUri:", "      env: [{name: TENSOR_PARALLEL_SIZE, value: '2'}]\n      storageUri:"),
    good=GOOD,
)
def parallel_size_in_the_environment(subject: Subject) -> Iterator[Hit]:
    """The controller writes these variables itself, from the sizes in workerSpec."""
    for number, variable in enumerate(sequence(_model(subject), "env")):
        name = text(variable, "name")
        if name in SIZE_VARIABLES:
            yield hit(*MODEL, "env", number, "name", name=name)


@rule(
    id="KSV072",
    name="unknown-gpu-resource",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe doesn't know '{resource}' as a GPU",
    fix="Name it in the annotation serving.kserve.io/gpu-resource-types, a JSON list such as '[\"{resource}\"]'.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/utils/utils.go"),
    bad=GOOD.replace("nvidia.com/gpu", "example.com/npu", 1),
    good=GOOD,
)
def unknown_gpu_resource(subject: Subject) -> Iterator[Hit]:
    """KServe counts the GPUs of all nodes together; a resource that it can't count it refuses."""
    if _workers(subject) is None:
        return
    known = {*BASIC, *GPUS, *_own_gpus(annotations_of(subject))}
    places = [(MODEL, mapping(_model(subject)))]
    for number, container in enumerate(sequence(_workers(subject), "containers")):
        places.append(((*WORKERS, "containers", number), mapping(container)))
    for path, spec in places:
        for field in ("limits", "requests"):
            for resource in mapping(spec, "resources", field):
                if resource not in known:
                    yield Hit((*path, "resources", field, resource), {"resource": resource}, on_key=True)


def _own_gpus(notes: Mapping[str, Any]) -> list[str]:
    """The types that the annotation adds; none where it is no JSON list of strings, see the next rule."""
    found = json_list(notes.get(GPU_TYPES))
    return found or []


def json_list(value: object) -> list[str] | None:
    """A list of at least one string, none of them empty (utils.go, IsValidCustomGPUArray)."""
    if not isinstance(value, str):
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    filled = isinstance(found, list) and found and all(isinstance(item, str) and item for item in found)
    return found if filled else None


@rule(
    id="KSV073",
    name="gpu-types-malformed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the annotation gpu-resource-types is '{value}', which is no JSON list of names",
    fix="Write for example '[\"example.com/npu\"]', with the quotes.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/utils/utils.go"),
    bad=GOOD.replace(
        "    serving.kserve.io/auto", "    serving.kserve.io/gpu-resource-types: npu\n    serving.kserve.io/auto"
    ),
    good=GOOD,
)
def gpu_types_malformed(subject: Subject) -> Iterator[Hit]:
    """The webhook reads the annotation when it counts GPUs, so only services with workers are refused for it."""
    value = annotations_of(subject).get(GPU_TYPES)
    counted = _model(subject) is not None or bool(sequence(_workers(subject), "containers"))
    if value and counted and json_list(value) is None:
        yield hit("metadata", "annotations", GPU_TYPES, value=value)


@rule(
    id="KSV074",
    name="workers-without-storage",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="with workerSpec the model needs a storageUri that all nodes can mount, not {found}",
    fix="Put the model on a volume claim and write storageUri: pvc://<claim>/<folder>{also}.",
    source=VALIDATION,
    bad=GOOD.replace("pvc://models/llama", "s3://models/llama"),
    good=GOOD,
)
def workers_without_storage(subject: Subject) -> Iterator[Hit]:
    """Every node reads the same files; KServe mounts them instead of downloading them once a node."""
    spec = _model(subject)
    if spec is None:
        return
    images = subject.release is None or subject.release >= V0_16
    also = ", or an image as oci://" if images else ""
    uri = text(spec, "storageUri")
    if uri is None:
        yield hit(*MODEL, on_key=True, found="none", also=also)
    elif uri.split("://")[0] not in (("pvc", "oci") if images else ("pvc",)):
        yield hit(*MODEL, "storageUri", found=f"'{uri}'", also=also)


@rule(
    id="KSV075",
    name="workers-with-autoscaler",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="with workerSpec the autoscaler class has to be none, and it is {found}",
    fix="Set the annotation serving.kserve.io/autoscalerClass: none.",
    source=VALIDATION,
    bad=GOOD.replace("autoscalerClass: none", "autoscalerClass: hpa"),
    good=GOOD,
)
def workers_with_autoscaler(subject: Subject) -> Iterator[Hit]:
    """A head and its workers are one unit of a fixed size."""
    if _model(subject) is None:
        return
    found = annotations_of(subject).get(AUTOSCALER)
    if found is None:
        yield hit(*WORKERS, on_key=True, found="not set")
    elif found != "none":
        yield hit("metadata", "annotations", AUTOSCALER, found=f"'{found}'")


@rule(
    id="KSV076",
    name="parallel-size-below-one",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{field} is {value}; KServe wants 1 or more",
    fix="Write 1 or more, or remove it: 1 is the default.",
    source=VALIDATION,
    bad=GOOD.replace("tensorParallelSize: 1", "tensorParallelSize: 0"),
    good=GOOD,
)
def parallel_size_below_one(subject: Subject) -> Iterator[Hit]:
    """A model is cut into at least one piece."""
    for field in ("pipelineParallelSize", "tensorParallelSize"):
        value = integer(_workers(subject), field)
        if value is not None and value < 1:
            yield hit(*WORKERS, field, field=field, value=value)
