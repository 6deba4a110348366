"""What the readers of all platforms share: metadata, containers, pods, resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.platforms import draining

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from generator.convert.draft import Draft
    from generator.convert.parts import Part
    from generator.reading.documents import Path

FROM_THE_CLUSTER = (
    "creationTimestamp",
    "resourceVersion",
    "uid",
    "generation",
    "managedFields",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)
"""Metadata that the API server writes."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
OURS = "serinus.dev/"
LONGEST_NAME = 53
"""A service's name (generator.service.types, ``ServiceName``)."""


def metadata(draft: Draft, root: Part, handled: Collection[str] = ()) -> None:
    """Name, namespace, labels and annotations.

    Args:
        draft: Where they go.
        root: The manifest.
        handled: Annotations that the platform's own reader takes.
    """
    part = root / "metadata"
    for step in ("apiVersion", "kind", "status"):
        (root / step).take()
    for key in FROM_THE_CLUSTER:
        (part / key).take()
    for key in ("ownerReferences", "finalizers"):
        (part / key).lose("it belongs to the object on the cluster")
    name = part / "name"
    if written := name.text():
        fitting = service_name(written)
        draft.put(("name",), fitting, name)
        if fitting != written:
            name.source.lost[name.path] = f"a service's name is lower-case letters, digits and '-': it is {fitting} now"
    draft.put(("namespace",), (part / "namespace").text(), part / "namespace")
    texts(draft, ("labels",), part / "labels")
    texts(draft, ("annotations",), part / "annotations", handled)


def texts(draft: Draft, path: Path, part: Part, without: Collection[str] = ()) -> None:
    """A mapping of texts, each with its own origin; what is no text is lost."""
    if not part.mapping:
        part.take()
    for each in part.children():
        if each.key == LAST_APPLIED or each.key.startswith(OURS):
            each.take()
        elif each.key in without:
            continue
        elif isinstance(each.value, str):
            draft.put((*path, each.key), each.take(), each)
        else:
            each.lose("it is no text")


def service_name(written: str) -> str:
    """A name that a service may have: the same where it is one."""
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")
    if not name[:1].isalpha():
        name = f"m-{name}".rstrip("-")
    return written if re.fullmatch(r"[a-z]([-a-z0-9]{0,51}[a-z0-9])?", written) else name[:LONGEST_NAME].rstrip("-")


def variant_name(written: str) -> str:
    """A name that a variant may have: the same where it is one."""
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:63].rstrip("-")
    return written if re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", written) else name or "model"


def resources(draft: Draft, path: Path, part: Part) -> None:
    """Requests and limits of a container."""
    if not part.mapping:
        part.take()
    for kind in ("requests", "limits"):
        if (part / kind).mapping == {}:
            (part / kind).take()
        for each in (part / kind).children():
            value = each.value
            if isinstance(value, (str, int, float)) and not isinstance(value, bool):
                draft.put((*path, kind, each.key), str(each.take()), each)


def container(draft: Draft, path: Path, part: Part, without: Collection[str] = ()) -> None:
    """A container's own fields, in Kubernetes' words; its resources have a place of their own.

    Args:
        draft: Where they go.
        path: The fragment's path in the service file.
        part: The container.
        without: Keys beside ``name`` and ``resources`` that are read elsewhere.
    """
    for each in part.children():
        if each.key == "lifecycle" and _is_our_wait(draft, each):
            each.take()
        elif each.key not in ("name", "resources", *without) and each.value is not None:
            draft.put((*path, each.key), each.take(), each)


def _is_our_wait(draft: Draft, hook: Part) -> bool:
    """Whether a hook is the one that is rendered anyway, where KServe is in mode standard."""
    standard = (draft.get("platform", "kind"), draft.get("platform", "mode")) == ("kserve", "standard")
    return standard and bool(hook.value == draining.lifecycle({}, {}))


def pod(draft: Draft, path: Path, part: Part, known: Callable[[str], bool]) -> None:
    """A pod's own fields, in Kubernetes' words.

    Args:
        draft: Where they go.
        path: The fragment's path in the service file.
        part: What holds the pod's fields.
        known: Whether a key is a pod's, and not what has a place of its own.
    """
    for each in part.children():
        if known(each.key) and each.value is not None:
            draft.put((*path, each.key), each.take(), each)


POD_FIELDS = frozenset(
    (
        "activeDeadlineSeconds",
        "affinity",
        "automountServiceAccountToken",
        "dnsConfig",
        "dnsPolicy",
        "enableServiceLinks",
        "hostAliases",
        "hostIPC",
        "hostNetwork",
        "hostPID",
        "hostUsers",
        "hostname",
        "hostnameOverride",
        "imagePullSecrets",
        "initContainers",
        "nodeName",
        "nodeSelector",
        "os",
        "overhead",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "readinessGates",
        "resourceClaims",
        "restartPolicy",
        "runtimeClassName",
        "schedulerName",
        "schedulingGates",
        "securityContext",
        "setHostnameAsFQDN",
        "shareProcessNamespace",
        "subdomain",
        "terminationGracePeriodSeconds",
        "tolerations",
        "topologySpreadConstraints",
        "volumes",
    )
)
"""Fields of a pod (Kubernetes 1.34, core/v1 PodSpec) that the service file hands on under ``pod``."""


def scalars(value: Any) -> dict[str, str]:
    """A mapping of single values as texts, as a server reads them from its flags or JSON."""
    if not isinstance(value, dict):
        return {}
    return {
        str(key): str(each).lower() if isinstance(each, bool) else str(each)
        for key, each in value.items()
        if isinstance(each, (str, int, float))
    }
