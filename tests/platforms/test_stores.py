"""Which stores each platform's pods read: all of the table, and what is written instead where they can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.errors import InputError
from generator.loading.load import load
from generator.plan.lock import Lock
from generator.platforms import of, platforms
from generator.platforms.stores import Kind, kind_of, unreadable
from generator.rendering.render import render

if TYPE_CHECKING:
    from pathlib import Path

    from generator.service import Service

AZURE = "https://acme.blob.core.windows.net/models/team"
BLOBS = "https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX"
INITIALIZER, RCLONE = ("kserve", "kubernetes"), ("seldon-core-1", "seldon-core-2")
EVERYWHERE = (*INITIALIZER, *RCLONE)

READ = {
    "s3://models/team": EVERYWHERE,
    "gs://models/team": EVERYWHERE,
    AZURE: INITIALIZER,
    "https://acme.z7.blob.storage.azure.net/models/team": INITIALIZER,
    "azureblob://models/team": ("kserve", *RCLONE),  # on KServe by a ClusterStorageContainer
    "hdfs://name/models": EVERYWHERE,
    "pvc://models/team": ("kserve", "kubernetes", "seldon-core-1"),
    "minio://models": ("kserve", *RCLONE),
    "hf://acme/models": (),
    "oci://registry.example.com/models": (),
    "https://models.example.com/team": (),
    "https://acme.blob.core.usgovcloudapi.net/models/team": (),
    "http://models.example.com/team": (),
    "file:///mnt/models": (),
}


@pytest.mark.parametrize("platform", EVERYWHERE)
@pytest.mark.parametrize("url", READ)
def test_each_platform_reads_what_the_table_says(platform: str, url: str) -> None:
    assert (unreadable(platforms()[platform], url) is None) == (platform in READ[url])


@pytest.mark.parametrize(
    ("platform", "url", "said"),
    [
        ("kubernetes", "gcs://models/a", "can't read a release by gcs://. Write gs://models/a."),
        ("kubernetes", "az://models/a", f"can't read a release by az://. Write {BLOBS}"),
        ("kserve", "https://acme.blob.core.chinacloudapi.cn/models", f"can't be fetched by https://. Write {BLOBS}"),
        ("kserve", "abfss://models@acme.dfs.core.windows.net/a", f"no store by an address with '@'. Write {BLOBS}"),
        ("kserve", "hf://acme/digits", "can't be fetched by hf://. It reads s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, "),
        ("kserve", "oci://registry/models", "no registry takes. Write store.oci and store.door."),
        (
            "seldon-core-2",
            AZURE,
            f"Write azureblob://models/team, the name of an rclone remote of that type, and store.publish: {AZURE}.",
        ),
        ("seldon-core-2", "pvc://models/team", "It reads s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or hdfs://HOST/PATH."),
        ("seldon-core-1", "abfs://models@acme.dfs.core.windows.net", "Write azureblob://CONTAINER/PREFIX, the name"),
    ],
)
def test_what_to_write_instead_is_said(platform: str, url: str, said: str) -> None:
    found = unreadable(platforms()[platform], url)
    assert found is not None
    assert said in " ".join(found)


SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {{kind: {platform}}}
store: {{url: "{url}"{more}}}
model: {{format: sklearn}}
variants: [{{name: stable, {variant}}}]
"""


def written(folder: Path, text: str) -> Service:
    (folder / "serinus.yaml").write_text(text)
    return load(folder / "serinus.yaml")


def test_the_service_file_is_refused_at_the_stores_line(tmp_path: Path) -> None:
    text = SERVICE.format(platform="seldon-core-1", url=AZURE, more="", variant="release: latest")
    with pytest.raises(InputError, match=r"serinus\.yaml:5:\d+: Seldon Core 1 can't read a release by https://"):
        of(written(tmp_path, text))


@pytest.mark.parametrize(
    ("more", "variant"),
    [
        ("", "uri: 's3://models/digits/1'"),
        (", oci: registry.example.com/models, door: image-volume", "release: latest"),
    ],
)
def test_a_store_that_no_pod_reads_may_be_anywhere(tmp_path: Path, more: str, variant: str) -> None:
    text = SERVICE.format(platform="kserve", url="https://example.com/m", more=more, variant=variant)
    assert of(written(tmp_path, text)).id == "kserve"


def test_every_scheme_names_one_kind() -> None:
    assert {kind_of(url) for url in READ} == set(Kind)
    for platform in platforms().values():
        assert {Kind.S3, Kind.GOOGLE} <= platform.reads.keys()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://models", "serving.kserve.io/s3-endpoint: models.example.com"),
        ("gs://models", "store.endpoint is for publishing alone"),
        (AZURE, "store.endpoint is for publishing alone"),
        ("pvc://claim/models", "store.endpoint is for publishing alone"),
    ],
)
def test_kserve_tells_pods_an_endpoint_of_s3_alone(tmp_path: Path, url: str, said: str) -> None:
    more, variant = ", endpoint: 'https://models.example.com'", "uri: 's3://models/digits/1'"
    service = written(tmp_path, SERVICE.format(platform="kserve", url=url, more=more, variant=variant))
    assert any(said in note for note in render(service, Lock()).notes)
