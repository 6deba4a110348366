"""What a real API server says of updates, against ``serinus validate --previous``.

Objects are created for real; then each is updated at random in server-side dry runs with strict field validation. Half of
the time the old object is the file that it was created from, and the update takes its place (PUT); else it is what the
cluster has, and the update is what ``kubectl apply`` makes of the new file.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from apiserver import RELEASE
from core_documents import good
from installed import INSTALLED, SHARED

from bending import sent
from core_objects import OBJECTS
from generator.checks.api import Options, check
from generator.checks.registry import registry
from generator.reading.documents import Document, read
from kit import ROOT
from updating import update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Answer, Client

pytestmark = pytest.mark.cluster

UPDATES = int(os.environ.get("SERINUS_FUZZ", "1500"))
EACH = 25
"""Updates of one object."""
MINOR = RELEASE.removeprefix("v").rpartition(".")[0]
PLATFORMS = (*(f"{product}@{release}" for product, release in INSTALLED.items()), f"kubernetes@{MINOR}")
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ACTING = "admissionregistration.k8s.io"
"""Objects of this group have a say on others as soon as they are there."""
IDENTITY = ("uid", "resourceVersion")
VERDICTS = {200: "valid", 400: "invalid", 422: "invalid", 409: "invalid"}
GENERATED = ("job-name", "controller-uid", "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid")


def pool(cluster: Client) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The objects that there are, by their kinds: ours, the rules' examples, the corpus, and what is rendered."""
    texts = [*OBJECTS, *(text for rule in registry().rules for text in (rule.good, rule.before))]
    goldens = [*(ROOT / "tests/golden/kubernetes").glob("*.yaml"), *(ROOT / "tests/golden/examples").glob("*.yaml")]
    texts += [file.read_text() for file in sorted(goldens)]
    contents = [file.read_bytes() for file in sorted((SHARED / "corpus").glob("*/*.yaml"))]
    documents = [one for content in (*texts, *contents) for one in read(content, "-")]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for data in [*good().values(), *(one.data for one in documents if isinstance(one, Document))]:
        kind = data.get("apiVersion"), data.get("kind")
        if not all(isinstance(part, str) for part in kind) or str(kind[0]).startswith(ACTING):
            continue
        if cluster.serves(*kind) and isinstance(data.get("metadata"), dict) and data["metadata"].get("name"):  # type: ignore[arg-type]
            found.setdefault(kind, []).append(data)  # type: ignore[arg-type]
    return found


def is_of_kubernetes(api_version: str) -> bool:
    """Whether a kind of this group is Kubernetes' own, and no CRD's."""
    group = api_version.rpartition("/")[0]
    return "." not in group or (group.endswith(".k8s.io") and not group.startswith("gateway."))


class Held:
    """An object that is in the cluster.

    Attributes:
        file: As it was written.
        live: As the cluster has it.
        there: Whether the server took it.
        of_kubernetes: Whether the kind is Kubernetes' own.
    """

    def __init__(self, cluster: Client, data: dict[str, Any], number: int) -> None:
        self._cluster = cluster
        self.file = placed(data, number)
        resource = cluster.serves(data["apiVersion"], data["kind"])
        assert resource
        if not resource.namespaced:
            self.file["metadata"].pop("namespace")
        collection = cluster.path_of(self.file)
        annotated = copy.deepcopy(self.file)
        annotations = annotated["metadata"].get("annotations") or {}
        annotated["metadata"]["annotations"] = {**annotations, APPLIED: json.dumps(self.file)}
        answer = cluster.ask("POST", f"{collection}?fieldValidation=Strict", annotated)
        self.of_kubernetes = is_of_kubernetes(data["apiVersion"])
        self.there = answer.status == 201
        self.path = f"{collection}/{self.file['metadata']['name']}"
        self.live = answer.data
        if self.there and data["kind"] == "PersistentVolumeClaim":
            self._bind()

    def _bind(self) -> None:
        """Give a claim its volume, as its controller would."""
        size = self.file["spec"]["resources"]["requests"]["storage"]
        status = {"phase": "Bound", "capacity": {"storage": size}}
        self.live = self._cluster.ask("PUT", f"{self.path}/status", {**self.live, "status": status}).data
        self.file["status"] = status

    def offer(self, new: dict[str, Any], *, really: bool = False) -> Answer:
        """What the server says of an update that isn't carried out, or is."""
        metadata = {"resourceVersion": self.live["metadata"]["resourceVersion"], **new["metadata"]}
        body = {**new, "metadata": metadata}
        dry = "" if really else "dryRun=All&"
        return self._cluster.ask("PUT", f"{self.path}?{dry}fieldValidation=Strict", body)

    def leave(self) -> None:
        """Take it away, as far as nobody has to agree to that."""
        self._cluster.ask("DELETE", f"{self.path}?gracePeriodSeconds=0&propagationPolicy=Background")


def placed(data: dict[str, Any], number: int) -> dict[str, Any]:
    """A copy with a name and a namespace of its own, and without what other objects would have to be there for."""
    found = copy.deepcopy(data)
    found["metadata"] |= {"name": f"u-{number}", "namespace": f"u-{number}"}
    for key in ("uid", "resourceVersion", "generateName", "deletionTimestamp", "ownerReferences"):
        found["metadata"].pop(key, None)
    if data["kind"] == "Pod" and isinstance(found.get("spec"), dict):
        for key in ("priorityClassName", "priority", "runtimeClassName", "overhead"):
            found["spec"].pop(key, None)
    return found


def kept(new: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    """The update with what the server generated for a Job; whoever applies a file leaves that as it is."""
    spec = new.get("spec")
    if new["kind"] != "Job" or not isinstance(spec, dict) or spec.get("selector") is not None:
        return new
    template = spec.get("template")
    if spec.get("manualSelector") is True or not isinstance(template, dict):
        return new
    meta = template.get("metadata") or {}
    if not isinstance(meta, dict) or not isinstance(meta.get("labels") or {}, dict):
        return new
    had = live["spec"]["template"]["metadata"]["labels"]
    labels = {name: had[name] for name in GENERATED if name in had} | (meta.get("labels") or {})
    template = {**template, "metadata": {**meta, "labels": labels}}
    return {**new, "spec": {**spec, "selector": live["spec"]["selector"], "template": template}}


def applied(new: Any, live: Any, before: Any, *, by_name: bool) -> Any:
    """What ``kubectl apply`` makes of a file: what it never said stays, what it says no more goes.

    Of lists it merges those of Kubernetes' own kinds, by the names of their items; nearly all have that key.
    """
    if by_name and isinstance(new, list) and isinstance(live, list):
        named = [{one.get("name"): one for one in items or () if isinstance(one, dict)} for items in (live, before)]
        return [
            applied(one, *(items.get(one["name"]) for items in named), by_name=True)
            if isinstance(one, dict) and isinstance(one.get("name"), str)
            else one
            for one in new
        ]
    if not isinstance(new, dict) or not isinstance(live, dict):
        return new
    then = before if isinstance(before, dict) else {}
    stays = {key: value for key, value in live.items() if key not in new and key not in then}
    return {key: applied(value, live.get(key), then.get(key), by_name=by_name) for key, value in new.items()} | stays


def ours(new: dict[str, Any], old: dict[str, Any]) -> tuple[str, list[str]]:
    """Our verdict for a cluster without the platforms' webhooks."""
    report = check([new], platforms=PLATFORMS, options=Options(webhooks=False), previous=json.dumps(old))
    assert not report.summary.skipped
    why = [f"{one.rule} {one.path}: {one.message}" for one in report.findings]
    return "invalid" if report.summary.invalid else "valid", why


def updates(cluster: Client, seed: int, count: int) -> Iterator[tuple[Held, dict[str, Any], bool]]:
    """Objects that are there, with an update of each, and whether it is a file's that is applied."""
    source = random.Random(seed)
    known = pool(cluster)
    kinds = [sorted(kind for kind in known if is_of_kubernetes(kind[0]) is own) for own in (True, False)]
    number = 0
    while count > 0:
        number += 1
        relatives = known[source.choice(source.choice(kinds))]
        held = Held(cluster, source.choice(relatives), number)
        if not held.there:
            continue
        for _ in range(min(EACH, count)):
            count -= 1
            new, file = sent(update(source, held.file, relatives)), source.random() < 0.5
            if file:  # which object it is in which state, no file says
                new["metadata"] = {key: value for key, value in new["metadata"].items() if key not in IDENTITY}
            yield held, new, file
        held.leave()


def test_of_an_update_we_say_what_the_server_says(cluster: Client) -> None:
    off: list[str] = []
    counted: Counter[str] = Counter()
    for held, new, file in updates(cluster, seed=int(os.environ.get("SERINUS_SEED", "48")), count=UPDATES):
        body = kept(new, held.live) if file else applied(new, held.live, held.file, by_name=held.of_kubernetes)
        answer = held.offer(body)
        said = VERDICTS.get(answer.status, str(answer.status))
        counted[said] += 1
        if said not in ("valid", "invalid"):
            continue
        mine, why = ours(new, held.file if file else held.live)
        if (mine, said) == ("invalid", "valid"):
            # A dry run asks none of the server's allocators, such as that of the ports of nodes.
            answer = held.offer(body, really=True)
            said = VERDICTS[answer.status]
        if mine != said:
            old = json.dumps(held.file if file else held.live)
            off.append(
                f"server {said} {answer.message[:400]}, ours {mine} {why[:3]}\n  old {old}\n  new {json.dumps(new)}"
            )
    assert not off, "\n".join([f"{len(off)} of {counted.total()} differ: {counted}", *off])
    assert min(counted["valid"], counted["invalid"]) > UPDATES / 10, f"a sample of one sort proves little: {counted}"
