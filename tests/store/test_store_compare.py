"""``serinus releases compare``: what changed, and whether clients of the one can go on with the other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from store_kit import write_service

from generator.model.artifact import Signature, Tensor
from generator.store.compare import compare
from generator.store.publish import publish
from generator.store.release import File, Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.store.objects import Store

IMAGE = Tensor("image", "float32", (None, 28, 28))
CLASS = Tensor("class", "int64", (None,))
SIGNATURE = Signature("serving_default", (IMAGE,), (CLASS,))
BEFORE = Release(
    service="digits",
    version=1,
    digest="a" * 64,
    files=(File("a/l/x", 10, "b" * 64),),
    layouts=("l",),
    format="savedmodel",
    signature=SIGNATURE,
    metrics={"accuracy": 0.9, "macro": {"f1": 0.5}, "perClass": {"0": {"f1": 1.0}}},
)


@pytest.mark.parametrize(
    ("inputs", "outputs", "breaking"),
    [
        ((replace(IMAGE, name="pixels"),), (CLASS,), {"inputs.image", "inputs.pixels"}),
        ((replace(IMAGE, dtype="uint8"),), (CLASS,), {"inputs.image"}),
        ((replace(IMAGE, shape=(None, 32, 32)),), (CLASS,), {"inputs.image"}),
        ((replace(IMAGE, shape=(None, 28, 28, 1)),), (CLASS,), {"inputs.image"}),
        ((replace(IMAGE, shape=(8, 28, 28)),), (CLASS,), {"inputs.image"}),
        ((replace(IMAGE, shape=(None, None, None)),), (CLASS,), set()),
        ((IMAGE, Tensor("mask", "bool", (None,))), (CLASS,), {"inputs.mask"}),
        ((IMAGE,), (), {"outputs.class"}),
        ((IMAGE,), (replace(CLASS, dtype="int32"),), {"outputs.class"}),
        ((IMAGE,), (replace(CLASS, shape=(None, 1)),), {"outputs.class"}),
        ((IMAGE,), (CLASS, Tensor("probabilities", "float32", (None, 10))), set()),
        ((IMAGE,), (CLASS,), set()),
    ],
)
def test_what_a_client_of_the_first_meets(inputs, outputs, breaking: set[str]) -> None:
    after = replace(BEFORE, version=2, signature=Signature("serving_default", inputs, outputs))
    changes = compare(BEFORE, after)
    assert {change.what for change in changes if change.breaking} == breaking
    assert bool(changes) == (after.signature != BEFORE.signature)


def test_an_output_may_grow_wider_for_nobody() -> None:
    """Who reads [?, 10] doesn't expect [?, ?]; who reads [?, ?] takes [?, 10]."""
    fixed, free = (Signature("s", (IMAGE,), (Tensor("p", "float32", (None, size)),)) for size in (10, None))
    there = compare(replace(BEFORE, signature=fixed), replace(BEFORE, signature=free))
    back = compare(replace(BEFORE, signature=free), replace(BEFORE, signature=fixed))
    assert [bool(change.breaking) for change in (*there, *back)] == [True, False]


def test_a_signature_that_only_one_of_them_has_is_said() -> None:
    (change,) = compare(BEFORE, replace(BEFORE, signature=None))
    assert "only the first says it" in change.breaking


def test_files_and_metrics() -> None:
    after = replace(
        BEFORE,
        version=2,
        files=(File("a/l/x", 11, "c" * 64), File("a/l/y", 1, "c" * 64)),
        runtimes={"l": "2.20"},
        metrics={"accuracy": 0.95, "macro": {"f1": 0.5}, "loss": 1.0, "perClass": {"0": {"f1": 0.0}}},
    )
    assert {change.what: (change.before, change.after) for change in compare(BEFORE, after)} == {
        "bytes": (10, 12),
        "files": (1, 2),
        "runtimes.l": (None, "2.20"),
        "metrics.accuracy": (0.9, 0.95),
        "metrics.loss": (None, 1.0),
    }


@pytest.fixture
def file(tmp_path: Path, folder_store: Store, model: Callable[..., Artifact]) -> Path:
    """A service with two releases, the second of which takes another input."""
    known = {"signature": SIGNATURE, "metrics": {"accuracy": 0.9}}
    publish(folder_store, "digits", model({"1/saved_model.pb": "one"}, name="one", **known))
    known = {"signature": replace(SIGNATURE, inputs=(replace(IMAGE, dtype="uint8"),)), "metrics": {"accuracy": 0.95}}
    publish(folder_store, "digits", model({"1/saved_model.pb": "two"}, name="two", **known))
    return write_service(tmp_path, "./store")


def test_compare_says_it_in_words(run, file: Path) -> None:
    ended = run("releases", file, "compare", "1", "latest")
    assert ended.code == 0
    assert [line.split() for line in ended.out.splitlines()] == [
        ["WHAT", "1", "2"],
        ["inputs.image", "float32", "[?,", "28,", "28]", "uint8", "[?,", "28,", "28]", "breaking"],
        ["metrics.accuracy", "0.9", "0.95"],
    ]
    assert "breaking: inputs.image: clients send float32, and it takes uint8" in ended.err


def test_compare_in_json(run, file: Path) -> None:
    told = json.loads(run("releases", file, "compare", "1", "2", "--format", "json").out)
    assert (told["from"], told["to"], told["breaking"]) == (1, 2, True)
    assert [change["what"] for change in told["changes"]] == ["inputs.image", "metrics.accuracy"]
    same = json.loads(run("releases", file, "compare", "2", "2", "--format", "json").out)
    assert (same["breaking"], same["changes"]) == (False, [])


def test_show_has_what_a_person_asks_for(run, file: Path) -> None:
    lines = dict(line.split(maxsplit=1) for line in run("releases", file, "show", "2").out.splitlines())
    assert lines["input"] == "image uint8 [?, 28, 28]"
    assert lines["accuracy"] == "0.95"
    assert lines["layouts"] == "tensorflow-serving (savedmodel)"
    assert json.loads(run("releases", file, "show", "2", "--format", "json").out)["version"] == 2


def test_the_bill_of_materials_is_cyclonedx_and_the_same_each_time(run, file: Path) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    told = run("releases", file, "bom", "2")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told.out) is None
    assert told.out == run("releases", file, "bom", "2").out
    model = json.loads(told.out)["metadata"]["component"]
    assert (model["type"], model["name"], model["version"]) == ("machine-learning-model", "digits", "2")
    card = model["modelCard"]
    assert card["modelParameters"]["inputs"] == [{"format": "image uint8 [?, 28, 28]"}]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [{"type": "accuracy", "value": "0.95"}]
