"""One lab with KServe and a Gateway for all tests that send requests through it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import gateway
import laboratory
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from namespaces import Network

RELEASE = "0.20"
LOADING = 2.0
"""Seconds that a model takes to load: what isn't ready yet can be told from what is."""
KSERVE_PORT = 8080
"""Where the model servers of KServe listen; their containers declare no port."""


class Site(NamedTuple):
    """The lab, and the network in which its gateway listens."""

    lab: laboratory.Lab
    network: Network


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """KServe, Kubernetes' controllers and a Gateway; pods answer once they are ready, and while they end."""
    folder = tmp_path_factory.mktemp("site")
    with (
        laboratory.started(folder, kserve=RELEASE, crds=list(gateway.crds())) as lab,
        gateway.started(lab) as network,
    ):
        lab.behave({"serve": True, "ports": [KSERVE_PORT], "readyAfter": LOADING})
        yield Site(lab, network)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked ``more`` runs where all is asked for: ``SERINUS_LAB=all``."""
    if os.environ.get("SERINUS_LAB") == "all":
        return
    for item in items:
        if item.get_closest_marker("more"):
            item.add_marker(pytest.mark.skip(reason="SERINUS_LAB=all runs it"))
