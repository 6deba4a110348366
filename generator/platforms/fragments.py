"""Parts in Kubernetes' own words, laid over what a platform renders: the user's fields win, lists are joined.

Lists of things with a name (``env``, ``ports``, ``volumes`` …) are joined by that name, a few by what Kubernetes joins
them by; other lists (``args``) by putting the user's behind ours, as the platforms do.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPLACED = frozenset({"command"})
"""Lists that mean one thing as a whole."""
JOINED_BY: Mapping[str, str] = MappingProxyType(
    {"hostAliases": "ip", "topologySpreadConstraints": "topologyKey", "volumeMounts": "mountPath"}
)
"""What tells members of a list apart, where it isn't their name: kubernetes/api, core/v1/types.go (patchMergeKey)."""


def laid(ours: Mapping[str, Any], users: Mapping[str, Any]) -> dict[str, Any]:
    """``users`` laid over ``ours``; what stands in both keeps the place that it has in ours."""
    result = dict(ours)
    for key, value in users.items():
        mine = result.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            result[key] = laid(mine, value)
        elif isinstance(mine, (list, tuple)) and isinstance(value, (list, tuple)) and key not in REPLACED:
            result[key] = _joined(mine, value, JOINED_BY.get(key, "name"))
        else:
            result[key] = value
    return result


def listed(value: Any) -> list[dict[str, Any]]:
    """The mappings of a list that the user wrote; none of what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, (list, tuple)) else []


def _named(member: Any, by: str) -> str | None:
    """What tells a member of a list from the others; None for one that says nothing."""
    name = member.get(by) if isinstance(member, dict) else None
    return name if isinstance(name, str) else None


def _joined(ours: Sequence[Any], users: Sequence[Any], by: str) -> list[Any]:
    """Two lists as one."""
    result = list(ours)
    places = {name: index for index, each in enumerate(result) if (name := _named(each, by)) is not None}
    for each in users:
        name = _named(each, by)
        if name is not None and name in places:
            result[places[name]] = laid(result[places[name]], each)
        else:
            result.append(each)
    return result
