"""One API server for all tests here, with the CRDs that are beside the project."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import apiserver
import pytest
from asking import Client
from installed import INSTALLED, SHARED, crds_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[apiserver.Address]:
    """A server that is there for this session."""
    with apiserver.started(apiserver.built(), tmp_path_factory.mktemp("apiserver")) as found:
        yield found


@pytest.fixture(scope="session")
def bare(address: apiserver.Address) -> Iterator[Client]:
    """The admin's connection to a server that may not have any CRD."""
    with contextlib.closing(Client(address)) as client:
        client.wait_until_ready()
        client.discover()
        yield client


@pytest.fixture(scope="session")
def cluster(bare: Client) -> Client:
    """The admin's connection; all CRDs are installed."""
    if not (SHARED / "crds").is_dir():
        pytest.skip("no CRDs beside the project")
    bare.install(crd for product in INSTALLED for crd in crds_of(product))
    return bare
