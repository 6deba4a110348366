"""Roles of the clouds: annotations of accounts that are misspelt, malformed or on the wrong object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.credentials import accounts
from generator.checks.rules.kserve.spec import components
from generator.checks.rules.references.account_annotations import ROLE, WITH_ROLE
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, may_be_in, text
from generator.schemas.kinds import ACCOUNT, INFERENCE_SERVICE, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

GOOGLE, AZURE = "iam.gke.io/gcp-service-account", "azure.workload.identity/client-id"
READ = {
    "eks.amazonaws.com": ("role-arn", "audience", "sts-regional-endpoints", "token-expiration", "skip-containers"),
    "iam.gke.io": ("gcp-service-account", "return-principal-id-as-email", "credential-quota-project"),
    "azure.workload.identity": ("client-id", "tenant-id", "service-account-token-expiration"),
}
"""By domain, what the webhooks and metadata servers of the clouds read on a ServiceAccount."""

CLOUDS = ("eks", "amazon", "iam", "gke", "azure", "workload")
"""Words of which one stands in what is nearly a cloud's annotation; looking for likeness costs time."""

FORMS = {
    ROLE: (re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/.+"), "arn:aws:iam::<account>:role/<name>"),
    GOOGLE: (
        re.compile(r"[a-z0-9-]+@([a-z0-9.:-]+\.)?(iam|appspot|developer|cloudservices)\.gserviceaccount\.com"),
        "<name>@<project>.iam.gserviceaccount.com",
    ),
    AZURE: (
        re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        "the client's id, 00000000-0000-0000-0000-000000000000",
    ),
}
LABEL = "azure.workload.identity/use"
AWS = Source("aws/amazon-eks-pod-identity-webhook", "v0.6.2", "README.md")
ENTRA = Source(
    "Azure/azure-workload-identity", "v1.3.0", "docs/book/src/topics/service-account-labels-and-annotations.md"
)
ON_AZURE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  labels: {azure.workload.identity/use: "true"}
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    serviceAccountName: reader
    model: {modelFormat: {name: sklearn}, storageUri: 'https://acme.blob.core.windows.net/models/digits/1'}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, annotations: {azure.workload.identity/client-id: 11111111-2222-3333-4444-555555555555}}
"""


@rule(
    id="REF033",
    name="role-annotation-unread",
    product=None,
    kinds=(ACCOUNT,),
    when=frozenset({"annotations"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no cloud reads '{key}' of a ServiceAccount",
    fix="Write {right} instead of {key}.",
    source=AWS,
    bad=WITH_ROLE.replace("role-arn", "role_arn"),
    good=WITH_ROLE,
)
def role_annotation_unread(subject: Subject) -> Iterator[Hit]:
    """The pod gets no token, and the download stops at "no credentials"."""
    every = [f"{domain}/{name}" for domain, names in READ.items() for name in names]
    for key in mapping(subject.data, "metadata", "annotations"):
        domain, _, _ = key.partition("/")
        near = nearest(key, every) if any(word in key.lower() for word in CLOUDS) else None
        if near or (domain in READ and key not in every):
            right = near or f"{domain}/{READ[domain][0]}"
            yield hit("metadata", "annotations", key, on_key=True, key=key, right=right)


@rule(
    id="REF034",
    name="role-malformed",
    product=None,
    kinds=(ACCOUNT,),
    when=frozenset(FORMS),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{value}' is no role for {key}",
    fix="Write {form}.",
    source=AWS,
    bad=WITH_ROLE.replace("arn:aws:iam::123456789012:role/reader", "reader"),
    good=WITH_ROLE,
)
def role_malformed(subject: Subject) -> Iterator[Hit]:
    """The name alone is what consoles show, and isn't what the token service asks for."""
    for key, (form, told) in FORMS.items():
        value = text(subject.data, "metadata", "annotations", key)
        if value is not None and filled(value) and not form.fullmatch(value):
            yield hit("metadata", "annotations", key, key=key, value=value, form=told)


@rule(
    id="REF035",
    name="role-on-the-wrong-object",
    product=None,
    kinds=(INFERENCE_SERVICE, SECRET),
    when=frozenset(FORMS),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{key}' is read of a ServiceAccount, not of {kind}",
    fix="Move it to the ServiceAccount, and name that in serviceAccountName.",
    source=AWS,
    bad=WITH_ROLE.replace(
        "deploymentMode: Standard", f"deploymentMode: Standard, {ROLE}: 'arn:aws:iam::1:role/reader'"
    ),
    good=WITH_ROLE,
)
def role_on_the_wrong_object(subject: Subject) -> Iterator[Hit]:
    """On a service it is copied to the pods, where no webhook looks for it; a Secret has nothing to do with roles."""
    for key in mapping(subject.data, "metadata", "annotations"):
        if key in FORMS:
            kind = "an InferenceService" if subject.document.kind == INFERENCE_SERVICE.kind else "a Secret"
            yield hit("metadata", "annotations", key, on_key=True, key=key, kind=kind)


@rule(
    id="REF036",
    name="azure-pod-without-its-label",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"serviceAccountName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the account {name} stands for a client of Azure, and the pods lack the label {label}: they get no token",
    fix='Add the label {label}: "true" to the service or the component.',
    source=ENTRA,
    bad=ON_AZURE.replace('  labels: {azure.workload.identity/use: "true"}\n', ""),
    good=ON_AZURE,
)
def azure_pod_without_its_label(subject: Subject) -> Iterator[Hit]:
    """Azure's webhook looks at pods with the label only; KServe copies labels of the service to its pods."""
    for component in components(subject):
        name = text(component.spec, "serviceAccountName")
        every = subject.index.derive(accounts).get(name or "", ())
        mine = [one for one in every if may_be_in([one.namespace], subject.document.namespace)]
        labels = {**mapping(subject.data, "metadata", "labels"), **mapping(component.spec, "labels")}
        if len(mine) == 1 and AZURE in mapping(mine[0].data, "metadata", "annotations") and labels.get(LABEL) != "true":
            yield Hit((*component.path, "serviceAccountName"), {"name": name, "label": LABEL})
