"""Services in a namespace that KServe's webhook for pods passes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import addresses, judged
from generator.checks.subject import mapping
from generator.schemas.kinds import INFERENCE_SERVICE, NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

LABEL = "control-plane"
OWN = "kserve"
GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  namespace: models
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV548",
    name="service-in-a-control-plane-namespace",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="KServe's webhook for pods passes over namespaces with the label control-plane, {why}: no model comes",
    fix="Put the service into a namespace of its own.",
    source=Source("kserve/kserve", "v0.20.0", "config/webhook/manifests.yaml"),
    bad=GOOD.replace("namespace: models", "namespace: kserve"),
    good=GOOD,
)
def service_in_a_control_plane_namespace(subject: Subject) -> Iterator[Hit]:
    """Storage initializer, logger and batcher come into pods by that webhook, so here the server starts without them.

    The label is one that operators put on their own namespaces. KServe's manifests did so until 0.16, and an upgrade
    takes no label away. Whether a Namespace has it the given files may say.
    """
    namespace = subject.document.namespace
    labels = subject.index.derive(_labels).get(namespace)
    labelled = LABEL in labels if labels is not None else namespace == OWN
    needs = bool(addresses(subject)) or any({"logger", "batcher"} & one.spec.keys() for one in judged(subject))
    if namespace and labelled and needs:
        why = "which this one has" if labels is not None else "as KServe gave it to its own until 0.16"
        yield hit("metadata", "namespace", why=why)


def _labels(index: Index) -> Mapping[str, Mapping[str, object]]:
    """The labels of the Namespaces of the set."""
    return {one.name: mapping(one.data, "metadata", "labels") for one in index.by_kind.get(NAMESPACE, ())}
