"""The products whose packs ship, and what is known of each besides its releases."""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A product.

    Attributes:
        name: As packs and ``--platform`` name it.
        owns: The API groups of which its packs hold every kind, so that a missing kind is an error (CONTRACT).
        replaces: The product whose place it takes when it is asked for; empty for most.
        typed: Whether the API server itself has its kinds as Go types; kinds of all others are CRDs.
        title: As people call it; empty for what no message names.
    """

    name: str
    owns: frozenset[str] = frozenset()
    replaces: str = ""
    typed: bool = False
    title: str = ""


_GATEWAY = frozenset(("gateway.networking.k8s.io", "gateway.networking.x-k8s.io"))
KUBERNETES = "kubernetes"
_CORE = frozenset(
    (
        *("", "apps", "autoscaling", "batch", "policy", "admissionregistration.k8s.io", "coordination.k8s.io"),
        *("discovery.k8s.io", "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io"),
        *("storage.k8s.io", "extensions"),
    )
)
"""``extensions`` was the first home of Deployments and Ingresses; nothing has lived there since Kubernetes 1.22."""

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
        Product("kserve", frozenset(("serving.kserve.io",)), title="KServe"),
        Product(KUBERNETES, _CORE, typed=True),
        Product("kubeflow-trainer", frozenset(("trainer.kubeflow.org",))),
        Product("kubeflow-training-operator"),
        Product("prometheus-operator"),
        Product("seldon-core-1", frozenset(("machinelearning.seldon.io",)), title="Seldon Core 1"),
        Product("seldon-core-2", frozenset(("mlops.seldon.io",)), title="Seldon Core 2"),
    )
}
"""By name. A product that is only in the user's pack folder owns nothing."""


def owned_groups(product: str) -> frozenset[str]:
    """The API groups of which the product's packs hold every kind."""
    known = PRODUCTS.get(product)
    return known.owns if known else frozenset()


def is_typed(product: str) -> bool:
    """Whether the API server itself has the product's kinds as Go types."""
    known = PRODUCTS.get(product)
    return known is not None and known.typed


def title(product: str) -> str:
    """The product as people call it, such as ``KServe``; its name where nobody calls it otherwise."""
    known = PRODUCTS.get(product)
    return (known.title if known else "") or product
