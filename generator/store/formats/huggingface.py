"""Hugging Face: a snapshot folder with ``config.json``, weights and what belongs to them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generator.store import disk
from generator.store.contents import weights
from generator.store.formats.base import (
    Format,
    Model,
    Say,
    broken,
    first_bytes,
    folder_of,
    refused,
    versions,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "config.json"
WANTED = f"the folder that holds {FILE}"
BIGGEST = 2**22
BIGGEST_INDEX = 2**25
# transformers, src/transformers/utils/__init__.py: the index of each form of weights, the one that is preferred first
INDEXES = ("*.safetensors.index.json", "*.bin.index.json", "*.h5.index.json", "*.msgpack.index.json")
# the same, and transformers' modeling_utils.py: model-00001-of-00003.safetensors
COUNTED = re.compile(r"(?P<start>.+-)\d{5}-of-(?P<last>\d{5})(?P<ending>\.\w+)", re.ASCII)
MOST_SHARDS = 10_000
CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
AGAIN = "Fetch the snapshot again, or save the model with save_pretrained."
LEADING = ("model.safetensors", "pytorch_model.bin")
WEIGHTS = (".safetensors", ".bin", ".h5", ".msgpack", ".gguf", ".onnx", ".pt", ".pth")


def _look(path: Path, say: Say) -> Model:
    snapshots = path / "snapshots"  # the hub's own cache: models--<owner>--<name>/snapshots/<commit>
    if snapshots.is_dir() and not (path / FILE).exists():
        inside = sorted(entry for entry in snapshots.iterdir() if (entry / FILE).is_file())
        raise refused(path, "is the hub's cache, which holds snapshots", WANTED, inside[-1] if inside else None)
    config = _config(folder_of(path, FILE, WANTED))
    there = [entry for entry in sorted(path.iterdir()) if entry.suffix in WEIGHTS and entry.is_file()]
    if not there:
        raise refused(path, f"holds no weights ({', '.join(WEIGHTS)})", "a whole snapshot")
    known = {entry.name: _checked(entry) for entry in there}
    _demand_series(path, known)
    # Who fetches safetensors alone is left with the index of another form, which nobody reads then.
    used = INDEXES[:1] if any(name.endswith(".safetensors") for name in known) else INDEXES
    for index in sorted(each for pattern in used for each in path.glob(pattern)):
        _demand_shards(path, index, known)
    if not any((path / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt")):
        say(f"{path} holds no tokenizer; a model of texts can't be served without")
    return Model(
        "huggingface",
        path,
        facts={"architectures": config.get("architectures") or []},
        written_by=versions(transformers=config.get("transformers_version")),
    )


def _meant(path: Path) -> bool:
    """A folder with a configuration or with weights as the hub names them, or such a file."""
    if path.is_dir():
        return any((path / name).exists() for name in (FILE, "snapshots", *LEADING)) or any(path.glob(INDEXES[0]))
    return path.name in {FILE, *LEADING} or path.suffix == WEIGHTS[0]


def _checked(entry: Path) -> frozenset[str]:
    """The names of the tensors in a file of weights that is whole; empty where the file doesn't say them.

    Raises:
        InputError: It isn't whole.
        OSError: It can't be read.
    """
    first_bytes(entry)
    with whole(entry, AGAIN):
        return weights.check(entry)


def _demand_series(path: Path, known: Mapping[str, frozenset[str]]) -> None:
    """Of weights in several files, whose names count them, each is there.

    Raises:
        InputError: One isn't.
    """
    for name in known:
        if (found := COUNTED.fullmatch(name)) is None:
            continue
        width, last = len(found["last"]), int(found["last"])
        for number in range(1, min(last, MOST_SHARDS) + 1):
            each = f"{found['start']}{number:0{width}}-of-{found['last']}{found['ending']}"
            if each not in known:
                raise broken(path, f"it holds {name}, and {each} isn't there.", AGAIN)


def _demand_shards(path: Path, index: Path, known: Mapping[str, frozenset[str]]) -> None:
    """Every tensor of an index lies in the file that it names.

    Raises:
        InputError: One doesn't.
        OSError: The index can't be read.
    """
    try:
        found = json.loads(disk.read(index, BIGGEST_INDEX))
    except (ValueError, RecursionError) as error:
        raise broken(index, "it is no JSON.", AGAIN) from error
    places = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise broken(index, "it has no weight_map, which says where each tensor lies.", AGAIN)
    for name in sorted(set(places.values())):
        if name not in known and not (set(name) & {"/", "\\", "\0"} or (path / name).is_file()):
            raise broken(index, f"it names '{name}', which isn't there.", AGAIN)
    for tensor, name in places.items():
        if known.get(name) and tensor not in known[name]:
            raise broken(index, f"it says that '{tensor[:80]}' lies in {name}, which doesn't hold it.", AGAIN)


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
    architectures = found.get("architectures") or []
    if not isinstance(architectures, list):
        raise broken(file, "its architectures are no list.", "Save the model with save_pretrained.")
    if not all(isinstance(name, str) and CLASS.fullmatch(name) for name in architectures):
        raise broken(file, "its architectures aren't names of classes.", "Save the model with save_pretrained.")
    return found


FORMAT = Format("huggingface", WANTED, _look, _meant)
