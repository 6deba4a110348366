"""What went wrong in a registry, in one paragraph: the library's errors as ours, without anything that gives access."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from generator.text.printable import printable
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.store.oci.reference import Repository

LATER = "Run the command again once that is mended: what arrived isn't sent again."
CHECK = "Check store.oci and the network."
LOG_IN = "Log in: docker login {registry}. The account must be allowed to read and to push."
BY_STATUS = {
    401: ("it wants other credentials", LOG_IN),
    403: ("access is denied", LOG_IN),
    404: ("it has no such repository", "Create it, if this registry makes none by itself."),
    413: ("a layer is too big for it or for a proxy before it", "Raise the limit of a request's body there."),
    429: ("it takes no more requests for now", LATER),
}
SIGNS = (
    (
        re.compile(r"Name or service not known|failed to resolve|getaddrinfo|nodename nor servname", re.IGNORECASE),
        "the registry's name can't be resolved",
        CHECK,
    ),
    (re.compile(r"Connection refused"), "the registry refuses the connection", CHECK),
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed", re.IGNORECASE),
        "the registry's certificate isn't trusted",
        "Name the file of its certificate authority in REQUESTS_CA_BUNDLE.",
    ),
    (
        re.compile(r"WRONG_VERSION_NUMBER|wrong version number", re.IGNORECASE),
        "the registry doesn't speak https",
        "Only a registry on this machine (localhost) is asked by http.",
    ),
    (re.compile(r"[Tt]imed? ?out"), "the registry doesn't answer in time", CHECK),
)
"""What the texts of urllib3 and of the system betray."""
AGAIN = (429, 500, 502, 503, 504)
LONGEST = 200


@contextmanager
def told(what: str, repository: Repository) -> Iterator[None]:
    """Turn what the library raises into an OutsideError.

    Args:
        what: What failed, if it fails, such as ``can't push``.
        repository: Where.

    Raises:
        OutsideError: The body failed.
    """
    from dxf.exceptions import DXFAuthInsecureError, DXFError, DXFUnauthorizedError  # noqa: PLC0415 (an extra)
    from requests.exceptions import RequestException  # noqa: PLC0415 (comes with it)

    try:
        yield
    except DXFAuthInsecureError:
        raise OutsideError(
            f"{what} {repository}: the registry wants credentials, and over http none are sent.",
            fix="Give it a certificate.",
        ) from None
    except DXFUnauthorizedError:
        raise _by_status(401, "", what, repository) from None
    except KeyError:  # a header that every registry sends isn't there
        raise OutsideError(f"{what} {repository}: that is no registry.", fix=CHECK) from None
    except (RequestException, DXFError, OSError, ValueError) as error:
        raise explain(error, what, repository) from None


def explain(error: Exception, what: str, repository: Repository) -> OutsideError:
    """One paragraph of an error of the library's."""
    response = getattr(error, "response", None)
    if response is not None:
        return _by_status(int(response.status_code), _said(response), what, repository)
    text = str(error)
    for sign, why, fix in SIGNS:
        if sign.search(text):
            return OutsideError(f"{what} {repository}: {why}.", fix=fix)
    # Only the error's kind: its text may hold a request with all that is in it.
    return OutsideError(f"{what} {repository}: the connection broke ({type(error).__name__}).", fix=LATER)


def passing(error: Exception) -> bool:
    """Whether trying again may help: the connection broke, or the registry is busy."""
    from requests.exceptions import ConnectionError as Broken  # noqa: PLC0415 (an extra)
    from requests.exceptions import RequestException, SSLError, Timeout  # noqa: PLC0415 (an extra)

    if not isinstance(error, RequestException) or isinstance(error, SSLError):
        return False
    if error.response is not None:
        return error.response.status_code in AGAIN
    return isinstance(error, (Broken, Timeout))


def _by_status(status: int, said: str, what: str, repository: Repository) -> OutsideError:
    why, fix = BY_STATUS.get(status, (f"it answers {status}", LATER))
    more = f" ({said})" if said else ""
    return OutsideError(f"{what} {repository}: {why}{more}.", fix=fix.format(registry=repository.registry))


def _said(response: Any) -> str:
    """The code and the message of the registry's own error, if it gave one (distribution-spec v1.1.1, Error Codes)."""
    try:
        first = json.loads(response.content)["errors"][0]
        text = f"{first['code']}: {first.get('message', '')}"
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return printable(hidden(" ".join(text.split())[:LONGEST])).rstrip(": .")
