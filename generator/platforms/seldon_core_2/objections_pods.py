"""What Core 2 can't do of replicas, pods and what stands around a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.platforms.base import numbers
from generator.platforms.seldon_core_2 import scaling
from generator.platforms.seldon_core_2.models import EXPLAINERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.platforms.base import Objection
    from generator.service import Service

OWN = "Give the service its own Server: server: {config: mlserver} or {config: triton}. Or set it on the cluster's."
ONE_MODEL = ("rolling", "canary", "shadow")
"""Strategies in which one Model scales, the others having the replicas that they have."""


def objections(service: Service, release: str) -> Iterator[Objection]:
    """All of them, in the order of the service file."""
    yield from _replicas(service, release)
    yield from _rollout(service)
    yield from _pods(service)
    yield from _around(service)
    yield from _server(service, release)


def _replicas(service: Service, release: str) -> Iterator[Objection]:
    replicas = service.replicas
    if replicas.min == 0:
        yield (
            ("replicas", "min"),
            "a Model of 0 replicas is unloaded and never gets Ready.",
            "Write 1: a Model that nobody calls is moved out of memory by itself.",
        )
    if replicas.metric == scaling.PROMETHEUS:
        yield from _outside(service, release)
    if replicas.behavior and replicas.metric != scaling.PROMETHEUS:
        yield (
            ("replicas", "behavior"),
            "Core 2's own autoscaling of Models knows no behavior.",
            "Leave it out, or write metric: prometheus, by which KEDA scales.",
        )
    if replicas.scaler and (replicas.scaler, replicas.metric) != ("keda", scaling.PROMETHEUS):
        yield (
            ("replicas", "scaler"),
            f"without metric: prometheus a Model isn't scaled by {replicas.scaler}, and with it by KEDA.",
            "Leave it out.",
        )


def _outside(service: Service, release: str) -> Iterator[Objection]:
    """KEDA needs a selector of the scale subresource, and one Model to scale."""
    if numbers(release) < scaling.MODELS_SCALE_OUTSIDE_SINCE:
        yield (
            ("replicas", "metric"),
            f"Models of Core 2 {release} can't be scaled from outside: their CRD names no selector.",
            "Leave metric out, or take 2.8 (from 2.8.4 on) or newer.",
        )
    if any(variant.deployed for variant in service.variants):
        yield (
            ("replicas", "metric"),
            "a Model that is on the cluster already is scaled by whoever put it there.",
            "Leave metric out.",
        )
    if service.strategy.name not in ONE_MODEL:
        yield (
            ("replicas", "metric"),
            f"one query can't scale the several Models of the strategy {service.strategy.name}.",
            "Leave metric out: Core 2 scales each of them by the requests that wait for it.",
        )


def _rollout(service: Service) -> Iterator[Objection]:
    """A Model isn't rolled out pod by pod."""
    rollout = service.rollout
    asked = (
        ("maxSurge", rollout.max_surge, "the old version of a Model serves until the new one is loaded"),
        ("maxUnavailable", rollout.max_unavailable, "the old version of a Model serves until the new one is loaded"),
        ("deadline", rollout.deadline, "Core 2 has no deadline for loading a Model"),
    )
    for key, value, why in asked:
        if value is not None:
            yield ("rollout", key), f"{why}.", "Leave it out, and watch the Model's condition ModelReady."


def _pods(service: Service) -> Iterator[Objection]:
    """What belongs to pods: it has a place in a Server of the service's own only.

    Resources and ServiceAccount, which nearly every service file has, are told of when rendering (``notes.py``), so
    that one file serves several platforms.
    """
    if service.server.config:
        for index, variant in enumerate(service.variants):
            if variant.pod:
                message = "the Server runs the Models of all variants in the same pods."
                yield ("variants", index, "pod"), message, "Write it once: pod or server.pod."
        return
    asked = (
        (("container",), bool(service.container), "the container belongs"),
        (("pod",), bool(service.pod), "this belongs"),
        *((("variants", index, "pod"), bool(each.pod), "this belongs") for index, each in enumerate(service.variants)),
        (("access", "identity"), service.access.identity is not None, "the identity belongs"),
        (("replicas", "available"), service.replicas.available is not None, "a PodDisruptionBudget belongs"),
    )
    for path, there, what in asked:
        if there:
            yield (
                path,
                f"a Model is loaded into a Server, and {what} to that Server's pods.",
                OWN,
            )


def _around(service: Service) -> Iterator[Objection]:
    if service.transformer:
        yield (
            ("transformer",),
            "Core 2 runs Models and no containers of one's own.",
            "Make it a Model (MLServer, Python) and a variant of strategy.chain, before the model.",
        )
    if service.batcher:
        yield (
            ("batcher",),
            "Core 2's agent drops MLServer's batching (max_batch_size) from model-settings.json.",
            "On Triton write dynamic_batching into config.pbtxt.",
        )
    logger = service.logger
    if logger and logger.url:
        yield ("logger", "url"), "Core 2 logs payloads to its own Kafka topics.", "Leave url out, and read them there."
    if logger and logger.mode != "all":
        yield ("logger", "mode"), "Core 2 logs requests and answers, or neither.", "Write mode: all, or leave it out."
    yield from _explainer(service)


def _explainer(service: Service) -> Iterator[Objection]:
    explainer = service.explainer
    if explainer is None:
        return
    if explainer.container:
        yield (
            ("explainer", "container"),
            "Core 2 runs explainers of alibi only.",
            "Write type: anchor_tabular or another of its own.",
        )
    elif explainer.type not in EXPLAINERS:
        yield (
            ("explainer", "type"),
            f"MLServer knows no explainer '{explainer.type}'.",
            nearest(explainer.type or "", EXPLAINERS),
        )
    if not explainer.uri:
        yield ("explainer",), "Core 2 loads an explainer from its files.", "Add uri: with the folder where they lie."
    if explainer.runtime_version:
        yield ("explainer", "runtimeVersion"), "an explainer runs in the release that its Server has.", "Leave it out."
    if explainer.resources.mapping:
        yield ("explainer", "resources"), "an explainer is loaded into a Server beside others.", "Leave them out."
    if explainer.replicas == 0:
        yield (
            ("explainer", "replicas"),
            "a Model of 0 replicas never gets Ready.",
            "Write 1, or take the explainer out.",
        )


def _server(service: Service, release: str) -> Iterator[Objection]:
    server, most = service.server, service.replicas.max
    if not server.config:
        return
    if server.name:
        yield (
            ("server", "name"),
            "with config the service has a Server of its own, named after it.",
            "Keep one of them.",
        )
    if all(variant.deployed for variant in service.variants):
        yield ("server", "config"), "no Model is rendered that this Server could run.", "Leave it out."
    needed = scaling.most_at_start(service)
    if most and not scaling.servers_scale(release):
        needed = max(needed, most)
    if server.replicas < needed:
        yield (
            ("server", "replicas"),
            f"{server.replicas} replicas of the Server hold {server.replicas} of a Model, and {needed} are wanted.",
            f"Write {needed}"
            + (", or take Core 2.9 or newer, which scales Servers." if most and needed == most else "."),
        )
    available = service.replicas.available
    if available and (available == "100%" or (available.isdigit() and int(available) >= server.replicas)):
        yield (
            ("replicas", "available"),
            f"of {server.replicas} pods of the Server {available} are never to go, so no node can be drained.",
            "Lower it, or raise server.replicas.",
        )
