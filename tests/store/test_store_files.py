"""What of a folder becomes part of a release, and what is refused, with its place."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_kit import LAYOUT, write_files

from generator.errors import InputError, OutsideError
from generator.model.artifact import Artifact
from generator.store.collect import collect
from generator.store.connect import open_store
from generator.store.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def paths(artifact: Artifact) -> list[str]:
    return [source.path.removeprefix(f"{LAYOUT}/") for source in collect(artifact).files]


def test_files_are_sorted_by_path_as_bytes(model) -> None:
    assert paths(model({"a/b": "", "a-b": "", "a.b": "", "Z": "", "ü": "", "z": ""})) == [
        "Z",
        "a-b",
        "a.b",
        "a/b",
        "z",
        "ü",
    ]


def test_names_that_start_with_a_dot_and_empty_folders_are_left_out(model) -> None:
    artifact = model({"a": "", ".DS_Store": "x", ".git/config": "x", "b/.keep": ""})
    (artifact.root / LAYOUT / "assets").mkdir()
    assert paths(artifact) == ["a"]
    assert [path.name for path in collect(artifact).left_out] == [".DS_Store", ".git", ".keep"]


def test_files_without_content_are_named(model) -> None:
    assert collect(model({"a": "", "b": "x"})).empty == (f"{LAYOUT}/a",)


def test_a_link_to_a_file_of_the_same_model_is_that_file(model) -> None:
    artifact = model({"a": "weights"})
    (artifact.root / LAYOUT / "b").symlink_to("a")
    first, second = collect(artifact).files
    assert (first.sha256, first.size) == (second.sha256, second.size)


def test_parts_may_lie_elsewhere(tmp_path: Path) -> None:
    write_files(tmp_path / "mine", {"saved_model.pb": "x", "variables/index": "y"})
    artifact = Artifact(tmp_path, "savedmodel", (LAYOUT,), elsewhere={f"{LAYOUT}/1": tmp_path / "mine"})
    assert paths(artifact) == ["1/saved_model.pb", "1/variables/index"]


def test_a_part_may_be_one_file_under_another_name(tmp_path: Path) -> None:
    write_files(tmp_path, {"my best model.joblib": "x"})
    artifact = Artifact(
        tmp_path, "sklearn", ("plain",), elsewhere={"plain/model.joblib": tmp_path / "my best model.joblib"}
    )
    assert [(source.path, source.size) for source in collect(artifact).files] == [("plain/model.joblib", 1)]


def test_what_we_write_ourselves_is_part_of_the_layout(model, tmp_path: Path) -> None:
    artifact = replace(
        model({"1/saved_model.pb": "graph"}), generated={f"{LAYOUT}/config": b"ours", "other/config": b""}
    )
    graph, ours = collect(artifact).files
    assert (ours.path, ours.size, ours.sha256) == (f"{LAYOUT}/config", 4, hashlib.sha256(b"ours").hexdigest())
    assert graph.path == f"{LAYOUT}/1/saved_model.pb"
    store = open_store(str(tmp_path / "store"))
    release = publish(store, "digits", artifact).release
    assert store.read(f"{release.path}/{LAYOUT}/config") == b"ours"


def test_two_files_for_one_place_are_refused(model) -> None:
    artifact = replace(model({"config": "theirs"}), generated={f"{LAYOUT}/config": b"ours"})
    with pytest.raises(InputError, match=f"'{LAYOUT}' would hold config twice. Remove or rename this one"):
        collect(artifact)


def test_a_layout_of_our_own_files_alone_holds_no_model(tmp_path: Path) -> None:
    (tmp_path / LAYOUT).mkdir()
    with pytest.raises(InputError, match="holds no files"):
        collect(Artifact(tmp_path, "savedmodel", (LAYOUT,), generated={f"{LAYOUT}/config": b"ours"}))


def test_a_deep_folder_is_no_matter(model) -> None:
    assert paths(model({"d/" * 300 + "file": "x"})) == ["d/" * 300 + "file"]


def link(folder: Path, name: str, target: str) -> None:
    (folder / name).symlink_to(target)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def bind(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # the address of a socket has at most about 100 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    os.chdir(here)


@pytest.mark.parametrize(
    ("make", "reason", "place"),
    [
        (lambda folder: link(folder, "gone", "nowhere"), "the link leads nowhere", "gone"),
        (lambda folder: link(folder, "round", "round"), "can't read", "round"),
        (lambda folder: link(folder, "up", ".."), "it is a link to a folder", "up"),
        (lambda folder: link(folder, "null", "/dev/null"), "it is no regular file", "null"),
        (pipe, "it is no regular file", "pipe"),
        (bind, "it is no regular file", "socket"),
        (lambda folder: write_files(folder, {"data#12": ""}), "ends in '#' and a number", "data#12"),
        (lambda folder: write_files(folder, {"sub/release.json": ""}), "marks a release", "sub/release.json"),
        (lambda folder: write_files(folder, {"a\\b": ""}), "backslash", "a\\\\\\\\b"),
        (lambda folder: write_files(folder, {"a\nb": ""}), "can't be printed", "a\\\\nb"),
        (lambda folder: write_files(folder, {"x" * 241: ""}), "too long", "x" * 241),
        (lambda folder: write_files(folder, {"d/" * 400 + "x": ""}), "too long", "d/d"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_what_no_release_can_hold_is_refused_with_its_place(model, make: Callable[[Path], None], reason, place) -> None:
    artifact = model({"a": "x"})
    make(artifact.root / LAYOUT)
    with pytest.raises((InputError, OutsideError), match=reason) as caught:
        collect(artifact)
    with pytest.raises((InputError, OutsideError), match=place):
        raise caught.value


def test_a_name_that_is_not_utf_8_is_refused(model) -> None:
    artifact = model({"a": "x"})
    try:
        Path(os.fsdecode(os.fsencode(artifact.root / LAYOUT) + b"/caf\xe9")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with pytest.raises(InputError, match=r"isn't UTF-8") as caught:
        collect(artifact)
    assert "caf\\xe9" in str(caught.value)
    str(caught.value).encode()  # it can be printed


@pytest.mark.parametrize(
    ("layouts", "reason"),
    [
        ((), "no layout"),
        (("gone",), "holds no files|can't read"),
        (("../up",), "is no name of a layout"),
        ((LAYOUT, LAYOUT + "-2"), "can't be told apart"),
        ((LAYOUT, LAYOUT), "can't be told apart"),
    ],
)
def test_layouts_must_be_there_and_no_prefix_of_one_another(model, layouts: tuple[str, ...], reason: str) -> None:
    with pytest.raises((InputError, OutsideError), match=reason):
        collect(replace(model(), layouts=layouts))


def test_a_layout_without_files_is_refused(model) -> None:
    with pytest.raises(InputError, match="holds no files"):
        collect(model({".hidden": "x"}))


@contextmanager
def not_root() -> Iterator[None]:
    """Do the rest as somebody who isn't root: root may read and write everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("closed", ["folder", "folder/file"])
def test_what_may_not_be_read_is_an_error_with_its_place(closed: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        write_files(Path(name, LAYOUT), {"folder/file": "x"})
        shut = Path(name, LAYOUT, closed)
        shut.chmod(0)
        with not_root(), pytest.raises(OutsideError, match=f"can't read .*{closed}: Permission denied"):
            collect(Artifact(Path(name), "savedmodel", (LAYOUT,)))
        shut.chmod(0o700)


def test_a_store_that_may_not_be_seen_is_an_error_with_its_place() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0)
        with (
            not_root(),
            pytest.raises(OutsideError, match=rf"can't open the folder in {name}/store: Permission denied"),
        ):
            open_store(f"{name}/store").folders("digits")
        Path(name).chmod(0o700)


def test_a_store_that_may_not_be_written_is_an_error_with_its_place() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        for url in (name, f"{name}/new"):
            with not_root(), pytest.raises(OutsideError, match=rf"{url}: Permission denied. Give yourself the right"):
                open_store(url).create("digits/1/x", b"")
