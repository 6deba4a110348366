"""``kill -9`` at random moments and at each request: no release is visible that isn't whole, and the next one succeeds.

``SERINUS_KILLS=50`` kills fifty publishers at random moments in each kind of store, and one at every single request;
without it there are fewer.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from broken_line import line_to
from savedmodel_bytes import saved_model
from store_kit import KINDS, Place, serinus, whole_releases, write_files, write_service

from generator.store.connect import open_store

if TYPE_CHECKING:
    from pathlib import Path

KILLS = int(os.environ.get("SERINUS_KILLS", "10"))
STEP = 1 if "SERINUS_KILLS" in os.environ else 4
FEWEST_REQUESTS, MOST_REQUESTS = 8, 60
"""Two listings, three files, two for the conditional create, the record; what is looked up besides depends."""


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
@pytest.mark.parametrize("place", ["folder", *KINDS], indirect=True)
def test_kills_at_random_moments(tmp_path: Path, place: Place) -> None:
    halves = kill_often(tmp_path, *place, times=KILLS, parts=32 if place.endpoint is None else 8)
    assert halves > KILLS // 10


@pytest.mark.server
@pytest.mark.parametrize("place", KINDS, indirect=True)
@pytest.mark.parametrize("answers_last", [True, False], ids=["request lost", "answer lost"])
def test_a_kill_at_every_request(tmp_path: Path, place: Place, answers_last: bool) -> None:
    """The publisher dies when its n-th request has got its answer, or has arrived and will get none; for every n."""
    killed, model = 0, tmp_path / "service" / "model"
    write_files(model, {"saved_model.pb": saved_model(), "variables/index": "i" * 1000, "variables/data": "d" * 9999})
    with line_to(place.endpoint or "") as line:
        for requests in range(0, MOST_REQUESTS, STEP):
            store = open_store(f"{place.url}/{requests}", place.endpoint)
            file = write_service(tmp_path / "service", f"{place.url}/{requests}", line.endpoint)
            command = ["publish", str(file), "--model", str(model)]
            line.breaks(requests, answers_last=answers_last)
            process = subprocess.Popen(
                [sys.executable, "-m", "generator", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and not line.broken.wait(0.01):
                pass
            process.kill()
            process.wait()
            line.mended()
            visible = whole_releases(store)
            done = serinus(*command)
            assert done.returncode == 0, done.stderr
            assert list(whole_releases(store)) == [1]
            assert visible in ({}, whole_releases(store))
            if not line.broken.is_set():
                assert process.returncode == 0
                break
            killed += 1
    assert killed >= FEWEST_REQUESTS // STEP
