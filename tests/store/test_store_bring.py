"""Models brought along, and what a SavedModel says of itself without TensorFlow."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from savedmodel_bytes import DTYPES, block, meta_graph, number, saved_model, signature
from store_kit import write_files

from generator.errors import InputError, OutsideError
from generator.model.artifact import Signature, Tensor
from generator.store import savedmodel, wire
from generator.store.bring import artifact_from_model
from generator.store.collect import collect

SAID = Signature(
    "serving_default",
    (Tensor("image", "float32", (None, 28, 28)),),
    (Tensor("class", "int64", (None,)), Tensor("probabilities", "float32", (None, 10))),
)


def bring(path: Path, told: list[str] | None = None):
    say = (told if told is not None else []).append
    return artifact_from_model(path, "savedmodel", ["tensorflow-serving"], "digits", say)


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    write_files(
        tmp_path / "m", {"saved_model.pb": saved_model({"serving_default": signature(SAID)}), "variables/index": "x"}
    )
    return tmp_path / "m"


def test_a_savedmodel_becomes_version_1_under_the_base_path(model_folder: Path) -> None:
    told: list[str] = []
    artifact = bring(model_folder, told)
    assert [source.path for source in collect(artifact).files] == [
        "tensorflow-serving/1/saved_model.pb",
        "tensorflow-serving/1/variables/index",
    ]
    assert (artifact.signature, artifact.runtimes) == (SAID, {"tensorflow-serving": "2.20"})
    assert (artifact.metrics, artifact.training_key, artifact.golden, told) == ({}, None, None, [])


@pytest.mark.parametrize(
    ("path", "found", "better"),
    [
        (".", "holds no saved_model.pb", "--model {}/m."),
        ("m/variables", "holds no saved_model.pb", "--model {}/m."),
        ("m/saved_model.pb", "is a file", "--model {}/m."),
        ("m/variables/index", "is a file", ""),
        ("nothing", "there is no", ""),
        ("x" * 300, "can't read", ""),
    ],
)
def test_what_is_no_savedmodel_says_what_was_found_and_what_is_wanted(
    tmp_path: Path, model_folder: Path, path, found, better
) -> None:
    assert model_folder.exists()
    with pytest.raises((InputError, OutsideError), match=found) as caught:
        bring(tmp_path / path)
    assert better.format(tmp_path) in str(caught.value)
    assert "--model wants the folder that holds saved_model.pb" in str(caught.value) or found == "can't read"


@pytest.mark.parametrize("name", ["net.keras", "net.h5"])
def test_keras_own_files_are_refused_with_the_line_that_exports_them(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {name: "x"})
    with pytest.raises(InputError, match=rf"no server reads. Export it: keras.models.load_model\('{name}'\).export"):
        bring(tmp_path / name)


def test_a_savedmodel_as_text_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {"saved_model.pbtxt": "x"})
    with pytest.raises(InputError, match=r"as text\. Export it in the binary form"):
        bring(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x08\x01", "it holds no graph"),
        (b"\xff" * 20, "a number doesn't end"),
        (b"not a protocol buffer at all", "no server can load it as a SavedModel"),
        (saved_model()[:-1], "longer than what holds it"),
        (saved_model(tags=("train",)), r"none of its graphs has the tag 'serve' alone, which servers load \(train\)"),
        (saved_model(tags=("serve", "gpu")), r"\(gpu,serve\)"),
        (saved_model(tags=()), r"\(none\)"),
        (saved_model({}), "the model has no signature"),
        (saved_model({"__saved_model_init_op": b""}), "the model has no signature"),
    ],
)
def test_a_savedmodel_that_no_server_serves_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    write_files(tmp_path, {"saved_model.pb": content})
    with pytest.raises(InputError, match=reason):
        bring(tmp_path)


RAGGED = block(2, block(1, "y") + block(2, number(2, 1)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (saved_model({"classify": signature(SAID)}), "each request must name one in signature_name (classify)"),
        (
            saved_model({"serving_default": RAGGED}),
            "won't hold the signature serving_default: the rank of 'y' isn't known",
        ),
        (saved_model({"serving_default": block(1, block(1, "x"))}), "won't hold the signature"),
        (saved_model({"serving_default": b""}), "won't hold the signature serving_default: it has no outputs"),
        (saved_model(version=""), "doesn't say which TensorFlow wrote it"),
        (saved_model(version="unknown"), "doesn't say which TensorFlow wrote it"),
    ],
)
def test_what_is_missing_and_no_hindrance_is_said(tmp_path: Path, content: bytes, told: str) -> None:
    write_files(tmp_path, {"saved_model.pb": content})
    heard: list[str] = []
    bring(tmp_path, heard)
    assert [line for line in heard if told in line]


# --- the reader ------------------------------------------------------------------------------------------------------

TENSORS = st.builds(
    Tensor,
    st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.none() | st.integers(0, 2**40), max_size=4).map(tuple),
)
MANY = st.lists(TENSORS, max_size=3, unique_by=lambda tensor: tensor.name).map(
    lambda tensors: tuple(sorted(tensors, key=lambda tensor: tensor.name))
)


@given(inputs=MANY, outputs=MANY, version=st.text(max_size=8), ops=st.sets(st.text(max_size=6), max_size=5))
def test_what_was_written_is_read(inputs, outputs, version, ops) -> None:
    said = Signature("serving_default", inputs, outputs)
    content = saved_model({"serving_default": signature(said), "other": RAGGED}, version=version, ops=ops)
    description = savedmodel.parse(memoryview(content))
    assert description.signatures == {"serving_default": said}
    assert set(description.unsaid) == {"other"}
    assert description.tensorflow_version == version
    assert description.ops == ops | {"InsideFunction"}
    assert description.tags == (frozenset({"serve"}),)


def test_the_graph_that_servers_load_is_chosen() -> None:
    graphs = [meta_graph({"a": signature(SAID)}, tags=("train",)), meta_graph({"b": signature(SAID)})]
    description = savedmodel.parse(memoryview(b"".join(block(2, graph) for graph in graphs)))
    assert list(description.signatures) == ["b"]


REAL = saved_model({"serving_default": signature(SAID)}, ops=("MatMul", "DisableCopyOnRead"))


def only_malformed(content: bytes) -> None:
    with contextlib.suppress(wire.MalformedError):
        savedmodel.parse(memoryview(content))


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_worse(content: bytes) -> None:
    only_malformed(content)
    only_malformed(block(2, block(1, block(4, "serve")) + content))


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.integers(0, 255)), max_size=5), st.integers(0, len(REAL)))
def test_a_damaged_savedmodel_is_malformed_and_nothing_worse(changes, end: int) -> None:
    content = bytearray(REAL)
    for position, value in changes:
        content[position] = value
    only_malformed(bytes(content[:end]))
    only_malformed(bytes(content))


def test_depth_and_length_cost_nothing() -> None:
    deep = b""
    for _ in range(2000):
        deep = block(2, deep)
    only_malformed(deep)
    only_malformed(block(2, block(2, block(1, b"\x0a\x00" * 100_000))))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x0b", "unknown wire type 3"),
        (b"\x02\x00", "the number 0"),
        (b"\x09abc", "longer than what holds it"),
        (b"\x0d\x01\x02\x03\x04", ""),
        (b"\x80" * 10, "doesn't end"),
    ],
)
def test_the_wire_format_is_held(content: bytes, reason: str) -> None:
    if not reason:
        assert [(field, bytes(value)) for field, value in wire.fields(memoryview(content))] == [(1, b"\1\2\3\4")]
        return
    with pytest.raises(wire.MalformedError, match=reason):
        list(wire.fields(memoryview(content)))


def test_negative_numbers_are_read() -> None:
    assert wire.integer(memoryview(number(1, -1)), 1) == -1
    assert wire.integer(memoryview(number(1, 5) + number(1, 7)), 1) == 7
    assert wire.integer(memoryview(b""), 1) == 0


def test_wrong_kinds_of_fields_are_malformed() -> None:
    with pytest.raises(wire.MalformedError, match="isn't a number"):
        wire.integer(memoryview(block(1, "x")), 1)
    with pytest.raises(wire.MalformedError, match="is a number"):
        wire.text(memoryview(number(1, 1)), 1)
    with pytest.raises(wire.MalformedError, match="isn't UTF-8"):
        wire.text(memoryview(block(1, b"\xff")), 1)


@pytest.mark.tensorflow
def test_the_reader_says_what_tensorflow_says(tmp_path: Path) -> None:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(Path(__file__).with_name("tensorflow_savedmodel.py")), str(tmp_path / "m")]
    theirs = json.loads(
        subprocess.run(command, capture_output=True, check=True, env=environment, text=True).stdout.splitlines()[-1]
    )
    ours = savedmodel.read(tmp_path / "m")
    assert ours.tensorflow_version == theirs["version"]
    assert ours.tags == (frozenset(theirs["tags"]),)
    assert sorted(ours.ops) == theirs["ops"]
    assert {*ours.signatures, *ours.unsaid} == {*theirs["signatures"]}
    assert set(ours.unsaid) == {"rankless", "__saved_model_init_op"}
    for name, said in ours.signatures.items():
        sides = [
            [[tensor.name, tensor.dtype, list(tensor.shape)] for tensor in side] for side in (said.inputs, said.outputs)
        ]
        assert sides == theirs["signatures"][name]
    assert bring(tmp_path / "m").signature == ours.signatures["serving_default"]


def test_a_savedmodel_that_no_protocol_buffer_can_be_is_refused_unread(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(savedmodel.disk, "read", lambda *_: pytest.fail("it was read"))
    with (tmp_path / "saved_model.pb").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(InputError, match="bigger than a protocol buffer can be"):
        savedmodel.read(tmp_path)
