"""Places that were left for others to fill."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import MARKS, marks, may_have_some, placeholders
from generator.checks.rule import Hit, Source, Stage, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.placeholders import Placeholder
    from generator.checks.subject import Subject
    from generator.reading.documents import Source as TextSource

SHOWN = 3
"""Placeholders that a message names."""

TEMPLATES = ("LLMInferenceServiceConfig",)
"""Kinds that are templates themselves, filled in by the platform."""

LONGEST = 1_000_000
"""Characters of a text that is searched as a whole first: that takes a copy of it."""

KUBECTL = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go")
"""What a manifest is read by: it fills in nothing."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
"""


OF_KSERVE = "internal.serving.kserve.io/"
"""Annotations of KServe's own, which hold ``<scheme-placeholder>`` until the pod webhook fills it in."""


@rule(
    id="POL003",
    name="placeholder-left",
    product=None,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nobody has filled in {names}",
    fix="Write what is meant; if that comes from elsewhere, check the file that a cluster will get.",
    source=KUBECTL,
    bad=GOOD.replace("s3://models/", "s3://<your-bucket>/"),
    good=GOOD,
)
def placeholder_left(subject: Subject) -> Iterator[Hit]:
    """A sample was copied, and one of its placeholders is still there.

    Most fields take any text, so nothing is refused: an image or a bucket of that name is looked for when the pods
    start. All placeholders of an object are told at once.
    """
    yield from _told([found for found in _found(subject) if not found.variable])


@rule(
    id="POL004",
    name="variable-left",
    product=None,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="Kubernetes doesn't fill in {names}: some tool has to, before the apply",
    fix="Check what {tool} makes of this file, not the file itself.",
    source=KUBECTL,
    bad=GOOD.replace("s3://models/", "s3://${BUCKET}/"),
    good=GOOD,
)
def variable_left(subject: Subject) -> Iterator[Hit]:
    """A variable in an address or a name stays as it is where nobody fills it; the pods then look for `${BUCKET}`.

    Arguments, commands and variables of containers are left alone: `$(NAME)` is filled in there by the kubelet.
    """
    yield from _told([found for found in _found(subject) if found.variable])


def _found(subject: Subject) -> tuple[Placeholder, ...]:
    return subject.derive(_search)


def _search(subject: Subject) -> tuple[Placeholder, ...]:
    document = subject.document
    if document.kind in TEMPLATES:
        return ()
    short = document.source is not None and len(document.source.text) <= LONGEST
    among = _marks(document.source) if document.source and short else MARKS
    if not among or not may_have_some(document.data, among):
        return ()
    return tuple(found for found in placeholders(document.data) if OF_KSERVE not in ".".join(map(str, found.path)))


@lru_cache(maxsize=4)
def _marks(source: TextSource) -> list[str]:
    """Once for all items of a List: they share their text."""
    return marks(source.text)


def _told(found: list[Placeholder]) -> Iterator[Hit]:
    names = [f"'{name}'" for name in dict.fromkeys(one.text for one in found)]
    if names:
        more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
        *others, last = [*names[:SHOWN], *more]
        told = f"{', '.join(others)} and {last}" if others else last
        tool = "Helm" if found[0].text.startswith("{{") else "envsubst, Flux or the like"
        covers = tuple(one.path for one in found if not one.in_key)
        yield Hit(found[0].path, {"names": told, "tool": tool}, on_key=found[0].in_key, covers=covers)
