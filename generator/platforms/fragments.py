"""Parts in Kubernetes' own words, laid over what a platform renders: the user's fields win, lists are joined.

Lists of things with a name (``env``, ``ports``, ``volumes`` …) are joined by that name; other lists (``args``) by
putting the user's behind ours, as the platforms do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPLACED = frozenset({"command"})
"""Lists that mean one thing as a whole."""


def laid(ours: Mapping[str, Any], users: Mapping[str, Any]) -> dict[str, Any]:
    """``users`` laid over ``ours``; what stands in both keeps the place that it has in ours."""
    result = dict(ours)
    for key, value in users.items():
        mine = result.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            result[key] = laid(mine, value)
        elif isinstance(mine, (list, tuple)) and isinstance(value, (list, tuple)) and key not in REPLACED:
            result[key] = _joined(mine, value)
        else:
            result[key] = value
    return result


def _joined(ours: Sequence[Any], users: Sequence[Any]) -> list[Any]:
    """Two lists as one."""
    result = list(ours)
    places = {each["name"]: index for index, each in enumerate(result) if isinstance(each, dict) and "name" in each}
    for each in users:
        name = each.get("name") if isinstance(each, dict) else None
        if name in places:
            result[places[name]] = laid(result[places[name]], each)
        else:
            result.append(each)
    return result
