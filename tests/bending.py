"""Documents bent at random, the same for the same seed: what a validator has to refuse, and what it must still take."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**31 - 1, -(2**31), 2**40, 1.5, 1.0, 0.1, -0.5, 1e20, 70000),
    *(
        "",
        "a",
        "A",
        "yes",
        "1",
        "100m",
        "1Gi",
        "-1",
        "a b",
        "x" * 64,
        "x" * 300,
        "a.b",
        "a_b",
        "-a",
        "a/b",
        "é",
        "10s",
        "1h",
    ),
    *(
        "2020-01-01T00:00:00Z",
        "2020-13-01",
        "HTTP",
        "Exact",
        "http://a.b/c",
        "*.example.com",
        "10.0.0.1",
        "::1",
        "aGk=",
        "\n",
    ),
    *([], {}, [None], [1], ["a", "a"], {"a": 1}, [{}], {"name": "a"}, [{"name": "a"}, {"name": "a"}], {"": ""}),
]
KEYS = [
    "a",
    "name",
    "namespace",
    "kind",
    "apiVersion",
    "metadata",
    "spec",
    "type",
    "value",
    "labels",
    "port",
    "Name",
    "",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def changed(source: random.Random, data: dict[str, Any]) -> dict[str, Any]:  # noqa: C901 (one branch for each change)
    """A copy with one to three changes: a field gone, misspelt, of another type, null, out of bounds, an item twice."""
    result = copy.deepcopy(data)
    for _ in range(source.randint(1, 3)):
        found = list(places(result))
        if not found:
            break
        path = source.choice(found)
        parent: Any = result
        for part in path[:-1]:
            parent = parent[part]
        last = path[-1]
        kind = source.random()
        if kind < 0.2:
            del parent[last]
        elif kind < 0.3 and isinstance(parent, dict):
            parent[str(last) + source.choice("sxX")] = parent.pop(last)
        elif kind < 0.4 and isinstance(parent, dict):
            parent[source.choice(KEYS)] = copy.deepcopy(source.choice(VALUES))
        elif kind < 0.55 and isinstance(parent, list):
            parent.append(copy.deepcopy(source.choice(parent)))
        elif kind < 0.6 and isinstance(parent[last], int) and not isinstance(parent[last], bool):
            parent[last] += source.choice([-1, 1, 100, -100, 10**6, 0.5, 0.0])
        elif kind < 0.65 and isinstance(parent[last], str):
            text = parent[last]
            at = source.randrange(len(text) + 1)
            parent[last] = (
                text[:at] + source.choice(["A", "-", ".", "_", "/", " ", "é", "%2F", "//", "#", "\n"]) + text[at:]
            )
        elif kind < 0.7 and isinstance(parent[last], (dict, list)):
            parent[last] = type(parent[last])()
        else:
            parent[last] = copy.deepcopy(source.choice(VALUES))
    return result
