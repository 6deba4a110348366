"""All that changes while a network is fitted, by name: what a checkpoint holds, and what a team starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainer.fitting.adam import Adam
    from trainer.fitting.steps import Steps

    Arrays = Mapping[str, NDArray[Any]]


class State:
    """The weights of a network and the state of its generators of chance, of its optimizer, and of the running epoch.

    It is whole between two calls of ``Steps.run``, and says itself where the training is (``taken``).
    """

    def __init__(self, body: Any, adam: Adam, steps: Steps) -> None:
        self._variables = {
            **{f"body/{index}": variable.value for index, variable in enumerate(body.variables)},
            **{f"adam/{name}": variable for name, variable in adam.variables().items()},
            "loss_sum": steps.loss_sum,
        }
        kept = {id(weight) for weight in body.weights}
        self._chance = [variable.value for variable in body.variables if id(variable) not in kept]
        self._adam = adam

    @property
    def taken(self) -> int:
        """The steps that were taken."""
        return int(self._adam.iterations.numpy())

    def read(self) -> dict[str, NDArray[Any]]:
        """A copy."""
        return {name: variable.numpy() for name, variable in self._variables.items()}

    def fits(self, arrays: Arrays) -> bool:
        """Whether arrays are a state of this network: the same names, types and shapes."""
        return arrays.keys() == self._variables.keys() and all(
            arrays[name].shape == tuple(variable.shape) and arrays[name].dtype == variable.dtype.as_numpy_dtype
            for name, variable in self._variables.items()
        )

    def write(self, arrays: Arrays) -> None:
        """Take over a state that ``fits``."""
        for name, variable in self._variables.items():
            variable.assign(arrays[name])

    def own_chance(self, rank: int) -> None:
        """Let a worker of a team leave out other units than the rest does: each draws on a seed of its own.

        A generator of Keras 3 is a pair of seed and counter (keras.random.SeedGenerator); the first one's stays.
        """
        for generator in self._chance:
            seed, counter = generator.numpy().tolist()
            generator.assign([(seed + rank) % 2**32, counter])
