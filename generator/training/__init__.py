"""Training on a cluster: a service's training as a job of an engine that is there already.

The job runs ``serinus release`` (or ``train``) on the service file, which a ConfigMap brings. Each pod learns from
``TF_CONFIG`` who the others are and which one it is; the trainer reads it (``trainer.distributed``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.training import trainer, training_operator
from generator.training.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from generator.platforms.base import Composition
    from generator.service import Service

ENGINES: Mapping[str, Callable[[Job], Composition]] = {
    "trainer": trainer.compose,
    "training-operator": training_operator.compose,
}
"""The engines, as ``training.engine`` calls them."""


def compose(service: Service, files: Mapping[str, str], sets: Sequence[str] = ()) -> Composition:
    """What makes a service's training a job.

    Args:
        service: The service, its environment applied.
        files: The service file's text, and that of a ``serinus.toml`` that goes with it, by their names.
        sets: What ``--set`` changed, which the job has to change too.

    Raises:
        InputError: The service trains nothing, says nothing of a cluster, or its files don't fit into a ConfigMap.
    """
    if service.model.train is None:
        raise InputError(
            "this service trains nothing: it has no model.train.",
            fix="Render it without --training.",
            place=service.place("model"),
        )
    if service.training is None:
        raise InputError(
            "nothing says in which image a cluster trains.",
            fix="Add for example: training: {image: registry/serinus-train:1, workers: 2}.",
            place=service.place(),
        )
    job = Job.of(service, service.training, files, sets)
    return ENGINES[service.training.engine](job)
