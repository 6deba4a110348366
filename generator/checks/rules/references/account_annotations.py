"""Annotations of Secrets and ServiceAccounts that say how a store is reached, where nobody reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.credentials import GOOD
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.spec import PREFIX
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, text
from generator.schemas.kinds import ACCOUNT, INFERENCE_SERVICE, SECRET, SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

READER = Source("kserve/kserve", "v0.20.0", "pkg/credentials/s3/s3_secret.go")
BY_ROLE = Source("kserve/kserve", "v0.20.0", "pkg/credentials/service_account_credentials.go")
ROLE = "eks.amazonaws.com/role-arn"
NAMES = (
    *("s3-endpoint", "s3-usehttps", "s3-region", "s3-verifyssl", "s3-usevirtualbucket", "s3-useaccelerate"),
    *("s3-useanoncredential", "s3-cabundle", "s3-cabundle-configmap"),
)
"""What KServe reads behind its prefix, on a Secret or an account."""

OF_SELDON = ("machinelearning.seldon.io/", "serving.kubeflow.org/")
"""The prefixes that Seldon Core 1 reads (operator/controllers/resources/credentials/s3/s3_secret.go)."""

RELATED = re.compile(r"kserve|kubeflow|kfserving|seldon|(^|\.)serving\.", re.IGNORECASE)
"""Domains of which one may be meant; those of strangers have their own readers."""

ANNOTATED = GOOD.replace(
    "metadata: {name: store}",
    "metadata: {name: store, annotations: {serving.kserve.io/s3-endpoint: 'minio.storage:9000',"
    ' serving.kserve.io/s3-usehttps: "0"}}',
)
WITH_ROLE = GOOD.replace(
    "metadata: {name: reader}",
    f"metadata: {{name: reader, annotations: {{{ROLE}: 'arn:aws:iam::123456789012:role/reader'}}}}",
)


def _readers(subject: Subject) -> tuple[bool, bool]:
    """Whether the set has services of KServe, and of Seldon Core 1."""
    kinds = subject.index.by_kind
    return bool(kinds.get(INFERENCE_SERVICE) or kinds.get(LLM_SERVICE)), bool(kinds.get(SELDON_DEPLOYMENT))


def _right(subject: Subject, key: str) -> str | None:
    """What to write for an annotation in a domain where nobody reads it; None where all is well or it's not ours."""
    domain, slash, name = key.rpartition("/")
    kserve, seldon = _readers(subject)
    if name not in NAMES:
        near = nearest(name, NAMES) if f"{domain}/" == PREFIX else None
        return f"{PREFIX}{near}" if near else None
    if f"{domain}/" == PREFIX:
        return f"{OF_SELDON[0]}{name}" if seldon and not kserve else None
    if f"{domain}/" in OF_SELDON:
        return f"{PREFIX}{name}" if kserve and not seldon else None
    beside = any(one.startswith(PREFIX) for one in mapping(subject.data, "metadata", "annotations"))
    if slash and not RELATED.search(domain) and not beside:
        return None
    return f"{OF_SELDON[0] if seldon and not kserve else PREFIX}{name}"


@rule(
    id="REF030",
    name="credential-annotation-unread",
    product=None,
    kinds=(SECRET, ACCOUNT),
    when=frozenset({"annotations"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nobody reads '{key}', so the store is reached as if it weren't there",
    fix="Write {right} instead of {key}.",
    source=READER,
    bad=ANNOTATED.replace("serving.kserve.io/s3-endpoint", "serving.kserve.org/s3-endpoint"),
    good=ANNOTATED,
)
def credential_annotation_unread(subject: Subject) -> Iterator[Hit]:
    """KServe takes its own domain to the letter, Seldon Core 1 its own or that of KFServing, and neither says a word.

    The download goes to Amazon's own S3, with the keys of another store.
    """
    for key in mapping(subject.data, "metadata", "annotations"):
        right = _right(subject, key)
        if right:
            yield hit("metadata", "annotations", key, on_key=True, key=key, right=right)


@rule(
    id="REF031",
    name="https-switched-off-in-vain",
    product=None,
    kinds=(SECRET, ACCOUNT),
    when=frozenset({f"{PREFIX}s3-usehttps"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="s3-usehttps '{value}' means https: only \"0\" means http",
    fix='Write "0".',
    source=READER,
    bad=ANNOTATED.replace('s3-usehttps: "0"', 's3-usehttps: "false"'),
    good=ANNOTATED,
)
def https_switched_off_in_vain(subject: Subject) -> Iterator[Hit]:
    """KServe compares the text with 0 and nothing else; the download then fails in the handshake."""
    value = text(subject.data, "metadata", "annotations", f"{PREFIX}s3-usehttps")
    if value is not None and value.strip().lower() in ("false", "no", "off", "n", "f", "http"):
        yield hit("metadata", "annotations", f"{PREFIX}s3-usehttps", value=value)


@rule(
    id="REF032",
    name="account-without-the-role-that-counts",
    product=None,
    kinds=(ACCOUNT,),
    when=frozenset(f"{PREFIX}{name}" for name in NAMES),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe reads '{key}' of a ServiceAccount only beside the annotation {role}",
    fix="Move it to the Secret that the account names.",
    source=BY_ROLE,
    bad=GOOD.replace(
        "metadata: {name: reader}",
        "metadata: {name: reader, annotations: {serving.kserve.io/s3-endpoint: 'minio.storage:9000'}}",
    ),
    good=ANNOTATED,
)
def account_without_the_role_that_counts(subject: Subject) -> Iterator[Hit]:
    """An account without a role of AWS stands for its Secrets alone; each of those has annotations of its own."""
    notes = mapping(subject.data, "metadata", "annotations")
    if ROLE not in notes:
        for key in notes:
            if key.startswith(PREFIX) and key.removeprefix(PREFIX) in NAMES and _right(subject, key) is None:
                yield hit("metadata", "annotations", key, on_key=True, key=key, role=ROLE)
                return
