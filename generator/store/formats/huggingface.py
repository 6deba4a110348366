"""Hugging Face: a snapshot folder with ``config.json``, weights and what belongs to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.store.formats.base import Format, Model, Say, broken, first_bytes, folder_of, refused

if TYPE_CHECKING:
    from pathlib import Path

FILE = "config.json"
WANTED = f"the folder that holds {FILE}"
BIGGEST = 2**22
WEIGHTS = (".safetensors", ".bin", ".h5", ".msgpack", ".gguf", ".onnx", ".pt", ".pth")


def _look(path: Path, say: Say) -> Model:
    snapshots = path / "snapshots"  # the hub's own cache: models--<owner>--<name>/snapshots/<commit>
    if snapshots.is_dir() and not (path / FILE).exists():
        inside = sorted(entry for entry in snapshots.iterdir() if (entry / FILE).is_file())
        raise refused(path, "is the hub's cache, which holds snapshots", WANTED, inside[-1] if inside else None)
    config = _config(folder_of(path, FILE, WANTED))
    weights = [entry for entry in sorted(path.iterdir()) if entry.suffix in WEIGHTS and entry.is_file()]
    if not weights:
        raise refused(path, f"holds no weights ({', '.join(WEIGHTS)})", "a whole snapshot")
    for entry in weights:
        first_bytes(entry)
    if not any((path / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt")):
        say(f"{path} holds no tokenizer; a model of texts can't be served without")
    architectures = [name for name in config.get("architectures") or [] if isinstance(name, str)]
    return Model("huggingface", path, facts={"architectures": architectures})


def _config(file: Path) -> dict[str, Any]:
    """The configuration.

    Raises:
        InputError: It is none.
        OSError: It can't be read.
    """
    try:
        found = json.loads(first_bytes(file, BIGGEST))
    except (ValueError, RecursionError) as error:
        raise broken(
            file, "it is no JSON.", "Save the model with save_pretrained, or fetch the snapshot again."
        ) from error
    if not isinstance(found, dict) or not ("model_type" in found or "architectures" in found):
        raise broken(file, "it names neither model_type nor architectures.", "Is this the model's own configuration?")
    if not isinstance(found.get("architectures") or [], list):
        raise broken(file, "its architectures are no list.", "Save the model with save_pretrained.")
    return found


FORMAT = Format("huggingface", WANTED, _look)
