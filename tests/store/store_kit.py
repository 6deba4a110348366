"""What the tests of the store share: service files, the real command line, and the judge of what is visible."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from generator.store.connect import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.store.objects import Store

LAYOUT = "tensorflow-serving"


class Place(NamedTuple):
    """Where a store lies.

    Attributes:
        url: As ``store.url`` or ``store.publish`` has it.
        endpoint: As ``store.endpoint`` has it; None for a folder.
    """

    url: str
    endpoint: str | None

    def open(self) -> Store:
        return open_store(self.url, self.endpoint)


SERVED = ("moto", "versitygw", "gcs", "azurite")
"""The servers of ``object_servers``, for ``pytest.mark.parametrize(…, indirect=True)``."""
EVERY = ("folder", *SERVED)
KINDS = ("versitygw", "gcs", "azurite")
"""One server for each kind of bucket."""


def write_files(folder: Path, files: Mapping[str, bytes | str]) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)


SERVICE_FILE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {{kind: kserve, version: "0.20", mode: standard}}
store: {store}
model: {{format: savedmodel, gate: {{accuracy: ">= 0.95"}}}}
variants: [{{name: stable, release: latest}}]
"""


def write_service(folder: Path, publish: str, endpoint: str | None = None) -> Path:
    """A service file that publishes there."""
    folder.mkdir(parents=True, exist_ok=True)
    store = {"url": "s3://models", "publish": publish, **({"endpoint": endpoint} if endpoint else {})}
    file = folder / "serinus.yaml"
    file.write_text(SERVICE_FILE.format(store=json.dumps(store)))
    return file


def serinus(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "generator", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def whole_releases(store: Store, service: str = "digits") -> dict[int, str]:
    """Version to digest of all that is visible, each file of each looked at: the judge of all protocol tests.

    It uses the store's own listing and reading only, none of the code that reads releases.
    """
    there = store.sizes(service)
    found = {}
    for key in there:
        _, version, *rest = key.split("/")
        if rest != ["release.json"]:
            continue
        content = store.read(key)
        assert content is not None
        record = json.loads(content)
        lines = []
        for file in record["files"]:
            lies = store.read(f"{service}/{version}/{file['path']}")
            assert lies is not None, f"{version}: {file['path']} is missing"
            assert (len(lies), hashlib.sha256(lies).hexdigest()) == (file["size"], file["sha256"])
            lines.append(f"{file['sha256']}  {file['path'].partition('/')[2]}\n".encode())
        lines.sort(key=lambda line: line[66:-1])
        assert hashlib.sha256(b"".join(lines)).hexdigest() == record["digest"]
        found[int(version)] = record["digest"]
    return found
