"""A service file as git has it at a revision, with all that rendering it reads: lock, defaults, templates.

Only git's objects are read: neither the work tree nor the index is touched, whatever state they are in.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator.errors import InputError, OutsideError, Place
from generator.loading import defaults, repository
from generator.plan import lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECONDS = 60
"""How long git may take for one answer; a repository on a network may be slow."""
REGULAR, LINK = "100", "120"
"""How the modes of files and of symbolic links begin in a tree (git-ls-tree)."""
OTHERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git tells its hooks of the repository that they run in; asked is that of the service file."""


@contextlib.contextmanager
def at(file: Path, revision: str) -> Iterator[Path | None]:
    """A copy of a service file as a revision has it, in a folder that is gone afterwards; None where it has none.

    Errors about the copy name it as git does: ``HEAD~1:models/serinus.yaml``.

    Args:
        file: Where the service file lies now.
        revision: As git takes it: a branch, a tag, ``HEAD~1``.

    Raises:
        InputError: The file lies in no repository, or the revision isn't known there.
        OutsideError: There is no git, or it fails.
    """
    git = _Git(file.resolve().parent)
    top = Path(os.fsdecode(git("rev-parse", "--show-toplevel", fault=f"{file} lies in no git repository")).rstrip("\n"))
    commit = git(
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        fault=f"git knows no revision {revision} here",
    )
    tree = _Tree(git, commit.decode().strip())
    inside = PurePosixPath(file.resolve().relative_to(top.resolve()).as_posix())
    with tempfile.TemporaryDirectory(prefix="serinus-") as made:
        root = Path(made).resolve()
        (root / ".git").mkdir()  # here ends the repository, as it does there
        with _named(root, revision):
            copied = tree.copy(_wanted(inside), root)
            if str(inside) not in copied:
                yield None
                return
            found = defaults.of((root / inside).parent)
            if found and found.templates:
                tree.copy([found.templates[0].resolve().relative_to(root).as_posix()], root, whole=True)
            yield root / inside


def _wanted(inside: PurePosixPath) -> Iterator[str]:
    """What rendering reads but for templates: the file, the lock beside it, and each serinus.toml that may hold."""
    yield str(inside)
    yield str(inside.with_name(lock.FILE))
    for folder in inside.parents:
        yield str(folder / repository.FILE)


@contextlib.contextmanager
def _named(root: Path, revision: str) -> Iterator[None]:
    """Errors about files of the copy name them as git does."""
    try:
        yield
    except (InputError, OutsideError) as error:
        place = error.place
        if place is None or not place.file.startswith(f"{root}{os.sep}"):
            raise
        error.place = dataclasses.replace(place, file=f"{revision}:{Path(place.file).relative_to(root).as_posix()}")
        raise


class _Git:
    """git, asked in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *words: str, fault: str = "") -> bytes:
        """What git says.

        Raises:
            InputError: It refuses, and ``fault`` says what that means.
            OutsideError: It isn't there, hangs, or refuses what it shouldn't.
        """
        environment = {name: value for name, value in os.environ.items() if name not in OTHERS}
        command = ["git", "-C", str(self._folder), *words]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, env=environment)
        except FileNotFoundError:
            raise OutsideError("there is no git on the path, and git: asks it.", fix="Install git.") from None
        except (OSError, subprocess.TimeoutExpired) as error:
            why = f"took over {SECONDS} s" if isinstance(error, subprocess.TimeoutExpired) else error
            raise OutsideError(f"git {words[0]}: {why}.") from None
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode(errors="replace").strip().splitlines()[:1]
        if fault:
            raise InputError(f"{fault}{f' ({said[0]})' if said else ''}.")
        raise OutsideError(f"git {words[0]} failed: {''.join(said) or f'exit code {done.returncode}'}.")


class _Tree:
    """The files of a commit."""

    def __init__(self, git: _Git, commit: str) -> None:
        self._git = git
        self._commit = commit

    def copy(self, paths: Iterable[str], root: Path, *, whole: bool = False) -> list[str]:
        """Write those of some paths that the commit has below a folder; of folders all that they hold, where asked.

        Returns:
            The files' paths in the repository.

        Raises:
            InputError: One of them is a symbolic link: what it leads to is another file, or none of the commit's.
        """
        words = ["ls-tree", "-z", "--full-tree", *(["-r"] if whole else []), self._commit, "--", *paths]
        copied = []
        for line in self._git(*words).split(b"\0"):
            what, _, name = line.partition(b"\t")
            path = os.fsdecode(name)
            if what.decode().startswith(LINK):
                raise InputError("this is a link there, which isn't followed.", place=Place(str(root / path)))
            if what.decode().startswith(REGULAR):
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self._git("cat-file", "blob", what.decode().split()[2]))
                copied.append(path)
        return copied
