"""What pods and containers are allowed to do on their node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import container
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, containers, integer, items, keys, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import climbs
from generator.checks.subject import mapping, reach, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_LAST_ID = 2**31 - 1
_PROFILES = ("RuntimeDefault", "Unconfined", "Localhost")
_SYSCTL = re.compile(r"(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?")
_SYSCTL_LIMIT = 253
_PATH_LIMIT = 4095
_WORDS = {
    "fsGroupChangePolicy": ("OnRootMismatch", "Always"),
    "supplementalGroupsPolicy": ("Merge", "Strict"),
    "seLinuxChangePolicy": ("Recursive", "MountOption"),
}


@refusal(
    id="K8S085",
    name="security-context",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("securityContext: {privileged: true, allowPrivilegeEscalation: false}"),
    good=container("securityContext: {allowPrivilegeEscalation: false}"),
    when=keys("securityContext"),
)
def security_context(subject: Subject) -> Iterable[Hit]:
    """Users and groups are numbers from 0 to 2147483647.

    A privileged container can't be kept from escalating; a profile of its own is named with the type Localhost and
    with no other.
    """
    found = pod_of(subject)
    context, path = mapping(found.spec, "securityContext"), (*found.spec_path, "securityContext")
    yield from _ids(context, path, ("runAsUser", "runAsGroup", "fsGroup"))
    for index, group in enumerate(sequence(context, "supplementalGroups")):
        if isinstance(group, int) and not 0 <= group <= _LAST_ID:
            yield said((*path, "supplementalGroups", index), f"{group} is no group", f"Write 0 to {_LAST_ID}.")
    for field, words in _WORDS.items():
        value = context.get(field)
        if isinstance(value, str) and value not in words:
            yield said((*path, field), f"'{value}' is no {field}", f"Write {' or '.join(words)}.")
    yield from _profiles(context, path)
    yield from _sysctls(found.spec, context, path)
    free = found.spec.get("hostUsers") is not False
    for one in containers(subject):
        yield from _container(mapping(one.spec, "securityContext"), (*one.path, "securityContext"), free=free)


def _container(context: Mapping[str, Any], path: Path, *, free: bool) -> Iterator[Hit]:
    yield from _ids(context, path, ("runAsUser", "runAsGroup"))
    yield from _profiles(context, path)
    if context.get("allowPrivilegeEscalation") is False:
        place = (*path, "allowPrivilegeEscalation")
        if context.get("privileged") is True:
            yield said(
                place, "a privileged container can't be kept from escalating", "Remove one of them.", on_key=True
            )
        if "CAP_SYS_ADMIN" in sequence(context, "capabilities", "add"):
            yield said(place, "with CAP_SYS_ADMIN a container can escalate", "Remove one of them.", on_key=True)
    mount = context.get("procMount")
    if isinstance(mount, str):
        if mount not in ("Default", "Unmasked"):
            yield said((*path, "procMount"), f"'{mount}' is no procMount", "Write Default or Unmasked.")
        elif mount == "Unmasked" and free:
            yield said((*path, "procMount"), "an unmasked /proc needs hostUsers: false", "Add it to the pod.")


def _ids(context: Mapping[str, Any], path: Path, fields: tuple[str, ...]) -> Iterator[Hit]:
    for field in fields:
        number = integer(context, field)
        if number is not None and not 0 <= number <= _LAST_ID:
            yield said((*path, field), f"{number} is no {field}", f"Write a number from 0 to {_LAST_ID}.")


def _profiles(context: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for field in ("seccompProfile", "appArmorProfile"):
        if not isinstance(context.get(field), dict):
            continue
        kind = text(context, field, "type") or ""
        local = reach(context, field, "localhostProfile")
        place = (*path, field)
        if kind not in _PROFILES:
            yield said((*place, "type"), f"'{kind}' is no type of a {field}", f"Write {', '.join(_PROFILES)}.")
        if kind == "Localhost":
            if not isinstance(local, str) or not _local_fits(field, local):
                advice = "Add localhostProfile with the profile's name."
                yield said((*place, "localhostProfile"), "a profile of type Localhost has no name", advice)
        elif local is not None and (kind in _PROFILES or field == "seccompProfile"):
            yield said((*place, "localhostProfile"), f"a profile of type {kind} has no name", "Remove it.", on_key=True)


def _local_fits(field: str, name: str) -> bool:
    if field == "seccompProfile":
        return not name.startswith("/") and not climbs(name)
    return bool(name) and name == name.strip() and len(name) <= _PATH_LIMIT


def _sysctls(spec: Mapping[str, Any], context: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    seen: set[str] = set()
    for place, entry in items(context, path, "sysctls"):
        name = text(entry, "name") or ""
        if len(name) > _SYSCTL_LIMIT or not _SYSCTL.fullmatch(name) or name in seen:
            yield said(
                (*place, "name"), f"'{name}' is no sysctl, or stands twice", "Write a name such as net.core.somaxconn."
            )
        seen.add(name)
        dotted = name.replace("/", ".")
        if dotted.startswith("net.") and spec.get("hostNetwork") is True:
            yield said((*place, "name"), "with hostNetwork the node's own sysctls hold", "Remove it.")
        if dotted.startswith(("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")) and spec.get("hostIPC") is True:
            yield said((*place, "name"), "with hostIPC the node's own sysctls hold", "Remove it.")
