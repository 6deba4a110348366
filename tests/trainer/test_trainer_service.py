"""What a service file asks for: names that aren't known are found before anything is read or trained."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from trainer_kit import service_file

from generator.errors import InputError
from generator.loading import load as loader
from generator.model import gate, measures
from generator.store.layouts import of_format
from trainer import formats, provenance, tasks
from trainer.service import train_service, training_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "image-classification",
            "image-clasification",
            [":7:", "model.train.task", "Did you mean 'image-classification'?"],
        ),
        ("data: digits", "data: digts", [":7:", "model.train.data", "Did you mean 'digits'?", ".npz"]),
        (
            "  train:",
            "  format: sklearn\n  train:",
            [":7:", "model.format", "savedmodel", "serinus publish FILE --model PATH"],
        ),
        ("  train:", "  runtime: mlserver\n  train:", [":7:", "model.runtime", "tensorflow-serving"]),
        ("  train:", "  #", [":8:", "(at model)", "no model.train", "serinus.yaml --model PATH"]),
        ("data: digits", "data: none.npz", ["none.npz: there is no such file"]),
    ],
)
def test_what_isnt_known_is_an_error_at_its_place(tmp_path: Path, old: str, new: str, says: list[str]) -> None:
    path = service_file(tmp_path)
    path.write_text(path.read_text().replace(old, new))
    service = loader.load(path)
    for call in (lambda: train_service(service, say=pytest.fail), lambda: training_key(service)):
        with pytest.raises(InputError) as caught:
            call()
        for part in says:
            assert part in str(caught.value)
    assert not list(tmp_path.rglob("artifact"))


def test_what_a_gate_may_name_is_known_for_every_task_and_no_other() -> None:
    """Names are checked where the service file is read, which imports no trainer."""
    assert {task.id: task.measure.id for task in tasks.tasks().values()} == {
        name: kind for name, kind in measures.TASKS.items() if name in tasks.tasks()
    }


@pytest.mark.parametrize("name", tasks.tasks())
def test_a_new_file_of_a_task_names_a_gate_that_can_be_asked(name: str) -> None:
    task = tasks.find(name)
    assert task.id == name
    assert task.gate
    for metric, condition in task.gate:
        measures.check(name, metric)
        gate.parse(metric, condition)


@pytest.mark.parametrize("name", formats.exporters())
def test_publishing_can_bring_along_what_each_exporter_writes(name: str) -> None:
    exporter = formats.find(name)
    assert exporter.id == name
    assert of_format(name)
    assert exporter.whole.split("/")[0] == exporter.entry


class TestGitCommit:
    def git(self, folder: Path, *arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        self.git(tmp_path, "init", "-q")
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "file").write_text("1")
        self.git(tmp_path, "add", ".")
        self.git(tmp_path, "commit", "-q", "-m", "first")
        self.git(tmp_path, "tag", "v1", "-m", "a tag")
        return tmp_path

    def test_the_commit_that_is_checked_out(self, repository: Path) -> None:
        assert provenance.git_commit(repository / "sub") == self.git(repository, "rev-parse", "HEAD")

    def test_changed_files_are_said(self, repository: Path) -> None:
        (repository / "sub" / "file").write_text("2")
        assert provenance.git_commit(repository / "sub") == self.git(repository, "rev-parse", "HEAD") + "-dirty"

    def test_none_outside_a_repository_or_before_the_first_commit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert provenance.git_commit(tmp_path) is None
        self.git(tmp_path, "init", "-q")
        assert provenance.git_commit(tmp_path) is None

    def test_none_without_git(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(repository))
        assert provenance.git_commit(repository) is None
