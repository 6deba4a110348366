"""Two objects of which a controller makes the same child."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import outcome
from generator.checks.children import Made, outcome_of
from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.subject import kind_of
from generator.schemas.kinds import DEPLOYMENT, INFERENCE_SERVICE, SELDON_DEPLOYMENT, SERVICE
from generator.schemas.products import owned_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document
    from generator.reading.kind import Kind

KINDS = (INFERENCE_SERVICE, SELDON_DEPLOYMENT)
WORKLOADS = frozenset((DEPLOYMENT, SERVICE))

_NAMED = """apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    name: %s
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits-r2
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}}}
"""


@rule(
    id="REF047",
    name="child-of-two",
    product=None,
    kinds=KINDS,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the {child} is made of the {kind} {other} as well: both write it, in turn and without end",
    fix="Give one of the two another name, or remove the one that isn't used any more.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad=_NAMED % "r2",
    good=_NAMED % "r1",
)
def child_of_two(subject: Subject) -> Iterator[Hit]:
    """Children are named after their object and its parts, joined by hyphens: ``a`` with a part ``b-c`` meets ``a-b``.

    Neither controller loop sees the other: the pods restart for ever, each time with the other's model. A roll-out that
    changes from one InferenceService a release to ``spec.canary`` inside one goes that way.
    """
    document = subject.document
    for other in _longer(subject.index, document):
        mine, theirs = (_made(subject, one) for one in (document, other))
        for key in mine.keys() & theirs.keys():
            kind, name = key
            yield hit("metadata", "name", child=f"{kind.kind} {name}", kind=other.kind, other=other.name)
            return


def _longer(index: Index, document: Document) -> Iterator[Document]:
    """The objects of the same kind and namespace whose names begin with this one's and a hyphen."""
    start = f"{document.name}-"
    for other in index.derive(_by_start).get((kind_of(document), document.namespace, document.name), ()):
        if other.name.startswith(start):
            yield other


def _by_start(index: Index) -> Mapping[tuple[Kind, str, str], Sequence[Document]]:
    """The objects by what their names begin with, up to each hyphen."""
    found: dict[tuple[Kind, str, str], list[Document]] = {}
    for kind in KINDS:
        for document in index.by_kind.get(kind, ()):
            words = document.name.split("-")
            for count in range(1, len(words)):
                found.setdefault((kind, document.namespace, "-".join(words[:count])), []).append(document)
    return found


def _made(subject: Subject, document: Document) -> dict[tuple[Kind, str], Made]:
    """The workloads and Services that become of a document, by kind and name."""
    kind = kind_of(document)
    found = {}
    for target in subject.beside:
        if kind.group in owned_groups(target.product) and outcome.has_children(target.product, kind):
            become = outcome_of(subject.index, document, target)
            for child in become.outcome.children:
                if child.kind in WORKLOADS:
                    found[child.kind, child.name] = Made(child, document, become.changed)
    return found
