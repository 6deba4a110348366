"""What an ONNX file says of itself, read without the onnx package.

Field numbers are those of ``onnx/onnx.proto`` (onnx 1.17). They never change; that is what protocol buffers promise.
"""

from __future__ import annotations

import mmap
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.model.artifact import Signature, Tensor
from generator.store import disk, wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Values = dict[str, memoryview]

# ModelProto
IR_VERSION, PRODUCER, PRODUCER_VERSION, GRAPH, OPSETS, FUNCTIONS = 1, 2, 3, 7, 8, 25
# GraphProto
NODES, GRAPH_NAME, INITIALIZERS, INPUTS, OUTPUTS, SPARSE_INITIALIZERS = 1, 2, 5, 11, 12, 15
# NodeProto and FunctionProto
NODE_ATTRIBUTES, FUNCTION_NODES = 5, 7
# AttributeProto: a tensor, a graph, a sparse tensor, and lists of them
ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS, ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
# TensorProto
TENSOR_NAME, EXTERNAL_DATA, DATA_LOCATION, EXTERNAL = 8, 13, 14, 1
DENSE_TYPE = 1  # TypeProto.tensor_type; the others are containers
CONTAINERS = {4: "a sequence", 5: "a map", 7: "opaque", 8: "a sparse tensor", 9: "optional"}
BIGGEST_RANK = 64  # NumPy 2 takes as many; no tensor of a real model comes near
# TensorProto.DataType, in the names of NumPy and ml_dtypes
DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    8: "string",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
    16: "bfloat16",
    17: "float8_e4m3fn",
    18: "float8_e4m3fnuz",
    19: "float8_e5m2",
    20: "float8_e5m2fnuz",
    21: "uint4",
    22: "int4",
}


@dataclass(frozen=True)
class Description:
    """An ONNX model.

    Attributes:
        ir_version: Of the file's form; a runtime refuses what is newer than itself.
        opsets: Operator domain to version; the default domain is ``ai.onnx``.
        signature: None where an input or output is no tensor, or of unknown rank.
        unsaid: Why there is no signature.
        external: Places of files that hold weights, as the file has them, relative to its own folder; and how many
            bytes each has at the least.
        producer: What wrote it, and its version; either may be empty.
    """

    ir_version: int
    opsets: dict[str, int]
    signature: Signature | None
    unsaid: str
    external: dict[str, int]
    producer: tuple[str, str] = ("", "")


class _UnsaidError(Exception):
    """An input or output that ``Tensor`` can't express."""


def read(path: Path) -> Description:
    """Read an ONNX file. Its weights are passed over, and only the pages that are looked at are loaded.

    Raises:
        wire.MalformedError: It is no ONNX model.
        OSError: It can't be read.
    """
    with disk.opened(path) as file:
        if not os.fstat(file.fileno()).st_size:
            raise wire.MalformedError("it is empty")
        return parse(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def parse(content: memoryview) -> Description:
    """Read the bytes of an ONNX file.

    Raises:
        wire.MalformedError: They are no ONNX model.
    """
    graphs = list(wire.messages(content, GRAPH))
    if len(graphs) != 1:
        raise wire.MalformedError(f"it holds {len(graphs) or 'no'} graphs")
    opsets = {wire.text(entry, 1) or "ai.onnx": wire.integer(entry, 2) for entry in wire.messages(content, OPSETS)}
    ir_version = wire.integer(content, IR_VERSION)
    if ir_version < 1 or not opsets:
        raise wire.MalformedError("it names no version of ONNX")
    signature, unsaid = _signature(graphs[0])
    functions = wire.messages(content, FUNCTIONS)
    external = dict[str, int]()
    for place, end in _external(graphs, [node for one in functions for node in wire.messages(one, FUNCTION_NODES)]):
        external[place] = max(end, external.get(place, 0))
    producer = wire.text(content, PRODUCER), wire.text(content, PRODUCER_VERSION)
    return Description(ir_version, opsets, signature, unsaid, dict(sorted(external.items())), producer)


def _signature(graph: memoryview) -> tuple[Signature | None, str]:
    """The inputs that a request must give (an initializer is a default) and the outputs; None, and why not.

    Raises:
        wire.MalformedError: The graph can't be read, or has no outputs.
    """
    given = {wire.text(tensor, TENSOR_NAME) for tensor in wire.messages(graph, INITIALIZERS)}
    given |= {
        wire.text(values, TENSOR_NAME)
        for one in wire.messages(graph, SPARSE_INITIALIZERS)
        for values in wire.messages(one, 1)
    }
    inputs = {name: value for name, value in _named(graph, INPUTS).items() if name not in given}
    outputs = _named(graph, OUTPUTS)
    if not outputs:
        raise wire.MalformedError("its graph has no outputs")
    try:
        sides = (
            tuple(_tensor(kind, name, value) for name, value in side.items())
            for kind, side in (("input", inputs), ("output", outputs))
        )
        return Signature(wire.text(graph, GRAPH_NAME), *sides), ""
    except _UnsaidError as error:
        return None, str(error)


def _named(graph: memoryview, number: int) -> Values:
    """ValueInfoProtos by name, in the order of the file."""
    return {wire.text(value, 1): value for value in wire.messages(graph, number)}


def _tensor(kind: str, name: str, value: memoryview) -> Tensor:
    """A ValueInfoProto.

    Raises:
        _UnsaidError: It is no tensor of a known type and rank.
    """
    found = [(number, entry) for form in wire.messages(value, 2) for number, entry in wire.fields(form)]
    for number, _ in found:
        if number in CONTAINERS:
            raise _UnsaidError(f"the {kind} '{name}' is {CONTAINERS[number]}, not a tensor")
    tensors = [entry for number, entry in found if number == DENSE_TYPE and not isinstance(entry, int)]
    dtype = DTYPES.get(wire.integer(tensors[-1], 1)) if tensors else None
    if dtype is None:
        raise _UnsaidError(f"the {kind} '{name}' is of an unknown type")
    shapes = list(wire.messages(tensors[-1], 2))
    if not shapes:
        raise _UnsaidError(f"the rank of the {kind} '{name}' isn't known")
    sizes = tuple(_size(dimension) for dimension in wire.messages(shapes[-1], 1))
    if len(sizes) > BIGGEST_RANK:
        raise wire.MalformedError(f"'{name}' has {len(sizes)} dimensions")
    return Tensor(name, dtype, sizes)


def _size(dimension: memoryview) -> int | None:
    """A dimension; None where it is free: named only, or not said at all."""
    sizes = [value for number, value in wire.fields(dimension) if number == 1 and isinstance(value, int)]
    return sizes[-1] if sizes and sizes[-1] < wire.WORD // 2 else None


def _external(graphs: list[memoryview], nodes: list[memoryview]) -> Iterator[tuple[str, int]]:
    """The places of weights outside the file, at any depth, with a stack of our own: depth is the file's to choose."""
    graphs = list(graphs)
    while graphs or nodes:
        if graphs:
            graph = graphs.pop()
            nodes.extend(wire.messages(graph, NODES))
            sparse = [part for one in wire.messages(graph, SPARSE_INITIALIZERS) for part in _halves(one)]
            yield from _locations([*wire.messages(graph, INITIALIZERS), *sparse])
            continue
        for attribute in wire.messages(nodes.pop(), NODE_ATTRIBUTES):
            for number, entry in wire.fields(attribute):
                if isinstance(entry, int):
                    continue
                if number in ATTRIBUTE_GRAPHS:
                    graphs.append(entry)
                elif number in ATTRIBUTE_TENSORS:
                    yield from _locations([entry])
                elif number in ATTRIBUTE_SPARSE:
                    yield from _locations(_halves(entry))


def _halves(sparse: memoryview) -> list[memoryview]:
    """The values and the indices of a SparseTensorProto."""
    return [*wire.messages(sparse, 1), *wire.messages(sparse, 2)]


def _locations(tensors: list[memoryview]) -> Iterator[tuple[str, int]]:
    """Where tensors lie that lie elsewhere, and where each ends there at the least."""
    for tensor in tensors:
        if wire.integer(tensor, DATA_LOCATION) != EXTERNAL:
            continue
        told = {wire.text(entry, 1): wire.text(entry, 2) for entry in wire.messages(tensor, EXTERNAL_DATA)}
        if "location" in told:
            yield told["location"], _number(told.get("offset", "0")) + _number(told.get("length", "0"))


def _number(text: str) -> int:
    """An offset or a length.

    Raises:
        wire.MalformedError: It is none.
    """
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise wire.MalformedError("it says of a tensor that lies elsewhere, where, in no number")
    return int(text)
