"""Writing ``saved_model.pb`` for the tests, by the wire format alone: no TensorFlow, and no code of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.model.artifact import Signature, Tensor

DTYPES = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "string": 7, "int64": 9, "bool": 10, "bfloat16": 14}


def varint(number: int) -> bytes:
    number %= 2**64
    head = b""
    while number > 0x7F:
        head += bytes([number & 0x7F | 0x80])
        number >>= 7
    return head + bytes([number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def tensor(info: Tensor) -> bytes:
    dimensions = b"".join(block(2, number(1, -1 if size is None else size)) for size in info.shape)
    return block(1, f"{info.name}:0") + number(2, DTYPES[info.dtype]) + block(3, dimensions)


def signature(said: Signature) -> bytes:
    inputs = b"".join(block(1, block(1, info.name) + block(2, tensor(info))) for info in said.inputs)
    outputs = b"".join(block(2, block(1, info.name) + block(2, tensor(info))) for info in said.outputs)
    return inputs + outputs + block(3, "tensorflow/serving/predict")


def meta_graph(
    signatures: Mapping[str, bytes],
    *,
    version: str = "2.20.0",
    tags: Iterable[str] = ("serve",),
    ops: Iterable[str] = (),
) -> bytes:
    info = b"".join(block(4, tag) for tag in tags) + block(5, version)
    node = [block(1, block(1, f"node/{op}") + block(2, op)) for op in ops]
    function = block(1, block(1, block(1, "f")) + block(3, block(1, "inner") + block(2, "InsideFunction")))
    entries = b"".join(block(5, block(1, name) + block(2, content)) for name, content in signatures.items())
    return block(1, info) + block(2, b"".join(node) + block(2, function)) + entries


def saved_model(signatures: Mapping[str, bytes] | None = None, **meta: object) -> bytes:
    """A SavedModel with one meta graph; without arguments one that can be published without a word."""
    usual = {"serving_default": block(2, block(1, "y") + block(2, number(2, 1) + block(3, b"")))}
    return number(1, 1) + block(2, meta_graph(usual if signatures is None else signatures, **meta))
