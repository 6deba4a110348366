"""The programs of the lab, built from published Go modules, and what lies beside them in their modules."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import oracles

SERVERS = Path(__file__).parent / "servers"


@functools.cache
def built(name: str, packages: str = "./...") -> Path:
    """A folder with the programs of a folder under ``servers``, built once for its sources; else this takes minutes.

    Args:
        name: The folder.
        packages: What to build there; ``tool`` is the programs of other modules that its ``go.mod`` names.
    """
    folder = SERVERS / name
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    content = b"".join(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() for file in files)
    into = oracles.cache() / "lab" / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}"
    if not into.is_dir():
        fresh = into.with_name(f"{into.name}.{os.getpid()}")
        fresh.mkdir(parents=True)
        try:
            oracles.compiled(folder, packages, fresh)
            fresh.rename(into)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return into


@functools.cache
def module(name: str, path: str) -> Path:
    """Where Go keeps the files of a module that a folder under ``servers`` requires."""
    oracles.downloaded(SERVERS / name, path)
    ended = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", path],
        cwd=SERVERS / name,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return Path(ended.stdout.strip())
