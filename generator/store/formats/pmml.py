"""PMML: an XML file, read to its end once, without expanding anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from generator.errors import InputError
from generator.store import disk
from generator.store.formats.base import Format, Model, Say, broken, file_of

if TYPE_CHECKING:
    from pathlib import Path

WANTED = "a .pmml file"
PIECE = 2**16
ROOT = re.compile(r"(?:\S+ )?PMML")  # expat puts the namespace before the name
KNOWN = re.compile(r"[34]\.[0-9]+")  # kserve/kserve v0.20.0, config/runtimes/kserve-pmmlserver.yaml: versions 3 and 4


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    file_of(path, WANTED, (".pmml", ".xml"))
    root = _root(path)
    if root is None or not ROOT.fullmatch(root[0]):
        raise broken(path, f"its root element is {root[0].rpartition(' ')[2] if root else 'missing'}, not PMML.", AGAIN)
    version = root[1].get("version", "")
    if not KNOWN.fullmatch(version):
        raise broken(path, f"its version '{version}' is none that servers read.", "They read PMML 3 and 4.")
    return Model("pmml", path, name="model.pmml", facts={"pmmlVersion": version})


AGAIN = "Export the model again."


def _root(path: Path) -> tuple[str, dict[str, str]] | None:
    """The root element's name and attributes, after the whole file was found well-formed.

    Raises:
        InputError: It isn't, or declares a document type: PMML has a schema and needs none, and entities can grow a
            small file without bounds.
        OSError: It can't be read.
    """
    first: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not first:
            first.append((name, attributes))

    def refuse(*_: object) -> NoReturn:
        raise broken(path, "the file declares a document type, which PMML has no use for.", "Remove the DOCTYPE.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        with disk.opened(path) as file:
            while piece := file.read(PIECE):
                parser.Parse(piece, False)  # noqa: FBT003 (expat's own signature)
            parser.Parse(b"", True)  # noqa: FBT003 (expat's own signature)
    except expat.ExpatError as error:
        raise InputError(
            f"{path} is no well-formed XML: {expat.ErrorString(error.code)} in line {error.lineno}.", fix=AGAIN
        ) from error
    except (
        ValueError,
        LookupError,
    ) as error:  # an encoding that Python doesn't have, or that has several bytes a character
        raise InputError(f"{path} is in an encoding that can't be read: {error}.", fix="Write it in UTF-8.") from error
    return first[0] if first else None


FORMAT = Format("pmml", WANTED, _look)
