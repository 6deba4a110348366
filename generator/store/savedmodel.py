"""What a SavedModel says of itself, read from ``saved_model.pb`` without TensorFlow.

Field numbers are those of TensorFlow's ``saved_model.proto``, ``meta_graph.proto``, ``graph.proto``,
``node_def.proto``, ``function.proto``, ``op_def.proto`` and ``tensor_shape.proto`` (tensorflow 2.20,
``tensorflow/core``). They never change; that is what protocol buffers promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from generator.errors import InputError, OutsideError, Place
from generator.model.artifact import Signature, Tensor
from generator.store import disk, wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "saved_model.pb"
SERVE_TAG = "serve"
BIGGEST = 2**31 - 1  # Protocol Buffers documentation, "Proto Limits"
MOST_GRAPHS = 100  # one a set of tags, such as serve and train; no exporter writes more than a few
MOST_LISTED = 10
BIGGEST_RANK = 254  # tensorflow/core/framework/tensor_shape.h, MaxDimensions
REFERENCE = 100  # DT_FLOAT_REF = 101 and so on: the same type, seen through a variable
# tensorflow/core/framework/types.proto, in the names of NumPy
DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    11: "qint8",
    12: "quint8",
    13: "qint32",
    14: "bfloat16",
    15: "qint16",
    16: "quint16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    20: "resource",
    21: "variant",
    22: "uint32",
    23: "uint64",
    24: "float8_e5m2",
    25: "float8_e4m3fn",
    29: "int4",
    30: "uint4",
}


@dataclass(frozen=True)
class Description:
    """One meta graph of a SavedModel: the one that servers load.

    Attributes:
        tensorflow_version: What wrote it, such as ``2.20.0``; may be empty.
        tags: The tag sets of all meta graphs.
        signatures: By name. What has no fixed type or rank (sparse and composite tensors, unknown rank) can't be said
            in a Signature: such a signature is in ``unsaid`` instead.
        unsaid: Names of the other signatures, and why.
        ops: The operations of the graph and of its functions: a server must know each.
        assets: Names of the files in ``assets/`` that the graph reads.
    """

    tensorflow_version: str
    tags: tuple[frozenset[str], ...]
    signatures: dict[str, Signature]
    unsaid: dict[str, str] = field(default_factory=dict)
    ops: frozenset[str] = frozenset()
    assets: tuple[str, ...] = ()


class _UnsaidError(Exception):
    """A signature that ``Signature`` can't express."""


def read(folder: Path) -> Description:
    """Read ``<folder>/saved_model.pb``.

    Raises:
        InputError: The file is no SavedModel, or none that a server loads (no meta graph with the tag ``serve``).
        OutsideError: The file can't be read.
    """
    path = folder / FILE
    try:
        return parse(memoryview(_content(path)))
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error
    except wire.MalformedError as error:
        raise InputError(
            f"no server can load it as a SavedModel: {error}.", fix="Export the model again.", place=Place(str(path))
        ) from error


def _content(path: Path) -> bytes:
    """A file's bytes; of one that is too big none is read.

    Raises:
        MalformedError: It is too big.
        OSError: It can't be read.
    """
    if path.stat().st_size > BIGGEST:
        raise wire.MalformedError("it is bigger than a protocol buffer can be")
    return disk.read(path, BIGGEST)


def parse(content: memoryview) -> Description:
    """Read the bytes of ``saved_model.pb``.

    Raises:
        MalformedError: They are no SavedModel, or none that a server loads.
    """
    graphs = list(islice(wire.messages(content, 2), MOST_GRAPHS + 1))
    if len(graphs) > MOST_GRAPHS:
        raise wire.MalformedError(f"it holds more than {MOST_GRAPHS} graphs")
    tags = tuple(frozenset(tag for info in wire.messages(graph, 1) for tag in wire.texts(info, 4)) for graph in graphs)
    # The servers' default (tensorflow_serving/servables/tensorflow/session_bundle_config.proto, saved_model_tags).
    served = [graph for graph, its_tags in zip(graphs, tags, strict=True) if its_tags == {SERVE_TAG}]
    if not graphs:
        raise wire.MalformedError("it holds no graph")
    if not served:
        listed = "; ".join(",".join(sorted(group)) or "none" for group in tags[:MOST_LISTED])
        raise wire.MalformedError(f"none of its graphs has the tag '{SERVE_TAG}' alone, which servers load ({listed})")
    graph = served[0]
    version = [text for info in wire.messages(graph, 1) for text in wire.texts(info, 5)]
    signatures, unsaid = _signatures(graph)
    assets = tuple(wire.text(asset, 2) for asset in wire.messages(graph, 6))
    return Description(version[-1] if version else "", tags, signatures, unsaid, frozenset(_ops(graph)), assets)


def _signatures(graph: memoryview) -> tuple[dict[str, Signature], dict[str, str]]:
    said: dict[str, Signature] = {}
    unsaid: dict[str, str] = {}
    for name, signature in _map(graph, 5):
        try:
            said[name] = Signature(name, _tensors(signature, 1), _tensors(signature, 2))
        except _UnsaidError as error:
            unsaid[name] = str(error)
    return said, unsaid


def _map(message: memoryview, number: int) -> list[tuple[str, memoryview]]:
    """A map with text keys, by key: its order in the file means nothing."""
    found: dict[str, memoryview] = {}
    for entry in wire.messages(message, number):
        values = list(wire.messages(entry, 2))
        found[wire.text(entry, 1)] = values[-1] if values else memoryview(b"")
    return sorted(found.items())


def _tensors(signature: memoryview, number: int) -> tuple[Tensor, ...]:
    return tuple(_tensor(name, info) for name, info in _map(signature, number))


def _tensor(name: str, info: memoryview) -> Tensor:
    """A TensorInfo.

    Raises:
        _UnsaidError: It has no type or rank that could be said.
    """
    number = wire.integer(info, 2)
    dtype = DTYPES.get(number - REFERENCE if number > REFERENCE else number)
    if dtype is None:
        raise _UnsaidError(f"'{name}' is sparse, composite or of an unknown type")
    shapes = list(wire.messages(info, 3))
    if not shapes or wire.integer(shapes[-1], 3):
        raise _UnsaidError(f"the rank of '{name}' isn't known")
    sizes = [wire.integer(dimension, 1) for dimension in wire.messages(shapes[-1], 2)]
    if len(sizes) > BIGGEST_RANK:
        raise wire.MalformedError(f"'{name}' has {len(sizes)} dimensions")
    return Tensor(name, dtype, tuple(size if size >= 0 else None for size in sizes))


def _ops(graph: memoryview) -> Iterator[str]:
    """The operation of each node, of the graph itself and of its functions."""
    for definition in wire.messages(graph, 2):
        for node in wire.messages(definition, 1):
            yield wire.text(node, 2)
        for library in wire.messages(definition, 2):
            for function in wire.messages(library, 1):
                for node in wire.messages(function, 3):
                    yield wire.text(node, 2)
