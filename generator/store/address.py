"""Where a store is: its URL, taken apart and checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.errors import InputError

KNOWN = "a folder, file:///folder or s3://bucket/prefix"
# Wider than today's rule (Amazon S3 user guide, "Bucket naming rules"): old and S3-compatible servers allow more.
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
ENDPOINT = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}")
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Folder:
    """A store in a local folder, absolute."""

    path: Path

    @property
    def url(self) -> str:
        """The folder as a path: what people type and ``ls`` understands."""
        return str(self.path)


@dataclass(frozen=True)
class Bucket:
    """A store in an S3-compatible bucket.

    Attributes:
        name: The bucket.
        prefix: Where the store starts inside of it, without slashes at its ends; may be empty.
    """

    name: str
    prefix: str

    @property
    def url(self) -> str:
        """The canonical URL, without a slash at its end."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


def parse(url: str) -> Folder | Bucket:
    """Take a store's URL apart.

    Args:
        url: An absolute or relative path, ``file:///path`` or ``s3://bucket/prefix``.

    Raises:
        InputError: It is none of these. A password in it is never repeated.
    """
    scheme, separator, rest = url.partition("://")
    if "\0" in url:
        raise InputError("the store's URL holds a NUL character.", fix=f"Give {KNOWN}.")
    if not url.strip():
        raise InputError("the store's URL is empty.", fix=f"Give {KNOWN}.")
    if not separator:
        return Folder(Path(url).absolute())
    if scheme.lower() == "file":
        return _folder(rest)
    if scheme.lower() == "s3":
        return _bucket(rest)
    shown = f"'{scheme}://'" if SCHEME.fullmatch(scheme) else "this URL"
    raise InputError(f"a store can't be written or read through {shown}.", fix=f"Give {KNOWN}.")


def _folder(rest: str) -> Folder:
    host, slash, path = rest.partition("/")
    if host not in {"", "localhost"} or not slash or "\0" in unquote(path):
        raise InputError(
            "the store's URL starts with file:// and names no absolute folder.",
            fix="Write three slashes: file:///folder, without user name and password.",
        )
    return Folder(Path("/" + unquote(path)).absolute())


def _bucket(rest: str) -> Bucket:
    name, _, prefix = rest.partition("/")
    if not BUCKET.fullmatch(name):
        raise InputError(
            "the store's URL names no bucket that could exist.",
            fix="Write s3://bucket/prefix; the bucket has 3 to 255 letters, digits, '-', '.' and '_'. "
            "Credentials come from the AWS_* variables, never from the URL.",
        )
    prefix = prefix.rstrip("/")
    if prefix and (re.search(r"[\x00-\x1f\x7f\\?#]", prefix) or {"", ".", ".."} & {*prefix.split("/")}):
        raise InputError(
            f"the prefix of the store's URL, after s3://{name}/, can't be used.",
            fix="Leave out empty parts, '.', '..', '?', '#' and backslashes. "
            "A signature gives no access to a store: credentials come from the AWS_* variables.",
        )
    return Bucket(name, prefix)


def check_endpoint(url: str, *, told_by: str) -> str:
    """The address of an S3-compatible server, without a slash at its end.

    Args:
        url: The address.
        told_by: Where it comes from, for the message.

    Raises:
        InputError: It is no http or https address, or it holds a password.
    """
    problem = InputError(
        f"the endpoint in {told_by} is no http or https address.",
        fix="Write for example https://minio.example.com:9000, without user name and password.",
    )
    if not ENDPOINT.fullmatch(url):
        raise problem
    try:
        port = urlsplit(url).port
    except ValueError as error:
        raise problem from error
    if port is not None and not 0 < port <= HIGHEST_PORT:
        raise problem
    return url.rstrip("/")
