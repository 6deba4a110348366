"""What went wrong in a store, in one paragraph: the library's errors as ours."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from generator.errors import OutsideError
from generator.text.secrets import HIDDEN, hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class Reason(NamedTuple):
    """A cause that the library's text betrays.

    Attributes:
        sign: A regular expression over the text.
        what: What is wrong; ``{…}`` stands for the groups of the expression, and for what ``Way`` has.
        fix: What to do about it; as above.
    """

    sign: re.Pattern[str]
    what: str
    fix: str


class Way(NamedTuple):
    """What was used to get in, in words.

    Attributes:
        whose: At the beginning of a sentence.
        which: Inside one.
        other: What the server wants instead.
        mend: What to do about it.
    """

    whose: str
    which: str
    other: str
    mend: str


BY_NOTHING = Way("You", "you", "credentials", "Check who may read and write there.")
"""A folder, or a store that asks nobody."""


def reason(sign: str, what: str, fix: str) -> Reason:
    """A reason, its sign as a text."""
    return Reason(re.compile(sign, re.DOTALL), what, fix)


class Access(NamedTuple):
    """What a bucket is got at with, for messages.

    Attributes:
        secrets: What must not be repeated.
        way: The same in words.
        reasons: What its servers say.
    """

    secrets: Collection[str] = ()
    way: Way = BY_NOTHING
    reasons: tuple[Reason, ...] = ()


LATER = "Nothing half done is visible: run the command again once that is mended."
# The first that fits is told, a backend's own before these: the texts of obstore 0.12 (object_store 0.14).
REASONS = (
    reason("403 Forbidden|lacked the necessary privileges", "access is denied", "{mend}"),
    reason("401 Unauthorized", "the server wants {other}", "{mend}"),
    reason(
        "(invalid peer certificate: |InvalidCertificate\\(\\s*(Other\\(\\s*OtherError\\(\\s*)?)(?P<cause>\\w+)",
        "the server's certificate isn't trusted ({cause})",
        "Name the file of its certificate authority in AWS_CA_BUNDLE, or for other clouds in SSL_CERT_FILE.",
    ),
    reason(
        "<Code>(?P<code>SlowDown|ServiceUnavailable|ServerBusy|TooManyRequests)</Code>",
        "the server is overloaded ({code})",
        LATER,
    ),
    reason("<Code>(?P<code>QuotaExceeded|XMinioStorageFull|InsufficientStorage)</Code>", "it is full ({code})", LATER),
    reason(
        "failed to lookup address|dns error",
        "the name of its server can't be resolved",
        "Check the store's URL and endpoint, and the network.",
    ),
    reason("ConnectionRefused", "its server refuses the connection", "Check the store's endpoint; is the server up?"),
    reason("TimedOut|timed out|Timeout", "its server doesn't answer in time", "Check the endpoint and the network."),
    reason("kind: (Connect|Request)", "the connection to its server broke", "Check the endpoint and the network."),
    reason(
        "<Code>(?P<code>\\w+)</Code>\\s*(<Message>(?P<message>[^<\\x00-\\x1f\\x7f]{0,200}))?",
        "the server says {code}: {message}",
        LATER,
    ),
    reason("status code: (?P<status>[^:\\n]{3,40})", "the server answers {status}", "Is that a server for this URL?"),
)
AUTHORIZATION = re.compile(r"(authorization\W{1,4}|x-amz-security-token\W{1,4})[^\r\n]{1,4000}", re.IGNORECASE)
"""Headers of a request that prove who sends it."""
NOBODY = Access()
NO_LINKS = "The file system has no hard links, by which a record is made once: name the bucket behind it."
DISK = {
    errno.EOPNOTSUPP: NO_LINKS,
    errno.ENOSYS: NO_LINKS,
    errno.EMLINK: NO_LINKS,
    errno.ENOSPC: "Make room; what was sent stays and isn't sent again.",
    errno.EDQUOT: "Make room; what was sent stays and isn't sent again.",
    errno.EFBIG: "The system allows no file of that size (see ulimit -f).",
    errno.EACCES: "Give yourself the right to write there, or name another folder.",
    errno.EPERM: "Give yourself the right to write there, or name another folder.",
    errno.EROFS: "Name a folder on a disk that can be written.",
    errno.ENOTDIR: "A file stands where a folder is needed.",
}


def explain(text: str, what: str, store: str, access: Access = NOBODY) -> OutsideError:
    """One paragraph of the library's text, which may repeat a server's answer and a request with all that is in it.

    Args:
        text: The library's error as text, details included.
        what: What failed, such as ``can't list the releases``.
        store: The store's URL, and its endpoint where it has one.
        access: What it is got at with.
    """
    for secret in access.secrets:
        text = text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)
    text = hidden(AUTHORIZATION.sub(rf"\1{HIDDEN}", text))
    tried = re.search(r"after (\d+) retr", text)
    attempts = f" (tried {int(tried[1]) + 1} times)" if tried else ""
    disk = re.search(r"(?:\(os error |\[Errno )(\d+)[)\]]", text)
    if disk and int(disk[1]) in DISK:
        return OutsideError(f"{what} in {store}: {os.strerror(int(disk[1]))}.", fix=DISK[int(disk[1])])
    for each in (*access.reasons, *REASONS):
        if found := each.sign.search(text):
            way = access.way._asdict()
            groups = {name: value or "" for name, value in found.groupdict().items()}
            told = each.what.format(**way, **groups).rstrip(": ")
            return OutsideError(f"{what} in {store}: {told}{attempts}.", fix=each.fix.format(**way))
    first = " ".join(text.partition("\n\nDebug source")[0].split())[:300]
    return OutsideError(f"{what} in {store}: {first}{attempts}.", fix=LATER)


@contextmanager
def told(what: str, store: str, access: Access = NOBODY) -> Iterator[None]:
    """Turn what the library raises into an OutsideError.

    Args:
        what: What failed, if it fails.
        store: The store, as in ``explain``.
        access: As in ``explain``.

    Raises:
        OutsideError: The body failed.
    """
    from obstore.exceptions import BaseError  # noqa: PLC0415 (an extra; whoever gets here has it)

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise explain(str(error), what, store, access) from None
