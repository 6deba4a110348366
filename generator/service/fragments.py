"""What may stand in the parts that are handed on in Kubernetes' own words: ``container`` and ``pod``.

They are checked like everything else after rendering. Here stands only what would be said twice, or must never be
rendered: a credential in clear text.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.text.secrets import credential_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.service import Service
    from generator.service.types import BrokenRules

    Path = tuple[str | int, ...]

SECRET = re.compile(
    r"(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|APIKEY|API_KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|CREDENTIALS)(_|\Z)|"
    r"SECRET_ACCESS_KEY|CLIENT_SECRET|CONNECTION_STRING",
    re.IGNORECASE,
)
"""Names of environment variables that hold credentials."""
HARMLESS = re.compile(r"(true|false|[0-9]+|/.*|)\Z", re.IGNORECASE)
"""Values that are none: a switch, a number, the path of a file."""
SECRET_TEXT = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bhf_[A-Za-z0-9]{30,}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""What is a credential whatever its name says."""

LISTS = frozenset(
    (
        *("args", "command", "env", "envFrom", "ports", "volumeMounts", "volumeDevices"),
        *("hostAliases", "imagePullSecrets", "initContainers", "readinessGates", "schedulingGates", "tolerations"),
        *("topologySpreadConstraints", "volumes"),
    )
)
"""Fields of containers and pods that are lists (core/v1), of mappings but for the first two."""
SINGLE = ("args", "command")

SAID_ELSEWHERE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "container": MappingProxyType({"resources": "resources"}),
        "pod": MappingProxyType({"serviceAccountName": "serviceAccount", "containers": "container"}),
    }
)
"""Fields that the service file has a key of its own for."""


def broken_rules(service: Service) -> BrokenRules:
    """Nothing is said twice, and no credential stands in clear text."""
    for path, part in _servers(service):
        for key, instead in SAID_ELSEWHERE[str(path[-1])].items():
            if key in part:
                yield (*path, key), f"the service file says this by {instead}.", "Write it there."
    yield from _identities(service)
    for path, part in _pods(service):
        yield from _shapes(part, path)
    for path, part in _parts(service):
        yield from credentials(part, path)
    for index, variant in enumerate(service.variants):
        for key, value in (variant.storage.parameters if variant.storage else {}).items():
            at = ("variants", index, "storage", "parameters", key)
            yield from ((at, message, fix) for _, message, fix in credentials({"name": key, "value": value}, ()))
    for path, url in _urls(service):
        if url and credential_in(url):
            message = "this URL holds a credential in clear text, which a manifest must not."
            yield path, message, "Take it out of the URL and name a Secret: access.secret."


def _servers(service: Service) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The fragments of the model servers' own containers and pods."""
    yield ("container",), service.container
    yield ("pod",), service.pod
    for index, variant in enumerate(service.variants):
        yield ("variants", index, "container"), variant.container
        yield ("variants", index, "pod"), variant.pod


def _urls(service: Service) -> Iterator[tuple[Path, str | None]]:
    """Every address that is rendered, and its path."""
    if service.store:
        yield ("store", "url"), service.store.url
        yield ("store", "endpoint"), service.store.endpoint
        yield ("store", "publish"), service.store.publish
    for index, variant in enumerate(service.variants):
        yield ("variants", index, "uri"), variant.uri
        for number, each in enumerate(variant.beside):
            yield ("variants", index, "beside", number, "uri"), each.uri
    if service.explainer:
        yield ("explainer", "uri"), service.explainer.uri
    if service.logger:
        yield ("logger", "url"), service.logger.url
    yield ("replicas", "server"), service.replicas.server


def _identities(service: Service) -> BrokenRules:
    """A patch leaves an object the one that it is."""
    for kind, patch in service.patches.items():
        for key in ("apiVersion", "kind"):
            if key in patch:
                yield ("patches", kind, key), "this makes another object of it.", "Take it out."
        metadata = patch.get("metadata")
        for key in ("name", "namespace"):
            if isinstance(metadata, dict) and key in metadata:
                yield ("patches", kind, "metadata", key), f"the service file says this by {key}.", "Write it there."


def _shapes(part: Mapping[str, Any], path: Path) -> BrokenRules:
    """Lists are lists: what a platform lays its own items beside has to have a form that allows it."""
    for key in [key for key in part if key in LISTS]:
        value, single = part[key], key in SINGLE
        if not isinstance(value, (list, tuple)):
            yield (*path, key), "Kubernetes has a list here.", f"Write {key}: [{'text' if single else '{…}'}]."
            continue
        for index, each in enumerate(value):
            if isinstance(each, (dict, list, tuple)) if single else not isinstance(each, dict):
                yield (*path, key, index), f"Kubernetes has {'text' if single else 'a mapping'} here.", "Write one."


def _parts(service: Service) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every fragment, and its path; and what else is handed on as it is."""
    yield from _pods(service)
    yield ("annotations",), service.annotations
    yield ("model", "parameters"), service.model.parameters
    for kind, patch in service.patches.items():
        yield ("patches", kind), patch
    if service.strategy.graph:
        yield ("strategy", "graph", "spec"), service.strategy.graph.spec


def _pods(service: Service) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The fragments of containers and pods."""
    yield from _servers(service)
    yield ("server", "pod"), service.server.pod
    if service.transformer:
        yield ("transformer", "container"), service.transformer.container
        yield ("transformer", "pod"), service.transformer.pod
    if service.explainer:
        yield ("explainer", "container"), service.explainer.container


def credentials(value: Any, path: Path) -> BrokenRules:
    """Every credential in clear text below a path."""
    if isinstance(value, dict):
        name, text = value.get("name"), value.get("value")
        if isinstance(name, str) and isinstance(text, str) and SECRET.search(name) and not HARMLESS.match(text):
            yield (
                (*path, "value"),
                f"{name} holds a credential in clear text, which a manifest must not.",
                "Name a Secret: valueFrom: {secretKeyRef: {name: …, key: …}}.",
            )
            return
        for key, each in value.items():
            yield from credentials(each, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from credentials(each, (*path, index))
    elif isinstance(value, str) and (SECRET_TEXT.search(value) or credential_in(value)):
        yield path, "this is a credential in clear text, which a manifest must not hold.", "Name a Secret instead."
