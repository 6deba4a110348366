"""What the webhook on runtimes refuses in their containers and workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.environment import BLOCKED
from generator.checks.rules.kserve.multi_node import BASIC, GPU_TYPES, GPUS, SIZE_VARIABLES, json_list
from generator.checks.rules.kserve.runtimes import GOOD, RUNTIMES, WEBHOOK, containers, spec_of
from generator.checks.rules.kserve.spec import MAIN_CONTAINER, V0_18
from generator.checks.subject import integer, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

WORKER = "worker-container"


def _with_workers(subject: Subject) -> Mapping[str, Any] | None:
    """The spec of a runtime that the webhook judges and that has workers."""
    spec = spec_of(subject)
    return spec if spec is not None and isinstance(spec.get("workerSpec"), dict) else None


@rule(
    id="KSV372",
    name="runtime-not-exactly-one-worker",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the runtime's workerSpec has {count} containers; KServe takes exactly one",
    fix="Keep the container worker-container only.",
    source=WEBHOOK,
    bad=f"{GOOD}      - name: sidecar\n        image: registry.example.com/sidecar:1\n",
    good=GOOD,
)
def runtime_not_exactly_one_worker(subject: Subject) -> Iterator[Hit]:
    """A second container is refused in words; with none the webhook itself breaks down, and refuses by that."""
    found = (_with_workers(subject) or {}).get("workerSpec", {}).get("containers")
    if isinstance(found, list) and len(found) != 1:
        yield hit("spec", "workerSpec", "containers", on_key=True, count=len(found))


@rule(
    id="KSV373",
    name="runtime-parallel-size-in-the-environment",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the variable {name} in a runtime with workerSpec",
    fix="Set workerSpec.pipelineParallelSize and workerSpec.tensorParallelSize instead.",
    source=WEBHOOK,
    bad=GOOD.replace(
        "      image: registry.example.com/digits-server:1\n",
        "      image: registry.example.com/digits-server:1\n      env: [{name: TENSOR_PARALLEL_SIZE, value: '2'}]\n",
        1,
    ),
    good=GOOD,
)
def runtime_parallel_size_in_the_environment(subject: Subject) -> Iterator[Hit]:
    """The controller writes these variables itself, from the sizes in workerSpec."""
    for path, container in containers(_with_workers(subject) or {}, "containers"):
        if container.get("name") == MAIN_CONTAINER:
            for number, variable in enumerate(sequence(container, "env")):
                name = text(variable, "name")
                if name in SIZE_VARIABLES:
                    yield Hit((*path, "env", number, "name"), {"name": name})


def _counted(spec: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The containers whose GPUs the webhook counts."""
    for path, container in containers(spec, "containers"):
        if container.get("name") == MAIN_CONTAINER:
            yield path, container
    for path, container in containers(spec, "workerSpec", "containers"):
        if path[-1] == 0 and container.get("name") == WORKER:
            yield path, container


@rule(
    id="KSV374",
    name="runtime-unknown-gpu-resource",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe doesn't know '{resource}' as a GPU",
    fix='Name it in spec.annotations["serving.kserve.io/gpu-resource-types"], as \'["{resource}"]\'.',
    source=WEBHOOK,
    bad=GOOD.replace("nvidia.com/gpu", "example.com/npu", 1),
    good=GOOD,
)
def runtime_unknown_gpu_resource(subject: Subject) -> Iterator[Hit]:
    """KServe counts the GPUs of all nodes together; a resource that it can't count it refuses.

    It reads the annotation in the runtime's spec, not in its metadata.
    """
    spec = _with_workers(subject) or {}
    known = {*BASIC, *GPUS, *(json_list(mapping(spec, "annotations").get(GPU_TYPES)) or ())}
    for path, container in _counted(spec):
        for field in ("limits", "requests"):
            for resource, amount in mapping(container, "resources", field).items():
                if resource not in known and amount is not None:
                    yield Hit((*path, "resources", field, resource), {"resource": resource}, on_key=True)


@rule(
    id="KSV375",
    name="runtime-gpu-types-malformed",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the annotation gpu-resource-types is '{value}', which is no JSON list of names",
    fix="Write for example '[\"example.com/npu\"]', with the quotes.",
    source=WEBHOOK,
    bad=GOOD.replace("spec:", "spec:\n  annotations: {serving.kserve.io/gpu-resource-types: npu}", 1),
    good=GOOD,
)
def runtime_gpu_types_malformed(subject: Subject) -> Iterator[Hit]:
    """The webhook reads the annotation when it counts GPUs, so only runtimes with workers are refused for it."""
    spec = _with_workers(subject) or {}
    value = mapping(spec, "annotations").get(GPU_TYPES)
    if value and json_list(value) is None and any(_counted(spec)):
        yield hit("spec", "annotations", GPU_TYPES, value=value)


@rule(
    id="KSV376",
    name="runtime-parallel-size-below-one",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"workerSpec"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{field} of the runtime is {value}; KServe wants 1 or more",
    fix="Write 1 or more, or remove it: 1 is the default.",
    source=WEBHOOK,
    bad=GOOD.replace("tensorParallelSize: 1", "tensorParallelSize: 0"),
    good=GOOD,
)
def runtime_parallel_size_below_one(subject: Subject) -> Iterator[Hit]:
    """A model is cut into at least one piece."""
    for field in ("pipelineParallelSize", "tensorParallelSize"):
        value = integer(_with_workers(subject), "workerSpec", field)
        if value is not None and value < 1:
            yield hit("spec", "workerSpec", field, field=field, value=value)


@rule(
    id="KSV377",
    name="runtime-blocked-environment-variable",
    product="kserve",
    kinds=RUNTIMES,
    when=frozenset({"env"}),
    since=V0_18,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the environment variable PYTHONPATH in a runtime",
    fix="Put the modules where Python finds them: install them into the image.",
    source=WEBHOOK,
    bad=GOOD.replace(
        "      image: registry.example.com/digits-server:1\n",
        "      image: registry.example.com/digits-server:1\n      env: [{name: PYTHONPATH, value: /opt/lib}]\n",
        1,
    ),
    good=GOOD,
)
def runtime_blocked_environment_variable(subject: Subject) -> Iterator[Hit]:
    """Whoever sets PYTHONPATH can put own code in front of the server's, so KServe refuses it since 0.18."""
    spec = spec_of(subject) or {}
    for path, container in (*containers(spec, "containers"), *containers(spec, "workerSpec", "containers")):
        for number, variable in enumerate(sequence(container, "env")):
            if text(variable, "name") == BLOCKED:
                yield Hit((*path, "env", number, "name"))
