"""Which server runs a model, as far as the manifest says (facts of KServe's built-in runtimes)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.rules.kserve.no_runtime import formats
from generator.checks.rules.kserve.spec import model, predictors
from generator.checks.subject import may_be_in, text

if TYPE_CHECKING:
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

RUNTIME = "kserve-tensorflow-serving"
TRAINED_WITH = "serinus.dev/trained-with"
"""The annotation that render writes on each predictor: ``tensorflow 2.20.0``."""

_TENSORFLOW = re.compile(r"tensorflow ([0-9]{1,9})\.([0-9]{1,9})(?:\.\S*)?")
_TAG = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})(?:[.-]|\Z)")


class Served(NamedTuple):
    """A model on KServe's built-in TensorFlow Serving.

    Attributes:
        path: Where the model stands.
        predictor: Where its predictor stands.
        version: ``runtimeVersion``; None where the runtime's own applies.
        trained_with: Major and minor of the TensorFlow that exported the model; None where the manifest doesn't say.
    """

    path: Path
    predictor: Path
    version: str | None
    trained_with: tuple[int, int] | None


def built_in_tensorflow(subject: Subject) -> tuple[Served, ...]:
    """The models of the predictor and the canaries that KServe gives to its own TensorFlow Serving.

    Protocol v2 means Triton, another runtime or an own image something else altogether. Where a runtime of the given
    set takes the format, nobody can say that it is KServe's own.
    """
    return subject.derive(_built_in_tensorflow)


def _built_in_tensorflow(subject: Subject) -> tuple[Served, ...]:
    found = []
    own = may_be_in(subject.index.derive(formats).get("tensorflow", ()), subject.document.namespace)
    for component in predictors(subject):
        served = model(component)
        if served is None:
            continue
        form = text(served.spec, "modelFormat", "name") or str(served.path[-1])
        runtime = text(served.spec, "runtime")
        chosen = runtime == RUNTIME or (runtime is None and not own)
        protocol = text(served.spec, "protocolVersion") in (None, "v1", "grpc-v1")
        if form == "tensorflow" and chosen and protocol and served.spec.get("image") is None:
            version = text(served.spec, "runtimeVersion")
            trained = text(component.spec, "annotations", TRAINED_WITH)
            wrote = _TENSORFLOW.fullmatch(trained) if trained else None
            release = (int(wrote[1]), int(wrote[2])) if wrote else None
            found.append(Served(served.path, component.path, version, release))
    return tuple(found)


def tag_release(tag: str) -> tuple[int, int] | None:
    """Major and minor of an image tag such as ``2.20.0-gpu``; None for ``latest`` and the like."""
    found = _TAG.match(tag)
    return (int(found[1]), int(found[2])) if found else None
