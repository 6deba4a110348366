"""Whose identity the pods have, and the Secret that opens the store: the objects that are the same on every platform.

The annotations are those of the clouds' own webhooks: eks.amazonaws.com/role-arn (IAM roles for service accounts),
iam.gke.io/gcp-service-account (Workload Identity), azure.workload.identity/client-id with the label
azure.workload.identity/use on the pods (Azure Workload Identity).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.base import Composition, Sheet
from generator.platforms.labels import own_labels
from generator.service.store import FILES

if TYPE_CHECKING:
    from generator.service import Service
    from generator.service.access import External, Identity

PULL_SECRET = "kubernetes.io/dockerconfigjson"  # noqa: S105 (a type of Secrets)
"""The type without which a kubelet passes over a Secret; its one key is .dockerconfigjson."""
EXTERNAL_SECRETS = "2.9"
"""The release of the External Secrets operator whose API is rendered (external-secrets.io/v1)."""


def account_name(service: Service, *, secrets_on_account: bool = False) -> str | None:
    """The pods' ServiceAccount; None for the namespace's default.

    Args:
        service: The service.
        secrets_on_account: As for ``compose``.
    """
    ours = service.access.identity or (secrets_on_account and service.access.secret)
    return service.service_account or (service.name if ours else None)


def pulls(service: Service) -> bool:
    """Whether pods read images alone, so that the Secret opens a registry: whoever pulls looks for it in the pods."""
    images = service.store is not None and service.store.door != FILES
    files = [
        not images if each.release else not (each.uri or "").startswith("oci")
        for each in service.variants
        if each.release or each.uri or each.storage
    ]
    return bool(files) and not any(files)


def pod_labels(service: Service) -> dict[str, str]:
    """Labels without which the cloud's webhook passes a pod over."""
    identity = service.access.identity
    return {"azure.workload.identity/use": "true"} if identity and identity.azure else {}


def compose(service: Service, *, secrets_on_account: bool = False) -> Composition:
    """The ServiceAccount, where it is ours to make, and the ExternalSecret.

    Args:
        service: The service.
        secrets_on_account: Whether the platform finds the store's Secret on the ServiceAccount (KServe does).
    """
    identity, secret, external = service.access.identity, service.access.secret, service.access.external
    sheets, targets = [], []
    name = account_name(service, secrets_on_account=secrets_on_account)
    if name and (identity or name != service.service_account):
        secrets = [secret] if secret and secrets_on_account else []
        sheets.append(_account(service, name, _annotations(identity) if identity else {}, secrets))
    if external and secret:
        sheets.append(_external(service, external, secret))
        targets.append(("external-secrets", EXTERNAL_SECRETS))
    return Composition(tuple(sheets), tuple(targets))


def _annotations(identity: Identity) -> dict[str, str]:
    """What the clouds' webhooks read on a ServiceAccount."""
    known = (
        ("azure.workload.identity/client-id", identity.azure),
        ("eks.amazonaws.com/role-arn", identity.aws),
        ("iam.gke.io/gcp-service-account", identity.gcp),
    )
    return {key: value for key, value in known if value}


def _account(service: Service, name: str, annotations: dict[str, str], secrets: list[str]) -> Sheet:
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": {**service.annotations, **annotations},
        "secrets": secrets,
    }
    return Sheet("common/serviceaccount.yaml.j2", "ServiceAccount", name, service.namespace, context)


def _external(service: Service, external: External, secret: str) -> Sheet:
    context = {
        "name": secret,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "external": external,
        "type": PULL_SECRET if pulls(service) else "",
        "data": [_datum(key, remote) for key, remote in external.keys.items()],
    }
    return Sheet("common/externalsecret.yaml.j2", "ExternalSecret", secret, service.namespace, context)


def _datum(key: str, remote: str) -> dict[str, Any]:
    name, _, detail = remote.partition("#")
    reference = {"key": name, "property": detail} if detail else {"key": name}
    return {"secretKey": key, "remoteRef": reference}
