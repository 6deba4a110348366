"""Real object stores on loopback: each started for a block, filled by nobody else, and gone after it.

| server | is | speaks |
| --- | --- | --- |
| moto | Python, in memory | S3 |
| versitygw | Go, on a real file system | S3 |
| gcs | fake-gcs-server, in memory, behind Google's XML API (``store/servers/gcs``) | Google Cloud Storage |
| azurite | Microsoft's own emulator, in memory | Azure Blob |

Those in Go and Azurite come from the registries into the machine's cache; where Go or npm is absent the test is skipped.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

import oracles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = Path(__file__).parent / "store"
BUCKET = "models"
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "testing1", "AWS_REGION": "us-east-1"}
AZURITE = "3.37.0"
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's account and its key, which everybody knows (Azure/Azurite 3.37.0, README.md)."""
PATIENCE = 60.0
"""Seconds that a server may take to be ready; none takes three where nothing else runs."""


@dataclass(frozen=True)
class Served:
    """A bucket that is empty.

    Attributes:
        url: The store's URL, as ``store.url`` has it.
        endpoint: Where its server answers, as ``store.endpoint`` has it.
        environment: Variables that give access.
    """

    url: str
    endpoint: str
    environment: Mapping[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def _running(*command: str | Path, environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A server that ends with the block, and with us: ``leash.py`` holds the other end of a pipe of ours."""
    leash = [sys.executable, str(Path(__file__).with_name("leash.py")), *map(str, command)]
    given = {**os.environ, **(environment or {})}
    with subprocess.Popen(
        leash, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=given
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=30)


def _port_of(process: subprocess.Popen[str]) -> int:
    """The port that a server prints first."""
    assert process.stdout
    return int(process.stdout.readline())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _await(port: int, process: subprocess.Popen[str]) -> None:
    """Until something answers.

    Raises:
        AssertionError: The server ended, or takes too long.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args} doesn't answer")


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Served]:
    """An S3 server in Python, one request at a time."""
    with _running(sys.executable, HERE / "s3_server.py", BUCKET) as process:
        yield Served(f"s3://{BUCKET}", f"http://127.0.0.1:{_port_of(process)}", AWS)


@contextlib.contextmanager
def versitygw(folder: Path) -> Iterator[Served]:
    """An S3 server in Go, on the file system of a folder."""
    program = oracles.cache() / f"versitygw-{_tree()}"
    oracles.compiled(HERE / "servers/versitygw", "github.com/versity/versitygw/cmd/versitygw", program)
    (folder / BUCKET).mkdir(parents=True)
    port = _free_port()
    access = {"ROOT_ACCESS_KEY": AWS["AWS_ACCESS_KEY_ID"], "ROOT_SECRET_KEY": AWS["AWS_SECRET_ACCESS_KEY"]}
    command = (program, "--port", f"127.0.0.1:{port}", "--quiet", "posix", folder)
    with _running(*command, environment=access) as process:
        _await(port, process)
        yield Served(f"s3://{BUCKET}", f"http://127.0.0.1:{port}", AWS)


@contextlib.contextmanager
def gcs(folder: Path) -> Iterator[Served]:
    """A Google Cloud Storage server; like other emulators it asks for no credentials."""
    program = oracles.cache() / f"gcs-{_tree()}"
    oracles.compiled(HERE / "servers/gcs", ".", program)
    with _running(program, BUCKET) as process:
        yield Served(f"gs://{BUCKET}", f"http://127.0.0.1:{_port_of(process)}")


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Served]:
    """Microsoft's emulator of Azure Blob Storage."""
    node, port = shutil.which("node"), _free_port()
    if not node:
        pytest.skip("Node.js is not installed")
    command = [
        node,
        _azurite(),
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        str(port),
        "--inMemoryPersistence",
        "--silent",
    ]
    with _running(*command, "--skipApiVersionCheck", "--disableTelemetry") as process:
        _await(port, process)
        endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
        access = {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY}
        _make_container(endpoint)
        yield Served(f"https://{ACCOUNT}.blob.core.windows.net/{BUCKET}", endpoint, access)


def _make_container(endpoint: str) -> None:
    """Make the container by one request under a shared key.

    Source of the string to sign: Azure Storage REST API reference, "Authorize with Shared Key".
    """
    path = urlsplit(endpoint).path
    date, version = formatdate(usegmt=True), "2023-11-03"
    resource = f"/{ACCOUNT}{path}/{BUCKET}\nrestype:container"
    signed = "PUT" + "\n" * 12 + f"x-ms-date:{date}\nx-ms-version:{version}\n{resource}"
    proof = hmac.new(base64.b64decode(ACCOUNT_KEY), signed.encode(), hashlib.sha256).digest()
    headers = {
        "x-ms-date": date,
        "x-ms-version": version,
        "content-length": "0",
        "authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(proof).decode()}",
    }
    request = urllib.request.Request(f"{endpoint}/{BUCKET}?restype=container", method="PUT", headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        assert answer.status == 201


def _tree() -> str:
    """This checkout: another one on this machine may be of another day."""
    return hashlib.sha256(str(HERE).encode()).hexdigest()[:8]


def _azurite() -> Path:
    """Its script, installed into the machine's cache."""
    folder = oracles.cache() / f"azurite-{AZURITE}"
    script = folder / "node_modules/azurite/dist/src/blob/main.js"
    if script.exists():
        return script
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm is not installed")
    fresh = folder.with_name(f"{folder.name}-{os.getpid()}")
    fresh.mkdir(parents=True)
    command = [npm, "install", f"azurite@{AZURITE}", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=dev"]
    done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(fresh)
        pytest.skip(f"Azurite can't be had: {done.stderr[-200:]}")
    try:
        fresh.rename(folder)
    except OSError:  # somebody else was faster
        shutil.rmtree(fresh)
    return script


SERVERS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Served]]] = {
    "moto": moto,
    "versitygw": versitygw,
    "gcs": gcs,
    "azurite": azurite,
}
