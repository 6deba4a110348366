"""What a pod says of itself as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import JOB as JOB_EXAMPLE
from generator.checks.rules.kubernetes.examples import pod
from generator.checks.rules.kubernetes.objects import (
    CORE,
    KEPT_RUNNING,
    POD_KINDS,
    integer,
    items,
    keys,
    present,
    refusal,
    said,
)
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.resources import amount_fault, name_fault
from generator.checks.rules.kubernetes.selectors import label_faults
from generator.checks.rules.kubernetes.syntax import (
    LABEL,
    SUBDOMAIN,
    is_address,
    is_label,
    is_qualified,
    is_search_domain,
    is_subdomain,
)
from generator.checks.rules.kubernetes.words import DNS, PREEMPTION, RESTART
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import CRON_JOB, JOB, POD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_NAMES = {
    "serviceAccountName": is_subdomain,
    "nodeName": is_subdomain,
    "priorityClassName": is_subdomain,
    "runtimeClassName": is_subdomain,
    "hostname": is_label,
    "subdomain": is_label,
}
_WORDS = {"dnsPolicy": DNS, "preemptionPolicy": PREEMPTION}
_LAST_DEADLINE = 2**31 - 1
_NAMESERVERS = 3
_SEARCHES = (32, 2048)


@refusal(
    id="K8S080",
    name="restart-policy",
    kinds=POD_KINDS,
    message="{problem}",
    fix="Write {wanted}.",
    source=CORE,
    bad=JOB_EXAMPLE.replace("      restartPolicy: Never\n", ""),
    good=JOB_EXAMPLE,
)
def restart_policy(subject: Subject) -> Iterable[Hit]:
    """The pods of a Deployment are kept running, so their restartPolicy is Always, which is the default.

    Those of a Job end, so theirs is OnFailure or Never, and it has to be said.
    """
    found = pod_of(subject)
    kind = kind_of(subject.document)
    policy = text(found.spec, "restartPolicy") or "Always"
    allowed = ("Always",) if kind in KEPT_RUNNING else RESTART[1:] if kind in (JOB, CRON_JOB) else RESTART
    if policy not in allowed:
        problem = f"the restartPolicy of a pod of a {kind.kind} can't be {policy}"
        if policy not in RESTART:
            problem = f"'{policy}' is no restartPolicy"
        yield hit(*found.spec_path, "restartPolicy", problem=problem, wanted=" or ".join(allowed))


@refusal(
    id="K8S081",
    name="pod-setting",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod("dnsPolicy: clusterFirst"),
    good=pod("dnsPolicy: ClusterFirst"),
    when=keys(
        *(*_NAMES, *_WORDS, "activeDeadlineSeconds", "dnsConfig", "ephemeralContainers", "hostAliases", "nodeSelector"),
        *("overhead", "readinessGates", "schedulingGates", "serviceAccount", "shareProcessNamespace", "hostUsers"),
        *("os", "hostnameOverride", "terminationGracePeriodSeconds", "imagePullSecrets"),
    ),
)
def pod_setting(subject: Subject) -> Iterable[Hit]:
    """Names of other objects have the form of names, some settings are one of a few words.

    And numbers have their limits.
    """
    found = pod_of(subject)
    spec, path = found.spec, found.spec_path
    yield from _names(subject, spec, path)
    for field, words in _WORDS.items():
        value = text(spec, field) or ""
        if (value or (field != "dnsPolicy" and spec.get(field) == "")) and value not in words:
            yield said((*path, field), f"'{value}' is no {field}", f"Write {', '.join(words[:-1])} or {words[-1]}.")
    deadline = integer(spec, "activeDeadlineSeconds")
    if deadline is not None:
        place = (*path, "activeDeadlineSeconds")
        if kind_of(subject.document) in KEPT_RUNNING:
            yield said(place, "pods that are kept running have no deadline", "Remove it.", on_key=True)
        elif not 1 <= deadline <= _LAST_DEADLINE:
            yield said(place, f"the deadline {deadline} is out of range", "Write 1 or more.")
    if sequence(spec, "ephemeralContainers"):
        advice = "Remove them; kubectl debug adds one to a running pod."
        yield said(
            (*path, "ephemeralContainers"), "ephemeral containers can't be created with a pod", advice, on_key=True
        )
    if spec.get("shareProcessNamespace") is True and spec.get("hostPID") is True:
        yield said((*path, "shareProcessNamespace"), "it excludes hostPID", "Keep one of them.", on_key=True)
    yield from label_faults(mapping(spec, "nodeSelector"), (*path, "nodeSelector"))
    yield from _dns(subject, spec, path)
    yield from _aliases(subject, spec, path)
    yield from _gates(spec, path)
    yield from _rest(subject, spec, path)


def _names(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    ignored = ("hostname", "subdomain") if subject.document.kind == "StatefulSet" else ()
    for field, check in _NAMES.items():
        name = text(spec, field) or ""
        empty = field == "runtimeClassName" and spec.get(field) == ""
        if (name or empty) and not check(name) and field not in ignored:
            yield said(
                (*path, field), f"'{name}' can't be a {field}", f"Use {LABEL if check is is_label else SUBDOMAIN}."
            )
    account = text(spec, "serviceAccount") or ""
    if account and not text(spec, "serviceAccountName") and not is_subdomain(account):
        yield said((*path, "serviceAccount"), f"'{account}' can't be a serviceAccountName", f"Use {SUBDOMAIN}.")
    if kind_of(subject.document) == POD and text(spec, "nodeName") and sequence(spec, "schedulingGates"):
        yield said((*path, "nodeName"), "a pod with schedulingGates has no node yet", "Remove one of them.")


def _dns(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    config, place = mapping(spec, "dnsConfig"), (*path, "dnsConfig")
    servers, searches = sequence(config, "nameservers"), sequence(config, "searches")
    if text(spec, "dnsPolicy") == "None" and not servers:
        yield said((*place, "nameservers"), "dnsPolicy None needs nameservers", "Add dnsConfig.nameservers.")
    if len(servers) > _NAMESERVERS:
        yield said((*place, "nameservers"), f"there are {len(servers)} nameservers", "Name at most 3.", on_key=True)
    for index, server in enumerate(servers):
        if not is_address(server or "", subject.release):
            yield said((*place, "nameservers", index), f"'{server}' is no IP address", "Write an IP address.")
    if len(searches) > _SEARCHES[0] or len(" ".join(search or "" for search in searches)) > _SEARCHES[1]:
        yield said((*place, "searches"), "there are too many search domains", "Name at most 32.", on_key=True)
    yield from _searches(config, place)


def _searches(config: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    for index, search in enumerate(sequence(config, "searches")):
        if not is_search_domain(search or ""):
            yield said((*place, "searches", index), f"'{search}' is no domain", f"Use {SUBDOMAIN}.")
    for at, option in items(config, place, "options"):
        if not text(option, "name"):
            yield said((*at, "name"), "an option has no name", "Add a name.")


def _aliases(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for at, alias in items(spec, path, "hostAliases"):
        if not is_address(text(alias, "ip") or "", subject.release):
            yield said((*at, "ip"), f"'{text(alias, 'ip') or ''}' is no IP address", "Write an IP address.")
        for index, name in enumerate(sequence(alias, "hostnames")):
            if not is_subdomain(name or ""):
                yield said((*at, "hostnames", index), f"'{name or ''}' is no host name", f"Use {SUBDOMAIN}.")


def _gates(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    seen: set[str] = set()
    for place, gate in items(spec, path, "schedulingGates"):
        name = text(gate, "name") or ""
        if not is_qualified(name) or name in seen:
            yield said((*place, "name"), f"a gate can't have the name '{name}'", "Write prefix/name, each once.")
        seen.add(name)
    for place, gate in items(spec, path, "readinessGates"):
        name = text(gate, "conditionType") or ""
        if not is_qualified(name):
            yield said((*place, "conditionType"), f"'{name}' can't be a condition", "Write prefix/name.")


def _rest(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for name, value in mapping(spec, "overhead").items():
        problem = name_fault(name) or amount_fault(name, value)
        if problem:
            yield said((*path, "overhead", name), problem, "Write cpu and memory.")
    if present(spec, "os") and text(spec, "os", "name") not in ("linux", "windows"):
        yield said((*path, "os", "name"), "the name of the operating system is missing or unknown", "Write linux.")
    if spec.get("hostUsers") is False:
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(field) is True:
                yield said((*path, field), f"hostUsers: false excludes {field}", "Remove one of them.", on_key=True)
    yield from _override(subject, spec, path)


def _override(subject: Subject, spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    override = spec.get("hostnameOverride")
    if isinstance(override, str) and (subject.release is None or subject.release >= (1, 35)):
        if not is_subdomain(override) or len(override) > 64:  # noqa: PLR2004 (of a host's name)
            yield said((*path, "hostnameOverride"), f"'{override}' can't be a host's name", f"Use {SUBDOMAIN}.")
        for field in ("hostNetwork", "setHostnameAsFQDN"):
            if spec.get(field) is True:
                yield said((*path, "hostnameOverride"), f"it excludes {field}", "Remove one of them.", on_key=True)
