"""What a run trains on, made of what the user's function gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from trainer import backend
from trainer.data import arrays, tf_data
from trainer.data.base import Source
from trainer.data.dataset import Dataset, Examples
from trainer.own.face import DataRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.data.arrays import Pair, Refuse
    from trainer.data.base import Reading
    from trainer.own.code import Entrypoint

FIX = (
    "It gives a trainer.own.Dataset, or two parts, to train on and held out, or one, of which a fifth is held out; "
    "a part is a pair of arrays (inputs, targets) or a tf.data.Dataset of pairs."
)
HOW = "the user's own, by code"


def source(entry: Entrypoint, reading: Reading, parameters: Mapping[str, Any]) -> Source:
    """The data of a function, not yet asked for."""

    def load() -> Dataset:
        given = entry.call(DataRequest(parameters=parameters, folder=entry.folder))
        return dataset(given, entry.name, reading)

    return Source(name=entry.name, summary="data of your own code", load=load)


def dataset(given: Any, name: str, reading: Reading) -> Dataset:
    """The data that a function gave.

    Raises:
        InputError: They are none.
    """
    refuse = arrays.refusing(f"the data of {name}", FIX)
    if isinstance(given, Dataset):
        parts = [Examples(inputs=x, targets=y) for x, y in (_plain(part, refuse) for part in (given.train, given.test))]
        return replace(given, train=parts[0], test=parts[1])
    if isinstance(given, tuple | list) and len(given) == 2:  # noqa: PLR2004 (two parts, or inputs and targets)
        first, second = given
        if _is_part(first) and _is_part(second):
            return arrays.dataset("own code", _part(first, refuse), _part(second, refuse), reading, refuse, how=HOW)
    if _is_part(given):
        return arrays.dataset("own code", _part(given, refuse), None, reading, refuse, how=HOW)
    return _refuse(given, refuse)


def _refuse(given: Any, refuse: Refuse) -> NoReturn:
    what = "nothing" if given is None else f"a {type(given).__module__}.{type(given).__qualname__}"
    refuse(f"it gives {what}.", "")


def _plain(part: Any, refuse: Refuse) -> Pair:
    """A part of the user's own making, as arrays of our types."""
    if not isinstance(part, Examples):
        refuse("its train and test are trainer.own.Examples.", "")
    return arrays.pair(part.inputs, part.targets, refuse)


def _is_part(given: Any) -> bool:
    return (isinstance(given, tuple) and len(given) == 2) or _is_tf(given)  # noqa: PLR2004 (inputs and targets)


def _is_tf(given: Any) -> bool:
    return hasattr(given, "element_spec") and isinstance(given, backend.tensorflow().data.Dataset)


def _part(given: Any, refuse: Refuse) -> Pair:
    if _is_tf(given):
        return tf_data.examples(given, refuse)
    inputs, targets = given
    return arrays.pair(inputs, targets, refuse)
