"""``serinus verify``: what lies in the store is what the records say, object by object."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from store_kit import LAYOUT, write_service

from generator.store.publish import publish
from generator.store.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.store.objects import Store


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def published(root: Path, folder_store: Store, model: Callable[..., Artifact]) -> Path:
    """The folder of a release's files."""
    release = publish(
        folder_store, "digits", model({"1/saved_model.pb": b"graph", "1/variables/index": b"x" * 20})
    ).release
    assert verify(folder_store, release) == ()
    return root / release.path


def flipped(folder: Path) -> None:
    path = folder / LAYOUT / "1/variables/index"
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)


def cut(folder: Path) -> None:
    (folder / LAYOUT / "1/variables/index").write_bytes(b"x" * 19)


def gone(folder: Path) -> None:
    (folder / LAYOUT / "1/saved_model.pb").unlink()


def strange(folder: Path) -> None:
    (folder / LAYOUT / "1/extra.bin").write_bytes(b"")


DAMAGE = {
    flipped: ["1/variables/index has other content: its sha256 is "],
    cut: ["1/variables/index has 19 bytes, and the record says 20"],
    gone: ["1/saved_model.pb is gone"],
    strange: ["1/extra.bin isn't named by the record"],
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_each_damage_is_named_with_its_object_and_is_exit_1(run, tmp_path: Path, published: Path, damage) -> None:
    file = write_service(tmp_path, "./store")
    assert run("verify", file).code == 0
    damage(published)
    ended = run("verify", file)
    assert ended.code == 1
    assert ended.out.splitlines() == [line for line in ended.out.splitlines() if line.startswith(str(published))]
    assert len(ended.out.splitlines()) == len(DAMAGE[damage])
    for line in DAMAGE[damage]:
        assert line in ended.out
    assert "1 fault in 1 release of digits" in ended.err


def test_a_record_that_was_changed_is_a_fault(run, tmp_path: Path, published: Path) -> None:
    record = published.parent / "release.json"
    record.write_text(record.read_text().replace('"size": 20', '"size": 21').replace("savedmodel", "savedmodul", 1))
    told = json.loads(record.read_text())
    told["files"][0]["sha256"] = "0" * 64
    record.write_text(json.dumps(told))
    ended = run("verify", write_service(tmp_path, "./store"))
    assert ended.code == 1
    assert f"{record} is no record of a release: its digest isn't that of its files" in ended.out


def test_every_release_is_verified_and_one_alone_on_request(
    run, tmp_path: Path, published: Path, folder_store: Store, model: Callable[..., Artifact]
) -> None:
    second = publish(folder_store, "digits", model({"1/saved_model.pb": b"other"}, name="second")).release
    gone(published)
    file = write_service(tmp_path, "./store")
    assert "1 fault in 2 releases" in run("verify", file).err
    assert run("verify", file, "--release", "2").code == 0
    assert run("verify", file, "--release", "latest").code == 0
    assert run("verify", file, "--release", "1").code == 1
    assert run("verify", file, "--release", "3").code == 2
    assert second.version == 2


def test_a_pin_that_leads_to_nothing_is_a_fault(run, tmp_path: Path, published: Path, root: Path) -> None:
    file = write_service(tmp_path, "./store")
    assert run("lock", file).code == 0
    assert run("verify", file).code == 0
    lock = tmp_path / "serinus.lock"
    pinned = published.name
    lock.write_text(lock.read_text().replace(pinned, "0" * 16))
    ended = run("verify", file)
    assert ended.code == 1
    assert f"isn't that of the record, {pinned}, and {lock} pins it" in ended.out


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["release.json", "{digest}/tensorflow-serving/1/saved_model.pb"])
def test_what_is_no_file_is_said_and_not_waited_for(run, tmp_path: Path, published: Path, name: str, make) -> None:
    path = published.parent / name.format(digest=published.name)
    path.unlink()
    make(path)
    ended = run("verify", write_service(tmp_path, "./store"))
    assert ended.code in (1, 3)
    assert str(path) in ended.out + ended.err


def test_nothing_to_verify_is_no_success(run, tmp_path: Path) -> None:
    ended = run("verify", write_service(tmp_path, "./store"))
    assert ended.code == 2
    assert "nothing to verify" in ended.err
