"""What is made of a release's golden pair: bodies of requests, and TensorFlow Serving's file of warm-up requests.

A body lies in its layout as ``golden.v1`` or ``golden.v2``, by the protocol whose request it is. No server takes such a
file for a model: they look for other endings, for folders whose names are numbers, or for their own settings. A pod
sends it to its own server when it starts (``generator.platforms.proof``).
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from generator.model.artifact import GOLDEN_V1, GOLDEN_V2, WARM_UP_FOLDER
from generator.model.tensors import DATATYPES
from generator.store import crc32c

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.model.artifact import Golden, Signature, Tensor
    from generator.store.release import Release

MOST_BYTES = 1 << 20
"""Of a body. A probe in a shell sends it; a bigger one isn't made."""

WARM_UP = "assets.extra/tf_serving_warmup_requests"
"""Where TensorFlow Serving looks, from the folder of ``saved_model.pb``. Source: tensorflow/serving,
tensorflow_serving/servables/tensorflow/saved_model_warmup_util.h."""

# tensorflow/core/framework/types.proto, and how struct packs one element.
TENSORFLOW = {
    "float32": (1, "<f"),
    "float64": (2, "<d"),
    "int32": (3, "<i"),
    "uint8": (4, "<B"),
    "int16": (5, "<h"),
    "int8": (6, "<b"),
    "string": (7, ""),
    "int64": (9, "<q"),
    "bool": (10, "<?"),
    "uint16": (17, "<H"),
    "float16": (19, "<e"),
    "uint32": (22, "<I"),
    "uint64": (23, "<Q"),
}


def bodies(
    golden: Golden | None, signature: Signature | None, *, protocols: Sequence[str], flat: bool = False
) -> dict[str, bytes]:
    """The first example of the golden request as a request of each protocol, by the file's name.

    Args:
        golden: The golden pair; without one nothing is made.
        signature: The types of the inputs; without one nothing is made for V2.
        protocols: ``v1``, ``v2`` or both.
        flat: Whether each example is one row of numbers, as a server of tables wants it (PMML), whatever its shape.
    """
    if golden is None:
        return {}
    first = {name: rows[:1] for name, rows in golden.request.items() if isinstance(rows, list)}
    if signature and {tensor.name for tensor in signature.inputs} == set(first):
        first = {tensor.name: first[tensor.name] for tensor in signature.inputs}  # a record doesn't keep their order
    if not first or set(first) != set(golden.request) or not all(first.values()):
        return {}
    made = {}
    if "v1" in protocols:
        made[GOLDEN_V1] = _json({"instances": [_instance({name: rows[0] for name, rows in first.items()}, flat=flat)]})
    if "v2" in protocols and signature is not None and not flat:
        tensors = {tensor.name: tensor for tensor in signature.inputs}
        if set(tensors) == set(first) and all(tensor.dtype in DATATYPES for tensor in tensors.values()):
            made[GOLDEN_V2] = _json({"inputs": [_tensor(tensors[name], rows) for name, rows in first.items()]})
    return {name: body for name, body in made.items() if len(body) <= MOST_BYTES}


def warm_up(golden: Golden, signature: Signature, service: str) -> bytes | None:
    """TensorFlow Serving's warm-up file: the golden request as one record; None where it has a type that isn't known.

    A TFRecord of a ``PredictionLog``. Sources: tensorflow/serving, tensorflow_serving/apis/prediction_log.proto and
    predict.proto; tensorflow/core/framework/tensor.proto; tensorflow/core/lib/io/record_writer.h.
    """
    tensors = {tensor.name: tensor for tensor in signature.inputs}
    if set(tensors) != set(golden.request) or not all(tensor.dtype in TENSORFLOW for tensor in tensors.values()):
        return None
    spec = _field(1, service.encode()) + _field(3, signature.name.encode())
    inputs = b"".join(
        _field(2, _field(1, name.encode()) + _field(2, _tensor_proto(tensors[name], rows)))
        for name, rows in golden.request.items()
    )
    record = _field(6, _field(1, _field(1, spec) + inputs))
    size = struct.pack("<Q", len(record))
    return b"".join((size, _masked(size), record, _masked(record)))


def files_of(release: Release) -> dict[str, tuple[str, ...]]:
    """By layout, the files of a release that were made of its golden pair, from the layout's folder."""
    found: dict[str, tuple[str, ...]] = {}
    for file in release.files if release.golden else ():
        _, layout, *rest = file.path.split("/")
        if rest[-1] in (GOLDEN_V1, GOLDEN_V2) or WARM_UP_FOLDER in rest[:-1]:
            found[layout] = (*found.get(layout, ()), "/".join(rest))
    return found


def flattened(rows: Any) -> Iterator[Any]:
    """The elements of a nested list, the last dimension fastest."""
    if isinstance(rows, list):
        for row in rows:
            yield from flattened(row)
    else:
        yield rows


def shape_of(rows: Any) -> list[int]:
    """The dimensions of a nested list."""
    return [len(rows), *(shape_of(rows[0]) if rows else [])] if isinstance(rows, list) else []


def _instance(example: Mapping[str, Any], *, flat: bool) -> Any:
    """An example in V1's row format: the value alone where there is one input, else values by name."""
    if flat:
        return [element for value in example.values() for element in flattened(value)]
    return next(iter(example.values())) if len(example) == 1 else dict(example)


def _tensor(tensor: Tensor, rows: list[Any]) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": shape_of(rows),
        "datatype": DATATYPES[tensor.dtype],
        "data": list(flattened(rows)),
    }


def _json(body: object) -> bytes:
    """In ASCII, so that a shell counts characters as bytes."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def _tensor_proto(tensor: Tensor, rows: Any) -> bytes:
    number, packing = TENSORFLOW[tensor.dtype]
    shape = b"".join(_field(2, _number(1, size)) for size in shape_of(rows))
    elements = list(flattened(rows))
    if packing:
        content = _field(4, b"".join(struct.pack(packing, element) for element in elements))
    else:
        content = b"".join(_field(8, str(element).encode()) for element in elements)
    return _number(1, number) + _field(2, shape) + content


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes, text or a message."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    """A field of a whole number."""
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:  # noqa: PLR2004 (seven bits a byte)
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _masked(content: bytes) -> bytes:
    """The checksum of a TFRecord's part: rotated and moved, since data may hold checksums themselves."""
    crc = crc32c.of(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
