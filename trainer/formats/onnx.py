"""ONNX: written by tf2onnx, read back by ONNX Runtime.

The opset is one that old servers load: KServe up to 0.20 starts Triton 23.05 (kserve/kserve, config/runtimes/
kustomization.yaml), which is of May 2023. ONNX Runtime 1.15, of that month and the oldest there is for Python 3.11,
loads and runs a file of this opset and its IR version 8 (tried with what is written here).
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError
from generator.model.artifact import Signature, Tensor
from trainer import backend
from trainer.formats.base import Exporter, Tensors
from trainer.network import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.formats.base import Trained

OPSET = 17
BATCH = "batch"
"""The name of the free dimension."""
GRAPH = "model"
FILE = "model.onnx"
BIGGEST = 2**31 - 1
"""Bytes of a protocol buffer at most; an ONNX file is one."""
ML_OPSET = 2
ML = "ai.onnx.ml"
DOMAINS = ("", ML)
"""Whose operators every ONNX Runtime has."""
SIGN_BIT = -(2**31)
QUIET = 3
"""ONNX Runtime's level of its log: errors, which come as exceptions besides."""


def refusal(trained: Trained) -> str:
    """Which operations of a network ONNX lacks; it is converted on trial, which takes about a second."""
    size = sum(weight.value.dtype.size * int(weight.value.shape.num_elements()) for weight in trained.model.weights)
    if size >= BIGGEST:
        return f"its weights take {size / 2**30:.1f} GiB, and an ONNX file holds 2 GiB"
    try:
        lacking = _foreign(_convert(trained.model).graph)
    except _UnfitError as error:
        return str(error)
    if not lacking:
        return ""
    return f"ONNX (opset {OPSET}) has nothing for {', '.join(lacking)} of TensorFlow, which it computes with"


class _UnfitError(Exception):
    """Why tf2onnx gave up."""


def write(trained: Trained, path: Path) -> None:
    """Write ``model.onnx``.

    Raises:
        InputError: The network has become another than the one that was asked about.
        OutsideError: The disk is full, or the folder can't be written.
    """
    try:
        content = _convert(trained.model).SerializeToString()
    except _UnfitError as error:
        raise InputError(
            f"the model can't be exported as onnx: {error}.",
            fix="Take onnx out of model.format and model.formats, or change the network.",
        ) from error
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutsideError(f"can't write the model to {path}: {error.strerror}.") from error


def _convert(model: Any) -> Any:
    """The Keras model as a ``ModelProto``; an operation that ONNX lacks stays in it as it is.

    Raises:
        _UnfitError: There is none.
    """
    tf = backend.tensorflow()
    specs = [tf.TensorSpec(each.shape, each.dtype, name=name) for name, each in model.input.items()]

    def serve(*inputs: Any) -> Any:
        given = dict(zip(model.input, inputs, strict=True))
        # A tensor has one name in ONNX, and an output may be an input or another output as well.
        return {name: tf.identity(value) for name, value in model(given, training=False).items()}

    traced = tf.function(serve)
    captures = traced.get_concrete_function(*specs).graph.captures
    constants = {inside.name: outside for outside, inside in captures if outside.dtype != tf.resource}
    handlers: dict[str, tuple[Callable[..., None], list[Any]]] = {
        "Bitcast": (_sign, []),
        "BitwiseAnd": (_same, []),
        "LookupTableFindV2": (_lookup(_tables(model, captures), constants), []),
    }
    with _tf2onnx() as tf2onnx:
        try:
            proto, _ = tf2onnx.convert.from_function(
                traced, input_signature=specs, opset=OPSET, custom_op_handlers=handlers
            )
        except (ValueError, TypeError, KeyError, NotImplementedError, tf.errors.OpError) as error:
            raise _UnfitError(f"tf2onnx {tf2onnx.__version__} can't convert it: {_first_line(error)}") from error
    _settle(proto.graph, constants)
    _name(proto.graph)
    return proto


def _settle(graph: Any, constants: Mapping[str, Any]) -> None:
    """Constants of layers that aren't variables, such as means: tf2onnx makes inputs of them.

    Args:
        graph: The graph.
        constants: Their values by their names.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)
    from onnx import numpy_helper  # noqa: PLC0415 (heavy, and absent without the extra `onnx`)

    used = {name for node in graph.node for name in node.input}
    for value in [each for each in graph.input if each.name in constants]:
        if value.name in used:
            known = constants[value.name].numpy()
            known = np.array(known, dtype=object) if isinstance(known, bytes) else known  # TensorFlow's scalar text
            graph.initializer.append(numpy_helper.from_array(known, value.name))
        graph.input.remove(value)


def _name(graph: Any) -> None:
    """Free batches get a name, and the graph one that is no trace number."""
    graph.name = GRAPH
    for value in (*graph.input, *graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if dimensions and not dimensions[0].HasField("dim_value"):
            dimensions[0].dim_param = BATCH


def _foreign(graph: Any) -> list[str]:
    """The operators of a graph, at any depth, that ONNX doesn't have."""
    import onnx  # noqa: PLC0415 (heavy, and absent without the extra `onnx`)

    found: set[str] = set()
    graphs = [graph]
    while graphs:
        for node in graphs.pop().node:
            if node.domain not in DOMAINS or not onnx.defs.has(
                node.op_type, OPSET if not node.domain else ML_OPSET, node.domain
            ):
                found.add(node.op_type)
            graphs.extend(each.g for each in node.attribute if each.type == onnx.AttributeProto.GRAPH)
    return sorted(found)


@contextlib.contextmanager
def _tf2onnx() -> Iterator[Any]:
    """The converter, which says nothing."""
    import tf2onnx  # noqa: PLC0415 (heavy, and absent without the extra `onnx`)

    talk = logging.getLogger("tf2onnx")
    level = talk.level
    talk.setLevel(logging.CRITICAL)
    try:
        with backend.native_silence(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield tf2onnx
    finally:
        talk.setLevel(level)


def _sign(context: Any, node: Any, name: str, args: Any, **_: Any) -> None:  # noqa: ARG001 (tf2onnx names them)
    """``Bitcast`` of float32 to int32 where only the sign bit is looked at, as Keras' argmax does to tell -0 from 0.

    What comes out is the sign bit alone: the smallest int32 for what is negative or -0 (its reciprocal is negative),
    else 0. Elsewhere the bits are needed, and the node stays, which ONNX refuses.
    """
    from onnx import TensorProto  # noqa: PLC0415 (heavy, and absent without the extra `onnx`)

    readers = context.find_output_consumers(node.output[0])
    if context.get_dtype(node.output[0]) != TensorProto.INT32 or not all(map(_masks_the_sign, readers)):
        return
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    shape = context.get_shape(node.output[0])
    (source,), outputs = node.input, node.output
    context.remove_node(node.name)
    zero = context.make_const(f"{name}_zero", np.array(0, np.float32)).output[0]
    reciprocal = context.make_node("Reciprocal", [source]).output[0]
    negative = context.make_node("Less", [reciprocal, zero]).output[0]
    bits = [context.make_const(f"{name}_{value}", np.array(value, np.int32)).output[0] for value in (SIGN_BIT, 0)]
    context.make_node(
        "Where", [negative, *bits], outputs=list(outputs), name=name, shapes=[shape], dtypes=[TensorProto.INT32]
    )


def _tables(model: Any, captures: Iterable[tuple[Any, Any]]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Keys and values of the vocabularies of a model, by the tensor that each is inside of the function."""
    handles = {id(table.resource_handle): table for table in tables(model)}
    found = {}
    for outside, inside in captures:
        table = handles.get(id(outside))
        if table is not None:
            keys, values = (each.numpy().tolist() for each in table.export())
            found[inside.name] = (keys, values)
    return found


def _lookup(known: Mapping[str, tuple[list[Any], list[Any]]], constants: Mapping[str, Any]) -> Callable[..., None]:
    """How a look into one of these vocabularies is converted.

    To ``LabelEncoder``, which every ONNX Runtime has (onnx, ai.onnx.ml, opset 2).
    """

    def convert(context: Any, node: Any, name: str, args: Any, **_: Any) -> None:  # noqa: ARG001 (tf2onnx names them)
        table, given, default = node.input
        if table not in known or default not in constants:
            return  # it stays, which ONNX refuses
        instead = constants[default].numpy().item()
        attributes: dict[str, Any] = {}
        for side, items in (*zip(("keys", "values"), known[table], strict=True), ("default", [instead])):
            kind = "string" if isinstance(items[0], bytes | str) else "int64"
            attributes |= {f"default_{kind}": items[0]} if side == "default" else {f"{side}_{kind}s": items}
        shapes, dtypes, outputs = node.output_shapes, node.output_dtypes, list(node.output)
        context.remove_node(node.name)
        context.make_node(
            "LabelEncoder",
            [given],
            domain=ML,
            name=name,
            attr=attributes,
            outputs=outputs,
            shapes=shapes,
            dtypes=dtypes,
        )

    return convert


def _same(context: Any, node: Any, name: str, args: Any, **_: Any) -> None:  # noqa: ARG001 (tf2onnx names them)
    """``BitwiseAnd`` of what ``_sign`` made: the sign bit is all there is."""
    if _masks_the_sign(node) and node.inputs[0].type == "Where":
        context.remove_node(node.name)
        context.make_node("Identity", [node.input[0]], outputs=list(node.output), name=name)


def _masks_the_sign(node: Any) -> bool:
    return (
        node.type == "BitwiseAnd" and node.inputs[1].is_const() and int(node.inputs[1].get_tensor_value()) == SIGN_BIT
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


@dataclass(frozen=True)
class Session(Tensors):
    """An ONNX file, loaded.

    Attributes:
        signature: As ONNX Runtime finds it in the file.
        session: ONNX Runtime's object.
        evaluator: ONNX Runtime and its version.
    """

    signature: Signature
    session: Any
    evaluator: str

    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the model says to many examples; NumPy arrays by output name."""
        given = {
            tensor.name: inputs[tensor.name].astype(object if tensor.dtype == "string" else tensor.dtype)
            for tensor in self.signature.inputs
        }
        names = [tensor.name for tensor in self.signature.outputs]
        return dict(zip(names, self.session.run(names, given), strict=True))


def read(path: Path) -> Session:
    """Load an ONNX file with ONNX Runtime on the CPU.

    Raises:
        OutsideError: It can't be read.
    """
    import onnxruntime  # noqa: PLC0415 (heavy, and absent without the extra `onnx`)

    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph) as error:
        raise OutsideError(f"can't read the model in {path}: {_first_line(error)}.") from error
    sides = (tuple(map(_tensor, side)) for side in (session.get_inputs(), session.get_outputs()))
    return Session(Signature(GRAPH, *sides), session, f"onnxruntime {onnxruntime.__version__}")


NAMES = {"float": "float32", "double": "float64"}
"""ONNX Runtime's names of element types where they aren't NumPy's."""


def _tensor(value: Any) -> Tensor:
    """An input or output as ONNX Runtime shows it: ``tensor(float)`` and sizes, text where one is free."""
    kind = value.type.removeprefix("tensor(").removesuffix(")")
    shape = tuple(size if isinstance(size, int) else None for size in value.shape)
    return Tensor(value.name, NAMES.get(kind, kind), shape)


EXPORTER = Exporter(
    id="onnx",
    entry=FILE,
    whole=FILE,
    write=write,
    read=read,
    refusal=refusal,
    cannot={"text-classification": "ONNX has no operations that take words out of a text"},
    extra="onnx",
    packages=("tf2onnx", "onnx"),
    modules=("onnxruntime",),
)
