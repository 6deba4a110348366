"""What plain Kubernetes can do, and what a Gateway in front of it does."""

from __future__ import annotations

from generator.platforms.base import Cell, Level

_SHARES = (
    "an HTTPRoute or VirtualService splits by weight between the variants' Services. Kubernetes' own Service can't: it "
    "gives each connection to any pod, so a share would be a ratio of pods that every scaling and restart moves."
)
_GRAPH = "no part of Kubernetes asks one model after another."

CELLS = (
    Cell("rolling", Level.NATIVE, "the Deployment replaces its pods as the new ones become ready."),
    Cell(
        "canary",
        Level.GATEWAY,
        f"{_SHARES} Each release has pods of its own: where rolling was before, let the old Deployment be pruned last.",
    ),
    Cell("canaries", Level.GATEWAY, "each canary has a Deployment and a Service, and the route a weight for each."),
    Cell("ab-weight", Level.GATEWAY, _SHARES),
    Cell("ab-header", Level.GATEWAY, "a rule of the route for each header."),
    Cell("ab-cookie", Level.GATEWAY, "a rule of the route with a regular expression on the Cookie header."),
    Cell(
        "ab-sticky",
        Level.GATEWAY,
        "session persistence of the route, which Gateway API has in its experimental channel.",
    ),
    Cell("shadow", Level.GATEWAY, "the route sends a copy to the shadow's Service and drops the answer."),
    Cell("shadow-percent", Level.GATEWAY, "the route mirrors a percentage of the requests."),
    Cell(
        "blue-green",
        Level.NATIVE,
        "the selector of the Service moves from one variant's pods to the other's; the preview has one of its own.",
    ),
    Cell("blue-green", Level.GATEWAY, "the route's backend moves from one variant's Service to the other's."),
    Cell("preview-host", Level.GATEWAY, "a route of its own leads from the host to the preview."),
    Cell(
        "bandit",
        Level.NO,
        "no part of Kubernetes learns shares from rewards.",
        instead="ab with split, moved by hand, or a router of Seldon Core 1",
    ),
    Cell("ensemble", Level.NO, _GRAPH, instead="KServe's InferenceGraph, Seldon Core, or an ensemble inside Triton"),
    Cell("combiner", Level.NO, _GRAPH, instead="Seldon Core 1 or 2"),
    Cell("chain", Level.NO, _GRAPH, instead="KServe's InferenceGraph, Seldon Core, or an ensemble inside Triton"),
    Cell("tensors", Level.NO, _GRAPH, instead="a chain of Seldon Core 2, or an ensemble inside Triton"),
    Cell(
        "switch",
        Level.NO,
        "no route reads a request's body.",
        instead="ab with match, by a header or a cookie, or KServe's InferenceGraph",
    ),
    Cell("switch-router", Level.NO, "no route asks an image of yours.", instead="a router of Seldon Core 1"),
    Cell("graph", Level.NO, _GRAPH, instead="KServe's InferenceGraph or a Pipeline of Seldon Core 2"),
)
