"""The credentials that a container which fetches or logs gets: from the pod's ServiceAccount and from Secrets.

kserve/kserve v0.20.0, pkg/credentials. What isn't in the set isn't seen: a cluster may have more.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from generator.outcome.given import named
from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve.draft import mount, tell
from generator.outcome.part import Part, opened, value_of
from generator.schemas.kinds import ACCOUNT, SECRET
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.draft import Draft
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

SERVICE_ACCOUNT = ACCOUNT
ROLE = "eks.amazonaws.com/role-arn"
"""Annotation of a ServiceAccount that stands for a role of AWS."""

_S3 = (
    ("S3_VERIFY_SSL", "s3-verifyssl", "s3VerifySSL"),
    ("awsAnonymousCredential", "s3-useanoncredential", "s3UseAnonymousCredential"),
    ("AWS_DEFAULT_REGION", "s3-region", "s3Region"),
    ("S3_USER_VIRTUAL_BUCKET", "s3-usevirtualbucket", "s3UseVirtualBucket"),
    ("S3_USE_ACCELERATE", "s3-useaccelerate", "s3UseAccelerate"),
    ("AWS_CA_BUNDLE", "s3-cabundle", "s3CABundle"),
    ("AWS_CA_BUNDLE_CONFIGMAP", "s3-cabundle-configmap", "s3CABundleConfigMap"),
)
"""Variables by annotation of the Secret or ServiceAccount, by key of the Secret, by field of the ConfigMap."""
_PREFIX = "serving.kserve.io/"
_AZURE = ("SUBSCRIPTION_ID", "TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")
_AZURE_MORE = (
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_ACCESS_TOKEN",
    "AZURE_ACCESS_EXPIRES_ON_SECONDS",
    "AZURE_ACCOUNT_NAME",
    "AZURE_SERVICE_URL",
)
_AZURE_SIGNS = ("AZ_CLIENT_ID", "AZURE_CLIENT_ID", "AZURE_ACCESS_TOKEN", "AZURE_STORAGE_ACCESS_KEY")
"""A Secret with one of these is Azure's; with the last alone it gives that alone."""
_BY_SCHEME, _PLAIN_TOKEN = Version(0, 17), Version(0, 16)
_BUCKETS = ("s3",)


def of_account(container: dict[str, Tree], draft: Draft, annotations: Mapping[str, Tree], view: ServiceView) -> None:
    """Give a container what the pod's ServiceAccount leads to."""
    name = draft.get("serviceAccountName") or "default"
    account = named(view.given, SERVICE_ACCOUNT, str(name), view.namespace)
    if account is None:
        return
    root = Part.of(account)
    if root.get("metadata", "annotations", ROLE) is not None:
        for variable, value in _s3(root, {}, view):
            container["env"] = [*opened(container.get("env") or []), {"name": variable, "value": value}]
    said = annotations.get(view.settings.text("credentials", "storageSecretNameAnnotation"))
    listed = [value_of(said)] if said is not None else [one.text("name") for one in root.each("secrets")]
    for one in listed:
        secret = named(view.given, SECRET, str(one), view.namespace)
        if secret is not None:
            _of_secret(container, draft, Part.of(secret), view)


def _keys(secret: Part) -> dict[str, str]:
    """The keys of a Secret with their texts, decoded; those that can't be are empty."""
    found: dict[str, str] = {}
    for key, value in secret.fields("data").items():
        try:
            found[key] = base64.b64decode(str(value.value), validate=True).decode()
        except (ValueError, binascii.Error):
            found[key] = ""
    return found | {key: str(value.value) for key, value in secret.fields("stringData").items()}


def _from(name: str, key: str) -> Tree:
    return {"secretKeyRef": {"name": name, "key": key}}


def _refer(container: dict[str, Tree], variables: Mapping[str, Tree]) -> None:
    more = [{"name": name, "valueFrom": source} for name, source in variables.items()]
    container["env"] = [*opened(container.get("env") or []), *more]


def _of_secret(container: dict[str, Tree], draft: Draft, secret: Part, view: ServiceView) -> None:
    keys, name = _keys(secret), secret.text("metadata", "name")
    s3 = _section(view, "s3")
    access, key = (s3.get(one) or other for one, other in _AWS_KEYS)
    gcs = _section(view, "gcs").get("gcsCredentialFileName") or "gcloud-application-credentials.json"
    if key in keys:
        there = {"AWS_ACCESS_KEY_ID": _from(name, access), "AWS_SECRET_ACCESS_KEY": _from(name, key)}
        _refer(container, {one: source for one, source in there.items() if not _has(container, one)})
        for variable, value in _s3(secret, keys, view):
            tell(container, variable, value)
    elif gcs in keys:
        _mounted(container, draft, "user-gcp-sa", name, "/var/secrets/")
        tell(container, "GOOGLE_APPLICATION_CREDENTIALS", f"/var/secrets/{gcs}")
    elif any(one in keys for one in _AZURE_SIGNS):
        _refer(container, dict(_azure(name, keys)))
    else:
        _of_others(container, draft, name, keys, view)


def _of_others(container: dict[str, Tree], draft: Draft, name: str, keys: Mapping[str, str], view: ServiceView) -> None:
    if "https-host" in keys:
        if "headers" in keys:
            tell(container, f"{keys['https-host']}-headers", keys["headers"])
    elif "HDFS_NAMENODE" in keys:
        _mounted(container, draft, "hdfs-secrets", name, "/var/secrets/kserve-hdfscreds")
    elif "HF_TOKEN" in keys:
        _refer(container, {"HF_TOKEN": _from(name, "HF_TOKEN")})
        if view.release < _PLAIN_TOKEN:
            tell(container, "HF_HUB_ENABLE_HF_TRANSFER", "1")


def _mounted(container: dict[str, Tree], draft: Draft, volume: str, secret: str, folder: str) -> None:
    draft.volume(volume, {"secret": {"secretName": secret}})
    mount(container, volume, folder, readOnly=True)


_AWS_KEYS = (("s3AccessKeyIDName", "awsAccessKeyID"), ("s3SecretAccessKeyName", "awsSecretAccessKey"))


def _has(container: Mapping[str, Tree], name: str) -> bool:
    return any(value_of(opened(one).get("name")) == name for one in opened(container.get("env") or []))


def _section(view: ServiceView, name: str) -> Mapping[str, str]:
    found = view.settings.value("credentials", name)
    return found if isinstance(found, Mapping) else {}


def _azure(name: str, keys: Mapping[str, str]) -> Iterator[tuple[str, Tree]]:
    if not any(one in keys for one in _AZURE_SIGNS[:-1]):
        yield _AZURE_SIGNS[-1], _from(name, _AZURE_SIGNS[-1])
        return
    for one in _AZURE:
        variable, old = f"AZURE_{one}", f"AZ_{one}"
        key = old if old in keys else variable
        if key in keys or one == "TENANT_ID":
            yield variable, _from(name, key)
    for variable in _AZURE_MORE:
        if variable in keys:
            yield variable, _from(name, variable)


def _s3(source: Part, keys: Mapping[str, str], view: ServiceView) -> Iterator[tuple[str, Tree]]:
    """What says how S3 is asked; a scheme in the endpoint counts from 0.17, before it is written twice."""
    said = source.fields("metadata", "annotations")
    settings = _section(view, "s3")

    def found(annotation: str, key: str, name: str) -> str:
        noted = said.get(_PREFIX + annotation)
        return str(noted.value) if noted is not None else keys.get(key, str(settings.get(name) or ""))

    endpoint = found("s3-endpoint", "S3_ENDPOINT", "s3Endpoint")
    https = found("s3-usehttps", "S3_USE_HTTPS", "s3UseHttps")
    if endpoint:
        scheme, there, rest = endpoint.strip().partition("://")
        if view.release >= _BY_SCHEME:
            endpoint = endpoint.strip()
            if there and scheme.lower() in ("http", "https"):
                https, endpoint = ("1" if scheme.lower() == "https" else "0"), rest
        address = f"{'http' if https == '0' else 'https'}://{endpoint}"
        if https:
            yield "S3_USE_HTTPS", https
        yield "S3_ENDPOINT", endpoint
        yield "AWS_ENDPOINT_URL", address
    elif https and view.release < _BY_SCHEME:
        yield "S3_USE_HTTPS", https
    for variable, annotation, name in _S3:
        value = found(annotation, variable, name)
        if value:
            yield variable, value


def of_storage(container: dict[str, Tree], annotations: Mapping[str, Tree], view: ServiceView) -> None:
    """Give a container what ``model.storage`` leads to, and put the address together.

    Where the set holds no Secret of that, the address keeps its placeholder unless the parameters say enough.
    """
    overrides = _parsed(value_of(annotations.get(notes.STORAGE_PARAMETERS)))
    key = str(value_of(annotations.get(notes.STORAGE_KEY)) or "")
    kind, bucket = overrides.get("type", ""), overrides.get("bucket", "")
    said = annotations.get(view.settings.text("credentials", "storageSecretNameAnnotation"))
    name = str(value_of(said) or view.settings.text("credentials", "storageSpecSecretName") or "storage-config")
    secret = named(view.given, SECRET, name, view.namespace)
    key = key or (f"default_{kind}" if kind else "default")
    data = _keys(Part.of(secret)).get(key) if secret is not None else None
    if data is not None:
        if not kind:
            stored = _parsed(data)
            kind, bucket = stored.get("type", ""), bucket or stored.get("bucket", "")
            if "cabundle_configmap" in stored:
                tell(container, "AWS_CA_BUNDLE_CONFIGMAP", stored["cabundle_configmap"])
        _refer(container, {"STORAGE_CONFIG": _from(name, key)})
    if kind and (bucket or kind not in _BUCKETS):
        start = f"{kind}://{bucket}/" if kind in _BUCKETS else f"{kind}://"
        container["args"] = [_addressed(one, start) for one in opened(container["args"])]
    if overrides:
        tell(container, "STORAGE_OVERRIDE_CONFIG", notes.go_json(overrides))


def _addressed(argument: Tree, start: str) -> Tree:
    text = value_of(argument)
    placeholder = f"{notes.SCHEME_TO_COME}://"
    if not isinstance(text, str) or not text.startswith(placeholder):
        return argument
    new = start + text.removeprefix(placeholder)
    return Part(new, argument.origin) if argument.__class__ is Part else new


def _parsed(text: object) -> dict[str, str]:
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
