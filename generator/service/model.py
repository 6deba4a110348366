"""The service file's part on models: what they are, and which server runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Choices, Fragment, KeyPattern, Pattern
from generator.model import measures
from generator.model.gate import Condition, parse
from generator.service.store import URL
from generator.service.train import Train  # noqa: TC001 (the decoder reads the types of the fields)
from generator.service.types import (
    BrokenRules,
    DnsLabel,
    DnsName,
    Quantities,
    Quantity,
    ServiceName,
    VariantName,
)
from generator.text import quantity

LOCATION = Pattern(
    r"[A-Za-z][A-Za-z0-9+._-]*:\S+|/\S*",
    "URL with a scheme, such as s3://models/team, or an absolute path on the servers",
)
"""Where files lie that somebody else put there, as its platform takes it: a URL, rclone's ``remote:path``, or a folder
that is mounted in the servers."""
FORMAT_NAME = Pattern(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", "name of a format, such as sklearn or vLLM")
IMAGE_TAG = Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "image tag")
ModelName = Annotated[str, Pattern(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,126}[A-Za-z0-9])?", "name of a model in a URL")]
ParameterKey = KeyPattern(r"[^\s=]{1,128}", "name of a parameter")


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model: its format, the server that runs it, and how it comes to be."""

    format: Annotated[
        str,
        "The format of the files, such as savedmodel; without it what the releases have, for a model brought along "
        "what it is found to be.",
    ] = ""
    format_version: Annotated[
        str | None,
        "The format's version in the platform's words, where a server is chosen by it.",
        Pattern(r"[A-Za-z0-9_.-]{1,32}", "version"),
    ] = None
    formats: Annotated[
        tuple[str, ...], "The formats that a trained model is exported in, all in one release; without it format alone."
    ] = ()
    model_format: Annotated[
        str | None,
        "What the cluster's own server calls the format: a ServingRuntime of KServe, whose name is runtime then; for "
        "Seldon Core 1 the implementation.",
        FORMAT_NAME,
    ] = None
    runtime: Annotated[str | None, "The model server; without it the platform's own for the format."] = None
    runtimes: Annotated[
        tuple[str, ...],
        "The servers whose layouts are published; without it the rendered one. With modelFormat the first is read.",
    ] = ()
    runtime_version: Annotated[
        str | None, "The server's release, in quotes; without it the newest that is known.", IMAGE_TAG
    ] = None
    protocol: Annotated[
        str | None,
        "The prediction protocol; without it the server's own.",
        Choices(("v1", "v2", "grpc-v1", "grpc-v2", "seldon", "tensorflow")),
    ] = None
    name: Annotated[ModelName | None, "The model's name in the URL; without it the service's."] = None
    parameters: Annotated[dict[str, str], "The server's parameters for this model.", ParameterKey] = field(
        default_factory=dict
    )
    requirements: Annotated[tuple[str, ...], "Capabilities that Seldon Core 2's server has to have besides."] = ()
    memory: Annotated[str | None, "What the model takes, for Seldon Core 2's scheduler.", Quantity()] = None
    probe: Annotated[
        str,
        "How a pod proves at its start that it can answer: golden sends it the release's golden request, where the "
        "release has one and the server's image is the usual one; server asks the server alone.",
        Choices(("golden", "server")),
    ] = "golden"
    train: Annotated[Train | None, "Leave it out for a model that is brought along."] = None
    source: Annotated[
        str | None,
        "Where a model comes from that is brought along: a path, models:/NAME@ALIAS or models:/NAME/VERSION of an "
        "MLflow registry, hf:ORG/NAME[@REVISION] of the Hugging Face cache; `publish --model` goes before it.",
        Pattern(r"[^\x00-\x1f]{1,1024}", "path, models:/NAME@ALIAS or hf:ORG/NAME"),
    ] = None
    gate: Annotated[dict[str, str], 'Metric to condition, such as accuracy: ">= 0.95".'] = field(default_factory=dict)

    @property
    def all_formats(self) -> tuple[str, ...]:
        """What a release holds: the model's own format first."""
        return tuple(dict.fromkeys((self.format, *self.formats)))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The gate, parsed."""
        return tuple(parse(metric, text) for metric, text in self.gate.items())

    def broken_rules(self) -> BrokenRules:
        """Each condition of the gate is one, on what is measured; what is rendered is published too."""
        for metric, text in self.gate.items():
            try:
                parse(metric, text)
            except ValueError as error:
                yield ("gate", metric), str(error), 'Write for example ">= 0.95".'
                continue
            try:
                # Code of the user's may measure what nobody here knows.
                task = self.train.task if self.train and not self.train.entrypoint else None
                measures.check(task or "", metric)
            except ValueError as error:
                message, _, fix = str(error).partition("|")
                yield ("gate", metric), message, fix
        if self.train and self.source:
            yield ("source",), "a model is trained here or brought along, not both.", "Take train or source out."
        if self.runtime and self.runtimes and self.runtime not in self.runtimes and not self.model_format:
            yield (
                ("runtimes",),
                f"the runtime '{self.runtime}' is rendered, and its layout isn't published.",
                f"Add {self.runtime} to the list.",
            )


COUNTED_IN_BYTES = ("memory", "ephemeral-storage")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the model server's container asks for."""

    requests: Annotated[Quantities, "What is reserved."] = field(default_factory=dict)
    limits: Annotated[Quantities, "What is the most."] = field(default_factory=dict)

    @property
    def mapping(self) -> dict[str, dict[str, str]]:
        """As Kubernetes has them; a part that is empty isn't there."""
        parts = (("limits", self.limits), ("requests", self.requests))
        return {kind: values for kind, values in parts if values}

    def broken_rules(self) -> BrokenRules:
        """No request is above its limit, and there is no part of a byte."""
        for side, values in (("requests", self.requests), ("limits", self.limits)):
            for name, amount in values.items():
                if name in COUNTED_IN_BYTES and quantity.value(amount) % 1:
                    yield (
                        (side, name),
                        f"{amount} of {name} are thousandths of a byte.",
                        f"Write for example {amount.removesuffix('m')}Mi.",
                    )
        for name, asked in self.requests.items():
            most = self.limits.get(name)
            if most is not None and quantity.value(asked) > quantity.value(most):
                yield (
                    ("requests", name),
                    f"the request {asked} is above the limit {most}.",
                    "Kubernetes refuses such a pod.",
                )


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Files that lie beside a model in its pods, such as an adapter or a tokenizer."""

    uri: Annotated[str, "Where they lie.", URL]
    path: Annotated[str, "The folder where the server finds them.", Pattern(r"(/[A-Za-z0-9._-]+){2,8}", "path")]


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Where files lie, told by an entry of the platform's storage secret (KServe's ``storage``)."""

    key: Annotated[
        str | None,
        "The entry of the Secret storage-config; without it the entry default.",
        Pattern(r"[-._a-zA-Z0-9]{1,253}", "key of a Secret"),
    ] = None
    path: Annotated[str, "The files' path in the bucket that the entry names.", Pattern(r"[^\s?#]+", "path")]
    parameters: Annotated[dict[str, str], "What goes before the entry's own, such as bucket.", ParameterKey] = field(
        default_factory=dict
    )

    @property
    def mapping(self) -> dict[str, object]:
        """As KServe has it; what isn't said isn't there."""
        parts = {"key": self.key, "path": self.path, "parameters": dict(self.parameters)}
        return {name: value for name, value in parts.items() if value}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A named model inside the service: a release, or files that lie somewhere already."""

    name: Annotated[VariantName, "The name that the strategy uses."]
    release: Annotated[
        str | None,
        "A release's number, in quotes, or latest.",
        Pattern(r"latest|[1-9][0-9]{0,8}", "release: a positive number or latest"),
    ] = None
    uri: Annotated[str | None, "Where the files lie, for a model that is no release of the store.", LOCATION] = None
    deployed: Annotated[
        DnsName | None,
        "The Model or InferenceService that serves it on the cluster already; nothing is rendered for it.",
    ] = None
    object: Annotated[
        DnsLabel | None,
        "The name of what is rendered for it, a predictor or a Model, where a certain one has to stay.",
    ] = None
    beside: Annotated[tuple[Beside, ...], "More files beside the model's own, for KServe from 0.16 on."] = ()
    storage: Annotated[
        Storage | None, "Where the files lie by an entry of the Secret storage-config, for KServe; instead of uri."
    ] = None
    service: Annotated[ServiceName | None, "Whose releases, where they aren't this service's own."] = None
    format: Annotated[str | None, "The format, where it isn't the model's."] = None
    model_format: Annotated[str | None, "As model.modelFormat, where it isn't the model's.", FORMAT_NAME] = None
    runtime: Annotated[str | None, "The model server, where it isn't the model's."] = None
    runtime_version: Annotated[str | None, "The server's release, where it isn't the model's.", IMAGE_TAG] = None
    resources: Annotated[Resources | None, "What the container asks for, where it isn't the service's."] = None
    container: Annotated[
        Fragment, "Fields of the model server's container for this variant, over the service's, as Kubernetes has them."
    ] = field(default_factory=dict)
    pod: Annotated[
        Fragment, "Fields of its pods for this variant, over the service's: nodeSelector, tolerations, volumes …"
    ] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """At most one of release, uri, storage and deployed."""
        if self.release and self.uri:
            yield ("uri",), "a variant is a release or a uri, not both.", "Take one of them out."
        if self.deployed and (self.release or self.uri):
            yield ("deployed",), "what is deployed already has its model.", "Take one of them out."
        if self.storage and (self.release or self.uri or self.deployed):
            yield ("storage",), "a variant's files lie at one place.", "Take storage out, or what stands beside it."
        if self.storage and self.beside:
            yield (
                ("beside",),
                "KServe takes several addresses, and none beside storage.",
                "Write uri instead of storage.",
            )
        if self.deployed and self.object:
            yield ("object",), "nothing is rendered for what is deployed already.", "Leave it out."
        if self.service and not self.release:
            yield ("service",), "service has no effect without release.", "Write release: latest, or take it out."
