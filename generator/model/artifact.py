"""What a training run, or a model brought along, hands to the publisher: exported files and what is known of them.

An *artifact* lies on the local disk. Publishing makes a *release* of it (``generator.store``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from generator.text import files
from generator.text.files import write_atomically
from generator.text.json import dumps

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "artifact.json"
GOLDEN_V1, GOLDEN_V2 = "golden.v1", "golden.v2"
"""Files of a layout: the golden request as a body of the V1 and of the V2 protocol."""
WARM_UP_FOLDER = "warmup"
"""The folder of a Triton model with the golden request's tensors."""
WRITTEN_BY = "writtenBy"
"""In ``trained_with``: the libraries that wrote the files, by their names on PyPI, to their versions. Servers that load
the files have the same libraries, in versions of their own."""

CONVERTED = "convertedFrom"
"""In ``trained_with``: what a model was before it was converted, and by which libraries."""
SOURCE = "source"
"""In ``trained_with``: where a model that was brought along came from, ``uri`` and what else is known of it."""


@dataclass(frozen=True)
class Tensor:
    """One named input or output of a model.

    Attributes:
        name: The name that requests use.
        dtype: NumPy's name of the element type, such as ``float32``, ``int64``, ``string``.
        shape: The dimensions; None where a dimension is free (the batch).
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of a model, as a server shows them.

    Attributes:
        name: The signature's name, for TensorFlow ``serving_default``.
        inputs: In the order of the model; names are unique.
        outputs: In the order of the model; names are unique.
    """

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class Golden:
    """A small real request and the answer that the trained model gave to it.

    Attributes:
        request: Input name to a nested list, the batch dimension first.
        response: Output name to a nested list, the batch dimension first.
    """

    request: dict[str, Any]
    response: dict[str, Any]


@dataclass(frozen=True)
class Artifact:
    """Exported files and what is known of them.

    Attributes:
        root: The folder that holds one folder per layout (``<root>/tensorflow-serving/1/saved_model.pb``).
        format: The model format, such as ``savedmodel``; the first, where it is exported in several.
        layouts: The names of the layouts that were made.
        formats: The format of a layout, where it isn't ``format``.
        exports: Where a model lies under ``root`` that was trained, by its format (``{"savedmodel":
            "savedmodel/savedmodel"}``); layouts are made of these.
        runtimes: The oldest release of a server that can load the files, by layout; ``{"tensorflow-serving": "2.20"}``.
        signature: None where it can't be read.
        metrics: What evaluation gave, JSON-able; empty for a model brought along.
        golden: None for a model brought along.
        training_key: Equal keys mean that training again would give the same weights; None for a model brought along.
        trained_with: Library versions, seed, data fingerprint and the like, JSON-able.
        elsewhere: Where a part of a layout lies that isn't under ``root/<layout>``, a folder or a file, so that a big
            model needn't be copied: ``{"tensorflow-serving/1": Path("/home/me/model")}``.
        generated: Files of a layout that we write ourselves, such as a server's settings, by their place:
            ``{"mlserver/model-settings.json": b"{…}"}``.
    """

    root: Path
    format: str
    layouts: tuple[str, ...]
    formats: dict[str, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)
    signature: Signature | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    golden: Golden | None = None
    training_key: str | None = None
    trained_with: dict[str, Any] = field(default_factory=dict)
    elsewhere: dict[str, Path] = field(default_factory=dict)
    generated: dict[str, bytes] = field(default_factory=dict)


def signature_from_json(raw: dict[str, Any]) -> Signature:
    """The inverse of ``dataclasses.asdict`` on a Signature.

    Raises:
        KeyError, TypeError: ``raw`` is no signature.
    """

    def text(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError("a name of the signature is no text")
        return value

    def tensors(items: list[dict[str, Any]]) -> tuple[Tensor, ...]:
        return tuple(Tensor(text(item["name"]), text(item["dtype"]), tuple(item["shape"])) for item in items)

    return Signature(text(raw["name"]), tensors(raw["inputs"]), tensors(raw["outputs"]))


def write_artifact(artifact: Artifact) -> None:
    """Write ``<root>/artifact.json``, last and whole, so that a killed export leaves no record.

    Raises:
        OutsideError: The folder can't be written.
    """
    record = asdict(artifact)
    del record["root"], record["elsewhere"], record["generated"]
    write_atomically(artifact.root / RECORD, f"{dumps(record)}\n".encode())


def read_artifact(root: Path) -> Artifact | None:
    """Read what ``write_artifact`` wrote; None where no finished export lies.

    Raises:
        InputError: The record is there but isn't one of ours.
        OutsideError: It can't be read.
    """
    path = root / RECORD
    try:
        content = files.read_bytes(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None
    try:
        raw = json.loads(content)
        return Artifact(
            root=root,
            format=raw["format"],
            layouts=tuple(raw["layouts"]),
            formats=raw["formats"],
            exports=raw["exports"],
            runtimes=raw["runtimes"],
            signature=signature_from_json(raw["signature"]) if raw["signature"] else None,
            metrics=raw["metrics"],
            golden=Golden(**raw["golden"]) if raw["golden"] else None,
            training_key=raw["training_key"],
            trained_with=raw["trained_with"],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"this record of an export can't be read: {error}.",
            fix=f"Remove the folder {root} and train again.",
            place=Place(str(path)),
        ) from error
