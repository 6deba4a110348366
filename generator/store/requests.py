"""Requests and answers by the names of a model's tensors, out of any form that clients send, held against a signature.

Forms that are read, beside ``{NAME: nested list}`` itself: TensorFlow Serving's rows (``instances``, ``predictions``)
and columns (``inputs``, ``outputs``; tensorflow/serving, docs/api_rest.md), and the V2 protocol's lists of tensors
(kserve/open-inference-protocol, specification/protocol/inference_rest.md).
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from generator.decoding.exact import nearest
from generator.model.tensors import DATATYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.model.artifact import Signature, Tensor

    Path = tuple[str | int, ...]

BIGGEST_FLOAT = sys.float_info.max
LARGEST = {"float16": 65504.0, "float32": 3.4028235e38, "bfloat16": 3.3895314e38}
"""The largest finite number of each type (IEEE 754); others hold what Python's float does."""
INTEGER = re.compile(r"(u?)int(\d+)")
BESIDE = frozenset({"id", "parameters", "outputs", "model_name", "model_version", "signature_name"})
"""What a body may hold beside its tensors, and no pair keeps."""
MOST_LEVELS = 32
UNNAMED = {"request": "input", "response": "output"}
"""What the only tensor of a side is called where neither the body nor the model's files name it: KServe's servers of
scikit-learn, XGBoost and LightGBM take rows without names, and such models have no signature."""


class ProblemError(Exception):
    """What is wrong with what was given, where, and what to do about it, if that isn't the same for all of it."""

    def __init__(self, message: str, path: Path, fix: str = "") -> None:
        super().__init__(message)
        self.path, self.fix = path, fix


def part(key: str | int) -> str:
    """A step of a path, as messages show it."""
    return f"[{key}]" if isinstance(key, int) else f".{key}"


def pair(request: Any, response: Any, signature: Signature | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A request and its answer, each by the names of its tensors, which the model could have taken and given.

    Args:
        request: In any form.
        response: Likewise. It may leave outputs out; what it has is what is compared.
        signature: What they are held against; None for nothing but themselves.

    Raises:
        ProblemError: They aren't.
    """
    inputs, outputs = (signature.inputs, signature.outputs) if signature else (None, None)
    asked = _columns(request, inputs, ("instances", "inputs"), ("request",))
    answered = _columns(response, outputs, ("predictions", "outputs"), ("response",))
    for tensor in inputs or ():
        if tensor.name not in asked:
            raise ProblemError(f"the model's input '{tensor.name}' is missing", ("request",))
    rows: dict[int, Path] = {}
    for side, values, tensors in (("request", asked, inputs), ("response", answered, outputs)):
        if not values:
            raise ProblemError("it names no tensor", (side,))
        for name, value in values.items():
            free = _hold(value, _named(name, tensors, side), (side, name))
            if free is not None:
                rows.setdefault(free, (side, name))
    if len(rows) > 1:
        (first, at), (other, there) = list(rows.items())[:2]
        shown = "".join(map(part, at)).removeprefix(".")
        raise ProblemError(
            f"it has {other} rows, and {shown} has {first}",
            there,
            "Give as many rows in each input and output whose first dimension is free.",
        )
    return asked, answered


def _named(name: str, tensors: Sequence[Tensor] | None, side: str) -> Tensor | None:
    """The tensor of that name; None where nobody knows the model's.

    Raises:
        ProblemError: The model has none.
    """
    if tensors is None:
        return None
    found = {tensor.name: tensor for tensor in tensors}
    if name not in found:
        kind = "input" if side == "request" else "output"
        raise ProblemError(f"the model has no {kind} '{name[:60]}'", (side,), nearest(name, found))
    return found[name]


def _columns(body: Any, tensors: Sequence[Tensor] | None, keys: tuple[str, str], path: Path) -> dict[str, Any]:
    """The tensors of a body by name.

    Args:
        body: As the file has it.
        tensors: The model's on that side; None where nobody knows them.
        keys: How the rows and the columns of that side are called.
        path: Where the body stands.

    Raises:
        ProblemError: It is in none of the forms.
    """
    rows, columns = keys
    if not isinstance(body, dict):
        raise ProblemError("it isn't a JSON object", path)
    names = {tensor.name for tensor in tensors or ()}
    key = next((each for each in (rows, columns) if each in body and each not in names), None)
    if key is None or not set(body) <= {key} | BESIDE:
        return body
    value, at = body[key], (*path, key)
    if key == rows:
        return _of_rows(value, tensors, at)
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(each, dict) and "name" in each for each in value):
        return dict(_of_tensors(value, tensors, at))
    return {_only(tensors, at): value}


def _of_rows(rows: Any, tensors: Sequence[Tensor] | None, path: Path) -> dict[str, Any]:
    """The columns of rows: each a value of the only tensor, or an object by names."""
    if not isinstance(rows, list):
        raise ProblemError("it isn't a list of rows", path)
    named = [isinstance(row, dict) for row in rows]
    if not any(named):
        return {_only(tensors, path): rows}
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or row.keys() != rows[0].keys():
            raise ProblemError("this row doesn't name what the first one names", (*path, index))
    return {name: [row[name] for row in rows] for name in rows[0]}


def _only(tensors: Sequence[Tensor] | None, path: Path) -> str:
    """The name of a tensor that the body doesn't name.

    Raises:
        ProblemError: The model has several, or none.
    """
    if tensors is None:
        return UNNAMED[str(path[0])]
    if len(tensors) != 1:
        listed = f", of which it has {', '.join(each.name for each in tensors)}" if tensors else ""
        raise ProblemError(f"it doesn't say which tensor of the model it is{listed}", path, "Write each by its name.")
    return tensors[0].name


def _of_tensors(
    values: list[dict[str, Any]], tensors: Sequence[Tensor] | None, path: Path
) -> Iterator[tuple[str, Any]]:
    """The V2 protocol's tensors, whose data may be flat."""
    types = {tensor.name: DATATYPES.get(tensor.dtype, tensor.dtype) for tensor in tensors or ()}
    seen = set[str]()
    for index, value in enumerate(values):
        at = (*path, index)
        name, shape, data = value["name"], value.get("shape"), value.get("data")
        if not isinstance(name, str) or name in seen:
            raise ProblemError("its name is no text, or another tensor's too", at)
        seen.add(name)
        if not isinstance(data, list):
            raise ProblemError("it has no data", at, "Binary data isn't read: write the numbers.")
        if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < BIGGEST_SIZE for size in shape):
            raise ProblemError("its shape isn't a list of sizes", at)
        wanted = types.get(name)
        if wanted and value.get("datatype", wanted) != wanted:
            raise ProblemError(f"its datatype is {value['datatype']}, and the model's {wanted}", at, f"Write {wanted}.")
        yield name, _shaped(data, shape, (*at, "data"))


BIGGEST_SIZE = 1 << 32


def _shaped(data: list[Any], shape: list[int], path: Path) -> Any:
    """Flat data in its shape; what is nested is left as it is, and held against the signature like any other."""
    if any(isinstance(each, list) for each in data):
        return data
    total = 1
    for size in shape:
        total *= size
    if len(data) != total:
        raise ProblemError(f"it has {len(data)} values, and its shape {shape} takes {total}", path)
    if not shape:
        return data[0]
    for size in reversed(shape[1:]):
        data = [data[start : start + size] for start in range(0, len(data), size)] if size else []
    return data


def _hold(value: Any, tensor: Tensor | None, path: Path) -> int | None:
    """Hold a value against its tensor; without one against itself: as deep, long and of one kind everywhere.

    Returns:
        How many rows it has, where the first dimension is free.

    Raises:
        ProblemError: It isn't such a tensor.
    """
    shape: list[int | None]
    if tensor is None:
        shape, first = [], value
        while isinstance(first, list) and len(shape) < MOST_LEVELS:
            shape.append(len(first))
            first = first[0] if first else None
        _walk(value, shape, _dtype_of(first), path)
        return None
    shape = list(tensor.shape)
    _walk(value, shape, tensor.dtype, path)
    return shape[0] if tensor.shape and tensor.shape[0] is None else None


def _dtype_of(leaf: Any) -> str:
    """The widest type of a value's kind."""
    if isinstance(leaf, bool):
        return "bool"
    return "string" if isinstance(leaf, str) else "float64"


def _walk(value: Any, shape: list[int | None], dtype: str, path: Path, level: int = 0) -> None:
    """Go through a nested list; the first length found for a free dimension is then the tensor's."""
    if level == len(shape):
        _hold_leaf(value, dtype, path)
        return
    size = shape[level]
    if not isinstance(value, list):
        raise ProblemError(f"a list of {size or 'values'} is wanted here: the tensor has {len(shape)} dimensions", path)
    if size is None:
        size = shape[level] = len(value)
    if len(value) != size:
        raise ProblemError(f"it has {len(value)} values where {size} are wanted", path)
    if not value and level == 0:
        raise ProblemError("it holds no row", path)
    for index, each in enumerate(value):
        _walk(each, shape, dtype, (*path, index), level + 1)


def _hold_leaf(value: Any, dtype: str, path: Path) -> None:
    """One element.

    Raises:
        ProblemError: The type can't hold it.
    """
    if isinstance(value, list):
        raise ProblemError("a list stands where a value is wanted: the tensor has fewer dimensions", path)
    if dtype == "bool":
        fits = isinstance(value, bool)
    elif dtype == "string":
        fits = isinstance(value, str)
    elif found := INTEGER.fullmatch(dtype):
        bits = int(found[2])
        low, high = (0, 2**bits) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        fits = type(value) is int and low <= value < high
    elif "float" in dtype:
        most = LARGEST.get(dtype, BIGGEST_FLOAT)
        fits = isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
    else:
        raise ProblemError(f"the tensor is of the type {dtype}, which JSON has no form for", path, "Leave it out.")
    if not fits:
        raise ProblemError(f"{_shown(value)} is no {dtype}", path, f"Write values that {dtype} holds.")


def _shown(value: Any) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) < MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


MOST_SHOWN = 40
