"""The format of each variant's model, where the service file leaves it out: what the lock file says of its release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.plan.lock import Lock
    from generator.service import Service

USUAL = "savedmodel"
"""The format of what is trained here, and of what nobody says anything about."""


def settled(service: Service, locked: Lock) -> Service:
    """The service with a format: the file's, else that of its releases, else the usual one.

    The first release that is pinned says the model's format, and each variant whose release has another one gets that;
    a server of the cluster's own (``model.modelFormat``) is asked for by its own words, whatever the releases are.

    Args:
        service: The service, its environment applied.
        locked: The lock file's content.
    """
    if service.model.format:
        return service
    pins = locked.section(service.name, service.environment)
    told = {each.name: pins[each.name].format for each in service.variants if each.release and each.name in pins}
    usual = next(iter((*told.values(), *service.model.formats)), USUAL)
    model = replace(service.model, format=usual)
    if model.model_format:
        return replace(service, model=model)
    variants = tuple(
        replace(each, format=told[each.name])
        if told.get(each.name, usual) != usual and not (each.format or each.model_format)
        else each
        for each in service.variants
    )
    return replace(service, model=model, variants=variants)


def trained(service: Service) -> Service:
    """The service with the format of what is trained for it: the file's, else the first of its formats."""
    return with_format(service, next(iter(service.model.formats), USUAL))


def with_format(service: Service, model_format: str) -> Service:
    """The service with that format, where its file leaves it out."""
    return service if service.model.format else replace(service, model=replace(service.model, format=model_format))
