"""Credentials that KServe leaves aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import PREFIX, V0_17, addresses, annotations_of
from generator.checks.rules.kserve.storage_forms import ADDRESSES, AZURE
from generator.checks.rules.kserve.storage_spec import CREDENTIALS, SECRET_NAMES
from generator.checks.rules.seldon_core_1.storage import secrets_by_name
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.schemas.kinds import ACCOUNT, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.spec import Address
    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path


WANTED = {
    "s3": "AWS_SECRET_ACCESS_KEY",
    "gs": "gcloud-application-credentials.json",
    "https": "AZURE_CLIENT_ID or AZURE_STORAGE_ACCESS_KEY",
    "hdfs": "HDFS_NAMENODE",
    "webhdfs": "HDFS_NAMENODE",
    "hf": "HF_TOKEN",
}
"""By scheme, the key that KServe tells credentials by; those of S3 and Google as its ConfigMap ships."""

KEYS = frozenset({
    *("AWS_SECRET_ACCESS_KEY", "awsSecretAccessKey", "gcloud-application-credentials.json", "AZ_CLIENT_ID"),
    *("AZURE_CLIENT_ID", "AZURE_ACCESS_TOKEN", "AZURE_STORAGE_ACCESS_KEY", "https-host", "HDFS_NAMENODE", "HF_TOKEN"),
})  # fmt: skip
CLOUD = ("eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id")
"""Annotations of accounts whose rights come from the cloud."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    serviceAccountName: reader
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
secrets: [{name: store}]
---
apiVersion: v1
kind: Secret
metadata: {name: store}
stringData: {AWS_ACCESS_KEY_ID: reader, AWS_SECRET_ACCESS_KEY: not-a-real-one}
"""

ENDPOINT, HTTPS = f"{PREFIX}s3-endpoint", f"{PREFIX}s3-usehttps"


@rule(
    id="KSV141",
    name="secret-that-is-left-aside",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe leaves the Secret {names} aside: for {scheme}:// it looks for the key {key}",
    fix="Give the Secret the key {key}; by that KServe tells what the credentials are for.",
    source=CREDENTIALS,
    bad=GOOD.replace("AWS_ACCESS_KEY_ID: reader, AWS_SECRET_ACCESS_KEY:", "accesskey: reader, secretkey:"),
    good=GOOD,
)
def secret_that_is_left_aside(subject: Subject) -> Iterator[Hit]:
    """A Secret without any of the keys that KServe knows is skipped without a word, and the download has no rights.

    Only where all Secrets of the account are in the given files and none has a key that KServe knows. Its ConfigMap may
    name other keys for S3 and Google.
    """
    for address in addresses(subject):
        scheme = address.uri.partition("://")[0]
        if scheme not in WANTED or (scheme == "https" and not AZURE.match(address.uri)):
            continue
        place, secrets = _attached(subject, address)
        if secrets and not any(_keys(secret) & KEYS or not _keys(secret) for secret in secrets):
            names = " and ".join(dict.fromkeys(secret.name for secret in secrets))
            yield Hit(place, {"names": names, "scheme": scheme, "key": WANTED[scheme]})


@rule(
    id="KSV561",
    name="endpoint-with-a-scheme",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    until=V0_17,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the endpoint of the Secret {name} has a scheme, and before 0.17 KServe makes {made} of it",
    fix="Write {host} in its annotation {key}, and say by s3-usehttps whether it is http.",
    source=CREDENTIALS,
    bad=GOOD.replace(
        "metadata: {name: store}",
        "metadata: {name: store, annotations: {serving.kserve.io/s3-endpoint: 'http://minio:9000'}}",
    ),
    good=GOOD.replace(
        "metadata: {name: store}", "metadata: {name: store, annotations: {serving.kserve.io/s3-endpoint: 'minio:9000'}}"
    ),
)
def endpoint_with_a_scheme(subject: Subject) -> Iterator[Hit]:
    """Since 0.17 a scheme in the endpoint is taken, and overrules s3-usehttps; before, another one is put in front."""
    for address in addresses(subject):
        place, secrets = _attached(subject, address)
        for secret in secrets if address.uri.startswith("s3://") else ():
            notes = mapping(secret.data, "metadata", "annotations")
            endpoint = text(notes, ENDPOINT) or ""
            scheme, separator, host = endpoint.partition("://")
            if separator and scheme in ("http", "https"):
                made = f"{'http' if text(notes, HTTPS) == '0' else 'https'}://{endpoint}"
                yield Hit(place, {"name": secret.name, "made": made, "host": host, "key": ENDPOINT})


def _attached(subject: Subject, address: Address) -> tuple[Path, list[Document]]:
    """Where the Secrets of a download are named, and they themselves; none where one isn't known."""
    for key in SECRET_NAMES:
        named = annotations_of(subject).get(key)
        if isinstance(named, str):
            return ("metadata", "annotations", key), _known(subject, [named])
    account = text(address.component.spec, "serviceAccountName")
    place = (*address.component.path, "serviceAccountName")
    every = subject.index.derive(accounts).get(account or "", ())
    mine = [one for one in every if may_be_in([one.namespace], subject.document.namespace)]
    if len(mine) != 1 or any(key in mapping(mine[0].data, "metadata", "annotations") for key in CLOUD):
        return place, []
    return place, _known(subject, [text(entry, "name") or "" for entry in sequence(mine[0].data, "secrets")])


def _known(subject: Subject, names: list[str]) -> list[Document]:
    """The Secrets of these names; none at all where one isn't in the set, or is of a type of its own."""
    found = []
    for name in names:
        every = subject.index.derive(secrets_by_name).get(name, ())
        mine = [one for one in every if may_be_in([one.namespace], subject.document.namespace)]
        if len(mine) != 1 or text(mine[0].data, "type") not in (None, "Opaque"):
            return []
        found += mine
    return found


def _keys(secret: Document) -> set[str]:
    return {*mapping(secret.data, "data"), *mapping(secret.data, "stringData")}


def accounts(index: Index) -> Mapping[str, tuple[Document, ...]]:
    """The ServiceAccounts of the set, by name."""
    found: dict[str, tuple[Document, ...]] = {}
    for one in index.by_kind.get(ACCOUNT, ()):
        found[one.name] = (*found.get(one.name, ()), one)
    return found
