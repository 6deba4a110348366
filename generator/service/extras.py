"""The service file's part on what stands around a model server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Bounds, Choices, Fragment, KeyPattern, Pattern
from generator.service.model import LOCATION, Resources
from generator.service.types import BrokenRules, DnsLabel  # noqa: TC001 (the decoder reads the types of the fields)

MODES = ("all", "request", "response")


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of the service that runs in pods of its own: a transformer."""

    container: Annotated[Fragment, "The container, as Kubernetes has it; image is needed."]
    replicas: Annotated[int, "Pods that always run.", Bounds(0, 10_000)] = 1
    max_replicas: Annotated[int | None, "The most pods; without it no autoscaling.", Bounds(1, 10_000)] = None
    pod: Annotated[Fragment, "Fields of its pods, as Kubernetes has them."] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """There is something to run."""
        if "image" not in self.container:
            yield ("container",), "the container has no image.", "Add image:."
        if self.max_replicas is not None and self.max_replicas < self.replicas:
            yield ("maxReplicas",), "maxReplicas is below replicas.", "Raise it."


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """What explains the model's answers."""

    type: Annotated[str | None, "The kind of explainer, in the platform's words, such as AnchorTabular."] = None
    uri: Annotated[str | None, "Where its files lie.", LOCATION] = None
    container: Annotated[Fragment, "Its container, as Kubernetes has it, for one of your own."] = field(
        default_factory=dict
    )
    parameters: Annotated[dict[str, str], "Its parameters.", KeyPattern(r"\S{1,128}", "name of a parameter")] = field(
        default_factory=dict
    )
    runtime_version: Annotated[
        str | None, "Its server's release, in quotes.", Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "image tag")
    ] = None
    replicas: Annotated[int, "Pods that always run.", Bounds(0, 10_000)] = 1
    resources: Annotated[Resources, "What its container asks for."] = field(default_factory=Resources)

    def broken_rules(self) -> BrokenRules:
        """There is something to run."""
        if not self.type and "image" not in self.container:
            yield (), "nothing says what explains.", "Write type: AnchorTabular, or a container with an image."


@dataclass(frozen=True, kw_only=True)
class Logger:
    """Requests and answers, sent on as CloudEvents."""

    url: Annotated[str | None, "Where to; without it the platform's own.", Pattern(r"https?://\S+", "http address")] = (
        None
    )
    mode: Annotated[str, "What is sent.", Choices(MODES)] = "all"


@dataclass(frozen=True, kw_only=True)
class Batcher:
    """Requests, gathered into batches before the model sees them."""

    max_size: Annotated[int | None, "Requests in a batch.", Bounds(1, 65_536)] = None
    max_latency: Annotated[int | None, "Milliseconds to wait for a batch.", Bounds(1, 600_000)] = None
    timeout: Annotated[int | None, "Seconds for a batch's answer.", Bounds(1, 86_400)] = None


@dataclass(frozen=True, kw_only=True)
class Server:
    """Seldon Core 2: the Server that runs the models."""

    name: Annotated[DnsLabel | None, "The Server that must run the model; without it any that can."] = None
    config: Annotated[DnsLabel | None, "Render a Server of that ServerConfig, named after the service."] = None
    replicas: Annotated[int, "Its replicas, where it is rendered.", Bounds(0, 10_000)] = 1
    capabilities: Annotated[tuple[str, ...], "What it can do beside its config's own, where it is rendered."] = ()
    pod: Annotated[Fragment, "Fields of its pods, where it is rendered."] = field(default_factory=dict)

    def broken_rules(self) -> BrokenRules:
        """What is said of a Server that isn't rendered has no effect."""
        if not self.config and (self.capabilities or self.pod or self.replicas != 1):
            yield (), "this renders no Server, so it has no effect.", "Add config:, such as config: mlserver."
