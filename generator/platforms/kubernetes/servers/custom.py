"""A container of the user's own: its image, its ports and what else it needs stand in the service file."""

from __future__ import annotations

from typing import Any

from generator.platforms.fragments import listed
from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer, Run, tcp

PORT = 8080
"""KServe's convention for containers that name no port."""


def _run(ask: Ask) -> Run:
    ports = _ports(ask.share.container.get("ports", ()))
    first = next(iter(ports))
    return Run(
        image=str(ask.share.container["image"]),
        env={
            "MODEL_NAME": ask.name,
            "PROTOCOL": ask.protocol,  # as KServe tells its own
            **({"MODEL_DIR": MODELS} if ask.share.files.base else {}),
        },
        ports=ports,
        startup=tcp(first),
        readiness=tcp(first),
        liveness=tcp(first),
        user=None,
    )


def _ports(written: Any) -> dict[str, int]:
    """The container's ports by name, that of HTTP first; the first without a name is the one for HTTP."""
    found: dict[str, int] = {}
    for each in listed(written):
        number = each.get("containerPort")
        if isinstance(number, int):
            found.setdefault(str(each.get("name") or "http"), number)
    found = found or {"http": PORT}
    return {"http": found["http"], **found} if "http" in found else found


CUSTOM = ModelServer(
    runtime="the container",
    layout="plain",
    model_format="custom",
    protocol="v1",
    protocols=("v1", "v2", "grpc-v1", "grpc-v2"),
    run=_run,
    flags="",
)
