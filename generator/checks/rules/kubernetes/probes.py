"""Probes, and what runs when a container starts and stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import container
from generator.checks.rules.kubernetes.objects import (
    CORE,
    POD_KINDS,
    containers,
    integer,
    items,
    keys,
    present,
    refusal,
    said,
)
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import is_header, is_port, is_port_or_name
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import POD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_ZERO_SLEEP = (1, 33)
_GRACE = 30
GOOD = container("readinessProbe: {httpGet: {path: /ready, port: 8080}}")


class Handler(NamedTuple):
    """What asks a container: a probe, or a hook of its life cycle."""

    path: Path
    spec: Mapping[str, Any]
    probe: bool


def _handlers(subject: Subject) -> tuple[Handler, ...]:
    """The probes and hooks that are looked at: an init container that ends has none."""
    found = []
    for one in containers(subject):
        if one.list == "initContainers" and one.spec.get("restartPolicy") != "Always":
            continue
        found += [
            Handler((*one.path, name), mapping(one.spec, name), probe=True)
            for name in PROBES
            if isinstance(one.spec.get(name), dict)
        ]
        found += [
            Handler((*one.path, "lifecycle", name), mapping(one.spec, "lifecycle", name), probe=False)
            for name in HOOKS
            if isinstance(mapping(one.spec, "lifecycle").get(name), dict)
        ]
    return tuple(found)


@refusal(
    id="K8S077",
    name="probe-handler",
    kinds=POD_KINDS,
    message="{what} has {problem}",
    fix="Give it exactly one of {known}.",
    source=CORE,
    bad=container("readinessProbe: {periodSeconds: 5}"),
    good=GOOD,
    when=keys(*PROBES, "lifecycle"),
)
def probe_handler(subject: Subject) -> Iterable[Hit]:
    """A probe asks in one way: a command, HTTP, TCP or gRPC; and so does a hook, which can also just sleep."""
    for one in subject.derive(_handlers):
        known = HANDLERS if one.probe else HOOK_HANDLERS
        given = [name for name in known if present(one.spec, name)]
        if len(given) != 1:
            problem = f"both {' and '.join(given)}" if given else "no handler"
            yield hit(*one.path, on_key=True, what=one.path[-1], problem=problem, known=", ".join(known))


@refusal(
    id="K8S078",
    name="probe-number",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("livenessProbe: {tcpSocket: {port: 8080}, successThreshold: 2}"),
    good=container("livenessProbe: {tcpSocket: {port: 8080}, failureThreshold: 2}"),
    when=keys(*PROBES, "sleep", "terminationGracePeriodSeconds"),
)
def probe_number(subject: Subject) -> Iterable[Hit]:
    """Periods and thresholds are not negative.

    A container is alive, or has started, with the first success; a failed readiness probe ends nothing, so it has no
    grace period.
    """
    for one in subject.derive(_handlers):
        if one.probe:
            yield from _numbers(one)
        elif isinstance(one.spec.get("sleep"), dict):
            yield from _sleep(subject, one)


def _numbers(one: Handler) -> Iterator[Hit]:
    for field in _COUNTS:
        number = integer(one.spec, field) or 0
        if number < 0:
            yield said((*one.path, field), f"{field} is negative", "Write 0 or more.")
        elif field == "successThreshold" and number > 1 and one.path[-1] != "readinessProbe":
            yield said((*one.path, field), f"the successThreshold of a {one.path[-1]} is 1", "Remove it.")
    grace = one.spec.get("terminationGracePeriodSeconds")
    if grace is not None:
        place = (*one.path, "terminationGracePeriodSeconds")
        if one.path[-1] == "readinessProbe":
            yield said(place, "a readinessProbe has no grace period", "Remove it.", on_key=True)
        elif isinstance(grace, int) and grace <= 0:
            yield said(place, "the grace period is not above 0", "Write 1 or more.")


def _sleep(subject: Subject, one: Handler) -> Iterator[Hit]:
    seconds = integer(one.spec, "sleep", "seconds") or 0
    grace = integer(pod_of(subject).spec, "terminationGracePeriodSeconds")
    limit = _GRACE if grace is None else 1 if grace < 0 and kind_of(subject.document) == POD else grace
    lowest = 0 if subject.release is None or subject.release >= _ZERO_SLEEP else 1
    if not lowest <= seconds <= limit:
        problem = f"a hook can't sleep {seconds} seconds"
        yield said((*one.path, "sleep", "seconds"), problem, f"Write {lowest} to {limit}, the pod's grace period.")


@refusal(
    id="K8S079",
    name="probe-target",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("readinessProbe: {httpGet: {path: /ready}}"),
    good=GOOD,
    when=keys(*PROBES, "lifecycle"),
)
def probe_target(subject: Subject) -> Iterable[Hit]:
    """What is asked has to be said in full: a port by number or by a name that a port can have, a command, a scheme."""
    for one in subject.derive(_handlers):
        given = [name for name in (HANDLERS if one.probe else HOOK_HANDLERS) if isinstance(one.spec.get(name), dict)]
        for name in given[:1]:
            yield from _target(name, mapping(one.spec, name), (*one.path, name))


def _target(name: str, target: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    if name == "exec" and not sequence(target, "command"):
        yield said((*path, "command"), "there is no command to run", "Add command.")
    if name in ("httpGet", "tcpSocket") and not is_port_or_name(target.get("port") or ""):
        yield said((*path, "port"), _no_port(target), "Write a number from 1 to 65535, or the name of a port.")
    if name == "grpc" and not is_port(target.get("port") or 0):
        yield said((*path, "port"), _no_port(target), "Write a number from 1 to 65535.")
    scheme = text(target, "scheme") or "HTTP"
    if name == "httpGet" and scheme not in ("HTTP", "HTTPS"):
        yield said((*path, "scheme"), f"'{scheme}' is no scheme here", "Write HTTP or HTTPS, in capitals.")
    for place, header in items(target, path, "httpHeaders"):
        if name == "httpGet" and not is_header(text(header, "name") or ""):
            yield said((*place, "name"), "a header has no name that HTTP takes", "Use letters, digits and '-'.")


def _no_port(target: Mapping[str, Any]) -> str:
    port = target.get("port")
    return "there is no port to ask" if port in (None, "") else f"'{port}' can't be a port"
