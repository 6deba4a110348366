"""Models to publish, and stores to publish into."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_kit import BUCKET, CREDENTIALS, LAYOUT, write_files

from generator.model.artifact import Artifact
from generator.store.connect import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.store.objects import Store


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials of the tests, and none of the machine's."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    for variable, value in CREDENTIALS.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Artifact]:
    """Make an artifact with one layout of the files given."""

    def make(files: Mapping[str, bytes | str] | None = None, name: str = "model", **known: object) -> Artifact:
        root = tmp_path / name
        usual = {"1/saved_model.pb": "graph", "1/variables/variables.index": "index"}
        write_files(root / LAYOUT, usual if files is None else files)
        return Artifact(root=root, format="savedmodel", layouts=(LAYOUT,), **known)

    return make


@pytest.fixture
def folder_store(tmp_path: Path) -> Store:
    """A store in a folder that isn't there yet."""
    return open_store(str(tmp_path / "store"))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    script = Path(__file__).with_name("s3_server.py")
    with subprocess.Popen([sys.executable, str(script), BUCKET], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a versitygw server: a second opinion, written in Go, on a real file system."""
    program = shutil.which("versitygw")
    if program is None:
        pytest.skip("versitygw isn't installed: go install github.com/versity/versitygw/cmd/versitygw@latest")
    root = tmp_path_factory.mktemp("versitygw")
    (root / BUCKET).mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    access = {
        "ROOT_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "ROOT_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    command = [program, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(root)]
    with subprocess.Popen(
        command, env={**os.environ, **access}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _await_port(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server didn't start")


@pytest.fixture(params=["moto", "versitygw"])
def s3(request: pytest.FixtureRequest) -> str:
    """The endpoint of an S3 server with an empty place in the bucket ``models``: use ``s3_url`` of the same test."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def s3_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place of its own for each test."""
    return f"s3://{BUCKET}/{tmp_path.name}"
