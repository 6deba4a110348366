"""``serinus releases prune``: old releases go for good, and none that a lock file names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_kit import whole_releases, write_service

from generator.errors import OutsideError
from generator.store import prune
from generator.store.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.store.objects import Store


@pytest.fixture
def five(folder_store: Store, model: Callable[..., Artifact]) -> Store:
    """A store with the releases 1 to 5."""
    for number in range(1, 6):
        publish(folder_store, "digits", model({"1/saved_model.pb": f"graph {number}"}, name=f"model{number}"))
    return folder_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_service(tmp_path, "./store")


def test_the_newest_stay(run, file: Path, five: Store) -> None:
    ended = run("releases", file, "prune", "--keep", "2")
    assert ended.code == 0
    assert [line.split()[:2] for line in ended.out.splitlines()] == [["digits", str(number)] for number in (1, 2, 3)]
    assert sorted(whole_releases(five)) == [4, 5]
    assert set(five.sizes("digits/1")) == {"digits/1/pruned.json"}


def test_what_a_lock_file_names_stays(run, file: Path, five: Store, tmp_path: Path) -> None:
    file.write_text(file.read_text().replace("release: latest", 'release: "2"'))
    assert run("lock", file).code == 0
    branch = tmp_path / "branch"
    other = write_service(branch, str(tmp_path / "store"))
    other.write_text(other.read_text().replace("release: latest", 'release: "1"'))
    assert run("lock", other).code == 0
    ended = run("releases", file, "prune", "--keep", "1", "--lock", branch / "serinus.lock")
    assert ended.code == 0
    assert f"digits 2 stays: {tmp_path / 'serinus.lock'} names it" in ended.err
    assert sorted(whole_releases(five)) == [1, 2, 5]


def test_the_pins_of_environments_stay_too(run, file: Path, five: Store) -> None:
    file.write_text(file.read_text() + 'environments: {prod: {variants: [{name: stable, release: "3"}]}}\n')
    assert run("lock", file).code == 0
    assert run("releases", file, "prune", "--keep", "1").code == 0
    assert sorted(whole_releases(five)) == [3, 5]


def test_a_dry_run_removes_nothing(run, file: Path, five: Store) -> None:
    ended = run("releases", file, "prune", "--keep", "4", "--dry-run")
    assert ended.out.startswith("digits 1 would go: 1 file")
    assert sorted(whole_releases(five)) == [1, 2, 3, 4, 5]


def test_a_version_that_was_pruned_is_never_published_again(run, file: Path, five: Store, tmp_path: Path) -> None:
    assert run("releases", file, "prune", "--keep", "1").code == 0
    (tmp_path / "m").mkdir()
    from savedmodel_bytes import saved_model

    (tmp_path / "m/saved_model.pb").write_bytes(saved_model())
    ended = run("publish", file, "--model", tmp_path / "m", "--version", "2")
    assert (ended.code, "digits 2 was pruned" in ended.err) == (1, True)
    assert run("publish", file, "--model", tmp_path / "m").out.startswith(f"{tmp_path}/store/digits/6/")


@pytest.mark.parametrize("step", range(1, 9))
def test_killed_at_any_step_the_release_is_whole_or_gone_and_the_next_prune_goes_on(
    five: Store, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Every call of the store that changes something is a place where a kill may fall."""
    calls = 0
    kinds = {name: getattr(type(five), name) for name in ("create", "remove", "sweep")}

    def killing(kind: str) -> Callable[..., object]:
        def call(store: Store, *arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise OutsideError("killed")
            return kinds[kind](store, *arguments)

        return call

    with monkeypatch.context() as patched:
        for kind in kinds:
            patched.setattr(type(five), kind, killing(kind))
        selection = prune.select(five, "digits", 3, {})
        assert [release.version for release in selection.gone] == [2, 1]
        if step <= 8:
            with pytest.raises(OutsideError, match="killed"):
                prune.remove(five, "digits", selection, lambda _: None)
    left = whole_releases(five)  # each of them whole
    assert {3, 4, 5} <= set(left) <= {1, 2, 3, 4, 5}
    prune.remove(five, "digits", prune.select(five, "digits", 3, {}), lambda _: None)
    assert sorted(whole_releases(five)) == [3, 4, 5]
    assert {key for number in (1, 2) for key in five.sizes(f"digits/{number}")} == {
        "digits/1/pruned.json",
        "digits/2/pruned.json",
    }


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["prune"], "has to know how many stay"),
        (["prune", "--keep", "0"], "--keep has to be at least 1"),
        (["prune", "3", "--keep", "2"], "takes no release, and 1 are named"),
        (["prune", "--keep", "1", "--lock", "gone.lock"], "there is no lock file gone.lock"),
        (["show"], "takes one release, and 0 are named"),
        (["compare", "1"], "takes two releases, and 1 are named"),
        (["compare", "1", "9"], "digits has no release 9"),
        (["delete", "1"], "releases can't do 'delete'"),
        (["--keep", "2"], "are for releases prune"),
    ],
)
def test_wrong_words_end_with_2_and_remove_nothing(
    run, file: Path, five: Store, arguments: list[str], reason: str
) -> None:
    ended = run("releases", file, *arguments)
    assert ended.code == 2
    assert reason in ended.err
    assert sorted(whole_releases(five)) == [1, 2, 3, 4, 5]
