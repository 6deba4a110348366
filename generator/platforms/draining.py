"""How a pod goes: it waits until nobody sends requests any more, and has the time to answer those that it got.

Who takes a pod out of the endpoints and who ends it don't wait for one another, so that requests still come to a server
that was told to end: with KServe 0.20 an update under load lost one of a hundred.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.service import Service

DRAIN = 10
"""Seconds between a pod's removal from the endpoints and the signal to end: until then requests still come."""
HANDLERS = frozenset(("exec", "grpc", "httpGet", "sleep", "tcpSocket"))
"""Ways of a probe or a hook. Only one may be there, so the user's takes the place of ours."""
GRACE = "terminationGracePeriodSeconds"
DEFAULT_GRACE = 30
"""Seconds between the first word to end and the last one, where nobody says another number (core/v1, PodSpec)."""
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def lifecycle(users: Any, pod: Mapping[str, Any]) -> dict[str, Any]:
    """The hook that waits; empty where the user's own stands in its place, or the pod has no time for it.

    Args:
        users: The container's ``lifecycle`` as the user wrote it.
        pod: The user's fields of the pod: Kubernetes refuses a sleep that is longer than the pod's grace period.
    """
    stop = users.get("preStop") if isinstance(users, dict) else None
    theirs = isinstance(stop, dict) and bool(HANDLERS & stop.keys())
    grace = pod.get(GRACE, DEFAULT_GRACE)
    short = isinstance(grace, int) and grace <= DRAIN
    return {} if theirs or short else {"preStop": {"sleep": {"seconds": DRAIN}}}


def longest(service: Service) -> int:
    """Seconds that a request may take, where the gateway says it: what came before the signal to end is answered."""
    timeout = service.gateway.timeout if service.gateway else None
    parts = re.findall(r"([0-9]+)(ms|h|m|s)", timeout or "")
    return math.ceil(sum(int(number) * UNITS[unit] for number, unit in parts))


def grace(service: Service) -> dict[str, int]:
    """The pod's grace period where Kubernetes' own is too short for the longest request; else empty."""
    needed = DRAIN + longest(service)
    return {GRACE: needed} if needed > DEFAULT_GRACE else {}
