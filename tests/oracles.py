"""Building the oracles, small Go programs under ``tests/oracle``: skipped where they can't be had, failing where they are broken."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "oracle"
NO_MODULES = re.compile(
    r"dial tcp|no such host|proxyconnect|i/o timeout|module lookup disabled|\b(403|404|410|5\d\d) \w+|TLS handshake"
)
"""What Go says where its modules can't be fetched; anything else is our own program that doesn't compile."""


@functools.cache
def build(name: str) -> Path:
    """The program of a folder, built into the machine's cache; Go itself knows when there is nothing to do."""
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    tree = hashlib.sha256(str(FOLDER).encode()).hexdigest()[:8]  # another checkout may be of another day
    program = Path(cache, "serinus", f"oracle-{name}-{tree}")
    program.parent.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(
        [go, "build", "-o", program, "."], cwd=FOLDER / name, capture_output=True, text=True, check=False
    )
    if built.returncode and NO_MODULES.search(built.stderr):
        pytest.skip(f"the modules of the oracle {name} can't be had: {built.stderr[-200:]}")
    assert built.returncode == 0, built.stderr[-2000:]
    return program
