"""LLMInferenceServices: over how many pods and GPUs a model is spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.llm import GOOD, HUB, LLM_SERVICE, there, with_spec, workloads
from generator.checks.rules.kserve.spec import V0_16
from generator.checks.rules.kserve.update import replaced
from generator.checks.subject import integer, mapping, reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject

CONTAINERS = "{containers: [{name: main, image: vllm/vllm-openai:v0.11.0}]}"


def _by_data(parallelism: Mapping[str, Any]) -> bool:
    return any((integer(parallelism, field) or 0) > 0 for field in ("data", "dataLocal"))


def _by_pipeline(parallelism: Mapping[str, Any]) -> bool:
    return (integer(parallelism, "pipeline") or 0) > 0


def _size(parallelism: Mapping[str, Any]) -> int:
    """The number of nodes that one replica takes (llm_inference_service_types_func.go, GetSize)."""
    if _by_data(parallelism):
        data, local = (max(integer(parallelism, field) or 1, 1) for field in ("data", "dataLocal"))
        return max(data // local, 1)
    return max(integer(parallelism, "pipeline") or 1, 1)


@rule(
    id="KSV404",
    name="llm-worker-without-parallelism",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"worker"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="there is a worker, and parallelism says neither data nor pipeline: nothing for it to do",
    fix="Set parallelism.data with dataLocal, or parallelism.pipeline; or remove worker.",
    source=HUB,
    bad=with_spec(f"  parallelism: {{tensor: 2}}\n  worker: {CONTAINERS}\n"),
    good=with_spec(f"  parallelism: {{data: 4, dataLocal: 2, tensor: 2}}\n  worker: {CONTAINERS}\n"),
)
def llm_worker_without_parallelism(subject: Subject) -> Iterator[Hit]:
    """Tensor parallelism stays within a pod; only the other two spread a replica over several."""
    for path, spec in workloads(subject):
        parallelism = mapping(spec, "parallelism")
        if there(spec, "worker") and not _by_data(parallelism) and not _by_pipeline(parallelism):
            yield Hit((*path, "worker"), on_key=True)


@rule(
    id="KSV405",
    name="llm-data-beside-pipeline",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"pipeline"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe takes data parallelism or pipeline parallelism, not both",
    fix="Remove pipeline, or remove data and dataLocal.",
    source=HUB,
    bad=with_spec("  parallelism: {data: 4, dataLocal: 2, pipeline: 2}\n"),
    good=with_spec("  parallelism: {data: 4, dataLocal: 2}\n"),
)
def llm_data_beside_pipeline(subject: Subject) -> Iterator[Hit]:
    """Either each node has a whole copy of the model, or each has some of its layers."""
    for path, spec in workloads(subject):
        parallelism = mapping(spec, "parallelism")
        if _by_data(parallelism) and _by_pipeline(parallelism):
            yield Hit((*path, "parallelism", "pipeline"), on_key=True)


@rule(
    id="KSV406",
    name="llm-half-of-data-parallelism",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"data", "dataLocal"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="parallelism has {has} and no {missing}",
    fix="Set both: data copies in all, dataLocal of them on each node.",
    source=HUB,
    bad=with_spec("  parallelism: {data: 4}\n"),
    good=with_spec("  parallelism: {data: 4, dataLocal: 2}\n"),
)
def llm_half_of_data_parallelism(subject: Subject) -> Iterator[Hit]:
    """The number of nodes is data divided by dataLocal, so that one of them alone says nothing."""
    for path, spec in workloads(subject):
        parallelism = mapping(spec, "parallelism")
        data, local = (integer(parallelism, field) is not None for field in ("data", "dataLocal"))
        if data != local:
            has, missing = ("data", "dataLocal") if data else ("dataLocal", "data")
            yield Hit((*path, "parallelism", has), {"has": has, "missing": missing}, on_key=True)


@rule(
    id="KSV407",
    name="llm-parallel-size-changed",
    product="kserve",
    kinds=(LLM_SERVICE,),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a replica took {old} nodes and would take {new}; KServe refuses to change that",
    fix="Keep the size, or make a service of another name and move the traffic.",
    source=HUB,
    before=GOOD + "  parallelism: {data: 4, dataLocal: 2}\n",
    bad=GOOD + "  parallelism: {data: 8, dataLocal: 2}\n",
    good=GOOD + "  parallelism: {data: 8, dataLocal: 4}\n",
)
def llm_parallel_size_changed(subject: Subject) -> Iterator[Hit]:
    """The pods of a replica form a LeaderWorkerSet, and its size can't be changed.

    The size is data / dataLocal, or pipeline, or 1: taking parallelism away is a change as well.
    """
    old = replaced(subject)
    if old is None:
        return
    for path, spec in workloads(subject):
        was = mapping(old.data, "spec") if path == ("spec",) else reach(old.data, *path)
        if isinstance(was, dict):
            sizes = [_size(mapping(one, "parallelism")) for one in (was, spec)]
            if sizes[0] != sizes[1]:
                yield Hit((*path, "parallelism"), {"old": sizes[0], "new": sizes[1]}, on_key=True)
