"""What a network computes in while it is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.network import Network

FULL = "float32"


def trainee(network: Network, build: Callable[[], Network], precision: str) -> Any:
    """The body that is fitted: the network's own, or a twin of the same weights that computes in a smaller type.

    A layer's weights are float32 under every policy, so the twin's can be taken over as they are (``take_over``), and
    what is measured and exported computes in float32: any server gives the same answers.

    Args:
        network: What is measured and exported in the end.
        build: Makes another one of the same form.
        precision: Keras' name of a policy.
    """
    if precision == FULL:
        return network.body
    config = backend.keras().config
    before = config.dtype_policy()
    config.set_dtype_policy(precision)
    try:
        body = build().body
    finally:
        config.set_dtype_policy(before)
    body.set_weights(network.body.get_weights())
    return body


def take_over(network: Network, trained: Any) -> None:
    """Give a network the weights of its ``trainee``."""
    if trained is not network.body:
        network.body.set_weights(trained.get_weights())
