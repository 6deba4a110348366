"""Which stores a platform's pods read: one table, asked when a service file is loaded and printed into the docs.

A release is a folder of files, so what hands out single files or images can't be a store. Sources, a platform:
kserve/kserve v0.20.0, python/storage/kserve_storage/kserve_storage.py; SeldonIO/seldon-core v1.18.2,
components/rclone-storage-initializer; v2.10.2, scheduler/pkg/agent/rclone.
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.service.store import FILES
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.platforms.base import Objection, Platform
    from generator.service import Service


class Kind(StrEnum):
    """What a URL names."""

    S3 = "s3://BUCKET/PREFIX"
    GOOGLE = "gs://BUCKET/PREFIX"
    AZURE = "https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX"
    HADOOP = "hdfs://HOST/PATH, webhdfs://HOST/PATH"
    CLAIM = "pvc://CLAIM/FOLDER"
    OTHER = "any other scheme"
    WEB = "http://HOST/PATH, https://HOST/PATH"
    HUB = "hf://OWNER/MODEL, modelscope://OWNER/MODEL"
    IMAGE = "oci://REGISTRY/IMAGE"
    SERVER = "file:///FOLDER"


SCHEMES: Mapping[str, Kind] = MappingProxyType(
    {
        "s3": Kind.S3,
        "gs": Kind.GOOGLE,
        **dict.fromkeys(("hdfs", "webhdfs"), Kind.HADOOP),
        "pvc": Kind.CLAIM,
        **dict.fromkeys(("http", "https"), Kind.WEB),
        **dict.fromkeys(("hf", "modelscope"), Kind.HUB),
        **dict.fromkeys(("oci", "oci+native", "oci+fetch", "oci+modelcar"), Kind.IMAGE),
        "file": Kind.SERVER,
    }
)
AZURE = re.compile(r"https://[^/]+\.((blob|file)\.core\.windows\.net|z[0-9]{1,2}\.(blob|file)\.storage\.azure\.net)/")
"""What KServe's storage initializer takes for a store of Azure's (``_AZURE_BLOB_RE``, ``_AZURE_FILE_RE``): of the
public cloud alone; it fetches one file from any other https address."""
OTHERWISE: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("az", "azure", "azureblob", "adl", "abfs", "abfss", "wasb", "wasbs"), Kind.AZURE),
        "gcs": Kind.GOOGLE,
    }
)
"""How people and other tools write stores that have another URL here."""
NEVER: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        Kind.WEB: ("a release is a folder, which can't be fetched by {scheme}://.", ""),
        Kind.HUB: ("a release is a folder, which can't be fetched by {scheme}://.", ""),
        Kind.IMAGE: ("releases are published as files, which no registry takes.", "Write store.oci and store.door."),
        Kind.SERVER: ("a release is no folder of the servers' own.", ""),
    }
)
"""What no release lies in on any platform, and what to do where that isn't to take another store."""
REMOTE = "azureblob"
"""rclone's own name for Azure Blob, and so a good one for the remote (rclone v1.76.0, docs/content/azureblob.md)."""


def kind_of(url: str) -> Kind:
    """What a URL with a scheme names."""
    return Kind.AZURE if AZURE.match(url) else SCHEMES.get(scheme_of(url), Kind.OTHER)


def scheme_of(url: str) -> str:
    """What stands before ``://``; empty for a path."""
    return url.partition("://")[0] if "://" in url else ""


def objections(service: Service, platform: Platform) -> Iterator[Objection]:
    """A store that the platform's pods can't read, with what to write instead."""
    store = service.store
    if store is None or store.door != FILES or not any(variant.release for variant in service.variants):
        return
    if said := unreadable(platform, store.url):
        yield ("store", "url"), *said


def unreadable(platform: Platform, url: str) -> tuple[str, str] | None:
    """Why a platform's pods can't read releases below a URL, and what to do; None where they can."""
    kind, scheme = kind_of(url), scheme_of(url)
    if kind is Kind.OTHER and "@" in url.split("/")[2] and kind in platform.reads:
        return f"{platform.title} finds no store by an address with '@'.", instead(platform, url)
    if kind in platform.reads:
        return None
    message, fix = NEVER.get(kind, ("{title} can't read a release by {scheme}://.", ""))
    other = instead(platform, url) or fix or f"It reads {_able(platform)}."
    return message.format(scheme=scheme, title=platform.title), other


def instead(platform: Platform, url: str) -> str:
    """What to write where the same store has a URL that the platform's pods read; empty where none is known."""
    scheme, rest = scheme_of(url), url.partition("://")[2]
    meant = OTHERWISE.get(scheme, Kind.AZURE if _azures(rest) and scheme == "https" else None)
    if meant is Kind.GOOGLE:
        return hidden(f"Write gs://{rest}.")
    if meant is not Kind.AZURE:
        return ""
    if Kind.AZURE in platform.reads:
        return f"Write {Kind.AZURE}, of Azure's public cloud."
    inside = rest.partition("/")[2] if _azures(rest) and "@" not in rest else "CONTAINER/PREFIX"
    named = hidden(url) if scheme == "https" else str(Kind.AZURE)
    return f"Write {REMOTE}://{inside}, the name of an rclone remote of that type, and store.publish: {named}."


def _azures(rest: str) -> bool:
    """Whether an address is one of Azure's storage accounts, in whichever cloud."""
    return bool(re.match(r"[^/]+\.(blob|dfs)\.(core\.[a-z]+\.[a-z]+|storage\.azure\.net)(/|\Z)", rest))


def _able(platform: Platform) -> str:
    *most, last = [kind.value.partition(",")[0] for kind in Kind if kind in platform.reads and kind is not Kind.OTHER]
    return f"{', '.join(most)} or {last}"


def table(platforms: Iterable[Platform]) -> Iterator[tuple[str, list[str]]]:
    """A row for each kind of store: its URL, and how each platform's pods read it; empty where they can't."""
    known = list(platforms)
    for kind in Kind:
        yield kind.value, [platform.reads.get(kind, "") for platform in known]
