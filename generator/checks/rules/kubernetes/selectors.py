"""Selectors: there at all, well-formed, and matching the template's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import DEPLOYMENT as EXAMPLE
from generator.checks.rules.kubernetes.objects import (
    APPS,
    KEPT_RUNNING,
    POD_KINDS,
    items,
    keys,
    pod,
    refusal,
    said,
    source,
)
from generator.checks.rules.kubernetes.syntax import is_label_value, is_qualified
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import (
    BUDGET,
    CLAIM,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    NETWORK_POLICY,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
    STATEFUL_SET,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

SELECTORS = source("staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go")
_KEY = "Write name or prefix/name, such as app.kubernetes.io/name."
_VALUE = "Use up to 63 letters, digits, '-', '_' and '.', with a letter or digit first and last."


def label_faults(labels: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """What is wrong with labels outside of an object's own metadata."""
    for key, value in labels.items():
        if not is_qualified(key):
            yield said((*path, key), f"'{key}' can't be the key of a label", _KEY, on_key=True)
        if isinstance(value, str) and not is_label_value(value):
            yield said((*path, key), f"'{value}' can't be the value of a label", _VALUE)


def selector_faults(selector: object, path: Path) -> Iterator[Hit]:
    """What is wrong with a selector of labels; a missing one is fine here."""
    yield from label_faults(mapping(selector, "matchLabels"), (*path, "matchLabels"))
    for place, entry in items(selector, path, "matchExpressions"):
        yield from _expression_faults(entry, place)


def _expression_faults(entry: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    operator, values = text(entry, "operator") or "", sequence(entry, "values")
    if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        yield said(
            (*place, "operator"),
            f"'{operator}' is no operator of a selector",
            "Write In, NotIn, Exists or DoesNotExist.",
        )
    elif operator in ("In", "NotIn") and not values:
        yield said((*place, "values"), f"the operator {operator} needs values", "Add values.")
    elif operator in ("Exists", "DoesNotExist") and values:
        yield said((*place, "values"), f"the operator {operator} takes no values", "Remove values.")
    key = text(entry, "key") or ""
    if not is_qualified(key):
        yield said((*place, "key"), f"'{key}' can't be the key of a label", _KEY)
    for index, value in enumerate(values):
        if isinstance(value, str) and not is_label_value(value):
            yield said((*place, "values", index), f"'{value}' can't be the value of a label", _VALUE)


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a well-formed selector matches labels."""
    for key, value in mapping(selector, "matchLabels").items():
        if key not in labels or labels[key] != value:
            return False
    for _, entry in items(selector, (), "matchExpressions"):
        key, values = text(entry, "key") or "", sequence(entry, "values")
        held = labels.get(key)
        fits = {
            "In": key in labels and held in values,
            "NotIn": key not in labels or held not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not fits.get(text(entry, "operator") or "", True):
            return False
    return True


@refusal(
    id="K8S051",
    name="no-selector",
    kinds=(DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, REPLICATION_CONTROLLER),
    message="a {kind} needs a selector for its pods",
    fix="Add spec.selector.matchLabels with labels that spec.template.metadata.labels has, such as app: {name}.",
    source=APPS,
    bad=EXAMPLE.replace("  selector: {matchLabels: {app: digits}}\n", ""),
    good=EXAMPLE,
)
def no_selector(subject: Subject) -> Iterable[Hit]:
    """Before apps/v1 the selector was taken from the template's labels; since then it has to be written.

    It says which pods belong to the object, and it can't be changed later. A ReplicationController's is still
    taken from the template's labels, if there are any.
    """
    selector = mapping(subject.data, "spec", "selector")
    if kind_of(subject.document) == REPLICATION_CONTROLLER:
        missing = not selector and not mapping(pod(subject).meta, "labels")
    else:
        missing = not mapping(selector, "matchLabels") and not sequence(selector, "matchExpressions")
    if missing:
        yield hit("spec", "selector", kind=subject.document.kind, name=subject.document.name or "digits")


@refusal(
    id="K8S052",
    name="selector-misses-template",
    kinds=(*KEPT_RUNNING, JOB),
    message="the selector does not match the labels of the template",
    fix="Give spec.template.metadata.labels every label that spec.selector asks for.",
    source=APPS,
    bad=EXAMPLE.replace("labels: {app: digits}", "labels: {app: digit}"),
    good=EXAMPLE,
    when=keys("selector"),
)
def selector_misses_template(subject: Subject) -> Iterable[Hit]:
    """Pods are made with the template's labels.

    If the selector didn't find them, more and more would be made; so the API server refuses it.
    """
    kind = kind_of(subject.document)
    selector = mapping(subject.data, "spec", "selector")
    if kind == JOB and not subject.data.get("spec", {}).get("manualSelector"):
        return
    if kind == REPLICATION_CONTROLLER:
        selector = {"matchLabels": selector}
    elif not mapping(selector, "matchLabels") and not sequence(selector, "matchExpressions"):
        return
    labels = {key: value or "" for key, value in mapping(pod(subject).meta, "labels").items()}
    unchecked = kind == REPLICATION_CONTROLLER or next(selector_faults(selector, ()), None) is None
    if unchecked and not selects(selector, labels):
        yield hit("spec", "selector", on_key=True)


@refusal(
    id="K8S053",
    name="malformed-selector",
    kinds=(DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, JOB, BUDGET, CLAIM, NETWORK_POLICY),
    message="{problem}",
    fix="{advice}",
    source=SELECTORS,
    bad=EXAMPLE.replace(
        "{matchLabels: {app: digits}}", "{matchExpressions: [{key: app, operator: Equals, values: [digits]}]}"
    ),
    good=EXAMPLE,
    when=keys("selector", "podSelector", "namespaceSelector"),
)
def malformed_selector(subject: Subject) -> Iterable[Hit]:
    """A selector compares labels, so its keys and values have the form of labels.

    In and NotIn need values, Exists and DoesNotExist take none.
    """
    if kind_of(subject.document) == NETWORK_POLICY:
        yield from selector_faults(mapping(subject.data, "spec", "podSelector"), ("spec", "podSelector"))
        for direction, side in (("ingress", "from"), ("egress", "to")):
            for place, rule in items(subject.data, (), "spec", direction):
                for at, peer in items(rule, place, side):
                    for name in ("podSelector", "namespaceSelector"):
                        yield from selector_faults(mapping(peer, name), (*at, name))
    else:
        yield from selector_faults(mapping(subject.data, "spec", "selector"), ("spec", "selector"))


@refusal(
    id="K8S054",
    name="malformed-template-label",
    kinds=tuple(kind for kind in POD_KINDS if kind.kind != "Pod"),
    message="{problem}",
    fix="{advice}",
    source=SELECTORS,
    bad=EXAMPLE.replace("labels: {app: digits}", "labels: {app: digits, owner: team models}"),
    good=EXAMPLE,
    when=keys("labels", "annotations", "nodeSelector"),
)
def malformed_template_label(subject: Subject) -> Iterable[Hit]:
    """The labels and annotations of a template end on pods, and there they have to have the usual form."""
    found = pod(subject)
    path = (*found.path, "metadata")
    yield from label_faults(mapping(found.meta, "labels"), (*path, "labels"))
    for key in mapping(found.meta, "annotations"):
        if not is_qualified(key.lower()):
            place = (*path, "annotations", key)
            yield said(place, f"'{key}' can't be the key of an annotation", _KEY, on_key=True)
