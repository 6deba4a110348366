"""Building the oracles, small Go programs under ``tests/oracle``: skipped where they can't be had, failing where they are broken."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent / "oracle"
NO_MODULES = re.compile(
    r"dial tcp|no such host|proxyconnect|i/o timeout|module lookup disabled|\b(403|404|410|5\d\d) \w+|TLS handshake"
)
"""What Go says where its modules can't be fetched; anything else is our own program that doesn't compile."""
TRIES = 3
"""How often modules are asked for: one that didn't come in time comes the next time, and a skipped test shows nothing."""
COMPILER = {"CGO_ENABLED": "0", "GOGC": "400"}
"""Alike for all, so that one program finds what another compiled; the compiler may take memory instead of a tenth of the time."""


def cache() -> Path:
    """The folder of this machine where built programs stay."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "serinus")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def compiled(folder: Path, packages: str, into: Path, symbols: str = "") -> None:
    """Compile a module of ours, all modules alike, so that one finds in Go's cache what another compiled.

    Args:
        folder: The module's.
        packages: What to build there.
        into: The program, or a folder for several.
        symbols: What the linker puts into variables, as its ``-X``.
    """
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed")
    command = [go, "build", "-p", "2", "-trimpath", "-ldflags", f"-s -w {symbols}".strip(), "-o", str(into), packages]
    for _ in range(TRIES):
        built = subprocess.run(
            command, cwd=folder, env={**os.environ, **COMPILER}, capture_output=True, text=True, check=False
        )
        if not built.returncode or not NO_MODULES.search(built.stderr):
            break
    else:
        pytest.skip(f"the modules of {folder.name} can't be had: {built.stderr[-200:]}")
    assert built.returncode == 0, built.stderr[-2000:]


@functools.cache
def build(name: str) -> Path:
    """The program of a folder, built into the machine's cache; Go itself knows when there is nothing to do."""
    tree = hashlib.sha256(str(FOLDER).encode()).hexdigest()[:8]  # another checkout may be of another day
    program = cache() / f"oracle-{name}-{tree}"
    compiled(FOLDER / name, ".", program)
    return program


@contextlib.contextmanager
def structure() -> Iterator[Callable[[Path, Any], tuple[str, str]]]:
    """A function that asks the API server's packages: a folder of CRDs and an object in, verdict and reasons out."""
    program = build("structure")
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def ask(release: Path, data: Any) -> tuple[str, str]:
            stdin.write(json.dumps({"release": str(release), "object": data}) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            return answer["verdict"], "; ".join(answer["errors"] or [])

        yield ask


def downloaded(folder: Path, module: str) -> None:
    """Fetch a module that a folder of ours requires, as its ``go.sum`` has it; skip where it can't be had."""
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed")
    ended = subprocess.run([go, "mod", "download", module], cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        pytest.skip(f"the module {module} can't be had: {ended.stderr[-200:]}")
