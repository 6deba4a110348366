"""Layers: the same bytes everywhere, all files once, big ones alone."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import OutsideError
from generator.store.oci import layers
from generator.store.oci.layers import Layer, Member

MIB = 2**20


def member(path: str, content: bytes = b"x", size: int | None = None) -> Member:
    """A file; with a size of its own where only that matters."""
    digest = hashlib.sha256(content).hexdigest()
    return Member(path, len(content) if size is None else size, digest, lambda: iter((content,)))


def archive(layer: Layer) -> bytes:
    return b"".join(layer.stream())


def entries(layer: Layer) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(archive(layer))) as opened:
        return opened.getmembers()


FILES = [member("config.json", b"{}"), member("1/variables/ü.data", b"ab" * 700), member(f"deep/{'n' * 200}", b"")]


def test_a_layer_holds_its_files_below_models_with_the_folders_above_them():
    (layer,) = layers.plan(FILES)
    assert [each.name for each in entries(layer)] == [
        *("models", "models/1", "models/1/variables", "models/deep"),
        *("models/1/variables/ü.data", "models/config.json", f"models/deep/{'n' * 200}"),
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(layer))) as opened:
        assert opened.extractfile("models/1/variables/ü.data").read() == b"ab" * 700


def test_everybody_may_read_it_and_no_time_or_owner_of_ours_stands_in_it():
    (layer,) = layers.plan(FILES)
    for each in entries(layer):
        assert (each.mode, each.mtime, each.uid, each.gid, each.uname, each.gname) == (
            0o755 if each.isdir() else 0o644, 0, 0, 0, "", "",
        )  # fmt: skip


def test_a_layer_is_these_bytes_for_ever_or_images_that_are_out_there_are_built_anew():
    (layer,) = layers.plan(FILES)
    assert layer.digest() == "sha256:dffa48bfd9a4c57b4006665ae48777a7b0ddfc11cc86ed6ec19d3fc4dfef88ec"


def test_its_size_is_known_before_a_file_is_read():
    (layer,) = layers.plan(FILES)
    assert layer.size == len(archive(layer))


def test_a_file_of_more_than_eight_gibibytes_has_a_header_that_says_so():
    head = layers._head(member("big", size=9 * 2**30))
    assert tarfile.TarInfo.frombuf(head[-512:], "utf-8", "strict").name == "models/big"
    assert b" size=9663676416\n" in head


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ([1, 1, 1], [3]),
        ([64 * MIB, 1, 1], [1, 2]),
        ([64 * MIB, 65 * MIB], [1, 1]),
        ([40 * MIB, 40 * MIB, 1], [2, 1]),
        ([100 * 1024 * MIB] * 2, [1, 1]),
    ],
)
def test_a_big_file_is_a_layer_of_its_own_and_small_ones_share_some(sizes, counts):
    planned = layers.plan([member(str(index), size=size) for index, size in enumerate(sizes)])
    assert [len(layer.members) for layer in planned] == counts


@given(st.lists(st.integers(0, 3 * 2**40), min_size=1, max_size=400))
def test_no_file_is_lost_and_no_container_runtime_has_too_many_layers(sizes):
    members = [member(f"{index:03}", size=size) for index, size in enumerate(sizes)]
    planned = layers.plan(members)
    assert sorted(each.path for layer in planned for each in layer.members) == [each.path for each in members]
    assert len(planned) <= 2 * layers.MOST + 1


def test_the_order_in_which_files_are_found_means_nothing():
    assert [archive(each) for each in layers.plan(FILES)] == [archive(each) for each in layers.plan(FILES[::-1])]


@pytest.mark.parametrize("now", [b"other!", b"longer than it was", b""])
def test_a_file_that_has_changed_since_it_was_hashed_makes_no_layer(now):
    was = b"before"
    changed = Member("a", len(was), hashlib.sha256(was).hexdigest(), lambda: iter((now,)))
    with pytest.raises(OutsideError, match="a isn't what it was"):
        archive(Layer((changed,)))
