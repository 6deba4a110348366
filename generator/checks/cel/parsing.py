"""Values that rules make out of strings: durations, moments, quantities, addresses, URLs."""

from __future__ import annotations

import functools
import ipaddress
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from generator.checks.cel.values import CelError, Duration, Timestamp
from generator.text import quantity
from generator.text.duration import nanoseconds

if TYPE_CHECKING:
    from decimal import Decimal

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[-+]\d\d:\d\d)", re.ASCII)


@functools.total_ordering
class Quantity:
    """A Kubernetes quantity: compared by its number, whatever its form."""

    def __init__(self, held: quantity.Quantity) -> None:
        self.held = held

    @property
    def number(self) -> Decimal:
        """Its value."""
        return self.held.number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.number == other.number

    def __lt__(self, other: Quantity) -> bool:
        return self.number < other.number

    def __hash__(self) -> int:
        return hash(self.number)

    def plus(self, other: Quantity | int, sign: int = 1) -> Quantity:
        """The sum, or the difference where the sign is -1; an integer is a quantity of its own."""
        two = other.held if isinstance(other, Quantity) else quantity.read(other)
        if two is None:
            raise CelError("no such overload")
        return Quantity(self.held.plus(two._replace(number=two.number if sign > 0 else two.number.copy_negate())))

    def integer(self) -> int | None:
        """The int64 that Go has at hand; None where it has none, also for ``1000m``."""
        return self.held.integer()


class Address:
    """An IP address, as ``ip()`` gives it."""

    def __init__(self, text: str) -> None:
        # Kubernetes takes no zone, no leading zeros and no IPv4 inside IPv6 here.
        try:
            self.address = ipaddress.ip_address(text)
        except ValueError as error:
            raise CelError(f"'{text}' is no IP address") from error
        if "%" in text or (":" in text and "." in text):
            raise CelError(f"'{text}' is no IP address")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)


class Network:
    """A range of addresses, as ``cidr()`` gives it."""

    def __init__(self, text: str) -> None:
        address, slash, length = text.partition("/")
        self.address = Address(address)
        try:
            self.network = ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise CelError(f"'{text}' is no CIDR") from error
        if not slash or not length.isdecimal():
            raise CelError(f"'{text}' is no CIDR")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and (self.network, self.address) == (other.network, other.address)

    def __hash__(self) -> int:
        return hash(self.network)


def parse_duration(text: str) -> Duration:
    """Go's ``time.ParseDuration``.

    Raises:
        CelError: It is none.
    """
    length = nanoseconds(text)
    if length is None:
        raise CelError(f"'{text}' is no duration")
    return Duration(length)


def parse_timestamp(text: str) -> Timestamp:
    """A moment as RFC 3339 writes it.

    Raises:
        CelError: It is none.
    """
    found = _STAMP.fullmatch(text)
    if not found:
        raise CelError(f"'{text}' is no timestamp")
    try:
        moment = datetime.fromisoformat(found[1].upper() + found[3].upper().replace("Z", "+00:00"))
    except ValueError as error:
        raise CelError(f"'{text}' is no timestamp") from error
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Timestamp((whole.days * 86_400 + whole.seconds) * 10**9 + int((found[2] or "0").ljust(9, "0")))


def parse_quantity(text: str) -> Quantity:
    """A Kubernetes quantity.

    Raises:
        CelError: It is none.
    """
    found = quantity.parse(text)
    if found is None:
        raise CelError(f"'{text[:40]}' is no quantity")
    return Quantity(found)


def parse_url(text: str) -> SplitResult:
    """An absolute URL or an absolute path, as Go's ``url.ParseRequestURI`` takes it."""
    try:
        found = urlsplit(text)
        found.port  # noqa: B018 (reading it checks it)
    except ValueError as error:
        raise CelError(f"'{text}' is no URL") from error
    if not (found.scheme or text.startswith("/")) or any(letter in text for letter in " \t\r\n"):
        raise CelError(f"'{text}' is no URL")
    return found
