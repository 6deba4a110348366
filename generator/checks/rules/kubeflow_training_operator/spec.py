"""How the Training Operator reads its jobs: kinds, roles, containers.

Facts: kubeflow/training-operator v1.9.0, pkg/apis/kubeflow.org/v1/*_types.go. Nothing is defaulted before its webhooks
look: the operator sets its defaults (replicas, ports, the case of roles) in its own memory, when it works on a job.
MPIJob isn't among them: it has no webhook, and most clusters have it from another operator, in another version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import mapping, sequence
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

PRODUCT = "kubeflow-training-operator"
GROUP = "kubeflow.org"
TF_JOB, PYTORCH_JOB, XGBOOST_JOB, PADDLE_JOB, JAX_JOB = JOBS = tuple(
    Kind(GROUP, name) for name in ("TFJob", "PyTorchJob", "XGBoostJob", "PaddleJob", "JAXJob")
)


def source(path: str) -> Source:
    """A file of the Training Operator."""
    return Source("kubeflow/training-operator", "v1.9.0", path)


WEBHOOK = source("pkg/webhooks/tensorflow/tfjob_webhook.go")
"""Stands for its siblings beside it, which differ by kind as ``FORMS`` says."""


class Form(NamedTuple):
    """What tells a kind of jobs from its siblings.

    Attributes:
        field: Of spec: the replica specs, by role.
        container: The name of the container that trains.
        roles: As they are written.
        restart: The restart policy of a role that names none.
    """

    field: str
    container: str
    roles: tuple[str, ...]
    restart: str = "Never"


FORMS: Mapping[Kind, Form] = {
    TF_JOB: Form("tfReplicaSpecs", "tensorflow", ("Chief", "Master", "Worker", "PS", "Evaluator")),
    PYTORCH_JOB: Form("pytorchReplicaSpecs", "pytorch", ("Master", "Worker"), "OnFailure"),
    XGBOOST_JOB: Form("xgbReplicaSpecs", "xgboost", ("Master", "Worker")),
    PADDLE_JOB: Form("paddleReplicaSpecs", "paddle", ("Master", "Worker"), "OnFailure"),
    JAX_JOB: Form("jaxReplicaSpecs", "jax", ("Worker",)),
}


class Replica(NamedTuple):
    """The pods of one role, and where they stand."""

    role: str
    path: Path
    spec: Mapping[str, Any]

    @property
    def containers(self) -> list[Any]:
        """The containers of the pods; empty where there are none."""
        return sequence(self.spec, *CONTAINERS)

    @property
    def where(self) -> Path:
        """The place of the containers."""
        return (*self.path, *CONTAINERS)


POD: Path = ("template", "spec")
CONTAINERS: Path = (*POD, "containers")


def form(subject: Subject) -> Form:
    """What the job's kind wants."""
    return FORMS[Kind(GROUP, subject.document.kind)]


def replicas(subject: Subject) -> tuple[Replica, ...]:
    """The job's roles; what is no object is left to the schema."""
    field = form(subject).field
    found = mapping(subject.data, "spec", field)
    return tuple(Replica(role, ("spec", field, role), spec) for role, spec in found.items() if spec.__class__ is dict)


def each(subject: Subject) -> Iterator[Replica]:
    """The job's roles, read once."""
    yield from subject.derive(replicas)


_POD = "template: {spec: {containers: [{name: %s, image: registry.example.com/train:1}]}}"
_JOB = """
apiVersion: kubeflow.org/v1
kind: %s
metadata: {name: digits}
spec:
  %s:
    %s:
      replicas: 1
      %s
"""


def example(kind: Kind, role: str = "Worker") -> str:
    """A job of a kind that has nothing wrong, with one role."""
    return _JOB % (kind.kind, FORMS[kind].field, role, _POD % FORMS[kind].container)


def role(name: str, kind: Kind, more: str = "replicas: 1") -> str:
    """Another role, to stand behind an example."""
    return f"    {name}:\n      {more}\n      {_POD % FORMS[kind].container}\n"


TF, PYTORCH, PADDLE, JAX = (example(kind) for kind in (TF_JOB, PYTORCH_JOB, PADDLE_JOB, JAX_JOB))
XGBOOST = example(XGBOOST_JOB, "Master")
