"""Pods of Windows: what only they may say, and what they may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import pod
from generator.checks.rules.kubernetes.objects import (
    CORE,
    POD_KINDS,
    Pod,
    containers,
    keys,
    present,
    refusal,
    said,
)
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import is_subdomain
from generator.checks.subject import mapping, reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_OF_PODS = (
    *("appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser"),
    *("runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"),
)
_OF_CONTAINERS = (
    *("appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"),
    *("allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"),
)
_OF_SPECIFICATIONS = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
"""What a pod of Windows has no use for; false is nothing for the two of a host, whose Go fields are no pointers."""
_LONGEST_SPEC = 64 * 1024
_LONGEST_DOMAIN, _LONGEST_USER = 255, 104
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(rf'[^\\/:*?"<>|.][^\\/:*?"<>|]{{0,14}}|{_LABEL}(?:\.{_LABEL})*')
_USER = re.compile(r'(?![. ]+\Z)[^"/\\:;|=,+*?<>@\[\]]+')
GOOD = pod("securityContext: {windowsOptions: {runAsUserName: ContainerUser}}")


@refusal(
    id="K8S129",
    name="pod-of-windows",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod("securityContext: {windowsOptions: {hostProcess: true}}"),
    good=GOOD,
    when=keys("windowsOptions", "os"),
)
def pod_of_windows(subject: Subject) -> Iterable[Hit]:
    """A process of a Windows host is one in all containers of its pod, on the host's network.

    A pod that says of which system it is has no settings of the other.
    """
    found = pod_of(subject)
    contexts = [
        ((*found.spec_path, "securityContext"), mapping(found.spec, "securityContext")),
        *(((*one.path, "securityContext"), mapping(one.spec, "securityContext")) for one in containers(subject)),
    ]
    for path, context in contexts:
        yield from _options(mapping(context, "windowsOptions"), (*path, "windowsOptions"))
    yield from _host_process(found, contexts[0][1], contexts[1:])
    system = reach(found.spec, "os", "name")
    for index, (path, context) in enumerate(contexts):
        if system == "linux" and present(context, "windowsOptions"):
            yield said((*path, "windowsOptions"), "a pod of Linux has no windowsOptions", "Remove them.", on_key=True)
        for field in (_OF_CONTAINERS if index else _OF_PODS) if system == "windows" else ():
            if present(context, field) and not (field == "sysctls" and context[field] == []):
                yield said((*path, field), f"a pod of Windows has no {field}", "Remove it.", on_key=True)
    for field in _OF_SPECIFICATIONS if system == "windows" else ():
        if present(found.spec, field) and not (field in ("hostPID", "hostIPC") and found.spec[field] is False):
            yield said((*found.spec_path, field), f"a pod of Windows has no {field}", "Remove it.", on_key=True)


def _host_process(found: Pod, whole: Mapping[str, Any], own: list[tuple[Path, Mapping[str, Any]]]) -> Iterator[Hit]:
    pods = reach(whole, "windowsOptions", "hostProcess")
    count = 0
    for path, context in own:
        said_here = reach(context, "windowsOptions", "hostProcess")
        if pods is not None and said_here is not None and pods is not said_here:
            yield said((*path, "windowsOptions", "hostProcess"), "hostProcess differs from the pod's", "Remove it.")
        count += (pods if said_here is None else said_here) is True
    if 0 < count < len(own):
        advice = "Set hostProcess in the pod's securityContext."
        yield said((*found.spec_path, "containers"), "only some containers are hostProcess", advice, on_key=True)
    if count and found.spec.get("hostNetwork") is not True:
        advice = "Add hostNetwork: true to the pod."
        yield said((*found.spec_path, "hostNetwork"), "hostProcess needs the host's network", advice)


def _options(options: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    name, spec, user = (
        options.get(field) for field in ("gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName")
    )
    if isinstance(name, str) and not is_subdomain(name):
        yield said((*path, "gmsaCredentialSpecName"), f"'{name}' can't be an object's name", "Write the name of one.")
    if isinstance(spec, str) and not 0 < len(spec.encode()) <= _LONGEST_SPEC:
        yield said((*path, "gmsaCredentialSpec"), "it is empty, or over 64 KiB", "Write it, or remove the field.")
    if isinstance(user, str) and not _is_user(user):
        yield said((*path, "runAsUserName"), f"'{user}' is no user of Windows", r"Write USER or DOMAIN\USER.")


def _is_user(text: str) -> bool:
    domain, backslash, user = text.rpartition("\\")
    if _CONTROL.search(text) or "\\" in domain:
        return False
    known = not backslash or (len(domain.encode()) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(domain))
    return bool(known) and len(user.encode()) <= _LONGEST_USER and _USER.fullmatch(user) is not None
