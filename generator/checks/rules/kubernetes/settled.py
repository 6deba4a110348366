"""Parts of objects as the API server stores them, so that what is written can be compared with what was.

Defaults are filled in, and what Go can't tell from nothing is left out. Source: ``pkg/apis/core/v1/defaults.go`` of
Kubernetes, and the types of k8s.io/api: a field that is no pointer there has no difference between nothing and zero.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.resources import milli, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NO_POINTERS = frozenset(
    (
        *("hostIPC", "hostNetwork", "hostPID", "readOnly", "stdin", "stdinOnce", "tty"),
        *("hostPort", "initialDelaySeconds", "port", "weight", "lun", "partition"),
    )
)
"""Switches and numbers of which false and 0 are nothing."""
_MAPS = frozenset(
    (
        *("labels", "annotations", "matchLabels", "nodeSelector", "limits", "requests", "overhead", "options"),
        *("parameters", "volumeAttributes", "capacity"),
    )
)
"""Mappings with free keys, of which an empty one is nothing; of others it isn't."""
_LISTS_OF_RESOURCES = frozenset(("limits", "requests", "overhead", "capacity"))
_QUANTITIES = frozenset(("divisor", "sizeLimit"))
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::[0-9]+)?)"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*(?::(?P<tag>[\w][\w.-]{{0,127}}))?(?:@(?P<digest>[A-Za-z][\w.+-]*:[0-9a-fA-F]{{32,}}))?",
    re.ASCII,
)
"""An image's name. Source: ``regexp.go`` of github.com/distribution/reference."""
_CONTAINER_LISTS = ("containers", "initContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_HTTP = {"path": "/", "scheme": "HTTP"}
_MODE = {"defaultMode": 420}
_SOURCES: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("secret", "configMap", "downwardAPI", "projected"), _MODE),
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "iscsi": {"iscsiInterface": "default"},
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
"""What the sources of volumes have by default."""
_COPIED = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
"""What a claim may be a copy of by its old field; anything else there is dropped."""


def settled(value: Any, key: str = "") -> Any:
    """A value without what means nothing, and with quantities as numbers.

    Args:
        value: Part of an object.
        key: The field that it stands in.
    """
    if isinstance(value, dict):
        if key in _LISTS_OF_RESOURCES:
            return {name: milli(item) for name, item in value.items()}
        found = {name: settled(item, name) for name, item in value.items()}
        return {name: item for name, item in found.items() if not _nothing(item, name)}
    if isinstance(value, list):
        return [{} if item is None else settled(item) for item in value]
    if key in _QUANTITIES:
        return number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _nothing(value: Any, key: str) -> bool:
    if isinstance(value, dict):
        return not value and key in _MAPS
    if isinstance(value, list):
        return not value
    return value is None or value == "" or (key in _NO_POINTERS and not value)


def same(new: Any, old: Any, key: str = "") -> bool:
    """Whether two parts are stored alike."""
    return bool(_plain(settled(new, key), key) == _plain(settled(old, key), key))


def _plain(value: Any, key: str) -> Any:
    return None if _nothing(value, key) else value


def with_defaults(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping in which missing, null and empty fields have their defaults."""
    missing = {name: default for name, default in defaults.items() if value.get(name) in (None, "", 0)}
    return {**value, **missing} if missing else dict(value)


def _each(value: Mapping[str, Any], lists: Iterable[str], change: Any) -> dict[str, Any]:
    """A mapping in which the items of some lists are changed; what is no mapping there stays."""
    found = dict(value)
    for name in lists:
        items = value.get(name)
        if isinstance(items, list):
            found[name] = [change(item) if isinstance(item, dict) else item for item in items]
    return found


def pod_template(template: Any) -> Any:
    """The template of pods as it is stored."""
    if not isinstance(template, dict) or not isinstance(template.get("spec"), dict):
        return template
    return {**template, "spec": pod_spec(template["spec"])}


def pod_spec(spec: Mapping[str, Any], *, of_pod: bool = False) -> dict[str, Any]:
    """The specification of a pod as it is stored.

    Args:
        spec: As it was written.
        of_pod: Whether it stands in a Pod, and not in a template: more is filled in then.
    """
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or ("default" if of_pod else None)
    defaults = {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
    found = with_defaults(spec, {**defaults, "serviceAccountName": account, "serviceAccount": account})
    for name, default in (("securityContext", {}), ("terminationGracePeriodSeconds", 30)):
        found[name] = default if spec.get(name) is None else spec[name]
    if of_pod:
        if spec.get("enableServiceLinks") is None:
            found["enableServiceLinks"] = True
        grace = found["terminationGracePeriodSeconds"]
        found["terminationGracePeriodSeconds"] = 1 if isinstance(grace, int) and grace < 0 else grace
    on_host = spec.get("hostNetwork") is True

    def stored(one: Mapping[str, Any]) -> dict[str, Any]:
        return _container(one, on_host=on_host, of_pod=of_pod)

    return _each(_each(found, _CONTAINER_LISTS, stored), ("volumes",), _volume)


def _container(one: Mapping[str, Any], *, on_host: bool, of_pod: bool) -> dict[str, Any]:
    found = with_defaults(
        one,
        {
            "imagePullPolicy": _pull_policy(one.get("image")),
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        },
    )

    def port(item: Mapping[str, Any]) -> dict[str, Any]:
        host = {"hostPort": item.get("containerPort")} if on_host else {}
        return with_defaults(item, {"protocol": "TCP", **host})

    found = _each(_each(found, ("ports",), port), ("env",), _variable)
    for name in _PROBES:
        if isinstance(one.get(name), dict):
            found[name] = _handler(with_defaults(one[name], _PROBE))
    if isinstance(one.get("lifecycle"), dict):
        hooks = one["lifecycle"].items()
        found["lifecycle"] = {name: _handler(hook) if isinstance(hook, dict) else hook for name, hook in hooks}
    resources = one.get("resources")
    if of_pod and isinstance(resources, dict) and isinstance(resources.get("limits"), dict):
        requests = resources.get("requests") if isinstance(resources.get("requests"), dict) else {}
        found["resources"] = {**resources, "requests": {**resources["limits"], **(requests or {})}}
    if found.get("resources") in ({}, None):
        found.pop("resources", None)
    return found


def _pull_policy(image: Any) -> str:
    return "Always" if isinstance(image, str) and _is_latest(image) else "IfNotPresent"


def _is_latest(image: str) -> bool:
    """Whether an image has no tag and no digest, or is tagged so; what is no image's name isn't."""
    found = _IMAGE.fullmatch(image)
    return found is not None and (found["tag"] == "latest" or not (found["tag"] or found["digest"]))


def _handler(value: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(value)
    if isinstance(value.get("httpGet"), dict):
        found["httpGet"] = with_defaults(value["httpGet"], _HTTP)
    return found


def _variable(value: Mapping[str, Any]) -> dict[str, Any]:
    source = value.get("valueFrom")
    return {**value, "valueFrom": _of_the_pod(source)} if isinstance(source, dict) else dict(value)


def _of_the_pod(value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping that may name a field of the pod."""
    field = value.get("fieldRef")
    return {**value, "fieldRef": with_defaults(field, {"apiVersion": "v1"})} if isinstance(field, dict) else dict(value)


def _volume(value: Mapping[str, Any]) -> dict[str, Any]:
    if not any(isinstance(source, dict) for source in value.values()):
        return {**value, "emptyDir": {}}
    return volume_source(value)


def volume_source(value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping with the source of a volume in it, with that source's defaults."""
    found = dict(value)
    for name, defaults in _SOURCES.items():
        source = value.get(name)
        if isinstance(source, dict):
            # Zero is a mode of its own.
            missing = {field: default for field, default in defaults.items() if source.get(field) in (None, "")}
            found[name] = {**source, **missing}
    if isinstance(found.get("downwardAPI"), dict):
        found["downwardAPI"] = _each(found["downwardAPI"], ("items",), _of_the_pod)
    if isinstance(found.get("projected"), dict):
        found["projected"] = _each(found["projected"], ("sources",), _projected)
    template = found["ephemeral"].get("volumeClaimTemplate") if isinstance(found.get("ephemeral"), dict) else None
    if isinstance(template, dict):
        found["ephemeral"] = {**found["ephemeral"], "volumeClaimTemplate": claim_template(template)}
    image = found.get("image")
    if isinstance(image, dict):
        found["image"] = with_defaults(image, {"pullPolicy": _pull_policy(image.get("reference"))})
    return found


def _projected(value: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(value)
    if isinstance(value.get("downwardAPI"), dict):
        found["downwardAPI"] = _each(value["downwardAPI"], ("items",), _of_the_pod)
    token = value.get("serviceAccountToken")
    if isinstance(token, dict) and token.get("expirationSeconds") is None:
        found["serviceAccountToken"] = {**token, "expirationSeconds": 3600}
    return found


def _claim(spec: Any) -> Any:
    """The specification of a claim with its defaults."""
    if not isinstance(spec, dict):
        return spec
    found = with_defaults(spec, {"volumeMode": "Filesystem"})
    if found.get("resources") in ({}, None):
        found.pop("resources", None)
    return found


def claim_spec(spec: Any) -> Any:
    """The specification of a claim as it is stored."""
    found = _claim(spec)
    if not isinstance(spec, dict):
        return spec
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if isinstance(reference, dict) and reference.get("namespace"):
        # Without CrossNamespaceVolumeDataSource, which nobody has by default, the server drops it.
        reference = found["dataSourceRef"] = None
    if reference is None and isinstance(source, dict) and _from(source) not in _COPIED:
        source = found["dataSource"] = None
    if isinstance(source, dict) and reference is None:
        found["dataSourceRef"] = source
    elif isinstance(reference, dict) and source is None:
        found["dataSource"] = reference
    return found


def _from(source: Mapping[str, Any]) -> tuple[str, Any]:
    return source.get("apiGroup") or "", source.get("kind")


def claim_template(template: Any) -> Any:
    """A claim in a StatefulSet as it is stored; there it has no type."""
    if not isinstance(template, dict):
        return template
    kept = {key: value for key, value in template.items() if key not in ("apiVersion", "kind", "status")}
    return {**kept, "spec": _claim(template.get("spec"))}
