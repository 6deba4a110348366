"""Claims that one node can mount, wanted by pods of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import addresses
from generator.checks.rules.kubernetes.examples import DEPLOYMENT
from generator.checks.rules.references.workloads import Workload, borrowers, by_name, scalers, written
from generator.checks.subject import integer, kind_of, mapping, may_be_in, sequence, text
from generator.schemas.kinds import CLAIM, INFERENCE_SERVICE, REPLICA_SET, ROLLOUT
from generator.schemas.kinds import DEPLOYMENT as DEPLOYMENT_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Index, Subject

SEVERAL = frozenset(("ReadOnlyMany", "ReadWriteMany"))
_SOURCE = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/api/core/v1/types.go")
_CLAIM = """---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models}
spec: {accessModes: [%s], resources: {requests: {storage: 1Gi}}}
"""
_MOUNTING = DEPLOYMENT.replace("  selector:", "  replicas: 3\n  selector:") + (
    "      volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]\n"
)
_SERVING = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 2
    maxReplicas: 4
    model: {modelFormat: {name: sklearn}, storageUri: pvc://models/digits}
"""
_MESSAGE = (
    "the claim {claim} can be mounted by {most} ({modes}), and there are to be {count} pods: the others don't start"
)
_FIX = "Give the claim the access mode ReadOnlyMany or ReadWriteMany, or keep to one pod."


@rule(
    id="REF045",
    name="claim-of-one-node",
    product=None,
    kinds=(DEPLOYMENT_KIND, REPLICA_SET, ROLLOUT),
    when=frozenset({"persistentVolumeClaim"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message=_MESSAGE,
    fix=_FIX,
    source=_SOURCE,
    bad=_MOUNTING + _CLAIM % "ReadWriteOnce",
    good=_MOUNTING + _CLAIM % "ReadOnlyMany",
)
def claim_of_one_node(subject: Subject) -> Iterator[Hit]:
    """ReadWriteOnce is one node, ReadWriteOncePod one pod: what is put elsewhere waits in ContainerCreating.

    On a cluster of one node it works, so it is often found out in production. A Rollout that names a Deployment in
    workloadRef makes its own pods of that one's template.
    """
    document = subject.document
    workload = Workload(kind_of(document), document.name, document.namespace, subject.data, document)
    count = max(_most(subject.index, one) for one in (workload, *_borrowing(subject.index, workload)))
    for number, volume in enumerate(sequence(workload.pod, "volumes")):
        name = text(volume, "persistentVolumeClaim", "claimName")
        found = _narrow(subject, name or "", count)
        if found:
            path = (*workload.template, "spec", "volumes", number, "persistentVolumeClaim", "claimName")
            yield Hit(path, found)


def _borrowing(index: Index, workload: Workload) -> Iterator[Workload]:
    """The Rollouts that make pods of a workload's template."""
    for one in index.derive(borrowers).get((workload.kind, workload.name), ()):
        if may_be_in((one.namespace,), workload.namespace):
            yield written(index, one, ROLLOUT)


def _most(index: Index, workload: Workload) -> int:
    """How many pods there are at once: what it asks for itself, or the least that an autoscaler of the set does."""
    found = index.derive(scalers).get((workload.kind, workload.name), ())
    return max(workload.replicas, *(integer(mapping(one.data, "spec"), "minReplicas") or 0 for one in found), 0)


@rule(
    id="REF046",
    name="model-claim-of-one-node",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"minReplicas"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message=_MESSAGE,
    fix=_FIX,
    source=Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/pod/storage_initializer_injector.go"),
    bad=_SERVING + _CLAIM % "ReadWriteOnce",
    good=_SERVING + _CLAIM % "ReadOnlyMany",
)
def model_claim_of_one_node(subject: Subject) -> Iterator[Hit]:
    """KServe mounts the model's claim into each pod of the predictor, so all of them have to reach it."""
    count = integer(subject.data, "spec", "predictor", "minReplicas") or 0
    for _, path, uri, _ in addresses(subject):
        if uri.startswith("pvc://") and path[:2] == ("spec", "predictor"):
            found = _narrow(subject, uri.removeprefix("pvc://").partition("/")[0], count)
            if found:
                yield Hit(path, found)


def _narrow(subject: Subject, name: str, count: int) -> dict[str, Any] | None:
    """What is wrong where several pods want a claim of the set that is for one node; None where nothing is."""
    namespace = subject.document.namespace
    if count < 2 or not name:  # noqa: PLR2004 (several)
        return None
    for one in by_name(subject.index, CLAIM, name, namespace):
        modes = [mode for mode in sequence(one.data, "spec", "accessModes") if isinstance(mode, str)]
        if modes and SEVERAL.isdisjoint(modes):
            most = "one pod" if modes == ["ReadWriteOncePod"] else "the pods of one node"
            return {"claim": name, "most": most, "modes": ", ".join(modes), "count": count}
    return None
