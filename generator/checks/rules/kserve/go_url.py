"""Which texts Go's ``net/url`` refuses as a URL, as KServe's modules build it (Go 1.25)."""

from __future__ import annotations

import ipaddress
import re

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_HOST = re.compile(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"]|%(?:25|[89A-Fa-f][0-9A-Fa-f])|[^\x00-\x7f])*")
_PORT = re.compile(r"(?::[0-9]*)?")


def problem(text: str) -> str | None:
    """Why Go can't parse a text as a URL; None where it can.

    Source: golang/go, src/net/url/url.go, Parse.
    """
    rest, _, fragment = text.partition("#")
    if _CONTROL.search(rest):
        return "it has a control character"
    scheme = _SCHEME.match(rest)
    if scheme is None and rest.startswith(":"):
        return "it begins with a colon"
    rest = rest[scheme.end() :] if scheme else rest
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        if scheme is None and ":" in rest.partition("/")[0]:
            return "what stands before the first colon is no scheme"
        # What follows a scheme without a slash is taken as it is.
        return _escapes(fragment) if scheme else _escapes(rest) or _escapes(fragment)
    wrong = None
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        wrong = _authority(authority)
    return wrong or _escapes(rest) or _escapes(fragment)


def _escapes(text: str) -> str | None:
    found = _ESCAPE.search(text)
    return f"'{found[0]}' is no percent-escape" if found else None


def _authority(text: str) -> str | None:
    user, _, host = text.rpartition("@")
    if not _USER.fullmatch(user):
        return "its user has a character that has no place there"
    return _escapes(user) or _host(host)


def _host(host: str) -> str | None:
    if "[" in host:
        return _literal(host)
    port = host[host.rindex(":") :] if ":" in host else ""
    if not _PORT.fullmatch(port):
        return f"'{port}' is no port"
    return _escapes(host) or (None if _HOST.fullmatch(host) else "its host has a character that has no place there")


def _literal(host: str) -> str | None:
    """An address of IPv6 in brackets; a zone in it isn't looked at."""
    address, bracket, port = host[1:].rpartition("]")
    if not bracket:
        return "its host lacks a closing bracket"
    if not _PORT.fullmatch(port):
        return f"'{port}' is no port"
    try:
        ipaddress.IPv6Address(address.partition("%25")[0] if host.startswith("[") else "")
    except ValueError:
        return "its host is no address of IPv6"
    return None
