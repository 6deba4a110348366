"""ConfigMaps and Secrets."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.objects import CORE, keys, refusal, said
from generator.checks.rules.kubernetes.syntax import is_config_key
from generator.checks.structure.typed import is_base64
from generator.checks.subject import kind_of, mapping, text
from generator.schemas.kinds import CONFIG_MAP, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

LIMIT = 1024 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"
_NEEDS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
EXAMPLE = """
apiVersion: v1
kind: Secret
metadata:
  name: gateway
type: kubernetes.io/tls
stringData: {tls.crt: certificate, tls.key: key}
"""
MAP_EXAMPLE = """
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data: {log-level: debug}
"""


@refusal(
    id="K8S110",
    name="config-key",
    kinds=(CONFIG_MAP, SECRET),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=MAP_EXAMPLE.replace("log-level", "log level"),
    good=MAP_EXAMPLE,
    when=keys("data", "binaryData", "stringData"),
)
def config_key(subject: Subject) -> Iterable[Hit]:
    """Keys become names of files, so they consist of letters, digits, '-', '_' and '.', and '..' is none.

    A ConfigMap has each in data or in binaryData.
    """
    for field in ("data", "binaryData", "stringData"):
        for key in mapping(subject.data, field):
            if not is_config_key(key):
                advice = "Use up to 253 letters, digits, '-', '_' and '.'."
                yield said((field, key), f"'{key}' can't be a key", advice, on_key=True)
            elif field == "binaryData" and key in mapping(subject.data, "data"):
                yield said((field, key), f"the key '{key}' stands in data as well", "Remove one.", on_key=True)


@refusal(
    id="K8S111",
    name="config-too-large",
    kinds=(CONFIG_MAP, SECRET),
    message="the values have {size:,} bytes; at most 1,048,576 are allowed",
    fix="Spread them over several objects, or keep large files in a bucket.",
    source=CORE,
    bad=MAP_EXAMPLE.replace("debug", "x" * (LIMIT + 1)),
    good=MAP_EXAMPLE,
    when=keys("data", "binaryData", "stringData"),
)
def config_too_large(subject: Subject) -> Iterable[Hit]:
    """A ConfigMap or a Secret is kept in etcd, which is no place for files: all values together have 1 MiB."""
    binary = _values(subject) if kind_of(subject.document) == SECRET else mapping(subject.data, "binaryData")
    size = sum(_length(value) for value in binary.values())
    if kind_of(subject.document) == CONFIG_MAP:
        size += sum(len((value or "").encode()) for value in mapping(subject.data, "data").values() if _plain(value))
    if size > LIMIT:
        yield hit("data", on_key=True, size=size)


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str)


def _length(value: object) -> int:
    if isinstance(value, bytes):
        return len(value)
    return len(value.replace("\n", "")) * 3 // 4 - value.rstrip().count("=", -2) if isinstance(value, str) else 0


def _values(subject: Subject) -> Mapping[str, Any]:
    """A Secret's values by their keys, those of stringData as bytes: they win."""
    given = mapping(subject.data, "stringData").items()
    texts = {key: (value or "").encode() for key, value in given if _plain(value)}
    return {**mapping(subject.data, "data"), **texts}


@refusal(
    id="K8S112",
    name="secret-type",
    kinds=(SECRET,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace(", tls.key: key", ""),
    good=EXAMPLE,
    when=keys("type"),
)
def secret_type(subject: Subject) -> Iterable[Hit]:
    """The type of a Secret promises keys: a certificate comes with its key, a registry's credentials are JSON."""
    kind, values = text(subject.data, "type") or "", _values(subject)
    for key in _NEEDS.get(kind, ()):
        value = values.get(key)
        missing = key not in values or (kind.endswith("ssh-auth") and not value)
        if missing:
            yield said(("data", key), f"a Secret of type {kind} has no {key}", f"Add {key}.")
        elif "docker" in kind and not _is_object(value):
            yield said(("data", key), f"{key} is no JSON object", "Write what docker login wrote.")
    if kind == "kubernetes.io/basic-auth" and not {"username", "password"} & {*values}:
        yield said(("data", "username"), "there is neither username nor password", "Add them.")
    if kind == "kubernetes.io/service-account-token":
        account = text(subject.data, "metadata", "annotations", _ACCOUNT)
        if not account:
            path = ("metadata", "annotations", _ACCOUNT)
            yield said(path, "the token is for no ServiceAccount", f"Add the annotation {_ACCOUNT}.")


def _is_object(value: object) -> bool:
    """Whether bytes, or base64 of them, are a JSON object; null is none that matters, and Go takes it."""
    if isinstance(value, str):
        if not is_base64(value):
            return True
        value = base64.b64decode(value)
    if not isinstance(value, bytes):
        return value is not None and not isinstance(value, list)
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return found is None or isinstance(found, dict)
