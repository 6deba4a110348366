"""Go's regular expressions, held against Python's engine where both mean the same and Python's comes to an end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.text.regex import MalformedError, Regex, UnknownError

ATOMS = st.sampled_from(["a", "b", "c", "ab", ".", "[ab]", "[^a]", r"\d", r"\w", r"\b", "^", "$", "1", "-", r"\."])


def grown(inner):
    mark = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "??", "{1,2}?"])
    return st.one_of(
        st.tuples(inner, mark).map(lambda made: f"(?:{made[0]}){made[1]}"),
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
    )


PATTERNS = st.recursive(ATOMS, grown, max_leaves=6)


@settings(max_examples=400)
@given(pattern=PATTERNS, text=st.text("abc1-. \n", max_size=10))
def test_what_it_finds_is_what_perl_would(pattern, text):
    # In Python $ also holds before a last line break, and what repeats nothing is entered once more.
    theirs = re.search(pattern.replace("$", r"\Z"), text, re.ASCII)
    ours = Regex(pattern)
    assert ours.matches(text) == (theirs is not None)
    if not re.search(r"\)[*+{]", pattern):
        assert ours.find_all(text, 1) == ([theirs[0]] if theirs else [])


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a*", "baac", ["", "aa", ""]),
        ("", "ab", ["", "", ""]),
        ("(a|ab)(c|bcd)", "abcd", ["abcd"]),
        ("a+?", "aaa", ["a", "a", "a"]),
        ("(?U)a+", "aaa", ["a", "a", "a"]),
        ("(?i)straSSe", "STRASSE", ["STRASSE"]),
        ("(?i:a)b", "Ab AB", ["Ab"]),
        ("(?s)a.b", "a\nb", ["a\nb"]),
        ("(?m)^a$", "a\nba\na", ["a", "a"]),
        (r"^a\z", "a\n", []),
        ("a$", "a\n", []),
        (r"\pL+", "äb1Ж", ["äb", "Ж"]),
        (r"\p{Lu}|\P{L}", "aB1", ["B", "1"]),
        (r"[[:alpha:]]+[[:^digit:]]", "ab- 1", ["ab-"]),
        (r"[\d\-x]+", "1-x y", ["1-x"]),
        (r"[]a]+", "a]b", ["a]"]),
        (r"[^]a]+", "a]b", ["b"]),
        (r"\Qa.b*\E+", "a.b**c", ["a.b**"]),
        (r"\x41\x{42}\103\t", "ABC\t", ["ABC\t"]),
        (r"a{,2}", "a{,2}", ["a{,2}"]),
        (r"(?P<n>a)(?<m>b)", "ab", ["ab"]),
        (r"\bfoo\B", "foo food", ["foo"]),
        ("(a*)*b", "aab", ["aab"]),
        ("x{0}y", "xy", ["y"]),
    ],
)
def test_find_all(pattern, text, found):
    assert Regex(pattern).find_all(text) == found
    assert Regex(pattern).matches(text) == bool(found)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "missing closing )"),
        ("a)", "unexpected )"),
        ("[a", "missing closing ]"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[[:nope:]]", "invalid character class range"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a|*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2}{3}", "invalid nested repetition operator"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count"),
        ("((a{100}){100}){100}", "invalid repeat count"),
        ("(?<=a)b", "invalid or unsupported Perl syntax: `(?<=`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=a`"),
        (r"(a)\1", r"invalid escape sequence: `\1`"),
        (r"\Z", r"invalid escape sequence: `\Z`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        ("a\\", "trailing backslash"),
        (r"\x{110000}", "invalid escape sequence"),
        (r"\p{", "invalid character class range"),
    ],
)
def test_what_go_refuses(pattern, says):
    with pytest.raises(MalformedError) as raised:
        Regex(pattern)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "pattern", [r"\p{Greek}", "(" * 200 + ")" * 200, "a" * 30_000, "(abcdefghijklmnopqrstuvwxyz){1000}"]
)
def test_what_is_not_known_here_says_so(pattern):
    with pytest.raises(UnknownError):
        Regex(pattern)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*c", "a{500}b", "(.*)(.*)(.*)x", "[ab]{1,900}c"])
def test_no_pattern_takes_for_ever(pattern):
    regex = Regex(pattern)
    for text in ("a" * 5000 + "!", "a" * 100_000 + "!"):
        for search in (regex.matches, regex.find_all):
            try:
                search(text)
            except UnknownError as error:
                assert "too long" in str(error)  # noqa: PT017 (either ends in time)
