"""The platforms: one module each, discovered, never listed; a Plan goes in, sheets for the templates come out."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.decode import nearest
from generator.errors import InputError
from generator.platforms.base import Level, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.service import Service


@functools.cache
def platforms() -> Mapping[str, Platform]:
    """Every platform by id: each module of this package that holds ``PLATFORM``."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        platform = getattr(importlib.import_module(f"{__name__}.{module.name}"), "PLATFORM", None)
        if isinstance(platform, Platform):
            found[platform.id] = platform
    return MappingProxyType(dict(sorted(found.items())))


def of(service: Service) -> Platform:
    """The platform of a service, after asking whether it can do what the service wants.

    Raises:
        InputError: The platform, its release or its mode isn't known, or it can't do the strategy; the message names
            what can.
    """
    wanted = service.platform
    known = platforms()
    if wanted.kind not in known:
        raise _refusal(service, f"the platform '{wanted.kind}' isn't known.", nearest(wanted.kind, known), "kind")
    platform = known[wanted.kind]
    if wanted.version and wanted.version not in platform.releases:
        listed = ", ".join(f'"{release}"' for release in platform.releases)
        fix = f"Known releases: {listed}."
        raise _refusal(service, f"{platform.title} {wanted.version} isn't known.", fix, "version")
    if wanted.mode and wanted.mode not in platform.modes:
        fix = nearest(wanted.mode, platform.modes)
        raise _refusal(service, f"{platform.title} has no mode '{wanted.mode}'.", fix, "mode")
    _demand(service, platform)
    return platform


def _demand(service: Service, platform: Platform) -> None:
    """Hold the table of capabilities, and what it says a strategy needs, against the service."""
    mode = platform.mode_of(service)
    capability = platform.capability(service.strategy.name, mode)
    if capability.level is Level.NO:
        fix = f"Instead: {capability.instead}." if capability.instead else ""
        raise InputError(
            f"{platform.title} in mode {mode} can't do this: {capability.sentence}",
            fix=fix,
            place=service.place("strategy", service.strategy.name),
        )
    if capability.level is Level.GATEWAY and service.gateway is None:
        wanted = f"the strategy {service.strategy.name} on {platform.title} in mode {mode}"
        raise InputError(
            f"{wanted} needs a Gateway: {capability.sentence}",
            fix="Add for example gateway: {name: models, namespace: gateways, host: digits.example.com}.",
            place=service.place("gateway"),
        )
    for path, message, fix in platform.objections(service):
        raise InputError(message, fix=fix, place=service.place(*path))


def _refusal(service: Service, message: str, fix: str, key: str) -> InputError:
    return InputError(message, fix=fix, place=service.place("platform", key))
