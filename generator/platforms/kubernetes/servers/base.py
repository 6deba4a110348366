"""What a model server is on plain Kubernetes: an image, how it is started, what it listens to, how it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.platforms.base import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.plan.plan import Share
    from generator.service import Service

MODELS = "/mnt/models"
"""Where the model lies in every container, as on KServe."""

Probe = dict[str, Any]
"""How the kubelet asks, without how often: one of ``httpGet``, ``tcpSocket``."""


@dataclass(frozen=True)
class Ask:
    """What a container is wanted for.

    Attributes:
        service: The service.
        share: The variant.
        protocol: The prediction protocol.
        version: The image's tag, without what stands for a GPU.
        gpu: Whether the container asks for a GPU.
    """

    service: Service
    share: Share
    protocol: str
    version: str
    gpu: bool

    @property
    def name(self) -> str:
        """The model's name in the URL."""
        return self.service.model_name

    @property
    def flags(self) -> list[str]:
        """``model.parameters`` as flags."""
        return [f"--{key}={value}" for key, value in self.service.model.parameters.items()]


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a server is run.

    Attributes:
        image: With its tag.
        command: Instead of the image's own; empty for that one.
        args: Its arguments.
        env: Environment variable to its value.
        ports: ``http``, ``grpc`` and ``metrics`` to where it listens; ``metrics`` only where it is a port of its own.
        startup: Whether it has loaded the model, asked until it has.
        readiness: Whether it can answer.
        liveness: Whether it can ever answer again.
        patience: How often in a row liveness may fail, every 10 seconds.
        start: Seconds that it may take to load the model.
        grace: Seconds that it may take to end, what it still answers included.
        files: File to its text, in the folder ``folder``.
        folder: Where the files lie.
        user: The user that it runs as; None for the image's own.
        read_only: Whether it does with a root filesystem that can't be written, beside /tmp.
        shared_memory: Whether its processes share more memory than the 64 MiB that a container has.
    """

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int]
    startup: Probe
    readiness: Probe
    liveness: Probe
    patience: int = 3
    start: int = 600
    grace: int = 60
    files: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    user: int | None = 1000
    read_only: bool = False
    shared_memory: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelServer(Server):
    """A model server.

    Attributes:
        run: How it is run.
        last: The newest release that can run the format; empty where every newer one can.
        named: Whether it calls the model as it is told; else by what the release's files say.
        flags: What ``model.parameters`` become, in words; empty where it takes none.
        taken: Parameters that are set already.
        batches: Whether it gathers requests when it is told at its start.
    """

    run: Callable[[Ask], Run]
    last: str = ""
    named: bool = True
    flags: str = "flags"
    taken: frozenset[str] = frozenset()
    batches: bool = False


def http(path: str, port: str = "http") -> Probe:
    """Asked by a GET."""
    return {"httpGet": {"path": path, "port": port}}


def tcp(port: str = "http") -> Probe:
    """Asked by a connection."""
    return {"tcpSocket": {"port": port}}


def flavoured(version: str, suffix: str) -> str:
    """A tag with what stands for the hardware behind it; a tag that says more than a release already says it."""
    return version + suffix if re.fullmatch(r"v?[0-9]+(\.[0-9]+)*", version) else version
