"""A real registry on loopback, and a second opinion on what lies in it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Server:
    """A registry that runs: where it answers, and the program that it is."""

    program: Path
    address: str

    def look(self, image: str) -> dict[str, Any]:
        """What go-containerregistry says of an image: its files by content, each layer held against its digests."""
        done = subprocess.run(
            [self.program, "look", f"{self.address}/{image}"], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def push_base(self, image: str, *, bare: bool = False) -> str:
        """Push an image that others can be built on, for two kinds of node; its name by digest."""
        done = subprocess.run(
            [self.program, "base", f"{self.address}/{image}", *(["bare"] if bare else [])],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return f"{self.address}/{image.partition(':')[0]}@{done.stdout.strip()}"


@contextmanager
def running(program: Path, folder: Path, *options: str, name: str = "localhost") -> Iterator[Server]:
    """A registry that lives as long as the block, or as we do: it ends when the pipe that we hold is closed."""
    command = [str(program), "serve", str(folder), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield Server(program, f"{name}:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()
            process.wait(10)


@pytest.fixture(scope="session")
def program() -> Path:
    """The program of a registry, which looks into registries too."""
    return oracles.build("registry")


@pytest.fixture(scope="session")
def registry(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry that everybody may write to; use ``place`` of the same test."""
    with running(program, tmp_path_factory.mktemp("registry")) as server:
        yield server


@pytest.fixture
def place(registry: Server, tmp_path: Path) -> str:
    """A folder of repositories of its own for each test."""
    return f"{registry.address}/{tmp_path.name.lower().replace('_', '-').strip('-')}"


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of the machine's."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker"))
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
