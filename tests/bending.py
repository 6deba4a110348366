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
WORDS = [
    *(
        "",
        "a",
        "A",
        "a.b",
        "a_b",
        "-a",
        "a-",
        "1",
        "a/b",
        "a/b/c",
        "a b",
        "..",
        "../a",
        "/",
        "/a",
        "*",
        "a:b",
        "%",
        "None",
        "x" * 16,
    ),
    *(
        "x" * 64,
        "x" * 300,
        "a--b",
        "100m",
        "1Gi",
        "0",
        "-1",
        "1.5",
        "1e3",
        "0.1",
        "10%",
        "200%",
        "TCP",
        "UDP",
        "Always",
        "Never",
    ),
    *(
        "10.0.0.1",
        "010.0.0.1",
        "::1",
        "::ffff:1.2.3.4",
        "10.0.0.0/8",
        "10.0.0.1/8",
        "0.0.0.0",
        "127.0.0.1",
        "*.example.com",
    ),
    *(
        "@daily",
        "0 0 * * 7",
        "* * * * *",
        "65 * * * *",
        "TZ=UTC 0 0 * * *",
        "UTC",
        "Local",
        "v1",
        "apps/v1",
        "Pod",
        "cpu",
        "memory",
    ),
    *(
        "nvidia.com/gpu",
        "hugepages-2Mi",
        "example.com/a",
        "kubernetes.io/tls",
        "system-a",
        "metadata.labels['a']",
        "limits.cpu",
    ),
    *("requests.cpu", "pods", "storage", "In", "Exists", "Equal", "http", "1http", "é"),
]
"""Texts of many meanings; most are right somewhere and wrong elsewhere."""
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


def sent(value: Any) -> Any:
    """A value as kubectl sends it: a whole float is an integer there."""
    if isinstance(value, dict):
        return {key: sent(child) for key, child in value.items()}
    if isinstance(value, list):
        return [sent(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value


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


QUANTITIES = [
    *("1", "100m", "1Gi", "0", "-1", "1e3", "1.5", "500Mi", "1e28", "1e308", "0.1m", "1Ki", "", " 1 ", "1Gi\n", "1E"),
    *(1, 0, -1, 2.5, "9" * 40, "1n", "+1", "01"),
]


def made(  # noqa: PLR0911 (one for each type)
    source: random.Random, node: Any, pool: dict[str, list[Any]], key: str, words: list[Any], deep: int = 0
) -> Any:
    """A value that a schema takes, mostly: one that stood under the same key, or one of its type."""
    form = node.bounds.get("format", "")
    if key in pool and source.random() < 0.6:
        return copy.deepcopy(source.choice(pool[key]))
    if node.properties:
        names = sorted(node.properties)
        chosen = source.sample(names, min(len(names), source.choice([1, 1, 2, 3]))) if deep < 5 else []
        return {name: made(source, node.properties[name], pool, name, words, deep + 1) for name in chosen}
    if node.items is not None:
        return [made(source, node.items, pool, key, words, deep + 1) for _ in range(source.choice([0, 1, 1, 2]))]
    if node.values is not None:
        count = source.choice([1, 1, 2])
        return {source.choice(words): made(source, node.values, pool, "", words, deep + 1) for _ in range(count)}
    if form == "quantity":
        return source.choice(QUANTITIES)
    if node.int_or_string:
        return source.choice([0, 1, 80, -1, 65536, "a", "10%", "200%", "http", "-5%", "1"])
    if form.startswith("date-time"):
        return "2020-01-01T00:00:00.000000Z" if "micro" in form else "2020-01-01T00:00:00Z"
    scalars = {"integer": [-1, 0, 1, 2, 60, 255, 256, 3600, 65536], "boolean": [True, False], "object": [{}]}
    return copy.deepcopy(source.choice(scalars.get(node.type, ["aGk="] if form == "byte" else words)))


def known(value: Any, node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The mappings in a value whose fields a schema knows."""
    if node is None:
        return
    if isinstance(value, dict):
        if node.properties:
            yield path, node
        for key, child in value.items():
            yield from known(child, node.properties.get(key) or node.values, (*path, key))
    elif isinstance(value, list) and node.items is not None:
        for index, child in enumerate(value):
            yield from known(child, node.items, (*path, index))


def grown(source: random.Random, data: dict[str, Any], root: Any, pool: dict[str, list[Any]], words: list[Any]) -> Any:
    """A copy with one to three fields more that the schema knows, whatever the kind: nothing has to be thought of."""
    result = copy.deepcopy(data)
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        path, node = source.choice([(path, node) for path, node in known(result, root) if path[:1] != ("status",)])
        holder: Any = result
        for part in path:
            holder = holder[part]
        names = [name for name in sorted(node.properties) if path or name not in ("apiVersion", "kind", "status")]
        if names:
            name = source.choice(names)
            holder[name] = made(source, node.properties[name], pool, name, words)
    return result
