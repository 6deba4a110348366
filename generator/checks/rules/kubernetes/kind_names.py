"""Names that one kind takes and another doesn't."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.kind import Kind
from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import SERVICE as EXAMPLE
from generator.checks.rules.kubernetes.objects import (
    CORE,
    CRON_JOB,
    JOB,
    SERVICE,
    STATEFUL_SET,
    integer,
    keys,
    present,
    refusal,
)
from generator.checks.rules.kubernetes.syntax import LABEL, is_dns_1035, is_label
from generator.checks.subject import kind_of, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

NAMESPACE = Kind("", "Namespace")
_STARTS_WITH_LETTER = "lower-case letters, digits and '-', a letter first; at most 63 characters"
_RELAXED = (1, 36)
_CRON_LIMIT = 52
_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))
"""``pkg/apis/core/helper``: those that the cluster itself removes."""
_SUFFIX = re.compile(r"-\Z")


@refusal(
    id="K8S050",
    name="name-of-kind",
    kinds=(SERVICE, NAMESPACE, STATEFUL_SET, CRON_JOB, JOB),
    message="a {kind} can't have the name '{name}'",
    fix="Use {wanted}.",
    source=CORE,
    bad=EXAMPLE.replace("name: digits\n", "name: digits.v2\n", 1),
    good=EXAMPLE,
)
def name_of_kind(subject: Subject) -> Iterable[Hit]:
    """Most objects may have dots in their names.

    The names of Services, Namespaces and StatefulSets become parts of host names, so they are one DNS label; until
    Kubernetes 1.36 a Service's starts with a letter. A CronJob's name leaves room for the suffix of its Jobs, that of
    an indexed Job for the numbers of its pods.
    """
    kind = kind_of(subject.document)
    if kind != JOB and subject.index.before(subject.document) is not None:
        return  # the name is what it was, whatever its release took
    name, prefix = text(subject.data, "metadata", "name") or "", text(subject.data, "metadata", "generateName") or ""
    strict = kind == SERVICE and subject.release is not None and subject.release < _RELAXED
    if kind == JOB:
        if not _indexed_name_fits(subject, name):
            yield hit("metadata", "name", kind="Job", name=name, wanted="a shorter name, so that a pod's number fits")
    elif kind == CRON_JOB:
        if len(name) > _CRON_LIMIT:
            yield hit("metadata", "name", kind="CronJob", name=name, wanted=f"at most {_CRON_LIMIT} characters")
    elif name:
        if not (is_dns_1035 if strict else is_label)(name):
            wanted = _STARTS_WITH_LETTER if strict else LABEL
            yield hit("metadata", "name", kind=kind.kind, name=name, wanted=wanted)
    elif prefix and not (is_dns_1035 if strict else is_label)(_SUFFIX.sub("x", prefix[:58])):
        wanted = _STARTS_WITH_LETTER if strict else LABEL
        yield hit("metadata", "generateName", kind=kind.kind, name=prefix, wanted=wanted)


def _indexed_name_fits(subject: Subject, name: str) -> bool:
    spec = mapping(subject.data, "spec")
    default = 0 if present(spec, "parallelism") else 1
    completions = integer(spec, "completions") if present(spec, "completions") else default
    completions = completions or 0
    indexed = text(subject.data, "spec", "completionMode") == "Indexed"
    return not (indexed and completions > 0 and name) or is_label(f"{name}-{completions - 1}")


@refusal(
    id="K8S126",
    name="finalizer-of-nobody",
    kinds=(),
    message="the finalizer '{name}' is nobody's",
    fix="Write it with the domain of the controller that removes it, such as example.com/{name}.",
    source=CORE,
    bad=EXAMPLE.replace("name: digits\n", "name: digits\n  finalizers: [cleanup]\n", 1),
    good=EXAMPLE.replace("name: digits\n", "name: digits\n  finalizers: [example.com/cleanup]\n", 1),
    when=keys("finalizers"),
)
def finalizer_of_nobody(subject: Subject) -> Iterable[Hit]:
    """An object of Kubernetes' own kinds takes a finalizer without a domain only where the cluster itself removes it.

    In an object of a CRD any name passes, and one that no controller knows keeps the object for ever.
    """
    for index, name in enumerate(sequence(subject.data, "metadata", "finalizers")):
        if isinstance(name, str) and name and "/" not in name and name not in _FINALIZERS:
            yield hit("metadata", "finalizers", index, name=name)
