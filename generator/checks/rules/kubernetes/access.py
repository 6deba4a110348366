"""Roles and their bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import BINDINGS, ROLES, items, keys, refusal, said, source
from generator.checks.rules.kubernetes.selectors import selector_faults
from generator.checks.rules.kubernetes.syntax import SUBDOMAIN, is_path_segment, is_subdomain
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

GROUP = "rbac.authorization.k8s.io"
SOURCE = source("pkg/apis/rbac/validation/validation.go")
ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: models-reader
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [get]}
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: models-reader
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: models-reader}
subjects:
  - {kind: ServiceAccount, name: models-reader}
"""


@refusal(
    id="K8S113",
    name="role-rule",
    kinds=ROLES,
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=ROLE.replace(", verbs: [get]", ""),
    good=ROLE,
    when=keys("rules", "aggregationRule"),
)
def role_rule(subject: Subject) -> Iterable[Hit]:
    """A rule says what may be done (verbs) and with what: groups and resources, or URLs that are none.

    URLs are for a ClusterRole only. The core group is the empty text, and it has to be written.
    """
    for place, rule in items(subject.data, (), "rules"):
        if not sequence(rule, "verbs"):
            yield said((*place, "verbs"), "a rule allows nothing: it has no verbs", "Add verbs, such as get.")
        others = [name for name in ("apiGroups", "resources", "resourceNames") if sequence(rule, name)]
        if sequence(rule, "nonResourceURLs"):
            path = (*place, "nonResourceURLs")
            if subject.document.kind == "Role":
                yield said(path, "URLs belong into a ClusterRole", "Remove them, or write a ClusterRole.", on_key=True)
            if others:
                yield said(path, f"a rule is about URLs and {' and '.join(others)}", "Make two of it.", on_key=True)
            continue
        for name in ("apiGroups", "resources"):
            if name not in others:
                advice = 'Add apiGroups; the core group is "".' if name == "apiGroups" else "Add resources."
                yield said((*place, name), f"a rule has no {name}", advice)
    if isinstance(subject.data.get("aggregationRule"), dict) and subject.document.kind == "ClusterRole":
        yield from _aggregation(subject)


def _aggregation(subject: Subject) -> Iterator[Hit]:
    path = ("aggregationRule", "clusterRoleSelectors")
    if not sequence(subject.data, *path):
        yield said(path, "the aggregation selects nothing", "Add clusterRoleSelectors.")
    for place, selector in items(subject.data, (), *path):
        yield from selector_faults(selector, place)


@refusal(
    id="K8S114",
    name="role-reference",
    kinds=BINDINGS,
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=BINDING.replace("kind: Role, name", "kind: role, name"),
    good=BINDING,
)
def role_reference(subject: Subject) -> Iterable[Hit]:
    """A binding is to one role, which it names by kind and name.

    A RoleBinding binds a Role or a ClusterRole, a ClusterRoleBinding a ClusterRole.
    """
    reference = mapping(subject.data, "roleRef")
    group, kind, name = (text(reference, field) or "" for field in ("apiGroup", "kind", "name"))
    allowed = ("Role", "ClusterRole") if subject.document.kind == "RoleBinding" else ("ClusterRole",)
    if group not in ("", GROUP):
        yield said(("roleRef", "apiGroup"), f"roles are not in the group '{group}'", f"Write {GROUP}.")
    if kind not in allowed:
        problem = f"'{kind}' can't be bound here" if kind else "the binding names no kind of role"
        yield said(("roleRef", "kind"), problem, f"Write {' or '.join(allowed)}.")
    if not name or not is_path_segment(name):
        yield said(("roleRef", "name"), "the binding names no role", "Add roleRef.name.")


@refusal(
    id="K8S115",
    name="role-subject",
    kinds=BINDINGS,
    message="{problem}",
    fix="{advice}",
    source=SOURCE,
    bad=BINDING.replace("kind: ServiceAccount, name", "kind: serviceaccount, name"),
    good=BINDING,
    when=keys("subjects"),
)
def role_subject(subject: Subject) -> Iterable[Hit]:
    """Someone gets the role: a ServiceAccount, a User or a Group.

    A ServiceAccount has a namespace and no group; a User and a Group are in the group of roles.
    """
    for place, entry in items(subject.data, (), "subjects"):
        yield from _subject(subject, entry, place)


def _subject(subject: Subject, entry: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    kind, name, group = (text(entry, field) or "" for field in ("kind", "name", "apiGroup"))
    if not name:
        yield said((*place, "name"), "a subject has no name", "Add a name.")
    if kind == "ServiceAccount":
        if name and not is_subdomain(name):
            yield said((*place, "name"), f"no ServiceAccount can have the name '{name}'", f"Use {SUBDOMAIN}.")
        if group:
            yield said((*place, "apiGroup"), "a ServiceAccount has no apiGroup", "Remove it.", on_key=True)
        if subject.document.kind == "ClusterRoleBinding" and not text(entry, "namespace"):
            yield said((*place, "namespace"), "the ServiceAccount has no namespace", "Add its namespace.")
    elif kind in ("User", "Group"):
        if group not in ("", GROUP):
            yield said((*place, "apiGroup"), f"a {kind} is not in the group '{group}'", f"Write {GROUP}.")
    else:
        yield said((*place, "kind"), f"'{kind}' can't have a role", "Write ServiceAccount, User or Group.")
