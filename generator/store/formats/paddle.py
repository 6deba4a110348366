"""Paddle: a folder with one program and its parameters.

Source: kserve/kserve v0.20.0, python/paddleserver/paddleserver/model.py: exactly one ``.pdiparams`` and one
``.pdmodel``, or (KServe 0.16 and newer) one ``.json`` where there is no ``.pdmodel``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store import disk, wire
from generator.store.contents import outline, tensors
from generator.store.contents.damage import DamagedError
from generator.store.formats.base import Format, Model, Say, first_bytes, refused, whole

if TYPE_CHECKING:
    import mmap
    from pathlib import Path

BLOCKS = 1  # paddle/fluid/framework/framework.proto, ProgramDesc.blocks
AGAIN = "Save it again, with paddle.static.save_inference_model or paddle.jit.save."
WANTED = "a folder with one .pdmodel or .json file and one .pdiparams file"


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    if path.is_file():
        raise refused(path, "is a file", WANTED, path.parent)
    program = _only(path, ".pdmodel") or _only(path, ".json")
    weights = _only(path, ".pdiparams")
    if program is None or weights is None:
        lacking = ".pdiparams" if program else ".pdmodel and no .json"
        raise refused(path, f"holds no {lacking} file", WANTED)
    for part in (program, weights):
        disk.look(part, path)
        first_bytes(part)
    with whole(program, AGAIN), disk.mapped(program) as content:
        _demand_program(program, content)
    with whole(weights, AGAIN), disk.opened(weights) as file:
        tensors.check(file)
    return Model("paddle", program, name=f"model{program.suffix}", beside={f"model{weights.suffix}": weights})


def _meant(path: Path) -> bool:
    """A folder with parameters or a program of Paddle, or such a file."""
    endings = (".pdiparams", ".pdmodel")
    return any(each.suffix in endings for each in path.iterdir()) if path.is_dir() else path.suffix in endings


def _demand_program(path: Path, content: mmap.mmap | bytes) -> None:
    """A program is whole: of the older form a protocol buffer with blocks, of the newer a JSON object.

    Raises:
        DamagedError, wire.MalformedError: It isn't.
    """
    if path.suffix == ".json":
        outline.of_json(content)
        return
    if BLOCKS not in {number for number, _ in wire.fields(memoryview(content))}:
        raise DamagedError("it is no program of Paddle")


def _only(folder: Path, ending: str) -> Path | None:
    """The one file of that ending, None where there is none.

    Raises:
        InputError: There are several, and servers take no choice.
        OSError: The folder can't be read.
    """
    found = sorted(entry for entry in folder.iterdir() if entry.suffix == ending and entry.is_file())
    if len(found) > 1:
        raise refused(folder, f"holds several {ending} files ({', '.join(entry.name for entry in found)})", WANTED)
    return found[0] if found else None


FORMAT = Format("paddle", WANTED, _look, _meant)
