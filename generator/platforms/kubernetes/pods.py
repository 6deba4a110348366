"""The pods of a variant: the server's container, what stands beside it, and the user's own fields over both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms import access, draining
from generator.platforms.fragments import laid, listed
from generator.platforms.kubernetes import store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.plan.plan import Share
    from generator.platforms.kubernetes.servers.base import Probe, Run
    from generator.platforms.kubernetes.workload import Workload
    from generator.service import Service

CONTAINER = "model-server"
VOLUMES = (store.VOLUME, store.CREDENTIALS, "tmp", "config", "shared-memory")
"""What the pods have of ours, by the strategy of fetching and the server."""
PERIOD = 10
"""Seconds between two probes."""


def container(share: Share, run: Run) -> dict[str, Any]:
    """The server's container but for its volumes, the user's fields laid over ours."""
    optional = {
        "command": list(run.command),
        "args": list(run.args),
        "env": [{"name": name, "value": value} for name, value in run.env.items()],
    }
    security: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    if run.read_only:
        security["readOnlyRootFilesystem"] = True
    ours = {
        "name": CONTAINER,
        "image": run.image,
        **{key: value for key, value in optional.items() if value},
        "ports": [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in run.ports.items()],
        **({"resources": share.resources.mapping} if share.resources.mapping else {}),
        "startupProbe": _asked(run.startup, run.start // PERIOD),
        "readinessProbe": _asked(run.readiness, 3),
        "livenessProbe": _asked(run.liveness, run.patience),
        "lifecycle": draining.lifecycle(share.container.get("lifecycle"), share.pod),
        "securityContext": security,
    }
    users = {
        **share.container,
        **({"ports": _named(share.container["ports"], run)} if "ports" in share.container else {}),
    }
    return laid({key: value for key, value in _cleared(ours, users).items() if value}, users)


def _named(ports: Any, run: Run) -> list[dict[str, Any]]:
    """The user's ports; one of ours that they tell by its number alone has our name."""
    ours = {number: name for name, number in run.ports.items()}
    result = []
    for each in listed(ports):
        number = each.get("containerPort")
        mine = ours.get(number) if isinstance(number, int) and "name" not in each else None
        result.append({"name": mine, **each} if mine else each)
    return result


def _asked(probe: Probe, failures: int) -> dict[str, Any]:
    """A probe and how often it is asked. A second, the default, is little for a server that computes."""
    usual = {"periodSeconds": PERIOD, "timeoutSeconds": 5, "failureThreshold": failures}
    return {**probe, **{key: value for key, value in usual.items() if key not in probe}}


def _cleared(ours: Mapping[str, Any], users: Mapping[str, Any]) -> dict[str, Any]:
    """Ours without the ways that the user's take the place of."""
    result = dict(ours)
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        result[key] = _without_handler(ours[key], users.get(key))
    return result


def _without_handler(ours: Mapping[str, Any], users: Any) -> dict[str, Any]:
    if not isinstance(users, dict) or not draining.HANDLERS & users.keys():
        return dict(ours)
    return {key: value for key, value in ours.items() if key not in draining.HANDLERS}


def spec(service: Service, workload: Workload) -> dict[str, Any]:
    """The pods' own fields, the user's laid over ours."""
    run = workload.run
    source = store.source(service, workload.uri)
    volumes, mounts = _volumes(workload, source)
    account = access.account_name(service)
    security: dict[str, Any] = {"runAsNonRoot": True}
    if run.user is not None:
        security["runAsUser"] = run.user
    security["seccompProfile"] = {"type": "RuntimeDefault"}
    ours: dict[str, Any] = {
        **({"serviceAccountName": account} if account else {}),
        # Nothing in the pod speaks with the API server. A cloud's identity has a token of its own.
        "automountServiceAccountToken": False,
        # Variables like MLSERVER_PORT, made of the namespace's Services, would be taken for settings.
        "enableServiceLinks": False,
        "securityContext": security,
        "terminationGracePeriodSeconds": max(run.grace, draining.DRAIN + draining.longest(service)),
        "topologySpreadConstraints": [
            _spread(workload, key) for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        **({"imagePullSecrets": [{"name": source.pull_secret}]} if source.pull_secret else {}),
        **({"initContainers": [source.init]} if source.init else {}),
        "containers": [laid({**workload.container, "volumeMounts": mounts}, _only(workload.container, "volumeMounts"))],
        "volumes": _unless_theirs(volumes, workload.share.pod.get("volumes", ())),
    }
    return laid(ours, workload.share.pod)


def _spread(workload: Workload, key: str) -> dict[str, Any]:
    """Pods apart from one another where that is possible; without this two may share a node, and fall with it.

    The label of the pod's template keeps the old pods of an update out of the count.
    """
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": workload.selector},
        "matchLabelKeys": ["pod-template-hash"],
    }


def _volumes(workload: Workload, source: store.Source) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Volumes, and where the server's container sees them."""
    run = workload.run
    volumes, mounts = list(source.volumes), [source.mount] if source.mount else []
    volumes.append({"name": "tmp", "emptyDir": {}})
    mounts.append({"name": "tmp", "mountPath": "/tmp"})  # noqa: S108 (a volume of the pod's own)
    if run.files:
        volumes.append({"name": "config", "configMap": {"name": workload.config_name}})
        mounts.append({"name": "config", "mountPath": run.folder, "readOnly": True})
    if run.shared_memory:
        volumes.append({"name": "shared-memory", "emptyDir": {"medium": "Memory"}})
        mounts.append({"name": "shared-memory", "mountPath": "/dev/shm"})  # noqa: S108 (likewise)
    return volumes, mounts


def _only(fields: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: fields[key]} if key in fields else {}


def _unless_theirs(volumes: Iterable[Mapping[str, Any]], users: Any) -> list[dict[str, Any]]:
    """Our volumes, without their source where the user's volume of that name has another one: only one may be there."""
    theirs = {str(each.get("name")): each for each in listed(users)}
    result = []
    for volume in volumes:
        others = theirs.get(volume["name"], {}).keys() - volume.keys()
        result.append({"name": volume["name"]} if others else dict(volume))
    return result
