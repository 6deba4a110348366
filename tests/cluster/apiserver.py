"""A real ``kube-apiserver`` with its etcd on loopback: built through Go, started, waited for, stopped, cleaned up."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = Path(__file__).parent / "servers"
RELEASE = "v1.35.0"
"""As in ``servers/go.mod``; a server that wasn't told would call itself v0.0.0."""

ADMIN, NOBODY = "of-the-admin", "of-nobody"
TOKENS = f"{ADMIN},admin,1,system:masters\n{NOBODY},nobody,2\n"
PATIENCE = 120.0
"""Seconds that a server may take to be ready; it takes five where nothing else runs."""


@dataclass(frozen=True)
class Address:
    """Where the server answers.

    Attributes:
        url: Such as ``https://127.0.0.1:40123``.
        authority: The file with the certificate that it made for itself.
        ports: Where it and its etcd listen.
    """

    url: str
    authority: Path
    ports: tuple[int, int]

    def kubeconfig(self, file: Path, *, token: str = ADMIN, url: str = "") -> Path:
        """Write a kubeconfig with one context, ``tests``."""
        file.write_text(
            f"""\
apiVersion: v1
kind: Config
current-context: tests
contexts: [{{name: tests, context: {{cluster: tests, user: tests}}}}]
clusters: [{{name: tests, cluster: {{server: "{url or self.url}", certificate-authority: "{self.authority}"}}}}]
users: [{{name: tests, user: {{token: {token}}}}}]
"""
        )
        return file


def built() -> Path:
    """The folder with the programs, built into the machine's cache; the first time this takes minutes."""
    folder = oracles.cache() / "cluster"
    folder.mkdir(exist_ok=True)
    major, minor, _ = RELEASE.removeprefix("v").split(".")
    says = {"gitVersion": RELEASE, "gitMajor": major, "gitMinor": minor}
    stamps = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in says.items())
    oracles.compiled(SERVERS, "./...", folder, stamps)
    return folder


def free_ports(count: int) -> list[int]:
    """Ports of loopback where nobody listens, none twice."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in found]


@contextlib.contextmanager
def running(log: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that lives as long as the block; a pipe that we hold ends it even if we are killed (``servers/leash``)."""
    with log.open("wb") as out, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path, host: str = "127.0.0.1") -> None:
    """Until something answers at a port.

    Raises:
        AssertionError: The server ended, or takes too long; with what it said last.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{log.stem} does not answer: {log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def started(programs: Path, folder: Path, host: str = "127.0.0.1") -> Iterator[Address]:
    """A server with an empty etcd; nothing is left of either after the block.

    Args:
        programs: What ``built`` gave.
        folder: A new folder for certificates, data and logs.
        host: The address that it answers at; its certificate names it.
    """
    client, peer, secure = free_ports(3)
    try:
        with (
            running(folder / "etcd.log", *_etcd(programs, folder, client, peer)) as etcd,
            contextlib.ExitStack() as stack,
        ):
            wait_for(client, etcd, folder / "etcd.log")
            log = folder / "kube-apiserver.log"
            server = stack.enter_context(running(log, *_apiserver(programs, folder, client, (host, secure))))
            wait_for(secure, server, log, host)
            yield Address(f"https://{host}:{secure}", folder / "certificates" / "apiserver.crt", (secure, client))
    finally:
        shutil.rmtree(folder)


def _etcd(programs: Path, folder: Path, client: int, peer: int) -> list[str | Path]:
    here, other = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        programs / "etcd",
        f"--data-dir={folder / 'data'}",
        f"--listen-client-urls={here}",
        f"--advertise-client-urls={here}",
        f"--listen-peer-urls={other}",
        f"--initial-advertise-peer-urls={other}",
        f"--initial-cluster=default={other}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def _apiserver(programs: Path, folder: Path, etcd: int, at: tuple[str, int]) -> list[str | Path]:
    key, tokens = folder / "service-accounts.key", folder / "tokens.csv"
    key.write_bytes(subprocess.run([programs / "key"], stdout=subprocess.PIPE, check=True).stdout)
    tokens.write_text(TOKENS)
    return [
        programs / "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--bind-address={at[0]}",
        f"--secure-port={at[1]}",
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://serinus.test",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/16",
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
        # It refuses pods whose ServiceAccount isn't there yet, and no controller is here to make "default".
        "--disable-admission-plugins=ServiceAccount",
        "--enable-priority-and-fairness=false",
    ]
