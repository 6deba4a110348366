"""TorchScript: what ``torch.jit.save`` has written, and a ``config.pbtxt`` that says its inputs and outputs.

The file has code and weights, but neither types nor shapes, so Triton's PyTorch backend can't find them out either
(triton-inference-server/server, docs/user_guide/model_configuration.md, "Special Conventions for PyTorch Backend").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.store import archive, disk
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "config.pbtxt"
WANTED = f"a .pt file that torch.jit.save wrote, with Triton's {CONFIG} in the same folder"
# torch/csrc/jit/serialization/export_module.cpp: a script module has constants.pkl; torch.save's own files don't.
SCRIPTED = "/constants.pkl"


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    file_of(path, WANTED, (".pt", ".pth"))
    try:
        names = archive.names(path)
        archive.check(path)
    except archive.ArchiveError as error:
        raise broken(
            path, f"it is no TorchScript file: {error}.", "Write it with torch.jit.save(module, path)."
        ) from error
    if not any(name.endswith(SCRIPTED) and name.count("/") == 1 for name in names):
        raise broken(
            path,
            "it holds weights without code (torch.save writes such files), which no server can run.",
            "Write it with torch.jit.save(torch.jit.script(module), path).",
        )
    config = path.parent / CONFIG
    if not config.is_file():
        raise InputError(
            f"there is no {config}, and {path.name} doesn't say its inputs and outputs.",
            fix=f"Write a {CONFIG} for Triton beside it, with max_batch_size, input and output.",
        )
    disk.look(config, path.parent)
    return Model("torchscript", path, name="model.pt", beside={CONFIG: config})


FORMAT = Format("torchscript", WANTED, _look, ends_in(".pt", ".pth"))
