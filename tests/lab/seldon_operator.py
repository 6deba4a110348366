"""Seldon Core 1's own operator: the newest under the Apache licence, 1.16.0, with the newest CRD that is beside the project."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import certificates
import manifests
import processes
import programs
from installed import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from laboratory import Lab

PROGRAM = "seldon-core-1"
MODULE = "github.com/seldonio/seldon-core/operator"
NAMESPACE = "seldon-system"
CRDS = "1.18.2"
NEIGHBOURS = ("istio/1.30.3", "keda/2.20.2")


def crds() -> Iterator[dict[str, Any]]:
    """Its own and those of what it writes."""
    for product in (f"seldon-core-1/{CRDS}", *NEIGHBOURS):
        for file in sorted((SHARED / "crds" / product).glob("*.json")):
            yield json.loads(file.read_text(encoding="utf-8"))


@contextlib.contextmanager
def started(lab: Lab, environment: Mapping[str, str]) -> Iterator[None]:
    """The operator, set up as its own Deployment is; called within the lab's network.

    Args:
        lab: The lab, with ``crds`` installed.
        environment: What is set otherwise.
    """
    built = programs.built(PROGRAM, "tool")
    config = programs.module(PROGRAM, MODULE) / "config"
    manifests.make(lab, [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}])
    (settings,) = manifests.of_file(config / "manager" / "configmap.yaml")
    # The names that its kustomization gives.
    metadata = {"name": f"seldon-{settings['metadata']['name']}", "namespace": NAMESPACE}
    manifests.make(lab, [{**settings, "metadata": metadata}])
    folder = lab.folder / "operator"
    port, address = manifests.webhook_server(folder)
    command = [
        built / "operator",
        f"--kubeconfig={lab.kubeconfig}",
        "--metrics-addr=0",
        f"--webhook-port={port}",
        f"--operator-namespace={NAMESPACE}",
    ]
    deployment = manifests.of_file(config / "manager" / "manager.yaml")[1]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    shipped = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    own = {"POD_NAMESPACE": NAMESPACE, "TMPDIR": str(folder), "HOME": str(folder)}
    log = lab.folder / "operator.log"
    with processes.running(log, *command, environment={**shipped, **own, **environment}) as process:
        processes.until(lambda: processes.listens(f"{certificates.HOST}:{port}"), process, log)
        for webhook in manifests.of_file(config / "webhook" / "manifests.yaml"):
            hooks = {one["clientConfig"]["service"]["name"]: address for one in webhook["webhooks"]}
            if found := manifests.directed(webhook, hooks):
                manifests.make(lab, [found])
        yield
