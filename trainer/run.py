"""One training run: data → fit → evaluate → export, or nothing at all where the training key is unchanged."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.model.artifact import Artifact, read_artifact, write_artifact
from generator.model.gate import BASELINE
from trainer import key, parity, provenance, staging
from trainer.data import sound
from trainer.distributed import workers
from trainer.fitting import boards, compiled, devices, precision
from trainer.fitting.checkpoints import FOLDER, Checkpoints
from trainer.fitting.finite import demand_finite
from trainer.fitting.fit import Watch, fit, seeded
from trainer.fitting.team import Alone
from trainer.formats.base import Trained
from trainer.golden import golden
from trainer.measures.mistakes import mistakes

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trainer.data.base import Source
    from trainer.data.dataset import Dataset
    from trainer.distributed.member import Member
    from trainer.fitting.fit import Progress
    from trainer.fitting.history import History
    from trainer.fitting.team import Team
    from trainer.formats.base import Exported, Exporter
    from trainer.settings import Settings
    from trainer.tasks.base import Built, Trainable


LINES = 4
"""Epochs that are told of when training is done."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is to be trained, every name resolved; nothing is read yet.

    Attributes:
        task: What it does.
        settings: How it is fitted, where there are so many examples to train on.
        source: The data.
        exporters: Of each format that is exported; the first one's answer is the golden one.
        folder: The service file's, whose git commit is noted.
        surroundings: Around all that runs: code of the user's may be imported in it.
    """

    task: Trainable
    settings: Callable[[int], Settings]
    source: Source
    exporters: tuple[Exporter, ...]
    folder: Path
    surroundings: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext

    def model(self, root: Path, exporter: Exporter) -> Path:
        """The exported model of a format inside an artifact."""
        return root / exporter.id / exporter.entry

    def whole(self, root: Path) -> bool:
        """Whether every format lies there."""
        return all((root / exporter.id / exporter.whole).is_file() for exporter in self.exporters)


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
    tensorboard: Path | None = None,
    member: Member | None = None,
) -> Outcome | None:
    """Train, measure and export a model, unless the same was done before.

    ``into`` is replaced as a whole at the very end; killed at any moment, what was there before is there still (or is
    put back by the next run). A second process with the same ``into`` waits, and then finds its work done.

    Args:
        recipe: What is trained.
        into: The folder for the artifact; what it holds is replaced.
        retrain: Train even where the training key is unchanged.
        say: Takes one line of talk.
        progress: Called with the steps done and all steps while training runs.
        tensorboard: The folder for TensorBoard's logs, where they are wanted.
        member: Which of several workers this is, that train together; None where it trains alone.

    Returns:
        What the run came to; None for a worker that isn't the chief, which has nothing to show.

    Raises:
        InputError: The data aren't fit; the extra ``train`` is not installed.
        AnswerIsNoError: The training diverged.
        OutsideError: The data can't be had, or ``into`` can't be written; another worker has ended.
    """
    follower = member is not None and member.rank > 0
    with contextlib.ExitStack() as around:
        if not follower:
            around.enter_context(staging.only_one(into, say))
        around.enter_context(recipe.surroundings())
        job = _prepare(recipe)
        team: Team = Alone()
        if member is not None:
            team = around.enter_context(workers.joined(member, say))
            workers.demand_same(team, job.key)
        if follower:
            _follow(job, team, say)
            return None
        earlier = None if retrain else _done_before(job, into)
        _agreed(team, needed=earlier is None)
        if earlier is not None:
            say(f"Nothing to train: {into} has this training key already: {_headline(recipe.task, earlier.metrics)}.")
            return Outcome(earlier, fresh=False)
        start = time.monotonic()
        examples = len(job.dataset.train)
        say(f"Training {recipe.task.id} on {recipe.source.name}: {examples:,} examples, epochs: {job.settings.epochs}.")
        for remark in job.dataset.remarks:
            say(remark)
        kept = Checkpoints(into.with_name(FOLDER), job.key, say)
        with staging.replacement(into) as new, boards.board(tensorboard, job.key) as log:
            artifact = _make(job, new, Watch(say=say, progress=progress, kept=kept, log=log), team)
            write_artifact(artifact)
        kept.remove()
        _agreed(team, needed=False)
        say(f"Trained in {time.monotonic() - start:.1f} s: {_headline(recipe.task, artifact.metrics)}.")
        return Outcome(replace(artifact, root=into), fresh=True)


def _follow(job: _Job, team: Team, say: Callable[[str], None]) -> None:
    """Be a worker that isn't the chief: share its batches, and wait until it has written what came of it."""
    if _agreed(team, needed=False):
        seeded(job.settings.seed)
        built = job.recipe.task.built(job.dataset, job.settings)
        with job.recipe.task.guard("training"):
            _demand_shareable(built, team)
            _fitted(job, built, Watch(say=say), team)
        _agreed(team, needed=False)
    say("The chief has all there is to show.")


def _demand_shareable(built: Built, team: Team) -> None:
    """Do nothing where one worker trains, or where several can.

    Raises:
        InputError: Code of the user's does the training itself.
    """
    if not isinstance(team, Alone) and (built.trained or built.loss is None):
        raise InputError(
            f"the network is {'trained' if built.trained else 'compiled'} by code of your own, which several workers "
            "can't share.",
            fix="Give it untrained and uncompiled, or train it in one pod.",
        )


def _agreed(team: Team, *, needed: bool) -> bool:
    """What the chief says, by all workers in turn."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return bool(team.same({"needed": np.array(needed, np.int32)})["needed"])


def training_key(recipe: Recipe) -> str:
    """The key that ``train`` would note in the artifact, without training.

    Raises:
        InputError: The data aren't fit; the extra ``train`` is not installed.
        OutsideError: The data can't be had.
    """
    with recipe.surroundings():
        return _prepare(recipe).key


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A recipe with its data, and what makes it this run and no other."""

    recipe: Recipe
    settings: Settings
    dataset: Dataset
    libraries: dict[str, str]
    key: str


def _prepare(recipe: Recipe) -> _Job:
    key.versions()  # says which extra is missing before anything needs it
    writers = {name: release for each in recipe.exporters for name, release in key.writers(each).items()}
    dataset = recipe.source.load()
    sound.demand(dataset)
    recipe.task.check(dataset)
    libraries = key.versions(dataset.packages) | writers
    chosen = recipe.settings(len(dataset.train))
    wanted = key.training_key(
        recipe.task.id,
        chosen,
        dataset,
        formats=[exporter.id for exporter in recipe.exporters],
        libraries=libraries,
        code=recipe.task.code,
    )
    return _Job(recipe=recipe, settings=chosen, dataset=dataset, libraries=libraries, key=wanted)


def _done_before(job: _Job, into: Path) -> Artifact | None:
    """The artifact of the same key, where it is there and whole; one that can't be read is as good as none."""
    try:
        found = read_artifact(into)
    except InputError:
        return None
    same = found is not None and found.training_key == job.key and job.recipe.whole(into)
    return found if same else None


def _make(job: _Job, root: Path, watch: Watch, team: Team) -> Artifact:
    """Train, measure, export into ``root``, and read each export back for parity, the signature and the golden pair."""
    recipe, dataset, task, say = job.recipe, job.dataset, job.recipe.task, watch.say
    seeded(job.settings.seed)
    built = task.built(dataset, job.settings)
    network = built.network
    with task.guard("calling"):
        trained = Trained(model=network.whole(dataset.train.inputs), network=network, dataset=dataset)
    _demand(recipe, trained)
    with task.guard("training"):
        _demand_shareable(built, team)
        history = None if built.trained else _fitted(job, built, watch, team)
        demand_finite(network, dataset)
        metrics = built.measure.evaluate(dataset, network.raw)
        errors = mistakes(built.measure.id, dataset, network.raw(dataset.test.inputs))
    metrics.setdefault(BASELINE, built.measure.baseline(dataset))
    contaminated = dataset.contaminated()
    if contaminated:
        say(f"Warning: {contaminated:,} held-out examples are in the training data too; the metrics flatter the model.")
    with task.guard("exporting", certain=False):
        exported = {each.id: _export(each, trained, recipe.model(root, each)) for each in recipe.exporters}
    main = recipe.exporters[0].id
    record = provenance.trained_with(
        task.record(),
        job.settings,
        dataset,
        libraries=job.libraries,
        history=history,
        workers=team.size,
        errors=errors,
        contaminated=contaminated,
        folder=recipe.folder,
    )
    return Artifact(
        root=root,
        format=main,
        layouts=(),
        exports={exporter.id: f"{exporter.id}/{exporter.entry}" for exporter in recipe.exporters},
        signature=exported[main][0].signature,
        metrics=metrics,
        golden=golden(exported[main][0], dataset),
        training_key=job.key,
        trained_with={**record, "parity": {name: held for name, (_, held) in exported.items()}},
    )


def _fitted(job: _Job, built: Built, watch: Watch, team: Team) -> History:
    """Train a network, and say on what and how it went."""
    chosen, network = job.settings, built.network
    watch.say(f"Computing on {devices.used()} in {chosen.precision}.")
    examples = network.features(job.dataset.train.inputs), job.dataset.train.targets
    started = time.monotonic()
    if built.loss is None:
        history = compiled.fit(network.body, examples, chosen, watch=watch)
    else:
        body = precision.trainee(network, lambda: job.recipe.task.built(job.dataset, chosen).network, chosen.precision)
        history = fit(body, built.loss, examples, chosen, watch=watch, team=team)
        precision.take_over(network, body)
    watch.say(f"Fitted in {time.monotonic() - started:.2f} s.")
    for line in history.lines(LINES):
        watch.say(line)
    if history.stopped:
        watch.say(f"No better loss for {history.patience} epochs: the weights are those of epoch {history.best + 1}.")
    return history


def _demand(recipe: Recipe, untrained: Trained) -> None:
    """Refuse a format that can't hold the network before it is trained.

    Raises:
        InputError: There is one.
    """
    for exporter in recipe.exporters:
        if reason := exporter.refusal(untrained):
            raise InputError(
                f"a model of {recipe.task.id} can't be exported as {exporter.id}: {reason}.",
                fix="Leave the format out of model.format and model.formats, or train another network.",
            )


def _export(exporter: Exporter, trained: Trained, path: Path) -> tuple[Exported, dict[str, Any]]:
    """Write one format and read it back: what was read, and how near its answers are to the model's."""
    with staging.as_outside(path.parent):
        path.parent.mkdir()
    exporter.write(trained, path)
    exported = exporter.read(path)
    return exported, parity.demand(trained, exported, exporter.id)


def _headline(task: Trainable, metrics: dict[str, Any]) -> str:
    """The metrics in a few words."""
    numbers = (f"{name} {metrics[name]:.4f}" for name in task.headline(metrics) if metrics.get(name) is not None)
    return f"{', '.join(numbers)} on {metrics['examples']:,} held-out examples"
