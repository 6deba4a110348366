"""``tf.data``: a folder that ``tf.data.Dataset.save`` wrote, or one each for training and held out, and such objects.

An element is a pair: an input or inputs by name, and the target. It may be a batch; it is taken apart then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from trainer import backend
from trainer.data import arrays, table
from trainer.data.base import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.arrays import Pair, Refuse
    from trainer.data.base import Reading
    from trainer.data.dataset import Dataset

SPEC = "dataset_spec.pb"
"""What ``tf.data.Dataset.save`` writes beside the data (tensorflow v2.20.0, ``python/data/ops/save_op.py``)."""

SAVE = "tf.data.Dataset.save"
"""Who writes such a folder."""

TRAIN, TEST = "train", "test"
CALL = 1024
"""Examples that are taken at a time."""

FIX = "An element is a pair of an input (or inputs by name) and the target."


def fits(path: Path) -> bool:
    """Whether a folder is a saved data set, or holds one to train on."""
    return (path / SPEC).is_file() or (path / TRAIN / SPEC).is_file()


def load(path: Path, reading: Reading) -> Dataset:
    """Read a folder.

    Raises:
        InputError: It holds something else; TensorFlow isn't installed.
        OutsideError: It can't be read.
    """
    refuse = arrays.refusing_at(str(path), FIX)
    if (path / SPEC).is_file():
        return arrays.dataset("tf.data", _saved(path), None, reading, refuse, origin=str(path), how="")
    if not (path / TEST / SPEC).is_file():
        raise InputError(
            f"there is no {TEST} beside {TRAIN}.",
            fix=f"Save the held-out data there, or all of them into {path} itself; a fifth is held out then.",
            place=Place(str(path)),
        )
    how = "the user's own: the folder test"
    train, test = _saved(path / TRAIN), _saved(path / TEST)
    return arrays.dataset("tf.data", train, test, reading, refuse, origin=str(path), how=how)


def _saved(path: Path) -> Pair:
    tf = backend.tensorflow()
    try:
        elements = tf.data.Dataset.load(str(path))
    except OSError as error:
        raise OutsideError(f"can't be read: {_said(error)}.", place=Place(str(path))) from error
    except Exception as error:  # TensorFlow's decoder of a damaged folder raises classes that it doesn't show
        raise InputError(
            f"this is no readable data set: {_said(error)}.",
            fix=f"Write it anew: {SAVE}.",
            place=Place(str(path)),
        ) from error
    if (told := elements.cardinality()) >= 0:
        # A file that ends too early ends the data without a word (seen with tensorflow 2.20); the folder says how many.
        elements = elements.apply(tf.data.experimental.assert_cardinality(told))
    return examples(elements, arrays.refusing_at(str(path), f"{FIX} What is damaged is written anew by {SAVE}."))


def examples(elements: Any, refuse: Refuse) -> Pair:
    """The examples of a ``tf.data.Dataset``, in memory.

    Raises:
        InputError: It has no end, is more than memory holds, or its elements are no pairs.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    tf = backend.tensorflow()
    spec = elements.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:  # noqa: PLR2004 (input and target)
        refuse("its elements are no pairs.", "")
    leaves = tf.nest.flatten(spec)
    if not all(isinstance(each, tf.TensorSpec) for each in leaves):
        refuse("its elements hold ragged or sparse tensors.", "")
    if elements.cardinality() == tf.data.INFINITE_CARDINALITY:
        refuse("it has no end.", "")
    if _batched(leaves):
        elements = elements.unbatch()
    parts: list[Any] = []
    size = 0
    try:
        for batch in elements.batch(CALL).as_numpy_iterator():
            size += sum(np.asarray(each).nbytes for each in tf.nest.flatten(batch))
            if size > table.MOST_BYTES:
                refuse(f"its examples are more than {table.MOST_BYTES // 2**30} GiB in memory.", "")
            parts.append(batch)
    except (tf.errors.OpError, ValueError) as error:
        refuse(f"its elements can't be read, or not be put together: {_said(error)}.", "")
    if not parts:
        refuse("it is empty.", "")
    x, y = tf.nest.map_structure(lambda *each: np.concatenate(each), *parts)
    return arrays.pair(x, y, refuse)


def _batched(leaves: list[Any]) -> bool:
    """Whether an element is many examples: inputs and target begin with the same dimension, the target's only one."""
    *inputs, target = (each.shape for each in leaves)
    return target.rank == 1 and all(each.rank and each[0] == target[0] for each in inputs)


def _said(error: Exception) -> str:
    """The words of TensorFlow, without its names of nodes and the traceback of a generator in Python."""
    text = " ".join(
        re.sub(r"\{\{.*?\}\}|\[Op:\w+\]|\bname:\s*$", "", str(error)).partition("Traceback (most")[0].split()
    )
    return text[:300].rstrip(" .")


READER = Reader(id="tf-data", summary="a folder of tf.data.Dataset.save", fits=fits, load=load)
