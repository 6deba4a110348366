"""What a module's manifests say, read as the API server reads them, and its webhooks led to programs of the lab."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import apiserver
import certificates

from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from laboratory import Lab


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The objects of a manifest."""
    for one in read(text, "manifests"):
        assert isinstance(one, Document), one
        yield one.data


def of_file(file: Path) -> list[dict[str, Any]]:
    """The objects of a file."""
    return list(objects(file.read_text(encoding="utf-8")))


def make(lab: Lab, documents: Iterable[dict[str, Any]]) -> None:
    """Create objects that have to be taken."""
    for one in documents:
        answer = lab.objects.make(one)
        assert answer.status in {201, 409}, f"{one['kind']} {one['metadata']['name']}: {answer.message}"


def webhook_server(folder: Path) -> tuple[int, dict[str, str]]:
    """A port for a webhook server, whose certificate is where it looks below ``folder``; and how to reach it."""
    (port,) = apiserver.free_ports(1)
    certificate = certificates.write(folder / "k8s-webhook-server" / "serving-certs")
    return port, {"url": f"https://{certificates.HOST}:{port}", "caBundle": base64.b64encode(certificate).decode()}


def directed(webhook: dict[str, Any], hooks: Mapping[str, Mapping[str, str]]) -> dict[str, Any] | None:
    """A configuration of webhooks that leads to our programs, by the name of their Service; None where none answers."""
    kept = []
    for one in webhook["webhooks"]:
        service = one["clientConfig"]["service"]
        if there := hooks.get(service["name"]):
            client = {"url": f"{there['url']}{service['path']}", "caBundle": there["caBundle"]}
            kept.append({**one, "clientConfig": client})
    metadata = {"name": webhook["metadata"]["name"]}
    return {**webhook, "metadata": metadata, "webhooks": kept} if kept else None
