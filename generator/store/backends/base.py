"""What a kind of bucket declares, and what all have in common: names, prefixes, endpoints, variables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from generator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from generator.store.failures import Access

ENDPOINT = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?", re.ASCII)
HIGHEST_PORT = 65535
UNUSABLE = re.compile(r"[\x00-\x1f\x7f\\?#]")


@dataclass(frozen=True)
class Bucket:
    """A store in a bucket; Azure calls it a container.

    Attributes:
        backend: The id of its backend.
        url: The canonical URL, without a slash at its end.
        name: The bucket.
        prefix: Where the store starts inside of it, without slashes at its ends; may be empty.
        server: The server's address, where the URL names it.
    """

    backend: str
    url: str
    name: str
    prefix: str
    server: str = ""


@dataclass(frozen=True)
class Connection:
    """How to get at a bucket.

    Attributes:
        client: The name of obstore's class.
        options: What it is given besides bucket and prefix.
        access: What gives access, for messages.
        server: The server's address where it isn't the cloud's own; for messages, and http is allowed by it alone.
        authority: The variable that names a file of certificates, and that file.
        tagged: Whether its tags are as a rule made of the content (``generator.store.hashing``).
    """

    client: str
    options: Mapping[str, Any]
    access: Access
    server: str | None = None
    authority: tuple[str, str] | None = None
    tagged: bool = False


@dataclass(frozen=True)
class Backend:
    """A kind of bucket.

    Attributes:
        id: Its name.
        form: What its URL looks like, for messages.
        scheme: The scheme of its URLs.
        parse: Takes what stands after ``://`` apart.
        connect: Finds address and credentials, from the service file's endpoint and the environment; asks nobody.
        written: Schemes that people write for it and that aren't its own: each gives, for what stands after ``://``,
            the URL to write instead.
    """

    id: str
    form: str
    scheme: str
    parse: Callable[[str], Bucket]
    connect: Callable[[Bucket, str | None, Mapping[str, str]], Connection]
    written: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


def prefix_of(rest: str, start: str, *, unusable: re.Pattern[str] = UNUSABLE, instead: str) -> str:
    """Where a store starts inside its bucket.

    Args:
        rest: What stands behind the bucket's name.
        start: What stands before it, for the message.
        unusable: What can't be in it.
        instead: Where credentials come from, for who wrote a signature behind it.

    Raises:
        InputError: A part is empty, ``.`` or ``..``, or holds what no key should; nothing of it is repeated.
    """
    prefix = rest.rstrip("/")
    if prefix and (unusable.search(prefix) or {"", ".", ".."} & {*prefix.split("/")}):
        raise InputError(
            f"the prefix of the store's URL, after {start}, can't be used.",
            fix="Leave out empty parts, '.', '..', '?', '#' and backslashes. "
            f"A signature in it gives no access to a store: {instead}.",
        )
    return prefix


def check_endpoint(url: str, *, told_by: str) -> str:
    """The address of a server, without a slash at its end.

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


def endpoint_of(endpoint: str | None, env: Mapping[str, str], variables: Collection[str]) -> str | None:
    """The server's address: the service file's word goes before that of the environment.

    Raises:
        InputError: It is no address.
    """
    if endpoint:
        return check_endpoint(endpoint, told_by="the service file's store")
    for variable in variables:
        if env.get(variable):
            return check_endpoint(env[variable], told_by=variable)
    return None


def first_of(env: Mapping[str, str], variables: Collection[str]) -> tuple[str, str] | None:
    """The first variable that is set, and its value; None where none is.

    Raises:
        InputError: The value can't be sent.
    """
    for variable in variables:
        if value := env.get(variable):
            check_variable(variable, value)
            return variable, value
    return None


def check_variable(variable: str, value: str) -> None:
    """Make sure that a credential fits the header of a request.

    Raises:
        InputError: It doesn't.
    """
    if not can_be_sent(value):
        raise InputError(
            f"the variable {variable} holds a character that can't be in it.",
            fix="Set it again; a line break at its end is a usual cause.",
        )


def can_be_sent(value: str) -> bool:
    """Whether a credential fits the header of a request."""
    return value.isascii() and value.isprintable() and " " not in value


def bucket_of(rest: str, backend: str, scheme: str, *, name: re.Pattern[str], shape: str, whence: str) -> Bucket:
    """A bucket out of ``bucket/prefix``, where a URL has no other parts.

    Args:
        rest: What stands behind ``scheme://``.
        backend: The backend's id.
        scheme: The URL's.
        name: What a bucket may be called.
        shape: The same in words.
        whence: Where credentials come from.

    Raises:
        InputError: It is none.
    """
    bucket, _, behind = rest.partition("/")
    if not name.fullmatch(bucket):
        raise InputError(
            "the store's URL names no bucket that could exist.",
            fix=f"Write {scheme}://bucket/prefix; the bucket has {shape}. "
            f"Credentials come from {whence}, never from the URL.",
        )
    start = f"{scheme}://{bucket}/"
    prefix = prefix_of(behind, start, instead=f"credentials come from {whence}")
    return Bucket(backend, f"{start}{prefix}".rstrip("/"), bucket, prefix)
