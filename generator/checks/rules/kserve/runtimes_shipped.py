"""The runtimes that ship with each release of KServe, and which of them it chooses by itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from generator.checks.rule import Source
from generator.checks.rules.kserve.spec import V0_17, V0_20

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.schemas import Version

SHIPPED = Source("kserve/kserve", "v0.20.0", "config/runtimes/kustomization.yaml")


class Shipped(NamedTuple):
    """A ClusterServingRuntime that KServe's manifests install.

    Attributes:
        name: Of the object.
        formats: The formats that it takes, each with its version: KServe compares both as text.
        protocols: The protocols that it speaks; empty for any.
        automatic: The formats that KServe may choose it for; models of the others have to name it.
        since: The first release that has it in this form; None for all up to ``until``.
        until: The first release that has it in another form; None where there is no such release.
        workers: Whether it is for predictors with a workerSpec, and for no others.
    """

    name: str
    formats: tuple[tuple[str, str], ...]
    protocols: tuple[str, ...]
    automatic: frozenset[str]
    since: Version | None = None
    until: Version | None = None
    workers: bool = False


class _Others(TypedDict, total=False):
    since: Version
    until: Version
    workers: bool


def _row(name: str, formats: str, protocols: str = "v1 v2", **others: Unpack[_Others]) -> Shipped:
    """A row of the table. Formats as in ``pmml:3 pmml:4``; of those in parentheses the model names the runtime."""
    words = [(word.strip("()").partition(":"), word) for word in formats.split()]
    automatic = frozenset(name for (name, _, _), word in words if not word.startswith("("))
    pairs = tuple((name, number) for (name, _, number), _ in words)
    return Shipped(name, pairs, tuple(protocols.split()), automatic, **others)


_BY_MLSERVER = "sklearn:0 sklearn:1 xgboost:1 xgboost:2 lightgbm:3 lightgbm:4"
_SHIPPED = (
    _row("kserve-tensorflow-serving", "tensorflow:1 tensorflow:2", "v1 grpc-v1"),
    _row("kserve-sklearnserver", "sklearn:1"),
    _row("kserve-xgbserver", "xgboost:1", until=V0_17),
    _row("kserve-xgbserver", "xgboost:2", since=V0_17),
    _row("kserve-lgbserver", "lightgbm:3", until=V0_17),
    _row("kserve-lgbserver", "lightgbm:4", since=V0_17),
    _row("kserve-pmmlserver", "pmml:3 pmml:4"),
    _row("kserve-paddleserver", "paddle:2"),
    _row("kserve-mlserver", f"{_BY_MLSERVER} mlflow:1 mlflow:2", "v2"),
    _row("kserve-tritonserver", "tensorrt:8 tensorflow:1 tensorflow:2 onnx:1 triton:2 (pytorch:1)", "v2 grpc-v2"),
    _row("kserve-torchserve", "pytorch:1", "v1 v2 grpc-v2"),
    _row("kserve-huggingfaceserver", "huggingface:1"),
    _row("kserve-huggingfaceserver-multinode", "huggingface:1", workers=True),
    _row("kserve-predictiveserver", "(sklearn:1) (xgboost:2) (lightgbm:4)", since=V0_17),
    _row("kserve-autogluonserver", "autogluon:1", since=V0_20),
    _row("kserve-vllmserver", "vLLM:1", "", since=V0_20),
)
"""config/runtimes of kserve/kserve, read at each tag from v0.15.0 to v0.20.0."""


RESOURCES: Mapping[str, str] = {"cpu": "1", "memory": "2Gi"}
"""What each of them for one node asks for and has at most; the ConfigMap that ships gives other containers the same."""


@functools.cache
def shipped(release: Version | None) -> Mapping[str, Shipped]:
    """The runtimes of a release, by name; of the newest where none is given."""
    return {
        one.name: one
        for one in _SHIPPED
        if (one.since is None or release is None or release >= one.since)
        and (one.until is None or (release is not None and release < one.until))
    }


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
