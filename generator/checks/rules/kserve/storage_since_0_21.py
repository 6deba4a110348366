"""What KServe 0.21 reads newly: ModelScope's hub, and images that an init container fetches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.changed_around_0_21 import CERTIFICATE, GOOD, KEY, SECURE, WHEELS
from generator.checks.rules.kserve.changed_in_0_21 import MASTER
from generator.checks.rules.kserve.spec import V0_21, addresses, every_container
from generator.checks.subject import integer, sequence
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Address
    from generator.checks.subject import Subject

HUB = re.compile(r"modelscope://[^/:]+/[^/:]+(?::[^/]+)?")
TLS_PORT = 8443
DOWNLOADED = ("s3", "gs", "hdfs", "webhdfs", "hf", "http", "https", "modelscope")
"""Schemes of the storage initializer, which a pod has once."""

SEVERAL = GOOD.replace(
    "    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}\n",
    "    storageUris:\n"
    "      - {uri: 'oci+fetch://registry.example.com/digits:1', mountPath: /mnt/models/base}\n"
    "      - {uri: 'oci+fetch://registry.example.com/words:1', mountPath: /mnt/models/words}\n"
    "    model: {modelFormat: {name: sklearn}}\n",
)


@rule(
    id="KSV467",
    name="modelscope-address-malformed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUri", "storageUris", "env"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' is no address at ModelScope for KServe: it wants an owner and a model, and no further slash",
    fix="Write modelscope://<owner>/<model>:<revision>.",
    source=Source("kserve/kserve", MASTER, "python/storage/kserve_storage/kserve_storage.py"),
    bad=GOOD.replace("s3://models/digits/1", "modelscope://acme/digits/v1"),
    good=GOOD.replace("s3://models/digits/1", "'modelscope://acme/digits:v1'"),
)
def modelscope_address_malformed(subject: Subject) -> Iterator[Hit]:
    """The pod's init container fails on it again and again."""
    for _, path, uri, _ in addresses(subject):
        if uri.startswith("modelscope://") and not HUB.fullmatch(uri):
            yield Hit(path, {"uri": uri})


@rule(
    id="KSV468",
    name="fetched-image-beside-a-download",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"storageUris"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a pod that fetches an image downloads nothing else: '{uri}' isn't there when the server starts",
    fix="Take all models of a pod from images, or all from the other store.",
    source=Source("kserve/kserve", MASTER, "pkg/webhook/admission/pod/oci_fetch.go"),
    bad=SEVERAL.replace("oci+fetch://registry.example.com/words:1", "s3://models/words/1"),
    good=SEVERAL,
)
def fetched_image_beside_a_download(subject: Subject) -> Iterator[Hit]:
    """The init container that pulls the image takes the place of the one that downloads, and nobody says so."""
    pods: dict[str, list[Address]] = {}
    for address in addresses(subject):
        pods.setdefault(".".join(map(str, address.component.path)), []).append(address)
    for several in pods.values():
        if any(one.uri.startswith("oci+fetch://") for one in several):
            for _, path, uri, _ in several:
                if uri.partition("://")[0] in DOWNLOADED:
                    yield Hit(path, {"uri": uri})


@rule(
    id="KSV469",
    name="tls-without-its-port",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"env"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="with these variables a server of KServe's SDK listens on 8443, and Service and probe go to 8080",
    fix="Declare ports: [{{containerPort: 8443}}] on the container.",
    source=WHEELS,
    bad=SECURE.replace("        ports: [{containerPort: 8443}]\n", ""),
    good=SECURE,
)
def tls_without_its_port(subject: Subject) -> Iterator[Hit]:
    """The controller knows nothing of the certificate; what it makes follows the port that the container declares."""
    for container in every_container(subject):
        places = {name: path for path, name, _ in container.env()}
        ports = [integer(port, "containerPort") for port in sequence(container.spec, "ports")]
        if CERTIFICATE in places and KEY in places and not ports:
            yield Hit((*places[CERTIFICATE], "name"))
