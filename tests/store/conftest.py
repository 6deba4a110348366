"""Models to publish, and stores to publish into."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from store_kit import LAYOUT, Place, write_files

from generator.model.artifact import Artifact
from generator.store import connect
from generator.store.connect import open_store
from object_servers import AWS, SERVERS, Served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from generator.store.objects import Store


HOME = os.environ.get("HOME", "/")
CLOUDS = ("AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "STORAGE_EMULATOR_", "IDENTITY_", "MSI_", "SSL_CERT_")


@pytest.fixture(autouse=True)
def _clouds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials of the tests, and none of the machine's."""
    for variable in [name for name in os.environ if name.startswith(CLOUDS)]:
        monkeypatch.delenv(variable)
    for variable, value in AWS.items():
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
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Served]]:
    """Start a server when somebody asks for it first; all live until the end."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def start(name: str) -> Served:
            with mock.patch.dict(os.environ, HOME=HOME):  # there lies what is built once for this machine
                return stack.enter_context(SERVERS[name](tmp_path_factory.mktemp(name) / "data"))

        yield start


def opened(served: Callable[[str], Served], name: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A server, with the variables that give access to it."""
    found = served(name)
    for variable, value in found.environment.items():
        monkeypatch.setenv(variable, value)
    return found


@pytest.fixture
def server(request: pytest.FixtureRequest, served: Callable[[str], Served], monkeypatch: pytest.MonkeyPatch) -> Served:
    """The server that the test's parameter names."""
    return opened(served, request.param, monkeypatch)


@pytest.fixture
def place(
    request: pytest.FixtureRequest, served: Callable[[str], Served], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Place:
    """A place of its own for each test, in a folder or in the bucket of the server that the parameter names."""
    if request.param == "folder":
        return Place(str(tmp_path / "store"), None)
    found = opened(served, request.param, monkeypatch)
    return Place(f"{found.url}/{tmp_path.name}", found.endpoint)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tries again."""
    for retry in ("ASKING_RETRY", "SENDING_RETRY"):
        monkeypatch.setattr(connect, retry, {"max_retries": 0, "retry_timeout": connect.ASKING_RETRY["retry_timeout"]})
