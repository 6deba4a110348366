"""``serinus.toml``: what holds for a whole repository, so that a laptop, a hook and CI say the same.

    [validate]                                      # what this module reads
    platform = ["kserve@0.20", "gateway-api@1.5"]   # for documents that don't name a release themselves
    kubernetes = "1.34"                             # the cluster's own release
    ignore = ["KSV101"]                             # rules that nobody wants to hear of
    exclude = ["vendor/", "**/testdata/**"]         # never checked; as seen from this file
    fail-on = "warning"
    strict = true
    complete = true

    [service]                                       # what ``generator.loading.defaults`` reads
    namespace = "models"

    [render]
    templates = "templates"

What a command says wins over it.
"""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from generator.text.globs import glob

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from generator.text.toml import Places

FILE = "serinus.toml"
SECTION = "validate"
SECTIONS = (SECTION, "service", "render")

TEXTS = "a list of texts"
WORDS: Mapping[str, tuple[type, str]] = {
    "platform": (list, TEXTS),
    "kubernetes": (str, "a text"),
    "ignore": (list, TEXTS),
    "exclude": (list, TEXTS),
    "fail-on": (str, "a text"),
    "strict": (bool, "true or false"),
    "complete": (bool, "true or false"),
}
"""The keys of the section, what TOML makes of each, and the same in the words of people."""

_AT = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)\Z")


@dataclass(frozen=True)
class Settings:
    """The section ``[validate]``; a key that isn't there has the value that says nothing.

    Attributes:
        file: The file that they come from; None where there is none.
        platform: Releases as ``--platform`` takes them.
        kubernetes: A release of Kubernetes as ``--kubernetes`` takes it; at most one.
        ignore: Ids of rules; nobody has looked yet whether they exist.
        exclude: Globs, as seen from the file's folder.
        fail_on: As ``--fail-on`` takes it; None where the default holds.
        strict: As ``--strict``.
        complete: As ``--complete``.
    """

    file: Path | None = None
    platform: tuple[str, ...] = ()
    kubernetes: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fail_on: str | None = None
    strict: bool = False
    complete: bool = False

    def excludes(self, name: str) -> bool:
        """Whether a file is one that is never checked; a glob without a slash fits in any folder."""
        if self.file is None or not self.exclude:
            return False
        try:
            # The folder may be reached through a link; the file itself is called as it is called here.
            path = (Path(name).parent.resolve() / Path(name).name).relative_to(self.file.parent).as_posix()
        except ValueError:
            return False  # outside the repository, of which the file says nothing
        return any(glob(pattern)(path) for pattern in self.exclude)


def find(folder: Path) -> Path | None:
    """The ``serinus.toml`` that holds for a folder: its own, else the nearest one above, inside its repository.

    What can't be looked into (``os.path`` answers no there, where Path raises) is passed over.

    Raises:
        OutsideError: The folder is gone.
    """
    return next((file for file in candidates(folder) if os.path.isfile(file)), None)  # noqa: PTH113


def candidates(folder: Path) -> tuple[Path, ...]:
    """Where a ``serinus.toml`` that holds for a folder may lie, the nearest first and that of the repository last.

    A folder outside every git repository has its own or none: what lies above may be anyone's.

    Raises:
        OutsideError: The folder is gone.
    """
    try:
        here = folder.resolve()
    except OSError as error:
        raise OutsideError(f"can't tell which folder this is: {error.strerror or error}.") from error
    above = [here, *here.parents]
    root = next((number for number, each in enumerate(above) if os.path.exists(each / ".git")), 0)  # noqa: PTH110
    return tuple(each / FILE for each in above[: root + 1])


def load(folder: Path) -> Settings:
    """Read the settings that hold for a folder.

    Raises:
        InputError: The file is no TOML, or says what it can't.
        OutsideError: The file can't be read.
    """
    file = find(folder)
    return Settings() if file is None else read(file)


def read(file: Path) -> Settings:
    """Read one file.

    Raises:
        InputError: The file is no TOML, or says what it can't.
        OutsideError: The file can't be read.
    """
    toml = read_toml(file, str(file))
    section = toml.section(SECTION, WORDS)
    values = {key.replace("-", "_"): _typed(toml, key, value) for key, value in section.items()}
    if "kubernetes" in values:
        values["kubernetes"] = (values["kubernetes"],)
    return Settings(file=file, **values)


@dataclass(frozen=True)
class Toml:
    """One ``serinus.toml`` as it was read; its sections are known, what stands in them isn't looked at.

    Attributes:
        name: What messages call it.
        data: What ``tomllib`` makes of it.
    """

    name: str
    text: str
    data: Mapping[str, Any]

    @functools.cached_property
    def places(self) -> Places:
        """Where its parts stand."""
        from generator.text.toml import places  # noqa: PLC0415 (as tomllib)

        return places(self.text)

    def place(self, *path: str) -> Place:
        """Where the key of a path stands."""
        return Place(self.name, *self.places.key(path), ".".join(path))

    def section(self, name: str, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """A section in which nothing stands that nobody reads; empty where there is none.

        Raises:
            InputError: It is no table, or holds an unknown key.
        """
        table = self.table(name)
        self.refuse_unknown(table, known, name)
        return table

    def table(self, name: str) -> Mapping[str, Any]:
        """A section as it stands.

        Raises:
            InputError: It is no table.
        """
        table = self.data.get(name, {})
        if not isinstance(table, dict):
            raise InputError(f"{name} is a table.", fix=f"Write [{name}].", place=self.place(name))
        return table

    def refuse_unknown(self, table: Mapping[str, Any], known: Collection[str], *path: str) -> None:
        """Refuse keys that nobody reads.

        Raises:
            InputError: There is one.
        """
        for key in table:
            if key not in known:
                near = get_close_matches(key.replace("_", "-"), known, 1)
                hint = f"Did you mean {near[0]}? " if near else ""
                fix = f"{hint}Known: {', '.join(known)}."
                raise InputError(f"unknown key {key!r}.", fix=fix, place=self.place(*path, key))


def read_toml(file: Path, name: str) -> Toml:
    """Read one file, and look whether its sections are ours.

    Args:
        file: Its path.
        name: What messages call it.

    Raises:
        InputError: It is no TOML, or has a section that nobody reads.
        OutsideError: It can't be read.
    """
    import tomllib  # noqa: PLC0415 (most runs have no such file)

    place = Place(name)
    try:
        text = file.read_text(encoding="utf-8")
        toml = Toml(name, text, tomllib.loads(text))
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8.", fix="Save it as UTF-8.", place=place) from None
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        found = Place(name, int(at[1]), int(at[2])) if at else place
        raise InputError(f"this is no TOML: {_AT.sub('', str(error))}.", place=found) from None
    except ValueError:  # Python's own, which speaks of Python
        raise InputError("this is no TOML: a number has thousands of digits.", fix="Remove it.", place=place) from None
    except RecursionError:
        raise InputError("this is nested too deep.", place=place) from None
    except OSError as error:
        raise OutsideError(f"can't read {name}: {error.strerror or error}.") from error
    toml.refuse_unknown(toml.data, SECTIONS)
    return toml


def _typed(toml: Toml, key: str, value: Any) -> Any:
    """A value as Settings holds it.

    Raises:
        InputError: It has another type.
    """
    wanted, words = WORDS[key]
    if isinstance(value, list) and wanted is list and all(isinstance(each, str) for each in value):
        return tuple(value)
    if wanted is list or not isinstance(value, wanted):
        raise InputError(f"{words} wanted.", place=toml.place(SECTION, key))
    return value
