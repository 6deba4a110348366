"""The Kubeflow Training Operator: a TFJob, whose workers get their TF_CONFIG from the operator.

Fields and the names that it wants: kubeflow/training-operator v1.9.0, pkg/apis/kubeflow.org/v1/tensorflow_types.go
(the container ``tensorflow``, the port ``tfjob-port``), common_types.go, pkg/controller.v1/tensorflow/tensorflow.go
(TF_CONFIG). Worker 0 leads where there is no chief, and the job has succeeded when it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms.base import Composition

if TYPE_CHECKING:
    from generator.training.job import Job

RELEASE = "1.9.0"
CONTAINER = "tensorflow"
RETRIES = 3
"""Times that a worker is started again which a signal ended (an eviction, a lost node); our own exit codes are final,
but for the operator's rule that 1 to 127 are."""


def compose(job: Job) -> Composition:
    """The ConfigMap and the TFJob."""
    context = {
        "workers": job.training.workers,
        "retries": RETRIES,
        "labels_of_pods": {"sidecar.istio.io/inject": "false"},  # a mesh would stand between the workers
        "pod": job.pod(CONTAINER, (), restart=""),
    }
    sheets = (job.config_map(), job.sheet("tfjob", "TFJob", context))
    return Composition(sheets, (("kubeflow-training-operator", RELEASE),), job.notes())
