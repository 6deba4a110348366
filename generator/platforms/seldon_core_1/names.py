"""Names: what the operator makes of them, and how long they may be.

Source: SeldonIO/seldon-core v1.17.1, operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go
(``GetPredictorKey``, ``GetContainerServiceName``, ``GetExplainerDeploymentName``).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from generator.service.types import DNS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Objection
    from generator.service import Service

DEFAULT = "default"
"""The name of the only predictor: one for all releases, so that its Deployment replaces its pods.

Of another name the operator makes a new Service, to which Ambassador sends requests before there are pods.
"""

UNIT_LABEL = "seldon-app-svc-"
"""The label's key goes on with the unit's name, and its value is the Service of that unit."""

LONGEST = 63
LONGEST_UNIT = LONGEST - len(UNIT_LABEL)

TRANSFORMER = "transformer"
"""The unit that stands before the model."""


def shortened(name: str) -> str:
    """A name as the operator uses it: a hash where it would be too long."""
    return name if len(name) <= LONGEST else f"seldon-{hashlib.md5(name.encode()).hexdigest()}"  # noqa: S324 (a name)


def predictors(plan: Plan) -> dict[str, str]:
    """Variant to the name of its predictor.

    In a canary a predictor is named after its release: promoting then keeps the canary's Deployment, whose name holds
    the predictor's. Other strategies keep their variants, each with one release after the other.
    """
    given = {share.variant: share.object for share in plan.shares if share.object}
    return {**_ours(plan), **given}


def _ours(plan: Plan) -> dict[str, str]:
    """The names where the service file says none (``variants[].object``)."""
    service = plan.service
    if service.strategy.name == "rolling":
        return {plan.stable.variant: DEFAULT}
    if service.strategy.name != "canary":
        return {share.variant: share.variant for share in plan.shares}
    names = {share.variant: _of_release(service, share) for share in plan.shares}
    if len(set(names.values())) < len(names):
        return {variant: f"{name}-{variant}" for variant, name in names.items()}
    return names


def _of_release(service: Service, share: Share) -> str:
    """The release of this service by its number alone; another service's may have the same one."""
    owner = service.variant(share.variant).service
    return f"{owner}-{share.files.id}" if owner and owner != service.name else share.files.id


def predictor_service(deployment: str, predictor: str) -> str:
    """The Service of a predictor."""
    return shortened(f"{deployment}-{predictor}")


def unit_labels(deployment: str, predictor: str, unit: str) -> dict[str, str]:
    """The label that all pods of a unit carry and no others."""
    return {UNIT_LABEL + unit: shortened(f"{deployment}-{predictor}-{unit}")}


def explainer(deployment: str, predictor: str) -> str:
    """The explainer's Deployment, Service and container."""
    return shortened(f"{deployment}-{predictor}-explainer")


def objections(service: Service, *, graph: bool) -> Iterator[Objection]:
    """Names that no pod could carry.

    Args:
        service: The service.
        graph: Whether the variants are units of one graph.
    """
    path = ("model", "name") if service.model.name else ("name",)
    yield from _of_unit(service.model_name, path, "Set model.name to a shorter one.")
    if graph:
        for index, variant in enumerate(service.variants):
            at = ("variants", index, "name")
            yield from _of_unit(variant.name, at, "Shorten it.")
            if variant.name in (service.model_name, TRANSFORMER) and not service.strategy.graph:
                message = f"'{variant.name}' is the name of the graph's first unit too, and a graph has each name once."
                yield at, message, "Give the variant another name."
    elif service.transformer and service.model_name == TRANSFORMER:
        yield path, f"the transformer's unit is named '{TRANSFORMER}' already.", "Set model.name to another one."


def _of_unit(name: str, path: tuple[str | int, ...], fix: str) -> Iterator[Objection]:
    if not re.fullmatch(DNS_LABEL, name):
        yield (
            path,
            f"'{name}' names the container on Seldon Core 1, and a container's name has no capitals, dots or '_'.",
            "Write lower-case letters, digits and '-'.",
        )
    elif len(name) > LONGEST_UNIT:
        message = f"{len(name)} characters; Seldon's pods carry the name in the key of a label, {UNIT_LABEL}<name>, "
        yield path, f"{message}which leaves {LONGEST_UNIT}.", fix
