"""What there is to read: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from generator.checks.sources import gitignore, surroundings
from generator.checks.sources.skipped import STDIN
from generator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SUFFIXES = (".yaml", ".yml", ".json")
PASSED_OVER = "node_modules"
"""A folder of packages, which hold files of every kind and no manifest of this repository."""


@dataclass
class Found:
    """What nobody named, so that it may be anything.

    Attributes:
        names: The files.
        parts: By file, the folder of the kustomization that names it as a patch or a tool.
        templates: By file, the chart among whose templates it lies.
    """

    names: set[str] = field(default_factory=set)
    parts: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)


@dataclass
class Files:
    """What there is to read.

    Attributes:
        names: Files, each once, in the order in which the paths name them; ``-`` is standard input.
        unread: One line for each folder that couldn't be read.
        excluded: How many files the repository excludes.
        cut: Each .gitignore that isn't read to its end, so that what the rest of it names is read.
        found: Those of them that lie in a folder that was named, not they themselves.
    """

    names: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    excluded: int = 0
    cut: list[str] = field(default_factory=list)
    found: Found = field(default_factory=Found)


def find(
    paths: Iterable[str], excludes: Callable[[str], bool] = lambda _: False, *, skip_foreign: bool = False
) -> Files:
    """All files that the paths name.

    Args:
        paths: Files, folders, globs, ``-``. Folders are read for .yaml, .yml and .json, without hidden files and
            folders, what .gitignore names, and node_modules.
        excludes: Whether a file is never to be checked, also where it is named outright: a hook names every file.
        skip_foreign: Whether a file that is named may be anything too, as if it were found in its folder.

    Raises:
        InputError: A path that doesn't exist.
    """
    result = Files()
    named: set[str] = set()
    every: dict[str, None] = {}
    walk = _Walk(result)
    for path in paths:
        for name, outright in _files(path, walk):
            every[name] = None
            if outright and not skip_foreign:
                named.add(name)
            elif outright:
                walk.note(name)
    result.names = [name for name in every if name == STDIN or not excludes(name)]
    result.excluded = len(every) - len(result.names)
    walk.settle(named)
    return result


def _files(path: str, walk: _Walk) -> Iterator[tuple[str, bool]]:
    """The files that a path means, and whether it names them; such a one is read whatever its name is."""
    if path == STDIN:
        yield STDIN, True
    elif Path(path).is_dir():
        yield from ((name, False) for name in walk.files(path))
    elif os.path.lexists(path):
        yield path, True
    elif found := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 (a Path would drop the user's leading ./)
        for match in found:
            if Path(match).is_dir():
                yield from ((name, False) for name in walk.files(match))
            else:
                yield match, True
    else:
        raise InputError(
            f"{path}: there is no such file or folder.", fix="Name files, folders, or - for standard input."
        )


class _Walk:
    """Walks folders, and remembers what they say of the files in them."""

    def __init__(self, result: Files) -> None:
        self._result = result
        self._parts: dict[str, str] = {}
        self._around: set[str] = set()
        self._noted: set[str] = set()

    def files(self, folder: str) -> Iterator[str]:
        """The manifests below a folder, by name; links to folders are not followed, so that none is a loop."""

        def unread(error: OSError) -> None:
            self._result.unread.append(f"can't read {error.filename}: {error.strerror or error}.")

        start = os.path.abspath(folder)  # noqa: PTH100 (resolves no links, as git doesn't)
        self._look_around(folder)
        layers = {folder: gitignore.around(start, _parents(start))}
        charts = {folder: surroundings.chart_of(folder)}
        for place, folders, every in os.walk(folder, onerror=unread):
            here, chart = layers.pop(place), charts.pop(place)
            path = start if place == folder else os.path.join(start, os.path.relpath(place, folder))  # noqa: PTH118
            if gitignore.FILE in every and (own := gitignore.layer(path)):
                here = (*here, own)
            self._note_cut(here)
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != PASSED_OVER)
            names = sorted(name for name in every if name.endswith(SUFFIXES) and not name.startswith("."))
            if here:
                above = gitignore.names_of(path)
                folders[:] = gitignore.without(here, above, folders, folder=True)
                names = gitignore.without(here, above, names, folder=False)
            templates = surroundings.charts_templates(place, folders, names)
            for name in folders:
                below = os.path.join(place, name)  # noqa: PTH118 (a Path would drop the user's leading ./)
                layers[below] = here
                charts[below] = place if below == templates else chart
            self._note_parts(place, every)
            yield from self._kept(place, names, chart)

    def _kept(self, place: str, names: Iterable[str], chart: str) -> Iterator[str]:
        found = self._result.found
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 (a Path would drop the user's leading ./)
            # A pipe would be waited for; a link that leads nowhere is told when it is read.
            if os.path.isfile(path) or not os.path.exists(path):  # noqa: PTH110, PTH113 (a Path costs more)
                found.names.add(path)
                if chart:
                    found.templates[path] = chart
                yield path
            else:
                self._result.unread.append(f"can't read {path}: it is no file.")

    def _note_cut(self, layers: Iterable[gitignore.Layer]) -> None:
        for layer in layers:
            if layer.cut and layer.cut not in self._result.cut:
                self._result.cut.append(layer.cut)

    def note(self, name: str) -> None:
        """Take a file that was named as one that was found."""
        if name == STDIN:
            return
        folder = os.path.dirname(name)  # noqa: PTH120 (as above)
        self._result.found.names.add(name)
        if chart := surroundings.chart_of(folder):
            self._result.found.templates[name] = chart
        self._look_around(folder or os.curdir)
        if folder not in self._noted:
            self._noted.add(folder)
            self._note_parts(folder or os.curdir, _names(folder or os.curdir))

    def settle(self, named: set[str]) -> None:
        """What the kustomizations name among the files that were found, and what was named after all."""
        found = self._result.found
        found.names -= named
        if self._parts:
            paths = ((name, os.path.abspath(name)) for name in found.names)  # noqa: PTH100 (as kustomizations have them)
            found.parts = {name: self._parts[path] for name, path in paths if path in self._parts}
        for name in named:
            found.templates.pop(name, None)

    def _look_around(self, folder: str) -> None:
        """Read the kustomizations above a folder too: an overlay's patches may lie in a folder of their own."""
        above = os.path.normpath(folder)
        for parent in reversed(_parents(os.path.abspath(folder))):  # noqa: PTH100
            above = os.path.normpath(os.path.join(above, os.pardir))  # noqa: PTH118
            if parent not in self._around:
                self._around.add(parent)
                self._note_parts(above, _names(parent))

    def _note_parts(self, place: str, names: Iterable[str]) -> None:
        if not surroundings.KUSTOMIZATIONS.isdisjoint(names):
            for part in surroundings.parts(place, frozenset(names)):
                self._parts.setdefault(part, place)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (names are wanted)
    except OSError:
        return []


def _parents(folder: str) -> list[str]:
    """The folders above one, up to the root of its repository, the outermost first; none where there is no repository.

    Args:
        folder: An absolute path.
    """
    found: list[str] = []
    here = folder
    while not os.path.exists(os.path.join(here, ".git")):  # noqa: PTH110, PTH118 (as above)
        above = os.path.dirname(here)  # noqa: PTH120 (as above)
        if above == here:
            return []
        found.append(above)
        here = above
    return found[::-1]
