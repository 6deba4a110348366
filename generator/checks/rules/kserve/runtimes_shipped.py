"""The runtimes that ship with each release of KServe, and which of them it chooses by itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import mapping, sequence
from generator.outcome.facts import facts
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Source("kserve/kserve", "v0.20.0", "config/runtimes/kustomization.yaml")


class Shipped(NamedTuple):
    """A ClusterServingRuntime that KServe's manifests install.

    Attributes:
        name: Of the object.
        formats: The formats that it takes, each with its version: KServe compares both as text.
        protocols: The protocols that it speaks; empty for any.
        automatic: The formats that KServe may choose it for; models of the others have to name it.
        workers: Whether it is for predictors with a workerSpec, and for no others.
    """

    name: str
    formats: tuple[tuple[str, str], ...]
    protocols: tuple[str, ...]
    automatic: frozenset[str]
    workers: bool

    @classmethod
    def of(cls, name: str, data: Mapping[str, Any]) -> Shipped:
        """As its object says."""
        spec = mapping(data, "spec")
        taken = [mapping(one) for one in sequence(spec, "supportedModelFormats")]
        pairs = tuple((str(one.get("name")), str(one.get("version"))) for one in taken)
        automatic = frozenset(str(one.get("name")) for one in taken if one.get("autoSelect") is True)
        protocols = tuple(str(one) for one in sequence(spec, "protocolVersions"))
        return cls(name, pairs, protocols, automatic, isinstance(spec.get("workerSpec"), dict))


NEWEST = Version(0, 999)
"""Newer than all releases whose facts there are."""


@functools.cache
def shipped(release: Version | None) -> Mapping[str, Shipped]:
    """The runtimes of a release, by name; of the newest that is known where none is given."""
    every = facts("kserve", release or NEWEST).part("runtimes")
    return {name: Shipped.of(name, data) for name, data in every.items()}


class Offer(NamedTuple):
    """What the shipped runtimes that KServe may choose by themselves make of a format.

    Attributes:
        protocols: The protocols that one of them speaks with it; ``*`` stands for any.
        versions: By protocol, the versions that one of them takes.
    """

    protocols: tuple[str, ...]
    versions: Mapping[str, tuple[str, ...]]

    def speaks(self, protocol: str) -> bool:
        """Whether there is a runtime for the protocol."""
        return protocol in self.versions or "*" in self.versions

    def taken(self, protocol: str) -> tuple[str, ...]:
        """The versions with the protocol, smallest first."""
        found = {*self.versions.get(protocol, ()), *self.versions.get("*", ())}
        return tuple(sorted(found))


@functools.cache
def offer(release: Version | None, form: str) -> Offer | None:
    """What a release offers for a format to predictors without workers; None for a format that it doesn't know."""
    fitting = [one for one in shipped(release).values() if form in one.automatic and not one.workers]
    versions: dict[str, set[str]] = {}
    for one in fitting:
        for protocol in one.protocols or ("*",):
            versions.setdefault(protocol, set()).update(number for name, number in one.formats if name == form)
    found = {protocol: tuple(sorted(versions[protocol])) for protocol in sorted(versions)}
    return Offer(tuple(found), found) if fitting else None
