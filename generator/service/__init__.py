"""The service file (``serinus.yaml``): what it may say, as dataclasses, and the rules between its parts.

The fields here are the declaration; ``generator.decoding.exact`` reads files by them, ``generator.loading.schema``
makes the JSON Schema of them, ``generator.loading.load`` loads them with environments and ``--set``. Each part of the
file has a module of its own.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 (the decoder reads the types of the fields)
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from generator.decoding.exact import nearest, shown
from generator.decoding.nodes import Node  # noqa: TC001 (as above)
from generator.decoding.shapes import Choices, Fragment, KeyPattern
from generator.errors import InputError, Place
from generator.service import fragments
from generator.service.access import Access, External, Identity
from generator.service.extras import Batcher, Component, Explainer, Logger, Server
from generator.service.gateway import Gateway
from generator.service.graphs import Bandit, Branch, Chain, Ensemble, Graph, Switch
from generator.service.model import Beside, Model, Resources, Storage, Variant
from generator.service.network import Network
from generator.service.scaling import Replicas, Rollout
from generator.service.splits import AB, Alongside, BlueGreen, Canary, Match, Rolling, Shadow
from generator.service.store import Store
from generator.service.strategy import Strategy
from generator.service.train import EarlyStopping, Train
from generator.service.training import Training  # noqa: TC001 (the decoder reads the types of the fields)
from generator.service.types import DNS_LABEL, BrokenRules, DnsLabel, LabelValue, MetadataKey, ServiceName

__all__ = [
    "AB",
    "DNS_LABEL",
    "Access",
    "Alongside",
    "Bandit",
    "Batcher",
    "Beside",
    "BlueGreen",
    "Branch",
    "Canary",
    "Chain",
    "Component",
    "EarlyStopping",
    "Ensemble",
    "Explainer",
    "External",
    "Gateway",
    "Graph",
    "Identity",
    "Logger",
    "Match",
    "Model",
    "Network",
    "Platform",
    "Replicas",
    "Resources",
    "Rolling",
    "Rollout",
    "Server",
    "Service",
    "Shadow",
    "Storage",
    "Store",
    "Strategy",
    "Switch",
    "Train",
    "Variant",
]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The platform that serves the model."""

    kind: Annotated[str, "The platform, such as kserve; `serinus platforms` lists them."]
    version: Annotated[str, 'Its release by minor, in quotes, such as "0.20".'] = ""
    mode: Annotated[str, "The deployment mode, for KServe standard or knative."] = ""
    gateway_api: Annotated[
        bool,
        "Whether KServe's ConfigMap has enableGatewayApi: from 0.21 on its own routes then split a canary.",
    ] = False


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service: the whole service file, with one environment and every ``--set`` applied.

    Attributes:
        file: The service file as the user named it.
        environment: The environment that was laid over it, None for the file as it stands.
        environments: Empty: an environment is laid over the file before it is decoded.
        origin: Gives the tree that it was decoded from, for the places in messages.
    """

    api_version: Annotated[str, "The version of this format.", Choices(("serinus/v1",))]
    kind: Annotated[str, "What the file is.", Choices(("ModelService",))]
    name: Annotated[ServiceName, "The service's name, on the cluster and in the store."]
    namespace: Annotated[DnsLabel | None, "The namespace of every rendered object."] = None
    labels: Annotated[dict[str, LabelValue], "On every rendered object.", MetadataKey] = field(default_factory=dict)
    annotations: Annotated[dict[str, str], "On every rendered object.", MetadataKey] = field(default_factory=dict)
    platform: Annotated[Platform, "The platform that serves the model."]
    store: Annotated[Store | None, "Where releases lie; not needed where every variant has a uri."] = None
    model: Annotated[Model, "The model and how it comes to be."] = field(default_factory=Model)
    variants: Annotated[tuple[Variant, ...], "The models in play, by name."]
    strategy: Annotated[Strategy, "How traffic reaches the variants."] = field(default_factory=Strategy)
    gateway: Annotated[Gateway | None, "Where a strategy needs Gateway API."] = None
    network: Annotated[Network | None, "Plain Kubernetes: a NetworkPolicy, where the pods shall have one."] = None
    replicas: Annotated[Replicas, "How many pods run."] = field(default_factory=Replicas)
    rollout: Annotated[Rollout, "How pods are replaced."] = field(default_factory=Rollout)
    resources: Annotated[Resources, "What the model server's container asks for."] = field(default_factory=Resources)
    service_account: Annotated[DnsLabel | None, "The pods' ServiceAccount, which may read the store."] = None
    training: Annotated[Training | None, "A job that trains on a cluster: `serinus render --training`."] = None
    access: Annotated[Access, "How the pods may read the store."] = field(default_factory=Access)
    container: Annotated[
        Fragment, "Fields of the model server's container, as Kubernetes has them: env, args, ports …"
    ] = field(default_factory=dict)
    pod: Annotated[Fragment, "Fields of its pods, as Kubernetes has them: nodeSelector, tolerations, volumes …"] = (
        field(default_factory=dict)
    )
    transformer: Annotated[Component | None, "What stands before the model and changes its requests and answers."] = (
        None
    )
    explainer: Annotated[Explainer | None, "What explains the model's answers."] = None
    logger: Annotated[Logger | None, "Requests and answers, sent on."] = None
    batcher: Annotated[Batcher | None, "Requests, gathered into batches."] = None
    server: Annotated[Server, "Seldon Core 2: the Server that runs the models."] = field(default_factory=Server)
    patches: Annotated[
        dict[str, Fragment],
        "What this file has no key for: kind to fields of its objects in the platform's words, laid over the rendered.",
        KeyPattern(r"[A-Z][A-Za-z0-9]{0,62}", "kind of an object, such as InferenceService"),
    ] = field(default_factory=dict)
    environments: Annotated[dict[str, Node], "What differs by environment: any part of this file."] = field(
        default_factory=dict, metadata={"apart": True}
    )
    file: str = field(default="", metadata={"hidden": True})
    environment: str | None = field(default=None, metadata={"hidden": True})
    origin: Callable[[], Node] | None = field(default=None, metadata={"hidden": True}, repr=False, compare=False)

    def place(self, *path: str | int) -> Place:
        """Where a part of the service stands; where it is absent, where the nearest part around it does."""
        if self.origin is None:
            return Place(self.file, path=shown(path))
        node = self.origin().find(path)
        return Place(node.file, node.line or None, node.column or None, shown(path))

    @property
    def directory(self) -> Path:
        """The service file's folder: relative paths start here."""
        return Path(self.file).parent

    @property
    def build(self) -> Path:
        """Where training and rendering leave their results."""
        return self.directory / "build" / self.name

    @property
    def releases(self) -> Store:
        """The store, for what can't do without one.

        Raises:
            InputError: The file names none.
        """
        if self.store is None:
            raise InputError(
                "the key 'store' is missing.", fix="Write for example store: {url: s3://models}.", place=self.place()
            )
        return self.store

    @property
    def publish_url(self) -> str:
        """Where releases are written: a URL, or an absolute folder.

        Raises:
            InputError: The file names no store.
        """
        target = self.releases.publish or self.releases.url
        return target if "://" in target else str((self.directory / target).resolve())

    @property
    def model_name(self) -> str:
        """The model's name in the URL."""
        return self.model.name or self.name

    def variant(self, name: str) -> Variant:
        """A variant by name; loading has made sure that those of the strategy are there."""
        return next(variant for variant in self.variants if variant.name == name)

    def broken_rules(self) -> BrokenRules:
        """Variants and strategy name one another, and releases have a store."""
        names = [variant.name for variant in self.variants]
        yield from self._variants_without_model()
        if not names:
            yield ("variants",), "a service has at least one variant.", "Write - {name: stable, release: latest}."
        for index, name in enumerate(names):
            if name in names[:index]:
                yield ("variants", index, "name"), f"two variants are named '{name}'.", "Give one another name."
            if (called := self.variants[index].object) in [
                each.object for each in self.variants[:index] if each.object
            ]:
                message = f"what is rendered for two variants would be named '{called}'."
                yield ("variants", index, "object"), message, "Give one another name."
        if self.store is None:
            for index, variant in enumerate(self.variants):
                if variant.release:
                    yield (
                        ("variants", index, "release"),
                        "a release lies in a store, and the file names none.",
                        "Add store: {url: s3://…}, or write uri: instead of release:.",
                    )
        yield from self._strategy_against_variants(names)
        yield from fragments.broken_rules(self)

    def _variants_without_model(self) -> BrokenRules:
        """Each variant has a model, unless its server fetches one that arguments, env or parameters name.

        What a runtime of the cluster's own brings along, nobody here knows.
        """
        for index, variant in enumerate(self.variants):
            container = {**self.container, **variant.container}
            fetches = container.keys() & {"image", "args", "env", "command"} or self.model.parameters
            brings = variant.model_format or self.model.model_format
            if not (variant.release or variant.uri or variant.storage or variant.deployed or fetches or brings):
                yield (
                    ("variants", index),
                    f"the variant '{variant.name}' names no model.",
                    'Write release: latest, release: "3", uri: s3://…, or a container with an image.',
                )

    def _strategy_against_variants(self, names: list[str]) -> BrokenRules:
        """What the strategy names is there, and what is there is named."""
        key = ("strategy", self.strategy.key)
        used = list(self.strategy.chosen.names())
        for path, name in used:
            if name not in names:
                yield (*key, *path), f"there is no variant '{name}'.", nearest(name, names)
        if self.strategy.name == "rolling" and not used:
            if len(names) > 1:
                yield (
                    ("variants", 1),
                    "the strategy rolling serves one variant, and here are more.",
                    "Take the others out, or choose the strategy canary.",
                )
            return
        for index, name in enumerate(names):
            if name not in {named for _, named in used}:
                yield (
                    ("variants", index, "name"),
                    f"the strategy doesn't name the variant '{name}'.",
                    "Take it out, or name it there.",
                )
