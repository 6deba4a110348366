"""Snapshots in the cache of the Hugging Face hub, as they lie on this disk; nothing is fetched.

The cache is ``models--<owner>--<name>/`` with ``refs/<name>`` (a commit), ``snapshots/<commit>/…`` (links) and
``blobs/`` (what they lead to; one that isn't there whole yet ends in ``.incomplete``). Sources:
huggingface/huggingface_hub, docs/source/en/guides/manage-cache.md and src/huggingface_hub/constants.py and
file_download.py (v1.0).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from generator.errors import InputError, OutsideError, Place
from generator.text.files import home as own_folder

WANTED = re.compile(
    r"(?P<repository>[A-Za-z0-9][\w.-]{0,95}(?:/[A-Za-z0-9][\w.-]{0,95})?)(?:@(?P<revision>\S{1,200}))?"
)
COMMIT = re.compile(r"[0-9a-f]{40}")
SHORTEST = 7
"""Digits by which a commit may be named, as git shows them."""
UNDONE = "*.incomplete"


def cache() -> Path:
    """Where the hub's own library keeps its snapshots."""
    ours = Path(os.environ.get("XDG_CACHE_HOME") or own_folder() / ".cache") / "huggingface"
    home = Path(os.environ.get("HF_HOME") or ours)
    return Path(os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or home / "hub").expanduser()


def find(wanted: str) -> Path:
    """The folder of a snapshot that is here whole.

    Args:
        wanted: ``ORG/NAME`` or ``ORG/NAME@REVISION``: a branch, a tag or a commit, without it ``main``.

    Raises:
        InputError: It is no such name, isn't here, or was not fetched to its end.
        OutsideError: The cache can't be read.
    """
    asked = WANTED.fullmatch(wanted)
    if asked is None or ".." in wanted:
        raise InputError(f"hf:{wanted} is no model of the hub.", fix="Write hf:ORG/NAME or hf:ORG/NAME@REVISION.")
    repository, revision = asked["repository"], asked["revision"] or "main"
    fetch = f"Fetch it: hf download {repository}" + (f" --revision {revision}." if asked["revision"] else ".")
    folder = cache() / f"models--{repository.replace('/', '--')}"
    try:
        if not folder.is_dir():
            fix = f"{fetch} Nothing is fetched from here; HF_HOME and HF_HUB_CACHE say where the cache is."
            raise InputError(f"there is no {repository} in the hub's cache {folder.parent}.", fix=fix)
        found = _snapshot(folder, revision, fetch)
        _demand_whole(folder, found, fetch)
    except OSError as error:
        raise OutsideError(f"can't read {folder}: {error.strerror or error}.") from error
    return found


def origin(path: Path) -> dict[str, Any]:
    """What a path says of where its files come from, if it is a snapshot of the cache."""
    real = Path(os.path.realpath(path))
    owner = real.parent.parent.name
    if real.parent.name != "snapshots" or not owner.startswith("models--") or not COMMIT.fullmatch(real.name):
        return {}
    repository = owner.removeprefix("models--").replace("--", "/", 1)
    uri = f"hf:{repository}@{real.name}"
    return {"kind": "huggingface", "uri": uri, "repository": repository, "revision": real.name}


def _snapshot(folder: Path, revision: str, fetch: str) -> Path:
    """The snapshot of a branch, a tag or a commit.

    Raises:
        InputError: There is none.
        OSError: The cache can't be read.
    """
    there = sorted(entry for entry in (folder / "snapshots").glob("*") if entry.is_dir())
    reference = folder / "refs" / revision
    commit = reference.read_text("utf-8", "replace").strip() if reference.is_file() else revision
    found = [entry for entry in there if entry.name == commit]
    if not found and len(commit) >= SHORTEST:
        found = [entry for entry in there if entry.name.startswith(commit)]
    if len(found) == 1:
        return found[0]
    named = [each for each in sorted((folder / "refs").rglob("*")) if each.is_file()]
    known = [entry.name[:12] for entry in there] + [each.relative_to(folder / "refs").as_posix() for each in named]
    listed = f" It has {', '.join(known)}." if known else ""
    raise InputError(f"{folder} has no snapshot of the revision '{revision}'.{listed}", fix=fetch)


def _demand_whole(folder: Path, snapshot: Path, fetch: str) -> None:
    """Nothing is left of a fetch that was broken off: which files a revision has, the cache alone doesn't say.

    Raises:
        InputError: Something is.
        OSError: The cache can't be read.
    """
    left = sorted((folder / "blobs").glob(UNDONE))
    if left:
        raise InputError(
            "a fetch was broken off, and nobody can say of which revision's file.",
            fix=f"{fetch} Or remove this file, if nothing that you serve misses it.",
            place=Place(str(left[0])),
        )
    for each in sorted(snapshot.rglob("*")):
        if each.is_symlink() and not each.exists():
            raise InputError("the file that this link leads to isn't there.", fix=fetch, place=Place(str(each)))
