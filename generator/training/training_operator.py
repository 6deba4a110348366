"""The Kubeflow Training Operator: a TFJob, whose workers get their TF_CONFIG from the operator.

Fields and the names that it wants: kubeflow/training-operator v1.9.0, pkg/apis/kubeflow.org/v1/tensorflow_types.go
(the container ``tensorflow``, the port ``tfjob-port``), common_types.go, pkg/controller.v1/tensorflow/tensorflow.go
(TF_CONFIG). Worker 0 leads where there is no chief, and the job has succeeded when it has.

A worker that a signal ended (an eviction, a lost node) is started again, since the template says restartPolicy
ExitCode: exit codes from 128 on are retried, ours aren't (pkg/util/train/train_util.go). No backoffLimit would bound
that: the operator counts the restarts of containers inside a pod, and makes a new pod for each try (pkg/core/job.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms.base import Composition

if TYPE_CHECKING:
    from generator.training.job import Job

RELEASE = "1.9.0"
CONTAINER = "tensorflow"


def compose(job: Job) -> Composition:
    """The ConfigMap and the TFJob."""
    context = {
        "workers": job.training.workers,
        "deadline": job.training.deadline,
        "labels_of_pods": {"sidecar.istio.io/inject": "false"},  # a mesh would stand between the workers
        "pod": job.pod(CONTAINER, (), restart=""),
    }
    sheets = (job.config_map(), job.sheet("tfjob", "TFJob", context))
    return Composition(sheets, (("kubeflow-training-operator", RELEASE),), job.notes())
