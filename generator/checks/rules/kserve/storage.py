"""Where a model comes from: storageUri, storageUris, confidential models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import V0_16, V0_20, VALIDATION, components, model, storage_uri
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

MOUNT = "/mnt/models"
"""The CRD's default of ``mountPath``."""

RESOURCE_ID = re.compile(r"kbs:///[a-zA-Z0-9_.-]+/[a-zA-Z0-9_.-]+/[a-zA-Z0-9_.-]+")

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: s3://models/digits/1, mountPath: /mnt/models/base}
      - {uri: s3://models/adapter/1, mountPath: /mnt/models/adapter}
    model: {modelFormat: {name: sklearn}}
"""


def mounts(component: Component) -> Iterator[tuple[Path, str, str]]:
    """Place, URI and mount path of each entry of ``storageUris``."""
    for number, entry in enumerate(sequence(component.spec, "storageUris")):
        path = text(entry, "mountPath")
        place = (*component.path, "storageUris", number)
        yield place, text(entry, "uri") or "", MOUNT if path is None else path


@rule(
    id="KSV020",
    name="storage-uri-beside-storage-uris",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the {component} has both storageUri and storageUris",
    fix="Move the storageUri into the list storageUris, or remove the list.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: s3://models/adapter/1, mountPath: /mnt/models/adapter}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def storage_uri_beside_storage_uris(subject: Subject) -> Iterator[Hit]:
    """KServe takes one form or the other. For a custom container the variable STORAGE_URI counts as the first."""
    for component in components(subject):
        if sequence(component.spec, "storageUris") and storage_uri(component) is not None:
            yield Hit((*component.path, "storageUris"), {"component": component.name}, on_key=True)


@rule(
    id="KSV021",
    name="storage-uris-mount-path",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the mountPath '{mount}'",
    fix="Write an absolute path below the root and without '..', such as /mnt/models/adapter.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: s3://models/digits/1, mountPath: /mnt/models/../digits}
    model: {modelFormat: {name: sklearn}}
""",
    good=GOOD,
)
def storage_uris_mount_path(subject: Subject) -> Iterator[Hit]:
    """A model must not be laid over the root of the container, nor anywhere by way of '..'."""
    for component in components(subject):
        for place, _, mount in mounts(component):
            if mount == "/" or ".." in mount:
                yield Hit((*place, "mountPath"), {"mount": mount})


@rule(
    id="KSV022",
    name="storage-uris-without-common-parent",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the mount paths {mounts} share no folder but the root",
    fix="Mount them under one folder, such as /mnt/models/base and /mnt/models/adapter.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: s3://models/digits/1, mountPath: /mnt/models}
      - {uri: s3://models/adapter/1, mountPath: /opt/adapter}
    model: {modelFormat: {name: sklearn}}
""",
    good=GOOD,
)
def storage_uris_without_common_parent(subject: Subject) -> Iterator[Hit]:
    """One volume is mounted at the folder that all downloads share; volume claims (pvc://) have their own mounts."""
    for component in components(subject):
        downloads = [mount for _, uri, mount in mounts(component) if not uri.startswith("pvc://")]
        if len(downloads) > 1 and len({mount.strip("/").split("/")[0] for mount in downloads}) > 1:
            names = " and ".join(dict.fromkeys(downloads))
            yield Hit((*component.path, "storageUris"), {"mounts": names}, on_key=True)


@rule(
    id="KSV023",
    name="storage-uris-same-claim-path",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="two volume claims are mounted at '{mount}'",
    fix="Give each pvc:// entry a mountPath of its own.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    storageUris:
      - {uri: s3://models/digits/1, mountPath: /mnt/models/base}
      - {uri: s3://models/adapter/1, mountPath: /mnt/models/adapter}
      - {uri: pvc://tokens, mountPath: /mnt/data}
      - {uri: pvc://labels, mountPath: /mnt/data}
    model: {modelFormat: {name: sklearn}}
""",
    good=GOOD,
)
def storage_uris_same_claim_path(subject: Subject) -> Iterator[Hit]:
    """Two volumes can't lie at one path. The webhook looks only where two other entries are there as well."""
    for component in components(subject):
        entries = list(mounts(component))
        if sum(not uri.startswith("pvc://") for _, uri, _ in entries) <= 1:
            continue
        seen: set[str] = set()
        for place, uri, mount in entries:
            if uri.startswith("pvc://") and mount in seen:
                yield Hit((*place, "mountPath"), {"mount": mount})
            if uri.startswith("pvc://"):
                seen.add(mount)


@rule(
    id="KSV024",
    name="confidential-model-without-storage-uri",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"confidential"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a confidential model needs storageUri",
    fix="Set storageUri beside confidential; storage and storageUris don't do.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storage: {key: localMinIO, path: digits/1}
      confidential: {enabled: true}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      confidential: {enabled: true}
""",
)
def confidential_model_without_storage_uri(subject: Subject) -> Iterator[Hit]:
    """The decryption is done by the container that downloads the storageUri; without one nothing would decrypt."""
    for place, spec in _confidential(subject):
        if not text(spec, "storageUri"):
            yield Hit((*place, "confidential"), on_key=True)


@rule(
    id="KSV025",
    name="confidential-resource-id-malformed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"confidential"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the resourceId '{value}' names no key of a key broker",
    fix="Write kbs:///<repository>/<type>/<tag>, for example kbs:///default/model-key/digits.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/validation/confidential.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      confidential: {enabled: true, resourceId: "kbs://default/model-key/digits"}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      confidential: {enabled: true, resourceId: "kbs:///default/model-key/digits"}
""",
)
def confidential_resource_id_malformed(subject: Subject) -> Iterator[Hit]:
    """Three slashes and three segments: the broker's address stands in its own configuration, not in the id."""
    for place, spec in _confidential(subject):
        value = text(spec, "confidential", "resourceId")
        if text(spec, "storageUri") and value and not RESOURCE_ID.fullmatch(value):
            yield Hit((*place, "confidential", "resourceId"), {"value": value})


def _confidential(subject: Subject) -> Iterator[tuple[Path, object]]:
    """Where the predictor's model is and what stands there, if it is confidential."""
    for component in components(subject):
        served = model(component) if component.name == "predictor" else None
        if served is not None and mapping(served.spec, "confidential").get("enabled") is True:
            yield served.path, served.spec
