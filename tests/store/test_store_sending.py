"""How files get there: hashed once, sent once, proven by what the server says, and read back only where it says nothing."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from broken_line import line_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from savedmodel_bytes import saved_model
from store_kit import KINDS, LAYOUT, Place, whole_releases, write_files, write_service
from watched import Ending, Killed, Watched, plain

from generator.errors import OutsideError
from generator.store import hashing, objects
from generator.store.backends import backends
from generator.store.crew import Crew, Room
from generator.store.disk import look
from generator.store.hashing import PART, fingerprint, fingerprints, part_size
from generator.store.objects import Lying, Store
from generator.store.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.model.artifact import Artifact
    from generator.store.disk import Local
    from generator.store.objects import Sent

MEGABYTES = int(os.environ.get("SERINUS_BIG_MODEL", "400"))
"""How big the model is whose publishing is watched for its memory; 5000 shows what is promised."""


def tag_by_the_book(content: bytes, whole: int, part: int) -> str:
    """What Amazon S3 calls an object, written anew: MD5, or the MD5 of the parts' MD5s and their number."""
    if len(content) <= whole:
        return hashlib.md5(content).hexdigest()  # noqa: S324 (theirs)
    digests = [hashlib.md5(content[at : at + part]).digest() for at in range(0, len(content), part)]  # noqa: S324
    return f"{hashlib.md5(b''.join(digests)).hexdigest()}-{len(digests)}"  # noqa: S324


# --- hashing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART + 7])
def test_a_file_is_hashed_as_it_will_be_sent(tmp_path: Path, size: int) -> None:
    content = (b"0123456789abcdef!" * (size // 17 + 1))[:size]
    write_files(tmp_path, {"a": content})
    found = fingerprint(look(tmp_path / "a", tmp_path), tagged=True)
    assert (found.size, found.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert found.tag == tag_by_the_book(content, PART, PART)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.binary(max_size=90), min_size=1, max_size=5), most=st.integers(2, 9))
def test_whatever_the_sizes_of_files_and_parts(tmp_path: Path, contents: list[bytes], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "PART", 4)
        patch.setattr(hashing, "MOST_PARTS", most)
        write_files(tmp_path, {f"{number}": content for number, content in enumerate(contents)})
        files = [look(tmp_path / f"{number}", tmp_path) for number in range(len(contents))]
        tags = [tag_by_the_book(content, 4, part_size(len(content))) for content in contents]
        assert [fingerprint(file, tagged=True).tag for file in files] == tags
        digests = [(len(content), hashlib.sha256(content).hexdigest(), None) for content in contents]
        assert [(each.size, each.sha256, each.tag) for each in fingerprints(files)] == digests
        assert all(-(-len(content) // part_size(len(content))) <= most for content in contents)


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [(1, 1), (16, 1), (16.5, 2), (100, 2), (2 * hashing.MOST_PARTS, 2), (3 * hashing.MOST_PARTS, 3)],
)
def test_the_parts_of_a_big_file_are_bigger(parts: float, pieces: int) -> None:
    assert part_size(int(parts * PART)) == pieces * PART


@pytest.mark.parametrize(
    ("said", "tag"),
    [(None, None), ("", None), ('"ab12"', "ab12"), ('W/"ab12"', "ab12"), ('"AB12-3"', "ab12-3"), ("ab12", "ab12")],
)
def test_a_tag_is_what_stands_in_the_quotes(said: str | None, tag: str | None) -> None:
    assert hashing.tag_of(said) == tag


def test_the_first_failure_is_told_and_ends_the_others() -> None:
    crew, begun = Crew(), list[int]()

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise OutsideError("the fourth")
        for _ in range(400):
            crew.go_on()
            hashlib.sha256(b"x" * 100_000)

    with pytest.raises(OutsideError, match="the fourth"):
        crew.each(work, (range(100), 2), (range(100, 200), 2))
    assert len(begun) < 100
    assert crew.each(lambda number: number * 2, (range(3), 2), (range(3, 5), 1)) == [0, 2, 4, 6, 8]


def test_who_wants_more_room_than_there_is_waits_for_all_of_it() -> None:
    room, together = Room(10), list[int]()

    def work(size: int) -> None:
        with room.taken(size):
            together.append(size)
            assert sum(together) <= 10 or together == [size]
            together.remove(size)

    Crew().each(work, ([3, 20, 7, 10, 1, 9] * 20, 6))


# --- proof -----------------------------------------------------------------------------------------------------------


HONEST = "honest"


class Tagging(Watched):
    """A store that makes its tags of what lies there, as S3 does.

    Args:
        memory: As in Watched.
        moment: As in Watched.
        says: What it says instead, for whatever lies there; ``honest`` for what it should.
        arrives: What becomes of a file on its way.
    """

    def __init__(
        self,
        memory: MemoryStore,
        moment: Callable[[str], None],
        *,
        says: str | None = HONEST,
        arrives: Callable[[bytes], bytes] = bytes,
    ) -> None:
        super().__init__(memory, moment)
        self.tagged, self._memory, self._says, self._arrives = True, memory, says, arrives

    def _watch(self, operation: str) -> Callable[..., Any]:
        real = super()._watch(operation)

        def send(key: str, *arguments: Any) -> str | None:
            real(key, *arguments)
            there = plain(self._memory).read(key) or b""
            self._memory.put(key, self._arrives(there))
            return self._tag(key)

        def lying(prefix: str) -> dict[str, Lying]:
            return {key: Lying(each.size, self._tag(key)) for key, each in real(prefix).items()}

        return {"send": send, "lying": lying}.get(operation, real)

    def _tag(self, key: str) -> str:
        content = plain(self._memory).read(key) or b""
        return tag_by_the_book(content, PART, PART) if self._says == HONEST else self._says


FILES = {"1/saved_model.pb": "graph", "1/variables/data": b"d" * (PART + 1), "1/variables/index": "i"}


def test_what_the_server_proves_is_not_read_back(model: Callable[..., Artifact]) -> None:
    memory, watch = MemoryStore(), Ending(0, None)
    assert publish(Tagging(memory, watch), "digits", model(FILES)).fresh
    assert watch.seen.count("before send") == 3
    assert "before sha256" not in watch.seen
    assert list(whole_releases(plain(memory))) == [1]


@pytest.mark.parametrize("says", ["0" * 32, None, ""])
def test_a_tag_that_is_no_digest_proves_nothing_and_all_is_read_back(
    model: Callable[..., Artifact], says: str | None
) -> None:
    memory, watch = MemoryStore(), Ending(0, None)
    assert publish(Tagging(memory, watch, says=says), "digits", model(FILES)).fresh
    assert watch.seen.count("before sha256") == watch.seen.count("before send") == 3


@pytest.mark.parametrize("says", [HONEST, "0" * 32, None])
def test_a_file_that_is_damaged_on_its_way_makes_no_release(model: Callable[..., Artifact], says: str | None) -> None:
    memory = MemoryStore()
    store = Tagging(memory, Ending(0, None), says=says, arrives=lambda content: content[:-1] + b"?")
    with pytest.raises(OutsideError, match="isn't what was sent"):
        publish(store, "digits", model(FILES))
    assert whole_releases(plain(memory)) == {}


@pytest.mark.parametrize("size", [6, PART, 2 * PART + 7])
@pytest.mark.parametrize("back", [False, True], ids=["for-good", "for-a-moment"])
def test_a_file_that_changes_before_it_is_sent_is_not_taken_for_what_was_hashed(
    model: Callable[..., Artifact], size: int, back: bool
) -> None:
    artifact = model({"1/a": b"a" * size})

    def change(moment: str) -> None:
        if moment == "before send" or (back and moment == "after send"):
            write_files(artifact.root / LAYOUT, {"1/a": (b"b" if moment == "before send" else b"a") * size})

    memory = MemoryStore()
    with pytest.raises(OutsideError, match="changed while it was being published"):
        publish(Tagging(memory, change), "digits", artifact)
    assert whole_releases(plain(memory)) == {}


def test_a_file_that_changes_before_it_is_held_against_what_lies_there_is_not_taken_for_it(
    model: Callable[..., Artifact],
) -> None:
    memory, artifact = MemoryStore(), model({"1/a": "before"})
    publish(plain(memory), "digits", artifact)
    memory.delete("digits/1/release.json")

    def change(moment: str) -> None:
        if moment == "after lying":
            write_files(artifact.root / LAYOUT, {"1/a": "behind"})

    with pytest.raises(OutsideError, match="changed while it was being published"):
        publish(Tagging(memory, change), "digits", artifact)
    assert whole_releases(plain(memory)) == {}


class Slow(Store):
    """A store that is slow to begin with a big file, and notes when the files' first and last bytes are on their way.

    Args:
        memory: Where objects lie.
        fails: Whether it never takes a big file.
    """

    def __init__(self, memory: MemoryStore, *, fails: bool = False) -> None:
        super().__init__("memory://", "memory://", memory, memory)
        self.moments, self._fails = list[str](), fails

    def send(
        self, key: str, source: Local | bytes, size: int, sent: Sent = objects.unwatched, beside: int = 1
    ) -> str | None:
        if size > PART:
            time.sleep(0.1)
            if self._fails:
                raise OutsideError("no room for it.")
        self.moments.append("first " + ("big" if size > PART else "small"))
        left = size

        def noted(piece: bytes | memoryview) -> None:
            nonlocal left
            left -= len(piece)
            if not left and size > PART:
                self.moments.append("last big")
            sent(piece)

        return super().send(key, source, size, noted, beside)


MIXED = {"1/a": "small", "1/b": b"b" * (2 * PART + 1), "1/c": b"c" * (PART + 1), "1/d": "small", "1/e": b"e" * 2 * PART}


def test_small_files_wait_for_the_last_bytes_of_the_big_ones(model: Callable[..., Artifact]) -> None:
    store = Slow(MemoryStore())
    assert publish(store, "digits", model(MIXED)).fresh
    assert store.moments[-2:] == ["first small"] * 2
    assert store.moments.count("last big") == 3


def test_small_files_wait_for_no_big_one_that_fails(model: Callable[..., Artifact]) -> None:
    store = Slow(MemoryStore(), fails=True)
    with pytest.raises(OutsideError, match="no room"):
        publish(store, "digits", model(MIXED))
    assert store.moments == []


def test_what_a_killed_publisher_brought_is_known_by_the_listing(model: Callable[..., Artifact]) -> None:
    memory, artifact = MemoryStore(), model(FILES)
    killed = Ending(0, None)
    with pytest.raises(Killed):
        publish(Tagging(memory, lambda moment: _end_after(killed, moment, "after send", 2)), "digits", artifact)
    watch = Ending(0, None)
    assert publish(Tagging(memory, watch), "digits", artifact).fresh
    assert watch.seen.count("before send") == 1
    assert "before sha256" not in watch.seen


def _end_after(seen: Ending, moment: str, what: str, times: int) -> None:
    seen(moment)
    if seen.seen.count(what) == times:
        raise Killed


def test_what_has_the_right_size_and_another_tag_is_sent_again(model: Callable[..., Artifact]) -> None:
    memory, artifact = MemoryStore(), model({"1/a": "right"})
    release = publish(plain(memory), "digits", artifact).release
    key = f"{release.path}/{LAYOUT}/1/a"
    memory.delete("digits/1/release.json")
    memory.put(key, b"wrong")
    assert publish(Tagging(memory, Ending(0, None)), "digits", artifact).fresh
    assert plain(memory).read(key) == b"right"


# --- the conditional create of a model without a small file ----------------------------------------------------------


def test_a_model_of_big_files_alone_leaves_nothing_but_itself(model: Callable[..., Artifact]) -> None:
    memory = MemoryStore()
    release = publish(plain(memory), "digits", model({"1/big": b"b" * (PART + 1)})).release
    assert set(plain(memory).sizes("digits")) == {f"{release.path}/{LAYOUT}/1/big", "digits/1/release.json"}


def test_a_server_without_conditional_create_is_found_out_by_big_files_too(model: Callable[..., Artifact]) -> None:
    class Overwriting(Watched):
        def _watch(self, operation: str) -> Any:
            def create(key: str, content: bytes) -> bool:
                memory.put(key, content)
                return True

            return create if operation == "create" else super()._watch(operation)

    memory = MemoryStore()
    with pytest.raises(OutsideError, match="no conditional create"):
        publish(Overwriting(memory, Ending(0, None)), "digits", model({"1/big": b"b" * (PART + 1)}))
    assert [key.rpartition("/")[2] for key in plain(memory).sizes("digits")] == ["big"]


# --- what is signed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "unsigned"),
    [
        (None, True),
        ("https://minio.example.com", True),
        ("http://minio.example.com:9000", False),
        ("http://10.0.0.7:9000", False),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000", True),
        ("http://localhost", True),
        ("http://localhost.example.com", False),
    ],
)
def test_the_content_is_signed_where_the_line_can_change_it(endpoint: str | None, unsigned: bool) -> None:
    s3 = backends()["s3"]
    assert s3.connect(s3.parse("models"), endpoint, {}).options["unsigned_payload"] is unsigned
    assert "unsigned_payload" not in s3.connect(s3.parse("models"), endpoint, {"AWS_UNSIGNED_PAYLOAD": "no"}).options


@pytest.mark.parametrize(
    ("says", "sent"), [(None, True), ("when_supported", True), ("when_required", False), ("WHEN_REQUIRED", False)]
)
def test_uploads_carry_a_checksum_unless_the_aws_tools_own_variable_leaves_it_out(says: str | None, sent: bool) -> None:
    s3 = backends()["s3"]
    env = {"AWS_REQUEST_CHECKSUM_CALCULATION": says} if says else {}
    options = s3.connect(s3.parse("models"), None, env).options
    assert options.get("checksum_algorithm") == ("sha256" if sent else None)


# --- real servers ----------------------------------------------------------------------------------------------------


def is_listing(path: str) -> bool:
    return "list-type=2" in path or "comp=list" in path


@pytest.mark.server
@pytest.mark.parametrize("place", KINDS, indirect=True)
@pytest.mark.parametrize("version", [None, 1])
def test_what_is_published_is_known_by_one_listing(
    place: Place, model: Callable[..., Artifact], version: int | None
) -> None:
    with line_to(place.endpoint or "") as line:
        there = Place(place.url, line.endpoint)
        assert publish(there.open(), "digits", model(FILES)).fresh
        line.asked.clear()
        assert not publish(there.open(), "digits", model(FILES), version=version).fresh
        assert {method for method, _ in line.asked} == {"GET"}
        assert sum(is_listing(path) for _, path in line.asked) == 1
        assert not [path for _, path in line.asked if LAYOUT in path]


@pytest.mark.server
@pytest.mark.parametrize("place", ["moto", "versitygw"], indirect=True)
def test_an_s3_server_proves_what_arrived(place: Place, model: Callable[..., Artifact]) -> None:
    with line_to(place.endpoint or "") as line:
        publish(Place(place.url, line.endpoint).open(), "digits", model(FILES))
    read = [path for method, path in line.asked if method == "GET" and LAYOUT in path]
    # One GET: the smallest file, which shows that the server honours a conditional create.
    assert len(read) == 1, read
    assert list(whole_releases(place.open())) == [1]


@pytest.mark.server
@pytest.mark.parametrize("place", ["versitygw"], indirect=True)  # moto keeps those alone that an SDK of AWS has sent
@pytest.mark.parametrize("required", [False, True])
def test_an_s3_server_keeps_the_checksum_of_each_file_and_record(
    place: Place, model: Callable[..., Artifact], required: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a bucket with Object Lock asks for: a checksum of files, of files in parts, and of the record."""
    if required:
        monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    release = publish(place.open(), "digits", model(FILES)).release
    bucket, _, prefix = place.url.removeprefix("s3://").partition("/")
    client = boto3.client("s3", endpoint_url=place.endpoint, region_name="us-east-1")

    def kept(key: str) -> str | None:
        return client.head_object(Bucket=bucket, Key=f"{prefix}/{key}", ChecksumMode="ENABLED").get("ChecksumSHA256")

    def told(*parts: bytes) -> str | None:
        sums = [hashlib.sha256(part).digest() for part in parts]
        whole = f"{_base64(hashlib.sha256(b''.join(sums)).digest())}-{len(sums)}"
        return None if required else _base64(sums[0]) if len(sums) == 1 else whole

    files = f"{release.path}/{LAYOUT}/1"
    assert kept(f"{files}/saved_model.pb") == told(b"graph")
    assert kept(f"{files}/variables/data") == told(b"d" * PART, b"d")
    record = place.open().read("digits/1/release.json")
    assert record
    assert kept("digits/1/release.json") == told(record)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@pytest.mark.server
@pytest.mark.parametrize("place", KINDS, indirect=True)
def test_a_server_that_is_overloaded_now_and_then_is_asked_again(place: Place, model: Callable[..., Artifact]) -> None:
    with line_to(place.endpoint or "") as line:
        line.falters(every=4)
        assert publish(Place(place.url, line.endpoint).open(), "digits", model(FILES)).fresh
    assert list(whole_releases(place.open())) == [1]


@pytest.mark.server
@pytest.mark.parametrize("place", ["folder", "versitygw"], indirect=True)
def test_a_big_model_needs_little_memory(place: Place, tmp_path: Path) -> None:
    """One file of all but 100 MB, and 1,000 of 100 kB each, in less than 200 MB."""
    model = tmp_path / "service" / "model"
    write_files(model, {"saved_model.pb": saved_model(), **{f"assets/{n}": b"%9d" % n * 11_111 for n in range(1000)}})
    with (model / "assets/large").open("wb") as file:
        file.truncate((MEGABYTES - 100) * 1_000_000)
    command = ["publish", str(write_service(tmp_path / "service", *place)), "--model", str(model)]
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    most = 0
    while process.poll() is None:
        most = max(most, most_memory(process.pid))
        time.sleep(0.01)
    assert process.stderr
    talk = process.stderr.read()
    process.stderr.close()
    assert process.returncode == 0, talk
    print(f"{most / 1e6:.0f} MB")
    assert 30_000_000 < most < 200_000_000


def most_memory(pid: int) -> int:
    """The most bytes that a process has had in memory; rusage would count what its parent had when it forked."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
