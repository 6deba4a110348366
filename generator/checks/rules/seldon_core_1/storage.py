"""Where models come from, and the Secrets, accounts and claims that this needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import GOOD, Unit, predictors, source, units
from generator.checks.subject import mapping, may_be_in, reach, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import ACCOUNT, CLAIM, SECRET, SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

INJECTOR = source("operator/controllers/model_initializer_injector.go")
MAKES_SECRETS = (Kind("external-secrets.io", "ExternalSecret"), Kind("bitnami.com", "SealedSecret"))
OPEN = ("gs", "pvc", "http", "https", "hf")
"""Schemes that need no credentials by themselves: the initializer knows gs as an anonymous remote."""

WITH_SECRET = GOOD.replace("digits/1}", "digits/1, envSecretRefName: store}")
STORE = """---
apiVersion: v1
kind: Secret
metadata: {name: store}
stringData: {RCLONE_CONFIG_S3_TYPE: s3, RCLONE_CONFIG_S3_PROVIDER: Minio}
"""
TOGETHER = GOOD.replace("name: classifier", "name: first", 1).replace(
    "first, implementation: SKLEARN_SERVER, modelUri: s3://models/digits/1}",
    "first, implementation: SKLEARN_SERVER, modelUri: 'pvc://models/digits/1',\n"
    "        children: [{name: second, implementation: SKLEARN_SERVER, modelUri: 's3://models/digits/2'}]}",
)


@rule(
    id="SC1160",
    name="two-claims-in-a-pod",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a second model from a claim in one pod: both volumes are named {volume}",
    fix="Put the two units into different componentSpecs, or take one model from a bucket.",
    source=INJECTOR,
    bad=TOGETHER.replace("s3://models/digits/2'", "pvc://models/digits/2'"),
    good=TOGETHER,
)
def two_claims_in_a_pod(subject: Subject) -> Iterator[Hit]:
    """The operator adds one volume for each pvc:// model, always of one name; Kubernetes refuses the Deployment."""
    seen: set[tuple[Path, int]] = set()
    for unit in units(subject):
        if not unit.server or not (text(unit.spec, "modelUri") or "").startswith("pvc://"):
            continue
        container = unit.container
        pod = (unit.predictor.path, container.pod if container else 0)
        if pod in seen:
            yield Hit((*unit.path, "modelUri"), {"volume": "kfserving-pvc-source"})
        seen.add(pod)


@rule(
    id="SC1161",
    name="secret-without-remote",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"envSecretRefName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Secret {secret} has no {key}, so rclone doesn't know the remote of {uri}",
    fix="Add {key} and the other settings of the remote to the Secret; its name is the scheme of modelUri.",
    source=source("doc/source/servers/overview.md"),
    bad=WITH_SECRET + STORE.replace("_S3_", "_MINIO_"),
    good=WITH_SECRET + STORE,
)
def secret_without_remote(subject: Subject) -> Iterator[Hit]:
    """The initializer hands modelUri to rclone, which takes the scheme for the name of a remote.

    Remotes are configured by variables RCLONE_CONFIG_<REMOTE>_<KEY> from the Secret. It is the most common reason why
    a first deployment doesn't come up.
    """
    for unit in units(subject):
        name, uri = text(unit.spec, "envSecretRefName"), text(unit.spec, "modelUri") or ""
        scheme, separator, _ = uri.partition("://")
        if not name or not separator or scheme in OPEN:
            continue
        key = f"RCLONE_CONFIG_{scheme.upper()}_TYPE"
        for secret in subject.index.derive(secrets_by_name).get(name, ()):
            held = {*mapping(secret.data, "data"), *mapping(secret.data, "stringData")}
            mine = may_be_in([secret.namespace], subject.document.namespace)
            if mine and held and key not in {entry.upper() for entry in held}:
                yield Hit((*unit.path, "envSecretRefName"), {"secret": name, "key": key, "uri": uri})


@rule(
    id="SC1205",
    name="bucket-without-secret",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="{uri} is read with the cluster's default credentials: the unit names neither Secret nor ServiceAccount",
    fix="Set envSecretRefName to a Secret with {key} and its siblings.",
    source=source("doc/source/servers/overview.md"),
    bad=GOOD,
    good=GOOD.replace("digits/1}", "digits/1, envSecretRefName: store}").replace(
        "digits/2}", "digits/2, envSecretRefName: store}"
    ),
)
def bucket_without_secret(subject: Subject) -> Iterator[Hit]:
    """The operator may have been installed with a default Secret; where it wasn't, rclone finds no such remote."""
    for unit in units(subject):
        uri = text(unit.spec, "modelUri") or ""
        scheme, separator, _ = uri.partition("://")
        named = any(text(unit.spec, field) for field in ("envSecretRefName", "serviceAccountName"))
        if separator and scheme not in OPEN and unit.server and not named:
            key = f"RCLONE_CONFIG_{scheme.upper()}_TYPE"
            yield Hit((*unit.path, "modelUri"), {"uri": uri, "key": key})


@rule(
    id="SC1206",
    name="secret-not-in-the-set",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"envSecretRefName", "certSecretName"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Secret {name} in the given files",
    fix="Check the files together with the Secret, or mend the name.",
    source=INJECTOR,
    bad=WITH_SECRET,
    good=WITH_SECRET + STORE,
)
def secret_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A pod whose Secret is missing waits for it and says so only in its events."""
    there = subject.index.derive(secrets)
    for path in _secret_places(subject):
        name = reach(subject.data, *path)
        if isinstance(name, str) and name and not may_be_in(there.get(name, ()), subject.document.namespace):
            yield Hit(path, {"name": name})


def _secret_places(subject: Subject) -> Iterator[Path]:
    for unit in units(subject):
        yield (*unit.path, "envSecretRefName")
    for predictor in predictors(subject):
        yield (*predictor.path, "explainer", "envSecretRefName")
        yield (*predictor.path, "ssl", "certSecretName")


def secrets_by_name(index: Index) -> dict[str, list[Document]]:
    """The Secrets of the set whose content is known."""
    found: dict[str, list[Document]] = {}
    for one in index.by_kind.get(SECRET, ()):
        found.setdefault(one.name, []).append(one)
    return found


def accounts(index: Index) -> dict[str, set[str]]:
    """The ServiceAccounts of the set, with their namespaces."""
    return _namespaces(index.by_kind.get(ACCOUNT, ()))


def claims(index: Index) -> dict[str, set[str]]:
    """The PersistentVolumeClaims of the set, with their namespaces."""
    return _namespaces(index.by_kind.get(CLAIM, ()))


def _namespaces(documents: Iterable[Document]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in documents:
        found.setdefault(one.name, set()).add(one.namespace)
    return found


def secrets(index: Index) -> dict[str, set[str]]:
    """The Secrets of the set and those that are made from other objects of it, with their namespaces."""
    found = _namespaces(index.by_kind.get(SECRET, ()))
    for one in (one for kind in MAKES_SECRETS for one in index.by_kind.get(kind, ())):
        found.setdefault(_made_name(one), set()).add(one.namespace)
    return found


def _made_name(maker: Document) -> str:
    return (
        text(maker.data, "spec", "target", "name")
        or text(maker.data, "spec", "template", "metadata", "name")
        or maker.name
    )


@rule(
    id="SC1207",
    name="account-not-in-the-set",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"serviceAccountName"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ServiceAccount {name} in the given files",
    fix="Check the files together with the ServiceAccount, or mend the name.",
    source=source("operator/controllers/resources/credentials/service_account_credentials.go"),
    bad=GOOD.replace("digits/1}", "digits/1, serviceAccountName: reader}"),
    good=GOOD.replace("digits/1}", "digits/1, serviceAccountName: reader}")
    + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader}\n",
)
def account_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The operator only logs that it isn't there, and the pods run as that account: none is made without it."""
    there = subject.index.derive(accounts)
    for path in _account_places(subject):
        name = text(subject.data, *path)
        if name and name != "default" and not may_be_in(there.get(name, ()), subject.document.namespace):
            yield Hit(path, {"name": name})


def _account_places(subject: Subject) -> Iterator[Path]:
    for unit in units(subject):
        yield (*unit.path, "serviceAccountName")
    for predictor in predictors(subject):
        yield (*predictor.path, "explainer", "serviceAccountName")
        for number, _ in enumerate(sequence(predictor.spec, "componentSpecs")):
            yield (*predictor.path, "componentSpecs", number, "spec", "serviceAccountName")


@rule(
    id="SC1208",
    name="claim-not-in-the-set",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no PersistentVolumeClaim {name} in the given files",
    fix="Check the files together with the claim, or mend the name.",
    source=INJECTOR,
    bad=GOOD.replace("s3://models/digits/1", "pvc://models/digits/1"),
    good=GOOD.replace("s3://models/digits/1", "pvc://models/digits/1")
    + "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: models}\n"
    + "spec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}\n",
)
def claim_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The pod waits for its volume for ever."""
    there = subject.index.derive(claims)
    for unit in units(subject):
        name = _claim(unit)
        if name and not may_be_in(there.get(name, ()), subject.document.namespace):
            yield Hit((*unit.path, "modelUri"), {"name": name})


def _claim(unit: Unit) -> str | None:
    scheme, _, rest = (text(unit.spec, "modelUri") or "").partition("://")
    return rest.partition("/")[0] if scheme == "pvc" else None
