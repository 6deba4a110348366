"""What a terminal and a log are spared: control characters, orders to CI systems, credentials of URLs."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.convert.writing import comment
from generator.text.json import escaped
from generator.text.printable import inert, printable, spoken
from generator.text.secrets import credential_in, hidden
from generator.text.yaml import literal, scalar


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\nb", r"a\nb"),
        ("a\r::error::x", r"a\r::error::x"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202ecod.exe", r"\u202ecod.exe"),
        ("\u2066x", r"\u2066x"),
        ("\ud800", r"\ud800"),
        ("é😀", "é😀"),
    ],
)
def test_what_is_not_to_be_seen_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error file=a::b", r"\x3a:error file=a::b"),
        ("   ::stop-commands::x", r"   \x3a:stop-commands::x"),
        ("a: ##[group]x", r"a: #\x23[group]x"),
        ("##vso[task.setvariable variable=x]y", r"#\x23vso[task.setvariable variable=x]y"),
        ("##teamcity[buildStop]", r"#\x23teamcity[buildStop]"),
        ("s3::x and ## a heading", "s3::x and ## a heading"),
    ],
)
def test_a_line_is_no_order_to_a_ci_system(line: str, shown: str) -> None:
    assert inert(line) == shown


CREDENTIALS = [
    ("file://user:SEKRET@host/x", "file://…@host/x"),
    ("s3://bucket/p?X-Amz-Signature=SEKRET&X-Amz-Date=1", "s3://bucket/p?X-Amz-Signature=…&X-Amz-Date=1"),
    ("https://a.blob.core.windows.net/c/m?sv=1&sig=SEKRET%3D", "https://a.blob.core.windows.net/c/m?sv=1&sig=…"),
    (
        "https://storage.googleapis.com/b/o?X-Goog-Signature=SEKRET",
        "https://storage.googleapis.com/b/o?X-Goog-Signature=…",
    ),
    ("s3://b/o?X-Amz-Security-Token=SEKRET;x", "s3://b/o?X-Amz-Security-Token=…;x"),
    ("https://SEKRET@host/x", "https://…@host/x"),
    ("https://u:SEK@RET@host/x", "https://…@host/x"),
    ("wasbs://c:SEKRET@account/x", "wasbs://…@account/x"),
    ("can't get http://h/?access_token=SEKRET: 400", "can't get http://h/?access_token=… 400"),
]


@pytest.mark.parametrize(("text", "shown"), CREDENTIALS)
def test_the_credential_of_a_url_is_found_and_hidden(text: str, shown: str) -> None:
    assert credential_in(text)
    assert hidden(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'u:SEKRET@reg.example/x' is no registry", "'u:…@reg.example/x' is no registry"),
        ("u:SEKRET@localhost/x", "u:…@localhost/x"),
        ("u:SEKRET@registry:5000/x", "u:…@registry:5000/x"),
        ("http:/u:SEKRET@h/x.csv: there is no such file.", "http:/…@h/x.csv: there is no such file."),
        ("https:/SEKRET@h/x.csv", "https:/…@h/x.csv"),
    ],
)
def test_a_credential_is_hidden_where_the_url_is_no_whole_one(text: str, shown: str) -> None:
    assert hidden(text) == shown


@pytest.mark.parametrize(
    "url",
    [
        "registry.example.com/models/x:1@sha256:0123",
        "x:1.0@sha256:0123",
        "models:/churn@champion",
        "hf:org/name@main",
        "C:/a@b/x.csv",
        "s.yaml:9:1: a@b",
        "abfss://container@account.dfs.core.windows.net/x",
        "hdfs://user@namenode/x",
        "hf://org/model:main",
        "https://host/m.zip?versionId=3&max_tokens=100",
        "s3://bucket/a@b",
        "pvc://claim/path",
        "user@example.com",
    ],
)
def test_a_url_without_a_credential_is_left_alone(url: str) -> None:
    assert not credential_in(url)
    assert hidden(url) == url


@pytest.mark.parametrize("piece", ["a", "://", "a://", "?sig", "?token", "@", "a:@", "##", "?sig=", "&-", "a+"])
def test_the_search_is_linear(piece: str) -> None:
    text = "=" + piece * (1_000_000 // len(piece))
    started = time.process_time()
    spoken(text)
    assert time.process_time() - started < 2


@given(st.text())
def test_what_is_spoken_is_one_line_that_can_be_printed(text: str) -> None:
    assert spoken(text).isprintable()
    assert not spoken(text).lstrip().startswith("::")
    spoken(text).encode()


@given(st.text() | st.text(alphabet="#[a:"))
def test_escaped_json_is_the_same_json(text: str) -> None:
    shown = escaped(json.dumps(text, ensure_ascii=False))
    assert json.loads(shown) == text
    assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\x85"} & {*shown}
    assert shown == inert(shown)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_escaped_yaml_is_the_same_yaml(text: str) -> None:
    assert yaml.safe_load(str(scalar(text))) == text
    assert not {"\x1b", "\x9b", "\u202e", "\u2066", "\u200f"} & {*str(scalar(text))}


@pytest.mark.parametrize("text", ["a\n::error::x\nb\n", "a\n  ::error::x\n", "##[error]x\n", "##vso[task]x\n"])
def test_a_text_with_an_order_is_no_literal_block(text: str) -> None:
    written = str(literal(text, 2))
    assert yaml.safe_load(written) == text
    assert "\n" not in written
    assert written == inert(written)


def test_a_comment_gives_no_orders_and_no_credentials() -> None:
    assert comment("##[error]x\n::error::y https://SEKRET@h") == r"# #\x23[error]x\u000a::error::y https://…@h"
