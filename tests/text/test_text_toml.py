"""Places in TOML: every key and value of every text that tomllib reads is where the scan says."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.toml import places

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = r"""# a comment with = and [brackets]
top = "x # no comment"   # one
[service]
namespace = "models"
  labels = { team = "vision", "a.b/c" = 'it is' }
platform . version = "0.20"
[ service . replicas ]   # another
min = 2
max = [
  1, # one
  [2, 3], {a = 1, b.c = [4]},
]
text = QQQ
[no.table]
key = 'none'
QQQ
more = DDD
\DDD
k = 1DDDDD
after = 1979-05-27 07:32:00
[[service.variants]]
name = "stable"
[[service.variants]]
name = "canary"
deep.key = true
[service.variants.inner]
x = 1
["quoted table".'b']
y = 0x1F
""".replace("QQQ", "'''").replace("D", '"')


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (2, 1), (2, 7)),
        (("service",), (3, 2), (3, 2)),
        (("service", "namespace"), (4, 1), (4, 13)),
        (("service", "labels"), (5, 3), (5, 12)),
        (("service", "labels", "a.b/c"), (5, 31), (5, 41)),
        (("service", "platform"), (6, 1), (6, 1)),
        (("service", "platform", "version"), (6, 12), (6, 22)),
        (("service", "replicas"), (7, 13), (7, 13)),
        (("service", "replicas", "max"), (9, 1), (9, 7)),
        (("service", "replicas", "max", 0), (9, 1), (10, 3)),
        (("service", "replicas", "max", 1, 1), (9, 1), (11, 7)),
        (("service", "replicas", "max", 2, "b", "c"), (11, 21), (11, 25)),
        (("service", "replicas", "text"), (13, 1), (13, 8)),
        (("service", "replicas", "after"), (20, 1), (20, 9)),
        (("service", "variants"), (21, 11), (21, 11)),
        (("service", "variants", 0, "name"), (22, 1), (22, 8)),
        (("service", "variants", 1, "name"), (24, 1), (24, 8)),
        (("service", "variants", 1, "deep", "key"), (25, 6), (25, 12)),
        (("service", "variants", 1, "inner", "x"), (27, 1), (27, 5)),
        (("quoted table", "b", "y"), (29, 1), (29, 5)),
        (("service", "gone", "x"), (3, 2), (3, 2)),
        (("gone",), (1, 1), (1, 1)),
    ],
)
def test_where_keys_and_values_stand(path, key, value):
    found = places(TEXT)
    assert found.key(path) == key
    assert found.value(path) == value


def test_lines_of_windows_are_lines():
    assert places("a = 1\r\nb = 2\r\n").key(("b",)) == (2, 1)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every path of what tomllib has read, and its value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inside:
        yield (*path, part), each
        yield from paths(each, (*path, part))


def test_every_path_has_a_place_and_no_other_has():
    assert set(places(TEXT).values) == {path for path, _ in paths(tomllib.loads(TEXT))}


KEYS = st.sampled_from(["a", "b-1", '"c.d"', "'e f'", '"g\\"h"', "1"])
SCALARS = st.sampled_from(
    [
        "1",
        "-2.5e3",
        "true",
        '"x"',
        '""',
        "'y'",
        '"""z\n"q" """',
        "'''w\n]'''",
        "2024-01-01 10:00:00",
        "inf",
        '"#"',
        "'}'",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda each: f"[ {', '.join(each)} ]")
        | st.lists(inner, min_size=1, max_size=3).map(lambda each: "[\n" + ",  # no\n".join(each) + ",\n]")
        | st.lists(st.tuples(KEYS, inner), max_size=3, unique_by=lambda pair: pair[0]).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.tuples(st.lists(KEYS, min_size=1, max_size=3), VALUES).map(lambda each: f"{' . '.join(each[0])} = {each[1]}"),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[ {'.'.join(keys)} ]"),
    st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[[{'.'.join(keys)}]] # [x]"),
    st.sampled_from(["", "# c = [", "\t"]),
)


@given(st.lists(LINES, max_size=6))
def test_of_any_toml_every_path_has_a_place(lines):
    text = "\n".join(lines)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(places(text).values) == {path for path, _ in paths(data)}
