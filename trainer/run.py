"""One training run: data → fit → evaluate → export, or nothing at all where the training key is unchanged."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.model.artifact import Artifact, read_artifact, write_artifact
from trainer import fit, key, provenance, staging
from trainer.golden import golden

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.service import Train
    from trainer.data import Source
    from trainer.data.dataset import Dataset
    from trainer.export import Exporter
    from trainer.fit import Progress
    from trainer.task import Task


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is to be trained, every name resolved; nothing is read yet.

    Attributes:
        spec: The settings.
        task: What ``spec.task`` names.
        source: The data.
        exporter: The format's.
        layout: One of the exporter's layouts.
        folder: The service file's, whose git commit is noted.
    """

    spec: Train
    task: Task
    source: Source
    exporter: Exporter
    layout: str
    folder: Path

    def model(self, root: Path) -> Path:
        """The folder of the exported model inside an artifact."""
        return root / self.layout / self.exporter.layouts[self.layout]


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
    recipe: Recipe,
    *,
    into: Path,
    retrain: bool = False,
    say: Callable[[str], None],
    progress: Progress | None = None,
) -> Outcome:
    """Train, measure and export a model, unless the same was done before.

    ``into`` is replaced as a whole at the very end; killed at any moment, what was there before is there still (or is
    put back by the next run). A second process with the same ``into`` waits, and then finds its work done.

    Args:
        recipe: What is trained.
        into: The folder for the artifact; what it holds is replaced.
        retrain: Train even where the training key is unchanged.
        say: Takes one line of talk.
        progress: Called with the steps done and all steps while training runs.

    Raises:
        InputError: The data aren't fit; the extra ``train`` is not installed.
        AnswerIsNoError: The training diverged.
        OutsideError: The data can't be had, or ``into`` can't be written.
    """
    with staging.only_one(into, say):
        job = _prepare(recipe)
        earlier = None if retrain else _done_before(job, into)
        if earlier is not None:
            say(f"Nothing to train: {into} has this training key already: {_headline(recipe.task, earlier.metrics)}.")
            return Outcome(earlier, fresh=False)
        start = time.monotonic()
        examples = len(job.dataset.train_inputs)
        say(
            f"Training {recipe.task.name} on {recipe.source.name}: {examples:,} examples, epochs: {recipe.spec.epochs}."
        )
        with staging.replacement(into) as new:
            artifact = _make(job, new, say, progress)
            write_artifact(artifact)
        say(f"Trained in {time.monotonic() - start:.1f} s: {_headline(recipe.task, artifact.metrics)}.")
        return Outcome(replace(artifact, root=into), fresh=True)


def training_key(recipe: Recipe) -> str:
    """The key that ``train`` would note in the artifact, without training.

    Raises:
        InputError: The data aren't fit; the extra ``train`` is not installed.
        OutsideError: The data can't be had.
    """
    return _prepare(recipe).key


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A recipe with its data, and what makes it this run and no other."""

    recipe: Recipe
    dataset: Dataset
    libraries: dict[str, str]
    key: str


def _prepare(recipe: Recipe) -> _Job:
    key.versions()  # says which extra is missing before anything needs it
    dataset = recipe.source.load()
    libraries = key.versions(dataset.packages)
    wanted = key.training_key(
        recipe.spec, dataset, model_format=recipe.exporter.format, layout=recipe.layout, libraries=libraries
    )
    return _Job(recipe=recipe, dataset=dataset, libraries=libraries, key=wanted)


def _done_before(job: _Job, into: Path) -> Artifact | None:
    """The artifact of the same key, where it is there and whole; one that can't be read is as good as none."""
    try:
        found = read_artifact(into)
    except InputError:
        return None
    whole = (job.recipe.model(into) / job.recipe.exporter.entry).is_file()
    return found if found is not None and found.training_key == job.key and whole else None


def _make(job: _Job, root: Path, say: Callable[[str], None], progress: Progress | None) -> Artifact:
    """Train, measure, export into ``root``, and read the export back for the signature and the golden pair."""
    recipe, dataset = job.recipe, job.dataset
    model = fit.fit(recipe.task, dataset, recipe.spec, progress)
    metrics = recipe.task.evaluate(fit.predict(model, dataset.test_inputs), dataset.test_labels)
    contaminated = dataset.contaminated()
    if contaminated:
        say(f"Warning: {contaminated:,} held-out examples are in the training data too; the metrics flatter the model.")
    recipe.exporter.write(recipe.task.endpoint(model, dataset), recipe.model(root))
    exported = recipe.exporter.read(recipe.model(root))
    return Artifact(
        root=root,
        format=recipe.exporter.format,
        layouts=(recipe.layout,),
        runtimes={recipe.layout: exported.oldest_server},
        signature=exported.signature,
        metrics=metrics,
        golden=golden(exported, dataset),
        training_key=job.key,
        trained_with=provenance.trained_with(
            recipe.spec, dataset, libraries=job.libraries, contaminated=contaminated, folder=recipe.folder
        ),
    )


def _headline(task: Task, metrics: dict[str, Any]) -> str:
    """The metrics in a few words."""
    numbers = (f"{name} {metrics[name]:.4f}" for name in task.headline if metrics[name] is not None)
    return f"{', '.join(numbers)} on {metrics['examples']:,} held-out examples"
