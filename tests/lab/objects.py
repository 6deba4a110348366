"""The objects of the lab's API server: asked for, applied, watched until nothing moves, and who owns whom."""

from __future__ import annotations

import http.client
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from apiserver import ADMIN
from asking import CRDS, PATIENCE, Answer, Client, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from apiserver import Address
    from namespaces import Network

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
ONLY_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
SPOKEN = {("v1", "Event"), ("events.k8s.io/v1", "Event"), ("coordination.k8s.io/v1", "Lease")}
"""What is written all the time and means nothing here."""
OF_ADMIN = {"Authorization": f"Bearer {ADMIN}"}
"""The header that tells the server who asks."""
TRIES = 5
"""How often a request is asked again that the server had no time for."""
COLD = 2.0
"""Seconds without any write after which all is done; controllers that try again wait longer each time."""


class _Connection(http.client.HTTPSConnection):
    """A connection whose socket is made within a network, whichever the thread is in."""

    network: Network

    def connect(self) -> None:
        with self.network.entered():
            super().connect()


class Objects(Client):
    """The admin's connection to an API server in a network of its own."""

    def __init__(self, address: Address, network: Network) -> None:
        super().__init__(address)
        before = self._connection
        self._connection = _Connection(before.host, before.port, context=before._context, timeout=PATIENCE)
        self._connection.network = network

    def ask(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", accept: str = ""
    ) -> Answer:
        """One request; asked again where the server closed an idle connection meanwhile, or had no time for it.

        A busy machine's server gives up a change of a large CRD after half a minute. What is posted isn't asked again: it
        may have been made.
        """
        answer = self._ask(method, path, body, kind, accept)
        for _ in range(TRIES):
            if answer.status != HTTPStatus.GATEWAY_TIMEOUT or method == "POST":
                break
            answer = self._ask(method, path, body, kind, accept)
        return answer

    def _ask(self, method: str, path: str, body: Any, kind: str, accept: str) -> Answer:
        try:
            return super().ask(method, path, body, kind=kind, accept=accept)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()
            return super().ask(method, path, body, kind=kind, accept=accept)

    def connection(self) -> http.client.HTTPSConnection:
        """Another connection to the server, open: a watch takes one for itself. Its requests need ``OF_ADMIN``."""
        ours = self._connection
        made = _Connection(ours.host, ours.port, context=ours._context, timeout=None)
        made.network = ours.network
        made.connect()
        return made

    def kinds(self) -> Iterator[tuple[str, str, Resource]]:
        """What the server serves: version, kind and where it is."""
        for (version, kind), resource in self._kinds.items():
            yield version, kind, resource

    def where(self, data: Mapping[str, Any]) -> str:
        """The path of an object; its namespace is made if need be.

        Raises:
            AssertionError: Its kind isn't served.
        """
        path = self.path_of(dict(data))
        assert path, f"{data.get('apiVersion')} {data.get('kind')} is not served"
        return f"{path}/{quote(data['metadata']['name'])}"

    def apply(self, data: Mapping[str, Any]) -> Answer:
        """Create or change an object as ``kubectl apply --server-side --force-conflicts`` does."""
        return self.ask("PATCH", f"{self.where(data)}?fieldManager=lab&force=true", dict(data), kind=APPLY)

    def make(self, data: Mapping[str, Any]) -> Answer:
        """Create an object; what it is answered may be a refusal."""
        path = self.path_of(dict(data))
        assert path, f"{data.get('apiVersion')} {data.get('kind')} is not served"
        return self.ask("POST", path, dict(data))

    def look(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """An object as it is stored; None where there is none."""
        answer = self.ask("GET", self.where(data))
        return answer.data if answer.status == 200 else None

    def remove(self, data: Mapping[str, Any]) -> None:
        """Delete an object, and what it owns."""
        answer = self.ask("DELETE", f"{self.where(data)}?propagationPolicy=Background")
        assert answer.status in {200, 202, 404}, answer.message

    def every(self, version: str, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        """All objects of a kind, of a namespace or of all."""
        resource = self.serves(version, kind)
        assert resource, f"{version} {kind} is not served"
        inside = f"/namespaces/{namespace}" if namespace and resource.namespaced else ""
        found: list[dict[str, Any]] = []
        rest = ""
        while True:
            answer = self.ask("GET", f"{resource.prefix}{inside}/{resource.plural}?limit=500{rest}")
            if answer.status in {404, 405}:
                return []  # a kind that can't be listed, such as reviews
            assert answer.status == 200, answer.message
            found += ({"apiVersion": version, "kind": kind, **one} for one in answer.data.get("items") or ())
            token = answer.data["metadata"].get("continue")
            if not token:
                return found
            rest = f"&continue={quote(token)}"

    def revision(self) -> int:
        """The number of writes so far, of all objects."""
        return int(self.ask("GET", "/api/v1/nodes?limit=1").data["metadata"]["resourceVersion"])

    def settle(self, within: float = 300.0, cold: float = COLD) -> None:
        """Until nothing was written for a while.

        Raises:
            AssertionError: There is no end of writing.
        """
        end = time.monotonic() + within
        last, since = self.revision(), time.monotonic()
        while time.monotonic() - since < cold:
            assert time.monotonic() < end, "the controllers don't come to rest"
            time.sleep(0.1)
            now = self.revision()
            if now != last:
                last, since = now, time.monotonic()

    def rest(
        self,
        within: float,
        meanwhile: Callable[[], None] = lambda: None,
        cold: int = 4,
        patience: float = 45.0,
    ) -> set[str]:
        """Until nothing moves but what never stops; gives the namespaces of that.

        Args:
            within: Seconds that all of it may take.
            meanwhile: What is done before each look.
            cold: How often a namespace is looked at without a change before it counts as at rest.
            patience: Seconds of changes without a rest after which a namespace is taken for one that never has any.

        Raises:
            AssertionError: It takes longer.
        """
        end = time.monotonic() + within
        known: dict[str, frozenset[tuple[str, str]]] = {}
        began: dict[str, float] = {}
        quiet: dict[str, int] = {}
        while True:
            meanwhile()
            now, found = time.monotonic(), self._wanted()
            for namespace in known.keys() | found.keys():
                if known.get(namespace) != found.get(namespace):
                    began.setdefault(namespace, now)
                    quiet[namespace] = 0
                elif namespace in began:
                    quiet[namespace] += 1
                    if quiet[namespace] >= cold:
                        del began[namespace]
            known = found
            if all(now - each > patience for each in began.values()):
                return set(began)
            assert now < end, f"no rest in {sorted(began)}"
            time.sleep(1.0)

    def _wanted(self) -> dict[str, frozenset[tuple[str, str]]]:
        """What is wanted, by namespace: objects and their generations, which a change of status alone doesn't raise."""
        wanted: dict[str, set[tuple[str, str]]] = {}
        for version, kind, resource in self.kinds():
            if resource.namespaced and (version, kind) not in SPOKEN:
                path = f"{resource.prefix}/{resource.plural}"
                for one in self.ask("GET", path, accept=ONLY_METADATA).data.get("items") or ():
                    metadata = one["metadata"]
                    number = metadata.get("generation", metadata["resourceVersion"])
                    wanted.setdefault(metadata["namespace"], set()).add((metadata["uid"], str(number)))
        return {namespace: frozenset(of) for namespace, of in wanted.items()}

    def hook(self, crd: dict[str, Any], client_config: Mapping[str, Any]) -> None:
        """Let a webhook convert the versions of a kind."""
        path = crd["spec"]["conversion"]["webhook"]["clientConfig"]["service"]["path"]
        review = crd["spec"]["conversion"]["webhook"]["conversionReviewVersions"]
        config = {"url": f"{client_config['url']}{path}", "caBundle": client_config["caBundle"]}
        conversion = {"strategy": "Webhook", "webhook": {"conversionReviewVersions": review, "clientConfig": config}}
        answer = self.ask(
            "PATCH", f"{CRDS}/{crd['metadata']['name']}", {"spec": {"conversion": conversion}}, kind=MERGE
        )
        assert answer.status == 200, answer.message


def owners(data: Mapping[str, Any]) -> set[str]:
    """The UIDs of who owns an object."""
    return {one["uid"] for one in data["metadata"].get("ownerReferences") or ()}


def descendants(root: str, objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects whose owners lead to a UID, nearest first."""
    by_owner: dict[str, list[dict[str, Any]]] = {}
    for one in objects:
        for owner in owners(one):
            by_owner.setdefault(owner, []).append(one)
    found: list[dict[str, Any]] = []
    seen: set[str] = {root}
    wanted = [root]
    for uid in wanted:
        for one in by_owner.get(uid, ()):
            if one["metadata"]["uid"] not in seen:
                seen.add(one["metadata"]["uid"])
                found.append(one)
                wanted.append(one["metadata"]["uid"])
    return found


def told(data: Mapping[str, Any]) -> str:
    """An object's kind and name, for messages."""
    metadata = data.get("metadata") or {}
    return f"{data.get('kind')} {metadata.get('namespace', '')}/{metadata.get('name')}"


def compact(data: Any) -> str:
    """JSON of one line."""
    return json.dumps(data, separators=(",", ":"), sort_keys=True)
