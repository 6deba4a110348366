"""Credentials in the environment of a container that doesn't fetch the model."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import GOOD as LLM
from generator.checks.rules.kserve.llm import LLM_SERVICE, with_spec, workloads
from generator.checks.rules.kserve.llm_address import downloads
from generator.checks.rules.kserve.spec import Container, addresses, annotations_of, listed, model
from generator.checks.rules.kserve.storage_containers import INITIALIZER, takes
from generator.checks.rules.kserve.storage_spec import SECRET_NAMES
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.rules.kserve.spec import Address
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

INJECTOR = Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/pod/storage_initializer_injector.go")
TOKENS = {
    "hf": ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"),
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "S3_ENDPOINT"),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS",),
}
"""By scheme, what its clients look for in the environment."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    serviceAccountName: reader
    model:
      modelFormat: {name: huggingface}
      storageUri: 'hf://acme/digits:v1'
"""
HUB = "env: [{name: HF_TOKEN, valueFrom: {secretKeyRef: {name: hub, key: token}}}]"


@rule(
    id="KSV560",
    name="token-on-the-wrong-container",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{name} reaches the server only, and the storage initializer fetches {scheme}:// without it",
    fix="Put the key {key} into a Secret that the predictor's ServiceAccount names.",
    source=INJECTOR,
    bad=GOOD.replace("    serviceAccountName: reader\n", "") + f"      {HUB}\n",
    good=GOOD,
)
def token_on_the_wrong_container(subject: Subject) -> Iterator[Hit]:
    """The init container's environment is made of the account's Secrets, whatever the server's has.

    Where an account, a Secret by annotation, or storage.key is named, the download may have rights of its own, so
    nothing is said; nor where a ClusterStorageContainer in the given files brings another downloader.
    """
    if any(key in annotations_of(subject) for key in SECRET_NAMES):
        return
    for address in addresses(subject):
        if not _alone(subject, address):
            continue
        scheme = address.uri.partition("://")[0]
        for path, name in tokens(address):
            key = "HF_TOKEN" if scheme == "hf" else name
            yield Hit((*path, "name"), {"name": name, "scheme": scheme, "key": key})


def tokens(address: Address) -> Iterator[tuple[Path, str]]:
    """The first variable of each server that a client of the address' scheme would look for, with its place."""
    wanted = TOKENS.get(address.uri.partition("://")[0], ())
    for container in _servers(address):
        found = ((path, name) for path, name, _ in container.env() if name in wanted)
        yield from islice(found, 1)


def _alone(subject: Subject, address: Address) -> bool:
    """Whether a download has no credentials that are known, and KServe's own downloader."""
    component = address.component
    served = model(component)
    brought = any(one.spec.get("name") == INITIALIZER for one in listed(component, "initContainers"))
    stored = served is not None and served.spec.get("storage") is not None
    named = text(component.spec, "serviceAccountName") is not None
    return not (brought or stored or named or takes(subject.index, address.uri))


def _servers(address: Address) -> tuple[Container, ...]:
    served = model(address.component)
    return (*listed(address.component, "containers"), *((served,) if served else ()))


@rule(
    id="KSV565",
    name="llm-token-on-the-wrong-container",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{name} reaches the server only, and the storage initializer fetches {scheme}:// without it",
    fix="Put the key {name} into a Secret that the ServiceAccount of {account} names.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/workload_storage.go"),
    bad=with_spec(f"  template:\n    containers:\n      - name: main\n        {HUB}\n"),
    good=LLM,
)
def llm_token_on_the_wrong_container(subject: Subject) -> Iterator[Hit]:
    """The init container's environment is made of the account's Secrets, as an InferenceService's is.

    Where an account or a Secret by annotation is named, or configurations that may name one, nothing is said; nor where
    the server fetches the model itself.
    """
    scheme = (text(subject.data, "spec", "model", "uri") or "").partition("://")[0]
    known = any(key in annotations_of(subject) for key in SECRET_NAMES) or sequence(subject.data, "spec", "baseRefs")
    if known or not downloads(mapping(subject.data, "spec")):
        return
    for workload in workloads(subject):
        pods = [(part, mapping(workload.spec, part)) for part in ("template", "worker")]
        if any(text(pod, "serviceAccountName") for _, pod in pods):  # either is that of both
            continue
        for part, pod in pods:
            account = ".".join(map(str, (*workload.path, part, "serviceAccountName")))
            for path, name in () if _brings_its_own(pod) else _tokens_of(pod, scheme):
                yield Hit((*workload.path, part, *path), {"name": name, "scheme": scheme, "account": account})


def _tokens_of(pod: Mapping[str, Any], scheme: str) -> Iterator[tuple[Path, str]]:
    for number, container in enumerate(sequence(pod, "containers")):
        names = [text(entry, "name") for entry in sequence(container, "env")]
        found = [place for place, name in enumerate(names) if name in TOKENS.get(scheme, ())]
        if found:
            yield ("containers", number, "env", found[0], "name"), names[found[0]] or ""


def _brings_its_own(pod: object) -> bool:
    return any(text(one, "name") == INITIALIZER for one in sequence(pod, "initContainers"))
