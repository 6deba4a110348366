"""What an ONNX file says of itself, held against onnx and ONNX Runtime."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx_bytes import DTYPES, dense, graph, initializer, model, node, of_signature
from savedmodel_bytes import block, number
from store_kit import write_files

from generator.errors import InputError
from generator.model.artifact import Signature, Tensor
from generator.platforms.base import numbers
from generator.store import onnx_file, wire
from generator.store.bring import artifact_from_model
from generator.store.collect import collect
from generator.store.formats.onnx import OLDEST, oldest_server

SAID = Signature("g", (Tensor("image", "float32", (None, 8, 8)),), (Tensor("class", "int64", (None,)),))
TENSORS = st.builds(
    Tensor,
    st.text(min_size=1, max_size=8),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.none() | st.integers(0, 2**62), max_size=4).map(tuple),
)
MANY = st.lists(TENSORS, max_size=3, unique_by=lambda tensor: tensor.name).map(tuple)
SOME = st.lists(TENSORS, min_size=1, max_size=3, unique_by=lambda tensor: tensor.name).map(tuple)


def parse(content: bytes) -> onnx_file.Description:
    return onnx_file.parse(memoryview(content))


@given(inputs=MANY, outputs=SOME, ir_version=st.integers(1, 99), opset=st.integers(1, 99))
def test_what_was_written_is_read_in_the_order_of_the_file(inputs, outputs, ir_version: int, opset: int) -> None:
    said = Signature("g", inputs, outputs)
    found = parse(of_signature(said, ir_version=ir_version, opset=opset))
    assert (found.signature, found.unsaid, found.external) == (said, "", {})
    assert (found.ir_version, found.opsets) == (ir_version, {"ai.onnx": opset, "ai.onnx.ml": 3})


def test_an_input_with_an_initializer_is_a_default_and_no_input() -> None:
    said = Signature("g", (*SAID.inputs, Tensor("weights", "float32", (3,))), SAID.outputs)
    assert parse(of_signature(said, [initializer("weights")])).signature == SAID


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (block(4, block(1, b"")), "the output 'y' is a sequence, not a tensor"),
        (block(5, number(1, 7)), "the output 'y' is a map, not a tensor"),
        (block(9, b""), "the output 'y' is optional, not a tensor"),
        (block(8, number(1, 1)), "the output 'y' is a sparse tensor, not a tensor"),
        (b"", "the output 'y' is of an unknown type"),
        (block(1, number(1, 99)), "the output 'y' is of an unknown type"),
        (block(1, number(1, 1)), "the rank of the output 'y' isn't known"),
    ],
)
def test_what_is_no_tensor_of_known_rank_is_said(kind: bytes, reason: str) -> None:
    found = parse(model(graph({}, {"y": kind})))
    assert (found.signature, found.unsaid) == (None, reason)


OUTPUTS = {"y": dense(Tensor("y", "float32", ()))}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it holds no graphs"),
        (block(7, b"") * 2, "it holds 2 graphs"),
        (block(7, graph({}, OUTPUTS)), "it names no version of ONNX"),
        (model(graph({}, {})), "its graph has no outputs"),
        (model(graph({}, OUTPUTS))[:-1], "longer than what holds it"),
        (b"\x80" * 20, "a number doesn't end"),
    ],
)
def test_what_is_no_onnx_is_malformed(content: bytes, reason: str) -> None:
    with pytest.raises(wire.MalformedError, match=reason):
        parse(content)


INSIDE = graph({}, OUTPUTS, [initializer("w", "inside.bin")])


@pytest.mark.parametrize(
    ("content", "external"),
    [
        (model(graph({}, OUTPUTS, [initializer("w", "w.bin"), initializer("v", "w.bin")])), ("w.bin",)),
        (model(graph({}, OUTPUTS, nodes=[node(block(5, initializer("w", "attribute.bin")))])), ("attribute.bin",)),
        (model(graph({}, OUTPUTS, nodes=[node(block(6, INSIDE))])), ("inside.bin",)),
        (model(graph({}, OUTPUTS, nodes=[node(block(11, INSIDE), number(3, 5))])), ("inside.bin",)),
        (model(graph({}, OUTPUTS, nodes=[node(block(22, block(1, initializer("w", "sparse.bin"))))])), ("sparse.bin",)),
        (model(graph({}, OUTPUTS), functions=[block(7, node(block(6, INSIDE)))]), ("inside.bin",)),
    ],
)
def test_weights_in_other_files_are_found_wherever_they_hang(content: bytes, external: tuple[str, ...]) -> None:
    assert tuple(parse(content).external) == external


def test_depth_costs_nothing() -> None:
    deep = INSIDE
    for _ in range(2000):
        deep = graph({}, OUTPUTS, nodes=[node(block(6, deep))])
    assert parse(model(deep)).external == {"inside.bin": 0}


# --- bent bytes ------------------------------------------------------------------------------------------------------

REAL = model(graph({"x": dense(SAID.inputs[0])}, OUTPUTS, [initializer("w", "w.bin")], [node(block(6, INSIDE))]))
PATIENCE = 2.0
"""Seconds of this process alone: a parser that hangs takes for ever, a busy machine none of them."""


def only_malformed(content: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(wire.MalformedError):
        parse(content)
    assert time.process_time() - start < PATIENCE


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_worse(content: bytes) -> None:
    only_malformed(content)
    only_malformed(model(content))
    only_malformed(model(graph({"x": content}, OUTPUTS, [content], [content])))


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.integers(0, 255)), max_size=5), st.integers(0, len(REAL)))
def test_a_damaged_file_is_malformed_and_nothing_worse(changes, end: int) -> None:
    content = bytearray(REAL)
    for position, byte in changes:
        content[position] = byte
    only_malformed(bytes(content[:end]))
    only_malformed(bytes(content))


# --- as a format -----------------------------------------------------------------------------------------------------


def bring(path: Path, layout: str = "plain", told: list[str] | None = None):
    return artifact_from_model(path, "onnx", [layout], "digits", (told if told is not None else []).append)


def test_weights_go_along_and_nothing_else(tmp_path: Path) -> None:
    weighty = of_signature(SAID, [initializer("w", "./w.bin"), initializer("v", "more/v.bin")])
    write_files(tmp_path, {"net.onnx": weighty, "w.bin": "w", "more/v.bin": "v", "other.bin": "x"})
    assert [source.path for source in collect(bring(tmp_path / "net.onnx", "triton")).files] == [
        "triton/digits/1/model.onnx",
        "triton/digits/1/more/v.bin",
        "triton/digits/1/w.bin",
        "triton/digits/config.pbtxt",
    ]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("gone.bin", "keeps weights in .*gone.bin, which isn't there"),
        ("../w.bin", "which no server can find"),
        ("/etc/passwd", "which no server can find"),
        ("", "which no server can find"),
        ("model.onnx", "isn't named model.onnx"),
        ("a\0b", "which no server can find"),
    ],
)
def test_weights_out_of_reach_are_refused(tmp_path: Path, location: str, reason: str) -> None:
    write_files(
        tmp_path, {"m/net.onnx": of_signature(SAID, [initializer("w", location)]), "w.bin": "", "m/model.onnx": ""}
    )
    with pytest.raises(InputError, match=reason):
        bring(tmp_path / "m/net.onnx")


@pytest.mark.parametrize(
    ("ir_version", "opset", "oldest"),
    [
        (8, 17, None),
        (9, 18, None),
        (9, 19, "23.09"),
        (9, 20, "24.03"),
        (10, 17, "24.05"),
        (8, 21, "24.05"),
        (10, 22, "25.03"),
        (11, 23, "25.08"),
        (12, 24, "26.02"),
        (13, 25, "26.02"),
        (13, 26, "26.07"),
        (14, 28, "26.08"),
    ],
)
def test_a_newer_onnx_needs_a_newer_triton(tmp_path: Path, ir_version: int, opset: int, oldest: str | None) -> None:
    write_files(tmp_path, {"net.onnx": of_signature(SAID, ir_version=ir_version, opset=opset)})
    artifact = bring(tmp_path / "net.onnx", "triton")
    assert artifact.runtimes == ({"triton": oldest} if oldest else {})
    mlserver = "1.8" if opset > 21 else "1.6" if opset > 20 or ir_version > 9 else None
    assert bring(tmp_path / "net.onnx", "mlserver").runtimes == ({"mlserver": mlserver} if mlserver else {})
    assert artifact.trained_with == {"onnxIrVersion": ir_version, "onnxOpsets": {"ai.onnx": opset, "ai.onnx.ml": 3}}
    assert bring(tmp_path / "net.onnx", "plain").runtimes == {}


# --- the truth -------------------------------------------------------------------------------------------------------


@pytest.mark.tensorflow
def test_the_bounds_follow_the_releases_of_onnx() -> None:
    """An opset asks for no older server than the IR version that came with it, and a newer one never for an older."""
    helper = pytest.importorskip("onnx.helper")
    for layout in OLDEST:
        before: tuple[int, ...] = ()
        for release, ir_version, opset, *_ in helper.VERSION_TABLE:
            needed = oldest_server(layout, ir_version, opset)
            assert needed == oldest_server(layout, 0, opset), release
            assert numbers(oldest_server(layout, ir_version, 0) or "0.0") <= numbers(needed or "0.0"), release
            assert before <= (before := numbers(needed or "0.0")), release


@pytest.mark.tensorflow
@pytest.mark.parametrize("outside", [False, True], ids=["in one file", "with weights beside it"])
@pytest.mark.parametrize("layout", ["plain", "triton", "mlserver"])
def test_onnx_runtime_loads_what_was_published_with_the_signature_that_we_read(
    tmp_path: Path, folder_store, layout: str, outside: bool
) -> None:
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    import numpy as np

    from generator.store.publish import publish

    make, kind = onnx.helper.make_tensor_value_info, onnx.TensorProto
    inputs = [make("x", kind.FLOAT, ["N", 3]), make("t", kind.STRING, [None, 1]), make("w", kind.FLOAT, [3, 2])]
    outputs = [make("y", kind.FLOAT, ["N", 2]), make("u", kind.STRING, [None, 1]), make("best", kind.INT64, ["N"])]
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "w"], ["y"]),
        onnx.helper.make_node("Identity", ["t"], ["u"]),
        onnx.helper.make_node("ArgMax", ["y"], ["best"], axis=1, keepdims=0),
    ]
    weights = onnx.numpy_helper.from_array(np.arange(6, dtype="float32").reshape(3, 2), "w")
    made = onnx.helper.make_graph(nodes, "net", inputs, outputs, [weights])
    whole = onnx.helper.make_model(made, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 17)])
    onnx.save(whole, tmp_path / "net.onnx", save_as_external_data=outside, location="w.bin", size_threshold=0)
    assert (tmp_path / "w.bin").exists() == outside

    artifact = bring(tmp_path / "net.onnx", layout)
    release = publish(folder_store, "digits", artifact).release
    (published,) = [file.path for file in release.files if file.path.endswith("model.onnx")]
    session = runtime.InferenceSession(
        Path(folder_store.url_of(f"{release.folder}/{published}")), providers=["CPUExecutionProvider"]
    )
    assert release.signature is not None
    theirs = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(string)": "string"}
    for ours, there in (
        (release.signature.inputs, session.get_inputs()),
        (release.signature.outputs, session.get_outputs()),
    ):
        assert [(tensor.name, tensor.dtype, tensor.shape) for tensor in ours] == [
            (one.name, theirs[one.type], tuple(size if isinstance(size, int) else None for size in one.shape))
            for one in there
        ]
    assert session.run(["y"], {"x": np.eye(3, dtype="float32"), "t": np.array([["a"]] * 3, object)})[0].tolist() == [
        [0, 1],
        [2, 3],
        [4, 5],
    ]


@pytest.mark.tensorflow
def test_a_classifier_of_scikit_learn_with_a_zipmap_is_refused_where_tensors_are_wanted(tmp_path: Path) -> None:
    """As skl2onnx writes it unless told otherwise: a sequence of maps, by onnx' own hand."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(kind.INT64, helper.make_tensor_type_proto(kind.FLOAT, []))
    )
    made = helper.make_graph(
        [helper.make_node("ZipMap", ["x"], ["p"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])],
        "net",
        [helper.make_tensor_value_info("x", kind.FLOAT, [None, 2])],
        [helper.make_value_info("p", maps)],
    )
    onnx.save(helper.make_model(made), tmp_path / "net.onnx")
    told: list[str] = []
    assert bring(tmp_path / "net.onnx", "plain", told).signature is None
    assert told == ["the release won't hold a signature: the output 'p' is a sequence, not a tensor"]
    for layout in ("triton", "mlserver"):
        with pytest.raises(InputError, match=r"the output 'p' is a sequence, not a tensor.*'zipmap': False"):
            bring(tmp_path / "net.onnx", layout)
