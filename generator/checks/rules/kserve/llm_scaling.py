"""LLMInferenceServices: autoscaling. Most of its rules are CEL rules of the CRD (K8S032)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.llm import HUB, LLM_SERVICE, there, workloads
from generator.checks.rules.kserve.spec import V0_18
from generator.checks.subject import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject

DIRECT = "keda without wva"
GOOD = """
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata:
  name: chat
spec:
  model: {uri: hf://example/chat-7b, name: chat-7b}
  scaling: {minReplicas: 1, maxReplicas: 4, wva: {keda: {pollingInterval: 30}}}
  prefill:
    scaling: {minReplicas: 1, maxReplicas: 2, wva: {keda: {pollingInterval: 30}}}
"""


@rule(
    id="KSV411",
    name="llm-actuators-differ",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"prefill"}),
    since=V0_18,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="decoding is scaled by {decode} and prefilling by {prefill}; KServe takes one for both",
    fix="Write hpa in both places, or keda in both.",
    source=HUB,
    bad=GOOD.replace("maxReplicas: 2, wva: {keda: {pollingInterval: 30}}", "maxReplicas: 2, wva: {hpa: {}}"),
    good=GOOD,
)
def llm_actuators_differ(subject: Subject) -> Iterator[Hit]:
    """The HPA reads metrics through an adapter and KEDA reads Prometheus itself: two sides that scale apart.

    Since 0.21 KEDA also scales without the variant autoscaler (wva), and then it does so on both sides.
    """
    found = [(path, one) for path, spec in workloads(subject) if isinstance(one := reach(spec, "scaling"), dict)]
    named = [(path, name) for path, one in found if (name := _actuator(one))]
    if len({name for _, name in named}) > 1:
        (_, decode), (path, prefill) = named
        place = (*path, "scaling") if DIRECT in (decode, prefill) else (*path, "scaling", "wva")
        yield Hit(place, {"decode": decode, "prefill": prefill})


def _actuator(scaling: Mapping[str, object]) -> str:
    """What moves the replicas of a workload; empty where nothing is named."""
    if there(scaling, "keda"):
        return DIRECT
    wva = scaling.get("wva")
    return ("hpa" if there(wva, "hpa") else "keda") if isinstance(wva, dict) else ""
