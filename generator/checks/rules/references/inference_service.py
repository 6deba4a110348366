"""What an InferenceService names and the given files don't have: runtimes, ServiceAccounts, Secrets, volume claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.runtime_fit import given, named
from generator.checks.rules.kserve.runtimes import GOOD as RUNTIME
from generator.checks.rules.kserve.runtimes_shipped import SHIPPED, shipped
from generator.checks.rules.kserve.spec import PREFIX, addresses, annotations_of, judged, listed
from generator.checks.rules.references import namespaces
from generator.checks.rules.seldon_core_1.storage import secrets
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.schemas.kinds import ACCOUNT, CLAIM, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Path

SECRET_NAMES = (f"{PREFIX}storageSecretName", f"{PREFIX}secretName")
CREDENTIALS = Source("kserve/kserve", "v0.20.0", "pkg/credentials/service_account_credentials.go")

SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


def _with(old: str, new: str, *others: str) -> str:
    """The service with one change, and other objects behind it."""
    return "\n---\n".join((SERVICE.replace(old, new), *others))


@rule(
    id="REF012",
    name="runtime-not-in-the-set",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"runtime"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="the runtime {name} is neither shipped with KServe nor in the given files",
    fix="Check the files together with the runtime, or mend the name.",
    source=SHIPPED,
    bad=_with("{modelFormat: {name: sklearn}", "{runtime: digits-server, modelFormat: {name: digits}"),
    good=_with("{modelFormat: {name: sklearn}", "{runtime: digits-server, modelFormat: {name: digits}", RUNTIME),
)
def runtime_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A service whose runtime isn't there stays unready with RuntimeNotRecognized."""
    for served, name in named(subject):
        if name not in shipped(subject.release) and not given(subject, name):
            yield Hit((*served.path, "runtime"), {"name": name})


@rule(
    id="REF013",
    name="service-account-not-in-the-set",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"serviceAccountName"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ServiceAccount {name} in the given files",
    fix="Check the files together with the ServiceAccount, or mend the name.",
    source=CREDENTIALS,
    bad=_with("    model:", "    serviceAccountName: reader\n    model:"),
    good=_with(
        "    model:",
        "    serviceAccountName: reader\n    model:",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader}\n",
    ),
)
def service_account_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """KServe only logs that it finds no credentials; then no pod is made, and only the ReplicaSet's events say why."""
    there = subject.index.derive(accounts)
    for component in judged(subject):
        name = text(component.spec, "serviceAccountName")
        if name and name != "default" and not may_be_in(there.get(name, ()), subject.document.namespace):
            yield Hit((*component.path, "serviceAccountName"), {"name": name})


def accounts(index: Index) -> Mapping[str, set[str]]:
    """The ServiceAccounts of the set, with their namespaces."""
    return namespaces(index.by_kind.get(ACCOUNT, ()))


@rule(
    id="REF014",
    name="kserve-secret-not-in-the-set",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"secretKeyRef", "secretRef", *SECRET_NAMES}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Secret {name} in the given files, nor an object that makes one",
    fix="Check the files together with the Secret, or mend the name.",
    source=CREDENTIALS,
    bad=_with("Standard}", "Standard, serving.kserve.io/storageSecretName: store}"),
    good=_with(
        "Standard}",
        "Standard, serving.kserve.io/storageSecretName: store}",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: store}\n",
    ),
)
def kserve_secret_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A pod waits for a Secret of its environment; without that of its storage the download is refused."""
    there = subject.index.derive(secrets)
    for path, name in (*_annotated(subject), *_in_environments(subject)):
        if not may_be_in(there.get(name, ()), subject.document.namespace):
            yield Hit(path, {"name": name})


def _annotated(subject: Subject) -> Iterator[tuple[Path, str]]:
    for key in SECRET_NAMES:
        name = annotations_of(subject).get(key)
        if isinstance(name, str) and name:
            yield ("metadata", "annotations", key), name


def _in_environments(subject: Subject) -> Iterator[tuple[Path, str]]:
    """The Secrets that containers and models read their environment from, but for those that may be missing."""
    for component in judged(subject):
        found = [(one.path, one.spec) for one in listed(component, "containers")]
        if isinstance(component.spec.get("model"), dict):
            found.append(((*component.path, "model"), mapping(component.spec, "model")))
        for path, spec in found:
            places = [("env", number, "valueFrom", "secretKeyRef") for number, _ in enumerate(sequence(spec, "env"))]
            places_from = [("envFrom", number, "secretRef") for number, _ in enumerate(sequence(spec, "envFrom"))]
            for place in (*places, *places_from):
                reference = mapping(spec, *place)
                name = text(reference, "name")
                if name and reference.get("optional") is not True:
                    yield (*path, *place, "name"), name


@rule(
    id="REF015",
    name="model-claim-not-in-the-set",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no PersistentVolumeClaim {name} in the given files",
    fix="Check the files together with the claim, or mend the name.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/pod/storage_initializer_injector.go"),
    bad=_with("s3://models/", "pvc://models/"),
    good=_with(
        "s3://models/",
        "pvc://models/",
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: models}\nspec:\n"
        "  accessModes: [ReadOnlyMany]\n  resources: {requests: {storage: 1Gi}}\n",
    ),
)
def model_claim_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The pod waits for the claim, which has to be in the service's namespace, and is never scheduled."""
    there = subject.index.derive(claims)
    for _, path, uri, _ in addresses(subject):
        name = uri.removeprefix("pvc://").partition("/")[0]
        wanted = uri.startswith("pvc://") and name
        if wanted and not may_be_in(there.get(name, ()), subject.document.namespace):
            yield hit(*path, name=name)


def claims(index: Index) -> Mapping[str, set[str]]:
    """The volume claims of the set, with their namespaces."""
    return namespaces(index.by_kind.get(CLAIM, ()))
