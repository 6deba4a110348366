"""The products whose packs ship, and what is known of each besides its releases."""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A product.

    Attributes:
        name: As packs and ``--platform`` name it.
        owns: The API groups of which its packs hold every kind, so that a missing kind is an error (CONTRACT).
        replaces: The product whose place it takes when it is asked for; empty for most.
    """

    name: str
    owns: frozenset[str] = frozenset()
    replaces: str = ""


_GATEWAY = frozenset(("gateway.networking.k8s.io", "gateway.networking.x-k8s.io"))

PRODUCTS: dict[str, Product] = {
    product.name: product
    for product in (
        Product("argo-cd"),
        Product("argo-rollouts"),
        Product("external-secrets"),
        Product("gateway-api", _GATEWAY),
        Product("gateway-api-experimental", _GATEWAY, replaces="gateway-api"),
        Product("istio"),
        Product("keda"),
        Product("knative-serving"),
        Product("kserve", frozenset(("serving.kserve.io",))),
        Product("kubeflow-trainer", frozenset(("trainer.kubeflow.org",))),
        Product("kubeflow-training-operator"),
        Product("prometheus-operator"),
        Product("seldon-core-1", frozenset(("machinelearning.seldon.io",))),
        Product("seldon-core-2", frozenset(("mlops.seldon.io",))),
    )
}
"""By name. A product that is only in the user's pack folder owns nothing."""


def owned_groups(product: str) -> frozenset[str]:
    """The API groups of which the product's packs hold every kind."""
    known = PRODUCTS.get(product)
    return known.owns if known else frozenset()
