"""What the engines' jobs have in common: the pods, what they run, and the files that they run on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.platforms.base import Sheet
from generator.platforms.fragments import laid
from generator.platforms.labels import own_labels
from generator.text.names import fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.service import Service
    from generator.service.training import Training

FOLDER = "/serinus"
"""Where the service file lies in the pods; its build folder and the lock file come beside it."""

MOST_BYTES = 1 << 20
"""What a ConfigMap may hold. Source: kubernetes/kubernetes, pkg/apis/core/types.go (``MaxSecretSize``)."""

LONGEST = 40
"""Characters of a job's name: the engines add up to 16 for a pod, whose host name may have 63
(JobSet: ``<job>-node-0-<index>-<five>``)."""

PORT = 2222
"""Where the workers hear one another; the port that the Training Operator writes into TF_CONFIG."""


@dataclass(frozen=True)
class Job:
    """A training job.

    Attributes:
        service: The service.
        training: How it trains on a cluster.
        files: The files of the ConfigMap, by name.
        name: Of the job and the ConfigMap: it follows from what is trained, so that another training is another job and
            the same one is never run again by an apply.
        command: What runs in the container.
    """

    service: Service
    training: Training
    files: Mapping[str, str]
    name: str
    command: tuple[str, ...]

    @classmethod
    def of(cls, service: Service, training: Training, files: Mapping[str, str], sets: Sequence[str]) -> Job:
        """Put together; see ``generator.training.compose``.

        Raises:
            InputError: The files are too big.
        """
        size = sum(len(text.encode()) for text in files.values())
        if size >= MOST_BYTES:
            raise InputError(
                f"the service file has {size:,} bytes, and a ConfigMap holds less than {MOST_BYTES:,}.",
                fix="Put it into the image, and run serinus there by a job of your own.",
                place=service.place(),
            )
        command = ["serinus", training.command, f"{FOLDER}/{PurePath(service.file).name}"]
        command += ["-e", service.environment] if service.environment else []
        command += [part for each in sets for part in ("--set", each)]
        told = json.dumps([dict(files), command, training.image, training.workers], sort_keys=True)
        digits = hashlib.sha256(told.encode()).hexdigest()[:8]
        name = fit(f"{service.name}-train", LONGEST - len(digits) - 1)
        return cls(service, training, files, f"{name}-{digits}", tuple(command))

    def sheet(self, template: str, kind: str, context: Mapping[str, Any]) -> Sheet:
        """One object of the job."""
        usual = {
            "name": self.name,
            "namespace": self.service.namespace,
            "labels": {**self.service.labels, **own_labels(self.service)},
            "annotations": dict(self.service.annotations),
        }
        return Sheet(f"training/{template}.yaml.j2", kind, self.name, self.service.namespace, {**usual, **context})

    def config_map(self) -> Sheet:
        """The service file, for the pods."""
        return self.sheet("configmap", "ConfigMap", {"files": dict(self.files)})

    def pod(self, container: str, env: Sequence[Mapping[str, Any]], restart: str) -> dict[str, Any]:
        """The pods' fields, the user's laid over ours.

        Args:
            container: The name that the engine gives the container.
            env: Variables that the engine doesn't set itself.
            restart: The pods' restart policy; empty where the engine says it elsewhere.
        """
        files = [
            {"name": "files", "mountPath": f"{FOLDER}/{name}", "subPath": name, "readOnly": True} for name in self.files
        ]
        ours = {
            "name": container,
            "image": self.training.image,
            "command": list(self.command),
            "workingDir": FOLDER,
            "env": list(env),
            "ports": [{"name": "tfjob-port", "containerPort": PORT, "protocol": "TCP"}],
            "resources": self.training.resources.mapping,
            "volumeMounts": [{"name": "work", "mountPath": FOLDER}, *files],
        }
        claim = self.training.claim
        work = {"persistentVolumeClaim": {"claimName": claim}} if claim else {"emptyDir": {}}
        spec = {
            "serviceAccountName": self.training.service_account or "",
            "restartPolicy": restart,
            "containers": [laid({key: value for key, value in ours.items() if value}, self.training.container)],
            "volumes": [{"name": "work", **work}, {"name": "files", "configMap": {"name": self.name}}],
        }
        return laid({key: value for key, value in spec.items() if value}, self.training.pod)

    def notes(self) -> tuple[str, ...]:
        """What the person who renders should know."""
        name, train = self.service.name, self.service.model.train
        found = []
        if self.training.claim is None:
            found.append(f"{name}: without training.claim a killed training begins anew, and what train leaves is lost")
        publish = self.service.releases.publish if self.training.command == "release" else None
        if publish is not None and "://" not in publish:
            found.append(f"{name}: the job publishes to {publish} in its own pod; write the store's URL for it to last")
        if train is not None and train.data and ("/" in train.data or "." in train.data):
            found.append(f"{name}: the image has to hold the data {train.data}, from {FOLDER} on")
        return tuple(found)
