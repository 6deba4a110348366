"""TorchServe's model archive: a zip file with ``MAR-INF/MANIFEST.json``.

Source: pytorch/serve v0.12.0, model-archiver/README.md and model-archiver/model_archiver/manifest_components.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.store import archive
from generator.store.formats.base import PRINTABLE, Format, Model, Say, broken, ends_in, file_of, versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = "a .mar file"
MANIFEST = "MAR-INF/MANIFEST.json"
BIGGEST_MANIFEST = 2**20
AGAIN = "Write it with torch-model-archiver."


def _look(path: Path, say: Say) -> Model:
    file_of(path, WANTED, (".mar",))
    try:
        content = archive.member(path, MANIFEST, BIGGEST_MANIFEST)
        archive.check(path)
        names = archive.names(path)
    except archive.ArchiveError as error:
        raise broken(path, f"it is no model archive: {error}.", AGAIN) from error
    if content is None:
        raise broken(path, f"it is no model archive: it holds no {MANIFEST}.", AGAIN)
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise broken(path, f"its {MANIFEST} is no JSON.", AGAIN) from error
    model = manifest.get("model") if isinstance(manifest, dict) else None
    version = model.get("modelVersion") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(version, str) or not version:
        raise broken(path, f"its {MANIFEST} names no model version, by which TorchServe finds the model.", AGAIN)
    if not PRINTABLE.fullmatch(version):
        raise broken(path, f"the model version in its {MANIFEST} is none that TorchServe could be asked for.", AGAIN)
    for key, name in _files(model):
        if name not in names:
            raise broken(path, f"its {MANIFEST} names the {key} '{name}', which it doesn't hold.", AGAIN)
    if not model.get("handler"):
        say(f"{path} names no handler, so TorchServe may not know how to run it")
    archiver = manifest.get("archiverVersion")
    return Model(
        "torchserve",
        path,
        name=path.name,
        facts={"marVersion": version},
        written_by=versions(torch_model_archiver=archiver),
    )


def _files(model: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a manifest names of its archive's own files; a handler without an ending is one of TorchServe's."""
    for key in ("serializedFile", "modelFile", "handler", "requirementsFile"):
        name = model.get(key)
        if not isinstance(name, str) or not name:
            continue
        file = name.partition(":")[0]
        if key != "handler" or file.endswith(".py"):
            yield key, file


FORMAT = Format("torchserve", WANTED, _look, ends_in(".mar"))
