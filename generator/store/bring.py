"""A model brought along: files that somebody else made, as an artifact that can be published.

A format is one entry of ``FORMATS``. Nothing is copied: the artifact says where each part of a layout lies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from generator.artifact import Artifact, Signature
from generator.errors import InputError, OutsideError, Place
from generator.store import savedmodel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Say = Callable[[str], None]

SERVING = "serving_default"  # the signature that TensorFlow Serving uses where a request names none (its predict.proto)
INTERNAL = re.compile(r"__saved_model_\w+")  # tensorflow/cc/saved_model/constants.h: init and train operations


class Format(NamedTuple):
    """How the files of a format become an artifact.

    Attributes:
        wanted: What the path must be, for messages.
        bring: Path, layout and ``say`` to the artifact.
        layouts: The layouts that ``bring`` can make, the usual one first; they are named after the model server.
    """

    wanted: str
    bring: Callable[[Path, str, Say], Artifact]
    layouts: tuple[str, ...]


def artifact_from_model(path: Path, model_format: str, runtime: str | None, say: Say) -> Artifact:
    """Make an artifact of a model that was brought along.

    Args:
        path: What ``--model`` names.
        model_format: The format that the service file names.
        runtime: The model server that the service file names; None for the usual one of the format.
        say: Told what is missing, though the model can be published.

    Raises:
        InputError: The format can't be brought along for that server, or the path isn't of that format.
        OutsideError: The path can't be read.
    """
    known = FORMATS.get(model_format)
    if known is None:
        raise InputError(
            f"a model of the format '{model_format}' can't be brought along.", fix=f"Can be: {', '.join(FORMATS)}."
        )
    layout = runtime or known.layouts[0]
    if layout not in known.layouts:
        raise InputError(
            f"the format '{model_format}' has no layout for the server '{runtime}'.",
            fix=f"It has for: {', '.join(known.layouts)}.",
        )
    try:
        if not path.exists():
            raise InputError(f"there is no {path}.", fix=f"--model wants {known.wanted}.")
        return known.bring(path, layout, say)
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error


def _savedmodel(path: Path, layout: str, say: Say) -> Artifact:
    """A SavedModel as version 1: TensorFlow Serving wants a folder whose name is a number under its base path."""
    if not (path / savedmodel.FILE).is_file():
        raise _no_savedmodel(path)
    description = savedmodel.read(path)
    runtimes = {}
    if found := re.match(r"(\d+)\.(\d+)\.", description.tensorflow_version):
        runtimes[layout] = f"{int(found[1])}.{int(found[2])}"
    else:
        say(f"{path} doesn't say which TensorFlow wrote it, so nobody checks that the server is new enough")
    return Artifact(
        root=path,
        format="savedmodel",
        layouts=(layout,),
        runtimes=runtimes,
        signature=_signature(path, description, say),
        elsewhere={f"{layout}/1": path},
    )


def _signature(path: Path, description: savedmodel.Description, say: Say) -> Signature | None:
    """The signature that clients will use; None where it has one that can't be written down.

    Raises:
        InputError: The model has nothing that a client could call.
    """
    there = description.signatures.get(SERVING)
    if there and there.outputs:
        return there
    others = [name for name in {*description.signatures, *description.unsaid} if not INTERNAL.fullmatch(name)]
    if not others:
        raise InputError(
            "the model has no signature, so no client could call it.",
            fix=f"Export it with a signature named {SERVING}: tf.saved_model.save(model, folder, signatures=…).",
            place=Place(str(path)),
        )
    if SERVING in others:
        reason = description.unsaid.get(SERVING, "it has no outputs")
        say(f"the release won't hold the signature {SERVING}: {reason}")
    else:
        listed = ", ".join(sorted(others))
        say(f"the model has no signature {SERVING}: each request must name one in signature_name ({listed})")
    return None


def _no_savedmodel(path: Path) -> InputError:
    """What was found instead, and where the right folder probably is."""
    wanted = FORMATS["savedmodel"].wanted
    if path.is_file():
        better = path.parent if path.name == savedmodel.FILE else None
        found = f"{path} is a file"
    else:
        inside = sorted(entry for entry in path.iterdir() if (entry / savedmodel.FILE).is_file())
        better = inside[0] if inside else None
        found = f"{path} holds no {savedmodel.FILE}"
    if better is None and (path.parent / savedmodel.FILE).is_file():
        better = path.parent
    if better is None and (path / "saved_model.pbtxt").is_file():
        return InputError(f"{path} holds a SavedModel as text.", fix="Export it in the binary form.")
    hint = f" Use --model {better}." if better else ""
    return InputError(f"{found}.", fix=f"--model wants {wanted}.{hint}")


FORMATS = {
    "savedmodel": Format(
        f"the folder that holds {savedmodel.FILE}",
        _savedmodel,
        ("tensorflow-serving",),
    ),
}
