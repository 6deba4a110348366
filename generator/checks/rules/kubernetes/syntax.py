"""The forms of names, addresses and numbers that the API server's own code asks for.

Source: ``pkg/util/validation`` of k8s.io/apimachinery.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from generator.checks.structure.names import is_label, is_label_value, is_subdomain, key_fault
from generator.schemas import Version

__all__ = ["is_label", "is_label_value", "is_subdomain"]

LABEL = "lower-case letters, digits and '-', with a letter or digit first and last; at most 63 characters"
SUBDOMAIN = "lower-case letters, digits, '-' and '.', with a letter or digit first and last; at most 253 characters"
STRICT_ADDRESSES = Version(1, 36)
"""From here on leading noughts, IPv4 in IPv6 and bits beyond the prefix are refused."""

_DNS_1035 = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_PORT_NAME = re.compile(r"(?!-)(?!.*--)(?=.*[a-z])[-a-z0-9]{1,15}(?<!-)")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_RELAXED_ENV_NAME = re.compile(r"[ -<>-~]+")
_PERCENT = re.compile(r"[0-9]+%")
_HEADER = re.compile(r"[-A-Za-z0-9]+")
_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")
_UNDERSCORED = re.compile(r"_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:\._?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*")


def is_dns_1035(text: str) -> bool:
    """A DNS label that starts with a letter, as Services wanted until Kubernetes 1.36."""
    return len(text) <= 63 and _DNS_1035.fullmatch(text) is not None  # noqa: PLR2004 (RFC 1035)


def is_port_name(text: str) -> bool:
    """The name of a port: up to 15 characters, one of them a letter."""
    return _PORT_NAME.fullmatch(text) is not None


def is_port(number: object) -> bool:
    """A number that a port can have."""
    return isinstance(number, (int, float)) and 1 <= number <= 65535  # noqa: PLR2004 (TCP and UDP)


def is_port_or_name(value: object) -> bool:
    """A port by number or by name; nothing is the number 0, which is none."""
    return is_port_name(value) if isinstance(value, str) else is_port(value)


def is_qualified(text: str) -> bool:
    """A name with or without a prefix that is a DNS name, as the keys of labels are."""
    return not key_fault(text)


def is_config_key(text: str) -> bool:
    """A key of a ConfigMap or Secret."""
    return _CONFIG_KEY.fullmatch(text) is not None and not _climbs(text)


def is_env_name(text: str, release: Version | None) -> bool:
    """The name of an environment variable; from 1.32 on nearly everything."""
    if release is None or release >= (1, 32):
        return _RELAXED_ENV_NAME.fullmatch(text) is not None
    return _ENV_NAME.fullmatch(text) is not None and not _climbs(text)


def _climbs(text: str) -> bool:
    return text == "." or text.startswith("..")


def climbs(path: str) -> bool:
    """Whether a path has a part ``..``."""
    return ".." in path.split("/")


def is_local_path(path: str) -> bool:
    """A path that stays inside a folder, and isn't one of the hidden ones that the kubelet makes."""
    return not path.startswith("/") and not climbs(path) and not path.startswith("..")


def is_percent(text: str) -> bool:
    """A share such as ``25%``."""
    return _PERCENT.fullmatch(text) is not None


def is_header(text: str) -> bool:
    """The name of a header of HTTP."""
    return _HEADER.fullmatch(text) is not None


def is_path_segment(text: str) -> bool:
    """What can be a part of a URL's path."""
    return text not in (".", "..") and "/" not in text and "%" not in text


def is_wildcard(text: str) -> bool:
    """A host such as ``*.example.com``."""
    return len(text) <= 253 and text.startswith("*.") and is_subdomain(text[2:])  # noqa: PLR2004 (RFC 1123)


def is_search_domain(text: str) -> bool:
    """A domain that a resolver appends to names."""
    return text == "." or (len(text) <= 254 and _UNDERSCORED.fullmatch(text.removesuffix(".")) is not None)  # noqa: PLR2004


def is_prefixed_path(text: str) -> bool:
    """A domain and a path, such as ``example.com/controller``."""
    domain, slash, path = text.partition("/")
    return bool(slash and path) and is_subdomain(domain) and _PATH.fullmatch(path) is not None


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address as Go's old parser reads it: leading noughts are skipped; None for what is none."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(_without_noughts(text))
    except ValueError:
        return None


def is_address(text: str, release: Version | None) -> bool:
    """Whether a release takes a text as an IP address."""
    found = address(text)
    if found is None or not _strict(release):
        return found is not None
    return _without_noughts(text) == text and not _mapped(found)


def is_cidr(text: str, release: Version | None) -> bool:
    """Whether a release takes a text as a range of addresses, such as ``10.0.0.0/8``."""
    found = network(text)
    if found is None or not _strict(release):
        return found is not None
    head, _, length = text.partition("/")
    return is_address(head, release) and length == str(int(length)) and address(head) == found.network_address


@lru_cache(maxsize=256)
def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """A range of addresses as Go's old parser reads it; bits beyond the prefix are dropped."""
    head, slash, length = text.partition("/")
    found = address(head)
    if found is None or not slash or not re.fullmatch(r"[0-9]+", length):
        return None
    try:
        return ipaddress.ip_network(f"{found}/{int(length)}", strict=False)
    except ValueError:
        return None


def _strict(release: Version | None) -> bool:
    return release is None or release >= STRICT_ADDRESSES


def _mapped(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None


def _without_noughts(text: str) -> str:
    return re.sub(r"(?<![0-9A-Fa-f:])0+(?=[0-9])", "", text) if "." in text else text
