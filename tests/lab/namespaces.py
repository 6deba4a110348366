"""Networks of a lab's own: namespaces of the kernel that are gone when the lab is, however it ends.

They have no name, as those of ``ip netns`` have, and live as long as a process in them: the first is on a leash, so that
nothing is left even where the tests are killed. A pair of network cards goes with either of its ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOLS = ("ip", "nsenter", "unshare")
HOLD = 'ip link set lo up; for each in "$@"; do ip address add "$each" dev lo; done; echo ready; exec cat'
"""What the first process does: the addresses on ``lo`` are all local, a whole network of them; then it waits for the end
of its input, a pipe that we hold."""
NEW_NETWORK = 0x40000000
"""``CLONE_NEWNET`` of linux/sched.h; Python knows it from 3.12 on."""


@dataclass(frozen=True)
class Network:
    """A network namespace.

    Attributes:
        pid: The process that holds it.
    """

    pid: int

    @property
    def file(self) -> Path:
        """What names it to the kernel."""
        return Path(f"/proc/{self.pid}/ns/net")

    def within(self, *command: str | Path) -> list[str | Path]:
        """A command that runs in it."""
        return ["nsenter", f"--net={self.file}", *command]

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is in it; sockets that are made meanwhile stay there."""
        before = Path("/proc/thread-self/ns/net").open("rb")  # noqa: SIM115 (it is needed at the end)
        with before, self.file.open("rb") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())


def demand() -> None:
    """Skip where there can be no namespaces."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid():
        pytest.skip("network namespaces need root")
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network namespaces here: {tried.stderr.strip()}")


@contextlib.contextmanager
def network(*addresses: str) -> Iterator[Network]:
    """A namespace with a loopback device, which has these addresses or whole networks besides its own."""
    command = ["unshare", "--net", "sh", "-ec", HOLD, "hold", *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "ready\n", "no network namespace"
        try:
            yield Network(holder.pid)
        finally:
            holder.terminate()


def join(one: Network, other: Network, between: tuple[str, str]) -> None:
    """A cable between two namespaces; what the second doesn't know it sends to the first.

    Args:
        one: The one.
        other: The other.
        between: The addresses of their ends, in one network of /30.
    """
    _ip("link", "add", "cable", "netns", str(one.pid), "type", "veth", "peer", "name", "cable", "netns", str(other.pid))
    for end, address in zip((one, other), between, strict=True):
        _run(*end.within("ip", "address", "add", f"{address}/30", "dev", "cable"))
        _run(*end.within("ip", "link", "set", "cable", "up"))
    _run(*other.within("ip", "route", "add", "default", "via", between[0]))


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str | Path) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{' '.join(map(str, command))}: {ended.stderr}"


def _enter(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, NEW_NETWORK):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
