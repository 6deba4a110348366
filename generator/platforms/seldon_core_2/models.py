"""Models: which files, on which kind of server, in how many replicas.

Fields and what is done with them: operator/apis/mlops/v1alpha1/model_types.go at v2.6.0 and v2.10.2. Fields that
nothing reads (preloaded, dedicated, schemaUri, logger.percent) are never written.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.model.artifact import WARM_UP_FOLDER
from generator.platforms import proof
from generator.platforms.base import Sheet
from generator.platforms.labels import own_labels
from generator.platforms.seldon_core_2 import names, scaling
from generator.platforms.seldon_core_2.servers import Core2Server
from generator.platforms.servers import protocol_of, server_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.plan.plan import Files, Share
    from generator.platforms.base import Platform, Server
    from generator.service import Service

MODEL, KIND = "seldon-core-2/model.yaml.j2", "Model"

_OPTIONAL = MappingProxyType(dict.fromkeys(("secret", "memory", "server", "logger", "explainer", "parameters")))
"""What the template asks for and not every Model has: strict templates want to be told so."""

EXPLAINERS = ("anchor_image", "anchor_tabular", "anchor_text", "integrated_gradients", "kernel_shap")
"""SeldonIO/MLServer 1.7.1, runtimes/alibi-explain/mlserver_alibi_explain/alibi_dependency_reference.py."""
EXPLAINS = "alibi-explain"
"""The capability that an explainer is scheduled by (scheduler/pkg/scheduler/filters/explainer.go)."""


def server_for(platform: Platform, service: Service, share: Share) -> Core2Server:
    """The server that runs a variant.

    Raises:
        InputError: As ``server_of``, ``protocol_of`` and ``version_of``; or parameters are given that it never gets.
    """
    server = server_of(platform, service, share)
    _hold_warm_up(service, share, server)
    if not isinstance(server, Core2Server):
        raise TypeError(f"{server.runtime} isn't a server of Seldon Core 2")
    protocol_of(service, server)
    version_of(service, share, server)
    if service.model.parameters and not server.parameters:
        raise InputError(
            f"Core 2 hands no parameters on to {server.runtime}.",
            fix="Write them into the model's config.pbtxt (parameters), and publish that.",
            place=service.place("model", "parameters"),
        )
    return server


def _hold_warm_up(service: Service, share: Share, server: Server) -> None:
    """Refuse a layout with a folder of data that Triton would look for in vain.

    Raises:
        InputError: So it is.
    """
    if any(WARM_UP_FOLDER in path.split("/")[:-1] for path in proof.golden_files(share, server)):
        raise InputError(
            f"release {share.files.version} of {share.files.name} brings data for Triton to warm up with in a folder, "
            "which Core 2's agent doesn't copy, so the model wouldn't load.",
            fix=f"Publish it for this platform: serinus publish {service.file}.",
            place=service.place("model"),
        )


def uri(files: Files, server: Core2Server) -> str:
    """What the agent downloads.

    For MLServer the folder with ``model-settings.json``; for Triton the model's own folder inside the repository, the
    one with ``config.pbtxt`` and the numbered folder: the agent makes a repository of its own around it
    (scheduler/pkg/agent/repository/model_repository.go and triton/triton.go). Where no release is known, the folder
    that the service file names.
    """
    below = f"/{files.name}" if server.layout == "triton" and files.layouts is not None else ""
    return f"{files.uri(server.layout)}{below}"


def sheet(service: Service, share: Share, name: str, server: Core2Server) -> Sheet:
    """The Model of a variant."""
    files = share.files
    annotations = dict(service.annotations)
    if files.version is not None and files.digest is not None:
        annotations |= {"serinus.dev/digest": files.digest, "serinus.dev/release": str(files.version)}
    context = {
        "annotations": annotations,
        "storage_uri": uri(files, server),
        "secret": service.access.secret,
        "requirements": _requirements(server.capabilities, service.model.requirements),
        "memory": service.model.memory,
        "server": service.name if service.server.config else service.server.name,
        "logger": service.logger is not None,
        "parameters": _parameters(service.model.parameters),
        **scaling.fields(service, share),
    }
    return _sheet(service, name, context)


def explainers(service: Service, explained: str, *, pipeline: bool) -> tuple[Sheet, ...]:
    """The Model that explains answers, where one is asked for.

    Args:
        service: The service.
        explained: The Model whose address clients call.
        pipeline: Whether they call a Pipeline instead, which has the service's name.
    """
    wanted = service.explainer
    if wanted is None:
        return ()
    reference = {"pipelineRef": service.model_name} if pipeline else {"modelRef": explained}
    context = {
        "annotations": service.annotations,
        "storage_uri": wanted.uri,
        "secret": service.access.secret,
        "requirements": [EXPLAINS],
        "explainer": {"type": wanted.type, **reference},
        "parameters": _parameters(wanted.parameters),
        **scaling.fixed(wanted.replicas),
    }
    return (_sheet(service, names.explainer(service), context),)


def _sheet(service: Service, name: str, context: dict[str, Any]) -> Sheet:
    common = {"name": name, "namespace": service.namespace, "labels": own_labels(service)}
    return Sheet(MODEL, KIND, name, service.namespace, {**_OPTIONAL, **common, **context})


def _requirements(ours: Iterable[str], users: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*ours, *users)))


def _parameters(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in parameters.items()]
