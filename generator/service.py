"""The service file (``serinus.yaml``): what it may say, as dataclasses, and the rules between its parts.

The fields here are the declaration; ``generator.decode`` reads files by them, ``generator.service_schema`` makes the
JSON Schema of them, ``generator.service_file`` loads them with environments and ``--set``.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 (the decoder reads the types of the fields)
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from generator import quantity
from generator.decode import Bounds, Choices, KeyPattern, Pattern, nearest, shown
from generator.errors import Place
from generator.gate import Condition, parse
from generator.nodes import Node  # noqa: TC001 (as above)

if TYPE_CHECKING:
    from collections.abc import Iterator

    BrokenRules = Iterator[tuple[tuple[str | int, ...], str, str]]

LABEL_VALUE = r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
LABEL_KEY = r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
DNS_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
HOST = r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+"

ServiceName = Annotated[
    str,
    Pattern(r"[a-z]([-a-z0-9]{0,51}[a-z0-9])?", "name: lower-case letters, digits and '-', from a letter, at most 53"),
]
DnsLabel = Annotated[str, Pattern(DNS_LABEL, "Kubernetes name: lower-case letters, digits and '-', at most 63")]
LabelValue = Annotated[str, Pattern(LABEL_VALUE, "label value: letters, digits, '-', '_' and '.', at most 63")]
MetadataKey = KeyPattern(LABEL_KEY, "label or annotation key, such as team or example.com/team")


class Quantity:
    """The note of a field that holds a Kubernetes quantity, kept in canonical form."""

    def convert(self, text: str) -> str:
        """The canonical text.

        Raises:
            ValueError: It isn't a quantity.
        """
        return quantity.canonical(text)


Quantities = Annotated[
    dict[str, Annotated[str, Quantity()]], KeyPattern(LABEL_KEY, "resource name, such as cpu, memory or nvidia.com/gpu")
]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """The platform that serves the model."""

    kind: Annotated[str, "The platform, such as kserve; `serinus platforms` lists them."]
    version: Annotated[str, 'Its release by minor, in quotes, such as "0.20".'] = ""
    mode: Annotated[str, "The deployment mode, for KServe standard or knative."] = ""


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where releases lie."""

    url: Annotated[
        str,
        "What the pods read, such as s3://models.",
        Pattern(r"[a-z][a-z0-9+]*://[^\s?#]+", "URL with a scheme, such as s3://models/team"),
    ]
    endpoint: Annotated[
        str | None, "The address of an S3-compatible server.", Pattern(r"https?://\S+", "http address")
    ] = None
    publish: Annotated[str | None, "Where `publish` writes, a folder or a URL; without it: url."] = None


@dataclass(frozen=True, kw_only=True)
class Train:
    """What is trained. The file's digest follows from it, the data and the library versions."""

    task: Annotated[str, "What the model does, such as image-classification."]
    data: Annotated[str, "digits, mnist, or the path of an .npz in MNIST's layout."]
    epochs: Annotated[int, "Passes over the training data.", Bounds(1, 10_000)] = 12
    seed: Annotated[int, "The same seed gives the same metrics.", Bounds(0, 2**31 - 1)] = 7
    batch_size: Annotated[int, "Examples a step.", Bounds(1, 65_536)] = 32
    learning_rate: Annotated[float, "Adam's step size.", Bounds(1e-9, 10)] = 0.001


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model: its format, the server that runs it, and how it comes to be."""

    format: Annotated[str, "The format of the files, such as savedmodel."] = "savedmodel"
    runtime: Annotated[str | None, "The model server; without it the platform's own for the format."] = None
    runtime_version: Annotated[
        str | None,
        "The server's release, in quotes; without it the newest that is known.",
        Pattern(r"[\w][\w.-]{0,127}", "image tag"),
    ] = None
    train: Annotated[Train | None, "Leave it out for a model that is brought along."] = None
    gate: Annotated[dict[str, str], 'Metric to condition, such as accuracy: ">= 0.95".'] = field(default_factory=dict)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The gate, parsed."""
        return tuple(parse(metric, text) for metric, text in self.gate.items())

    def broken_rules(self) -> BrokenRules:
        """Each condition of the gate is one."""
        for metric, text in self.gate.items():
            try:
                parse(metric, text)
            except ValueError as error:
                yield ("gate", metric), str(error), 'Write for example ">= 0.95".'


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A named release inside the service."""

    name: Annotated[
        str, "The name that the strategy uses.", Pattern(DNS_LABEL, "variant name: lower-case letters, digits and '-'")
    ]
    release: Annotated[
        str,
        "A release's number, in quotes, or latest.",
        Pattern(r"latest|[1-9][0-9]{0,8}", "release: a positive number or latest"),
    ]


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """One variant, replaced by the next."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A share of live traffic to a new variant, in steps."""

    stable: Annotated[str, "The variant that serves today."]
    variant: Annotated[str, "The variant that is tried."]
    steps: Annotated[tuple[Annotated[int, Bounds(1, 100)], ...], "Rising shares in percent."]
    step: Annotated[int, "Which of the steps is in force, from 1; 0 sends the canary nothing.", Bounds(0)] = 1
    replicas: Annotated[
        int | None,
        "The canary's pods, the same at every step, so enough for the last one; without it replicas.min.",
        Bounds(1, 10_000),
    ] = None

    @property
    def percent(self) -> int:
        """The share in force."""
        return self.steps[self.step - 1] if self.step else 0

    def broken_rules(self) -> BrokenRules:
        """Steps rise; the step in force is one of them; the two variants differ."""
        if not self.steps:
            yield ("steps",), "a canary needs at least one step.", "Write for example [5, 25, 50, 100]."
        for index in range(1, len(self.steps)):
            before, here = self.steps[index - 1], self.steps[index]
            if here <= before:
                yield ("steps", index), f"steps rise, and {here} comes after {before}.", "To go back, lower `step`."
        if self.step > len(self.steps):
            yield (
                ("step",),
                f"step {self.step} of {len(self.steps)}: there is no such step.",
                "Steps count from 1; 0 sends nothing.",
            )
        if self.stable == self.variant:
            yield ("variant",), f"'{self.variant}' is the stable variant too.", "A canary compares two variants."


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How traffic reaches the variants: one of these."""

    rolling: Annotated[Rolling | None, "One variant, replaced by the next."] = None
    canary: Annotated[Canary | None, "A share of live traffic to a new variant, in steps."] = None

    @property
    def name(self) -> str:
        """The strategy's name."""
        return "canary" if self.canary else "rolling"

    def broken_rules(self) -> BrokenRules:
        """One strategy at a time."""
        if self.rolling and self.canary:
            yield ("canary",), "a service has one strategy, and here are two.", "Keep rolling or canary."


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The Gateway API Gateway that leads to the service."""

    name: Annotated[DnsLabel, "The Gateway."]
    namespace: Annotated[DnsLabel | None, "Its namespace; without it the service's."] = None
    host: Annotated[str, "The host name that clients call.", Pattern(HOST, "host name, such as digits.example.com")]
    version: Annotated[
        str,
        "The release of Gateway API on the cluster, in quotes.",
        Pattern(r"\d+\.\d+(\.\d+)?", "release, such as 1.5"),
    ] = "1.5"


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """How many pods run."""

    min: Annotated[int, "Pods that always run.", Bounds(0, 10_000)] = 1
    max: Annotated[int | None, "The most pods; without it no autoscaling.", Bounds(1, 10_000)] = None
    metric: Annotated[str | None, "What autoscaling watches.", Choices(("cpu", "memory", "concurrency", "rps"))] = None
    target: Annotated[int | None, "Percent for cpu and memory, else requests.", Bounds(1, 100_000)] = None

    def broken_rules(self) -> BrokenRules:
        """Bounds don't cross, and no option stands without effect."""
        if self.max is not None and self.max < self.min:
            yield ("max",), f"max {self.max} is below min {self.min}.", "Raise max or lower min."
        for key in ("metric", "target"):
            if self.max is None and getattr(self, key) is not None:
                yield (key,), f"{key} has no effect without max.", "Set max, or leave it out."
        if self.target is not None and self.metric is None:
            yield ("target",), "target has no effect without metric.", "Say what is measured, such as metric: cpu."
        if self.metric in ("cpu", "memory") and (self.target or 0) > 100:  # noqa: PLR2004 (percent)
            yield (
                ("target",),
                f"a target of {self.target} % of the request can't be held.",
                "Write a percentage up to 100.",
            )


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What the model server's container asks for."""

    requests: Annotated[Quantities, "What is reserved."] = field(default_factory=dict)
    limits: Annotated[Quantities, "What is the most."] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """No request is above its limit."""
        for name, asked in self.requests.items():
            most = self.limits.get(name)
            if most is not None and quantity.value(asked) > quantity.value(most):
                yield (
                    ("requests", name),
                    f"the request {asked} is above the limit {most}.",
                    "Kubernetes refuses such a pod.",
                )


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
    store: Annotated[Store, "Where releases lie."]
    model: Annotated[Model, "The model and how it comes to be."]
    variants: Annotated[tuple[Variant, ...], "The releases in play, by name."]
    strategy: Annotated[Strategy, "How traffic reaches the variants."] = Strategy()
    gateway: Annotated[Gateway | None, "Where a strategy needs Gateway API."] = None
    replicas: Annotated[Replicas, "How many pods run."] = Replicas()
    resources: Annotated[Resources, "What the model server's container asks for."] = Resources()
    service_account: Annotated[DnsLabel | None, "The pods' ServiceAccount, which may read the store."] = None
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
    def publish_url(self) -> str:
        """Where releases are written: a URL, or an absolute folder."""
        target = self.store.publish or self.store.url
        return target if "://" in target else str((self.directory / target).resolve())

    def variant(self, name: str) -> Variant:
        """A variant by name; loading has made sure that those of the strategy are there."""
        return next(variant for variant in self.variants if variant.name == name)

    def broken_rules(self) -> BrokenRules:
        """Variants and strategy name one another."""
        names = [variant.name for variant in self.variants]
        if not names:
            yield ("variants",), "a service has at least one variant.", "Write - {name: stable, release: latest}."
        for index, name in enumerate(names):
            if name in names[:index]:
                yield ("variants", index, "name"), f"two variants are named '{name}'.", "Give one another name."
        canary = self.strategy.canary
        used = {canary.stable: "stable", canary.variant: "variant"} if canary else {}
        for name, key in used.items():
            if name not in names:
                yield ("strategy", "canary", key), f"there is no variant '{name}'.", nearest(name, names)
        for index, name in enumerate(names):
            if canary and name not in used:
                yield (
                    ("variants", index, "name"),
                    f"the strategy doesn't name the variant '{name}'.",
                    "Take it out, or name it there.",
                )
        if not canary and len(names) > 1:
            yield (
                ("variants", 1),
                "the strategy rolling serves one variant, and here are more.",
                "Take the others out, or choose the strategy canary.",
            )
