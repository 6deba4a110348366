"""TensorFlow's SavedModel: a folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.errors import InputError, Place
from generator.store import savedmodel
from generator.store.contents import bundle
from generator.store.formats import keras
from generator.store.formats.base import Format, Model, Say, broken, first_bytes, folder_of, holds, versions, whole

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.artifact import Signature

SERVING = "serving_default"  # the signature that TensorFlow Serving uses where a request names none (its predict.proto)
INTERNAL = re.compile(r"__saved_model_\w+")  # tensorflow/cc/saved_model/constants.h: init and train operations
# tensorflow/core/ops/resource_variable_ops.cc and state_ops.cc
VARIABLES = frozenset(("VarHandleOp", "VariableV2", "Variable", "AutoReloadVariable"))
RESTORING = frozenset(("RestoreV2", "Restore", "RestoreSlice"))
AGAIN = "Copy the whole folder, or export the model again."
WANTED = f"the folder that holds {savedmodel.FILE}"


def _look(path: Path, say: Say) -> Model:
    if (path / "saved_model.pbtxt").is_file() and not (path / savedmodel.FILE).is_file():
        raise InputError(f"{path} holds a SavedModel as text.", fix="Export it in the binary form.")
    if path.suffix.lower() in keras.ENDINGS and path.is_file():
        raise keras.unserved(path)
    first_bytes(folder_of(path, savedmodel.FILE, WANTED))
    description = savedmodel.read(path)
    demand_files(path, description)
    oldest = {}
    if found := re.match(r"(\d+)\.(\d+)\.", description.tensorflow_version):
        # Triton's releases have numbers of their own; which TensorFlow is in which isn't known here.
        oldest["tensorflow-serving"] = f"{int(found[1])}.{int(found[2])}"
    else:
        say(f"{path} doesn't say which TensorFlow wrote it, so nobody checks that the server is new enough")
    signature, unsaid = _signature(path, description, say)
    written_by = versions(tensorflow=description.tensorflow_version)
    return Model("savedmodel", path, signature=signature, unsaid=unsaid, oldest=oldest, written_by=written_by)


def demand_files(path: Path, description: savedmodel.Description) -> None:
    """The variables and the assets that the graph reads lie beside it, whole.

    Raises:
        InputError: They don't.
        OSError: They can't be read.
    """
    folder = path / bundle.FOLDER
    if (folder / bundle.INDEX).is_file():
        with whole(folder, AGAIN):
            bundle.check(folder)
    # Without an operation that restores them, variables get their values from the graph itself.
    elif description.ops & RESTORING and (variables := sorted(description.ops & VARIABLES)):
        raise broken(
            path,
            f"its graph has variables ({', '.join(variables)}), and {bundle.FOLDER}/{bundle.INDEX}, which holds their "
            "values, is missing.",
            AGAIN,
        )
    for name in description.assets:
        if "/" in name or "\0" in name or not (path / "assets" / name).is_file():
            raise broken(path, f"its graph reads assets/{name}, which isn't there.", "Copy the whole folder.")


def _signature(path: Path, description: savedmodel.Description, say: Say) -> tuple[Signature | None, str]:
    """The signature that clients will use; None, and why, where it has one that can't be written down.

    Raises:
        InputError: The model has nothing that a client could call.
    """
    there = description.signatures.get(SERVING)
    if there and there.outputs:
        return there, ""
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
        return None, f"of the signature {SERVING}, {reason}"
    listed = ", ".join(sorted(others))
    say(f"the model has no signature {SERVING}: each request must name one in signature_name ({listed})")
    return None, f"it has no signature {SERVING}"


FORMAT = Format("savedmodel", WANTED, _look, holds(savedmodel.FILE, "saved_model.pbtxt"))
