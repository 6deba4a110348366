"""Where a store is: its URL, taken apart and checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from generator.errors import InputError
from generator.store.backends import backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.store.backends.base import Bucket

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}")
FOR_PODS: Mapping[str, str] = MappingProxyType(
    {
        "pvc": "Set store.publish to the folder where the volume claim is mounted here; the pods read store.url.",
        "oci": "Set store.publish to where the release's files go, a folder or a bucket.",
        "hf": "Bring the snapshot along (serinus publish --model) and set store.publish to a folder or a bucket.",
    }
)
"""Schemes that pods read, and what to do about publishing."""


@dataclass(frozen=True)
class Folder:
    """A store in a local folder, absolute."""

    path: Path

    @property
    def url(self) -> str:
        """The folder as a path: what people type and ``ls`` understands."""
        return str(self.path)


def known() -> str:
    """What a store's URL may be, for messages."""
    *forms, last = ["a folder", "file:///folder", *(backend.form for backend in backends().values())]
    return f"{', '.join(forms)} or {last}"


def parse(url: str) -> Folder | Bucket:
    """Take a store's URL apart.

    Args:
        url: An absolute or relative path, ``file:///path``, or the URL of a bucket.

    Raises:
        InputError: It is none of these. A password in it is never repeated.
    """
    scheme, separator, rest = url.partition("://")
    if "\0" in url:
        raise InputError("the store's URL holds a NUL character.", fix=f"Give {known()}.")
    if not url.strip():
        raise InputError("the store's URL is empty.", fix=f"Give {known()}.")
    if not separator:
        return Folder(Path(url).absolute())
    scheme = scheme.lower() if SCHEME.fullmatch(scheme) else ""
    if scheme == "file":
        return _folder(rest)
    for backend in backends().values():
        if scheme == backend.scheme:
            return backend.parse(rest)
        if scheme in backend.written:
            raise InputError(
                f"a store isn't named by '{scheme}://'.",
                fix=f"Write {backend.written[scheme](rest)}, in store.publish if the pods read store.url as it is.",
            )
    raise unreadable(scheme)


def unreadable(scheme: str) -> InputError:
    """The error of a URL that no backend takes."""
    shown = f"'{scheme}://'" if scheme else "this URL"
    return InputError(
        f"a store can't be written or read through {shown}.", fix=FOR_PODS.get(scheme, f"Give {known()}.")
    )


def _folder(rest: str) -> Folder:
    host, slash, path = rest.partition("/")
    if host not in {"", "localhost"} or not slash or "\0" in unquote(path):
        raise InputError(
            "the store's URL starts with file:// and names no absolute folder.",
            fix="Write three slashes: file:///folder, without user name and password.",
        )
    return Folder(Path("/" + unquote(path)).absolute())
