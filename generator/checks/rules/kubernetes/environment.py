"""Environment variables of containers and where their values come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import container
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, containers, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.syntax import (
    SUBDOMAIN,
    is_config_key,
    is_env_name,
    is_label,
    is_qualified,
    is_subdomain,
)
from generator.checks.rules.kubernetes.syntax import climbs as climbs_up
from generator.checks.subject import mapping, text
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
ENV_FIELDS = frozenset(
    (
        *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host"),
    )
)
VOLUME_FIELDS = frozenset(
    ("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid")
)
_HUGE = ("limits.hugepages-", "requests.hugepages-")
RESOURCES = frozenset(
    f"{side}.{name}" for side in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")
)
_SIZES = frozenset(("1", *(f"1{unit}" for unit in ("k", "M", "G", "T", "P", "E")), *(f"1{u}i" for u in "KMGTPE")))
GOOD = container("env: [{name: MODEL, value: digits}]")


@refusal(
    id="K8S063",
    name="env-name",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("env: [{value: digits}]"),
    good=GOOD,
    when=keys("env", "envFrom"),
)
def env_name(subject: Subject) -> Iterable[Hit]:
    """An environment variable has a name.

    Until Kubernetes 1.32 it consists of letters, digits, '_', '-' and '.', and doesn't start with a digit; since then
    of any printable ASCII but '='.
    """
    for one in containers(subject):
        for place, entry in items(one.spec, one.path, "env"):
            name = text(entry, "name") or ""
            if not name:
                yield said((*place, "name"), "an environment variable has no name", "Add a name.")
            elif not is_env_name(name, subject.release):
                yield _bad_name((*place, "name"), name)
        for place, entry in items(one.spec, one.path, "envFrom"):
            prefix = text(entry, "prefix") or ""
            if prefix and not is_env_name(prefix, subject.release):
                yield _bad_name((*place, "prefix"), prefix)


def _bad_name(path: Path, name: str) -> Hit:
    return said(path, f"an environment variable can't be called '{name}'", "Use letters, digits and '_'.")


@refusal(
    id="K8S064",
    name="env-source",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("env: [{name: TOKEN, value: x, valueFrom: {secretKeyRef: {name: token, key: token}}}]"),
    good=container("env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: token}}}]"),
    when=keys("valueFrom"),
)
def env_source(subject: Subject) -> Iterable[Hit]:
    """The value of a variable stands there, or it comes from one place, and that place is named in full."""
    for one in containers(subject):
        for place, entry in items(one.spec, one.path, "env"):
            origin = entry.get("valueFrom")
            if isinstance(origin, dict):
                yield from _origin(entry, origin, (*place, "valueFrom"))


def _origin(entry: Mapping[str, Any], origin: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    given = [name for name in SOURCES if present(origin, name)]
    if not given:
        yield said(path, "valueFrom names no source", f"Add one of {', '.join(SOURCES)}.", on_key=True)
    elif entry.get("value"):
        yield said(path, "a variable has both a value and valueFrom", "Remove one of them.", on_key=True)
    elif len(given) > 1:
        yield said(path, f"valueFrom names {' and '.join(given)}", "Keep one of them.", on_key=True)
    for name in ("configMapKeyRef", "secretKeyRef"):
        if name in given:
            yield from _key_reference(mapping(origin, name), (*path, name))
    if "fieldRef" in given:
        yield from field_faults(mapping(origin, "fieldRef"), ENV_FIELDS, (*path, "fieldRef"))
    if "resourceFieldRef" in given:
        yield from resource_field_faults(mapping(origin, "resourceFieldRef"), (*path, "resourceFieldRef"))
    if "fileKeyRef" in given:
        yield from _file_reference(mapping(origin, "fileKeyRef"), (*path, "fileKeyRef"))


def _key_reference(reference: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    name, key = text(reference, "name") or "", text(reference, "key") or ""
    if not is_subdomain(name):
        yield said((*path, "name"), _no_object(name), f"Use {SUBDOMAIN}.")
    if not is_config_key(key):
        problem = f"'{key}' can't be a key of a ConfigMap or Secret" if key else "a reference has no key"
        yield said((*path, "key"), problem, "Use letters, digits, '-', '_' and '.'.")


def _no_object(name: str) -> str:
    return f"no object can have the name '{name}'" if name else "a reference has no name"


def _file_reference(reference: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    key, volume, file = (text(reference, name) or "" for name in ("key", "volumeName", "path"))
    if not is_env_name(key, None):
        yield said((*path, "key"), "a file reference has no key", "Name the variable in the file.")
    if not is_label(volume):
        yield said((*path, "volumeName"), "a file reference names no volume", "Name an emptyDir volume.")
    if not file or climbs_up(file):
        yield said((*path, "path"), "a file reference has no path inside its volume", "Write a path without '..'.")


def field_faults(reference: Mapping[str, Any], fields: frozenset[str], path: Path) -> Iterator[Hit]:
    """What is wrong with a reference to a field of the pod."""
    version, field = text(reference, "apiVersion") or "v1", text(reference, "fieldPath") or ""
    place = (*path, "fieldPath")
    if version != "v1":
        yield said((*path, "apiVersion"), f"a pod has no fields in version '{version}'", "Write v1, or remove it.")
        return
    head, bracket, rest = field.partition("['")
    if bracket and head and field.endswith("']"):
        key = rest.removesuffix("']")
        if head not in ("metadata.labels", "metadata.annotations"):
            yield said(place, f"{head} has no keys", "Only metadata.labels and metadata.annotations have.")
        elif not is_qualified(key.lower() if head == "metadata.annotations" else key):
            yield said(place, f"'{key}' can't be the key of a label or annotation", "Write name or prefix/name.")
    elif field not in fields:
        known = ", ".join(sorted(fields - {"spec.host"}))
        yield said(place, f"the field '{field}' can't be referred to", f"Use {known}, or one label or annotation.")


def resource_field_faults(reference: Mapping[str, Any], path: Path, *, volume: bool = False) -> Iterator[Hit]:
    """What is wrong with a reference to the resources of a container."""
    resource = text(reference, "resource") or ""
    if volume and not text(reference, "containerName"):
        yield said((*path, "containerName"), "a reference to resources names no container", "Add containerName.")
    elif resource not in RESOURCES and not resource.startswith(_HUGE):
        yield said((*path, "resource"), f"'{resource}' is no resource to refer to", "Write for example limits.memory.")
    divisor = reference.get("divisor")
    if divisor is None or (not resource.startswith(_HUGE) and resource not in RESOURCES):
        return
    allowed = frozenset(("1", "1m")) if resource.endswith(".cpu") else _SIZES
    found = quantity.read(divisor)
    if found and found.number and str(found) not in allowed:
        yield said((*path, "divisor"), f"{divisor} is no divisor of {resource}", f"Write {', '.join(sorted(allowed))}.")


@refusal(
    id="K8S065",
    name="env-from",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("envFrom: [{prefix: MODEL_}]"),
    good=container("envFrom: [{prefix: MODEL_, configMapRef: {name: settings}}]"),
    when=keys("envFrom"),
)
def env_from(subject: Subject) -> Iterable[Hit]:
    """Each entry of envFrom takes all keys of one ConfigMap or of one Secret."""
    for one in containers(subject):
        for place, entry in items(one.spec, one.path, "envFrom"):
            given = [name for name in ("configMapRef", "secretRef") if present(entry, name)]
            if len(given) != 1:
                problem = (
                    "an entry of envFrom names both configMapRef and secretRef" if given else "envFrom names no source"
                )
                yield said(place, problem, "Give it one of configMapRef and secretRef.")
            for reference in given:
                name = text(entry, reference, "name") or ""
                # The API server looks at these names as if they were the beginnings of names.
                if not name or not is_subdomain(name[:-1] + "a" if name.endswith("-") else name):
                    yield said((*place, reference, "name"), _no_object(name), f"Use {SUBDOMAIN}.")


def file_volumes(subject: Subject, emptied: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """The references to files in volumes that aren't empty directories of the pod."""
    for one in containers(subject):
        for place, entry in items(one.spec, one.path, "env"):
            reference = mapping(entry, "valueFrom", "fileKeyRef")
            name = text(reference, "volumeName") or ""
            if reference and name not in emptied:
                yield (*place, "valueFrom", "fileKeyRef", "volumeName"), name
