"""When CronJobs run."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.examples import CRON_JOB as EXAMPLE
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import BATCH, integer, keys, refusal, said
from generator.checks.subject import mapping, reach, text
from generator.schemas.kinds import CRON_JOB
from generator.text.duration import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

_NAMED = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))
_MONTHS = dict(
    zip(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), range(1, 13), strict=True)
)
_DAYS = dict(zip(("sun", "mon", "tue", "wed", "thu", "fri", "sat"), range(7), strict=True))
_FIELDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_NUMBER = re.compile(r"\+?0*([0-9]{1,19})|-0+")
_MOST = 2**63 - 1
"""What Go's int can hold."""
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")
_ZONE = re.compile(r"^(?:CRON_)?TZ=\S+\s+")
_COUNTS = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
_POLICIES = ("Allow", "Forbid", "Replace")


def is_schedule(text: str) -> bool:
    """Whether the CronJob controller can read a schedule: five fields, or a word such as ``@daily``.

    Source: ``ParseStandard`` of github.com/robfig/cron/v3, which Kubernetes uses. A day 7 is none.
    """
    if text.startswith("@"):
        return text in _NAMED or (text.startswith("@every ") and nanoseconds(text[7:]) is not None)
    parts = text.split()
    pairs = zip(parts, _FIELDS, strict=True) if len(parts) == len(_FIELDS) else ()
    return len(parts) == len(_FIELDS) and all(_is_field(part, *bounds) for part, bounds in pairs)


def _is_field(part: str, low: int, high: int, names: Mapping[str, int]) -> bool:
    return all(_is_range(entry, low, high, names) for entry in part.split(",") if entry)


def _is_range(entry: str, low: int, high: int, names: Mapping[str, int]) -> bool:
    bounds, *steps = entry.split("/")
    first, *rest = bounds.split("-")
    step = _number(steps[0], {}) if steps else 1
    if len(steps) > 1 or not step:
        return False
    if first in ("*", "?"):
        return True
    start = _number(first, names)
    if start is None or len(rest) > 1:
        return False
    end = _number(rest[0], names) if rest else high if steps else start
    return end is not None and low <= start <= end <= high


def _number(text: str, names: Mapping[str, int]) -> int | None:
    found = names.get(text.lower())
    if found is not None:
        return found
    digits = _NUMBER.fullmatch(text)
    value = int(digits[1] or 0) if digits else None
    return value if value is None or value <= _MOST else None


def _is_zone(name: str) -> bool:
    parts = name.split("/")
    plain = all(_ZONE_PART.fullmatch(part) and part not in (".", "..") and not part.startswith("-") for part in parts)
    return bool(name) and plain and name.lower() != "local" and _exists(name)


@cache
def _exists(name: str) -> bool:
    """Whether the IANA knows a zone; where the machine has no list of them, any may exist."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones  # noqa: PLC0415 (one rule needs it)

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return not available_timezones()
    return True


@refusal(
    id="K8S092",
    name="cron-schedule",
    kinds=(CRON_JOB,),
    message="'{schedule}' is no schedule",
    fix="Write minute, hour, day, month and day of the week (0 to 6), such as 0 3 * * *, or @daily; no time zone.",
    source=BATCH,
    bad=EXAMPLE.replace("0 3 * * *", "0 3 * *"),
    good=EXAMPLE,
)
def cron_schedule(subject: Subject) -> Iterable[Hit]:
    """A schedule has five fields; seconds there are none, Sunday is 0 and not 7.

    A time zone in it is refused as well: it has a field of its own. Only where one stands in it from older days, it may
    stay, beside no other.
    """
    schedule = text(subject.data, "spec", "schedule") or ""
    before = subject.index.before(subject.document)
    old = text(before.data, "spec", "schedule") or "" if before else ""
    alone = "TZ" in old and reach(subject.data, "spec", "timeZone") is None
    if not is_schedule(_ZONE.sub("", schedule) if alone else schedule) or ("TZ" in schedule and not alone):
        yield hit("spec", "schedule", schedule=schedule)


@refusal(
    id="K8S093",
    name="cron-setting",
    kinds=(CRON_JOB,),
    message="{problem}",
    fix="{advice}",
    source=BATCH,
    bad=with_field(EXAMPLE, "concurrencyPolicy: forbid"),
    good=with_field(EXAMPLE, "concurrencyPolicy: Forbid"),
    when=keys(*_COUNTS, "concurrencyPolicy", "timeZone"),
)
def cron_setting(subject: Subject) -> Iterable[Hit]:
    """Numbers are not negative, the policy is one of three words, and a time zone has the IANA's name."""
    spec = mapping(subject.data, "spec")
    for field in _COUNTS:
        if (integer(spec, field) or 0) < 0:
            yield said(("spec", field), f"{field} is negative", "Write 0 or more.")
    policy = text(spec, "concurrencyPolicy") or "Allow"
    if policy not in _POLICIES:
        yield said(("spec", "concurrencyPolicy"), f"'{policy}' is no policy", f"Write {', '.join(_POLICIES)}.")
    zone, before = spec.get("timeZone"), subject.index.before(subject.document)
    kept = before is not None and reach(before.data, "spec", "timeZone") == zone
    if isinstance(zone, str) and not kept and not _is_zone(zone):
        yield said(("spec", "timeZone"), f"'{zone}' is no time zone", "Write for example Europe/Berlin.")
