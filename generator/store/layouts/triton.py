"""Triton: a model repository, ``<service>/config.pbtxt`` and ``<service>/1/<model>``.

Inputs and outputs stand in the configuration as the release's signature has them, so a server that completes what is
missing (Triton's default) has nothing to complete, and one that is strict has all that it wants. Sources:
triton-inference-server/common, protobuf/model_config.proto; server, docs/user_guide/model_configuration.md;
onnxruntime_backend, src/onnxruntime.cc (``AutoCompleteMaxBatch``).

Up to 25.02 Triton runs SavedModels; its build dropped TensorFlow in 25.03 (server, build.py of v2.55.0 and v2.56.0).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from generator.errors import InputError, Place
from generator.model.artifact import WARM_UP_FOLDER
from generator.store import golden
from generator.store.formats.triton import CONFIG, check_name
from generator.store.layouts.base import Layout, Parts, asked, with_beside
from generator.store.pbtxt import quoted

if TYPE_CHECKING:
    from generator.model.artifact import Signature, Tensor
    from generator.store.formats.base import Model, Say

# The most rows that Triton gives a model at once, from one request or from several that wait; a larger request is
# refused. Triton's own default is 4.
MOST_ROWS = 64
DTYPES = {
    "bool": "TYPE_BOOL",
    "uint8": "TYPE_UINT8",
    "uint16": "TYPE_UINT16",
    "uint32": "TYPE_UINT32",
    "uint64": "TYPE_UINT64",
    "int8": "TYPE_INT8",
    "int16": "TYPE_INT16",
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "float16": "TYPE_FP16",
    "float32": "TYPE_FP32",
    "float64": "TYPE_FP64",
    "string": "TYPE_STRING",
    "bfloat16": "TYPE_BF16",
}
SCALAR = (
    "1"  # a tensor without dimensions must be said as one with a single element; model_config.proto has no other way
)


def _onnx(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    files = with_beside(model, f"{service}/1/")
    return Parts(files, _generated(model, service, "onnxruntime_onnx"))


def _savedmodel(model: Model, service: str, say: Say) -> Parts:
    say("Triton 25.03 and newer can't run a SavedModel; up to 25.02 it can")
    return Parts({f"{service}/1/model.savedmodel": model.path}, _generated(model, service, "tensorflow_savedmodel"))


def _torchscript(model: Model, service: str, say: Say) -> Parts:  # noqa: ARG001 (every layout is asked alike)
    check_name(model.beside[CONFIG], service)
    return Parts({f"{service}/1/{model.name}": model.path, f"{service}/{CONFIG}": model.beside[CONFIG]})


def _repository(model: Model, service: str, say: Say) -> Parts:
    names = model.facts["tritonModels"]
    if service not in names:
        say(f"no model of the repository is called {service}: clients must ask for {', '.join(names)}")
    return Parts({"": model.path})


def _generated(model: Model, service: str, platform: str) -> dict[str, bytes]:
    """The configuration, the golden request, and what the model is warmed up with.

    Seldon Core 2's agent copies the version's folder and the files beside it to Triton, and no other folder
    (SeldonIO/seldon-core v2.10.2, scheduler/pkg/agent/repository/triton/triton.go), so there Triton warms up with
    zeros: data that are named and not there would keep the model from loading.
    """
    signature = _signature(model)
    lines, data = _warm_up(model, signature)
    content = config(service, platform, signature) + "".join(f"{line}\n" for line in lines).encode()
    files = {f"{service}/{WARM_UP_FOLDER}/{name}": raw for name, raw in data.items()}
    return {f"{service}/{CONFIG}": content, **files, **asked(model, "v2", folder=f"{service}/")}


def _warm_up(model: Model, signature: Signature) -> tuple[list[str], dict[str, bytes]]:
    """``model_warmup``: one request, which Triton runs before the model is ready; and its tensors, by file.

    A file holds the elements as they lie in memory, of text each with its length before it. Where requests are batched
    the dimensions are those of one example, which Triton runs as a batch of one. Source: triton-inference-server/core
    r26.07, src/backend_model_instance.cc (``GenerateWarmupData``).
    """
    tensors = {tensor.name: tensor for tensor in signature.inputs}
    if model.golden is None or set(tensors) != set(model.golden.request):
        return [], {}
    batched = _batched(signature)
    lines, data = ["model_warmup {", '  name: "golden"', "  batch_size: 1"], {}
    for number, (name, rows) in enumerate(model.golden.request.items()):
        one = rows[0] if batched else rows
        dims, file = ", ".join(map(str, golden.shape_of(one) or [int(SCALAR)])), f"input{number}"
        source = f"input_data_file: {quoted(file)}" if model.warm_files else "zero_data: true"
        lines += ["  inputs {", f"    key: {quoted(name)}", "    value {"]
        lines += [f"      data_type: {DTYPES[tensors[name].dtype]}", f"      dims: [ {dims} ]", f"      {source}"]
        lines += ["    }", "  }"]
        if model.warm_files:
            data[file] = b"".join(_raw(tensors[name].dtype, element) for element in golden.flattened(one))
    return [*lines, "}"], data


def _raw(dtype: str, element: object) -> bytes:
    """One element in memory."""
    if dtype == "string":
        text = str(element).encode()
        return struct.pack("<I", len(text)) + text
    return struct.pack(golden.TENSORFLOW[dtype][1], element)


def _batched(signature: Signature) -> bool:
    """Whether Triton may put waiting requests together: the rule by which it decides itself."""
    return all(len(each.shape) > 1 and each.shape[0] is None for each in (*signature.inputs, *signature.outputs))


def config(name: str, platform: str, signature: Signature) -> bytes:
    """The ``config.pbtxt`` of a model.

    Clients see the shapes that the signature has. Where the first dimension of every input and output is free, Triton
    may put waiting requests together: that is the rule by which Triton itself decides. Tensors of that dimension alone
    would then get a second one, so with one of these each request is run by itself.

    Args:
        name: The model's name, which is also its folder's.
        platform: Which backend runs it.
        signature: Its inputs and outputs.

    Raises:
        InputError: Triton has no such type.
    """
    batched = _batched(signature)
    lines = [f"name: {quoted(name)}", f"platform: {quoted(platform)}", f"max_batch_size: {MOST_ROWS if batched else 0}"]
    for side, members in (("input", signature.inputs), ("output", signature.outputs)):
        for tensor in members:
            lines += [f"{side} {{", *(f"  {line}" for line in _tensor(tensor, batched=batched)), "}"]
    if batched:
        lines.append("dynamic_batching { }")
    return "".join(f"{line}\n" for line in lines).encode()


def _tensor(tensor: Tensor, *, batched: bool) -> tuple[str, str, str]:
    if tensor.dtype not in DTYPES:
        raise InputError(
            f"'{tensor.name}' is of the type {tensor.dtype}, which Triton doesn't have.",
            fix=f"Cast it in the model to one of: {', '.join(DTYPES)}.",
        )
    sizes = ["-1" if size is None else str(size) for size in tensor.shape[1 if batched else 0 :]]
    return (
        f"name: {quoted(tensor.name)}",
        f"data_type: {DTYPES[tensor.dtype]}",
        f"dims: [ {', '.join(sizes or [SCALAR])} ]",
    )


def _signature(model: Model) -> Signature:
    if model.signature is not None:
        return model.signature
    zipmap = (
        " A classifier of scikit-learn: convert it with options={'zipmap': False}." if model.format == "onnx" else ""
    )
    raise InputError(
        f"Triton has to be told the inputs and outputs, and {model.unsaid or 'the model does not say them'}.",
        fix=f"Export the model with plain tensors of known rank.{zipmap}",
        place=Place(str(model.path)),
    )


LAYOUT = Layout(
    "triton",
    {"onnx": _onnx, "savedmodel": _savedmodel, "torchscript": _torchscript, "triton": _repository},
)
