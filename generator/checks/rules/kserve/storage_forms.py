"""Model addresses of a known scheme, in a form that the downloader can't use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import V0_16, V0_17, addresses, model
from generator.checks.subject import text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

DOWNLOADER = Source("kserve/kserve", "v0.20.0", "python/storage/kserve_storage/kserve_storage.py")
FILE = re.compile(r"\.(joblib|pkl|pickle|onnx|pt|pth|bst|ubj|h5|keras|pmml|pb|mar|safetensors|gguf)$")
ARCHIVE = re.compile(r"\.(tar|tgz|taz|tbz2|txz|tar\.gz|tar\.bz2|tar\.xz|zip)$")
"""What the downloader unpacks, if it is all that it finds."""

PACKED = re.compile(r"(?<!\.tar)\.(gz|bz2|xz)$|\.(zst|7z|rar|lz4)$")
"""What it leaves as it is."""

FOLDERS = ("tensorflow", "onnx", "triton", "tensorrt", "pytorch")
"""Formats whose built-in servers want a tree of folders, so that a single file is never a model to them."""

AZURE_CONTAINER = re.compile(r"https://[^/]+\.blob\.core\.windows\.net/[^/]+/?")
AZURE = re.compile(r"https://.+?\.(blob|file)\.(core\.windows|storage\.azure)\.net/")
AZURES = re.compile(r"https://([^/@]+\.(blob|file|dfs)\.(core\.[a-z]+\.(net|cn|de)|storage\.azure\.net))/")
"""Every cloud's; Azure documentation, "Storage account overview"."""
REPOSITORY = re.compile(r"https://.+\.git($|[/@#?])")
CLONED = re.compile(r"https://.+\.git(?!$|[/@#?])")
HUB_PARTS = 2
"""Owner and model."""

INJECTOR = Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/pod/storage_initializer_injector.go")
ADDRESSES = frozenset({"storageUri", "storageUris", "env"})
"""Where addresses stand."""

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
SEVERAL = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: 'hf://acme/digits:v1', mountPath: /mnt/models/base}
      - {uri: pvc://tokens, mountPath: /mnt/tokens}
    model: {modelFormat: {name: huggingface}}
"""


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
    for component, path, uri, listed in addresses(subject):
        served = model(component)
        if listed:
            continue
        if uri.startswith("pvc://"):
            if any(form.search(uri) for form in (FILE, ARCHIVE, PACKED)):
                yield Hit(path, {"who": "a volume claim is mounted as"})
        elif FILE.search(uri) and served and served.spec.get("runtime") is None and served.spec.get("image") is None:
            form = text(served.spec, "modelFormat", "name") or ""
            if form in FOLDERS:
                yield Hit(path, {"who": f"KServe's server of {form} wants"})


@rule(
    id="KSV122",
    name="hub-address-malformed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' is no address at Hugging Face for KServe: it wants an owner and a model, and no further slash",
    fix="Write hf://<owner>/<model>:<revision>.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "hf://acme/digits/resolve/v1"),
    good=GOOD,
)
def hub_address_malformed(subject: Subject) -> Iterator[Hit]:
    """The storage initializer splits the address at its slashes and gives up at another number than two parts."""
    for _, path, uri, _ in addresses(subject):
        parts = uri.removeprefix("hf://").split("/")
        if uri.startswith("hf://") and (len(parts) != HUB_PARTS or not all(parts)):
            yield Hit(path, {"uri": uri})


@rule(
    id="KSV123",
    name="address-taken-for-a-repository",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    since=V0_17,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe clones this address as a git repository instead of downloading it",
    fix="Put the file where its address doesn't have '.git' in it, such as a bucket.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "https://raw.githubusercontent.com/acme/digits/main/model.bin"),
    good=GOOD,
)
def address_taken_for_a_repository(subject: Subject) -> Iterator[Hit]:
    """The downloader looks for ".git" anywhere in the address, and GitHub's hosts of files have it in their names."""
    for _, path, uri, _ in addresses(subject):
        if CLONED.match(uri) and not REPOSITORY.match(uri) and not AZURE.match(uri):
            yield Hit(path)


@rule(
    id="KSV124",
    name="azure-address-without-path",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
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
    for _, path, uri, _ in addresses(subject):
        if AZURE_CONTAINER.fullmatch(uri) and not uri.endswith("/"):
            yield Hit(path)


@rule(
    id="KSV143",
    name="azure-host-that-kserve-does-not-know",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe takes {host} for a web server and fetches one file from it, not a folder",
    fix="Write <account>.blob.core.windows.net, <account>.file.core.windows.net or one with a zone, or bring the model "
    "to another store.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "https://acme.dfs.core.windows.net/models/digits/1"),
    good=GOOD.replace("hf://acme/digits:v1", "https://acme.blob.core.windows.net/models/digits/1"),
)
def azure_host_that_kserve_does_not_know(subject: Subject) -> Iterator[Hit]:
    """File systems (dfs) and the sovereign clouds fall through to the downloader for http, which wants one file."""
    for _, path, uri, _ in addresses(subject):
        host = AZURES.match(uri)
        if host and not AZURE.match(uri) and not FILE.search(uri) and not ARCHIVE.search(uri):
            yield Hit(path, {"host": host[1]})


@rule(
    id="KSV130",
    name="claim-with-a-path-in-a-list",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="in storageUris KServe mounts the whole claim at mountPath, and forgets the path '{path}' in it",
    fix="Write pvc://{claim} and look for the model below mountPath; or use storageUri, which heeds the path.",
    source=INJECTOR,
    bad=SEVERAL.replace("pvc://tokens", "pvc://tokens/v2"),
    good=SEVERAL,
)
def claim_with_a_path_in_a_list(subject: Subject) -> Iterator[Hit]:
    """The same address does two things: in storageUri its path becomes the subPath of the mount, in the list it is cut.

    The server finds the top of the volume where it expects the model.
    """
    for _, path, uri, listed in addresses(subject):
        claim, _, inside = uri.removeprefix("pvc://").partition("/")
        if listed and uri.startswith("pvc://") and inside.strip("/"):
            yield Hit(path, {"path": inside, "claim": claim})


@rule(
    id="KSV131",
    name="archive-that-is-not-unpacked",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe doesn't unpack this: it unpacks .zip, .tar, .tar.gz, .tar.bz2 and .tar.xz",
    fix="Store the model as it is, or in one of those forms.",
    source=DOWNLOADER,
    bad=GOOD.replace("name: huggingface", "name: sklearn").replace("hf://acme/digits:v1", "s3://models/digits.pkl.gz"),
    good=GOOD,
)
def archive_that_is_not_unpacked(subject: Subject) -> Iterator[Hit]:
    """KServe's own servers tell a model by the ending of its file, and none of them knows these endings.

    The server starts without a model and answers 404. A server of one's own may unpack by itself, so nothing is said
    where a runtime, an image or a container is named.
    """
    for component, path, uri, listed in addresses(subject):
        served = model(component)
        own = served is None or served.spec.get("runtime") is not None or served.spec.get("image") is not None
        if not own and not listed and not uri.startswith("pvc://") and PACKED.search(uri):
            yield Hit(path)
