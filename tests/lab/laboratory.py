"""The lab: an API server, Kubernetes' own controllers, a stand-in for kubelets, and the controllers of platforms.

All of it runs on loopback in a network namespace of its own, and ends with the block that started it::

    with laboratory.started(tmp_path, kserve="0.20") as found:
        found.apply(documents)
        found.settle()
        found.children(document)
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, Request, build_opener

import apiserver
import kserve_manager
import namespaces
import processes
import programs
import seldon_operator
from objects import SPOKEN, Objects, descendants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from asking import Answer

PODS = "10.244.0.0/16"
"""The addresses of pods; EndpointSlices take none of 127.0.0.0/8."""
HOST = "10.244.0.1"
"""Where the API server answers; no pod gets this address."""
CONTROL = f"{HOST}:10255"
CONTROLLERS = (
    "deployment",
    "replicaset",
    "statefulset",
    "endpointslice",
    "garbage-collector",
    "horizontal-pod-autoscaler",
    "disruption",
    "namespace",
    "serviceaccount",
)


@dataclass(frozen=True)
class Lab:
    """A lab that runs.

    Attributes:
        objects: The admin's connection.
        network: Where its addresses are; ``with network.entered()`` to open a socket of one's own there.
        kubeconfig: For programs that are started in the network.
        folder: Logs of all programs, and their files.
    """

    objects: Objects
    network: namespaces.Network
    kubeconfig: Path
    folder: Path

    def apply(self, documents: Iterable[Mapping[str, Any]]) -> list[Answer]:
        """Apply documents in their order, as ``kubectl apply`` does; refusals are among the answers."""
        return [self.objects.apply(one) for one in documents]

    def settle(self, within: float = 300.0) -> None:
        """Until no controller writes anything any more."""
        self.objects.settle(within)

    def everything(self) -> list[dict[str, Any]]:
        """All objects of the cluster, without events and leases, each in the version that its group prefers."""
        found: dict[str, dict[str, Any]] = {}
        for version, kind, resource in self.objects.kinds():
            if resource.namespaced and (version, kind) not in SPOKEN:
                for one in self.objects.every(version, kind):
                    found.setdefault(one["metadata"]["uid"], one)
        return list(found.values())

    def children(self, root: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The objects of its namespace that the controllers made of an object, and of its children."""
        stored = self.objects.look(root)
        assert stored, f"{root.get('kind')} {root['metadata']['name']} is not there"
        namespace = stored["metadata"]["namespace"]
        inside = (
            one
            for version, kind, resource in self.objects.kinds()
            if resource.namespaced and (version, kind) not in SPOKEN
            for one in self.objects.every(version, kind, namespace)
        )
        return descendants(stored["metadata"]["uid"], inside)

    def pods(self, namespace: str, labels: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """The pods with these labels."""
        wanted = (labels or {}).items()
        every = self.objects.every("v1", "Pod", namespace)
        return [one for one in every if wanted <= (one["metadata"].get("labels") or {}).items()]

    def ready(self, namespace: str, labels: Mapping[str, str] | None = None) -> list[str]:
        """The names of the pods that are Ready and aren't being deleted."""
        return sorted(one["metadata"]["name"] for one in self.pods(namespace, labels) if is_ready(one))

    def behave(self, *rules: Mapping[str, Any]) -> None:
        """How pods behave from now on; the first rule that matches a pod counts.

        Args:
            rules: ``namespace`` and ``labels`` say whose; ``serve`` (its container ports and ``ports`` answer HTTP), ``delay``
                (seconds), ``status``, ``readyAfter`` (seconds), ``unready``, ``drain`` (seconds that its ports stay
                open after the signal to end). What each means stands in ``servers/own/kubelet/rules.go``.
        """
        file = self.folder / "behaviour.json"
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(rules), encoding="utf-8")
        fresh.rename(file)

    def counts(self, *, anew: bool = False) -> dict[str, int]:
        """How many requests each pod got, by ``namespace/name``; ``anew`` begins to count again."""
        return dict(self._control("", "DELETE" if anew else "GET"))

    def numbers(self) -> dict[str, dict[str, int] | None]:
        """How often each pod got each request with a header ``x-number``: a copy of a request has the same number."""
        return dict(self._control("numbers", "GET"))

    def _control(self, path: str, method: str) -> dict[str, Any]:
        request = Request(f"http://{CONTROL}/{path}", method=method)
        with self.network.entered(), build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


def is_ready(pod: Mapping[str, Any]) -> bool:
    """A pod is Ready, and nobody deletes it."""
    conditions = pod.get("status", {}).get("conditions") or ()
    return "deletionTimestamp" not in pod["metadata"] and any(
        one["type"] == "Ready" and one["status"] == "True" for one in conditions
    )


@contextlib.contextmanager
def started(
    folder: Path,
    *,
    kserve: str = "",
    seldon_core_1: Mapping[str, str] | None = None,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    crds: Iterable[dict[str, Any]] = (),
    autoscaling: bool = True,
    llm: bool = True,
) -> Iterator[Lab]:
    """A lab, from nothing; where it can't be had the test is skipped with the reason.

    Args:
        folder: An empty one, for logs and files.
        kserve: A release of ``kserve_manager.RELEASES`` whose manager runs.
        seldon_core_1: Its operator runs, and this is set in its environment otherwise than its manifests say.
        config: What is changed in KServe's ConfigMap: entry, then the keys of its JSON.
        crds: More CRDs to install.
        llm: With KServe runs the manager of LLMInferenceServices, from 0.16 on.
        autoscaling: The HorizontalPodAutoscaler's controller runs, which finds no metrics here.
    """
    own = programs.built("own")
    ours = seldon_operator.crds() if seldon_core_1 is not None else ()
    known = {crd["metadata"]["name"]: crd for crd in (*ours, *crds)}
    if kserve:
        known = {**kserve_manager.installed_by(kserve).crds, **known}
    with bare(folder, known.values()) as found, contextlib.ExitStack() as stack:
        found.behave()
        with found.network.entered():
            if kserve:
                stack.enter_context(kserve_manager.started(found, kserve, config or {}, llm=llm))
            if seldon_core_1 is not None:
                stack.enter_context(seldon_operator.started(found, seldon_core_1))
            stack.enter_context(_kubelet(found, own))
            stack.enter_context(_controllers(found, own, autoscaling=autoscaling))
        yield found


@contextlib.contextmanager
def bare(folder: Path, crds: Iterable[dict[str, Any]]) -> Iterator[Lab]:
    """An API server with CRDs, in a network of its own, and nothing else."""
    namespaces.demand()
    servers = apiserver.built()
    with contextlib.ExitStack() as stack:
        network = stack.enter_context(namespaces.network(PODS))
        (folder / "server").mkdir(parents=True)
        with network.entered():
            address = stack.enter_context(apiserver.started(servers, folder / "server", HOST))
        objects = stack.enter_context(contextlib.closing(Objects(address, network)))
        objects.wait_until_ready()
        objects.discover()
        objects.install(crds)
        yield Lab(objects, network, address.kubeconfig(folder / "kubeconfig"), folder)


@contextlib.contextmanager
def _kubelet(found: Lab, own: Path) -> Iterator[None]:
    log = found.folder / "kubelet.log"
    command = [own / "kubelet", f"--kubeconfig={found.kubeconfig}", f"--behaviour={found.folder / 'behaviour.json'}"]
    options = [f"--addresses={PODS}", f"--control={CONTROL}"]
    with processes.running(log, *command, *options, leashed=False) as process:
        processes.until(lambda: processes.listens(CONTROL), process, log)
        yield


@contextlib.contextmanager
def _controllers(found: Lab, own: Path, *, autoscaling: bool) -> Iterator[None]:
    log = found.folder / "controllers.log"
    names = [f"{one}-controller" for one in CONTROLLERS if autoscaling or one != "horizontal-pod-autoscaler"]
    command = [
        own / "controllers",
        f"--kubeconfig={found.kubeconfig}",
        f"--controllers={','.join(names)}",
        "--leader-elect=false",
        "--secure-port=0",
        "--kube-api-qps=2000",
        "--kube-api-burst=4000",
        "--concurrent-deployment-syncs=20",
        "--concurrent-replicaset-syncs=20",
        "--concurrent-endpoint-syncs=20",
    ]
    with processes.running(log, *command) as process:
        processes.until(lambda: "Caches are synced" in log.read_text(errors="replace"), process, log)
        yield
