"""``serinus publish`` and ``serinus releases``, as a user types them."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from savedmodel_bytes import saved_model
from store_kit import LAYOUT, SERVED, Place, serinus, whole_releases, write_files, write_service

from generator.model.artifact import Artifact, read_artifact, write_artifact
from generator.store.connect import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from object_servers import Served


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a service file that publishes into ``store`` beside it, and a model."""
    write_service(tmp_path, "./store")
    write_files(tmp_path / "m", {"saved_model.pb": saved_model(), "variables/index": "x"})
    return tmp_path


def train(here: Path, accuracy: float) -> None:
    """What `serinus train` leaves."""
    root = here / "build" / "digits" / "artifact"
    write_files(root / "savedmodel/savedmodel", {"saved_model.pb": saved_model(), "variables/index": "trained"})
    exports = {"savedmodel": "savedmodel/savedmodel"}
    write_artifact(
        Artifact(root, "savedmodel", (), exports=exports, metrics={"accuracy": accuracy}, training_key="key")
    )


def test_a_model_brought_along_is_published_once(run, here: Path) -> None:
    first = run("publish", here / "serinus.yaml", "--model", here / "m")
    assert first.code == 0
    assert "the gate isn't asked" in first.err
    assert "published digits 1" in first.err
    folder = Path(first.out.strip())
    assert folder.parent == here / "store" / "digits" / "1"
    assert (folder / LAYOUT / "1" / "saved_model.pb").read_bytes() == (here / "m" / "saved_model.pb").read_bytes()
    again = run("publish", here / "serinus.yaml", "--model", here / "m")
    assert (again.code, again.out) == (0, first.out)
    assert "already published as 1; nothing was sent" in again.err


def test_nothing_is_said_of_a_gate_that_isnt_there(run, here: Path) -> None:
    file = here / "serinus.yaml"
    file.write_text(file.read_text().replace(', gate: {accuracy: ">= 0.95"}', ""))
    published = run("publish", file, "--model", here / "m")
    assert (published.code, "the gate isn't asked" in published.err) == (0, False)


def test_a_service_that_trains_nothing_isnt_told_to_train(run, here: Path) -> None:
    file = here / "serinus.yaml"
    nothing = run("publish", file)
    assert nothing.code == 2
    assert f"{file}:6:8: this service trains nothing: it has no model.train." in nothing.err
    assert f"Name the model that you bring along: serinus publish {file} --model PATH." in nothing.err


def test_a_version_taken_by_other_content_is_the_answer_no(run, here: Path) -> None:
    assert run("publish", here / "serinus.yaml", "--model", here / "m", "--version", "4").code == 0
    assert run("publish", here / "serinus.yaml", "--model", here / "m", "--version", "4").code == 0
    write_files(here / "m", {"assets/new": "x"})
    taken = run("publish", here / "serinus.yaml", "--model", here / "m", "--version", "4")
    assert (taken.code, taken.out) == (1, "")
    assert "digits 4 is taken by other content" in taken.err
    assert run("publish", here / "serinus.yaml", "--model", here / "m").out.startswith(f"{here}/store/digits/5/")


def test_what_was_trained_is_published_if_the_gate_is_met(run, here: Path) -> None:
    file = here / "serinus.yaml"
    file.write_text(file.read_text().replace("gate:", "train: {task: image-classification, data: digits}, gate:"))
    nothing = run("publish", file)
    assert nothing.code == 2
    assert "nothing was trained for digits yet. Train it first: serinus train" in nothing.err
    train(here, 0.5)
    refused = run("publish", here / "serinus.yaml")
    assert refused.code == 1
    assert "the gate isn't met" in refused.err
    assert not (here / "store").exists()
    train(here, 0.97)
    assert run("publish", here / "serinus.yaml").code == 0
    (release,) = json.loads(run("releases", here / "serinus.yaml", "--format", "json").out)
    assert (release["metrics"], release["trainingKey"]) == ({"accuracy": 0.97}, "key")


def test_the_layouts_that_the_platform_reads_are_published(run, here: Path, monkeypatch) -> None:
    for module in ("cli.publishing", "store.brought"):
        monkeypatch.setattr(
            f"generator.{module}.layouts_of", lambda service: {LAYOUT: "savedmodel", "triton": "savedmodel"}
        )
    train(here, 0.97)
    for arguments in ([], ["--model", here / "m"]):
        folder = Path(run("publish", here / "serinus.yaml", *arguments).out.strip())
        assert {entry.name for entry in folder.iterdir()} == {LAYOUT, "triton"}
        assert (folder / "triton/digits/config.pbtxt").read_text().startswith('name: "digits"\n')


def test_a_release_that_lacks_a_layout_is_made_anew_without_training(here: Path, monkeypatch) -> None:
    from generator.cli.release import _released
    from generator.loading.load import load
    from trainer.run import Outcome

    train(here, 0.97)
    artifact = read_artifact(here / "build/digits/artifact")
    monkeypatch.setattr("trainer.service.training_key", lambda service, data: "key")
    monkeypatch.setattr("trainer.service.train_service", lambda service, **_: Outcome(artifact, fresh=False))
    service, store = load(here / "serinus.yaml"), open_store(str(here / "store"))

    def release(*layouts: str) -> tuple[int, tuple[str, ...]]:
        made = _released(service, store, dict.fromkeys(layouts, "savedmodel"), retrain=False, data=None, quiet=True)
        return made.version, made.layouts

    assert release(LAYOUT) == (1, (LAYOUT,))
    assert release(LAYOUT, "triton") == (2, (LAYOUT, "triton"))
    assert release("triton") == (2, (LAYOUT, "triton"))


def test_quiet_leaves_the_url_alone(run, here: Path) -> None:
    ended = run("publish", here / "serinus.yaml", "--model", here / "m", "-q")
    assert ended.err == ""
    assert ended.out.count("\n") == 1


def test_set_names_another_store(run, here: Path) -> None:
    run("publish", here / "serinus.yaml", "--model", here / "m", "--set", "store.publish=./other")
    assert whole_releases(open_store(str(here / "other")))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--version", "01"], "'01' is no version"),
        (["--version", "latest"], "'latest' is no version"),
        (["--model", "gone"], "there is no gone"),
        (["--set", "store.publish=ftp://models"], "through 'ftp://'"),
        (["--set", "model.format=keras"], "no server for the format 'keras'"),
    ],
)
def test_wrong_input_ends_with_2(run, here: Path, monkeypatch, arguments: list[str], reason: str) -> None:
    monkeypatch.chdir(here)
    ended = run("publish", "serinus.yaml", "--model", "m", *arguments)
    assert ended.code == 2
    assert reason in ended.err
    assert not (here / "store").exists()


def test_releases_are_listed_with_the_newest_first(run, here: Path) -> None:
    empty = run("releases", here / "serinus.yaml")
    assert (empty.code, empty.out) == (0, "")
    assert "digits has no release in" in empty.err
    assert json.loads(run("releases", here / "serinus.yaml", "--format", "json").out) == []
    run("publish", here / "serinus.yaml", "--model", here / "m")
    train(here, 0.96789)
    run("publish", here / "serinus.yaml", "--version", "10")
    header, newest, oldest = run("releases", here / "serinus.yaml").out.splitlines()
    assert header.split() == ["VERSION", "DIGEST", "FORMAT", "MB", "METRICS"]
    assert newest.split()[::4] == ["10", "accuracy=0.9679"]
    assert oldest.split()[::4] == ["1", "-"]
    records = json.loads(run("releases", here / "serinus.yaml", "--format", "json").out)
    assert [record["version"] for record in records] == [10, 1]
    assert all(Path(record["url"]).is_dir() for record in records)


def test_a_broken_record_is_an_error_after_the_others(run, here: Path) -> None:
    run("publish", here / "serinus.yaml", "--model", here / "m")
    write_files(here / "store/digits", {"2/release.json": "{}", "3/release.json": "[]"})
    ended = run("releases", here / "serinus.yaml")
    assert ended.code == 3
    assert [line.split()[0] for line in ended.out.splitlines()] == ["VERSION", "1"]
    assert "digits/2/release.json is no record" in ended.err
    assert "digits/3/release.json is no record" in ended.err


BENT = {
    "a text that is no text": (("format",), "\ud800"),
    "an order to a CI system": (("format",), "\n::error::x"),
    "an odd name of a metric": (("metrics",), {"\ud800\n::error::x\u001b[31m": 0.5}),
    "a number of any size": (("metrics",), {"loss": 10**400, "accuracy": 0.5}),
    "metrics that are none": (("metrics",), {"a": [[None], {"b": "x"}], "c": True}),
    "no number that a computer has": (("metrics",), {"loss": "INFINITE"}),
    "runtimes that are none": (("runtimes",), {"plain": 3}),
    "a layout that is none": (("layouts",), ["\u202e"]),
    "a signature that is none": (("signature",), {"name": 1, "inputs": [], "outputs": []}),
    "a shape that is none": (
        ("signature",),
        {"name": "x", "inputs": [{"name": 1, "dtype": 2, "shape": 3}], "outputs": []},
    ),
    "what wrote it in no form": (("trainedWith",), {"writtenBy": [1]}),
    "half a pair of surrogates": (("trainedWith",), {"architectures": ["\ud800"]}),
    "a digest of another kind": (("digest",), "\n::error::x"),
    "no files": (("files",), []),
    "a file elsewhere": (("files", 0, "path"), "../../../etc/passwd"),
    "a size below nothing": (("files", 0, "size"), -1),
}


@pytest.mark.parametrize("bent", BENT)
def test_a_bent_record_is_listed_or_told_and_never_a_fault(run, here: Path, bent: str) -> None:
    run("publish", here / "serinus.yaml", "--model", here / "m")
    write_files(here / "m", {"assets/more": "x"})
    run("publish", here / "serinus.yaml", "--model", here / "m")
    file = here / "store/digits/2/release.json"
    record = json.loads(file.read_text())
    (*path, last), value = BENT[bent]
    part = record
    for step in path:
        part = part[step]
    part[last] = value
    file.write_text(json.dumps(record).replace('"INFINITE"', "1e999"))
    for command in (
        ["releases"],
        ["releases", "--format", "json"],
        ["lock"],
        ["render"],
        ["publish", "--model", here / "m"],
    ):
        ended = run(command[0], here / "serinus.yaml", *command[1:])
        assert ended.code in {0, 2, 3}, ended
        assert not {char for char in ended.out + ended.err if not char.isprintable()} - {"\n"}
        assert not [line for line in (ended.out + ended.err).splitlines() if line.lstrip().startswith("::")]
        if command == ["releases"]:
            assert "  savedmodel  " in ended.out  # the other one is listed all the same


@pytest.mark.parametrize("command", ["publish", "releases"])
def test_a_store_out_of_reach_ends_with_3(here: Path, command: str) -> None:
    file = write_service(here, "s3://models", "http://127.0.0.1:9")
    ended = serinus(command, file, *(["--model", here / "m"] if command == "publish" else []))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.splitlines()[-1] == (
        "serinus: can't list the releases in s3://models at http://127.0.0.1:9: its server refuses the connection "
        "(tried 4 times). Check the store's endpoint; is the server up?"
    )


@pytest.mark.server
@pytest.mark.parametrize("server", ["moto", "versitygw"], indirect=True)
def test_a_bucket_that_is_not_there_ends_with_3(here: Path, server: Served) -> None:
    file = write_service(here, "s3://missing-bucket", server.endpoint)
    for arguments in (
        ["publish", file, "--model", here / "m"],
        ["publish", file, "--model", here / "m", "--version", "1"],
        ["releases", file],
    ):
        ended = serinus(*arguments)
        assert ended.returncode == 3
        assert "the bucket doesn't exist. Create it, or mend the store's URL." in ended.stderr


@pytest.mark.server
@pytest.mark.parametrize("place", SERVED, indirect=True)
def test_publishing_to_a_server(here: Path, place: Place) -> None:
    file = write_service(here, *place)
    assert serinus("publish", file, "--model", here / "m").stdout.startswith(f"{place.url}/digits/1/")
    assert "already published as 1; nothing was sent" in serinus("publish", file, "--model", here / "m").stderr
    write_files(here / "m", {"assets/new": "x"})
    assert serinus("publish", file, "--model", here / "m", "--version", "1").returncode == 1
    assert serinus("publish", file, "--model", here / "m").stdout.startswith(f"{place.url}/digits/2/")
    assert [line.split()[0] for line in serinus("releases", file).stdout.splitlines()] == ["VERSION", "2", "1"]


def test_a_file_that_may_not_grow_leaves_nothing_half_done(here: Path) -> None:
    """The limit stands for a full disk: the write fails in the middle of a file."""
    write_files(here / "m", {"variables/data": b"x" * 3_000_000})
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # noqa: E731
    ended = serinus("publish", here / "serinus.yaml", "--model", here / "m", preexec_fn=limit)
    assert ended.returncode == 3
    assert "File too large" in ended.stderr
    assert whole_releases(open_store(str(here / "store"))) == {}
    assert not list((here / "store").rglob("*#*"))
    assert serinus("publish", here / "serinus.yaml", "--model", here / "m").returncode == 0


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """A file system of its own with so many bytes; needs root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full_at_any_moment_leaves_nothing_half_done(run, here: Path) -> None:
    write_files(here / "m", {"variables/data": b"x" * 100_000})
    codes, page = [], 4096
    for pages in range(60):
        with small_disk(here / "store", (pages + 1) * page):
            ended = run("publish", here / "serinus.yaml", "--model", here / "m")
            codes.append(ended.code)
            assert "No space left on device. Make room" in ended.err or ended.code == 0
            assert len(whole_releases(open_store(str(here / "store")))) == (ended.code == 0)
            if ended.code == 0:
                break
            subprocess.run(["mount", "-o", "remount,size=9000000", str(here / "store")], check=True)
            assert run("publish", here / "serinus.yaml", "--model", here / "m").code == 0
        (here / "store").rmdir()
    # From a disk on which not even the first folder fits, over one that lacks a page for the record, to one that does.
    assert codes == [3] * (len(codes) - 1) + [0]
    assert len(codes) > 100_000 / page


@pytest.mark.parametrize("command", ["publish", "releases"])
def test_help_does_without_obstore(command: str) -> None:
    probe = f"""if True:
        import sys
        from generator.cli.main import run
        try:
            run(["{command}", "-h"])
        finally:
            assert "obstore" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)
