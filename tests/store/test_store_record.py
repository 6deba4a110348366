"""``release.json``: its form, its digest, and what is said of one that isn't ours."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import InputError
from generator.model.artifact import Golden, Signature, Tensor
from generator.store.collect import collect
from generator.store.release import (
    BrokenRecordError,
    File,
    Release,
    check_service,
    check_version,
    digest_of,
    from_json,
    to_json,
)
from goldens import golden

if TYPE_CHECKING:
    from pathlib import Path

A, B = "a" * 64, "b" * 64
# printf '%s  %s\n' aaa… tensorflow-serving/1/saved_model.pb bbb… tensorflow-serving/1/variables/variables.index | sha256sum
DIGEST = "972f3ccd4ec65bcd1325ccc3901d0b9d725ac66c55bdcfcc7c2e98c05554618c"
TOP = DIGEST[:16]
RELEASE = Release(
    service="digits",
    version=3,
    digest=DIGEST,
    files=(
        File(f"{TOP}/tensorflow-serving/1/saved_model.pb", 10, A),
        File(f"{TOP}/tensorflow-serving/1/variables/variables.index", 0, B),
    ),
    layouts=("tensorflow-serving",),
    format="savedmodel",
    runtimes={"tensorflow-serving": "2.20"},
    signature=Signature("serving_default", (Tensor("x", "float32", (None, 2)),), (Tensor("y", "int64", (None,)),)),
    metrics={"loss": 0.125, "accuracy": 0.975, "confusion": [[1, 0], [0, 1]]},
    golden=Golden({"x": [[0.5, 1]]}, {"y": [1]}),
    training_key="key",
    trained_with={"seed": 7, "data": "digits — ü"},
)

RECORD = to_json(RELEASE)


def test_the_record_has_one_form() -> None:
    golden("store/record.json", RECORD.decode())
    assert from_json(RECORD, service="digits", version=3) == RELEASE


def test_what_pods_read_is_service_version_digest() -> None:
    assert RELEASE.path == f"digits/3/{TOP}"
    assert RELEASE.size == 10


def test_a_model_brought_along_has_no_metrics_golden_or_key() -> None:
    bare = replace(RELEASE, signature=None, metrics={}, golden=None, training_key=None, trained_with={}, runtimes={})
    assert from_json(to_json(bare), service="digits", version=3) == bare


def test_a_later_program_may_add_keys() -> None:
    record = {**json.loads(RECORD), "signedBy": "me"}
    assert from_json(json.dumps(record).encode(), service="digits", version=3) == RELEASE


def changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(RECORD), **changes}).encode()


def without(key: str) -> bytes:
    return json.dumps({name: value for name, value in json.loads(RECORD).items() if name != key}).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "can't be read"),
        (b"\xff\xfe", "can't be read"),
        (b"[" * 100_000, "can't be read"),
        (b"[]", "isn't a JSON object"),
        (b"{}", "no schemaVersion"),
        (RECORD[:-30], "can't be read"),
        (changed(schemaVersion=2), "a newer Serinus"),
        (changed(schemaVersion="1"), "no schemaVersion"),
        (changed(version=4), "belongs to digits 4"),
        (changed(service="other"), "belongs to other 3"),
        (changed(version=True), "version isn't of the right type"),
        (changed(digest=A), "outside"),
        (changed(digest=TOP + "0" * 48), "digest isn't that of its files"),
        (changed(files=[]), "digest isn't that of its files"),
        (changed(files=[{"path": f"{TOP}/../x", "size": 1, "sha256": A}]), "outside"),
        (changed(files=[{"path": f"{TOP}/flat", "size": 1, "sha256": A}]), "outside"),
        (changed(files=[{"path": "\ud800", "size": 1, "sha256": A}]), "outside"),
        (changed(files=[1]), "can't be read"),
        (changed(layouts=["triton"]), "layouts aren't those"),
        (changed(layouts=[1]), "layouts isn't of the right type"),
        (changed(metrics=[]), "metrics isn't of the right type"),
        (changed(metrics={"loss": math.nan}), "NaN"),
        (changed(signature={"name": "x"}), "key 'inputs' is missing"),
        (changed(golden={"question": 1}), "can't be read"),
        (without("digest"), "key 'digest' is missing"),
        (without("golden"), "key 'golden' is missing"),
    ],
)
def test_a_broken_record_says_what_is_broken(content: bytes, reason: str) -> None:
    with pytest.raises(BrokenRecordError, match=reason):
        from_json(content, service="digits", version=3)


@given(st.data())
def test_garbage_never_gives_another_error(data: st.DataObject) -> None:
    content = bytearray(RECORD)
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    try:
        release = from_json(bytes(content), service="digits", version=3)
    except BrokenRecordError:
        return
    assert (release.digest, release.files) == (RELEASE.digest, RELEASE.files)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_json_has_not_are_refused(number: float) -> None:
    with pytest.raises(InputError, match="isn't finite"):
        to_json(replace(RELEASE, metrics={"loss": number}))


def test_the_digest_is_that_of_sha256sum(model, tmp_path: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("sha256sum isn't installed")
    # "1/a-b" sorts before "1/a/b" as bytes and after it as a path; "ü" comes after all of ASCII.
    artifact = model({"1/a/b": "1", "1/a-b": "2", "1/Z": "3", "1/ü": "4", "1/sp ace": "", "1/a.b/c": "5" * 100_000})
    paths = sorted(
        (path.relative_to(artifact.root).as_posix() for path in artifact.root.rglob("*") if path.is_file()),
        key=str.encode,
    )
    lines = subprocess.run([program, *paths], cwd=artifact.root, capture_output=True, check=True).stdout
    total = subprocess.run([program], input=lines, capture_output=True, check=True).stdout.decode().split()[0]
    assert collect(artifact).digest == total


@given(st.dictionaries(st.text(min_size=1), st.sampled_from([A, B])))
def test_the_digest_knows_no_order(files: dict[str, str]) -> None:
    files = {path.encode("utf-8", "replace").decode(): sha256 for path, sha256 in files.items()}
    assert digest_of(files.items()) == digest_of(reversed(files.items()))


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "1.0", "latest", "1 ", "٣", "1234567890"])
def test_versions_are_positive_integers_without_leading_zeros(text: str) -> None:
    with pytest.raises(InputError, match="is no version"):
        check_version(text)
    assert check_version("10") == 10


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a.b", "a/b", "..", "a" * 64, "ü"])
def test_service_names_are_labels(name: str) -> None:
    with pytest.raises(InputError, match="is no service name"):
        check_service(name)
    assert check_service("digits-2") == "digits-2"
