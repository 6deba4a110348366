"""Addresses of models that don't say how to fetch them, or from which bucket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.local_model import GOOD as CACHE
from generator.checks.rules.kserve.local_model import GROUP, MODEL_CACHE, NAMESPACE_CACHE, URI
from generator.checks.rules.kserve.spec import V0_21, addresses, listed
from generator.checks.rules.kserve.storage_containers import FOR_CACHES, INITIALIZER, takes
from generator.checks.rules.kserve.storage_forms import ADDRESSES, DOWNLOADER, GOOD
from generator.checks.subject import text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

HAS_SCHEME = re.compile(r"\w+?://", re.ASCII)
"""KServe's own test, anywhere in the text (utils.go, ValidateStorageURI)."""

WORDS = ("s3", "gs", "pvc", "https", "http", "hdfs", "webhdfs", "oci", "hf", "file", "modelscope")
_BEGUN = re.compile(rf"({'|'.join(WORDS)})[:;/\\]+(?=[^:;/\\])", re.IGNORECASE)
_NO_BUCKET = re.compile(r"(s3|gs|pvc|oci|oci\+\w+|https?):///+", re.ASCII)
FETCHED = ("hf", "s3", "gs", "https", "http", "hdfs", "webhdfs", "file")
"""What the downloader fetches by itself (kserve_storage.py)."""

_NODE = "pkg/controller/v1alpha1/localmodelnode/controller.go"


def mended(uri: str) -> str:
    """What an address without a scheme was meant to be: its own first word, if that is one, or an example."""
    begun = _BEGUN.match(uri)
    if begun:
        return f"{begun[1].lower()}://{uri[begun.end() :]}"
    return f"where it lies, such as s3://<bucket>/{uri.lstrip('/')} or pvc://<claim>/{uri.lstrip('/')}"


@rule(
    id="KSV500",
    name="address-without-scheme",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' has no scheme, so KServe looks for it in the files of its own storage initializer",
    fix="Write {right}.",
    source=DOWNLOADER,
    bad=GOOD.replace("'hf://acme/digits:v1'", "hf:/acme/digits"),
    good=GOOD,
)
def address_without_scheme(subject: Subject) -> Iterator[Hit]:
    """The controller takes any text without `://` for a path, and the init container finds nothing there.

    The pod restarts again and again with "Local path … does not exist". A pod that brings a storage-initializer of its
    own, and an address that a ClusterStorageContainer in the given files takes, are left alone.
    """
    for component, path, uri, _ in addresses(subject):
        own = any(one.spec.get("name") == INITIALIZER for one in listed(component, "initContainers"))
        if not own and not HAS_SCHEME.search(uri) and not takes(subject.index, uri):
            yield Hit(path, {"uri": uri, "right": mended(uri)})


@rule(
    id="KSV501",
    name="address-without-bucket",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=ADDRESSES,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' has three slashes, so the {what} has no name",
    fix="Write {right}.",
    source=DOWNLOADER,
    bad=GOOD.replace("hf://acme/digits:v1", "s3:///models/digits"),
    good=GOOD.replace("hf://acme/digits:v1", "s3://models/digits"),
)
def address_without_bucket(subject: Subject) -> Iterator[Hit]:
    """`file:///` and `hdfs:///` are right with three, and habit makes the same of the others.

    What stands between the second and the third slash is the bucket, the claim, the registry or the host: nothing.
    """
    for _, path, uri, _ in addresses(subject):
        found = _NO_BUCKET.match(uri)
        if found and not takes(subject.index, uri):
            what = {"pvc": "claim", "s3": "bucket", "gs": "bucket", "http": "host", "https": "host"}
            right = f"{found[1]}://{uri[found.end() :]}"
            yield Hit(path, {"uri": uri, "what": what.get(found[1], "registry"), "right": right})


@rule(
    id="KSV502",
    name="cached-address-without-scheme",
    product="kserve",
    kinds=(MODEL_CACHE, NAMESPACE_CACHE),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' has no scheme, so the job that fills the cache looks for it among its own files",
    fix="Write {right}.",
    source=Source("kserve/kserve", "v0.20.0", _NODE),
    bad=CACHE.replace("hf://example/chat-7b", "hf:/example/chat-7b") + "---" + GROUP,
    good=CACHE + "---" + GROUP,
)
def cached_address_without_scheme(subject: Subject) -> Iterator[Hit]:
    """The cache stays in NodeDownloading, and no service has an address that begins with this one."""
    uri = text(subject.data, *URI)
    if uri and filled(uri) and not HAS_SCHEME.search(uri) and not takes(subject.index, uri, FOR_CACHES):
        yield Hit(URI, {"uri": uri, "right": mended(uri)})


@rule(
    id="KSV553",
    name="cached-scheme-unread",
    product="kserve",
    kinds=(MODEL_CACHE, NAMESPACE_CACHE),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the job that fills the cache can't fetch {scheme}://: it is KServe's downloader, not a mount",
    fix="Cache an address of {known}, or give the cluster a ClusterStorageContainer for download jobs.",
    source=Source("kserve/kserve", "v0.20.0", _NODE),
    bad=CACHE.replace("hf://example/chat-7b", "oci://registry.example.com/chat:7b") + "---" + GROUP,
    good=CACHE + "---" + GROUP,
)
def cached_scheme_unread(subject: Subject) -> Iterator[Hit]:
    """Images and claims are mounted into pods, so there is nothing to download, and nothing for a cache to hold."""
    uri = text(subject.data, *URI) or ""
    scheme, separator, _ = uri.partition("://")
    known = (*FETCHED, *(("modelscope",) if subject.release is None or subject.release >= V0_21 else ()))
    if separator and filled(uri) and scheme not in known and not takes(subject.index, uri, FOR_CACHES):
        yield Hit(URI, {"scheme": scheme, "known": ", ".join(f"{one}://" for one in known)})
