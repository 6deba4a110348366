"""What happened on the cluster, each change in its order: pods, Deployments, endpoints and routes, by watches.

A watch tells every change, where polling would miss those in between; the numbers of versions are the store's own, one
row for all kinds, so that changes of several kinds stand in the order in which they were made.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple

from objects import OF_ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from http.client import HTTPConnection

    from objects import Objects

WATCHED: dict[str, str] = {
    "Pod": "/api/v1/pods",
    "Deployment": "/apis/apps/v1/deployments",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/endpointslices",
    "HTTPRoute": "/apis/gateway.networking.k8s.io/v1/httproutes",
}
ROUTE, SLICE = "HTTPRoute", "EndpointSlice"
OF_SERVICE = "kubernetes.io/service-name"
"""The label that tells a slice's Service."""


class Change(NamedTuple):
    """One change of one object.

    Attributes:
        version: Its place among all changes.
        at: When we were told, seconds of the clock.
        kind: The object's kind.
        gone: Whether it was deleted.
        data: The object after the change; as it was, where it is gone.
    """

    version: int
    at: float
    kind: str
    gone: bool
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.data["metadata"]["name"])


@dataclass
class Journal:
    """All changes of a namespace since the watches began.

    Attributes:
        namespace: The namespace.
        changes: In the order in which we were told, which isn't theirs.
    """

    namespace: str
    changes: list[Change] = field(default_factory=list)

    def ordered(self) -> list[Change]:
        """The changes in the order in which they were made."""
        return sorted(self.changes)

    def pods(self) -> dict[str, dict[str, Any]]:
        """Every pod that there ever was, by its name, as it was last."""
        return {each.name: each.data for each in self.ordered() if each.kind == "Pod"}

    def replaced(self) -> Counter[str]:
        """How often each Deployment's pod template changed while it was there: each time its pods are replaced."""
        found: Counter[str] = Counter()
        templates: dict[str, Any] = {}
        for change in self.ordered():
            if change.kind != "Deployment":
                continue
            before = templates.pop(change.name, None)
            if not change.gone:
                templates[change.name] = change.data["spec"]["template"]
                found[change.name] += before not in (None, templates[change.name])
        return +found

    def served(self) -> Iterator[Moment]:
        """After each change, the Services that get requests and how many pods of each are ready."""
        ready: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        routes: dict[str, frozenset[str]] = {}
        for change in self.ordered():
            if change.kind == ROUTE:
                routes[change.name] = frozenset() if change.gone else frozenset(receivers(change.data))
            elif change.kind == SLICE:
                service = change.data["metadata"]["labels"][OF_SERVICE]
                ready[service][change.name] = frozenset() if change.gone else frozenset(ready_addresses(change.data))
            else:
                continue
            asked = sorted(frozenset().union(*routes.values()))
            yield Moment(change.at, {service: len(frozenset().union(*ready[service].values())) for service in asked})


class Moment(NamedTuple):
    """A moment: the Services that get requests, and the pods of each that are ready."""

    at: float
    ready: dict[str, int]


def receivers(route: Mapping[str, Any]) -> Iterator[str]:
    """The Services that get requests by a route; a mirror's are copies, which nobody waits for."""
    for rule in route["spec"].get("rules", ()):
        for each in rule.get("backendRefs", ()):
            if each.get("weight", 1):
                yield each["name"]


def ready_addresses(slice_: Mapping[str, Any]) -> Iterator[str]:
    for each in slice_.get("endpoints") or ():
        if each.get("conditions", {}).get("ready"):
            yield from each["addresses"]


@contextlib.contextmanager
def kept(namespace: str, objects: Objects) -> Iterator[Journal]:
    """A journal that is written as long as the block."""
    journal, stopped = Journal(namespace), threading.Event()
    connections = {kind: objects.connection() for kind in WATCHED}
    threads = [
        threading.Thread(target=_watch, args=(journal, kind, connections[kind], stopped), daemon=True)
        for kind in WATCHED
    ]
    for each in threads:
        each.start()
    try:
        yield journal
    finally:
        stopped.set()
        for connection in connections.values():
            connection.sock.shutdown(2)
        for each in threads:
            each.join(timeout=10)
        for connection in connections.values():
            connection.close()


def _watch(journal: Journal, kind: str, connection: HTTPConnection, stopped: threading.Event) -> None:
    root, _, plural = WATCHED[kind].rpartition("/")
    path = f"{root}/namespaces/{journal.namespace}/{plural}"
    try:
        connection.request("GET", f"{path}?watch=1", headers=OF_ADMIN)
        with connection.getresponse() as response:
            while line := response.readline():
                told = json.loads(line)
                assert told["type"] in ("ADDED", "MODIFIED", "DELETED"), told
                version = int(told["object"]["metadata"]["resourceVersion"])
                journal.changes.append(Change(version, time.time(), kind, told["type"] == "DELETED", told["object"]))
        assert stopped.is_set(), f"the watch of {kind} ended"
    except (OSError, ValueError, HTTPException):  # what reading says of a connection that ends
        if not stopped.is_set():
            raise


def least(moments: Iterable[Moment], since: float = 0.0, until: float = float("inf")) -> dict[str, int]:
    """The fewest ready pods that each Service had while it got requests, between two times."""
    found: dict[str, int] = {}
    for moment, following in itertools.pairwise((*moments, Moment(float("inf"), {}))):
        if moment.at <= until and following.at > since:  # it was so in a part of the time
            for service, count in moment.ready.items():
                found[service] = min(count, found.get(service, count))
    return found
