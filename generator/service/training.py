"""The service file's part on training on a cluster: which engine, how many workers, in what they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Bounds, Choices, Fragment, Pattern
from generator.service.model import Resources
from generator.service.types import BrokenRules, DnsLabel  # noqa: TC001 (the decoder reads the types of the fields)

ENGINES = ("trainer", "training-operator")
"""Kubeflow Trainer v2 (TrainJob), and the Training Operator that it follows (TFJob)."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """A job that trains on a cluster: `serinus render --training`."""

    engine: Annotated[
        str,
        "What runs the job: trainer is Kubeflow Trainer v2 (TrainJob), training-operator its forerunner (TFJob).",
        Choices(ENGINES),
    ] = "trainer"
    image: Annotated[
        str,
        "An image with serinus[train,store], and with the data and the code that the service file names.",
        Pattern(r"[^\s]+", "image"),
    ]
    workers: Annotated[int, "Pods that train together; each gets a part of every batch.", Bounds(1, 1_000)] = 1
    command: Annotated[
        str,
        "What runs in them: release trains and publishes, train leaves the model in the build folder.",
        Choices(("release", "train")),
    ] = "release"
    claim: Annotated[
        DnsLabel | None,
        "A PersistentVolumeClaim for the build folder, which all workers see, so that a killed training goes on.",
    ] = None
    deadline: Annotated[
        int,
        "Seconds after which the job is ended, whatever it does: one without memory enough is begun again for ever.",
        Bounds(60, 31_536_000),
    ] = 86_400
    service_account: Annotated[DnsLabel | None, "The pods' ServiceAccount, which may write to the store."] = None
    resources: Annotated[Resources, "What each worker's container asks for."] = field(default_factory=Resources)
    container: Annotated[Fragment, "Fields of the container, as Kubernetes has them: env, volumeMounts …"] = field(
        default_factory=dict
    )
    pod: Annotated[Fragment, "Fields of the pods, as Kubernetes has them: nodeSelector, tolerations, volumes …"] = (
        field(default_factory=dict)
    )

    def broken_rules(self) -> BrokenRules:
        """What the engine writes itself stays its own."""
        for key in ("name", "image", "command", "args"):
            if key in self.container:
                yield ("container", key), f"{key} is Serinus' own here.", "Leave it out; image stands beside container."
        for key in ("containers", "restartPolicy"):
            if key in self.pod:
                yield ("pod", key), f"{key} is Serinus' own here.", "Leave it out."
