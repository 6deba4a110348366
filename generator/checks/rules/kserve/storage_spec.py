"""``model.storage``: a path in a store that a Secret describes."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import MODELMESH, PREFIX, annotations_of, mode, model
from generator.checks.rules.kserve.spec import predictors as predictors_of
from generator.checks.rules.seldon_core_1.storage import secrets_by_name
from generator.checks.subject import mapping, may_be_in, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Document, Path

CREDENTIALS = Source("kserve/kserve", "v0.20.0", "pkg/credentials/service_account_credentials.go")
PREDICTOR = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go")
COMPONENT = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/component.go")

SECRET_NAMES = (f"{PREFIX}storageSecretName", f"{PREFIX}secretName")
DEFAULT_SECRET = "storage-config"  # noqa: S105 (the name of a Secret)
TYPES = ("s3", "hdfs", "webhdfs")

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storage: {path: digits/1, parameters: {type: s3, bucket: models}}
"""
KEYED = (
    GOOD.replace("parameters: {type: s3, bucket: models}", "key: minio")
    + """---
apiVersion: v1
kind: Secret
metadata: {name: storage-config}
stringData:
  minio: '{"type": "s3", "bucket": "models", "endpoint_url": "http://minio:9000"}'
"""
)


class Storage(NamedTuple):
    """A storage spec and where it stands.

    Attributes:
        path: The place.
        spec: Key, path, parameters.
        uri: The storageUri beside it; None where there is none.
    """

    path: Path
    spec: Mapping[str, Any]
    uri: str | None

    @property
    def kind(self) -> str | None:
        """The type that the parameters name."""
        return text(self.spec, "parameters", "type") or None


def _storages(subject: Subject) -> Iterator[Storage]:
    """The storage specs of models; ModelMesh reads them in its own way, and those of frameworks are gone by now."""
    if mode(subject) == MODELMESH:
        return
    for component in predictors_of(subject):
        served = model(component)
        found = served.spec.get("storage") if served else None
        if served and served.path[-1] == "model" and isinstance(found, dict):
            yield Storage((*served.path, "storage"), found, text(served.spec, "storageUri"))


def _entry(subject: Subject, key: str) -> tuple[Document, str | None] | None:
    """The Secret of the set that KServe looks into and the text under the key; None where that can't be known."""
    annotated = (annotations_of(subject).get(name) for name in SECRET_NAMES)
    name = next((one for one in annotated if isinstance(one, str)), DEFAULT_SECRET)
    every = subject.index.derive(secrets_by_name).get(name, ())
    mine = [one for one in every if may_be_in([one.namespace], subject.document.namespace)]
    if len(mine) != 1 or not (mapping(mine[0].data, "data") or mapping(mine[0].data, "stringData")):
        return None
    return mine[0], _decoded(mine[0].data, key)


def _decoded(secret: Mapping[str, Any], key: str) -> str | None:
    plain = text(secret, "stringData", key)
    packed = text(secret, "data", key)
    if plain is not None or packed is None:
        return plain
    try:
        return base64.b64decode(packed, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _described(written: str | None) -> Mapping[str, Any]:
    """The description of a store in a Secret; empty where it is no JSON object."""
    try:
        return mapping(json.loads(written or "{}"))
    except (ValueError, RecursionError):
        return {}


@rule(
    id="KSV133",
    name="storage-without-path",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storage"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="storage has no path, so nothing is downloaded",
    fix="Add the path of the model in the store.",
    source=COMPONENT,
    bad=GOOD.replace("path: digits/1, ", ""),
    good=GOOD,
)
def storage_without_path(subject: Subject) -> Iterator[Hit]:
    """KServe makes the address to download from storage.path alone; the server comes up without a model.

    Beside a storageUri the key alone is fine: then it names credentials.
    """
    for place, spec, uri in _storages(subject):
        if uri is None and spec.get("path") is None:
            yield Hit(place, on_key=True)


@rule(
    id="KSV134",
    name="storage-path-beside-storage-uri",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storage"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe takes storageUri or storage.path, not both, and makes no pod of this",
    fix="Remove one of the two; storage.key may stay beside storageUri.",
    source=PREDICTOR,
    bad=GOOD + "      storageUri: s3://models/digits/1\n",
    good=GOOD,
)
def storage_path_beside_storage_uri(subject: Subject) -> Iterator[Hit]:
    """Admission takes it; the controller refuses it at each try, and only an event of the service says so."""
    for place, spec, uri in _storages(subject):
        if uri is not None and spec.get("path") is not None:
            yield Hit((*place, "path"), on_key=True)


@rule(
    id="KSV135",
    name="storage-of-an-unknown-type",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storage"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="storage knows the types s3, hdfs and webhdfs; of '{type}' it reads neither bucket nor credentials",
    fix="Write storageUri for other stores, with credentials at the ServiceAccount; type s3 is for all that speak S3.",
    source=CREDENTIALS,
    bad=GOOD.replace("type: s3", "type: gs"),
    good=GOOD,
)
def storage_of_an_unknown_type(subject: Subject) -> Iterator[Hit]:
    """A type from the Secret is refused when the pod is made; one from the parameters becomes a wrong address."""
    for storage in _storages(subject):
        found, path = storage.kind, (*storage.path, "parameters", "type")
        key = text(storage.spec, "key")
        if found is None and key:
            _, written = _entry(subject, key) or (None, None)
            found, path = text(_described(written), "type"), (*storage.path, "key")
        if found and found not in TYPES:
            yield Hit(path, {"type": found})


@rule(
    id="KSV136",
    name="storage-without-bucket",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storage"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no pod is made: storage of type s3 needs a bucket{where}",
    fix="Add bucket to {place}.",
    source=CREDENTIALS,
    bad=GOOD.replace("type: s3, bucket: models", "type: s3"),
    good=GOOD,
)
def storage_without_bucket(subject: Subject) -> Iterator[Hit]:
    """KServe reads the bucket where it reads the type: a type in the parameters hides the bucket in the Secret."""
    for storage in _storages(subject):
        key, stored = text(storage.spec, "key"), storage.kind
        if storage.uri is not None or storage.spec.get("path") is None or text(storage.spec, "parameters", "bucket"):
            continue
        if stored == "s3":
            where = " beside the type, and doesn't take it from the Secret" if key else ""
            yield Hit((*storage.path, "parameters"), {"where": where, "place": "parameters"}, on_key=True)
        elif stored is None and key:
            secret, written = _entry(subject, key) or (None, None)
            described = _described(written)
            if secret and text(described, "type") == "s3" and not text(described, "bucket"):
                place = f"the JSON under {key} in the Secret {secret.name}, or to parameters"
                yield Hit((*storage.path, "key"), {"where": "", "place": place})


@rule(
    id="KSV137",
    name="storage-key-not-in-the-secret",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storage"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Secret {secret} has no key {key}, and KServe makes no pod without it",
    fix="Add to the Secret, under {key}, a JSON object with the store's type, bucket and credentials; or mend the key.",
    source=CREDENTIALS,
    bad=KEYED.replace("key: minio", "key: localMinIO"),
    good=KEYED,
)
def storage_key_not_in_the_secret(subject: Subject) -> Iterator[Hit]:
    """The store is described in one Secret of the namespace, storage-config unless an annotation names another."""
    for storage in _storages(subject):
        key = text(storage.spec, "key")
        found = _entry(subject, key) if key else None
        if key and found and found[1] is None:
            yield Hit((*storage.path, "key"), {"secret": found[0].name, "key": key})
