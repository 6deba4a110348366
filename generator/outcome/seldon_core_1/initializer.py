"""The init container that fetches a model (model_initializer_injector.go, ``InjectModelInitializer``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.part import Part
from generator.outcome.seldon_core_1.container import MOUNTED
from generator.outcome.seldon_core_1.deployment import container_of
from generator.outcome.seldon_core_1.names import LONGEST
from generator.outcome.seldon_core_1.values import items, name_of

if TYPE_CHECKING:
    from generator.outcome.part import Tree
    from generator.outcome.seldon_core_1.settings import Settings

CLAIM, CLAIM_MOUNT, CLAIM_SCHEME = "kfserving-pvc-source", "/mnt/pvc", "pvc://"


def inject(made: Tree, name: str, of: Part, settings: Settings) -> None:
    """Let a container of a Deployment have its model fetched.

    Args:
        made: The Deployment.
        name: The container's.
        of: What says ``modelUri``, ``envSecretRefName`` and ``storageInitializerImage``: a unit or an explainer.
        settings: What the operator is told.
    """
    address, container = of.get("modelUri"), container_of(made, name)
    if not of.text("modelUri") or container is None or address is None:
        return
    spec = made["spec"]["template"]["spec"]
    volume, init = _shortened(f"{name}-provision-location"), _shortened(f"{name}-model-initializer")
    there = items(spec.get("initContainers"))
    if any(name_of(each) == init for each in there):
        _mount(container, volume, MOUNTED)
        return
    volumes, mounts = items(spec.get("volumes")), []
    source: Tree = address
    if of.text("modelUri").startswith(CLAIM_SCHEME):
        claim, _, path = of.text("modelUri").removeprefix(CLAIM_SCHEME).partition("/")
        volumes.append({"name": CLAIM, "persistentVolumeClaim": {"claimName": Part(claim, address.origin)}})
        mounts.append({"name": CLAIM, "mountPath": CLAIM_MOUNT, "readOnly": True})
        _mount(container, CLAIM, CLAIM_MOUNT)
        source = Part(f"{CLAIM_MOUNT}/{path}", address.origin)
    volumes.append({"name": volume, "emptyDir": {}})
    mounts.append({"name": volume, "mountPath": MOUNTED})
    _mount(container, volume, MOUNTED)
    spec["volumes"] = volumes
    config = settings.config["storageInitializer"]
    spec["initContainers"] = [
        *there,
        {
            "name": init,
            "image": of.get("storageInitializerImage") or config.get("image"),
            "imagePullPolicy": "IfNotPresent",
            "args": [source, MOUNTED],
            "volumeMounts": mounts,
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "resources": {
                "limits": {"cpu": config.get("cpuLimit"), "memory": config.get("memoryLimit")},
                "requests": {"cpu": config.get("cpuRequest"), "memory": config.get("memoryRequest")},
            },
            "envFrom": secret_variables(of, settings),
        },
    ]


def secret_variables(of: Part, settings: Settings) -> list[Tree] | None:
    """The Secret whose keys become variables; None where none is named."""
    name = of.get("envSecretRefName") or settings.environment["PREDICTIVE_UNIT_DEFAULT_ENV_SECRET_REF_NAME"]
    return [{"secretRef": {"name": name}}] if name else None


def _shortened(name: str) -> str:
    return name[:LONGEST].removesuffix("-") if len(name) > LONGEST else name


def _mount(container: dict[str, Tree], volume: str, path: str) -> None:
    mounts = items(container.get("volumeMounts"))
    if not any(name_of(each) == volume for each in mounts):
        container["volumeMounts"] = [*mounts, {"name": volume, "mountPath": path, "readOnly": True}]
