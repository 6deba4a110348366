"""The servers of these tests end with whoever started them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import apiserver
import pytest

pytestmark = pytest.mark.cluster

STARTER = """
import sys, time
from pathlib import Path
import apiserver
with apiserver.started(apiserver.built(), Path(sys.argv[1])) as address:
    print(address.url, *(port for port in address.ports), flush=True)
    time.sleep(600)
"""


def listens(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


def test_nothing_is_left_of_a_server(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with apiserver.started(apiserver.built(), folder) as address:
        assert all(listens(port) for port in address.ports)
    assert not any(listens(port) for port in address.ports)
    assert not folder.exists()


def test_the_servers_end_even_where_the_starter_is_killed(tmp_path: Path) -> None:
    here = Path(__file__).parent
    paths = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]\n"
    with subprocess.Popen(
        [sys.executable, "-c", paths + STARTER, tmp_path], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        ports = [int(word) for word in starter.stdout.readline().split()[1:]]
        assert len(ports) == 2
        assert all(listens(port) for port in ports)
        starter.kill()
    end = time.monotonic() + 20
    while any(listens(port) for port in ports):
        assert time.monotonic() < end, "a server is still there"
        time.sleep(0.1)
