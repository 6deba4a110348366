"""What the rules on Kubernetes' own kinds share: how one is declared, where pods stand in a kind, and their containers.

The API server reads null, and an empty text, as nothing; so do these. It validates what it could decode, so a rule may
rely on types: the engine asks none of these rules about an object whose types are wrong.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Required, TypedDict, Unpack

from generator.checks.finding import Severity
from generator.checks.rule import Source, Stage, hit, rule
from generator.checks.subject import kind_of, mapping, reach, sequence
from generator.reading.kind import Kind
from generator.schemas.kinds import (
    CRON_JOB,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    POD,
    POD_TEMPLATE,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
    STATEFUL_SET,
)
from generator.schemas.products import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.checks.rule import Hit, Rule
    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.schemas import Version

ROLES = (Kind("rbac.authorization.k8s.io", "Role"), Kind("rbac.authorization.k8s.io", "ClusterRole"))
BINDINGS = (Kind("rbac.authorization.k8s.io", "RoleBinding"), Kind("rbac.authorization.k8s.io", "ClusterRoleBinding"))

KEPT_RUNNING = (DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, REPLICATION_CONTROLLER)
"""Kinds whose pods run for ever."""

TEMPLATES: Mapping[Kind, Path] = {
    **dict.fromkeys((*KEPT_RUNNING, JOB), ("spec", "template")),
    POD_TEMPLATE: ("template",),
    CRON_JOB: ("spec", "jobTemplate", "spec", "template"),
}
"""Where a kind's pods stand; a Pod is one itself."""
POD_KINDS = (POD, *TEMPLATES)
"""Kinds with a pod in them."""

LISTS = ("containers", "initContainers")
"""Ephemeral containers are no part of an object that is created."""
TAG = "v1.37.2"
TEMPLATES_READ = (1, 31)
"""Before, the pods of a StatefulSet were looked at when they were made, and not when it was."""


def source(path: str) -> Source:
    """A file of Kubernetes."""
    return Source("kubernetes/kubernetes", TAG, path)


CORE = source("pkg/apis/core/validation/validation.go")
APPS = source("pkg/apis/apps/validation/validation.go")
BATCH = source("pkg/apis/batch/validation/validation.go")
NETWORKING = source("pkg/apis/networking/validation/validation.go")


class Refusal(TypedDict, total=False):
    """What ``refusal`` is told; see Rule."""

    id: Required[str]
    name: Required[str]
    kinds: Required[tuple[Kind, ...]]
    message: Required[str]
    fix: Required[str]
    source: Required[Source]
    bad: Required[str]
    good: Required[str]
    since: Version | None
    until: Version | None
    before: str
    when: frozenset[str]


def refusal(**declaration: Unpack[Refusal]) -> Callable[[Callable[[Subject], Iterable[Hit]]], Rule]:
    """Declare what the API server's own code refuses in a kind of its own; the docstring is the story."""
    declare = rule(product=KUBERNETES, stage=Stage.SERVER, severity=Severity.ERROR, **declaration)
    return declare if POD not in declaration["kinds"] else lambda check: declare(_unless_unread(check))


def _unless_unread(check: Callable[[Subject], Iterable[Hit]]) -> Callable[[Subject], Iterable[Hit]]:
    """A check of pods, but for those taken unread: what is in a StatefulSet before Kubernetes 1.31."""

    @wraps(check)
    def checked(subject: Subject) -> Iterable[Hit]:
        old = subject.release is not None and subject.release < TEMPLATES_READ
        return () if old and kind_of(subject.document) == STATEFUL_SET else check(subject)

    return checked


def keys(*names: str) -> frozenset[str]:
    """Keys of which one stands in every object that the rule can be about."""
    return frozenset(names)


def said(path: Path, problem: str, advice: str, *, on_key: bool = False) -> Hit:
    """A hit of a rule that has a sentence of its own for each case."""
    return hit(*path, on_key=on_key, problem=problem, advice=advice)


class Pod(NamedTuple):
    """A pod, or the template of one.

    Attributes:
        path: Where it stands.
        spec_path: Where its specification stands.
        meta: Its metadata.
        spec: Its specification; empty where there is none.
        template: Whether it is the template of a kind that makes pods.
    """

    path: Path
    spec_path: Path
    meta: Mapping[str, Any]
    spec: Mapping[str, Any]
    template: bool


class Container(NamedTuple):
    """A container of a pod.

    Attributes:
        path: Where it stands.
        list: ``containers`` or ``initContainers``.
        spec: The container; empty where the item is null.
    """

    path: Path
    list: str
    spec: Mapping[str, Any]


def pod(subject: Subject) -> Pod:
    """The pod of an object; its specification is empty where it is missing, as the API server reads it too."""
    return subject.derive(_pod)


def _pod(subject: Subject) -> Pod:
    path = TEMPLATES.get(kind_of(subject.document), ())
    data = mapping(subject.data, *path)
    return Pod(path, (*path, "spec"), mapping(data, "metadata"), mapping(data, "spec"), bool(path))


def containers(subject: Subject) -> tuple[Container, ...]:
    """The containers of the pod, then its init containers."""
    return subject.derive(_containers)


def _containers(subject: Subject) -> tuple[Container, ...]:
    found = pod(subject)
    return tuple(
        Container((*found.spec_path, name, index), name, item if isinstance(item, dict) else {})
        for name in LISTS
        for index, item in enumerate(sequence(found.spec, name))
    )


def integer(value: object, *path: str | int) -> int | None:
    """The number at ``path``; None where there is none. Of a whole float kubectl makes an integer."""
    found = reach(value, *path)
    return int(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def items(value: object, path: Path, *keys: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The items of a list of mappings with their paths; a null item is an empty mapping."""
    for index, item in enumerate(sequence(value, *keys)):
        if item is None or isinstance(item, dict):
            yield (*path, *keys, index), item or {}


def present(value: Mapping[str, Any], key: str) -> bool:
    """Whether a field is set; null sets nothing."""
    return value.get(key) is not None
