"""Replicas, autoscaling and disruption budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import CONTROLLER, CUSTOM, predictors
from generator.checks.subject import integer, reach, sequence
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

_ASKING = CUSTOM.replace("digits:1'}", "digits:1', resources: {requests: {cpu: 500m}}}")
SCALED = _ASKING.replace("        - spec:", "        - hpaSpec: {minReplicas: 2, maxReplicas: 4}\n          spec:")
KEDA = "kedaSpec: {minReplicaCount: 1, maxReplicaCount: 4, triggers: [{type: cpu, metadata: {value: '70'}}]}"
METRIC = "[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]"
OLD_METRIC = "[{type: Resource, resource: {name: cpu, targetAverageUtilization: 70}}]"
BUDGET = CUSTOM.replace("        - spec:", "        - pdbSpec: {maxUnavailable: 1}\n          spec:")


@rule(
    id="SC1140",
    name="two-autoscalers",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"kedaSpec"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="hpaSpec is ignored: kedaSpec beside it wins",
    fix="Keep one of the two.",
    source=CONTROLLER,
    bad=SCALED.replace("          spec:", f"          {KEDA}\n          spec:"),
    good=SCALED,
)
def two_autoscalers(subject: Subject) -> Iterator[Hit]:
    """The operator makes one scaler for a Deployment, and KEDA's comes first."""
    for predictor in predictors(subject):
        for number, pod in enumerate(sequence(predictor.spec, "componentSpecs")):
            if isinstance(reach(pod, "kedaSpec"), dict) and isinstance(reach(pod, "hpaSpec"), dict):
                yield Hit((*predictor.path, "componentSpecs", number, "hpaSpec"), on_key=True)


@rule(
    id="SC1141",
    name="two-lists-of-metrics",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"metricsv2"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="metricsv2 is ignored: metrics beside it wins",
    fix="Move all to metricsv2, which has the form of autoscaling/v2, and remove metrics.",
    source=CONTROLLER,
    bad=SCALED.replace("maxReplicas: 4", f"maxReplicas: 4, metrics: {OLD_METRIC}, metricsv2: {METRIC}"),
    good=SCALED.replace("maxReplicas: 4", f"maxReplicas: 4, metricsv2: {METRIC}"),
)
def two_lists_of_metrics(subject: Subject) -> Iterator[Hit]:
    """The list in the form of autoscaling/v2beta1 is converted, and takes the place of the other one."""
    for predictor in predictors(subject):
        for number, pod in enumerate(sequence(predictor.spec, "componentSpecs")):
            if isinstance(reach(pod, "hpaSpec", "metrics"), list) and sequence(pod, "hpaSpec", "metricsv2"):
                yield Hit((*predictor.path, "componentSpecs", number, "hpaSpec", "metricsv2"), on_key=True)


@rule(
    id="SC1142",
    name="replicas-beside-autoscaler",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"hpaSpec", "kedaSpec"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="replicas: {count} is ignored: the autoscaler starts from {low}",
    fix="Remove replicas, or set the autoscaler's minimum to {count}.",
    source=CONTROLLER,
    bad=SCALED.replace("          spec:", "          replicas: 3\n          spec:"),
    good=SCALED,
)
def replicas_beside_autoscaler(subject: Subject) -> Iterator[Hit]:
    """Where a componentSpec has an autoscaler, the operator sets no replicas on its Deployment."""
    for predictor in predictors(subject):
        pods = sequence(predictor.spec, "componentSpecs")
        for number, pod in enumerate(pods):
            low = _lowest(pod)
            if low is None:
                continue
            places = [(*predictor.path, "componentSpecs", number, "replicas")]
            places += [(*predictor.path, "replicas")] if len(pods) == 1 else []
            for place in places:
                count = integer(subject.data, *place)
                if count is not None and count != low:
                    yield Hit(place, {"count": count, "low": low})


def _lowest(pod: object) -> int | None:
    """The least number of pods that a componentSpec's autoscaler allows; None where it has none."""
    if isinstance(reach(pod, "kedaSpec"), dict):
        return integer(pod, "kedaSpec", "minReplicaCount") or 0
    if isinstance(reach(pod, "hpaSpec"), dict):
        return 1 if (low := integer(pod, "hpaSpec", "minReplicas")) is None else low
    return None


@rule(
    id="SC1143",
    name="budget-over-all-predictors",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"pdbSpec"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="this disruption budget counts the pods of all predictors and componentSpecs together",
    fix="Write a PodDisruptionBudget of your own that selects the pods of one Deployment.",
    source=CONTROLLER,
    bad=BUDGET.replace(
        "        - pdb",
        "        - spec: {containers: [{name: front, image: 'registry.example.com/front:1'}]}\n        - pdb",
    ).replace("type: MODEL}", "type: MODEL, children: [{name: front, type: MODEL}]}"),
    good=BUDGET,
)
def budget_over_all_predictors(subject: Subject) -> Iterator[Hit]:
    """It selects by the name of the SeldonDeployment alone, so one healthy predictor hides that another is drained."""
    found = [
        (*predictor.path, "componentSpecs", number, "pdbSpec")
        for predictor in predictors(subject)
        for number, _ in enumerate(sequence(predictor.spec, "componentSpecs"))
    ]
    several = len(found) > 1 or len(list(predictors(subject))) > 1
    for path in found if several else ():
        if isinstance(reach(subject.data, *path), dict):
            yield Hit(path, on_key=True)


@rule(
    id="SC1209",
    name="keda-of-the-operator",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"kedaSpec"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="kedaSpec counts only where the operator was installed with keda.enabled; elsewhere nothing scales",
    fix="Install the operator with keda.enabled: true, or write hpaSpec.",
    source=CONTROLLER,
    bad=CUSTOM.replace("        - spec:", f"        - {KEDA}\n          spec:"),
    good=SCALED,
)
def keda_of_the_operator(subject: Subject) -> Iterator[Hit]:
    """An operator without KEDA makes no scaler and sets no replicas either: there is one pod."""
    for predictor in predictors(subject):
        for number, pod in enumerate(sequence(predictor.spec, "componentSpecs")):
            if isinstance(reach(pod, "kedaSpec"), dict):
                yield Hit((*predictor.path, "componentSpecs", number, "kedaSpec"), on_key=True)
