"""The protocol: whatever happens between two operations, what is visible is whole and never changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from store_kit import LAYOUT, whole_releases, write_files
from watched import Actor, Ending, Killed, Watched, plain

from generator.errors import AnswerIsNoError, InputError, OutsideError
from generator.model.artifact import Artifact
from generator.store import read
from generator.store.collect import collect
from generator.store.objects import PART
from generator.store.publish import Published, publish
from generator.store.release import Release, digest_of, to_json

if TYPE_CHECKING:
    from generator.store.objects import Store

MODELS: dict[str, dict[str, bytes | str]] = {
    "a": {"1/saved_model.pb": "a", "1/variables/index": "same"},
    "b": {"1/saved_model.pb": "b", "1/variables/index": "same"},
    "c": {"1/saved_model.pb": "c"},
}
NAMES = st.sampled_from(sorted(MODELS))
VERSIONS = st.sampled_from([None, None, 1, 2])
MOST_MOMENTS = 60


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """Three models; hypothesis runs many examples with the same files."""
    top = tmp_path_factory.mktemp("models")
    for name, files in MODELS.items():
        write_files(top / name / LAYOUT, files)
    return {name: Artifact(root=top / name, format="savedmodel", layouts=(LAYOUT,)) for name in MODELS}


@pytest.fixture(scope="module")
def digests(models: dict[str, Artifact]) -> dict[str, str]:
    return {name: collect(artifact).digest for name, artifact in models.items()}


def everything(memory: MemoryStore) -> dict[str, bytes]:
    store = plain(memory)
    return {key: store.read(key) or b"" for key in store.sizes("digits")}


# --- one publisher -----------------------------------------------------------------------------------------------


def test_the_first_release_is_1_and_its_record_is_written_last(models, digests) -> None:
    memory, watch = MemoryStore(), Ending(0, None)
    published = publish(Watched(memory, watch), "digits", models["a"])
    assert published.fresh
    assert published.release.path == f"digits/1/{digests['a'][:16]}"
    assert everything(memory) == {
        f"digits/1/{digests['a'][:16]}/{LAYOUT}/1/saved_model.pb": b"a",
        f"digits/1/{digests['a'][:16]}/{LAYOUT}/1/variables/index": b"same",
        "digits/1/release.json": to_json(published.release),
    }
    steps = {"after send", "after sha256", "after flush", "before create"}
    order = [moment for moment in watch.seen if moment in steps]
    # The first create is the probe whether the store refuses it.
    assert order == ["after send", "after sha256"] * 2 + ["after flush"] + ["before create"] * 2 + ["after flush"]


def test_what_the_artifact_knows_is_in_the_record(model, folder_store) -> None:
    artifact = model(metrics={"accuracy": 0.97}, training_key="k", trained_with={"seed": 7}, runtimes={LAYOUT: "2.20"})
    release = publish(folder_store, "digits", artifact).release
    assert read.find(folder_store, "digits", 1) == release
    assert (release.metrics, release.training_key, release.runtimes) == ({"accuracy": 0.97}, "k", {LAYOUT: "2.20"})


def test_a_second_identical_publish_sends_nothing_and_says_so(models) -> None:
    memory, watch, told = MemoryStore(), Ending(0, None), []
    publish(plain(memory), "digits", models["a"])
    publish(plain(memory), "digits", models["b"])
    before = everything(memory)
    again = publish(Watched(memory, watch), "digits", models["a"], say=told.append)
    assert (again.fresh, again.release.version) == (False, 1)
    assert told == ["already published as 1; nothing was sent"]
    assert not {"before send", "before create", "before remove"} & {*watch.seen}
    assert everything(memory) == before


def test_other_content_gets_the_highest_version_and_one(models) -> None:
    memory = MemoryStore()
    assert publish(plain(memory), "digits", models["a"], version=7).release.version == 7
    assert publish(plain(memory), "digits", models["b"], version=2).release.version == 2
    assert publish(plain(memory), "digits", models["c"]).release.version == 8
    assert sorted(whole_releases(plain(memory))) == [2, 7, 8]


def test_content_published_twice_is_found_as_the_newest(models) -> None:
    memory = MemoryStore()
    for version in (1, 10, 9):
        publish(plain(memory), "digits", models["a"], version=version)
    assert publish(plain(memory), "digits", models["a"]).release.version == 10


def test_services_do_not_see_one_another(models) -> None:
    memory = MemoryStore()
    publish(plain(memory), "digits", models["a"])
    assert publish(plain(memory), "digits-2", models["a"]).fresh


def test_a_version_never_changes(models, digests) -> None:
    memory = MemoryStore()
    publish(plain(memory), "digits", models["a"], version=1)
    before = everything(memory)
    assert not publish(plain(memory), "digits", models["a"], version=1).fresh
    with pytest.raises(AnswerIsNoError, match=f"taken by other content .*{digests['a'][:16]}.*{digests['b'][:16]}"):
        publish(plain(memory), "digits", models["b"], version=1)
    assert everything(memory) == before


def test_files_that_are_there_are_not_sent_again(models) -> None:
    memory = MemoryStore()
    with pytest.raises(Killed):
        publish(Watched(memory, Ending(9, Killed)), "digits", models["a"])
    assert len(everything(memory)) == 1
    watch = Ending(0, None)
    publish(Watched(memory, watch), "digits", models["a"])
    assert watch.seen.count("after send") == 1


def test_a_damaged_file_is_sent_again(models, digests) -> None:
    memory = MemoryStore()
    key = f"digits/1/{digests['c'][:16]}/{LAYOUT}/1/saved_model.pb"
    assert plain(memory).create(key, b"x")
    publish(plain(memory), "digits", models["c"])
    assert everything(memory)[key] == b"c"


def test_a_store_that_damages_files_gets_no_release(models) -> None:
    class Damaging(Watched):
        def _watch(self, operation: str) -> Any:
            real = super()._watch(operation)
            return (lambda *_: "0" * 64) if operation == "sha256" else real

    memory = MemoryStore()
    with pytest.raises(OutsideError, match="isn't what was sent"):
        publish(Damaging(memory, Ending(0, None)), "digits", models["a"])
    assert whole_releases(plain(memory)) == {}


def test_a_file_that_changes_while_it_is_sent_makes_no_release(model) -> None:
    artifact = model({"1/a": "before"})

    def change(moment: str) -> None:
        if moment == "before send":
            write_files(artifact.root / LAYOUT, {"1/a": "after"})

    memory = MemoryStore()
    with pytest.raises(OutsideError, match="changed while it was being published"):
        publish(Watched(memory, change), "digits", artifact)
    assert whole_releases(plain(memory)) == {}


def test_a_server_without_conditional_create_is_refused(models) -> None:
    class Overwriting(Watched):
        def _watch(self, operation: str) -> Any:
            def create(key: str, content: bytes) -> bool:
                memory.put(key, content)
                return True

            return create if operation == "create" else super()._watch(operation)

    memory = MemoryStore()
    with pytest.raises(OutsideError, match="no conditional create"):
        publish(Overwriting(memory, Ending(0, None)), "digits", models["a"])
    assert whole_releases(plain(memory)) == {}


def test_what_killed_publishers_left_goes_when_the_version_is_taken(models, digests) -> None:
    memory = MemoryStore()
    with pytest.raises(Killed):
        publish(Watched(memory, Ending(15, Killed)), "digits", models["a"])
    assert plain(memory).create("digits/1/notes/README", b"somebody's")
    publish(plain(memory), "digits", models["b"])
    folders = {key.split("/")[2] for key in everything(memory)}
    assert folders == {digests["b"][:16], "release.json", "notes"}


def test_a_collision_of_short_digests_costs_the_winner_nothing(models, monkeypatch) -> None:
    for module in ("collect", "release"):
        monkeypatch.setattr(f"generator.store.{module}.digest_of", lambda files: "0" * 16 + digest_of(files)[16:])
    memory = MemoryStore()
    publish(plain(memory), "digits", models["a"])
    before = everything(memory)
    with pytest.raises(AnswerIsNoError):
        publish(plain(memory), "digits", models["b"], version=1)
    assert everything(memory) == before


def test_the_versions_end_somewhere(models) -> None:
    memory = MemoryStore()
    publish(plain(memory), "digits", models["a"], version=999_999_999)
    with pytest.raises(InputError, match="is no version"):
        publish(plain(memory), "digits", models["b"])


def test_unfinished_local_files_are_no_part_of_a_release_and_go(model, folder_store, tmp_path: Path) -> None:
    artifact = model({"1/a": "x"})
    digest = collect(artifact).digest[:16]
    staged = [f"digits/1/{digest}/{LAYOUT}/1/a#1", "digits/1/release.json#1", f"digits/1/{'0' * 16}/{LAYOUT}/1/b#12"]
    write_files(tmp_path / "store", dict.fromkeys(staged, "half"))
    release = publish(folder_store, "digits", artifact).release
    assert [file.path for file in release.files] == [f"{digest}/{LAYOUT}/1/a"]
    assert not list((tmp_path / "store").rglob("*#*"))
    write_files(tmp_path / "store", {staged[0]: "half"})
    publish(folder_store, "digits", artifact, version=1)
    assert not list((tmp_path / "store").rglob("*#*"))


def test_what_is_left_out_and_what_will_not_arrive_is_said(model) -> None:
    told: list[str] = []
    publish(
        plain(MemoryStore()),
        "digits",
        model({"a": "x", ".b": "", **{f"{index}": "" for index in range(7)}}),
        say=told.append,
    )
    assert told[0].startswith("left out, for the name starts with a dot: /")
    assert (
        told[1]
        == "empty, so KServe 0.17 and newer won't fetch it from S3: "
        + ", ".join(f"{LAYOUT}/{index}" for index in range(5))
        + " and 2 more"
    )


# --- kills, failures and many at once --------------------------------------------------------------------------------

ENDINGS = st.tuples(st.integers(0, MOST_MOMENTS), st.sampled_from([None, Killed, OutsideError]))
many_examples = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@many_examples
@given(runs=st.lists(st.tuples(NAMES, VERSIONS, ENDINGS), max_size=6))
def test_a_publish_that_ends_anywhere_leaves_a_whole_store(models, digests, runs) -> None:
    memory = MemoryStore()
    known: dict[int, str] = {}
    for name, version, ending in runs:
        try:
            published = publish(Watched(memory, Ending(*ending)), "digits", models[name], version=version)
        except (Killed, OutsideError):
            pass
        except AnswerIsNoError:
            assert version is not None
            assert known[version] != digests[name]
        else:
            assert published.release.digest == digests[name]
        visible = whole_releases(plain(memory))
        assert known.items() <= visible.items()  # nothing that was published has changed or gone
        known = visible
    for name, artifact in models.items():
        published = publish(plain(memory), "digits", artifact)
        assert (published.release.digest, published.fresh) == (digests[name], digests[name] not in known.values())
    assert set(whole_releases(plain(memory)).values()) == set(digests.values())


@pytest.mark.parametrize("error", [Killed, OutsideError])
def test_every_single_moment_can_be_the_last(models, digests, error) -> None:
    whole = Ending(0, None)
    memory = MemoryStore()
    publish(plain(memory), "digits", models["b"])
    publish(Watched(memory, whole), "digits", models["a"])
    assert len(whole.seen) < MOST_MOMENTS
    for moments in range(len(whole.seen)):
        memory = MemoryStore()
        publish(plain(memory), "digits", models["b"])
        ended = Watched(memory, Ending(moments, error))
        try:
            publish(ended, "digits", models["a"])
        except (Killed, OutsideError):
            pass
        else:
            # Only after the record stands may an error be passed over.
            assert error is OutsideError
            assert whole_releases(plain(memory)) == {1: digests["b"], 2: digests["a"]}
        assert {1: digests["b"]}.items() <= whole_releases(plain(memory)).items()
        publish(plain(memory), "digits", models["a"])
        assert whole_releases(plain(memory)) == {1: digests["b"], 2: digests["a"]}


@pytest.mark.slow
@many_examples
@given(
    runs=st.lists(st.tuples(NAMES, VERSIONS), min_size=2, max_size=4),
    schedule=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None] * 12 + [Killed, OutsideError])), max_size=120
    ),
)
def test_publishers_at_once_never_harm_one_another(models, digests, runs, schedule) -> None:
    memory = MemoryStore()

    def act(name: str, version: int | None) -> Any:
        return lambda store: publish(store, "digits", models[name], version=version)

    actors = [Actor(memory, act(name, version)) for name, version in runs]
    known: dict[int, str] = {}
    disturbed = False
    while alive := [actor for actor in actors if not actor.done]:
        turn, order = schedule.pop(0) if schedule else (0, None)
        disturbed |= order is not None
        alive[turn % len(alive)].step(order)
        visible = whole_releases(plain(memory))  # at every moment, not only in the end
        assert known.items() <= visible.items()
        known = visible
    for actor, (name, version) in zip(actors, runs, strict=True):
        if isinstance(actor.outcome, Published):
            assert known[actor.outcome.release.version] == digests[name]
        elif isinstance(actor.outcome, AnswerIsNoError):
            assert known[version or 0] != digests[name]
        else:
            assert disturbed, actor.outcome
            assert isinstance(actor.outcome, Killed | OutsideError)
    if not disturbed:
        _check_order(memory, actors, runs, known)


def _check_order(
    memory: MemoryStore, actors: list[Actor], runs: list[tuple[str, int | None]], known: dict[int, str]
) -> None:
    """Undisturbed, each version was made by exactly one, and nothing is left that no release names."""
    made = [
        actor.outcome.release.version
        for actor in actors
        if isinstance(actor.outcome, Published) and actor.outcome.fresh
    ]
    assert sorted(made) == sorted(known)
    if not any(version for _, version in runs):
        assert sorted(known) == list(range(1, len(known) + 1))
    assert all(isinstance(actor.outcome, Published) for actor, run in zip(actors, runs, strict=True) if run[1] is None)
    store = plain(memory)
    named = {f"digits/{version}/release.json" for version in known}
    for release in read.releases(store, "digits"):
        assert isinstance(release, Release)
        named |= {f"{release.folder}/{file.path}" for file in release.files}
    assert set(store.sizes("digits")) == named


def test_who_watches_sees_every_byte_once(model, folder_store: Store) -> None:
    artifact = model({"a": "x" * 1000, "b": "", "c": b"y" * (2 * PART + 5)})
    seen: list[tuple[int, int]] = []
    publish(folder_store, "digits", artifact, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1000 + 2 * PART + 5, 1000 + 2 * PART + 5)
    assert seen == sorted(set(seen))
    seen.clear()
    (Path(folder_store.url) / "digits/1/release.json").unlink()  # as a publisher leaves it that was killed at the end
    publish(folder_store, "digits", artifact, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    seen.clear()
    publish(folder_store, "digits", artifact, progress=lambda done, total: seen.append((done, total)))
    assert seen == []
