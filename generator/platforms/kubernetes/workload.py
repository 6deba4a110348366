"""A variant on the cluster: its names and labels, and the server that runs it.

In a canary names follow the variant's model, not its role, so that promoting keeps the canary's pods. Elsewhere they
follow the variant: a new release of it replaces its pods one by one, behind a Service that leads to both. A rolling
update has one variant, and one name for all releases.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.platforms.base import Sheet
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Share
    from generator.platforms.kubernetes.servers.base import Run
    from generator.service import Service

LONGEST = 63
"""A Service's name and a label's value."""

WORKLOAD_LABEL = "serinus.dev/workload"
"""What selects the pods of one Deployment. Ours alone, so nobody else's pods can match, and it never changes."""
SERVICE_LABEL = "serinus.dev/service"
"""What selects all pods of a service."""
MODEL_LABEL = "serinus.dev/model"
"""Which model the pods serve, whichever Deployment made them."""
VARIANT_LABEL = "serinus.dev/variant"
"""Whose pods they are, whatever they serve; never in a canary, where promoting would change it and restart them."""
RESERVED = (WORKLOAD_LABEL, SERVICE_LABEL, MODEL_LABEL, VARIANT_LABEL)

ROLLING, CANARY = "rolling", "canary"
"""The strategies whose pods aren't named after their variant."""


@dataclass(frozen=True)
class Workload:
    """One variant on the cluster.

    Attributes:
        name: The Deployment's; its Service, if it has one, is called the same.
        model: What tells its model from those of the other variants.
        service: The service's name.
        strategy: The strategy's name.
        share: The variant.
        uri: Where its model lies, empty where the container brings it.
        run: How its server is run.
        container: The container's fields but its volumes, the user's laid over ours.
        port: The name of the port that clients call.
    """

    name: str
    model: str
    service: str
    strategy: str
    share: Share
    uri: str
    run: Run
    container: Mapping[str, Any]
    port: str

    @property
    def selector(self) -> dict[str, str]:
        """What selects its pods."""
        return {WORKLOAD_LABEL: self.name}

    @property
    def served(self) -> dict[str, str]:
        """What a Service selects.

        In a canary a Service leads to one model, elsewhere to one variant, whatever it serves: during an update the old
        pods answer until the new ones are ready. So do pods that a rolling update made, for both kinds.
        """
        if self.strategy == ROLLING:
            return self.selector
        if self.strategy == CANARY:
            return {SERVICE_LABEL: self.service, MODEL_LABEL: self.model}
        return {SERVICE_LABEL: self.service, VARIANT_LABEL: self.share.variant}

    @property
    def labels(self) -> dict[str, str]:
        """Its pods' labels by which they are selected."""
        variant = {} if self.strategy == CANARY else {VARIANT_LABEL: self.share.variant}
        return {SERVICE_LABEL: self.service, MODEL_LABEL: self.model, **variant, WORKLOAD_LABEL: self.name}

    @property
    def config_name(self) -> str:
        """The ConfigMap's name, of its content: a pod's template then names exactly what the pod reads.

        Another content is another name, which restarts the pods; pods of the old template keep the old one, and
        variants with the same content share it.
        """
        text = "".join(f"{file}\0{content}\0" for file, content in sorted(self.run.files.items()))
        return f"{self.service}-config-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def labels(service: Service) -> dict[str, str]:
    """What selects all pods of a service."""
    return {SERVICE_LABEL: service.name}


def int_or_percent(text: str) -> int | str:
    """A number where it is one: the API server tells both apart."""
    return int(text) if text.isdigit() else text


def sheet(service: Service, template: str, kind: str, name: str, context: Mapping[str, Any]) -> Sheet:
    """An object of ours."""
    metadata = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
    }
    return Sheet(f"kubernetes/{template}.yaml.j2", kind, name, service.namespace, {**metadata, **context})
