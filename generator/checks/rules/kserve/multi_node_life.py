"""What becomes of a predictor over several nodes once it is accepted; seen in a lab of KServe's own controllers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.multi_node import GOOD, WORKERS
from generator.checks.rules.kserve.spec import MODELMESH, V0_21, mode
from generator.checks.subject import reach
from generator.outcome.kserve.routes import COUNTED, MISCOUNTED
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

_ALONE = GOOD[: GOOD.index("    workerSpec:")]


@rule(
    id="KSV564",
    name="several-nodes-that-never-serve",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    since=MISCOUNTED,
    until=V0_21,
    when=frozenset({"workerSpec"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{problem}",
    fix="Use an LLMInferenceService with spec.worker, or one node with more GPUs.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go"),
    bad=GOOD,
    good=_ALONE,
)
def several_nodes_that_never_serve(subject: Subject) -> Iterator[Hit]:
    """0.20 takes the workers' Deployment, and the Services of head and workers, for orphans of an older name.

    It deletes them at every reconcile and makes them anew: a hundred times a minute for one service. 0.16 to 0.19 wait
    for one reason of readiness where two Deployments give two, so PredictorReady stays Unknown, and no route is ever
    made.
    """
    if not isinstance(reach(subject.data, *WORKERS), dict) or mode(subject) == MODELMESH:
        return
    release = subject.release
    if release is not None and release < COUNTED:
        told = f"KServe {release.major}.{release.minor}"
        problem = f"{told} never calls a predictor over several nodes ready, so no route leads to it"
    else:
        problem = "KServe 0.20 deletes the other nodes at every turn as orphans and makes them anew: they never serve"
    yield Hit(WORKERS, {"problem": problem}, on_key=True)
