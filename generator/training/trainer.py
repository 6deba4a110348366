"""Kubeflow Trainer v2: a TrainJob, and a TrainingRuntime that sets TF_CONFIG, since Trainer has none for TensorFlow.

Trainer copies the runtime's template into a JobSet, whose pods find one another by name. Sources: kubeflow/trainer
v2.3.0, pkg/runtime/framework/plugins/plainml/plainml.go (what a runtime without a framework of its own gets),
manifests/base/runtimes/torch_distributed.yaml (the job, the container ``node`` and the label by which it is found),
plugins/torch/torch.go (host names); kubernetes, Job API: the index of a pod stands in an annotation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.platforms.base import Composition
from generator.training.job import PORT

if TYPE_CHECKING:
    from generator.training.job import Job

RELEASE = "2.3.0"
CONTAINER = NODE = "node"
INDEX = "SERINUS_INDEX"
FINAL = (1, 2, 70)
"""Our exit codes that another try can't change: the gate isn't met, the input is wrong, a fault of ours."""
RETRIES = 3


def compose(job: Job) -> Composition:
    """The ConfigMap, the runtime and the job."""
    runtime = {
        "nodes": job.training.workers,
        "job": NODE,
        "retries": RETRIES,
        "final": list(FINAL),
        "container": CONTAINER,
        "labels_of_pods": {"sidecar.istio.io/inject": "false"},  # a mesh would stand between the workers
        "pod": job.pod(CONTAINER, _who(job), restart="Never"),
    }
    sheets = (
        job.config_map(),
        job.sheet("trainingruntime", "TrainingRuntime", runtime),
        job.sheet("trainjob", "TrainJob", {"nodes": job.training.workers, "deadline": job.training.deadline}),
    )
    return Composition(sheets, (("kubeflow-trainer", RELEASE),), job.notes())


def _who(job: Job) -> list[dict[str, Any]]:
    """TF_CONFIG, made of the pod's own index; one worker needs none.

    Kubernetes puts a variable that stands earlier in the list where ``$(NAME)`` is.
    """
    if job.training.workers == 1:
        return []
    hosts = [f"{job.name}-{NODE}-0-{index}.{job.name}:{PORT}" for index in range(job.training.workers)]
    index = "INDEX"
    told = json.dumps({"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}})
    field = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
    return [
        {"name": INDEX, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": field}}},
        {"name": "TF_CONFIG", "value": told.replace(f'"{index}"', f"$({INDEX})")},
    ]
