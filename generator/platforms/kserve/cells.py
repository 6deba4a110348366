"""What KServe can do, by release and mode. Of several ways to do a row the preferred one stands first."""

from __future__ import annotations

from generator.platforms.base import GRAPH, NATIVE, Cell, Level
from generator.platforms.kserve.setting import KNATIVE, STANDARD

IN_STANDARD, IN_KNATIVE = (STANDARD,), (KNATIVE,)
SPLITTER_MODELS = (
    "an InferenceGraph of type Splitter throws dice for each request; its router is in the path, and the models are "
    "InferenceServices of their own."
)
ROUTE = "one InferenceService a variant, and a rendered route"
IN_FRONT = "a rendered route leads to Knative's local gateway"
REMEMBERED = (
    "canaryTrafficPercent splits between the latest revision and the one rolled out before, which the cluster "
    "remembers and Git doesn't."
)
INSIDE = (
    "spec.canary makes the canary's pods, and KServe's own HTTPRoutes split by weight between those that are ready, "
    "where its ConfigMap has enableGatewayApi (platform.gatewayApi: true); else, and behind a Gateway of the service's "
    "own, a rendered HTTPRoute splits between the Services"
)
COPIED = (
    "one InferenceService a variant, the shadow's in mode standard, since Knative finds a service by its host and a "
    "copy keeps that of the stable variant; a rendered route"
)
NOTHING_LEARNS = "KServe has no router that learns: an InferenceGraph's shares are fixed."

ROLLING = (
    Cell("rolling", Level.NATIVE, "the Deployment replaces its pods one by one.", modes=IN_STANDARD),
    Cell("rolling", Level.NATIVE, "all traffic goes to the new revision once it is ready.", modes=IN_KNATIVE),
)
CANARY = (
    Cell(
        "canary",
        Level.GATEWAY,
        "spec.canary makes the canary's pods; in 0.20 no route of KServe's own gives them traffic, so a "
        "rendered HTTPRoute splits it by weight between the Services.",
        modes=IN_STANDARD,
        since="0.20",
        until="0.20",
        by=NATIVE,
    ),
    Cell("canary", Level.GATEWAY, f"{INSIDE}.", modes=IN_STANDARD, since="0.21", by=NATIVE),
    Cell("canary", Level.NATIVE, REMEMBERED, modes=IN_KNATIVE, until="0.18"),
    # 0.19 can't be told the mode (setting.py, ``mode_name``), and in the other one the percent is ignored.
    Cell("canary", Level.NATIVE, REMEMBERED, modes=IN_KNATIVE, since="0.20"),
    Cell(
        "canary",
        Level.GATEWAY,
        f"{ROUTE} that splits by weight between them; they are named after their releases, so promoting keeps the "
        "canary's pods.",
        modes=IN_STANDARD,
    ),
    Cell(
        "canary",
        Level.GATEWAY,
        "one InferenceService a variant, a Route of Knative that splits between them, and "
        f"{IN_FRONT}; both models stand in Git.",
        modes=IN_KNATIVE,
    ),
    Cell("canary", Level.NATIVE, SPLITTER_MODELS, by=GRAPH),
    Cell(
        "canaries",
        Level.GATEWAY,
        "spec.canary takes several, and a rendered HTTPRoute splits between all.",
        modes=IN_STANDARD,
        since="0.20",
        until="0.20",
        by=NATIVE,
    ),
    Cell("canaries", Level.GATEWAY, f"{INSIDE}; it takes several.", modes=IN_STANDARD, since="0.21", by=NATIVE),
    Cell("canaries", Level.GATEWAY, f"{ROUTE} that splits by weight between all.", modes=IN_STANDARD),
    Cell(
        "canaries",
        Level.GATEWAY,
        f"one InferenceService a variant, a Route of Knative that splits between all, and {IN_FRONT}.",
        modes=IN_KNATIVE,
    ),
    Cell("canaries", Level.NATIVE, SPLITTER_MODELS, by=GRAPH),
)
AB = (
    Cell("ab-weight", Level.GATEWAY, f"{ROUTE} that splits by weight between them.", modes=IN_STANDARD),
    Cell(
        "ab-weight",
        Level.NATIVE,
        "one InferenceService a variant, and a Route of Knative that splits by percent between them.",
        modes=IN_KNATIVE,
    ),
    Cell(
        "ab-weight",
        Level.GATEWAY,
        f"one InferenceService a variant, a Route of Knative that splits by percent, and {IN_FRONT}.",
        modes=IN_KNATIVE,
    ),
    Cell("ab-weight", Level.NATIVE, SPLITTER_MODELS, by=GRAPH),
    Cell("ab-header", Level.GATEWAY, f"{ROUTE} that matches the header's value.", modes=IN_STANDARD),
    Cell(
        "ab-header",
        Level.GATEWAY,
        f"one InferenceService a variant; {IN_FRONT} with the host of the one that the header matches.",
        modes=IN_KNATIVE,
    ),
    Cell("ab-cookie", Level.GATEWAY, f"{ROUTE} that matches the cookie in its header.", modes=IN_STANDARD),
    Cell(
        "ab-cookie",
        Level.GATEWAY,
        f"one InferenceService a variant; {IN_FRONT} with the host of the one that the cookie matches.",
        modes=IN_KNATIVE,
    ),
    Cell(
        "ab-sticky",
        Level.GATEWAY,
        f"{ROUTE} with session persistence, which is in Gateway API's experimental channel.",
        modes=IN_STANDARD,
    ),
    Cell(
        "ab-sticky",
        Level.NO,
        "all variants lie behind Knative's one local gateway, and session persistence tells backends apart, not hosts.",
        instead="match by header or cookie (strategy.ab.match), which is sticky by itself, or platform.mode: standard",
        modes=IN_KNATIVE,
    ),
)
REST = (
    Cell("shadow", Level.GATEWAY, f"{ROUTE} that copies the requests.", modes=IN_STANDARD),
    Cell("shadow", Level.GATEWAY, f"{COPIED} copies the requests.", modes=IN_KNATIVE),
    Cell("shadow-percent", Level.GATEWAY, f"{ROUTE} that copies a share of the requests.", modes=IN_STANDARD),
    Cell("shadow-percent", Level.GATEWAY, f"{COPIED} copies a share of the requests.", modes=IN_KNATIVE),
    Cell("blue-green", Level.GATEWAY, f"{ROUTE} that leads to the active one.", modes=IN_STANDARD),
    Cell(
        "blue-green",
        Level.GATEWAY,
        f"one InferenceService a variant; {IN_FRONT} with the host of the active one.",
        modes=IN_KNATIVE,
    ),
    Cell("preview-host", Level.GATEWAY, "a second rendered route leads from the host to the preview."),
    Cell(
        "bandit",
        Level.NO,
        NOTHING_LEARNS,
        instead="the platform seldon-core-1, or strategy.ab with fixed shares",
    ),
    Cell(
        "ensemble",
        Level.NATIVE,
        "an InferenceGraph of type Ensemble asks all, and answers with each answer under its variant's name.",
        by=GRAPH,
    ),
    Cell(
        "combiner",
        Level.NO,
        "the router of an InferenceGraph runs no image of yours: it puts the answers side by side.",
        instead="strategy.ensemble without combiner, with the answers combined by who asks, or the platform "
        "seldon-core-1",
    ),
    Cell(
        "chain",
        Level.NO,
        "the router of 0.15 hands an answer's predictions on as they are, and the next server wants instances.",
        instead="KServe 0.16 or newer, whose steps turn one into the other",
        until="0.15",
    ),
    Cell(
        "chain",
        Level.NATIVE,
        "an InferenceGraph of type Sequence hands each answer on; predictions become instances.",
        since="0.16",
        by=GRAPH,
    ),
    Cell(
        "tensors",
        Level.NO,
        "the router of an InferenceGraph hands an answer on under the names that it has.",
        instead="models whose tensors are called alike, a transformer that renames them, or a chain of seldon-core-2",
    ),
    Cell(
        "switch",
        Level.NATIVE,
        "an InferenceGraph of type Switch takes the first branch whose condition, a path of gjson, finds something in "
        "the request.",
        by=GRAPH,
    ),
    Cell(
        "switch-router",
        Level.NO,
        "the router of an InferenceGraph runs no image of yours.",
        instead="conditions on the request (strategy.switch.branches[].when), or the platform seldon-core-1",
    ),
)
GRAPHS = (
    Cell(
        "graph",
        Level.NATIVE,
        "the spec of an InferenceGraph stands as written; a step's serviceName is a variant.",
        by=GRAPH,
    ),
)
CELLS = (*ROLLING, *CANARY, *AB, *REST, *GRAPHS)
