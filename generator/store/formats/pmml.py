"""PMML: an XML file, read to its end once, without expanding anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from generator.errors import InputError
from generator.store import disk
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, versions

if TYPE_CHECKING:
    from pathlib import Path

WANTED = "a .pmml file"
PIECE = 2**16
AGAIN = "Export the model again."
BELOW_ROOT = 2
# dmg.org, PMML 4.4, General Structure: what may stand below PMML as a model
MODEL = re.compile(r"\w+Model|NeuralNetwork|Scorecard|BayesianNetwork")
PRODUCER = re.compile(r"[A-Za-z][\w.+-]{0,40}", re.ASCII)
ROOT = re.compile(r"(?:\S+ )?PMML")  # expat puts the namespace before the name
# kserve/kserve v0.20.0, config/runtimes/kserve-pmmlserver.yaml: versions 3 and 4, of which dmg.org has these
KNOWN = re.compile(r"3\.[0-2]|4\.[0-4](\.1)?")


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    file_of(path, WANTED, (".pmml", ".xml"))
    found = _found(path)
    if not ROOT.fullmatch(found.root):
        raise broken(path, f"its root element is {found.root.rpartition(' ')[2] or 'missing'}, not PMML.", AGAIN)
    if not KNOWN.fullmatch(found.version):
        raise broken(path, f"its version '{found.version}' is none that servers read.", "They read PMML 3.0 to 4.4.")
    if not found.model:
        raise broken(path, "it holds no model.", AGAIN)
    written_by = versions(**{found.writer[0]: found.writer[1]}) if PRODUCER.fullmatch(found.writer[0]) else {}
    return Model("pmml", path, name="model.pmml", facts={"pmmlVersion": found.version}, written_by=written_by)


@dataclass
class Found:
    """What stands near the top of a PMML file.

    Attributes:
        root: The root element, its namespace before its name.
        version: The version of PMML.
        writer: The application that wrote it, and its version.
        model: The first element below the root that is a model.
    """

    root: str = ""
    version: str = ""
    writer: tuple[str, str] = ("", "")
    model: str = ""
    depth: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        short = name.rpartition(" ")[2]
        if self.depth == 1:
            self.root, self.version = name, attributes.get("version", "")
        elif self.depth == BELOW_ROOT and MODEL.fullmatch(short):
            self.model = self.model or short
        elif self.depth == BELOW_ROOT + 1 and short == "Application":
            self.writer = attributes.get("name", ""), attributes.get("version", "")

    def end(self, _: str) -> None:
        """An element ends."""
        self.depth -= 1


def _found(path: Path) -> Found:
    """What stands near the top, after the whole file was found well-formed.

    Raises:
        InputError: It isn't, or declares a document type: PMML has a schema and needs none, and entities can grow a
            small file without bounds.
        OSError: It can't be read.
    """
    found = Found()

    def refuse(*_: object) -> NoReturn:
        raise broken(path, "the file declares a document type, which PMML has no use for.", "Remove the DOCTYPE.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
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
    return found


FORMAT = Format("pmml", WANTED, _look, ends_in(".pmml", ".xml"))
