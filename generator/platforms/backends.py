"""Where a route leads to: the Services of the variants, and how a cookie is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Backend:
    """The Service that leads to a variant.

    Attributes:
        service: Its name.
        port: Its port.
        namespace: Its namespace, where it isn't the route's.
        hostname: The Host header that it wants, where it isn't the client's.
        headers: Request headers that tell it which model is meant; they take the place of the client's own.
    """

    service: str
    port: int
    namespace: str | None = None
    hostname: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def cookie_pattern(name: str, value: str) -> str:
    """A regular expression (RE2) for the Cookie header that holds a cookie with exactly that value."""
    return rf"^(.*;\s*)?{re.escape(name)}={re.escape(value)}(\s*;.*)?$"
