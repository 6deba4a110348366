"""The team that several workers are: batches shared out, gradients averaged, the chief's state given to all.

The result is that of one worker with the same batch size and seed, within the noise of rounding and of other units
left out: each batch is split among the workers in its order, and the gradients of their parts are added, each weighed
by its share of the batch's examples.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError
from trainer import backend
from trainer.distributed import rendezvous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.distributed.member import Member
    from trainer.fitting.team import Team

JOIN_SECONDS = 600.0
"""For all workers to come: pods of one job start minutes apart where an image has to be pulled."""

GROUP = 1_000_000
"""Of all workers; the strategy's own groups have small numbers (tensorflow v2.20.0,
``tensorflow/python/distribute/cross_device_utils.py``)."""

GRADIENTS, WEIGHTS, ARRAYS = range(3)
"""What is exchanged, each under a number of its own; a number is for vectors of one length, so longer arrays have a
higher one."""


class Workers:
    """One of the workers, joined to the others."""

    def __init__(self, member: Member) -> None:
        self.rank = member.rank
        self.size = len(member)

    def share(self, start: Any, end: Any) -> tuple[tuple[Any, Any], Any]:
        """A part as large as the others', give or take one; where there are too few, an example that doesn't count."""
        tf = backend.tensorflow()
        count = end - start
        low, high = (start + count * number // self.size for number in (self.rank, self.rank + 1))
        first = tf.minimum(low, end - 1)
        return (first, tf.maximum(high, first + 1)), tf.cast((high - low) / count, tf.float32)

    def mean(self, gradients: Sequence[Any], loss: Any, share: Any) -> tuple[Sequence[Any], Any]:
        """All gradients and the loss in one exchange."""
        tf = backend.tensorflow()
        flat = tf.concat([*(tf.reshape(gradient, [-1]) for gradient in gradients), tf.reshape(loss, [1])], 0)
        added = self._sum(tf.math.multiply_no_nan(flat, share), GRADIENTS)
        *parts, mean = tf.split(added, [*(gradient.shape.num_elements() for gradient in gradients), 1])
        shaped = [tf.reshape(part, gradient.shape) for part, gradient in zip(parts, gradients, strict=True)]
        return shaped, tf.reshape(mean, [])

    def level(self, weights: Sequence[Any]) -> None:
        """The mean of each, in one exchange; whole numbers are the same everywhere."""
        tf = backend.tensorflow()
        some = [weight.value for weight in weights if weight.value.dtype.is_floating]
        if not some:
            return
        flat = tf.concat([tf.reshape(tf.cast(weight, tf.float32), [-1]) for weight in some], 0)
        parts = tf.split(self._sum(flat, WEIGHTS) / self.size, [weight.shape.num_elements() for weight in some])
        for weight, part in zip(some, parts, strict=True):
            weight.assign(tf.cast(tf.reshape(part, weight.shape), weight.dtype))

    def same(self, arrays: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """The chief's arrays to the bit: its bytes as whole numbers, to which the others add zeros."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        tf = backend.tensorflow()
        content = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
        if not content:  # an exchange of nothing ends TensorFlow 2.20 with a segmentation fault
            return arrays
        numbers = np.frombuffer(content + b"\0" * (-len(content) % 4), np.int32)
        given = self._sum(tf.constant(numbers if self.rank == 0 else np.zeros_like(numbers)), ARRAYS + len(numbers))
        told, place = given.numpy().tobytes(), 0
        found = {}
        for name, array in arrays.items():
            part = told[place : place + array.nbytes]
            found[name] = np.frombuffer(part, array.dtype).reshape(array.shape)
            place += array.nbytes
        return found

    def _sum(self, numbers: Any, what: int) -> Any:
        """The sum of the workers' vectors of one length, the same bits for each of them.

        Without a time-out, since TensorFlow 2.20 lets a thread sleep for each one (15,000 steps, 15,000 threads). A
        worker that dies is known by its connection at once, and one whose machine hangs by the heartbeats of
        TensorFlow's coordination service, after some ten seconds.
        """
        tf = backend.tensorflow()
        with tf.device("CPU:0"):
            return tf.raw_ops.CollectiveReduceV2(
                input=numbers,
                group_size=self.size,
                group_key=GROUP,
                instance_key=what,
                ordering_token=[],
                merge_op="Add",
                final_op="Id",
                communication_hint="auto",
                timeout_seconds=0,
            )


@contextlib.contextmanager
def joined(member: Member, say: Callable[[str], None]) -> Iterator[Workers]:
    """Be one of the workers; before anything else asks TensorFlow for a device.

    Args:
        member: Which of them.
        say: Takes one line of talk.

    Raises:
        OutsideError: They don't all come, or one of them ends before the block does.
    """
    tf = backend.tensorflow()
    say(f"Worker {member.rank + 1} of {len(member)}: waiting for the others.")
    _join(member)
    try:
        yield Workers(member)
    except (
        tf.errors.UnavailableError,
        tf.errors.DeadlineExceededError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.InternalError,
        tf.errors.FailedPreconditionError,
    ) as error:
        raise OutsideError(
            f"another of the {len(member)} workers has ended or can't be reached, so this one ends too.",
            fix="Look at the others' logs. The same job, started again, goes on from the last checkpoint.",
        ) from error


def demand_same(team: Team, key: str) -> None:
    """Do nothing where this worker trains what the chief does.

    Raises:
        InputError: It has other data, settings or libraries.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    mine = np.frombuffer(bytes.fromhex(key), np.uint8)
    if team.same({"key": mine})["key"].tobytes() != mine.tobytes():
        raise InputError(
            f"worker {team.rank + 1} would train something else than the chief: its service file, data or libraries "
            "differ.",
            fix="Give each worker the same image, file and data.",
        )


def _join(member: Member) -> None:
    """Form the cluster.

    Raises:
        OutsideError: The workers don't all come in time, or this one's address isn't its own.
    """
    tf = backend.tensorflow()
    rendezvous.meet(member, JOIN_SECONDS)
    cluster = tf.train.ClusterSpec({"worker": list(member.addresses)})
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster, task_type="worker", task_id=member.rank, rpc_layer="grpc"
    )
    try:
        with backend.native_silence():
            tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except (tf.errors.OpError, RuntimeError) as error:
        raise OutsideError(
            f"the {len(member)} workers can't join: {str(error).partition(chr(10))[0]}.",
            fix="Look at the others' logs, and start the job again.",
        ) from error
