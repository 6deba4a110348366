"""One training run: data → fit → evaluate → export, or nothing at all where the training key is unchanged."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.artifact import Artifact, read_artifact, write_artifact
from generator.errors import InputError
from trainer import data, export, fit, key, provenance, staging, tasks
from trainer.golden import golden

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.service import Train
    from trainer.data.dataset import Dataset
    from trainer.export import Exporter
    from trainer.fit import Progress
    from trainer.task import Task


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        artifact: The exported model and what is known of it.
        fresh: Whether it was trained now; False where the training key was unchanged.
    """

    artifact: Artifact
    fresh: bool


def train(
    spec: Train,
    *,
    into: Path,
    folder: Path,
    model_format: str = "savedmodel",
    runtime: str | None = None,
    retrain: bool = False,
    say: Callable[[str], None],
    progress: Progress | None = None,
) -> Outcome:
    """Train, measure and export a model, unless the same was done before.

    ``into`` is replaced as a whole at the very end; killed at any moment, what was there before is there still (or is
    put back by the next run). A second process with the same ``into`` waits, and then finds its work done.

    Args:
        spec: What is trained.
        into: The folder for the artifact; what it holds is replaced.
        folder: The service file's: relative data paths start here, and its git commit is noted.
        model_format: One of ``export.EXPORTERS``.
        runtime: A layout of that format; None for the first.
        retrain: Train even where the training key is unchanged.
        say: Takes one line of talk.
        progress: Called with the steps done and all steps while training runs.

    Raises:
        InputError: Task, data or format aren't known; the data aren't fit; the extra ``train`` is not installed.
        AnswerIsNoError: The training diverged.
        OutsideError: The data can't be had, or ``into`` can't be written.
    """
    task = tasks.find(spec.task)
    source = data.find(spec.data, folder)
    exporter, layout = export.find(model_format, runtime)
    key.versions()  # says which extra is missing before anything needs it
    with staging.only_one(into, say):
        job = _Job.of(spec, task, source.load(), exporter, layout, folder)
        earlier = None if retrain else job.done_before(into)
        if earlier is not None:
            say(f"Nothing to train: {into} has this training key already: {job.headline(earlier.metrics)}.")
            return Outcome(earlier, fresh=False)
        start = time.monotonic()
        say(f"Training {task.name} on {spec.data}: {len(job.dataset.train_inputs):,} examples, {spec.epochs} epochs.")
        with staging.replacement(into) as new:
            artifact = job.run(new, say, progress)
            write_artifact(artifact)
        say(f"Trained in {time.monotonic() - start:.1f} s: {job.headline(artifact.metrics)}.")
        return Outcome(replace(artifact, root=into), fresh=True)


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What is to be done, all names resolved and the data read."""

    spec: Train
    task: Task
    dataset: Dataset
    exporter: Exporter
    layout: str
    folder: Path
    libraries: dict[str, str]
    key: str

    @classmethod
    def of(cls, spec: Train, task: Task, dataset: Dataset, exporter: Exporter, layout: str, folder: Path) -> _Job:
        """The job, with its training key."""
        libraries = key.versions(dataset.packages)
        wanted = key.training_key(spec, dataset, model_format=exporter.format, layout=layout, libraries=libraries)
        return cls(
            spec=spec,
            task=task,
            dataset=dataset,
            exporter=exporter,
            layout=layout,
            folder=folder,
            libraries=libraries,
            key=wanted,
        )

    def done_before(self, into: Path) -> Artifact | None:
        """The artifact of the same key, where it is there and whole; one that can't be read is as good as none."""
        try:
            found = read_artifact(into)
        except InputError:
            return None
        whole = (self.model(into) / self.exporter.entry).is_file()
        return found if found is not None and found.training_key == self.key and whole else None

    def model(self, root: Path) -> Path:
        """The folder of the exported model inside an artifact."""
        return root / self.layout / self.exporter.layouts[self.layout]

    def run(self, root: Path, say: Callable[[str], None], progress: Progress | None) -> Artifact:
        """Train, measure, export into ``root``, and read the export back for the signature and the golden pair."""
        model = fit.fit(self.task, self.dataset, self.spec, progress)
        metrics = self.task.evaluate(fit.predict(model, self.dataset.test_inputs), self.dataset.test_labels)
        contaminated = self.dataset.contaminated()
        if contaminated:
            say(f"Warning: {contaminated:,} held-out examples stand in the training data too; the metrics flatter.")
        self.exporter.write(self.task.endpoint(model, self.dataset), self.model(root))
        exported = self.exporter.read(self.model(root))
        return Artifact(
            root=root,
            format=self.exporter.format,
            layouts=(self.layout,),
            runtimes={self.layout: exported.oldest_server},
            signature=exported.signature,
            metrics=metrics,
            golden=golden(exported, self.dataset),
            training_key=self.key,
            trained_with=provenance.trained_with(
                self.spec, self.dataset, libraries=self.libraries, contaminated=contaminated, folder=self.folder
            ),
        )

    def headline(self, metrics: dict[str, Any]) -> str:
        """The metrics in a few words."""
        numbers = ", ".join(f"{name} {metrics[name]:.4f}" for name in self.task.headline if metrics[name] is not None)
        return f"{numbers} on {metrics['examples']:,} held-out examples"
