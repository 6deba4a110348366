"""The folder that is swapped in whole: killed at any line, the old one or the new one is there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from generator.errors import OutsideError
from trainer import staging

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KILLED = """
import os, pathlib, shutil, signal, sys
from trainer import staging
target, moment = pathlib.Path(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

rename, count = pathlib.Path.rename, 0

def counted(self, to):
    global count
    count += 1
    if moment == f"before rename {count}":
        die()
    rename(self, to)
    if moment == f"after rename {count}":
        die()

pathlib.Path.rename = counted
with staging.only_one(target, print), staging.replacement(target) as new:
    (new / "a").write_text("new")
    if moment == "half written":
        die()
    (new / "b").write_text("new")
    if moment == "while tidying":
        shutil.rmtree = die
print("done")
"""


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write(target: Path, text: str) -> None:
    with staging.only_one(target, pytest.fail), staging.replacement(target) as new:
        for name in "ab":
            (new / name).write_text(text)


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("half written", "old"),
        ("before rename 1", "old"),
        ("after rename 1", "old"),
        ("before rename 2", "old"),
        ("after rename 2", "new"),
        ("while tidying", "new"),
        ("never", "new"),
    ],
)
def test_killed_at_any_moment_one_of_the_two_is_there_whole(tmp_path: Path, moment: str, holds: str) -> None:
    target = tmp_path / "artifact"
    write(target, "old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(target), moment], capture_output=True, check=False)
    assert done.returncode == (0 if moment == "never" else -signal.SIGKILL)
    with staging.only_one(target, pytest.fail):  # the lock went with the process
        assert content(target) == {"a": holds, "b": holds}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".artifact.lock", "artifact"]


@pytest.mark.parametrize("moment", ["half written", "before rename 1"])
def test_killed_the_first_time_nothing_is_there(tmp_path: Path, moment: str) -> None:
    target = tmp_path / "deep" / "artifact"
    subprocess.run([sys.executable, "-c", KILLED, str(target), moment], capture_output=True, check=False)
    with staging.only_one(target, pytest.fail):
        assert [path.name for path in target.parent.iterdir()] == [".artifact.lock"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_inside_leaves_what_was_there_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "artifact"
    write(target, "old")

    def fails() -> None:
        with staging.only_one(target, pytest.fail), staging.replacement(target) as new:
            (new / "a").write_text("new")
            raise error

    with pytest.raises(error):
        fails()
    assert content(target) == {"a": "old", "b": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".artifact.lock", "artifact"]


@pytest.mark.parametrize(
    "make",
    [
        lambda path, _: path.write_text("a file"),
        lambda path, _: path.mkdir(),
        lambda path, other: path.symlink_to(other),
        lambda path, _: path.symlink_to("nowhere"),
    ],
    ids=["file", "folder", "link", "broken link"],
)
def test_whatever_stood_there_gives_way_and_a_links_goal_is_not_touched(
    tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").write_text("mine")
    target = tmp_path / "build" / "artifact"
    target.parent.mkdir()
    make(target, tmp_path / "other")
    write(target, "new")
    assert content(target) == {"a": "new", "b": "new"}
    assert content(tmp_path / "other") == {"mine": "mine"}
    assert sorted(path.name for path in target.parent.iterdir()) == [".artifact.lock", "artifact"]


def test_what_other_folders_left_over_is_not_ours(tmp_path: Path) -> None:
    for name in (".artifact2.00.new", ".artifact.new", "artifact.00.new"):
        (tmp_path / name).mkdir()
    write(tmp_path / "artifact", "new")
    assert len(list(tmp_path.iterdir())) == 5


def test_a_second_process_waits_and_is_told_so_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "POLL", 0.01)
    target, said, order = tmp_path / "artifact", [], []
    told = threading.Event()

    def second() -> None:
        with staging.only_one(target, lambda line: (said.append(line), told.set())):
            order.append("second")

    with staging.only_one(target, pytest.fail):
        thread = threading.Thread(target=second)
        thread.start()
        assert told.wait(10)
        time.sleep(0.1)  # ten more tries
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert len(said) == 1
    assert str(target) in said[0]


def test_a_folder_that_cant_be_made_is_an_error_outside(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file in the way")
    with (
        pytest.raises(OutsideError, match=r"can't write .*artifact"),
        staging.only_one(tmp_path / "build" / "artifact", pytest.fail),
    ):
        pytest.fail("entered")


def test_a_swap_that_fails_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "artifact"
    write(target, "old")
    with (
        pytest.raises(OutsideError, match="What was there is unchanged"),
        staging.only_one(target, pytest.fail),
        staging.replacement(target) as new,
    ):
        shutil.rmtree(new)  # as if the disk had gone
    assert content(target) == {"a": "old", "b": "old"}
