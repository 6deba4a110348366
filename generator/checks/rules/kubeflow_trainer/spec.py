"""How Kubeflow Trainer reads a TrainJob: the runtime that it names, with the job's patches laid over it.

Facts: kubeflow/trainer v2.3.0, pkg/runtime/core/trainingruntime.go (``newRuntimeInfo``: the patches are merged into the
template before any check looks, lists by their names), pkg/constants/constants.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import kind_of, mapping, may_be_in, reach, sequence, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

PRODUCT = "kubeflow-trainer"
GROUP = "trainer.kubeflow.org"
TRAIN_JOB, TRAINING_RUNTIME, CLUSTER_RUNTIME = (
    Kind(GROUP, name) for name in ("TrainJob", "TrainingRuntime", "ClusterTrainingRuntime")
)
RUNTIMES = (TRAINING_RUNTIME, CLUSTER_RUNTIME)

ANCESTOR = f"{GROUP}/trainjob-ancestor-step"
"""The label of a replicated job that says what it does for a TrainJob."""
TRAINER, NODE = "trainer", "node"
DATASET, MODEL = INITIALIZERS = "dataset-initializer", "model-initializer"
CONTAINERS: Mapping[str, str] = {TRAINER: NODE, DATASET: DATASET, MODEL: MODEL}
"""By what a replicated job does, the container that Trainer looks for in it."""

SUPPORT, DEPRECATED = f"{GROUP}/support", "deprecated"
SHIPPED = frozenset(
    (
        *("torch-distributed", "jax-distributed", "xgboost-distributed", "deepspeed-distributed", "mlx-distributed"),
        *("torchtune-llama3.2-1b", "torchtune-llama3.2-3b", "torchtune-qwen2.5-1.5b", "torch-distributed-with-cache"),
    )
)
"""The ClusterTrainingRuntimes of Trainer's manifests (manifests/base/runtimes)."""


def source(path: str) -> Source:
    """A file of Kubeflow Trainer."""
    return Source("kubeflow/trainer", "v2.3.0", path)


def plugin(path: str) -> Source:
    """A file of one of Trainer's plugins, each of which has its own part in the validation."""
    return source(f"pkg/runtime/framework/plugins/{path}")


JOBS: Path = ("spec", "template", "spec", "replicatedJobs")
POD: Path = ("template", "spec", "template", "spec")
PATCHED: Path = ("trainingRuntimeSpec", "template", "spec", "replicatedJobs")


class Part(NamedTuple):
    """A replicated job of a runtime's template, with the TrainJob's patches.

    Attributes:
        spec: As the runtime has it; empty where a patch brings it.
        containers: By name, the names of the volumes that each mounts.
        inits: The names of the init containers.
    """

    spec: Mapping[str, Any]
    containers: Mapping[str, frozenset[str]]
    inits: frozenset[str]

    @property
    def does(self) -> str | None:
        """What the label says that it does."""
        return text(self.spec, "template", "metadata", "labels", ANCESTOR)


class Runtime(NamedTuple):
    """A runtime of the set, as one TrainJob sees it.

    Attributes:
        document: As written.
        parts: The replicated jobs, by name: those of the runtime, and those that patches add.
    """

    document: Document
    parts: Mapping[str, Part]

    @property
    def policy(self) -> Mapping[str, Any]:
        """The mlPolicy."""
        return mapping(self.document.data, "spec", "mlPolicy")


class Wanted(NamedTuple):
    """The runtime that a TrainJob names, with the schema's defaults."""

    group: str
    kind: str
    name: str


def wanted(data: Mapping[str, Any]) -> Wanted:
    """What ``runtimeRef`` names."""
    ref = mapping(data, "spec", "runtimeRef")
    group, kind = (text(ref, key) for key in ("apiGroup", "kind"))
    return Wanted(
        GROUP if group is None else group, CLUSTER_RUNTIME.kind if kind is None else kind, text(ref, "name") or ""
    )


def runtimes(index: Index) -> Mapping[tuple[Kind, str], list[Document]]:
    """The runtimes of the set, by kind and name."""
    found: dict[tuple[Kind, str], list[Document]] = {}
    for kind in RUNTIMES:
        for document in index.by_kind.get(kind, ()):
            found.setdefault((kind, document.name), []).append(document)
    return found


def candidates(subject: Subject) -> list[Document]:
    """The runtimes of the set that a TrainJob may mean: more than one where namespaces are left open."""
    ref = wanted(subject.data)
    kind = Kind(ref.group, ref.kind)
    found = subject.index.derive(runtimes).get((kind, ref.name), [])
    near = [one for one in found if kind == CLUSTER_RUNTIME or may_be_in((one.namespace,), subject.document.namespace)]
    return [one for one in near if one.namespace == subject.document.namespace] or near


def runtime(subject: Subject) -> Runtime | None:
    """The runtime of a TrainJob, read once; None where the set doesn't tell which one it is."""
    return subject.derive(_runtime)


def _runtime(subject: Subject) -> Runtime | None:
    found = candidates(subject)
    if len(found) != 1:
        return None
    (document,) = found
    every = [(job, True) for job in sequence(document.data, *JOBS)]
    every += [(job, False) for _, job in patched(subject.data)]
    parts: dict[str, Part] = {}
    for job, own in every:
        name = text(job, "name") or ""
        known = parts.get(name) or Part(job if own else {}, {}, frozenset())
        containers = dict(known.containers)
        for container in sequence(job, *POD, "containers"):
            mounts = _names(sequence(container, "volumeMounts"))
            containers[text(container, "name") or ""] = containers.get(text(container, "name") or "", mounts) | mounts
        inits = known.inits | _names(sequence(job, *POD, "initContainers"))
        parts[name] = Part(known.spec, containers, inits)
    return Runtime(document, parts)


def _names(entries: Iterable[Any]) -> frozenset[str]:
    return frozenset(text(entry, "name") or "" for entry in entries)


def patched(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The replicated jobs that a TrainJob's patches name, with their places."""
    for number, patch in enumerate(sequence(data, "spec", "runtimePatches")):
        for index, job in enumerate(sequence(patch, *PATCHED)):
            if job.__class__ is dict:
                yield ("spec", "runtimePatches", number, *PATCHED, index), job


def number(value: object, *path: str | int) -> int | None:
    """A whole number, as ``integer`` reads it, where a float like 2.0 is one too."""
    found = reach(value, *path)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    return int(found)


def is_of(document: Document, kind: Kind) -> bool:
    """Whether a document is of a kind."""
    return kind_of(document) == kind


RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata: {name: digits, namespace: models}
spec:
  mlPolicy: {numNodes: 2}
  template:
    spec:
      replicatedJobs:
        - name: node
          template:
            metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
            spec: {template: {spec: {containers: [{name: node, image: registry.example.com/train:1}]}}}
"""
CLUSTERWIDE = RUNTIME.replace("kind: Training", "kind: ClusterTraining").replace(", namespace: models", "")
JOB = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: digits-1, namespace: models}
spec:
  runtimeRef: {kind: TrainingRuntime, name: digits}
"""
"""A job and its runtime, in which nothing is wrong."""


def both(job: str, runtime: str = RUNTIME) -> str:
    """A runtime, and behind it a job."""
    return f"{runtime}---{job}"


def by(policy: str) -> str:
    """The runtime with another mlPolicy."""
    return RUNTIME.replace("{numNodes: 2}", policy)
