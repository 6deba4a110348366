"""The fast lane of reading says the same as the exact one, or nothing."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from difficult_texts import CORPUS, texts
from generator.reading import exact, fast, tree
from generator.reading.errors import UnreadableError
from generator.reading.split import split

TEXTS = int(os.environ.get("SERINUS_FUZZ", "1500"))


def exactly(text: str) -> object:
    try:
        return exact.decode(tree.parse(text))
    except UnreadableError as error:
        return error


def test_both_lanes_read_the_same() -> None:
    sure, wrong = 0, []
    for text in texts(seed=31, count=TEXTS):
        for chunk in split(text.replace("\r\n", "\n")):
            data = fast.load(chunk.text)
            if data is not fast.UNSURE and not chunk.separator:
                sure += 1
                if (data, ()) != exactly(chunk.text) or repr(data) != repr(exact.decode(tree.parse(chunk.text))[0]):
                    wrong.append(chunk.text)
    assert wrong == []
    assert sure > TEXTS // 20


def test_most_real_manifests_take_the_fast_lane() -> None:
    files = sorted(CORPUS.glob("*/*.yaml"))
    if not files:
        pytest.skip("no corpus beside the project")
    chunks = [chunk.text for file in files for chunk in split(file.read_text()) if chunk.text.strip()]
    sure = [chunk for chunk in chunks if fast.load(chunk) is not fast.UNSURE]
    assert [chunk for chunk in sure if (fast.load(chunk), ()) != exactly(chunk)] == []
    assert len(sure) > 0.95 * len(chunks)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "yes",
            "No",
            "on",
            "y",
            "017",
            "08",
            "+017",
            "1_000",
            "_1",
            "0b1",
            "0x1_F",
            "-0x1F",
            "1e400",
            ".inf",
            "~~",
            "*x",
        ),
        *(
            "&x 1",
            "!!str 1",
            "{a: 1",
            "[a?b]",
            "{a: x, b:,c d: y}",
            "{a: :b}",
            "{a: - b}",
            "{a: |b}",
            "{a:}",
            "[a:]",
            "{a:[b]}",
            "|",
            ">-",
            "'a",
            '"\\/"',
            "\tx",
            "x\x07",
            "a\u2028b",
            "<<",
            "? a",
        ),
    ],
)
def test_what_the_two_yamls_read_differently_is_left_to_the_exact_lane(value: str) -> None:
    for text in (
        f"a: {value}\n",
        f"a: {{b: {{c: d}}, {value}\n}}\n",
        f"a: b\n  {value}\n   c\n",
        f"- {value}\n",
        f"a:\n- b: {value}\n",
    ):
        data = fast.load(text)
        assert data is fast.UNSURE or (data, ()) == exactly(text)


@pytest.mark.parametrize("text", ["yes: 1\n", "1: 2\n", "a: 1\na: 2\n", "- a\n", "a\n", "", "%YAML 1.2\n---\na: 1\n"])
def test_odd_keys_and_shapes_are_left_to_the_exact_lane(text: str) -> None:
    assert fast.load(text) is fast.UNSURE


def test_numbers_are_those_of_json() -> None:
    data = fast.load("a: 1.0\nb: 1e3\nc: 1.5\nd: 99999999999999999999\ne: '1'\nf: 0\n")
    assert [(type(value), value) for value in data.values()] == [
        (int, 1),
        (int, 1000),
        (float, 1.5),
        (float, 1e20),
        (str, "1"),
        (int, 0),
    ]


literal_lines = st.lists(
    st.sampled_from(["", " ", "  ", "x", "  x: y", "- a", "# no comment", "    deep", "'quote", "k: |"]), max_size=5
)


@settings(max_examples=300)
@given(
    st.sampled_from(
        ["a: |", "a: |-", "a: |+", "a:\n- |", "a:\n  - |-", "a:\n- b: |", "a:\n- c: 1\n  b: |+", "a: | # why"]
    ),
    st.integers(0, 6),
    literal_lines,
    st.sampled_from(["", "z: 1\n", "\nz: 1\n", "# end\n", "  # end\nz: 1\n", "- 5\n", "  y: 2\n"]),
)
def test_literals_are_taken_out_as_the_exact_lane_reads_them(
    header: str, indent: int, lines: list[str], after: str
) -> None:
    text = header + "\n" + "".join(f"{' ' * indent}{line}\n" for line in lines) + after
    data = fast.load(text)
    assert data is fast.UNSURE or (data, ()) == exactly(text), text


def test_a_shell_script_in_a_literal_does_not_leave_the_fast_lane() -> None:
    text = 'spec:\n  args:\n  - |-\n    if [ -n "$A_1" ] && true; then *x; fi\n\n    echo {{ yes }}\n  - b\n'
    assert fast.load(text) == {"spec": {"args": ['if [ -n "$A_1" ] && true; then *x; fi\n\necho {{ yes }}', "b"]}}
