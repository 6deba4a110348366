"""What the engine's environment says: who the workers are, and which of them this process is.

``TF_CONFIG`` as Kubeflow's TFJob sets it (kubeflow/training-operator v1.9.0,
``pkg/controller.v1/tensorflow/tensorflow.go``): ``{"cluster": {"chief": [host:port], "worker": [host:port, …]}, "task":
{"type": "worker", "index": 0}}``, keys in lower case.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "TF_CONFIG"

CHIEFS, WORKERS = ("chief", "master"), "worker"
"""The types of those that train; ``master`` is TFJob's older word for the chief."""

ADDRESS = re.compile(r"[^\s:/]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}")

EXAMPLE = '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Member:
    """One of several workers.

    Attributes:
        addresses: Of all of them, ``host:port``, the chief's first.
        rank: Which of them this is; 0 is the chief, which measures, exports and writes.
    """

    addresses: tuple[str, ...]
    rank: int

    def __len__(self) -> int:
        """How many workers there are."""
        return len(self.addresses)


def member(environment: Mapping[str, str] = os.environ) -> Member | None:
    """Which worker this process is; None where it is the only one.

    Args:
        environment: The process's.

    Raises:
        InputError: ``TF_CONFIG`` can't be read, or says what this training can't be.
    """
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"is no JSON: {error}") from None
    cluster, task = _part(said, "cluster"), _part(said, "task")
    if not cluster:  # as TensorFlow has it: nobody but this process
        return None
    for other in sorted(cluster.keys() - {*CHIEFS, WORKERS}):
        if cluster[other]:
            raise InputError(
                f"{VARIABLE} names replicas of the type '{other}', which have no part in training here.",
                fix="Gradients are averaged among a chief and workers: leave other types out of the job.",
            )
    ranked = [(kind, index, address) for kind in (*CHIEFS, WORKERS) for index, address in _addresses(cluster, kind)]
    if sum(kind in CHIEFS for kind, _, _ in ranked) > 1:
        raise _malformed("names more than one chief")
    kind, index = task.get("type"), task.get("index")
    found = [rank for rank, (one, number, _) in enumerate(ranked) if (one, number) == (kind, index)]
    if not found or isinstance(index, bool):
        raise _malformed(f"says that this is {kind} {index}, and the cluster has none")
    addresses = tuple(address for _, _, address in ranked)
    if len(set(addresses)) < len(addresses):
        raise _malformed("names an address twice")
    return Member(addresses, found[0]) if len(addresses) > 1 else None


def _part(said: Any, name: str) -> dict[str, Any]:
    part = said.get(name, {}) if isinstance(said, dict) else None
    if not isinstance(part, dict):
        raise _malformed(f"has no mapping '{name}'" if isinstance(said, dict) else "is no mapping")
    return part


def _addresses(cluster: Mapping[str, Any], kind: str) -> list[tuple[int, str]]:
    listed = cluster.get(kind) or []
    if isinstance(listed, dict):
        raise _malformed(f"lists some of the {kind}s only, as enableDynamicWorker of a TFJob makes it")
    if not isinstance(listed, list) or not all(isinstance(each, str) and ADDRESS.fullmatch(each) for each in listed):
        raise _malformed(f"has no list of host:port as '{kind}'")
    return list(enumerate(listed))


def _malformed(what: str) -> InputError:
    return InputError(
        f"the environment variable {VARIABLE} {what}.",
        fix=f"An engine such as Kubeflow's TFJob sets it, for example {EXAMPLE}; unset it to train alone.",
    )
