"""A ``.mar`` in its published layout behind a real TorchServe.

Torch is taken from where it is: PyPI's for Linux brings gigabytes of CUDA, so nothing here fetches it. Debian's
``python3-torch`` will do; another Python with torch is named by ``SERINUS_TORCH_PYTHON``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import object_servers
import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.server

PYTHON = os.environ.get("SERINUS_TORCH_PYTHON", "/usr/bin/python3")
RELEASE = "0.9.0"
"""That of KServe's image (kserve/kserve v0.20.0, config/runtimes/kustomization.yaml)."""
PARTS = Path(__file__).parents[1] / "torch_model"
SECONDS = 90
SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models, publish: ./store}
model: {format: torchserve}
variants:
  - {name: stable, release: latest}
"""


@pytest.fixture(scope="module")
def programs() -> Path:
    """Where TorchServe's programs lie, in an environment over a Python that has torch."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    with contextlib.suppress(OSError):
        if subprocess.run([PYTHON, "-c", "import torch"], capture_output=True, check=False).returncode == 0:
            return environment()
    pytest.skip(f"{PYTHON} has no torch; name one that has in SERINUS_TORCH_PYTHON")


def environment() -> Path:
    folder = oracles.cache() / f"torchserve-{RELEASE}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([PYTHON, "-m", "venv", "--system-site-packages", folder], check=True, capture_output=True)
        wanted = (
            f"torchserve=={RELEASE}",
            f"torch-model-archiver=={RELEASE}",
            "psutil",
            "packaging",
            "pillow",
            "wheel",
        )
        made = subprocess.run(
            [folder / "bin/python", "-m", "pip", "install", "--quiet", *wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"TorchServe can't be had: {made.stderr[-200:]}")
        (folder / "done").touch()
    return folder / "bin"


@pytest.fixture
def published(programs: Path, tmp_path: Path, run) -> tuple[Path, list[float]]:
    """The layout in the store, and what the model answers to 1, 2, 3."""
    told = subprocess.run(
        [programs / "python", PARTS / "save.py"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    parts = ("--serialized-file", "model.pt", "--handler", PARTS / "handler.py", "--export-path", ".")
    command = (programs / "torch-model-archiver", "--model-name", "digits", "--version", "1.0", *parts)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "serinus.yaml").write_text(SERVICE)
    ended = run("publish", tmp_path / "serinus.yaml", "--model", tmp_path / "digits.mar")
    assert ended.code == 0, ended.err
    (layout,) = (tmp_path / "store/digits/1").glob("*/torchserve")
    return layout, json.loads(told)


@contextlib.contextmanager
def torchserve(programs: Path, layout: Path, folder: Path) -> Iterator[int]:
    """TorchServe with the layout's own settings; only where it listens is ours."""
    ports = [object_servers._free_port() for _ in range(4)]
    addresses = {
        "TS_INFERENCE_ADDRESS": f"http://127.0.0.1:{ports[0]}",
        "TS_MANAGEMENT_ADDRESS": f"http://127.0.0.1:{ports[0]}",
        "TS_METRICS_ADDRESS": f"http://127.0.0.1:{ports[1]}",
        "TS_GRPC_INFERENCE_PORT": str(ports[2]),
        "TS_GRPC_MANAGEMENT_PORT": str(ports[3]),
        "LOG_LOCATION": str(folder / "logs"),
        "METRICS_LOCATION": str(folder / "logs"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    settings = layout / "config/config.properties"
    command = (
        *(programs / "torchserve", "--start", "--foreground", "--ncs"),
        *("--model-store", layout / "model-store", "--ts-config", settings),
    )
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    alone = {**quiet, "cwd": folder, "env": os.environ | addresses, "start_new_session": True}
    with subprocess.Popen(command, **alone) as process:
        try:
            yield ports[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(timeout=30)


def ask(port: int, row: list[float]) -> list[float]:
    """The answer, as soon as the model is loaded."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predictions/digits", json.dumps(row).encode(), {"content-type": "application/json"}
    )
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            found: list[float] = json.load(answer)
            return found
        time.sleep(0.3)
    pytest.fail("TorchServe doesn't answer")


def test_an_archive_answers_out_of_its_layout(
    programs: Path, published: tuple[Path, list[float]], tmp_path: Path
) -> None:
    layout, told = published
    with torchserve(programs, layout, tmp_path) as port:
        assert ask(port, [1.0, 2.0, 3.0]) == pytest.approx(told, abs=1e-6)
