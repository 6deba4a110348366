"""Which releases there are, and one of them: cheap, and clear about what is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore
from store_kit import write_files
from watched import Ending, Watched, plain

from generator.errors import InputError, OutsideError
from generator.store import read
from generator.store.publish import publish

if TYPE_CHECKING:
    from generator.store.objects import Store


@pytest.fixture
def memory(model) -> MemoryStore:
    """Releases 1, 2 and 10, and a version 11 whose publisher was killed."""
    memory = MemoryStore()
    for version in (1, 2, 10):
        publish(
            plain(memory),
            "digits",
            model({"a": str(version)}, f"m{version}", training_key=f"key-{version % 2}"),
            version=version,
        )
    plain(memory).create(f"digits/11/{'0' * 16}/tensorflow-serving/a", b"half")
    plain(memory).create("digits/notes/release.json", b"{}")
    plain(memory).create("digits/012/release.json", b"{}")
    return memory


@pytest.fixture
def store(memory: MemoryStore) -> Store:
    return plain(memory)


def test_a_release_is_there_when_its_record_is(store: Store) -> None:
    assert [release.version for release in read.releases(store, "digits")] == [10, 2, 1]
    assert read.find(store, "digits", 11) is None
    assert read.find(store, "digits", 3) is None


def test_the_latest_is_the_highest_as_a_number(store: Store) -> None:
    latest = read.latest(store, "digits")
    assert latest is not None
    assert latest.version == 10
    assert read.latest(store, "other") is None


def test_the_latest_costs_one_listing_and_what_lies_above_it(memory: MemoryStore) -> None:
    watch = Ending(0, None)
    read.latest(Watched(memory, watch), "digits")
    assert [moment for moment in watch.seen if moment.startswith("before")] == [
        "before folders",
        "before read",
        "before read",
    ]


@pytest.mark.parametrize(("wanted", "version"), [("latest", 10), ("2", 2), ("10", 10)])
def test_a_variant_names_a_number_or_latest(store: Store, wanted: str, version: int) -> None:
    assert read.resolve(store, "digits", wanted).version == version


@pytest.mark.parametrize("wanted", ["3", "11", "02", "newest"])
def test_a_release_that_is_not_there_lists_those_that_are(store: Store, wanted: str) -> None:
    with pytest.raises(InputError, match=f"digits has no release {wanted} in memory://. There are: 10, 2, 1."):
        read.resolve(store, "digits", wanted)


def test_a_service_without_releases_is_told_how_to_get_one(store: Store) -> None:
    fix = r"Publish one first: serinus publish FILE, with the service file of other\."
    with pytest.raises(InputError, match=rf"other has no release in memory://\. {fix}"):
        read.resolve(store, "other", "latest")


def test_the_newest_release_of_a_training_key_is_found(store: Store) -> None:
    found = read.find_by_training_key(store, "digits", "key-0")
    assert found is not None
    assert found.version == 10
    assert read.find_by_training_key(store, "digits", "key-2") is None


def test_a_broken_record_is_named_by_its_url(folder_store: Store, model, tmp_path) -> None:
    publish(folder_store, "digits", model())
    write_files(tmp_path / "store", {"digits/2/release.json": "{}"})
    with pytest.raises(
        OutsideError, match=r"store/digits/2/release\.json is no record of a release: it has no schemaVersion"
    ):
        read.latest(folder_store, "digits")
    broken, whole = read.survey(folder_store, "digits")
    assert isinstance(broken, OutsideError)
    assert not isinstance(whole, OutsideError)
    assert whole.version == 1


def test_a_record_in_a_wrong_place_is_found_out(folder_store: Store, model, tmp_path) -> None:
    publish(folder_store, "digits", model())
    (tmp_path / "store/digits/1").rename(tmp_path / "store/digits/2")
    with pytest.raises(OutsideError, match="belongs to digits 1: somebody moved"):
        read.latest(folder_store, "digits")


@pytest.mark.parametrize("ask", [read.numbers, read.latest, lambda store, name: read.find(store, name, 1)])
def test_a_name_cannot_lead_out_of_the_store(store: Store, ask) -> None:
    with pytest.raises(InputError, match="is no service name"):
        ask(store, "../digits")
