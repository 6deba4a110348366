"""A model that is being hashed while the program is loaded: the same digests, and nothing rests on them alone."""

from __future__ import annotations

import hashlib
import itertools
import threading
from typing import TYPE_CHECKING

import pytest
from savedmodel_bytes import saved_model
from store_kit import write_service

from generator.errors import OutsideError
from generator.store import begun, disk
from generator.store.begun import Begun
from generator.store.hashing import PART, Fingerprint, fingerprint, fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with one big file and one small one."""
    folder = tmp_path / "m"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"small")
    (folder / "variables" / "big").write_bytes(b"0123456789abcdef" * (PART // 16) + b"!")
    return folder


def local(folder: Path, place: str) -> disk.Local:
    return disk.look(folder / place, folder)


def test_the_big_file_is_known_and_the_small_one_is_not(model: Path) -> None:
    with Begun(model) as hashing:
        found = hashing.of(local(model, "variables/big"))
        assert hashing.of(local(model, "saved_model.pb")) is None
    content = (model / "variables/big").read_bytes()
    assert found == Fingerprint(PART + 1, hashlib.sha256(content).hexdigest(), None)


def test_a_single_file_is_known(model: Path) -> None:
    with Begun(model / "variables/big") as hashing:
        assert hashing.of(local(model, "variables/big")) == fingerprint(local(model, "variables/big"))


def test_a_file_that_was_exchanged_or_has_grown_is_not_known(model: Path) -> None:
    with Begun(model) as hashing:
        assert hashing.of(local(model, "saved_model.pb")) is None  # by then all have been found
        with (model / "variables/big").open("ab") as file:
            file.write(b"more")
        assert hashing.of(local(model, "variables/big")) is None


def test_what_is_known_is_not_hashed_again(model: Path) -> None:
    files = [local(model, "saved_model.pb"), local(model, "variables/big")]
    told = Fingerprint(1, "of somebody who has begun", None)
    found = fingerprints(files, lambda file: told if file.path.name == "big" else None)
    assert [each.sha256 for each in found] == [hashlib.sha256(b"small").hexdigest(), told.sha256]


@pytest.mark.parametrize("wrong", ["nothing there", "link", "hf:org/name"])
def test_a_model_that_cannot_be_read_is_left_to_who_publishes_it(tmp_path: Path, model: Path, wrong: str) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "nowhere").symlink_to("away")
    with Begun(tmp_path / wrong) as hashing:
        assert hashing.of(local(model, "variables/big")) is None


def test_leaving_ends_what_nobody_waits_for(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, under_way = threading.Event(), threading.Event()

    def endless(file: disk.Local, go_on) -> Fingerprint:
        under_way.set()
        try:
            while True:
                go_on()
        finally:
            ended.set()

    monkeypatch.setattr(begun, "fingerprint", endless)
    with Begun(model):
        assert under_way.wait(10)
    assert ended.is_set()


def test_leaving_ends_the_walk_through_a_folder_without_end(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, seen = threading.Event(), itertools.count()

    def endless(folder: Path) -> Iterator[disk.Entry]:
        for _ in seen:
            under_way.set()
            yield disk.Entry("", folder, None)

    monkeypatch.setattr(disk, "files", endless)
    with Begun(model):
        assert under_way.wait(10)
    assert next(seen) > 0


def test_a_failure_is_that_of_who_asks(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(file: disk.Local, go_on) -> Fingerprint:
        raise OutsideError(f"can't read {file.path}.")

    monkeypatch.setattr(begun, "fingerprint", fails)
    with Begun(model) as hashing, pytest.raises(OutsideError, match="can't read"):
        hashing.of(local(model, "variables/big"))


def test_a_file_that_changes_after_it_was_hashed_is_not_published(
    run, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as before and the same file: only its content is other than what the digest was made of."""
    write_service(tmp_path, "./store")
    (model / "saved_model.pb").write_bytes(saved_model())
    file = model / "variables/big"
    before = fingerprint(local(model, "variables/big"))
    monkeypatch.setattr(Begun, "of", lambda _self, each: before if each.size == before.size else None)
    with file.open("r+b") as content:
        content.write(b"X")
    told = run("publish", tmp_path / "serinus.yaml", "--model", model)
    assert (told.code, "changed while it was being published" in told.err) == (3, True), told.err
    assert not list((tmp_path / "store").rglob("release.json"))
