"""The formats that rules can name: ``format.dns1123Label().validate(self)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.structure.formats import enforced
from generator.checks.structure.names import is_label, is_label_value, is_subdomain, key_fault

if TYPE_CHECKING:
    from collections.abc import Callable


class Named:
    """A format of ``format.dns1123Label()`` and the like."""

    def __init__(self, wanted: str, check: Callable[[str], bool]) -> None:
        self.wanted = wanted
        self.check = check


def _named(name: str, check: Callable[[str], bool]) -> tuple[str, Callable[[], Named]]:
    return f"format.{name}", lambda: Named(f"must be {name}", check)


def _prefix(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """A name's beginning may end in a hyphen."""
    return lambda text: check(text[:-2] + "a" if len(text) > 1 and text.endswith("-") else text)


def _label1035(text: str) -> bool:
    return is_label(text) and text[:1].isalpha()


def _registered(name: str) -> Callable[[str], bool]:
    check = enforced(name)
    return check or (lambda _: True)


FORMATS = dict(
    (
        _named("dns1123Label", is_label),
        _named("dns1123Subdomain", is_subdomain),
        _named("dns1035Label", _label1035),
        _named("dns1123LabelPrefix", _prefix(is_label)),
        _named("dns1123SubdomainPrefix", _prefix(is_subdomain)),
        _named("dns1035LabelPrefix", _prefix(_label1035)),
        _named("qualifiedName", lambda text: not key_fault(text)),
        _named("labelValue", is_label_value),
        _named("uri", _registered("uri")),
        _named("uuid", _registered("uuid")),
        _named("byte", _registered("byte")),
        _named("date", _registered("date")),
        _named("datetime", _registered("date-time")),
    )
)
