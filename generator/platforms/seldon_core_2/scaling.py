"""Replicas: how many of a Model run, and who changes that.

Rules between the three numbers: operator/internal/utils.go, v2.10.2. ``replicas`` always stands there: what it means to
leave it out has changed, and an autoscaler from outside can't start without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.plan.plan import Role
from generator.platforms.base import Composition, Sheet, numbers
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from generator.plan.plan import Plan, Share
    from generator.service import Service

SERVERS_SCALE_SINCE = (2, 9)
"""Core 2 scales Servers itself from this release on (k8s/helm-charts/seldon-core-v2-setup, autoscaling)."""
MODELS_SCALE_OUTSIDE_SINCE = (2, 8)
"""The first release whose Models can be scaled from outside: ``labelSelectorPath`` in the CRD, from 2.8.4 on, without
which a HorizontalPodAutoscaler says "selector is required"."""

KEDA = "2.20"
PROMETHEUS = "prometheus"
FIXED = frozenset({Role.CANARY, Role.SHADOW})
"""Variants whose replicas stay what they are: a canary's are enough for its last step."""


def fixed(count: int) -> dict[str, Any]:
    """Replicas that nobody changes."""
    return {"replicas": count, "min_replicas": None, "max_replicas": None}


def fields(service: Service, share: Share) -> dict[str, Any]:
    """What a variant's Model says of its replicas.

    Bounds switch Core 2's own autoscaling on, by requests that wait; beside an autoscaler from outside there are none,
    so that only one of them decides.
    """
    most = service.replicas.max
    if most is None or share.role in FIXED or service.replicas.metric == PROMETHEUS:
        return fixed(share.replicas)
    return {
        "replicas": share.replicas,
        "min_replicas": share.replicas,
        "max_replicas": max(most, share.replicas),
    }


def compose(plan: Plan, name: str) -> Composition:
    """KEDA's ScaledObject for the Model with a name, where Prometheus says how many are wanted."""
    replicas = plan.service.replicas
    if replicas.metric != PROMETHEUS:
        return Composition(())
    service = plan.service
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "replicas": replicas,
        "threshold": str(replicas.target),
    }
    made = Sheet("seldon-core-2/scaledobject.yaml.j2", "ScaledObject", name, service.namespace, context)
    note = (
        f"{service.name}: KEDA changes spec.replicas of the Model {name}, which has to stand in the manifest to begin "
        "with: leave that field out of what GitOps compares."
    )
    return Composition((made,), (("keda", KEDA),), (note,))


def most_at_start(service: Service) -> int:
    """The most replicas that a Model of the service starts with; its Server needs as many."""
    strategy, least = service.strategy, service.replicas.min
    beside: list[int | None] = []
    if strategy.canary:
        beside = [strategy.canary.replicas, *(each.replicas for each in strategy.canary.alongside)]
    elif strategy.shadow:
        beside = [strategy.shadow.replicas]
    return max(least, 1, *(each or 0 for each in beside)) if beside else max(least, 1)


def servers_scale(release: str) -> bool:
    """Whether a release scales Servers itself."""
    return numbers(release) >= SERVERS_SCALE_SINCE
