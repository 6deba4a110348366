"""Reading manifests: what kubectl would send, and where everything stands."""

from __future__ import annotations

import itertools
import json
import string
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.reading import places
from generator.reading.documents import Broken, Document, format_path, iterate, read

if TYPE_CHECKING:
    from generator.reading.node import Node


def data_of(text: str | bytes) -> Any:
    (document,) = read(text, "a.yaml")
    assert isinstance(document, Document), document
    return document.data


def broken(text: str | bytes) -> Broken:
    (document,) = read(text, "a.yaml")
    assert isinstance(document, Broken), document
    return document


# Each row is one difference between kubectl's YAML and another reading that somebody might expect.
SCALARS = [
    ("yes", True),
    ("No", False),
    ("on", True),
    ("OFF", False),
    ("y", True),
    ("n", False),
    ("yEs", "yEs"),
    ("~", None),
    ("", None),
    ("null", None),
    ("nULL", "nULL"),
    ("0o17", 15),
    ("017", 15),
    ("0x1F", 31),
    ("0b101", 5),
    ("-0b101", -5),
    ("0b-1", -1),
    ("08", 8),
    ("1_000", 1000),
    ("_1", "_1"),
    ("+5", 5),
    ("1e3", 1000),
    ("1.0", 1),
    ("-0.0", 0),
    ("1.5", 1.5),
    (".5", 0.5),
    ("1e400", "1e400"),
    ("9" * 400, "9" * 400),
    ("9" * 5000, "9" * 5000),
    ("0" * 5000 + "17", 15),
    ("1e-400", 0),
    ("9223372036854775807", 9223372036854775807),
    ("9223372036854775808", 9.223372036854775808e18),
    ("99999999999999999999", 1e20),
    ("1:30", "1:30"),
    ("2020-01-01", "2020-01-01"),
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ("=", "="),
    ("<<", "<<"),
    ("'yes'", "yes"),
    ('"1"', "1"),
    ("! yes", "yes"),
    ("!!str 1", "1"),
    ('!!int "3"', 3),
    ("!!float 3", 3),
    ("!!binary aGk=", "hi"),
    ("!!timestamp 2020-01-01", "2020-01-01"),
    ("!mine 5", "5"),
    ("a#b #c", "a#b"),
    ("http://a?b=c", "http://a?b=c"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_scalar_means_what_it_means_to_kubectl(text: str, value: Any) -> None:
    found = data_of(f"a: {text}\n")["a"]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("1e6", "1e+06"),
        ("0.1", "0.1"),
        ("yes", "true"),
        ("y", "true"),
        (".inf", ".inf"),
        ("2020-01-01", "2020-01-01"),
        ("'yes'", "yes"),
    ],
)
def test_a_key_becomes_text_as_in_json(key: str, name: str) -> None:
    assert data_of(f"{key}: v\n") == {name: "v"}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: [1\n", 2, 1, "comma or closing bracket"),
        ("a: [\n", 2, 1, "closing bracket is missing"),
        ("a:\n\tb: 1\n", 2, 1, "a tab is used to indent"),
        ("a: b: c\n", 1, 5, "a ': ' stands where no key can be"),
        ("a: 'x\n", 2, 1, "never closed"),
        ("a: {{ .Values.x }}\n", 1, 5, "template"),
        ("a: *x\n", 1, 4, "anchor *x is not defined"),
        ("a: &a {b: *a}\n", 1, 11, "contains itself"),
        ("~: 1\n", 1, 1, "null can't be a key"),
        ("a: .nan\n", 1, 4, "JSON has no form"),
        ("a: !!int b\n", 1, 4, "is no int"),
        ("a:\n  <<: 1\n", 2, 7, "<< needs a mapping"),
        ("a: [http://b?c]\n", 1, 5, "'?'"),
        ('a: "\\/"\n', 1, 4, "backslash"),
        ("- a\n- b\n", 1, 1, "this is a list"),
        ("just text\n", 1, 1, "this is a single value"),
        ("%YAML 1.1\n", 2, 1, "directive"),
        ("--- a: 1\n", 1, 1, "only a comment may follow '---'"),
        ("a: x\x07y\n", 1, 5, "U+0007"),
        ("é: x\x07y\n", 1, 5, "U+0007"),
        (b"a: 1\nb: \xff\n", 2, 4, "not UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, 1, "UTF-16"),
        (b"\x7fELF\0\0", 1, 1, "binary"),
        ("a: 1\n\ufeffb: 2\n", 2, 1, "byte order mark"),
        ('{"a": 1,, "b": 2}', 1, 9, "JSON"),
    ],
)
def test_what_kubectl_cannot_read_is_told_with_its_place(text: str | bytes, line: int, column: int, words: str) -> None:
    found = broken(text)
    assert (found.line, found.column) == (line, column)
    assert words in found.message


def test_documents_are_split_at_separators_and_empty_ones_do_not_count() -> None:
    found = read("# only a comment\n---\na: 1\n--- # next\n\n---\nb: [\n---\nc: 3\n...\nnot read\n", "f")
    assert [(type(d).__name__, d.index) for d in found] == [("Document", 0), ("Broken", 1), ("Document", 2)]
    assert found[2].data == {"c": 3}
    assert str(found[2].place(("c",))) == "f:9:4"


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# nothing\n", "---\n---\n", "null\n", "---\n...\n", "--- # a\n\n# b\n... # c\n", "---\n...\nb: [\n"],
)
def test_nothing_gives_no_document(text: str) -> None:
    assert read(text, "f") == []


def test_an_end_without_a_beginning_is_none() -> None:
    """The mark that separates two documents belongs to neither, so the second one begins with its end."""
    assert [one.index for one in read("---\n...\n---\na: 1\n", "f")] == [0]
    assert [type(one).__name__ for one in read("a: 1\n---\n...\n", "f")] == ["Document", "Broken"]
    assert [type(one).__name__ for one in read("a: 1\n---\n---\n...\n", "f")] == ["Document"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'a: "\ud83d\ude00"', None),
        (r'a: "\uDBFF\uDFFF"', None),
        (r'a: {b: ["\ud83d\ude00"]}', None),
        (r'"\ud83d\ude00": 1', None),
        (r'a: "\U0001f600"', "😀"),
        (r"a: '\ud83d\ude00'", r"\ud83d\ude00"),
        (r"a: \ud83d\ude00", r"\ud83d\ude00"),
        (r'{"a": "\ud83d\ude00"}', "😀"),
    ],
)
def test_a_pair_of_surrogates_is_jsons_and_not_yamls(text: str, value: str | None) -> None:
    (found,) = read(f"{text}\n", "f")
    if value is None:
        assert isinstance(found, Broken)
        assert "an escape of no character" in found.message
    else:
        assert isinstance(found, Document)
        assert found.data == {"a": value}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffa: 1\r\nb: [x, z]\r\n",
        b"\xef\xbb\xbfa: 1\nb:\n- x\n- z\n",
        '{\n\t"a": 1,\n\t"b": ["x", "z"]\n}\n',
        '\n  {"a": 1, "b": ["x", "z"]}',
        "{a: 1, b: [x, z]}\n",
        '"a": 1\n"b": &l ["x", "z"]\n',
    ],
)
def test_marks_line_ends_json_and_flow_style_all_read_the_same(text: str | bytes) -> None:
    assert data_of(text) == {"a": 1, "b": ["x", "z"]}


@pytest.mark.parametrize("text", ["a: |\n  x", "a: |\n  x\n"])
def test_a_literal_at_the_end_has_its_line_break(text: str) -> None:
    assert data_of(text) == {"a": "x\n"}


def test_json_objects_in_a_row_and_json_numbers() -> None:
    """A whole float is sent on by kubectl without its point, and the API server reads an integer."""
    first, second = read('{"a": 1.0, "b": 1, "c": 1e18, "d": 1e19, "e": 1.5}\n{"a": 99999999999999999999}', "f")
    assert [type(first.data[key]) for key in "abcde"] == [int, int, int, float, float]
    assert second.data == {"a": 1e20}
    assert str(second.place(("a",))) == "f:2:7"


def test_half_a_pair_of_surrogates_reads_as_go_reads_it() -> None:
    text = r'{"a": "\ud83d\ude00 \\ud800 \ud83dx\udfff", "\uD800": {"b": 1}}'
    (document,) = read(text, "f")
    assert isinstance(document, Document)
    assert document.data == {"a": "\U0001f600 \\ud800 \ufffdx\ufffd", "\ufffd": {"b": 1}}
    assert str(document.place(("\ufffd", "b"))) == f"f:1:{text.index('1}') + 1}"


def test_json_then_yaml_in_one_file() -> None:
    assert [d.data for d in read('{"a": 1}\n---\nb: 2\n', "f")] == [{"a": 1}, {"b": 2}]


def test_a_later_anchor_of_the_same_name_wins() -> None:
    assert data_of("a: &x 1\nb: &x 2\nc: *x\n")["c"] == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("b: &b {x: 1, z: 3}\nm:\n  <<: *b\n  x: 2\n", {"x": 2, "z": 3}),
        # go-yaml v2 fills a map in the order of the text, so that a merge below a key overrides it.
        ("b: &b {x: 1}\nm:\n  x: 2\n  <<: *b\n", {"x": 1}),
        ("b: &b {x: 1}\nc: &c {x: 5}\nm:\n  <<: [*b, *c]\n", {"x": 1}),
        ("m:\n  '<<': {x: 1}\n", {"<<": {"x": 1}}),
    ],
)
def test_merge_keys(text: str, value: Any) -> None:
    document = read(text, "f")[0]
    assert isinstance(document, Document)
    assert document.data["m"] == value
    assert document.duplicates == ()


def test_doubled_keys_are_told_and_the_last_one_wins() -> None:
    (document,) = read("spec:\n  a: 1\n  b:\n  - c: 1\n    c: 2\n  a: 3\n", "f")
    assert isinstance(document, Document)
    assert document.data == {"spec": {"a": 3, "b": [{"c": 2}]}}
    assert set(document.duplicates) == {("spec", "a"), ("spec", "b", 0, "c")}
    assert str(document.place(("spec", "a"), key=True)) == "f:6:3"


def test_doubled_keys_in_json() -> None:
    (document,) = read('{"a": {"b": 1,\n "b": 2}}', "f")
    assert isinstance(document, Document)
    assert document.duplicates == (("a", "b"),)
    assert str(document.place(("a", "b"), key=True)) == "f:2:2"


def test_the_items_of_a_list_are_documents() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  x: 1\n  x: 2\n- {kind: B}\n---\nkind: C\n"
    first, second, third = read(text, "f")
    assert [(d.kind, d.index) for d in (first, second, third)] == [("A", 0), ("B", 0), ("C", 1)]
    assert first.duplicates == (("x",),)
    assert str(first.place(("x",))) == "f:6:6"
    assert str(second.place()) == "f:7:3"


def test_a_typed_list_lends_its_items_kind_and_version() -> None:
    (item,) = read("apiVersion: a/v1\nkind: ThingList\nitems:\n- metadata: {name: x}\n", "f")
    assert (item.api_version, item.kind, item.name) == ("a/v1", "Thing", "x")


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (
            "# serinus: platform kserve@0.20 gateway-api@1.5\n---\na: 1\n---\nb: 1\n",
            ["kserve@0.20 gateway-api@1.5"] * 2,
        ),
        (
            "# serinus: platform kserve@0.20\na: 1\n---\n# serinus: platform kserve@0.17\nb: 1\n",
            ["kserve@0.20", "kserve@0.17"],
        ),
        ("a: 1\n---\n# serinus: platform kserve@0.17  \nb: 1\n", [None, "kserve@0.17"]),
        ("a: |\n  # serinus: platform kserve@0.17\n", [None]),
        ("a: 1 # serinus: platform kserve@0.17\n", [None]),
    ],
)
def test_the_comment_that_names_the_platform(text: str, headers: list[str | None]) -> None:
    assert [d.header for d in read(text, "f") if isinstance(d, Document)] == headers


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, "3:1"),
        (("metadata", "name"), False, "5:9"),
        (("metadata", "name"), True, "5:3"),
        (("metadata", "labels"), False, "6:3"),
        (("metadata", "gone", "below"), False, "4:1"),
        (("spec", "list", 1, "b"), False, "11:9"),
        (("spec", "list", 1), True, "11:5"),
        (("spec", "list", 7), True, "8:3"),
        (("spec", "flow", "x"), False, "12:16"),
        (("spec", "alias"), False, "13:10"),
        (("spec", "alias", "x"), False, "12:16"),
    ],
)
def test_places(path: tuple[str | int, ...], key: bool, place: str) -> None:
    text = (
        "# a comment\n---\nkind: K\nmetadata:\n  name: ä\n  labels:\nspec:\n  list:\n  # more\n  - a: 1\n"
        "  - b:  yes\n  flow: &f {x: 1}\n  alias: *f\n"
    )
    (document,) = read(text, "f")
    assert isinstance(document, Document)
    assert str(document.place(path, key=key)) == f"f:{place}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("m:\n  x: 1\n  x: 2\n", "f:3:6"),
        ("b: &b {x: 1}\nm:\n  <<: *b\n  x: 2\n", "f:4:6"),
        ("b: &b {x: 1}\nm:\n  x: 2\n  <<: *b\n", "f:1:11"),
        ("b: &b {y: 1}\nm:\n  x: 2\n  <<: *b\n", "f:3:6"),
        ("b: &b {x: 1}\nc: &c {x: 5}\nm:\n  <<: [*b, *c]\n", "f:1:11"),
        ("b: &b {x: 1}\nc: &c {<<: *b}\nm:\n  <<: *c\n", "f:1:11"),
    ],
)
def test_a_place_is_that_of_the_key_that_counts(text: str, place: str) -> None:
    (document,) = read(text, "f")
    assert isinstance(document, Document)
    assert str(document.place(("m", "x"))) == place


def test_the_keys_of_a_mapping_are_read_once_for_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    read_keys: list[Node] = []

    def key_of(key: Node) -> str:
        read_keys.append(key)
        return key.text

    monkeypatch.setattr(places, "key_of", key_of)
    names = [f"k{number}" for number in range(100)]
    (document,) = read(f"spec: {{{', '.join(f'{name}: 1' for name in names)}}}\n", "f")
    assert isinstance(document, Document)
    found = {document.place(("spec", name)).column for name in names}
    assert (len(found), len(read_keys)) == (100, 101)


def test_a_missing_field_is_placed_at_its_nearest_ancestor_and_keeps_its_path() -> None:
    (document,) = read("spec:\n  predictor:\n    model: {}\n", "f")
    assert isinstance(document, Document)
    place = document.place(("spec", "predictor", "model", "modelFormat"))
    assert (place.line, place.column, place.path) == (3, 5, "spec.predictor.model.modelFormat")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "canary", 0, "weight"), "spec.canary[0].weight"),
        (("metadata", "annotations", "a.b/c"), 'metadata.annotations["a.b/c"]'),
        (("a", 'q"\\'), 'a["q\\"\\\\"]'),
        (("a.b",), '["a.b"]'),
        (("", "x"), '[""].x'),
    ],
)
def test_format_path(path: tuple[str | int, ...], text: str) -> None:
    assert format_path(path) == text


# --- bounded: stack, memory, time -----------------------------------------------------------------------------------


def bomb(levels: str) -> str:
    lines = [f"{levels[0]}: &{levels[0]} [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in itertools.pairwise(levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (bomb(string.ascii_lowercase), "aliases"),
        ("a: " + "[" * 10_000 + "]" * 10_000, "nested deeper"),
        ("- " * 10_000, "nested deeper"),
        ("? " * 10_000, "nested deeper"),
        ("\n".join(" " * level + "a:" for level in range(1_000)), "nested deeper"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested deeper"),
        ("a: 0\n" + "# " + "x" * 17_000_000 + "\n", "the API server takes no request over 3 MB"),
        ('{"a": "' + "x" * 17_000_000 + '"}', "the API server takes no request over 3 MB"),
    ],
    ids=["alias-bomb", "deep-flow", "deep-list", "deep-keys", "deep-blocks", "deep-json", "large", "large-json"],
)
def test_hostile_input_ends_soon_and_is_told(text: str, words: str) -> None:
    assert words in broken(text).message


def test_aliases_deep_inside_aliases_end_in_a_finding_not_in_a_stack() -> None:
    nested = "[" * 200
    text = f"a: &a {nested}1{']' * 200}\nb: &b {nested}*a{']' * 200}\n"
    assert "nested deeper" in broken(text).message


def test_honest_aliases_pass() -> None:
    text = "base: &b {x: [1, 2, 3]}\n" + "".join(f"k{n}: *b\n" for n in range(150))
    assert data_of(text)["k149"] == {"x": [1, 2, 3]}


def test_iterate_gives_the_same_one_by_one() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 1\n"
    assert [type(d) for d in iterate(text, "f")] == [type(d) for d in read(text, "f")] == [Document, Broken, Document]


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_content_raises(content: str | bytes) -> None:
    for document in read(content, "f"):
        if isinstance(document, Document):
            document.place(("a", 0, "b"))
        else:
            assert document.line >= 1
            assert document.column >= 1


# --- places are exact -----------------------------------------------------------------------------------------------

words = st.text(string.ascii_letters + "äß😀 :#'\"-{}[],&*", min_size=1, max_size=6)
trees: Any = st.recursive(
    words | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3),
    max_leaves=12,
)


KEY = "\0"  # no key of a tree: ends a path that means the key itself


def emit(
    value: Any, line: int, column: int, path: tuple[Any, ...], out: list[str], places: dict[Any, tuple[int, int]]
) -> int:
    """Write a value in block style and note where it and its keys stand; returns the next free line."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in items:
        label = f"{json.dumps(key, ensure_ascii=False)}:" if isinstance(value, dict) else "-"
        at = (*path, key)
        out.append(" " * column + label)
        places[(*at, KEY)] = (line + 1, column + 1)
        if isinstance(child, (dict, list)):
            places[at] = (line + 2, column + 4)
            line = emit(child, line + 1, column + 3, at, out, places)
        else:
            out[-1] += "  " + json.dumps(child, ensure_ascii=False)
            places[at] = (line + 1, column + len(label) + 3)
            line += 1
    return line


@settings(max_examples=60)
@given(
    st.dictionaries(words, trees, min_size=1, max_size=3), st.sampled_from(["", "# é\n\n", "---\n", "\ufeff# x\r\n"])
)
def test_every_value_and_key_is_found_where_it_was_written(tree: dict[str, Any], before: str) -> None:
    out: list[str] = []
    places: dict[Any, tuple[int, int]] = {}
    emit(tree, before.count("\n"), 0, (), out, places)
    (document,) = read(before + "\n".join(out) + "\n", "f")
    assert isinstance(document, Document), document
    assert document.data == tree
    for path, wanted in places.items():
        on_key = path[-1] == KEY and path[:-1] in places
        real = path[:-1] if on_key else path
        place = document.place(real, key=on_key)
        if on_key and isinstance(real[-1], int):
            wanted = places[real]  # noqa: PLW2901 (an item of a list has no key: the item is meant)
        assert (place.line, place.column) == wanted, (path, out)


@settings(max_examples=60)
@given(st.dictionaries(words, trees, min_size=1, max_size=3), st.sampled_from([None, 1, "\t"]))
def test_json_is_found_where_it_was_written(tree: dict[str, Any], indent: Any) -> None:
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    (document,) = read(text, "f")
    assert isinstance(document, Document)
    assert document.data == tree
    lines = text.split("\n")
    for key, value in tree.items():
        place = document.place((key,))
        rest = lines[(place.line or 0) - 1][(place.column or 0) - 1 :]
        assert rest.startswith(json.dumps(value, ensure_ascii=False, indent=indent).split("\n")[0])
        place = document.place((key,), key=True)
        assert lines[(place.line or 0) - 1][(place.column or 0) - 1 :].startswith(json.dumps(key, ensure_ascii=False))


class TestJsonInARow:
    ROW = '{"apiVersion": "v1", "kind": "A", "x": 1, "x": 2} {"apiVersion": "v1",\n "kind": "B", "y": 1, "y": 2}{"kind": "C"}'

    def test_each_place_is_the_files(self):
        first, second, third = read(self.ROW, "f")
        assert [(place.line, place.column) for place in (first.place(("x",)), second.place(("apiVersion",)))] == [
            (1, 48),
            (1, 66),
        ]
        assert [(place.line, place.column) for place in (second.place(("y",)), third.place(("kind",)))] == [
            (2, 28),
            (2, 39),
        ]
        assert (first.duplicates, second.duplicates, third.duplicates) == ((("x",),), (("y",),), ())

    def test_a_line_that_is_anothers_too_is_not_shown(self):
        first, second, third = read(self.ROW, "f")
        assert first.line(1).startswith('{"apiVersion"')
        assert (second.line(1), third.line(2)) == ("", "")
        assert second.line(2).startswith(' "kind": "B"')
