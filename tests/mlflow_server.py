"""A real MLflow server with a registry on loopback, out of an environment of its own: MLflow whole is 850 MB."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import object_servers
import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MLFLOW = "mlflow==3.17.2"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def environment(name: str, *packages: str) -> Path:
    """Where the programs of packages lie, in an environment made once a machine; skipped where they can't be had."""
    key = hashlib.sha256(repr((sys.version_info[:2], packages)).encode()).hexdigest()[:12]
    folder = oracles.cache() / name / key
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"{' '.join(packages)} can't be had: {made.stderr[-200:]}")
        (folder / "done").touch()
    return folder / "bin"


@contextlib.contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """The server's address; its data base and the models' files lie in the folder."""
    program, port = environment("mlflow", MLFLOW) / "mlflow", object_servers._free_port()
    command = (
        *(program, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", folder / "artifacts"),
    )
    with object_servers._running(*command, environment=QUIET) as process:
        object_servers._await(port, process)
        yield f"http://127.0.0.1:{port}"
