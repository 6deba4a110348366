"""Ten processes at once, through the real command line: one wins, the others say so, the release is whole."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from savedmodel_bytes import saved_model
from store_kit import EVERY, Place, whole_releases, write_files, write_service

if TYPE_CHECKING:
    from pathlib import Path

    from generator.store.objects import Store

COUNT = 10
NOTE = {"same": "same", "different": "{}"}


def race(tmp_path: Path, publish: str, endpoint: str | None, content: str, *options: str) -> list[tuple[int, str]]:
    """Exit code and talk of each of ten publishers that start together."""
    running = []
    for index in range(COUNT):
        here = tmp_path / f"publisher-{index}"
        file = write_service(here, publish, endpoint)
        note = NOTE[content].format(index)
        write_files(
            here / "model", {"saved_model.pb": saved_model(), "assets/note": note, "variables/data": "x" * 300_000}
        )
        command = [sys.executable, "-m", "generator", "publish", str(file), "--model", str(here / "model"), *options]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    for talk, _ in ended:
        assert "Traceback" not in talk, talk
    return [(code, talk) for talk, code in ended]


def check_race(store: Store, tmp_path: Path, publish: str, endpoint: str | None) -> None:
    """All four races into four services of one store."""
    ended = race(tmp_path / "1", publish, endpoint, "same", "--version", "1")
    assert [code for code, _ in ended] == [0] * COUNT, ended
    assert sum("published digits 1" in talk for _, talk in ended) == 1
    assert sum("already published as 1" in talk for _, talk in ended) == COUNT - 1
    assert list(whole_releases(store)) == [1]

    ended = race(tmp_path / "2", publish, endpoint, "different", "--version", "2")
    assert sorted(code for code, _ in ended) == [0] + [1] * (COUNT - 1), ended
    assert sum("digits 2 is taken by other content" in talk for _, talk in ended) == COUNT - 1
    assert sorted(whole_releases(store)) == [1, 2]

    ended = race(tmp_path / "3", publish, endpoint, "different")
    assert [code for code, _ in ended] == [0] * COUNT, ended
    # One of them has the content of version 2, which is published already.
    assert sorted(whole_releases(store)) == list(range(1, COUNT + 2))
    left = {tuple(key.split("/")[1:3]) for key in store.sizes("digits")}
    assert len(left) == 2 * (COUNT + 1)  # a record and one digest folder each: no loser left anything


@pytest.mark.server
@pytest.mark.parametrize("place", EVERY, indirect=True)
def test_race(tmp_path: Path, place: Place) -> None:
    check_race(place.open(), tmp_path, *place)
    assert not list((tmp_path / "store").rglob("*#*"))
