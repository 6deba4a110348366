"""What a run trains, made of what the user's function gave."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError
from generator.model.measures import MEASURES
from trainer import backend
from trainer.data.dataset import lacking_of
from trainer.measures import classification, regression
from trainer.measures.base import Measure
from trainer.network import Network
from trainer.own.face import Made, Request
from trainer.tasks.base import Built

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset, Examples
    from trainer.measures.base import Raw
    from trainer.own.code import Entrypoint
    from trainer.settings import Settings
    from trainer.tasks.base import Task

MOST = 3
"""Metrics of the user's own in the one-line summary."""

PROBE = 8
"""Training examples that an untrained network is asked about."""

SUM = 1e-3
"""How far a row of probabilities may be from a sum of 1; logits of an untrained network are that near by no chance."""


@dataclass(frozen=True, kw_only=True)
class Own:
    """Training by code of the user's; what ``Task`` is for ours.

    Attributes:
        entry: The function.
        task: The task that the service file names beside it, which says what is measured; None where the targets do.
    """

    entry: Entrypoint
    task: Task | None

    @property
    def id(self) -> str:
        """What is trained, for lines of talk and the key."""
        return f"{self.task.id} by {self.entry.name}" if self.task else self.entry.name

    @property
    def code(self) -> str:
        """The fingerprint of the code."""
        return self.entry.fingerprint

    def guard(self, doing: str, *, certain: bool = True) -> AbstractContextManager[None]:
        """What runs inside is the user's, for certain or perhaps."""
        return self.entry.guard(f"{doing} the network of {self.entry.name}", certain=certain)

    def record(self) -> dict[str, str]:
        """The task, where there is one, the function, and the fingerprint of its code."""
        return {
            **({"task": self.task.id} if self.task else {}),
            "entrypoint": self.entry.name,
            "code": self.code,
        }

    def headline(self, metrics: Mapping[str, Any]) -> tuple[str, ...]:
        """Those of our kind of metrics, and the first of the user's own."""
        ours = _measured(metrics)
        return (*(ours.headline if ours else ()), *list(_others(metrics, ours))[:MOST])

    def table(self, metrics: Mapping[str, Any]) -> str:
        """The table of our kind of metrics, and the numbers of the user's own."""
        ours = _measured(metrics)
        lines = [f"{name} {value:.6g}" for name, value in _others(metrics, ours).items()]
        return "\n".join([*([ours.table(metrics)] if ours else []), *lines])

    def check(self, dataset: Dataset) -> None:
        """The targets are of the task's kind, where there is one; all else is the network's affair.

        Raises:
            InputError: They aren't.
        """
        if self.task is None:
            return
        if (self.task.measure.id == classification.MEASURE.id) != bool(dataset.classes):
            raise InputError(
                f"the targets of the data '{dataset.name}' are {'classes' if dataset.classes else 'no classes'}, and "
                f"the task is {self.task.id}.",
                fix="Change model.train.task, or take it out.",
            )

    def built(self, dataset: Dataset, settings: Settings) -> Built:
        """Call the user's function, and hold what it gives against the data.

        Raises:
            OwnCodeError: It raises.
            InputError: It gives something else than a network, or one that doesn't take the data.
        """
        made = self._made(self.entry.call(Request(settings=settings, dataset=dataset, folder=self.entry.folder)))
        network = Network(prepare=made.prepare, body=made.model, answer=lambda raw: {"output": raw})
        raw = self._probed(network, dataset)
        kind = _kind(self.task, dataset, raw)
        if kind is None and made.metrics is None:
            self._refuse_outputs(dataset, raw)
        measure = self._measure(kind, made, raw)
        answer = _answer(kind, raw) if made.answer is None else made.answer
        if answer is None:
            raise InputError(
                f"{self.entry.name} gives several outputs, and no answer.",
                fix="Give trainer.own.Made(model=…, answer=…), which names them for a server.",
            )
        return Built(
            network=dataclasses.replace(network, answer=self._guarded(answer, "answer")),
            loss=None if made.model.compiled else _loss(kind, dataset, raw),
            measure=measure,
            trained=made.trained,
        )

    def _made(self, given: Any) -> Made:
        keras = backend.keras()
        made = Made(model=given) if isinstance(given, keras.Model) else given
        if not isinstance(made, Made) or not isinstance(made.model, keras.Model):
            inner = made.model if isinstance(made, Made) else given
            what = "nothing" if inner is None else f"a {type(inner).__module__}.{type(inner).__qualname__}"
            raise InputError(
                f"{self.entry.name} gives {what}; a keras.Model is wanted, or trainer.own.Made(model=…) with one.",
                fix="Does the function return it?" if inner is None else "",
            )
        if made.prepare is not None and not isinstance(made.prepare, keras.Model):
            raise InputError(
                f"{self.entry.name}: prepare is no keras.Model.", fix="Give one of fixed weights, or leave it out."
            )
        return made

    def _probed(self, network: Network, dataset: Dataset) -> Any:
        """The network's raw outputs for some training examples."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        # Those that lack a number go first.
        chosen = np.argsort(~lacking_of(dataset.train), kind="stable")[:PROBE]
        some = dataset.train.only(chosen).inputs
        shapes = ", ".join(f"{name} {array.dtype} {list(array.shape[1:])}" for name, array in some.items())
        with self.entry.guard(f"the network of {self.entry.name} doesn't take the data ({shapes}): asking it"):
            raw: Any = network.raw(some)
        if hasattr(raw, "shape") and np.isnan(raw).any() and lacking_of(dataset.train).any():
            lacking = [name for name, array in some.items() if array.dtype.kind == "f" and np.isnan(array).any()]
            raise dataset.refusal(
                f"values of {', '.join(lacking)} are missing, and the network of {self.entry.name} then gives NaN.",
                "Let the network fill them in (keras.ops.isnan), or leave such examples out.",
            )
        return raw

    def _refuse_outputs(self, dataset: Dataset, raw: Any) -> NoReturn:
        wanted = (
            f"[examples, {len(dataset.classes)}], a logit or a probability a class"
            if dataset.classes
            else "[examples, 1], a number"
        )
        found = "several outputs"
        if hasattr(raw, "shape"):
            found = f"outputs [{', '.join(['examples', *map(str, raw.shape[1:])])}]"
        raise InputError(
            f"the network of {self.entry.name} gives {found}; for these targets they are {wanted}.",
            fix="Change the last layer, or measure it yourself: trainer.own.Made(model=…, metrics=…).",
        )

    def _measure(self, kind: Measure | None, made: Made, raw: Any) -> Measure:
        probabilities = kind is classification.MEASURE and _are_probabilities(raw)

        def evaluate(dataset: Dataset, raw: Raw) -> dict[str, Any]:
            outputs = raw(dataset.test.inputs)
            found: dict[str, Any] = {"examples": len(dataset.test)}
            if kind is not None:
                found = kind.evaluate(dataset, lambda _: _logits(outputs) if probabilities else outputs)
            return found | self._own_metrics(made, dataset.test, outputs)

        return Measure(
            id="own",
            evaluate=evaluate,
            baseline=kind.baseline if kind else lambda _: {},
            headline=kind.headline if kind else (),
            table=self.table,
        )

    def _own_metrics(self, made: Made, held_out: Examples, outputs: NDArray[Any]) -> dict[str, Any]:
        if made.metrics is None:
            return {}
        with self.entry.guard(f"the metrics of {self.entry.name}: calling them"):
            found = made.metrics(held_out, outputs)
        if not isinstance(found, Mapping):
            raise InputError(
                f"the metrics of {self.entry.name} are a {type(found).__name__}; a mapping is wanted.",
                fix='Return names and numbers: {"name": 0.5}.',
            )
        return {str(name): self._plain(str(name), value) for name, value in found.items()}

    def _plain(self, name: str, value: Any) -> Any:
        """A metric as JSON has it; None for a number that isn't finite."""
        if isinstance(value, Mapping):
            return {str(key): self._plain(f"{name}.{key}", each) for key, each in value.items()}
        if hasattr(value, "tolist"):  # NumPy's and TensorFlow's through numpy()
            value = value.tolist()
        elif hasattr(value, "numpy"):
            value = value.numpy().tolist()
        if isinstance(value, list | tuple):
            return [self._plain(f"{name}.{index}", each) for index, each in enumerate(value)]
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value if value is None or math.isfinite(value) else None
        raise InputError(
            f"the metric {name} of {self.entry.name} is a {type(value).__name__}; a number is wanted.",
            fix="Return float(value), or leave it out.",
        )

    def _guarded(self, function: Callable[[Any], Any], what: str) -> Callable[[Any], Mapping[str, Any]]:
        def guarded(raw: Any) -> Mapping[str, Any]:
            with self.entry.guard(f"the {what} of {self.entry.name}: calling it"):
                found = function(raw)
            if not isinstance(found, Mapping) or not found:
                raise InputError(
                    f"the {what} of {self.entry.name} is no mapping of names to outputs.",
                    fix='Return {"name": output}.',
                )
            return found

        return guarded


def _measured(metrics: Mapping[str, Any]) -> Measure | None:
    """The kind of metrics of ours that is among them."""
    if "perClass" in metrics:
        return classification.MEASURE
    return regression.MEASURE if {*regression.NAMES, "baseline"} <= set(metrics) else None


def _others(metrics: Mapping[str, Any], ours: Measure | None) -> dict[str, float]:
    """The numbers that the user's own function gave."""
    known = {path.partition(".")[0] for path in MEASURES[ours.id]} if ours else {"examples"}
    return {name: value for name, value in metrics.items() if isinstance(value, int | float) and name not in known}


def _kind(task: Task | None, dataset: Dataset, raw: Any) -> Measure | None:
    """The kind of metrics that fits targets and outputs; None where there is none of ours."""
    if not hasattr(raw, "shape"):
        return None
    targets = dataset.train.targets
    if dataset.classes:
        return classification.MEASURE if raw.shape[1:] == (len(dataset.classes),) else None
    if targets.ndim == 1 and raw.shape[1:] in ((), (1,)):
        return task.measure if task and task.measure.id == regression.MEASURE.id else regression.MEASURE
    return None


def _are_probabilities(raw: NDArray[Any]) -> bool:
    return bool(((raw >= 0) & (raw <= 1)).all() and (abs(raw.sum(axis=-1) - 1) < SUM).all())


def _logits(probabilities: NDArray[Any]) -> NDArray[Any]:
    """Logits of probabilities: their softmax gives them back."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    smallest = np.finfo(np.float32).tiny
    return np.asarray(np.log(np.maximum(probabilities, smallest)))


def _answer(kind: Measure | None, raw: Any) -> Callable[[Any], Mapping[str, Any]] | None:
    """What a server answers where the user doesn't say; None where nobody knows."""
    if kind is classification.MEASURE:
        return classification.answer_of_probabilities if _are_probabilities(raw) else classification.answer
    if kind is not None:
        return regression.answer
    return (lambda found: {"output": found}) if hasattr(raw, "shape") else None


def _loss(kind: Measure | None, dataset: Dataset, raw: Any) -> Any:
    """The loss of a model that brings none.

    Raises:
        InputError: None fits.
    """
    if kind is classification.MEASURE:
        losses = backend.keras().losses
        return losses.SparseCategoricalCrossentropy(from_logits=not _are_probabilities(raw))
    if kind is not None:
        return regression.loss(dataset)
    raise InputError(
        "no loss of ours fits these outputs and targets.", fix="Compile the model with a loss before you give it back."
    )
