"""LLMInferenceServices: parts of their inline HTTPRoute that the cluster's Gateway API doesn't take from KServe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import GOOD, LLM_SERVICE
from generator.checks.subject import mapping, sequence
from generator.schemas.kinds import LLM_CONFIG
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.schemas import Target

V1_7 = Version(1, 7)
STANDARD, EXPERIMENTAL = "gateway-api", "gateway-api-experimental"
RULES = ("spec", "router", "route", "http", "spec", "rules")
SESSION, RETRY = "sessionPersistence", "retry"

INLINE = (
    GOOD
    + """\
  router:
    gateway: {refs: [{name: models}]}
    route:
      http:
        spec:
          rules:
            - backendRefs: [{name: chat, port: 8000}]
"""
)


@rule(
    id="KSV492",
    name="llm-route-part-is-lost",
    product="kserve",
    kinds=(LLM_SERVICE, LLM_CONFIG),
    when=frozenset({SESSION, RETRY}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe writes {field} into the HTTPRoute that it makes, and {gateway} {outcome}",
    fix="Write an HTTPRoute of your own for this Gateway API, and name it in route.http.refs.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/router.go"),
    bad=INLINE.replace(
        "- backendRefs", "- sessionPersistence: {sessionName: arm, type: Cookie}\n              backendRefs"
    ),
    good=INLINE,
)
def llm_route_part_is_lost(subject: Subject) -> Iterator[Hit]:
    """KServe is built against the types of Gateway API 1.5, and its CRD takes all that they have.

    What the cluster's own CRDs don't know is dropped when the controller writes the route: stickiness in the standard
    channel, retries in that before 1.7. The experimental channel of 1.7 refuses the old form of stickiness, and the new
    one can't be written here at all. An event of the service tells of a refusal, and the route isn't there.
    """
    gateway = next((one for one in subject.beside if one.product in (STANDARD, EXPERIMENTAL)), None)
    if gateway is None:
        return
    for number, entry in enumerate(sequence(subject.data, *RULES)):
        for field in (SESSION, RETRY):
            outcome = _outcome(field, gateway) if isinstance(mapping(entry).get(field), dict) else ""
            if outcome:
                values = {"field": field, "gateway": str(gateway), "outcome": outcome}
                yield Hit((*RULES, number, field), values, on_key=True)


def _outcome(field: str, gateway: Target) -> str:
    """What becomes of a part; empty where it's taken."""
    if gateway.product == STANDARD:
        known = field == RETRY and gateway.version >= V1_7
        return "" if known else "drops it without a word"
    return "refuses the route, since it has another form there" if field == SESSION and gateway.version >= V1_7 else ""
