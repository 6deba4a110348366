"""Finding a function of the user's, calling it, and telling its errors with the user's own frames."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib
import importlib.machinery
import importlib.util
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place, SerinusError
from trainer import backend
from trainer.own import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
"""``pkg.module:function``."""

OURS = ("trainer", "generator")
"""Top-level packages of our own."""


class OwnCodeError(InputError):
    """Code of the user's failed: the message, then the frames of that code and no others."""

    def __init__(self, message: str, *, fix: str, trace: tuple[str, ...]) -> None:
        super().__init__(message, fix=fix)
        self.trace = trace

    @property
    def lines(self) -> tuple[str, ...]:
        """The message, and the traceback below it."""
        return str(self), *self.trace


@dataclass(frozen=True)
class Entrypoint:
    """A function of the user's, found and not yet imported.

    Attributes:
        name: ``pkg.module:function``.
        folder: The service file's, where modules are looked for first.
        root: The source: a module's file, or a package's folder.
    """

    name: str
    folder: Path
    root: Path

    @property
    def module(self) -> str:
        """The module's name."""
        return self.name.partition(":")[0]

    @functools.cached_property
    def sources(self) -> Mapping[str, bytes]:
        """The content of every file that counts, by its path."""
        return _sources(self)

    @functools.cached_property
    def fingerprint(self) -> str:
        """The sha256 of the source, which isn't run for it.

        That is the module's file, or every ``.py`` of its package, and what these import from the service file's
        folder.
        """
        digest = hashlib.sha256()
        for name, content in sorted(self.sources.items()):
            digest.update(f"{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()

    def call(self, request: object) -> Any:
        """What the function gives for a request; a function without parameters is called without.

        Raises:
            OwnCodeError: It can't be imported, or it raises.
            InputError: There is no such function.
        """
        if self._may_import_tensorflow():
            backend.keras()  # ours goes first, so that both are quiet, and Keras has TensorFlow behind it
        with self.guard(f"importing {self.module}"):
            module = importlib.import_module(self.module)
        function = self._function(module)
        with self.guard(f"calling {self.name}"):
            return function(request) if _wants(function) else function()

    def _may_import_tensorflow(self) -> bool:
        """Whether the code imports TensorFlow or Keras; who looks through an installed package would read thousands."""
        if not self.root.is_relative_to(self.folder):
            return True
        return any(_imported(content) & {"tensorflow", "keras"} for content in self.sources.values())

    def _function(self, module: ModuleType) -> Callable[..., Any]:
        name = self.name.partition(":")[2]
        with self.guard(f"looking for {self.name}"):  # a module's own __getattr__ is code as well
            function = getattr(module, name, None)
        if not callable(function):
            what = "no function" if function is None else f"a {type(function).__name__}, not a function,"
            raise InputError(
                f"'{self.name}': the module {self.module} has {what} '{name}'.",
                fix="Write model.train.entrypoint, and model.train.data for data, as module:function.",
            )
        return function  # type: ignore[no-any-return]  # whatever can be called

    @contextlib.contextmanager
    def guard(self, doing: str, *, certain: bool = True) -> Iterator[None]:
        """Tell whatever is raised inside as an error of the user's code; what that prints goes to standard error.

        Args:
            doing: What is done, for the message: ``calling net:build``.
            certain: Whether nothing else can be at fault; where something can, a frame of the user's code shows it.

        Raises:
            OwnCodeError: Something was raised.
        """
        try:
            # Standard output is ours: one line that scripts read. So is the working directory: paths count from it.
            with backend.output_aside(), contextlib.redirect_stdout(sys.stderr), contextlib.chdir(Path.cwd()):
                yield
        except (SerinusError, KeyboardInterrupt):
            raise
        except BaseException as error:
            # SystemExit, GeneratorExit and exceptions of the user's that are no Exception as well: all are told.
            trace = tuple(self._trace(traceback.TracebackException.from_exception(error)))
            if not (trace or certain):
                raise
            said = words.said(error)
            raise OwnCodeError(
                f"{doing} failed: {said}{'' if said.endswith(('.', '!', '?')) else '.'}",
                fix="",
                trace=trace,
            ) from error

    def _trace(self, found: traceback.TracebackException) -> list[str]:
        """The lines of a traceback, with the user's frames alone; none where there are no such frames."""
        theirs = issubclass(found.exc_type, SyntaxError)
        each: traceback.TracebackException | None = found
        while each is not None:
            each.stack = traceback.StackSummary.from_list([frame for frame in each.stack if self._owns(frame.filename)])
            theirs = theirs or bool(each.stack)
            each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if not theirs:
            return []
        return [line for chunk in found.format() for line in words.cleaned(chunk).rstrip("\n").split("\n")]

    def _owns(self, filename: str) -> bool:
        path = Path(filename)
        return path.is_relative_to(self.root) or (
            path.is_relative_to(self.folder.resolve()) and "site-packages" not in path.parts
        )


def is_name(text: str) -> bool:
    """Whether a text is of the form ``pkg.module:function``."""
    return NAME.fullmatch(text) is not None


def find(name: str, folder: Path) -> Entrypoint:
    """A function by its name; its module isn't imported.

    Args:
        name: ``pkg.module:function``.
        folder: The service file's, where modules are looked for before the installed ones.

    Raises:
        InputError: It is no such name, or there is no such module.
    """
    if not is_name(name):
        raise InputError(f"'{name}' isn't of the form module:function.", fix="Write for example net:build.")
    folder = folder.resolve()
    top = name.partition(":")[0].partition(".")[0]
    local = _in_folder(top, folder)
    if local is None and top not in OURS:
        with contextlib.suppress(ValueError, ImportError):  # a module without a spec, a finder that fails
            spec = importlib.util.find_spec(top)
            local = _root(spec) if spec else None
    if local is None and top in sys.stdlib_module_names:  # frozen, or written in C
        raise InputError(f"'{name}': the module '{top}' is Python's own.", fix="Name a module of yours.")
    if local is None:
        raise InputError(
            f"'{name}': there is no module '{top}', neither beside the service file nor installed.",
            fix=f"It is looked for in {folder}, then among the installed packages.",
        )
    loaded = getattr(sys.modules.get(top), "__file__", None)
    if top in sys.modules and not Path(loaded or "").resolve().is_relative_to(local):
        raise InputError(
            f"'{name}': the module name '{top}' is taken by {loaded or 'Python itself'}.", fix="Rename your module."
        )
    return Entrypoint(name, folder, local)


@contextlib.contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let modules be imported from a folder; afterwards they are forgotten, since another folder may have such names.

    Nothing is written beside the source (``__pycache__``).
    """
    folder = folder.resolve()
    before, wrote = set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.dont_write_bytecode = wrote
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = Path(getattr(sys.modules[name], "__file__", None) or "/")
            if file.is_relative_to(folder) and "site-packages" not in file.parts:
                del sys.modules[name]


def _in_folder(top: str, folder: Path) -> Path | None:
    """The source of a top-level module in a folder."""
    spec = importlib.machinery.PathFinder.find_spec(top, [str(folder)])
    return _root(spec) if spec else None


def _root(spec: importlib.machinery.ModuleSpec) -> Path | None:
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.has_location and spec.origin else None


def _sources(entry: Entrypoint) -> dict[str, bytes]:
    """The content of every file that counts, by its path."""
    found: dict[str, bytes] = {}
    waiting, known = [entry.root], {entry.root}
    while waiting:
        root = waiting.pop()
        files = sorted(root.rglob("*.py")) if root.is_dir() else [root]
        for file in files:
            try:
                content = file.read_bytes()
            except OSError as error:
                raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(file))) from error
            found[file.relative_to(root.parent).as_posix()] = content
            for name in _imported(content):
                other = _in_folder(name, entry.folder)
                if other is not None and other not in known:
                    known.add(other)
                    waiting.append(other)
    return found


def _imported(content: bytes) -> set[str]:
    """The top-level names that a source imports; none where it can't be parsed, which importing it will tell."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _wants(function: Callable[..., Any]) -> bool:
    """Whether a function has a parameter that must be given."""
    import inspect  # noqa: PLC0415 (only own code needs it)

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # written in C: it is asked
        return True
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(each.default is each.empty and each.kind in places for each in parameters)
