"""ONNX: a file, and the files beside it that hold its weights where these are big.

A model of a newer ONNX than the server's ONNX Runtime fails when it is loaded, long after the apply: "Unsupported model
IR version: 10, max supported IR version: 9". ONNX Runtime 1.17.1 takes IR version 9 at most (microsoft/onnxruntime
#20559), 1.20.1 takes 10 (#23602). Triton 23.12 is built with 1.16.3, 25.03 with 1.20.1
(triton-inference-server/server, build.py of both).
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from generator.errors import InputError
from generator.store import disk, onnx_file, wire
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, versions

NAME = "model.onnx"
PRODUCER = re.compile(r"[A-Za-z][\w.+-]{0,40}", re.ASCII)
AGAIN = "Export the model again."
WANTED = "an .onnx file"
# IR version and opset from which on no Triton older than that can load a model: bounds that are certain, so nothing is
# refused that would run. Opset 21 came with IR version 10 (onnx 1.16), opset 23 with 11 (onnx 1.18): onnx, helper.py.
TRITON = ((11, 23, "25.03"), (10, 21, "24.01"))


def look(path: Path, say: Say) -> Model:
    """What an ONNX file is, with the files beside it.

    Raises:
        InputError: It is none, or not whole.
        OSError: It can't be read.
    """
    file_of(path, WANTED, (".onnx",))
    try:
        found = onnx_file.read(path)
    except wire.MalformedError as error:
        raise broken(path, f"it is no ONNX model: {error}.", AGAIN) from error
    if found.signature is None:
        say(f"the release won't hold a signature: {found.unsaid}")
    producer, version = found.producer
    oldest = oldest_triton(found.ir_version, found.opsets.get("ai.onnx", 0))
    return Model(
        "onnx",
        path,
        name=NAME,
        beside={str(PurePosixPath(place)): _weights(path, place, end) for place, end in found.external.items()},
        signature=found.signature,
        unsaid=found.unsaid,
        oldest={"triton": oldest} if oldest else {},
        facts={"onnxIrVersion": found.ir_version, "onnxOpsets": found.opsets},
        written_by=versions(**{producer: version}) if PRODUCER.fullmatch(producer) else {},
    )


def oldest_triton(ir_version: int, opset: int) -> str | None:
    """The release of Triton before which none can load such a model; None where none is known to fail."""
    return next((release for ir, ops, release in TRITON if ir_version >= ir or opset >= ops), None)


def _weights(model: Path, place: str, end: int) -> Path:
    """A file beside the model that holds weights.

    Raises:
        InputError: It lies elsewhere, where no server would find it, is missing, or ends before its last tensor.
    """
    parts = PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts or "\\" in place or "\0" in place or place == NAME:
        raise broken(
            model,
            f"its weights lie in '{place}', which no server can find.",
            f"Save it with its weights in a file beside it that isn't named {NAME}: location='weights.bin'.",
        )
    path = model.parent / place
    if not path.is_file():
        raise InputError(f"{model} keeps weights in {path}, which isn't there.", fix="Put the file beside the model.")
    if disk.look(path, model.parent).size < end:
        raise broken(path, f"it was cut off: tensors of {model.name} lie there up to byte {end}.", AGAIN)
    return path


FORMAT = Format("onnx", WANTED, look, ends_in(".onnx"))
