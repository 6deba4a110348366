"""The service file's part on pods: how many run, and how they are replaced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Bounds, Choices, Fragment, Pattern
from generator.service.types import BrokenRules  # noqa: TC001 (the decoder reads the types of the fields)

SHARE_METRICS = ("cpu", "memory")
"""Metrics whose target is a percentage of what was requested."""
METRICS = (*SHARE_METRICS, "concurrency", "rps", "prometheus")
DIRECTIONS = ("scaleUp", "scaleDown")
SCALERS = ("hpa", "keda", "kpa")
IntOrPercent = Pattern(r"[0-9]{1,5}|[0-9]{1,3}%", "number of pods or percentage, such as 1 or 25%")


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """How many pods run."""

    min: Annotated[int, "Pods that always run.", Bounds(0, 10_000)] = 1
    max: Annotated[int | None, "The most pods; without it no autoscaling.", Bounds(1, 10_000)] = None
    metric: Annotated[str | None, "What autoscaling watches.", Choices(METRICS)] = None
    target: Annotated[int | None, "Percent for cpu and memory, else requests.", Bounds(1, 100_000)] = None
    scaler: Annotated[str | None, "What scales; without it the platform's own.", Choices(SCALERS)] = None
    query: Annotated[str | None, "The PromQL whose value is held to target, for metric prometheus."] = None
    server: Annotated[str | None, "The address of Prometheus.", Pattern(r"https?://\S+", "http address")] = None
    behavior: Annotated[
        Fragment,
        "How fast pods come and go, as a HorizontalPodAutoscaler has it: scaleUp and scaleDown.",
    ] = field(default_factory=dict)
    available: Annotated[
        str | None,
        "Pods that a drained node leaves running, as a PodDisruptionBudget: a number or a percentage.",
        IntOrPercent,
    ] = None

    def broken_rules(self) -> BrokenRules:
        """Bounds don't cross, and no option stands without effect."""
        yield from self._behavior()
        if self.max is not None and self.max < self.min:
            yield ("max",), f"max {self.max} is below min {self.min}.", "Raise max or lower min."
        for key in ("metric", "target", "scaler", "behavior"):
            if self.max is None and getattr(self, key):
                yield (key,), f"{key} has no effect without max.", "Set max, or leave it out."
        if self.target is not None and self.metric is None:
            yield ("target",), "target has no effect without metric.", "Say what is measured, such as metric: cpu."
        if self.metric in SHARE_METRICS and (self.target or 0) > 100:  # noqa: PLR2004 (percent)
            yield (
                ("target",),
                f"a target of {self.target} % of the request can't be held.",
                "Write a percentage up to 100.",
            )
        if self.metric == "prometheus" and not (self.query and self.server and self.target):
            yield ("metric",), "metric prometheus needs query, server and target.", "Add what is missing."
        if self.metric != "prometheus" and (self.query or self.server):
            key = "query" if self.query else "server"
            yield (key,), f"{key} has no effect without metric: prometheus.", "Set metric, or leave it out."

    def _behavior(self) -> BrokenRules:
        """Two directions, each with rules."""
        for side, said in self.behavior.items():
            if side not in DIRECTIONS:
                yield ("behavior", side), f"an autoscaler has no {side}.", f"Write {' or '.join(DIRECTIONS)}."
            elif not isinstance(said, dict):
                message = "Kubernetes has a mapping here."
                yield ("behavior", side), message, "Write for example {stabilizationWindowSeconds: 600}."


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a Deployment replaces its pods."""

    max_surge: Annotated[str | None, 'Pods above the wanted number meanwhile, such as "1" or 25%.', IntOrPercent] = None
    max_unavailable: Annotated[str | None, 'Pods below it meanwhile, such as "0".', IntOrPercent] = None
    deadline: Annotated[int | None, "Seconds until an update counts as failed.", Bounds(1, 86_400)] = None

    def broken_rules(self) -> BrokenRules:
        """An update has to be able to move."""
        if _nothing(self.max_surge) and _nothing(self.max_unavailable):
            yield ("maxSurge",), "with both at 0 no pod can ever be replaced.", 'Write maxSurge: "1".'
        missing = self.max_unavailable or ""
        if missing.endswith("%") and int(missing[:-1]) > 100:  # noqa: PLR2004 (percent)
            yield ("maxUnavailable",), f"{missing} is more than all pods [K8S087].", "Write at most 100%."


def _nothing(share: str | None) -> bool:
    """Whether a number of pods or a percentage of them is written and is none."""
    return share is not None and int(share.removesuffix("%")) == 0
