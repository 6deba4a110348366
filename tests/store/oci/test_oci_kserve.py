"""KServe's own code reads our images: what its init container does for ``oci+fetch://``."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from store_kit import LAYOUT

import oracles
from generator.store.oci import record
from generator.store.oci.images import Images
from generator.store.publish import publish

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.server

STORAGE = ("kserve-storage==0.21.0", "oras==0.2.43")
"""What KServe's storage initializer is made of. It imports the libraries of clouds only when it needs them; requests and
jsonschema are ours too."""
UNREACHED = ("Could not fetch URL", "No matching distribution", "ConnectionError", "Temporary failure")


@pytest.fixture(scope="session")
def initializer() -> Path:
    """A folder with KServe's storage initializer, from PyPI into the machine's cache."""
    folder = oracles.cache() / "kserve-storage" / "0.21.0"
    if not (folder / "kserve_storage").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *STORAGE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and any(sign in done.stderr for sign in UNREACHED):
            pytest.skip("KServe's storage initializer can't be had from PyPI")
        assert done.returncode == 0, done.stderr
    return folder


def unpacked(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("on_base", [False, True], ids=["alone", "on a base"])
def test_kserve_fetches_and_unpacks_exactly_the_files_of_the_layout(
    initializer, registry, place, model, folder_store, tmp_path, on_base
):
    base = registry.push_base(f"{place.removeprefix(registry.address + '/')}/base:1") if on_base else None
    made = publish(
        folder_store, "digits", model({"1/saved_model.pb": b"graph" * 5000, "1/variables/ü.data": "x"})
    ).release
    Images(folder_store, place, base, lambda _: None).settle(made)
    digest = record.find(folder_store, made, base.rpartition("@")[2] if base else None).images[LAYOUT]
    code = "import sys; from kserve_storage import Storage; Storage.download(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, f"oci://{place}/digits@{digest}", str(tmp_path / "mnt")],
        env={**os.environ, "PYTHONPATH": str(initializer), "KSERVE_OCI_INSECURE_REGISTRY": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    top = f"{made.digest[:16]}/{LAYOUT}/"
    assert unpacked(tmp_path / "mnt") == {file.path.removeprefix(top): file.sha256 for file in made.files}
