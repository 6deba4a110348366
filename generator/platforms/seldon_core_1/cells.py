"""What Seldon Core 1 can do, mode by mode.

Read in SeldonIO/seldon-core at v1.17.1 (v1.18.2 does the same): operator/controllers/seldondeployment_controller.go
(``createIstioResources``), operator/controllers/ambassador/v1.go and v2.go, executor/predictor/predictor_process.go.
How Ambassador reads weights: emissary-ingress/emissary, python/ambassador/ir/irbasemappinggroup.py
(``normalize_weights_in_mappings``).
"""

from __future__ import annotations

from generator.platforms.base import GATEWAY, GRAPH, Cell, Level

ISTIO, AMBASSADOR, NONE = "istio", "ambassador", "none"
MODES = (ISTIO, AMBASSADOR, NONE)
MESHES = (ISTIO, AMBASSADOR)

OWN_ROUTE = "a route of Serinus leads to the predictors' Services, past the operator's own path /seldon/…"
"""What the way by gateway is on this platform."""


def _gateway(feature: str, sentence: str, *modes: str) -> Cell:
    return Cell(feature, Level.GATEWAY, sentence, modes=modes)


CELLS = (
    Cell(
        "rolling",
        Level.NATIVE,
        "one predictor, whose Deployment replaces its pods; clients call /seldon/<namespace>/<name>/….",
        modes=MESHES,
    ),
    Cell(
        "rolling",
        Level.NATIVE,
        "one predictor, whose Deployment replaces its pods; clients call its Service, or the gateway that is named.",
        modes=(NONE,),
    ),
    Cell(
        "canary",
        Level.NATIVE,
        "predictors with traffic; the operator's VirtualService takes new shares once all Deployments are ready.",
        modes=(ISTIO,),
    ),
    Cell(
        "canary",
        Level.NATIVE,
        "predictors with traffic, which become weights of Mappings; at a share of 0 the canary is left out, since "
        "ambassador.version v1 makes 50 to 50 of 100 to 0 (seldon-core #4067).",
        modes=(AMBASSADOR,),
    ),
    _gateway("canary", f"{OWN_ROUTE}, and splits by weight."),
    Cell(
        "canaries", Level.NATIVE, "as many predictors as there are canaries; their traffic sums to 100.", modes=MESHES
    ),
    _gateway("canaries", f"{OWN_ROUTE}, and splits by weight."),
    Cell("ab-weight", Level.NATIVE, "predictors with traffic, in whole percentages.", modes=MESHES),
    _gateway("ab-weight", f"{OWN_ROUTE}, and splits by weight."),
    Cell(
        "ab-weight",
        Level.NATIVE,
        "RANDOM_ABTEST in the graph of one predictor draws between two variants; changing the shares restarts pods.",
        by=GRAPH,
    ),
    Cell(
        "ab-header",
        Level.NATIVE,
        "a SeldonDeployment for each matched variant, with seldon.io/ambassador-header and the path of the first.",
        modes=(AMBASSADOR,),
    ),
    _gateway("ab-header", f"{OWN_ROUTE}; the operator's VirtualService splits by weight only.", ISTIO),
    _gateway("ab-header", f"{OWN_ROUTE}, and matches headers.", AMBASSADOR, NONE),
    _gateway("ab-cookie", f"{OWN_ROUTE}, and matches the Cookie header; the operator's own routes can't.", *MESHES),
    _gateway("ab-cookie", f"{OWN_ROUTE}, and matches the Cookie header.", NONE),
    _gateway("ab-sticky", f"{OWN_ROUTE}, with session persistence; the operator's own routes have none.", *MESHES),
    _gateway("ab-sticky", f"{OWN_ROUTE}, with session persistence.", NONE),
    Cell("shadow", Level.NATIVE, "a predictor with shadow: true, which the VirtualService mirrors to.", modes=(ISTIO,)),
    Cell("shadow", Level.NATIVE, "a predictor with shadow: true, which gets a shadow Mapping.", modes=(AMBASSADOR,)),
    _gateway("shadow", f"{OWN_ROUTE}, and mirrors requests.", NONE),
    Cell("shadow-percent", Level.NATIVE, "the shadow's traffic is the percentage that is copied.", modes=MESHES),
    _gateway("shadow-percent", f"{OWN_ROUTE}, and mirrors a percentage of the requests.", NONE),
    Cell(
        "blue-green", Level.NATIVE, "two predictors with traffic 100 and 0; the switch swaps the two.", modes=(ISTIO,)
    ),
    Cell(
        "blue-green",
        Level.NATIVE,
        "two predictors with traffic 0 and 100, the preview first: Ambassador gives the first what the others leave.",
        modes=(AMBASSADOR,),
    ),
    _gateway("blue-green", f"{OWN_ROUTE}, to the active variant alone."),
    _gateway("preview-host", "a route of Serinus for the preview's host leads to its predictor's Service."),
    Cell(
        "bandit",
        Level.NATIVE,
        "a router of Seldon's in the graph; it learns when clients post rewards with the answer's meta.routing to "
        "/api/v1.0/feedback. Protocol seldon only, and what it has learnt is lost when its pod restarts.",
    ),
    Cell(
        "ensemble",
        Level.NO,
        "Seldon Core 1 asks all children and answers with the first one's answer; AVERAGE_COMBINER isn't implemented "
        "since 1.2.",
        instead="name a combiner (strategy.ensemble.combiner), an image of yours that makes one answer of several",
    ),
    Cell("combiner", Level.NATIVE, "the combiner's image stands at the root of the graph. Protocol seldon only."),
    Cell(
        "chain",
        Level.NATIVE,
        "each variant is a child of the one before and gets its answer as a request. Protocols seldon, tensorflow "
        "(predictions become instances) and v2 through Triton (outputs become inputs).",
    ),
    Cell(
        "tensors",
        Level.NO,
        "Seldon Core 1 hands an answer on as it is.",
        instead="models whose tensors are called alike, a variant between the two that renames them, or a chain of "
        "Seldon Core 2",
    ),
    Cell(
        "switch",
        Level.NO,
        "Seldon Core 1 has no conditions.",
        instead="name a router (strategy.switch.router), an image of yours that answers with the number of a branch",
    ),
    Cell("switch-router", Level.NATIVE, "the router's image stands at the root of the graph. Protocol seldon only."),
    Cell(
        "graph",
        Level.NATIVE,
        "graph and componentSpecs of a predictor, as Seldon has them; a unit and a container that are named as a "
        "variant get its server, its files and its image.",
    ),
)
"""Of several ways the preferred one first."""

__all__ = ["AMBASSADOR", "CELLS", "GATEWAY", "GRAPH", "ISTIO", "MESHES", "MODES", "NONE"]
