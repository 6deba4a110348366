"""A release and its record ``release.json``: one form, checked when it is read, the same bytes for the same release."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import InputError
from generator.model.artifact import (
    SOURCE,
    WRITTEN_BY,
    Golden,
    Signature,
    signature_from_json,
)
from generator.text.json import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RECORD = "release.json"
TOMBSTONE = "pruned.json"
"""Beside where the record was: the version was removed, and never comes back."""

SCHEMA_VERSION = 1
SERVICE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
VERSION = re.compile(r"[1-9][0-9]{0,8}")
SHORT = 16

T = TypeVar("T")


@dataclass(frozen=True)
class File:
    """One file of a release.

    Attributes:
        path: Relative to the folder of ``release.json``: ``<digest16>/<layout>/…``.
        size: Bytes.
        sha256: Of the content, 64 hex digits.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Release:
    """One immutable published version of a service's model.

    Attributes:
        service: The service's name.
        version: From 1.
        digest: Over all files, 64 hex digits; see ``digest_of``.
        files: Sorted by path as bytes.
        layouts: The folders under the digest folder, one for each model server's wishes.
        format: The model format, such as ``savedmodel``; the first, where there are several.
        formats: The format of a layout, where it isn't ``format``.
        runtimes: The oldest release of a server that can load the files, by layout.
        signature: None where it isn't known.
        metrics: What evaluation gave; empty for a model brought along.
        golden: A real request and its answer; None for a model brought along.
        training_key: Equal keys mean equal weights; None for a model brought along.
        trained_with: Library versions, seed, data fingerprint and the like.
    """

    service: str
    version: int
    digest: str
    files: tuple[File, ...]
    layouts: tuple[str, ...]
    format: str
    formats: dict[str, str] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)
    signature: Signature | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    golden: Golden | None = None
    training_key: str | None = None
    trained_with: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder of ``release.json``, from the store's top: ``<service>/<version>``."""
        return f"{self.service}/{self.version}"

    @property
    def path(self) -> str:
        """What the lock file pins: ``<service>/<version>/<digest16>``; pods read ``<store.url>/<path>/<layout>``."""
        return f"{self.folder}/{self.digest[:SHORT]}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def written_by(self) -> dict[str, str]:
        """What wrote the files, library to version, as far as the record says it: old ones don't."""
        told = self.trained_with.get(WRITTEN_BY)
        pairs = told.items() if isinstance(told, dict) else ()
        return {name: version for name, version in pairs if isinstance(version, str)}

    @property
    def source(self) -> str:
        """What a registry's alias or the hub's branch was when this was published; empty for what says nothing."""
        told = self.trained_with.get(SOURCE)
        uri = told.get("uri") if isinstance(told, dict) else ""
        return uri if isinstance(uri, str) and uri.isprintable() else ""


def holds(release: Release, wanted: Mapping[str, str]) -> bool:
    """Whether a release has all these layouts, each with this format in it."""
    there = {layout: release.formats.get(layout, release.format) for layout in release.layouts}
    return wanted.items() <= there.items()


class BrokenRecordError(ValueError):
    """A ``release.json`` that isn't one of ours; the text says why."""


def digest_of(files: Iterable[tuple[str, str]]) -> str:
    r"""The digest of a set of files (CONTRACT: "A release in the store").

    Args:
        files: Pairs of path and sha256; the path is relative to the digest folder and starts with the layout.

    Returns:
        sha256 over the lines ``<sha256>  <path>\n`` sorted by path as bytes: what ``sha256sum`` prints for them.
    """
    lines = sorted((path.encode(), sha256.encode()) for path, sha256 in files)
    return hashlib.sha256(b"".join(sha256 + b"  " + path + b"\n" for path, sha256 in lines)).hexdigest()


def check_service(name: str) -> str:
    """The name itself, if it can be a folder of a store.

    Raises:
        InputError: It can't.
    """
    if SERVICE.fullmatch(name):
        return name
    raise InputError(
        f"'{name}' is no service name.", fix="Lower-case letters, digits and '-', at most 63, no '-' at either end."
    )


def check_version(text: str) -> int:
    """A version as a number (CONTRACT: positive integers without leading zeros).

    Raises:
        InputError: The text is no version.
    """
    if VERSION.fullmatch(text):
        return int(text)
    raise InputError(f"'{text}' is no version.", fix="Versions are 1, 2, 3 …, without leading zeros.")


def to_json(release: Release) -> bytes:
    """The bytes of ``release.json``: sorted keys, no timestamps, so equal releases have equal bytes.

    Raises:
        InputError: The metrics or another free part hold what JSON can't (NaN, infinity).
    """
    record = {
        "schemaVersion": SCHEMA_VERSION,
        "service": release.service,
        "version": release.version,
        "digest": release.digest,
        "files": [asdict(file) for file in release.files],
        "layouts": sorted(release.layouts),
        "format": release.format,
        **({"formats": release.formats} if release.formats else {}),
        "runtimes": release.runtimes,
        "signature": asdict(release.signature) if release.signature else None,
        "metrics": release.metrics,
        "golden": asdict(release.golden) if release.golden else None,
        "trainingKey": release.training_key,
        "trainedWith": release.trained_with,
    }
    try:
        text = dumps(record)
    except ValueError as error:
        raise InputError(
            "the metrics or the golden pair hold a number that isn't finite (NaN or infinity), which no release can.",
            fix="The training has probably diverged: lower the learning rate and train again.",
        ) from error
    # Half a pair of surrogates, out of a model's own JSON, is no UTF-8; escaped it is the same JSON.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def from_json(content: bytes, *, service: str, version: int) -> Release:
    """Read a ``release.json`` and hold it against itself and the place where it lies.

    Keys that this program doesn't know are passed over: a change that older programs can't live with raises
    ``schemaVersion``.

    Args:
        content: The bytes.
        service: The service in whose folder it lies.
        version: The version in whose folder it lies.

    Raises:
        BrokenRecordError: It isn't one of ours, is damaged, or was written for another place.
    """
    try:
        release = _decode(content)
        _check_consistency(release, service, version)
        to_json(release)  # what can't be written again can't be locked, listed or compared either
    except BrokenRecordError:
        raise
    except KeyError as error:
        raise BrokenRecordError(f"the key {error} is missing") from error
    except (ValueError, TypeError, RecursionError, InputError) as error:
        raise BrokenRecordError(f"it can't be read: {error}") from error
    return release


def _decode(content: bytes) -> Release:
    raw = json.loads(content, parse_constant=_no_constant, parse_float=_finite)
    if not isinstance(raw, dict):
        raise BrokenRecordError("it isn't a JSON object")
    _check_schema_version(raw.get("schemaVersion"))
    return Release(
        service=_typed(raw, "service", str),
        version=_typed(raw, "version", int),
        digest=_typed(raw, "digest", str),
        files=tuple(
            File(_typed(item, "path", str), _typed(item, "size", int), _typed(item, "sha256", str))
            for item in _typed(raw, "files", list)
        ),
        layouts=tuple(_texts(_typed(raw, "layouts", list), "layouts")),
        format=_texts([raw["format"]], "format")[0],
        formats=_names(raw, "formats") if "formats" in raw else {},
        runtimes=_names(raw, "runtimes"),
        signature=signature_from_json(raw["signature"]) if raw["signature"] else None,
        metrics=_typed(raw, "metrics", dict),
        golden=Golden(**_typed(raw, "golden", dict)) if raw["golden"] else None,
        training_key=_typed(raw, "trainingKey", str) if raw["trainingKey"] is not None else None,
        trained_with=_typed(raw, "trainedWith", dict),
    )


def _no_constant(name: str) -> float:
    raise BrokenRecordError(f"{name} is no JSON number")


def _check_schema_version(found: object) -> None:
    if isinstance(found, int) and found > SCHEMA_VERSION:
        raise BrokenRecordError(f"its schemaVersion is {found}: a newer Serinus wrote it, which can also read it")
    if found != SCHEMA_VERSION:
        raise BrokenRecordError("it has no schemaVersion of a Serinus release")


def _typed(raw: Any, key: str, kind: type[T]) -> T:
    """``raw[key]``, which must be of that type; a Boolean is no number here, though Python thinks so."""
    value = raw[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BrokenRecordError(f"its {key} isn't of the right type")
    return value


def _texts(values: list[Any], key: str) -> list[str]:
    """Names, which go into the lock file and from there into manifests."""
    found = [value for value in values if isinstance(value, str) and value.isprintable()]
    if len(found) < len(values):
        raise BrokenRecordError(f"its {key} isn't of the right type")
    return found


def _names(raw: Mapping[str, Any], key: str) -> dict[str, str]:
    """Names by names."""
    found = _typed(raw, key, dict)
    return dict(zip(_texts(list(found), key), _texts(list(found.values()), key), strict=True))


def _finite(text: str) -> float:
    """A number with a fraction or an exponent."""
    if math.isinf(found := float(text)):
        raise BrokenRecordError(f"{text[:20]} is no number that a computer has")
    return found


def _check_consistency(release: Release, service: str, version: int) -> None:
    """Files, digest, layouts and place belong together, so a record edited by hand or moved is found out."""
    if (release.service, release.version) != (service, version):
        raise BrokenRecordError(f"it belongs to {release.service} {release.version}: somebody moved or copied it")
    top = f"{release.digest[:SHORT]}/"
    for file in release.files:
        parts = file.path.split("/")
        if (
            not file.path.startswith(top)
            or len(parts) < len(("digest", "layout", "file"))
            or {"", ".", ".."} & {*parts}
        ):
            raise BrokenRecordError(f"its file {file.path!r} lies outside of {top}")
    if not release.files or release.digest != digest_of((file.path[len(top) :], file.sha256) for file in release.files):
        raise BrokenRecordError("its digest isn't that of its files: somebody changed it")
    if not set(release.formats) <= set(release.layouts):
        raise BrokenRecordError("its formats are of layouts that it doesn't have")
    if set(release.layouts) != {file.path.split("/")[1] for file in release.files}:
        raise BrokenRecordError("its layouts aren't those of its files")
