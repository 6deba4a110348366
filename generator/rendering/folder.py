"""A folder of manifests: one file an object and a ``kustomization.yaml``, kept in step from call to call.

The folder belongs to one call (the same services, the same environment). Its index, ``.serinus-index``, lists the files
that are ours: what an earlier call wrote and this one doesn't is removed, and files of others are never touched.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from generator.rendering.render import refuse_twins
from generator.rendering.templating import environment_of
from generator.text.files import read_bytes, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from generator.rendering.render import Manifest, Rendering

INDEX = ".serinus-index"
KUSTOMIZATION = "kustomization.yaml"


@dataclass(frozen=True)
class Index:
    """Whose a folder is, and which of its files are ours."""

    services: tuple[str, ...]
    environment: str | None
    files: tuple[str, ...]

    def to_json(self) -> bytes:
        """The index file's bytes."""
        content = {"environment": self.environment, "files": sorted(self.files), "services": sorted(self.services)}
        return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


@dataclass(frozen=True)
class Changes:
    """What a call did to a folder, as numbers of files."""

    written: int
    removed: int
    unchanged: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.written} written, {self.removed} removed, {self.unchanged} unchanged"


@dataclass(frozen=True)
class Pending:
    """What a call would do to a folder.

    Attributes:
        index: Whose the folder becomes.
        contents: File name to content of all that belongs there.
        changed: The files of those that are missing or differ.
        stale: The files of an earlier call that don't belong there any more.
    """

    index: Index
    contents: Mapping[str, bytes]
    changed: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the folder is up to date."""
        return not self.changed and not self.stale

    def __str__(self) -> str:
        """In words, as of ``Changes``, of what isn't done yet."""
        unchanged = len(self.contents) - len(self.changed)
        return f"{len(self.changed)} to be written, {len(self.stale)} to be removed, {unchanged} unchanged"


def pending(folder: Path, renderings: Sequence[Rendering], *, environment: str | None, force: bool = False) -> Pending:
    """What ``write`` would do, without doing it; arguments and errors are its own."""
    refuse_twins(renderings)
    wanted = _contents([manifest for rendering in renderings for manifest in rendering.manifests])
    index = Index(tuple(rendering.service.name for rendering in renderings), environment, tuple(wanted))
    before = read_index(folder)
    if before and not force:
        _refuse_another(folder, before, index)
    ours = set(before.files) if before else set()
    current = {name: _read(folder / name) for name in wanted}
    _refuse_strangers(folder, [name for name in wanted if current[name] is not None and name not in ours], force=force)
    changed = tuple(name for name, content in wanted.items() if current[name] != content)
    return Pending(index, wanted, changed, tuple(sorted(ours - set(wanted))))


def write(folder: Path, renderings: Sequence[Rendering], *, environment: str | None, force: bool = False) -> Changes:
    """Bring a folder in step with what was rendered.

    Args:
        folder: Made if it is missing.
        renderings: All services of this call.
        environment: The environment they were rendered for.
        force: Take over a folder of other services or another environment, and files that aren't ours.

    Raises:
        InputError: The folder is another call's, a file in the way isn't ours, or two documents are the same object.
        OutsideError: The folder can't be read or written.
    """
    wanted = pending(folder, renderings, environment=environment, force=force)
    # Whatever happens from here on, the index lists every file that is or may be ours.
    either = (*wanted.contents, *wanted.stale)
    _write_index(folder, read_index(folder), dataclasses.replace(wanted.index, files=either))
    for name in wanted.changed:
        write_atomically(folder / name, wanted.contents[name])
    removed = sum(_remove(folder / name) for name in wanted.stale)
    _write_index(folder, read_index(folder), wanted.index)
    return Changes(len(wanted.changed), removed, len(wanted.contents) - len(wanted.changed))


def earlier(folder: Path) -> Iterator[tuple[str, str]]:
    """File name and text of the manifests that an earlier call wrote and nobody removed.

    Raises:
        InputError, OutsideError: As ``read_index``; or a file can't be read.
    """
    index = read_index(folder)
    for name in index.files if index else ():
        content = _read(folder / name)
        if name != KUSTOMIZATION and content is not None:
            yield name, content.decode(errors="replace")


def read_index(folder: Path) -> Index | None:
    """The index of a folder, None where it has none.

    Raises:
        InputError: It isn't an index of ours.
        OutsideError: It can't be read.
    """
    content = _read(folder / INDEX)
    if content is None:
        return None
    try:
        return _index_of(json.loads(content))
    except (ValueError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else error
        place = Place(str(folder / INDEX))
        raise InputError(f"this index can't be read: {what}.", fix="Remove it, then call again.", place=place) from None


def _index_of(raw: Any) -> Index:
    """An index out of its file's data.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(raw, dict) or raw.keys() != {"environment", "files", "services"}:
        raise ValueError("it is no object with environment, files and services")
    environment, files, services = raw["environment"], raw["files"], raw["services"]
    names = [*files, *services] if isinstance(files, list) and isinstance(services, list) else [None]
    if not isinstance(environment, str | None) or not all(isinstance(name, str) for name in names):
        raise ValueError("its names are no texts")
    return Index(tuple(services), environment, tuple(_name_inside(name) for name in files))


def _name_inside(name: str) -> str:
    """A file's name, refused where it leads out of the folder or is none: what the index names may be removed."""
    if "/" in name or "\\" in name or name in ("", ".", "..") or not name.isprintable():
        raise ValueError(f"{name!r} is no file of this folder")
    return name


def _contents(manifests: Sequence[Manifest]) -> dict[str, bytes]:
    """File name to content; the namespace joins the name where two would be the same."""
    names = Counter(manifest.file for manifest in manifests)
    contents = {}
    for manifest in manifests:
        prefix = f"{manifest.namespace}-" if names[manifest.file] > 1 and manifest.namespace else ""
        contents[f"{prefix}{manifest.file}"] = manifest.text.encode()
    template = environment_of(None).get_template("common/kustomization.yaml.j2")
    contents[KUSTOMIZATION] = template.render(resources=sorted(contents)).encode()
    return contents


def _whose(index: Index) -> str:
    environment = f"the environment {index.environment}" if index.environment else "no environment"
    return f"{', '.join(sorted(index.services))} for {environment}"


def _refuse_another(folder: Path, before: Index, index: Index) -> None:
    """A folder belongs to one call: the same services, the same environment."""
    if (sorted(before.services), before.environment) != (sorted(index.services), index.environment):
        raise InputError(
            f"this folder holds {_whose(before)}, not {_whose(index)}.",
            fix="Choose another folder, or take this one over with --force.",
            place=Place(str(folder)),
        )


def _refuse_strangers(folder: Path, names: Sequence[str], *, force: bool) -> None:
    if names and not force:
        raise InputError(
            f"{', '.join(sorted(names))}: in the way, and not written by serinus.",
            fix="Move it, choose another folder, or overwrite it with --force.",
            place=Place(str(folder)),
        )


def _read(path: Path) -> bytes | None:
    try:
        return read_bytes(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None


def _write_index(folder: Path, before: Index | None, index: Index) -> None:
    if before is None or before.to_json() != index.to_json():
        write_atomically(folder / INDEX, index.to_json())


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutsideError(f"can't be removed: {error.strerror}.", place=Place(str(path))) from None
    return True
