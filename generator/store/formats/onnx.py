"""ONNX: a file, and the files beside it that hold its weights where these are big.

A model of a newer ONNX than the server's ONNX Runtime fails when it is loaded, long after the apply: "Unsupported model
IR version: 10, max supported IR version: 9". What each ONNX Runtime takes at most was tried with models that say so
and do nothing else: 1.16 opset 19 and IR version 9, 1.17 opset 20, 1.18 to 1.20 opset 21 and IR version 10, 1.21 and
1.22 opset 22, 1.23 opset 23 and IR version 11, 1.24 opset 25 and IR version 13, 1.27 opset 26. Which one is in which
server: triton-inference-server/server, build.py at v2.38.0 (23.09: 1.16.0), v2.44.0 (24.03: 1.17.2), v2.46.0 (24.05:
1.18.0), v2.56.0 (25.03: 1.21.0), v2.60.0 (25.08: 1.23.0), v2.66.0 (26.02: 1.24.1) and v2.71.0 (26.07: 1.27.0);
SeldonIO/MLServer, poetry.lock: 1.5.0 has 1.17.1, 1.6.1 has 1.18.0, 1.7.1 has 1.20.0.
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
OLDEST = {
    "triton": (
        (14, 27, "26.08"),  # 26.07, the newest that is known, takes no such model
        (14, 26, "26.07"),
        (12, 24, "26.02"),
        (11, 23, "25.08"),
        (11, 22, "25.03"),
        (10, 21, "24.05"),
        (10, 20, "24.03"),
        (10, 19, "23.09"),
    ),
    "mlserver": ((11, 22, "1.8"), (10, 21, "1.6")),  # 1.7, the newest that is known, takes opset 21
}
"""Layout to IR version and opset from which on no server older than that can load a model, the newest first."""


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
    oldest = {layout: oldest_server(layout, found.ir_version, found.opsets.get("ai.onnx", 0)) for layout in OLDEST}
    return Model(
        "onnx",
        path,
        name=NAME,
        beside={str(PurePosixPath(place)): _weights(path, place, end) for place, end in found.external.items()},
        signature=found.signature,
        unsaid=found.unsaid,
        oldest={layout: release for layout, release in oldest.items() if release},
        facts={"onnxIrVersion": found.ir_version, "onnxOpsets": found.opsets},
        written_by=versions(**{producer: version}) if PRODUCER.fullmatch(producer) else {},
    )


def oldest_server(layout: str, ir_version: int, opset: int) -> str | None:
    """The server's release before which none can load such a model; None where none is known to fail."""
    return next((release for ir, ops, release in OLDEST[layout] if ir_version >= ir or opset >= ops), None)


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
