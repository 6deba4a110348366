"""Model addresses of a known scheme, in a form that the downloader can't use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import (
    INFERENCE_SERVICE,
    MODELMESH,
    V0_17,
    judged,
    mode,
    model,
    storage_uri,
)
from generator.checks.subject import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject
    from generator.documents import Path

DOWNLOADER = Source("kserve/kserve", "v0.20.0", "python/storage/kserve_storage/kserve_storage.py")
FILE = re.compile(r"\.(joblib|pkl|pickle|onnx|pt|pth|bst|ubj|h5|keras|pmml|pb|mar|safetensors|gguf)$")
FOLDERS = ("tensorflow", "onnx", "triton", "tensorrt", "pytorch")
"""Formats whose built-in servers want a tree of folders, so that a single file is never a model to them."""

AZURE_CONTAINER = re.compile(r"https://[^/]+\.blob\.core\.windows\.net/[^/]+/?")
CLONED = re.compile(r"https://[^/]*\.git(hub\.io|hubusercontent\.com)/")
HUB_PARTS = 2
"""Owner and model."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: huggingface}, storageUri: 'hf://acme/digits:v1'}
"""


def _addresses(subject: Subject) -> tuple[tuple[Component, Path, str], ...]:
    """Where each model comes from; ModelMesh fetches its models itself."""
    return subject.derive(_fetched)


def _fetched(subject: Subject) -> tuple[tuple[Component, Path, str], ...]:
    if mode(subject) == MODELMESH:
        return ()
    found = ((component, storage_uri(component)) for component in judged(subject))
    return tuple((component, *place) for component, place in found if place)


@rule(
    id="KSV121",
    name="address-of-a-file",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the address names a file, and {who} a folder",
    fix="Write the address of the folder that holds the model in the server's layout.",
    source=DOWNLOADER,
    bad=GOOD.replace("'hf://acme/digits:v1'", "pvc://models/digits/model.joblib"),
    good=GOOD,
)
def address_of_a_file(subject: Subject) -> Iterator[Hit]:
    """A volume claim is mounted, and only folders can be; servers of TensorFlow, ONNX or TorchServe want a tree.

    A single file from a bucket is fine for scikit-learn and the like, so nothing is said of those.
    """
    for component, path, uri in _addresses(subject):
        served = model(component)
        if not FILE.search(uri):
            continue
        if uri.startswith("pvc://"):
            yield Hit(path, {"who": "a volume claim is mounted as"})
        elif served and served.spec.get("runtime") is None and served.spec.get("image") is None:
            form = text(served.spec, "modelFormat", "name") or ""
            if form in FOLDERS:
                yield Hit(path, {"who": f"KServe's server of {form} wants"})


@rule(
    id="KSV122",
    name="hub-address-malformed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' is no address at Hugging Face for KServe: it wants an owner and a model",
    fix="Write hf://<owner>/<model>:<revision>.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "hf://acme/digits/resolve/v1"),
    good=GOOD,
)
def hub_address_malformed(subject: Subject) -> Iterator[Hit]:
    """The storage initializer splits the address at its slashes and gives up at another number than two parts."""
    for _, path, uri in _addresses(subject):
        rest = uri.removeprefix("hf://").partition(":")[0].rstrip("/")
        if uri.startswith("hf://") and len(rest.split("/")) != HUB_PARTS:
            yield Hit(path, {"uri": uri})


@rule(
    id="KSV123",
    name="address-taken-for-a-repository",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "env"}),
    since=V0_17,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe clones this address as a git repository instead of downloading it",
    fix="Put the file where the host's name doesn't have '.git' in it, such as a bucket.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "https://raw.githubusercontent.com/acme/digits/main/model.bin"),
    good=GOOD,
)
def address_taken_for_a_repository(subject: Subject) -> Iterator[Hit]:
    """The downloader looks for ".git" anywhere in the address, and GitHub's hosts of files have it in their names."""
    yield from (Hit(path) for _, path, uri in _addresses(subject) if CLONED.match(uri))


@rule(
    id="KSV124",
    name="azure-address-without-path",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the address ends with the container; KServe wants a path in it",
    fix="Put the model into a folder and write https://<account>.blob.core.windows.net/<container>/<folder>.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "https://acme.blob.core.windows.net/models"),
    good=GOOD,
)
def azure_address_without_path(subject: Subject) -> Iterator[Hit]:
    """The downloader splits the path into container and folder and fails where there is nothing to split."""
    for _, path, uri in _addresses(subject):
        if AZURE_CONTAINER.fullmatch(uri) and not uri.endswith("/"):
            yield Hit(path)
