"""Storage URIs that KServe can't read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import V0_20, V0_21, addresses
from generator.checks.rules.kserve.storage_containers import takes
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BOUNDS = ((V0_20, ("oci+native",)), (V0_21, ("oci+fetch", "modelscope")))
"""What releases added. ModelScope's hub isn't in the list in utils.go: the ClusterStorageContainer that 0.21 ships
takes it."""
SCHEMES = ("gs", "s3", "pvc", "file", "https", "http", "hdfs", "webhdfs", "oci", "hf")
LISTED_MODES = "oci+"
"""In a list 0.20 reads the mode off any address of an image; the list isn't held to the schemes in utils.go
(storage_initializer_injector.go, CommonStorageInitialization)."""


@rule(
    id="KSV114",
    name="unknown-storage-scheme",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe can't read '{scheme}://' by itself",
    fix="Use one of {known}, or give the cluster a ClusterStorageContainer for it.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/utils/utils.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: abfs://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def unknown_storage_scheme(subject: Subject) -> Iterator[Hit]:
    """Admission takes any text; the controller refuses the scheme in an event, and no pod comes up.

    The entries of storageUris aren't even looked at by the controller: there the download fails, again and again.

    A ClusterStorageContainer in the given set can teach the cluster another scheme; what it takes isn't told.
    """
    release = subject.release
    added = (names for since, names in BOUNDS if release is None or release >= since)
    known = (*SCHEMES, *(name for names in added for name in names))
    for _, path, uri, listed in addresses(subject):
        scheme, separator, _ = uri.partition("://")
        by_mode = listed and scheme.startswith(LISTED_MODES) and (release is None or release >= V0_20)
        if separator and scheme not in known and not by_mode and not takes(subject.index, uri):
            yield Hit(path, {"scheme": scheme, "known": ", ".join(f"{name}://" for name in known)})
