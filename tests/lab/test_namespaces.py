"""The networks of the lab: who reaches whom, and that nothing is left of them."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys

import namespaces
import pytest

pytestmark = pytest.mark.lab


@pytest.fixture(autouse=True)
def _possible() -> None:
    namespaces.demand()


def test_a_whole_network_is_local_in_the_one_and_reached_from_the_other():
    with namespaces.network("10.244.0.0/16") as pods, namespaces.network() as gateway:
        namespaces.join(pods, gateway, ("10.255.0.1", "10.255.0.2"))
        with pods.entered():
            server = socket.create_server(("10.244.7.9", 80))
        with gateway.entered():
            client = socket.create_connection(("10.244.7.9", 80), timeout=5)
        with server, client, server.accept()[0] as found:
            assert found.getpeername()[0] == "10.255.0.2"


def test_this_process_does_not_see_them():
    with namespaces.network("10.244.0.0/16") as pods:
        with pods.entered():
            server = socket.create_server(("127.0.0.1", 0))
        with server, pytest.raises(OSError, match="refused"):
            socket.create_connection(server.getsockname(), timeout=5)


def test_killed_tests_leave_no_namespace():
    """The holder ends with the pipe that its starter held, and the kernel's namespace with it."""
    program = "import namespaces\nwith namespaces.network() as made:\n    print(made.pid, flush=True)\n    input()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, cwd=namespaces.__file__.rsplit("/", 1)[0], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        holder = namespaces.Network(int(starter.stdout.readline()))
        assert holder.file.exists()
        end = os.pidfd_open(holder.pid)
        starter.kill()
    assert select.select([end], [], [], 10)[0], "the namespace is still held"
    os.close(end)
