"""KServe's own managers and webhooks, installed as its release's manifests say, without a cluster's certificates.

Everything is read out of the module: the manifests that users apply (``install/``), and the CRDs of other products that
KServe itself is tested with (``test/crds``), where the folder beside the project has none.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import apiserver
import certificates
import manifests
import processes
import programs
import standins
from installed import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from laboratory import Lab

RELEASES = {"0.15": "0.15.2", "0.16": "0.16.0", "0.17": "0.17.0", "0.19": "0.19.0", "0.20": "0.20.0"}
"""The releases whose module can be had."""
MODULE = "github.com/kserve/kserve"
NEWEST = "0.20"
"""Its module holds the manifests of all releases before it; 0.17.0's own has none of its own."""
NAMESPACE = "kserve"
CONFIG = "inferenceservice-config"
NEIGHBOURS = ("gateway-api-experimental/1.6.1", "istio/1.30.3", "keda/2.20.2", "knative-serving/1.23.0")
"""What is beside the project, of the kinds that KServe writes."""
LLM = "llmisvc"
SERVICES = {"kserve-webhook-server-service": "manager", "llmisvc-webhook-server-service": LLM}
"""Which program answers for a Service of the manifests."""


CRD = "\nkind: CustomResourceDefinition\n"
NAME = re.compile(r"^  name: (\S+)$", re.MULTILINE)
"""``metadata.name`` of a manifest; to read all of it takes seconds."""


@dataclass(frozen=True)
class Install:
    """What a release is installed by."""

    crds: dict[str, dict[str, Any]]
    webhooks: list[dict[str, Any]]
    config: dict[str, Any]
    resources: list[dict[str, Any]]


@functools.cache
def installed_by(release: str) -> Install:
    """What a release is installed by, and the CRDs of its neighbours."""
    home = programs.module(f"kserve-{NEWEST}", MODULE)
    folder = home / "install" / f"v{RELEASES[release]}"
    every = [
        one for file in ("kserve.yaml", "kserve-cluster-resources.yaml") for one in manifests.of_file(folder / file)
    ]
    crds = {one["metadata"]["name"]: one for one in every if one["kind"] == "CustomResourceDefinition"}
    for product in NEIGHBOURS:
        for file in sorted((SHARED / "crds" / product).glob("*.json")):
            crd = json.loads(file.read_text(encoding="utf-8"))
            crds.setdefault(crd["metadata"]["name"], crd)
    for file in sorted((home / "test" / "crds").glob("*.yaml")):
        for text in file.read_text(encoding="utf-8").split("\n---\n"):
            name = NAME.search(text)
            if name and name[1] not in crds and CRD in text:
                crds.update({one["metadata"]["name"]: one for one in manifests.objects(text)})
    return Install(
        crds,
        [one for one in every if one["kind"].endswith("WebhookConfiguration")],
        next(one for one in every if one["metadata"]["name"] == CONFIG),
        [one for one in every if one["apiVersion"].startswith("serving.kserve.io/")],
    )


@contextlib.contextmanager
def started(lab: Lab, release: str, config: Mapping[str, Mapping[str, Any]], *, llm: bool) -> Iterator[None]:
    """The managers of a release, with all that it installs; called within the lab's network.

    Args:
        lab: The lab, with the release's CRDs.
        release: One of ``RELEASES``.
        config: What is changed in its ConfigMap: entry, then the keys of its JSON.
        llm: The manager of LLMInferenceServices runs too.
    """
    built, found = programs.built(f"kserve-{release}", "tool"), installed_by(release)
    manifests.make(lab, [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}])
    manifests.make(lab, [configured(found.config, config), *standins.SETTINGS, GATEWAY])
    with contextlib.ExitStack() as stack:
        hooks: dict[str, dict[str, str]] = {}
        for service, program in SERVICES.items():
            if (built / program).exists() and (llm or program != LLM):
                hooks[service] = stack.enter_context(_manager(lab, built / program, more=program == LLM))
        manifests.make(lab, (one for webhook in found.webhooks if (one := manifests.directed(webhook, hooks))))
        for crd in found.crds.values():
            client = crd["spec"].get("conversion", {}).get("webhook", {}).get("clientConfig", {}).get("service", {})
            if client.get("name") in hooks:
                lab.objects.hook(crd, hooks[client["name"]])
        manifests.make(lab, found.resources)
        yield


GATEWAY = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "kserve-ingress-gateway", "namespace": NAMESPACE},
    "spec": {"gatewayClassName": "lab", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]},
}
"""What KServe's ConfigMap names; LLMInferenceServices get no route where it isn't there."""


def configured(config: dict[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """KServe's ConfigMap with some keys changed."""
    data = dict(config["data"])
    for entry, keys in changes.items():
        data[entry] = json.dumps({**json.loads(data.get(entry, "{}")), **keys})
    return {**config, "data": data}


@contextlib.contextmanager
def _manager(lab: Lab, program: Path, *, more: bool) -> Iterator[dict[str, str]]:
    """One of the managers; gives where its webhooks are."""
    (probes,) = apiserver.free_ports(1)
    folder = lab.folder / program.name
    hooks, address = manifests.webhook_server(folder)
    log = lab.folder / f"{program.name}.log"
    command: list[str | Path] = [
        program,
        f"--kubeconfig={lab.kubeconfig}",
        "--metrics-addr=0",
        f"--webhook-port={hooks}",
        f"--health-probe-addr={certificates.HOST}:{probes}",
    ]
    if more:
        command.append("--metrics-secure=false")
    environment = {"POD_NAMESPACE": NAMESPACE, "TMPDIR": str(folder), "HOME": str(folder)}
    with processes.running(log, *command, environment=environment) as process:
        processes.until(lambda: processes.listens(f"{certificates.HOST}:{hooks}"), process, log)
        yield address
