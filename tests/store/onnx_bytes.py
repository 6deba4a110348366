"""Writing ONNX files for the tests, by the wire format alone: no onnx package, and no code of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from savedmodel_bytes import block, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.model.artifact import Signature, Tensor

DTYPES = {"float32": 1, "uint8": 2, "int64": 7, "string": 8, "bool": 9, "float16": 10, "float64": 11, "bfloat16": 16}


def value(name: str, kind: bytes) -> bytes:
    """A ValueInfoProto."""
    return block(1, name) + block(2, kind)


def dense(tensor: Tensor) -> bytes:
    """A TypeProto of a tensor; every second free dimension has a name, as exporters do both."""
    sizes = b"".join(
        block(1, number(1, size) if size is not None else block(2, f"d{place}") if place % 2 else b"")
        for place, size in enumerate(tensor.shape)
    )
    return block(1, number(1, DTYPES[tensor.dtype]) + block(2, sizes))


def initializer(name: str, location: str | None = None) -> bytes:
    """A TensorProto; with a location its data lie in that file."""
    outside = block(13, block(1, "location") + block(2, location)) + number(14, 1) if location is not None else b""
    return number(1, 3) + number(2, 1) + block(8, name) + outside


def node(*attributes: bytes) -> bytes:
    return block(4, "Op") + b"".join(block(5, block(1, "a") + attribute) for attribute in attributes)


def graph(
    inputs: Mapping[str, bytes],
    outputs: Mapping[str, bytes],
    initializers: Iterable[bytes] = (),
    nodes: Iterable[bytes] = (),
) -> bytes:
    return b"".join(
        [
            *(block(1, each) for each in nodes),
            block(2, "g"),
            *(block(5, each) for each in initializers),
            *(block(11, value(name, kind)) for name, kind in inputs.items()),
            *(block(12, value(name, kind)) for name, kind in outputs.items()),
        ]
    )


def model(content: bytes, *, ir_version: int = 8, opset: int = 17, functions: Iterable[bytes] = ()) -> bytes:
    opsets = block(8, number(2, opset)) + block(8, block(1, "ai.onnx.ml") + number(2, 3))
    return number(1, ir_version) + block(7, content) + opsets + b"".join(block(25, each) for each in functions)


def of_signature(said: Signature, initializers: Iterable[bytes] = (), **more: int) -> bytes:
    """A model with these inputs and outputs."""
    sides = ({tensor.name: dense(tensor) for tensor in side} for side in (said.inputs, said.outputs))
    return model(graph(*sides, initializers=initializers), **more)
