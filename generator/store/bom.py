"""A release as a CycloneDX bill of materials (ML-BOM): the model with its card, its files, its data, its libraries.

A pure function of the record, so the same release gives the same bytes. Source: CycloneDX 1.6, bom-1.6.schema.json
(``modelCard``, ``componentData``).
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import generator
from generator.text.json import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.model.artifact import Tensor
    from generator.store.release import Release

SPACE = uuid.UUID("5c1f8f39-3c6c-5a8e-8c52-1f0e2f6a7d10")
"""The namespace of our serial numbers: a release's is the same whoever asks for it."""


def bom(release: Release) -> str:
    """The bill of materials as JSON."""
    data = release.trained_with.get("data")
    known = data if isinstance(data, dict) else {}
    libraries = {**release.written_by, **_texts(release.trained_with.get("versions"))}
    python = libraries.pop("python", None)
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(SPACE, f'{release.path} {release.digest}')}",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "serinus", "version": generator.__version__}]},
            "component": _model(release, known),
        },
        "components": [
            *({"type": "file", "name": file.path, "hashes": _sha256(file.sha256)} for file in release.files),
            *([_data(known)] if known else []),
            *(
                {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
                for name, version in sorted(libraries.items())
            ),
            *([{"type": "platform", "name": "python", "version": python}] if python else []),
        ],
    }
    return escaped(json.dumps(told, indent=2, ensure_ascii=False)) + "\n"


def _model(release: Release, data: Mapping[str, Any]) -> dict[str, Any]:
    task = release.trained_with.get("task")
    parameters: dict[str, Any] = {}
    if isinstance(task, str):
        parameters |= {"approach": {"type": "supervised"}, "task": task}
    if data:
        parameters["datasets"] = [{"ref": "data"}]
    if release.signature:
        parameters |= {
            "inputs": [{"format": _said(tensor)} for tensor in release.signature.inputs],
            "outputs": [{"format": _said(tensor)} for tensor in release.signature.outputs],
        }
    metrics = [{"type": name, "value": f"{value:.15g}"} for name, value in _numbers(release.metrics)]
    return {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": release.service,
        "version": str(release.version),
        "hashes": _sha256(release.digest),
        "modelCard": {
            "modelParameters": parameters,
            **({"quantitativeAnalysis": {"performanceMetrics": metrics}} if metrics else {}),
        },
        "properties": [
            {"name": "serinus:format", "value": release.format},
            {"name": "serinus:layouts", "value": ", ".join(release.layouts)},
        ],
    }


def _data(known: Mapping[str, Any]) -> dict[str, Any]:
    """The data set that a model was trained on."""
    texts = _texts(known)
    fingerprint = texts.get("fingerprint", "")
    licence = texts.get("licence")
    return {
        "type": "data",
        "bom-ref": "data",
        "name": texts.get("name", "data"),
        **({"hashes": _sha256(fingerprint)} if fingerprint else {}),
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
        "data": [{"type": "dataset", "name": texts.get("name", "data"), "description": texts.get("split", "")}],
    }


def _sha256(content: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": content}]


def _said(tensor: Tensor) -> str:
    return f"{tensor.name} {tensor.dtype} [{', '.join('?' if size is None else str(size) for size in tensor.shape)}]"


def _texts(raw: object) -> dict[str, str]:
    return {name: text for name, text in raw.items() if isinstance(text, str)} if isinstance(raw, dict) else {}


def _numbers(metrics: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    """Every number in the metrics with its path, but for the tables of classes against classes."""
    for name, value in metrics.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{path}{name}", value
        elif isinstance(value, dict):
            yield from _numbers(value, f"{path}{name}.")
