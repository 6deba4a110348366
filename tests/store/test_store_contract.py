"""What every store keeps, a folder as well as a bucket on each kind of server: what publishing and reading rely on."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from broken_line import line_to
from store_kit import EVERY, LAYOUT, SERVED, Place, whole_releases, write_files

from generator.errors import AnswerIsNoError, OutsideError
from generator.store import connect
from generator.store.disk import look
from generator.store.objects import PART
from generator.store.publish import Published, publish
from generator.store.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.artifact import Artifact
    from object_servers import Served

pytestmark = pytest.mark.server
everywhere = pytest.mark.parametrize("place", EVERY, indirect=True)
on_servers = pytest.mark.parametrize("server", SERVED, indirect=True)

PAGE = 1000
"""Keys that S3 and Google Cloud Storage list at once."""
AZURES_PAGE = 5000
ODD_NAMES = [
    "sp ace",
    "ü",
    "%20",
    "a+b",
    "a?*:~|<>",
    "[x]",
    "x#",
    "a&b=c",
    "q'q",
    "{}^`",
    "😀",
    'quo"te',
    "a;b,c",
    "..a",
]


# --- objects ---------------------------------------------------------------------------------------------------------


@everywhere
def test_an_object_is_created_once(place: Place) -> None:
    store = place.open()
    assert store.create("digits/1/release.json", b"first")
    assert not store.create("digits/1/release.json", b"second")
    assert store.read("digits/1/release.json") == b"first"


@everywhere
def test_of_many_at_once_exactly_one_creates(place: Place) -> None:
    store, start = place.open(), threading.Barrier(8)

    def create(key: str, writer: int) -> bool:
        start.wait(timeout=30)
        return store.create(key, f"{writer}".encode())

    for turn in range(10):
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda writer, turn=turn: create(f"digits/{turn}/release.json", writer), range(8)))
        assert sum(won) == 1
        assert store.read(f"digits/{turn}/release.json") == f"{won.index(True)}".encode()


@everywhere
def test_names_that_urls_must_escape(place: Place) -> None:
    store = place.open()
    for name in ODD_NAMES:
        assert store.create(f"odd/{name}", name.encode())
        assert not store.create(f"odd/{name}", b"other")
    assert store.sizes("odd") == {f"odd/{name}": len(name.encode()) for name in ODD_NAMES}
    assert all(store.read(f"odd/{name}") == name.encode() for name in ODD_NAMES)
    store.remove([*store.sizes("odd"), "odd/gone"])
    assert store.sizes("odd") == {}


@everywhere
def test_a_prefix_is_a_folder_and_not_the_beginning_of_a_name(place: Place) -> None:
    store = place.open()
    for key in ("digits/1/a", "digits/10/a", "digits-2/1/a"):
        store.create(key, b"x")
    assert sorted(store.folders("digits")) == ["1", "10"]
    assert store.sizes("digits/1") == {"digits/1/a": 1}


@everywhere
def test_what_is_not_there(place: Place) -> None:
    store = place.open()
    assert (store.folders("a"), store.sizes("a"), store.read("a"), store.sha256("a")) == ([], {}, None, None)


@everywhere
def test_a_listing_has_more_than_a_page(place: Place) -> None:
    store = place.open()
    count = (AZURES_PAGE if ".blob." in place.url else PAGE) + 7
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.create(f"many/{number // 100}/{number}", b"x"), range(count)))
    assert len(store.sizes("many")) == count
    assert len(store.folders("many")) == -(-count // 100)


@everywhere
def test_a_file_of_several_parts(place: Place, tmp_path: Path) -> None:
    store, content = place.open(), bytes(range(256)) * (2 * PART // 256) + b"the rest"
    write_files(tmp_path, {"big": content})
    store.send("digits/big", look(tmp_path / "big", tmp_path), len(content))
    assert store.sizes("digits") == {"digits/big": len(content)}
    assert store.sha256("digits/big") == hashlib.sha256(content).hexdigest()


@everywhere
def test_an_empty_file(place: Place) -> None:
    store = place.open()
    store.send("digits/empty", b"", 0)
    assert (store.read("digits/empty"), store.sizes("digits")) == (b"", {"digits/empty": 0})


@on_servers
def test_a_bucket_that_is_not_there(server: Served) -> None:
    store = connect.open_store(f"{server.url[: -len('models')]}missing-bucket", server.endpoint)
    for ask in (store.folders, store.sizes, store.read, lambda key: store.create(key, b"")):
        with pytest.raises(OutsideError, match=r"the (bucket|container) doesn't exist"):
            ask("digits")


# --- publishing ------------------------------------------------------------------------------------------------------


@everywhere
def test_what_is_published_is_published_once(place: Place, model: Callable[..., Artifact]) -> None:
    store, first = place.open(), model(name="first")
    assert publish(store, "digits", first).fresh
    there = store.sizes("digits")
    assert not publish(place.open(), "digits", first).fresh
    assert store.sizes("digits") == there
    assert publish(store, "digits", model({"1/saved_model.pb": "other"}, name="other")).release.version == 2
    assert sorted(whole_releases(store)) == [1, 2]


@everywhere
@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"grapH", "has other content"), (b"gra", "has 3 bytes, and the record says 5"), (None, "is gone")],
    ids=["a flipped bit", "cut", "deleted"],
)
def test_damage_is_found(place: Place, model: Callable[..., Artifact], content: bytes | None, problem: str) -> None:
    store = place.open()
    release = publish(store, "digits", model({"1/saved_model.pb": "graph", "1/variables/index": "i"})).release
    assert verify(store, release) == ()
    key = f"{release.path}/{LAYOUT}/1/saved_model.pb"
    store.remove([key])
    if content is not None:
        store.send(key, content, len(content))
    (fault,) = verify(place.open(), release)
    assert fault.url == store.url_of(key)
    assert problem in fault.problem


@everywhere
def test_two_writers_race_for_one_version(place: Place, model: Callable[..., Artifact]) -> None:
    models = [model({"1/saved_model.pb": f"{index}"}, name=f"model-{index}") for index in range(2)]
    start = threading.Barrier(2)

    def run(turn: int, artifact: Artifact) -> Published | AnswerIsNoError:
        store = place.open()
        start.wait(timeout=30)
        try:
            return publish(store, f"digits-{turn}", artifact, version=1)
        except AnswerIsNoError as no:
            return no

    for turn in range(5):
        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(lambda artifact, turn=turn: run(turn, artifact), models))
        made = [each for each in ended if isinstance(each, Published)]
        assert len(made) == 1, ended
        assert whole_releases(place.open(), f"digits-{turn}") == {1: made[0].release.digest}
        # A record and the winner's one file: the loser has taken his away.
        assert len(place.open().sizes(f"digits-{turn}")) == 2


@everywhere
def test_a_damaged_file_of_a_broken_publishing_is_sent_again(place: Place, model: Callable[..., Artifact]) -> None:
    store, artifact = place.open(), model({"1/saved_model.pb": "right"})
    release = publish(store, "digits", artifact).release
    key = f"{release.path}/{LAYOUT}/1/saved_model.pb"
    store.remove(["digits/1/release.json", key])
    store.send(key, b"wrong", 5)
    assert publish(store, "digits", artifact).fresh
    assert store.read(key) == b"right"


@pytest.mark.parametrize("server", ["versitygw", "gcs", "azurite"], indirect=True)
@pytest.mark.parametrize("answers_last", [True, False], ids=["request lost", "answer lost"])
@pytest.mark.usefixtures("impatient")
def test_every_request_may_be_the_last(
    server: Served, tmp_path: Path, model: Callable[..., Artifact], answers_last: bool
) -> None:
    """A publisher's line breaks after each of its requests in turn: nothing half is seen, and the next one goes on."""
    artifact = model({"1/saved_model.pb": "graph", "1/variables/data": b"x" * (PART + 1), "1/variables/index": "i"})
    direct = connect.open_store(f"{server.url}/{tmp_path.name}", server.endpoint)
    with line_to(server.endpoint) as line:
        store = connect.open_store(f"{server.url}/{tmp_path.name}", line.endpoint)
        for requests in range(100):
            service = f"digits-{requests}"
            line.breaks(requests, answers_last=answers_last)
            try:
                published = publish(store, service, artifact)
            except OutsideError:
                published = None
            visible = whole_releases(direct, service)
            assert published is None or visible == {1: published.release.digest}
            there = set(direct.sizes(service))
            line.mended()
            assert publish(store, service, artifact).release.version == 1
            assert list(whole_releases(direct, service)) == [1]
            sent = [path for path in line.written if any(path.endswith(key.rpartition("/")[2]) for key in there)]
            assert sent == [], "what had arrived was sent again"
            if published and requests > 5 and not line.written:
                return
    pytest.fail("a publishing without an end")


@pytest.mark.parametrize("server", ["versitygw", "azurite"], indirect=True)  # the others ask for none
def test_wrong_credentials_are_told_and_not_repeated(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"AWS_SECRET_ACCESS_KEY": "wr0ngwr0ng", "AZURE_STORAGE_ACCOUNT_KEY": "wr0ngwr0ngwr0ngwr0ng"}
    for variable, value in wrong.items():
        monkeypatch.setenv(variable, value)
    store = connect.open_store(f"{server.url}/{tmp_path.name}", server.endpoint)
    with pytest.raises(
        OutsideError, match=r"the server doesn't know these credentials|The account's key must be"
    ) as caught:
        store.folders("digits")
    assert "wr0ng" not in str(caught.value)
