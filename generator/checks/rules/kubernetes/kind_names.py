"""Names that one kind takes and another doesn't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import SERVICE as EXAMPLE
from generator.checks.rules.kubernetes.objects import BINDINGS, CORE, ROLES, integer, keys, present, refusal
from generator.checks.rules.kubernetes.syntax import LABEL, SUBDOMAIN, is_dns_1035, is_label
from generator.checks.structure.names import generated, is_subdomain, key_fault, masked
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import BUDGET, CRON_JOB, JOB, NAMESPACE, REPLICATION_CONTROLLER, SERVICE, STATEFUL_SET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.kind import Kind

_STARTS_WITH_LETTER = "lower-case letters, digits and '-', a letter first; at most 63 characters"
_RELAXED = (1, 36)
_ONLY_THE_NAME = (1, 35)
_CRON_LIMIT = 52
"""The kind whose finalizers nobody looks at."""
_FINALIZERS = frozenset(("kubernetes", "orphan", "foregroundDeletion"))
"""``pkg/apis/core/helper``: those that the cluster itself removes."""


@refusal(
    id="K8S050",
    name="name-of-kind",
    kinds=(SERVICE, NAMESPACE, STATEFUL_SET, CRON_JOB, JOB, REPLICATION_CONTROLLER, *ROLES, *BINDINGS),
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
    an indexed Job for the numbers of its pods. What is made of generateName, with five letters behind its first 58, is
    held to the same.
    """
    kind = kind_of(subject.document)
    if kind != JOB and subject.index.before(subject.document) is not None:
        return  # the name is what it was, whatever its release took
    name, prefix = text(subject.data, "metadata", "name") or "", text(subject.data, "metadata", "generateName") or ""
    whole, field = (name, "name") if name or not prefix else (generated(prefix), "generateName")
    if kind == JOB:
        if not _indexed_name_fits(subject, whole):
            yield hit("metadata", field, kind="Job", name=whole, wanted="a shorter name, so that a pod's number fits")
    elif kind == CRON_JOB:
        if len(whole) > _CRON_LIMIT:
            yield hit("metadata", field, kind="CronJob", name=whole, wanted=f"at most {_CRON_LIMIT} characters")
    elif kind in (REPLICATION_CONTROLLER, *ROLES, *BINDINGS):
        yield from _prefix_of(kind, subject, prefix, whole if field == "generateName" else "")
    else:
        strict = kind == SERVICE and subject.release is not None and subject.release < _RELAXED
        fits, wanted = (is_dns_1035, _STARTS_WITH_LETTER) if strict else (is_label, LABEL)
        if prefix and not (fits(masked(prefix)) and (name or fits(whole))):
            yield hit("metadata", "generateName", kind=kind.kind, name=prefix, wanted=wanted)
        if name and not fits(name):
            yield hit("metadata", "name", kind=kind.kind, name=name, wanted=wanted)


def _prefix_of(kind: Kind, subject: Subject, prefix: str, made: str) -> Iterable[Hit]:
    """What is wrong with a generateName where releases differ; ``made`` is the name that comes of it."""
    if kind == REPLICATION_CONTROLLER:
        # Since 1.35 only the name that is made of it counts.
        judged = subject.release is not None and subject.release < _ONLY_THE_NAME
        odd = not is_subdomain(masked(prefix)) if judged else bool({"/", "%"} & {*prefix})
        if (prefix and odd) or (made and not is_subdomain(made)):
            yield hit("metadata", "generateName", kind=kind.kind, name=prefix, wanted=SUBDOMAIN)
    elif prefix in (".", ".."):
        yield hit("metadata", "generateName", kind=kind.kind, name=prefix, wanted="neither '.' nor '..'")


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

    So does the specification of a Namespace. In an object of a CRD any name passes, and one that no controller knows
    keeps the object for ever.
    """
    held = kind_of(subject.document) != BUDGET
    for index, name in enumerate(sequence(subject.data, "metadata", "finalizers") if held else ()):
        if isinstance(name, str) and name and "/" not in name and name not in _FINALIZERS:
            yield hit("metadata", "finalizers", index, name=name)
    if kind_of(subject.document) == NAMESPACE:
        for index, given in enumerate(sequence(subject.data, "spec", "finalizers")):
            name = given or ""
            if isinstance(name, str) and (key_fault(name) or ("/" not in name and name not in _FINALIZERS)):
                yield hit("spec", "finalizers", index, name=name)
