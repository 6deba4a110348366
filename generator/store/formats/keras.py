"""Keras' own format: a zip file with ``config.json``, ``metadata.json`` and ``model.weights.h5``.

No model server loads it: TensorFlow Serving and Triton take SavedModel, the servers of KServe, MLServer and Seldon Core
have no runtime for it. So it is converted, or goes as it is to a runtime of the cluster's own. Nothing of it is run to
look at it: the configuration is JSON, and of the weights only what HDF5 says of its own size is read.
Source: keras-team/keras v3.15.1, keras/src/saving/saving_lib.py and serialization_lib.py.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.model.artifact import Signature, Tensor
from generator.store import archive
from generator.store.contents import weights
from generator.store.contents.damage import DamagedError
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, refused, versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = "a .keras file"
OLD = (".h5", ".hdf5")
SUFFIX = ".keras"
ENDINGS = (SUFFIX, *OLD)
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
BIGGEST_CONFIG = 2**26
HEAD = 128
AGAIN = "Save the model again: model.save('model.keras')."
SAME = frozenset(("Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "PReLU", "Dropout", "BatchNormalization"))
"""Layers whose output has the shape of their input."""
BUILT_IN = ("keras", "builtins")
OWN_CODE = "kerasOwnCode"
CODE = ("__lambda__", "Lambda", "TorchModuleWrapper")
"""What holds code of its own as bytes or as a pickle; Keras refuses to load it in its safe mode."""


def _look(path: Path, say: Say) -> Model:
    if path.suffix.lower() in OLD and path.is_file():
        fix = f"Save it anew: keras.models.load_model('{path.name}').save('{path.stem}.keras'), then --model that."
        raise refused(path, "is the HDF5 form of old Keras releases, which may hold code", WANTED, fix=fix)
    file_of(path, WANTED, (SUFFIX,))
    try:
        names = archive.names(path)
        archive.check(path)
        config, metadata = (_json(path, name) for name in (CONFIG, METADATA))
        head, size = archive.head(path, WEIGHTS, HEAD)
    except archive.ArchiveError as error:
        raise broken(path, f"it is no model of Keras: {error}.", AGAIN) from error
    if WEIGHTS not in names:
        raise broken(path, f"it holds no {WEIGHTS}, so it has no weights.", AGAIN)
    try:
        weights.hdf5(io.BufferedReader(io.BytesIO(head)), size)
    except DamagedError as error:
        raise broken(path, f"of its {WEIGHTS}, {error}.", AGAIN) from error
    if "class_name" not in config:
        raise broken(path, f"its {CONFIG} names no class_name, so it is no model.", AGAIN)
    strange = own_code(config)
    if strange:
        say(f"{path} names {', '.join(strange)}, whose code it doesn't hold in a form that Keras loads safely")
    signature, unsaid = _signature(config)
    return Model(
        "keras",
        path,
        name="model.keras",
        signature=signature,
        unsaid=unsaid,
        facts={OWN_CODE: strange} if strange else {},
        written_by=versions(keras=metadata.get("keras_version")),
    )


def own_code(config: dict[str, Any]) -> list[str]:
    """The layers and functions that aren't Keras' own: who loads the model has to have their code.

    Args:
        config: What ``config.json`` says.
    """
    found = set[str]()
    waiting: list[object] = [config]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
            name, module = each.get("class_name"), each.get("module")
            if name in CODE:
                found.add("a lambda" if name == "__lambda__" else str(name))
            elif isinstance(name, str) and "module" in each and not _is_kerass(module):
                registered = each.get("registered_name")
                found.add(registered if isinstance(registered, str) else name)
    return sorted(name[:80] if name.isprintable() else repr(name)[:80] for name in found)


def _is_kerass(module: object) -> bool:
    return isinstance(module, str) and module.partition(".")[0] in BUILT_IN


def _json(path: Path, name: str) -> dict[str, Any]:
    """A JSON object in the archive.

    Raises:
        InputError: It isn't there, or is none.
        ArchiveError: The archive is damaged.
        OSError: It can't be read.
    """
    content = archive.member(path, name, BIGGEST_CONFIG)
    if content is None:
        raise broken(path, f"it is no model of Keras: it holds no {name}.", AGAIN)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise broken(path, f"its {name} is no JSON.", AGAIN) from error
    if not isinstance(found, dict):
        raise broken(path, f"its {name} is no JSON object.", AGAIN)
    return found


class _UnsaidError(Exception):
    """What the configuration doesn't say without Keras."""


def _signature(config: dict[str, Any]) -> tuple[Signature | None, str]:
    """Inputs and outputs, as far as the configuration says them; None, and why not.

    Shapes of outputs aren't in the file: they follow from the code of the layers. Of the usual last layers they are
    known.
    """
    try:
        inputs, outputs = _sides(config["config"])
        given = tuple(_input(name, layer) for name, layer in inputs.items())
        return Signature("serve", given, tuple(_output(name, layer) for name, layer in outputs.items())), ""
    except _UnsaidError as error:
        return None, str(error)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None, "its configuration doesn't say its inputs and outputs"


def _sides(config: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first and the last layers, by the names that clients use.

    A last layer without weights may say no shape; the one before it does.

    Raises:
        _UnsaidError: The model is no graph of layers.
        AttributeError, IndexError, KeyError, TypeError: The configuration has another form.
    """
    layers = config.get("layers")
    if layers is None:
        raise _UnsaidError("a model of a class of its own doesn't say its inputs")
    if "input_layers" in config:
        known = {_name(layer): layer for layer in layers}
        return dict(_ends(config["input_layers"], known)), dict(_ends(config["output_layers"], known))
    first, last = layers[0], layers[-1]
    shaped = layers[-2] if last.get("class_name") in SAME and "build_config" not in last else last
    return {_name(first): first}, {_name(last): shaped}


def _name(layer: Any) -> str:
    name = layer["config"]["name"]
    return name if isinstance(name, str) and name.isprintable() else ""


def _ends(side: Any, known: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The layers of one side of a functional model, under the names that it has for them."""
    if isinstance(side, dict):
        yield from ((str(name), known[place[0]]) for name, place in side.items())
    elif isinstance(side[0], str):
        yield side[0], known[side[0]]
    else:
        yield from ((place[0], known[place[0]]) for place in side)


def _input(name: str, layer: Any) -> Tensor:
    config = layer["config"]
    if layer.get("class_name") != "InputLayer":
        raise _UnsaidError("it doesn't begin with an input of a known shape")
    if config.get("sparse") or config.get("ragged"):
        raise _UnsaidError(f"its input '{name}' is sparse or ragged")
    return Tensor(name, _dtype(config), _shape(config["batch_shape"]))


def _output(name: str, layer: Any) -> Tensor:
    config, kind = layer["config"], layer.get("class_name")
    if kind != "Dense" and kind not in SAME:
        raise _UnsaidError(f"the shape of its output '{name}' follows from the code of {kind}")
    shape = _shape(layer["build_config"]["input_shape"])
    return Tensor(name, _dtype(config), (*shape[:-1], _size(config["units"])) if kind == "Dense" else shape)


def _dtype(config: Any) -> str:
    """A layer's type: a name, or a policy, of which only those with one type for all say what comes out."""
    dtype = config["dtype"]
    name = dtype if isinstance(dtype, str) else dtype["config"]["name"]
    if not isinstance(name, str) or not name.isalnum():
        raise _UnsaidError("its types are mixed")
    return name


def _shape(sizes: Any) -> tuple[int | None, ...]:
    return tuple(None if size is None else _size(size) for size in sizes)


def _size(size: Any) -> int:
    if type(size) is not int or size < 0:
        raise TypeError
    return size


def demand_own(model: Model) -> None:
    """Nothing but Keras' own layers is loaded: code out of a file is run by nobody here.

    Raises:
        InputError: The model has others.
    """
    if strange := model.facts.get(OWN_CODE):
        raise broken(
            model.path,
            f"it can't be converted: {', '.join(strange)} is code that isn't Keras' own.",
            "Export it where that code is: model.export('model'), then --model model.",
        )


def unserved(path: Path) -> InputError:
    """The error for Keras' own file where a server's format is wanted that it isn't converted to."""
    fix = f"Export it: keras.models.load_model('{path.name}').export('model'), then --model model."
    return InputError(f"{path} is Keras' own format, which no server reads.", fix=fix)


FORMAT = Format("keras", WANTED, _look, ends_in(*ENDINGS))
