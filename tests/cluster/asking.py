"""Asking an API server over HTTPS, and what it says of an object that it is offered."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

from apiserver import ADMIN, PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apiserver import Address

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
STRICT_DRY_RUN = "?dryRun=All&fieldValidation=Strict"


class Answer(NamedTuple):
    """What came back."""

    status: int
    data: Any

    @property
    def message(self) -> str:
        """Why, where it was refused."""
        return str(self.data.get("message", "")) if isinstance(self.data, dict) else str(self.data)


class Resource(NamedTuple):
    """Where objects of a kind are posted."""

    prefix: str
    plural: str
    namespaced: bool


class Said(NamedTuple):
    """A verdict: ``valid``, ``invalid``, ``not-served``, or ``forbidden`` by an admission plugin; and the reasons."""

    verdict: str
    why: str = ""


class Client:
    """One connection to a server, kept open, as the admin."""

    def __init__(self, address: Address) -> None:
        trust = ssl.create_default_context(cafile=address.authority)
        where = urlsplit(address.url)
        self._connection = http.client.HTTPSConnection(
            where.hostname or "", where.port, context=trust, timeout=PATIENCE
        )
        self._kinds: dict[tuple[str, str], Resource] = {}
        self._namespaces = {"default"}

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def ask(
        self, method: str, path: str, body: Any = None, *, kind: str = "application/json", accept: str = ""
    ) -> Answer:
        """One request; ``body`` is text of that kind, or an object."""
        headers = {"Authorization": f"Bearer {ADMIN}", "Accept": accept or "application/json", "Content-Type": kind}
        content = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        content = content.encode() if isinstance(content, str) else content
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        text = response.read()
        with contextlib.suppress(json.JSONDecodeError):
            return Answer(response.status, json.loads(text))
        return Answer(response.status, text.decode(errors="replace"))

    def wait_until_ready(self) -> None:
        """Until the server says that it is ready, and made the namespace ``default``."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.ask("GET", "/readyz").status == self.ask("GET", "/api/v1/namespaces/default").status == 200:
                return
            time.sleep(0.1)
        raise AssertionError(f"not ready: {self.ask('GET', '/readyz?verbose').message}")

    def discover(self) -> None:
        """Learn the kinds that the server serves now."""
        self._kinds.clear()
        for root in ("/api", "/apis"):
            for group in self.ask("GET", root, accept=DISCOVERY).data["items"]:
                name = group["metadata"].get("name", "")
                for version in group["versions"]:
                    api_version = f"{name}/{version['version']}" if name else version["version"]
                    prefix = f"{root}/{api_version}"
                    for each in version["resources"]:
                        kind = each["responseKind"]["kind"]
                        resource = Resource(prefix, each["resource"], each["scope"] == "Namespaced")
                        self._kinds[api_version, kind] = resource

    def serves(self, api_version: str, kind: str) -> Resource | None:
        """Where a kind is posted; None where the server doesn't know it."""
        return self._kinds.get((api_version, kind))

    def install(self, crds: Iterable[dict[str, Any]]) -> None:
        """Create CRDs, wait until all their kinds are served, and learn them."""
        wanted: set[tuple[str, str]] = set()
        for crd in crds:
            # No conversion webhook runs here; every version is then stored as it was written.
            spec = {key: value for key, value in crd["spec"].items() if key != "conversion"}
            answer = self.ask("POST", CRDS, {**crd, "spec": spec})
            assert answer.status == 201, answer.message
            served = (each["name"] for each in spec["versions"] if each["served"])
            wanted |= {(f"{spec['group']}/{version}", spec["names"]["kind"]) for version in served}
        end = time.monotonic() + PATIENCE
        while not all(self._answers(*kind) for kind in wanted):
            assert time.monotonic() < end, f"not served: {sorted(wanted - set(self._kinds))}"
            time.sleep(0.2)
            self.discover()

    def _answers(self, api_version: str, kind: str) -> bool:
        found = self.serves(api_version, kind)
        return found is not None and self.ask("GET", f"{found.prefix}/{found.plural}?limit=1").status == 200

    def path_of(self, data: dict[str, Any]) -> str | None:
        """Where an object is posted, into its own namespace, which is made if need be; None if its kind isn't served."""
        api_version, kind = data.get("apiVersion"), data.get("kind")
        resource = self.serves(api_version, kind) if isinstance(api_version, str) and isinstance(kind, str) else None
        if resource is None:
            return None
        if not resource.namespaced:
            return f"{resource.prefix}/{resource.plural}"
        metadata = data.get("metadata")
        wanted = metadata.get("namespace") if isinstance(metadata, dict) else None
        # What can be no namespace goes into the default one, where the server finds that the two differ.
        name = wanted if isinstance(wanted, str) and LABEL.fullmatch(wanted) else "default"
        if name not in self._namespaces:
            made = self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
            assert made.status in (201, 409), made.message
            self._namespaces.add(name)
        return f"{resource.prefix}/namespaces/{name}/{resource.plural}"

    def dry_run(self, data: dict[str, Any], text: str | bytes | None = None) -> Said:
        """What the server says of the creation of an object, strictly; nothing is stored.

        Args:
            data: The object.
            text: The same as YAML, sent as it is, so that the server reads it.
        """
        path = self.path_of(data)
        if path is None:
            return Said("not-served")
        kind = "application/json" if text is None else "application/yaml"
        answer = self.ask("POST", path + STRICT_DRY_RUN, data if text is None else text, kind=kind)
        if answer.status == 409 and answer.data.get("reason") == "AlreadyExists":
            return Said("valid")  # it was judged before it was looked for
        verdict = {201: "valid", 400: "invalid", 403: "forbidden", 422: "invalid"}.get(answer.status)
        assert verdict, f"{answer.status} {answer.message} at {path}"
        return Said(verdict, "" if verdict == "valid" else answer.message)

    def create(self, data: dict[str, Any]) -> tuple[str, Any]:
        """Create an object for real: its path, and what comes back when it is read."""
        path = self.path_of(data)
        assert path, f"{data.get('apiVersion')} {data.get('kind')} is not served"
        answer = self.ask("POST", f"{path}?fieldValidation=Strict", data)
        assert answer.status == 201, answer.message
        path = f"{path}/{quote(data['metadata']['name'])}"
        return path, self.ask("GET", path).data
