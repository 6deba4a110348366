"""The roll-outs that the lab tells, as the steps that a user makes."""

from __future__ import annotations

from rollouts import KSERVE, KUBERNETES, ROLLING, blue_green, canary
from stories import PODS, Step, Tale

BY_GATEWAY = ", by: gateway"
ONE, TWO = {"stable": 1, "canary": 2}, {"stable": 2, "canary": 2}
BACK, BACK_ALONE = {"stable": 2, "canary": 1}, {"stable": 1, "canary": 1}


def leading(*services: str, pods: int = PODS) -> dict[str, int]:
    """Services to the pods that they lead to."""
    return dict.fromkeys(services, pods)


OLD, NEW = "digits-r1-predictor", "digits-r2-predictor"
GO_ON = (
    Step("5 %", canary(1), ONE, leading(OLD, NEW)),
    Step("25 %", canary(2), ONE, leading(OLD, NEW)),
    Step("50 %", canary(3), ONE, leading(OLD, NEW)),
    Step("100 %", canary(4), ONE, leading(OLD, NEW)),
)
"""A canary in ``spec.canary`` from its first share on."""


def shifted(steps: tuple[Step, ...], more: str) -> tuple[Step, ...]:
    """The same steps, with more said of the canary."""
    return tuple(
        Step(each.title, canary(number, more), each.releases, each.ready) for number, each in enumerate(steps, start=1)
    )


KSERVE_BY_GATEWAY = Tale(
    "kserve-by-gateway",
    "KServe 0.20 standard: rolling, canary by: gateway, promoted, rolling on the new release",
    KSERVE,
    (
        Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits-predictor")),
        Step(
            "to a canary, 1. the InferenceServices alone",
            canary(0, BY_GATEWAY),
            ONE,
            leading("digits-predictor", OLD, NEW),
            kinds=("InferenceService",),
        ),
        Step(
            "2. the route; 3. the old InferenceService is removed",
            canary(0, BY_GATEWAY),
            ONE,
            leading(OLD, NEW),
            prune=True,
        ),
        *shifted(GO_ON, BY_GATEWAY),
        Step("promoted", canary(4, BY_GATEWAY), TWO, leading(NEW), prune=True),
        Step(
            "rolling on release 2, 1. the InferenceService alone",
            ROLLING,
            {"stable": 2},
            leading("digits-predictor", NEW),
            kinds=("InferenceService",),
        ),
        Step(
            "2. the route; 3. the old InferenceService is removed",
            ROLLING,
            {"stable": 2},
            leading("digits-predictor"),
            prune=True,
        ),
        Step("rolling on release 3", ROLLING, {"stable": 3}, leading("digits-predictor")),
    ),
    {"digits-predictor": 1},
)
KSERVE_INSIDE = Tale(
    "kserve-spec-canary",
    "KServe 0.20 standard: spec.canary, promoted, and back to the old release",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON,
        Step("promoted", canary(4), TWO, leading(NEW)),
        Step("back: 1. release 1 without requests", canary(0), BACK, leading(OLD, NEW)),
        Step("2. the last step", canary(4), BACK, leading(OLD, NEW)),
        Step("3. release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
    ),
    {},
)
KSERVE_TAKEN_BACK = Tale(
    "kserve-taken-back",
    "KServe 0.20 standard: a canary is taken back",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON[:2],
        Step("no requests any more (step 0)", canary(0), ONE, leading(OLD, NEW)),
        Step("release 1 alone", canary(0), BACK_ALONE, leading(OLD)),
    ),
    {},
)
KUBERNETES_CANARY = Tale(
    "kubernetes-canary",
    "Plain Kubernetes: rolling, canary, promoted, and back to the old release",
    KUBERNETES,
    (
        Step("rolling on release 1", ROLLING, {"stable": 1}, leading("digits")),
        Step("the canary without requests (step 0)", canary(0), ONE, leading("digits-r1", "digits-r2"), prune=True),
        *(Step(each.title, each.strategy, each.releases, leading("digits-r1", "digits-r2")) for each in GO_ON),
        Step("promoted", canary(4), TWO, leading("digits-r2"), prune=True),
        Step("back: 1. release 1 without requests", canary(0), BACK, leading("digits-r1", "digits-r2")),
        Step("2. the last step", canary(4), BACK, leading("digits-r1", "digits-r2")),
        Step("3. release 1 alone", canary(4), BACK_ALONE, leading("digits-r1"), prune=True),
    ),
    {},
)
BLUE, GREEN = {"blue": 1, "green": 2}, {"blue": 3, "green": 2}


def switching(*services: str) -> tuple[Step, ...]:
    """Blue-green: to the other one, a new preview, and to that."""
    ready = leading(*services)
    return (
        Step("blue is active", blue_green("blue", "green"), BLUE, ready),
        Step("green is active", blue_green("green", "blue"), BLUE, ready),
        Step("another release of blue", blue_green("green", "blue"), GREEN, ready),
        Step("blue is active again", blue_green("blue", "green"), GREEN, ready),
    )


KSERVE_BLUE_GREEN = Tale(
    "kserve-blue-green",
    "KServe 0.20 standard: blue-green",
    KSERVE,
    switching("digits-blue-predictor", "digits-green-predictor"),
    {"digits-blue-predictor": 1},
)
KUBERNETES_BLUE_GREEN = Tale(
    "kubernetes-blue-green",
    "Plain Kubernetes: blue-green",
    KUBERNETES,
    switching("digits", "digits-preview"),
    {"digits-blue": 1},
)


def replaced(platform: str, name: str, service: str) -> Tale:
    """A rolling update of four pods: Kubernetes' own default would let one of them go first."""
    ready = leading(service, pods=4)
    steps = (
        Step("release 1", ROLLING, {"stable": 1}, ready),
        Step("release 2", ROLLING, {"stable": 2}, ready),
    )
    return Tale(name, f"{name}: a rolling update of four pods", platform, steps, {service: 1}, "{min: 4}")


KSERVE_SCALED = Tale(
    "kserve-scaled",
    "KServe 0.20 standard: spec.canary with a HorizontalPodAutoscaler",
    KSERVE,
    (
        Step("release 1 alone", canary(4), BACK_ALONE, leading(OLD)),
        Step("the canary without requests (step 0)", canary(0), ONE, leading(OLD, NEW)),
        *GO_ON,
        Step("promoted", canary(4), TWO, leading(NEW)),
    ),
    {},
    replicas="{min: 2, max: 4, metric: cpu, target: 70}",
)
