"""A real registry on loopback for each test that asks for one, and no credentials of the machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from registries import Server, running

import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
