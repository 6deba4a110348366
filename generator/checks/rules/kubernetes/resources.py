"""What containers ask for and may use at most."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import container, pod
from generator.checks.rules.kubernetes.objects import (
    CORE,
    POD_KINDS,
    containers,
    keys,
    refusal,
    said,
)
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import is_qualified
from generator.checks.subject import mapping
from generator.text import quantity
from generator.text.decimals import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.text.quantity import Quantity

HUGE = "hugepages-"
STANDARD = frozenset(("cpu", "memory", "ephemeral-storage"))
COUNTED = frozenset(
    (
        *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
        *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
    )
)
"""Of these there are whole ones only."""
_POD_LEVEL = (1, 34)
_THOUSANDTHS = -3
GOOD = container("resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}")


class Resources(NamedTuple):
    """Requests and limits of a container, or of the pod as a whole."""

    path: Path
    spec: Mapping[str, Any]
    whole: bool = False


def asked(subject: Subject) -> Iterator[Resources]:
    """What each container asks for, and then the pod as a whole."""
    for one in containers(subject):
        if isinstance(one.spec.get("resources"), dict):
            yield Resources((*one.path, "resources"), one.spec["resources"])
    found = pod_of(subject)
    if isinstance(found.spec.get("resources"), dict) and _pod_level(subject):
        yield Resources((*found.spec_path, "resources"), found.spec["resources"], whole=True)


def _pod_level(subject: Subject) -> bool:
    return subject.release is None or subject.release >= _POD_LEVEL


def number(value: object) -> Decimal | None:
    """A quantity as a number; null is nought, None what is none."""
    found = quantity.read(value)
    return found.number if found else None


def listed(value: object) -> Quantity | None:
    """A quantity of a list of resources, which the API server rounds up to thousandths; None for what is none."""
    found = quantity.read(value)
    return found.rounded() if found else None


def milli(value: object) -> Decimal | None:
    """The same as a number."""
    found = listed(value)
    return found.number if found else None


def native(name: str) -> bool:
    """Whether a resource is Kubernetes' own."""
    return "/" not in name or "kubernetes.io/" in name


def extended(name: str) -> bool:
    """Whether a resource is one that a device plugin offers, such as ``nvidia.com/gpu``."""
    return not native(name) and not name.startswith("requests.") and is_qualified(f"requests.{name}")


def shared(name: str) -> bool:
    """Whether more of a resource can be promised than there is."""
    return native(name) and not name.startswith(HUGE)


def name_fault(name: str) -> str:
    """What is wrong with the name of a resource of a container; empty where nothing is."""
    if not is_qualified(name):
        return f"'{name}' can't be the name of a resource"
    if "/" not in name:
        known = name in STANDARD or name.startswith(HUGE)
        return "" if known else f"'{name}' is no resource that a container can have"
    return "" if native(name) or extended(name) else f"'{name}' can't be the name of a device"


def amount_fault(name: str, value: object) -> str:
    """What is wrong with the amount of a resource; empty where nothing is."""
    found = listed(value)
    if found is None:
        return ""
    if found.number < 0:
        return f"{name} can't be negative"
    # What is too large to be counted in thousandths is refused by what is left of it, as by Go.
    if (name in COUNTED or extended(name)) and found.scaled(_THOUSANDTHS) % 1000:
        return f"there is no part of {name}: {value}"
    if name.startswith(HUGE):
        size = quantity.parse(name.removeprefix(HUGE))
        page = size.scaled(0) if size and size.number > 0 and not size.scaled(_THOUSANDTHS) % 1000 else 0
        if not page or found.scaled(0) % page:
            return f"{value} is no multiple of the page size in {name}"
    return ""


@refusal(
    id="K8S066",
    name="request-above-limit",
    kinds=POD_KINDS,
    message="the request for {name}, {request}, is {relation} the limit {limit}",
    fix="{advice}",
    source=CORE,
    bad=container("resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}"),
    good=GOOD,
    when=keys("requests"),
)
def request_above_limit(subject: Subject) -> Iterable[Hit]:
    """What is promised to a container can't be more than it may use; of devices and huge pages both are the same."""
    for one in asked(subject):
        limits = mapping(one.spec, "limits")
        for name, request in mapping(one.spec, "requests").items():
            wanted, limit = milli(request), milli(limits.get(name))
            if wanted is None or limit is None or name not in limits:
                continue
            place = (*one.path, "requests", name)
            given = {"name": name, "request": request, "limit": limits[name]}
            if wanted > limit:
                yield hit(*place, relation="above", advice="Lower the request, or raise the limit.", **given)
            elif wanted != limit and not shared(name):
                yield hit(*place, relation="not", advice="Write the same in both.", **given)


@refusal(
    id="K8S067",
    name="resource-name",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("resources: {limits: {gpu: 1}}"),
    good=container("resources: {limits: {nvidia.com/gpu: 1}}"),
    when=keys("requests", "limits"),
)
def resource_name(subject: Subject) -> Iterable[Hit]:
    """A container has cpu, memory, ephemeral-storage and huge pages.

    Whatever else it asks for is offered by a device plugin under a name with a domain, such as nvidia.com/gpu.
    """
    for one in asked(subject):
        for side in ("limits", "requests"):
            for name in mapping(one.spec, side):
                problem = name_fault(name)
                if not problem and one.whole and not (name in ("cpu", "memory") or name.startswith(HUGE)):
                    problem = f"a pod as a whole has no {name}"
                if problem:
                    place = (*one.path, side, name)
                    yield said(place, problem, "Write cpu, memory, or a name such as nvidia.com/gpu.", on_key=True)


@refusal(
    id="K8S068",
    name="resource-amount",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("resources: {limits: {nvidia.com/gpu: 500m}}"),
    good=container("resources: {limits: {nvidia.com/gpu: 1}}"),
    when=keys("requests", "limits"),
)
def resource_amount(subject: Subject) -> Iterable[Hit]:
    """Nobody can have less than nothing, devices come whole, and huge pages by the page.

    Devices and huge pages have a limit, and huge pages need cpu or memory beside them.
    """
    for one in asked(subject):
        limits, requests = mapping(one.spec, "limits"), mapping(one.spec, "requests")
        for side, given in (("limits", limits), ("requests", requests)):
            for name, value in given.items():
                problem = amount_fault(name, value)
                if problem:
                    yield said((*one.path, side, name), problem, "Write a whole number, nought or more.")
        yield from (
            said((*one.path, "requests", name), f"{name} is requested and has no limit", "Set the same as a limit.")
            for name in requests
            if name not in limits and not shared(name) and not (one.whole and _filled_in(subject, name))
        )
        both = {*limits, *requests}
        if any(name.startswith(HUGE) for name in both) and not both & {"cpu", "memory"}:
            yield said(
                one.path, "huge pages are asked for, but neither cpu nor memory", "Add cpu or memory.", on_key=True
            )


def _filled_in(subject: Subject, name: str) -> bool:
    """Whether the limit of a pod as a whole is taken from its containers; in a template nobody does that."""
    limits = [mapping(one.spec, "resources", "limits") for one in containers(subject)]
    return not pod_of(subject).template and any(name in given for given in limits)


@refusal(
    id="K8S070",
    name="pod-below-containers",
    kinds=POD_KINDS,
    message="the pod's {side} of {name}, {given}, is below what its containers have: {needed}",
    fix="Raise it to {needed}, or lower the containers'.",
    source=CORE,
    bad=f"{container('resources: {requests: {cpu: 2}}')}      resources: {{requests: {{cpu: 1}}}}\n",
    good=pod("resources: {requests: {cpu: 1}}"),
    when=keys("requests", "limits"),
)
def pod_below_containers(subject: Subject) -> Iterable[Hit]:
    """What the pod as a whole asks for has to be enough for its containers together.

    And no container may have a higher limit than the pod.
    """
    found = pod_of(subject)
    whole = mapping(found.spec, "resources")
    if not whole or not _pod_level(subject):
        return
    path = (*found.spec_path, "resources")
    for name, given in mapping(whole, "requests").items():
        needed = total(
            milli(mapping(one.spec, "resources", "requests").get(name)) or Decimal(0)
            for one in containers(subject)
            if one.list == "containers"
        )
        own = milli(given)
        if own is not None and needed > own:
            yield hit(*path, "requests", name, side="request", name=name, given=given, needed=quantity.shown(needed))
    for name, given in mapping(whole, "limits").items():
        own = milli(given)
        for one in containers(subject):
            limit = mapping(one.spec, "resources", "limits").get(name)
            wanted = milli(limit)
            if one.list == "containers" and own is not None and wanted is not None and wanted > own:
                yield hit(*path, "limits", name, side="limit", name=name, given=given, needed=limit)
