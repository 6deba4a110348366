"""What runs a variant: its workload, its Deployment, and the ConfigMap that its server reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.platforms import access, proof, replacing
from generator.platforms import servers as any_servers
from generator.platforms.base import numbers
from generator.platforms.kubernetes import pods
from generator.platforms.kubernetes.servers.base import MODELS, Ask, ModelServer
from generator.platforms.kubernetes.workload import CANARY, LONGEST, ROLLING, Workload, int_or_percent, sheet
from generator.platforms.labels import own_labels
from generator.text.names import fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Platform, Sheet
    from generator.service import Service

FETCHING = 300
"""Seconds that fetching a model may take before an update counts as failed, beside those for loading it."""


def _model_of(plan: Plan, share: Share) -> str:
    """What tells a variant's model from the others': its release.

    Of the same release twice, with two servers or settings, the first goes by the release and the others say who they
    are.
    """
    own = share.files.id
    first = next(other for other in plan.shares if other.files.id == own)
    return own if first is share else fit(f"{own}-{share.variant}", LONGEST)


def _name_of(plan: Plan, share: Share, model: str) -> str:
    """The name of a variant's Deployment and Service."""
    name, strategy = plan.service.name, plan.service.strategy.name
    if strategy == ROLLING:
        return name
    return fit(f"{name}-{model if strategy == CANARY else share.variant}", LONGEST)


def workload(plan: Plan, share: Share, platform: Platform) -> Workload:
    """A variant as it runs.

    Raises:
        InputError: No server here runs it so.
    """
    service = plan.service
    server = any_servers.server_of(platform, service, share)
    if not isinstance(server, ModelServer):
        raise TypeError(f"{server.runtime} isn't a server of this platform")
    protocol = any_servers.protocol_of(service, server)
    version = any_servers.version_of(service, share, server)
    _demand(service, share, server, version)
    run = server.run(Ask(service, share, protocol, version, _gpu(share)))
    predicts = proof.startup(service, share, server, port=run.ports.get("http", 0), folder=MODELS, protocol=protocol)
    run = replace(run, startup=predicts) if predicts else run
    port = "grpc" if protocol.startswith("grpc") and "grpc" in run.ports else next(iter(run.ports))
    uri = share.files.uri(server.layout) if share.files.base else ""
    model = _model_of(plan, share)
    return Workload(
        name=_name_of(plan, share, model),
        model=model,
        service=service.name,
        strategy=service.strategy.name,
        share=share,
        uri=uri,
        run=run,
        container=pods.container(share, run),
        port=port,
    )


def _gpu(share: Share) -> bool:
    """Whether the variant asks for NVIDIA's GPUs, for which most images have a build of their own."""
    return any(name.startswith("nvidia.com/") for name in (*share.resources.limits, *share.resources.requests))


def _demand(service: Service, share: Share, server: ModelServer, version: str) -> None:
    """What a server can't do for this variant."""
    index = next(number for number, variant in enumerate(service.variants) if variant.name == share.variant)
    if server.last and numbers(version) > numbers(server.last):
        at = ("variants", index) if service.variants[index].runtime_version else ("model",)
        raise InputError(
            f"{server.runtime} {version} runs no {share.format}: {server.last} was the last that did.",
            fix=f"Write a runtimeVersion of {server.last}-py3, or leave it out.",
            place=service.place(*at, "runtimeVersion"),
        )
    # What folders a repository of somebody else's has, nobody here knows.
    if not server.named and share.files.version is not None and share.files.name != service.model_name:
        raise InputError(
            f"{server.runtime} calls a model by its folder, and that of '{share.variant}' is {share.files.name}, "
            f"not {service.model_name}.",
            fix="Publish it as a release of this service, or choose a server that can be told the name.",
            place=service.place("variants", index, "service"),
        )


def config_maps(service: Service, made: Iterable[Workload]) -> list[Sheet]:
    """The ConfigMaps of servers that read files, each once."""
    wanted = {each.config_name: each.run.files for each in made if each.run.files}
    return [sheet(service, "configmap", "ConfigMap", name, {"files": dict(files)}) for name, files in wanted.items()]


def deployment(service: Service, made: Workload) -> Sheet:
    """A variant's Deployment. Where something scales it, the number of pods is left to that."""
    files = made.share.files
    told = {"serinus.dev/digest": files.digest, "serinus.dev/release": files.version}
    surge, unavailable = map(int_or_percent, replacing.bounds(service.rollout))
    context = {
        "replicas": None if service.replicas.max else made.share.replicas,
        "deadline": service.rollout.deadline or made.run.start + FETCHING,
        "selector": made.selector,
        "max_surge": surge,
        "max_unavailable": unavailable,
        "pod_labels": {**own_labels(service), **access.pod_labels(service), **made.labels},
        "pod_annotations": {**service.annotations, **{key: str(value) for key, value in told.items() if value}},
        "pod": pods.spec(service, made),
    }
    return sheet(service, "deployment", "Deployment", made.name, context)
