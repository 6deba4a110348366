"""``kill -9`` at random moments: no release is visible that isn't whole, and the next publish succeeds."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from savedmodel_bytes import saved_model
from store_kit import Place, serinus, whole_releases, write_files, write_service

from generator.store.connect import open_store

if TYPE_CHECKING:
    from pathlib import Path


def kill_often(tmp_path: Path, publish: str, endpoint: str | None, *, times: int, parts: int) -> int:
    """Kill so many publishers, five with the same content in a row; how many left files that no release names."""
    store, chance = open_store(publish, endpoint), random.Random(7)
    file, model = write_service(tmp_path / "service", publish, endpoint), tmp_path / "service" / "model"
    write_files(model, {"saved_model.pb": saved_model()})
    write_files(model, {f"variables/part-{index}": bytes([index]) * 400_000 for index in range(parts)})
    command = ["publish", str(file), "--model", str(model)]
    started = time.monotonic()
    assert serinus(*command).returncode == 0
    usual = time.monotonic() - started
    halves = 0
    for index in range(times):
        write_files(model, {"assets/note": str(index // 5)})
        process = subprocess.Popen(
            [sys.executable, "-m", "generator", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if index % 2:  # in the middle of sending, however busy the machine is
            before = set(store.sizes("digits"))
            while process.poll() is None and set(store.sizes("digits")) == before:
                time.sleep(0.002)
        else:
            time.sleep(chance.uniform(0.4, 1.05) * usual)
        process.kill()
        process.wait()
        visible = whole_releases(store)
        halves += any(int(key.split("/")[1]) not in visible for key in store.sizes("digits"))
    done = serinus(*command)
    assert done.returncode == 0, done.stderr
    visible = whole_releases(store)
    assert sorted(visible) == list(range(1, len(visible) + 1))
    assert "already published" in serinus(*command).stderr
    return halves


@pytest.mark.server
@pytest.mark.parametrize("place", ["folder", "versitygw", "gcs", "azurite"], indirect=True)
def test_fifty_kills(tmp_path: Path, place: Place) -> None:
    assert kill_often(tmp_path, *place, times=50, parts=32 if place.endpoint is None else 8) > 5
