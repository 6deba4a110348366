"""ScaledObjects that want fewer pods than their triggers can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import SCALED_OBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.subject import Subject

WEBHOOK = Source("kedacore/keda", "v2.20.2", "apis/keda/v1alpha1/scaledobject_webhook.go")
HANDLER = Source("kedacore/keda", "v2.20.2", "pkg/scaling/scale_handler.go")
OF_PODS = ("cpu", "memory")
"""Triggers that are measured in the pods themselves, so that without a pod there is nothing to measure."""

GOOD = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: digits}
spec:
  scaleTargetRef: {name: digits}
  minReplicaCount: 1
  maxReplicaCount: 4
  triggers: [{type: cpu, metricType: Utilization, metadata: {value: "60"}}]
"""


def measured_in_pods(triggers: list[Any]) -> bool:
    """Whether there are triggers and all of them are measured in the pods that they scale."""
    return bool(triggers) and all(text(one, "type") in OF_PODS for one in triggers)


def names_of(triggers: list[Any]) -> str:
    """The types of triggers, each once, as in "cpu and memory"."""
    return " and ".join(dict.fromkeys(text(one, "type") or "" for one in triggers))


def zero(spec: Mapping[str, Any]) -> bool:
    """Whether a ScaledObject's minimum is 0, as it is where nothing is said."""
    return (integer(spec, "minReplicaCount") or 0) == 0


@rule(
    id="K8S160",
    name="zero-by-cpu-or-memory",
    product="keda",
    kinds=(SCALED_OBJECT,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KEDA refuses a minimum of 0 with triggers of {names} alone: without a pod there is nothing to measure",
    fix="Write minReplicaCount: 1, or add a trigger from outside the pods.",
    source=WEBHOOK,
    bad=GOOD.replace("  minReplicaCount: 1\n", ""),
    good=GOOD,
)
def zero_by_cpu_or_memory(subject: Subject) -> Iterator[Hit]:
    """Its webhook says so where the target is a Deployment or StatefulSet that is there; 0 is also the default.

    Where the webhook isn't installed the object is taken, and the workload keeps a pod for ever.
    """
    spec = mapping(subject.data, "spec")
    triggers = sequence(spec, "triggers")
    if measured_in_pods(triggers) and zero(spec):
        there = "minReplicaCount" in spec
        yield hit("spec", "minReplicaCount" if there else "triggers", on_key=not there, names=names_of(triggers))


@rule(
    id="K8S161",
    name="idle-by-cpu-or-memory",
    product="keda",
    kinds=(SCALED_OBJECT,),
    when=frozenset({"idleReplicaCount"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the workload never idles: by {names} alone KEDA takes it for busy all the time",
    fix="Remove idleReplicaCount, or add a trigger from outside the pods.",
    source=HANDLER,
    bad=GOOD.replace("  minReplicaCount: 1\n", "  minReplicaCount: 1\n  idleReplicaCount: 0\n"),
    good=GOOD,
)
def idle_by_cpu_or_memory(subject: Subject) -> Iterator[Hit]:
    """Whether there is work the other triggers say; where there are none, the handler answers yes."""
    spec = mapping(subject.data, "spec")
    triggers = sequence(spec, "triggers")
    if measured_in_pods(triggers) and integer(spec, "idleReplicaCount") is not None and not zero(spec):
        yield hit("spec", "idleReplicaCount", names=names_of(triggers))
