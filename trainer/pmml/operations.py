"""What each of Keras' layers and operations does to symbols. An operation that isn't here has no words in PMML.

Axes count the batch, which the symbols' arrays don't have. Sources of the arithmetic: keras v3.15, keras/src/layers and
keras/src/ops; of the activation functions: PMML 4.4, Neural Network Models.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trainer.pmml.terms import Best, Category, Code, Field, Gap, Layer, Term, Text, UnsayableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from trainer.pmml.trace import Sheet

    Array = NDArray[Any]

ACTIVATIONS: Mapping[str, str] = MappingProxyType(
    {
        "linear": "identity",
        "relu": "rectifier",
        "sigmoid": "logistic",
        "tanh": "tanh",
        "exponential": "exponential",
    }
)
"""Keras' name to PMML's."""
SOFTMAX = "softmax"


def _array(items: list[Any], shape: tuple[int, ...]) -> Array:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made.reshape(shape)


def _symbols(value: Any) -> bool:
    """Whether it is an array of symbols, no constant."""
    return getattr(getattr(value, "dtype", None), "kind", "") == "O"


def _map(function: Callable[[Any], Any], values: Array) -> Array:
    return _array([function(each) for each in values.ravel()], values.shape)


def _number(each: Any) -> Term:
    if not isinstance(each, Term):
        raise UnsayableError("it can't compute with a text's number, or with the number of a class")
    return each


def _same(sheet: Sheet, operation: Any, given: Any, *_: Any, **__: Any) -> Any:  # noqa: ARG001 (all are called alike)
    return given


def _cast(sheet: Sheet, operation: Any, given: Array, *_: Any) -> Array:  # noqa: ARG001 (all are called alike)
    whole = str(operation.dtype).startswith(("int", "uint", "bool"))
    if whole and any(isinstance(each, Term) for each in given.ravel()):
        raise UnsayableError("it has no words for cutting a number to a whole one")
    return given


def _flatten(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:  # noqa: ARG001 (as above)
    return given.reshape(-1)


def _reshape(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:  # noqa: ARG001 (as above)
    """A layer's ``target_shape`` has no batch, an operation's ``newshape`` has."""
    shape = getattr(operation, "target_shape", None) or operation.newshape[1:]
    return given.reshape(tuple(shape))


def _inner(axis: int) -> int:
    """An axis without the batch."""
    if axis == 0:
        raise UnsayableError("it tells one example at a time")
    return axis - 1 if axis > 0 else axis


def _expand(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    axes = operation.axis if isinstance(operation.axis, list | tuple) else (operation.axis,)
    return np.expand_dims(given, tuple(_inner(axis) for axis in axes))


def _squeeze(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    axis = operation.axis
    axes = () if axis is None else axis if isinstance(axis, list | tuple) else (axis,)
    return np.squeeze(given, tuple(_inner(each) for each in axes) if axes else None)


def _get(sheet: Sheet, operation: Any, given: Array, key: Any) -> Array:  # noqa: ARG001 (all are called alike)
    """``tensor[key]``, all of the batch."""
    parts = key if isinstance(key, tuple) else (key,)
    if parts[0] is not Ellipsis and parts[0] != slice(None):
        raise UnsayableError("it tells one example at a time")
    return given[parts if parts[0] is Ellipsis else parts[1:]]


def _concatenate(sheet: Sheet, operation: Any, given: list[Array], *_: Any) -> Array:  # noqa: ARG001 (as above)
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return np.concatenate(list(given), axis=_inner(operation.axis))


def _affine(given: Array, factor: Any, offset: Any) -> Array:
    """Each number times a factor plus an offset, these as NumPy would spread them."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    sides = []
    for side in (factor, offset):
        numbers = np.asarray(side, dtype="float64")
        if numbers.ndim > given.ndim:
            numbers = numbers.reshape(numbers.shape[numbers.ndim - given.ndim :])  # a batch of one
        sides.append(np.broadcast_to(numbers, given.shape).ravel())
    terms = [_number(each).scaled(float(by), float(plus)) for each, by, plus in zip(given.ravel(), *sides, strict=True)]
    return _array(terms, given.shape)


def _normalization(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    from trainer import backend  # noqa: PLC0415 (only here)

    mean, variance = (
        np.asarray(backend.keras().ops.convert_to_numpy(each), "float64")
        for each in (operation.mean, operation.variance)
    )
    deviation = np.maximum(np.sqrt(variance), backend.keras().config.epsilon())
    if operation.invert:
        return _affine(given, deviation, mean)
    return _affine(given, 1 / deviation, -mean / deviation)


def _negative(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    return _affine(given, -1, 0)


def _rescaling(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    return _affine(given, operation.scale, operation.offset)


def _batch_normalization(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:  # noqa: ARG001
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if _inner(operation.axis) not in (-1, given.ndim - 1):
        raise UnsayableError("it has no words for a normalisation over another axis than the last")
    mean, variance = (each.numpy().astype("float64") for each in (operation.moving_mean, operation.moving_variance))
    factor = 1 / np.sqrt(variance + operation.epsilon)
    factor = factor * operation.gamma.numpy() if operation.scale else factor
    offset = -mean * factor + (operation.beta.numpy() if operation.center else 0)
    return _affine(given, factor, offset)


def _arithmetic(kind: str) -> Callable[..., Array]:
    """An operation of a number and a constant, on either side."""

    def apply(sheet: Sheet, operation: Any, left: Any, right: Any = None) -> Array:  # noqa: ARG001 (as above)
        symbols = [side for side in (left, right) if _symbols(side)]
        if len(symbols) != 1:
            raise UnsayableError(f"it has no words for the operation {kind} of two inputs")
        (given,) = symbols
        constant = _constant(right if given is left else left)
        if kind == "Add":
            return _affine(given, 1, constant)
        if kind == "Multiply":
            return _affine(given, constant, 0)
        if kind == "Subtract":
            return _affine(given, 1, -constant) if given is left else _affine(given, -1, constant)
        if given is left:
            return _affine(given, 1 / constant, 0)
        raise UnsayableError("it has no words for a number divided by an input")

    return apply


def _constant(side: Any) -> Array:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    from trainer import backend  # noqa: PLC0415 (only here)

    return np.asarray(backend.keras().ops.convert_to_numpy(side), "float64")


def _is_missing(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    return _map(lambda each: Gap(_number(each)), given)


def _where(sheet: Sheet, operation: Any, asked: Array, then: Any, other: Any) -> Array:  # noqa: ARG001 (as above)
    """What stands for a missing number: ``where(isnan(x), constant, x)``."""
    if not _symbols(asked) or not _symbols(other) or _symbols(then):
        raise UnsayableError("it has no words for a choice between two values")
    instead = float(_constant(then))
    terms = []
    for gap, term in zip(asked.ravel(), other.ravel(), strict=True):
        if not isinstance(gap, Gap) or gap.of != term or not isinstance(term.source, Field):
            raise UnsayableError("it has no words for a choice between two values")
        terms.append(Term(term.source, term.factor, term.offset, instead))
    return _array(terms, other.shape)


def _lookup(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    """A vocabulary; which number a text has is said by what reads it."""
    if operation.output_mode not in ("int", "one_hot") or operation.mask_token is not None or operation.invert:
        raise UnsayableError(f"it has no words for the vocabulary {operation.name}")
    if operation.num_oov_indices != 1:
        raise UnsayableError(f"it has no words for several places of unknown texts in {operation.name}")
    words = (None, *operation.get_vocabulary(include_special_tokens=False))
    codes = _map(lambda each: _code(each, words), given)
    if operation.output_mode == "int":
        return codes
    return _columns(codes.reshape(-1)[0], len(words))


def _code(each: Any, words: tuple[str | None, ...]) -> Code:
    if not isinstance(each, Text):
        raise UnsayableError("it looks up texts alone in a vocabulary")
    return Code(each.name, words)


def _one_hot(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    code = given.ravel()[0]
    if given.size != 1 or not isinstance(code, Code) or operation.axis not in (-1, given.ndim + 1):
        raise UnsayableError("it makes a row of one 1 of one text alone")
    return _columns(code, operation.num_classes)


def _columns(code: Code, count: int) -> Array:
    """A column a word; that of unknown texts can't be told, and is only refused if something computes with it."""
    words = [*code.words, *[None] * count][:count]
    return _array(
        [Code(code.name, ()) if word is None else Term(Category(code.name, word)) for word in words], (count,)
    )


def _argmax(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
    if given.ndim != 1 or operation.axis not in (-1, 1):
        raise UnsayableError("it tells the greatest of one row alone")
    best = Best(tuple(map(_number, given)))
    return _array([best], (1,) if operation.keepdims else ())


def _dense(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    kernel = operation.kernel.numpy().astype("float64")
    bias = operation.bias.numpy().astype("float64") if operation.use_bias else np.zeros(kernel.shape[1])
    rows = given.reshape(-1, given.shape[-1])
    made = [_layer(sheet, list(map(_number, row)), kernel, bias) for row in rows]
    units = _array([term for row in made for term in row], (*given.shape[:-1], kernel.shape[1]))
    return _activate(sheet, operation.activation, units)


def _layer(sheet: Sheet, terms: list[Term], kernel: Array, bias: Array) -> list[Term]:
    """A layer over terms; what a neuron or a category is scaled by goes into the weights."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    inside = [isinstance(term.source, Field) for term in terms]
    factors = np.array([1.0 if field else term.factor for term, field in zip(terms, inside, strict=True)])
    offsets = np.array([0.0 if field else term.offset for term, field in zip(terms, inside, strict=True)])
    sources = tuple(term if field else Term(term.source) for term, field in zip(terms, inside, strict=True))
    return sheet.add(Layer(sources, kernel * factors[:, None], bias + offsets @ kernel))


def _activation(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:
    return _activate(sheet, operation.activation, given)


def _activate(sheet: Sheet, function: Any, given: Array) -> Array:
    name = getattr(function, "__name__", type(function).__name__)
    if name == SOFTMAX:
        return _over(sheet, given, "identity", softmax=True)
    if name not in ACTIVATIONS:
        raise UnsayableError(f"it has no activation function {name}")
    return given if name == "linear" else _over(sheet, given, ACTIVATIONS[name])


def _over(sheet: Sheet, given: Array, activation: str, *, softmax: bool = False) -> Array:
    """A layer that takes each term over for its activation function."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if softmax and given.ndim != 1:
        raise UnsayableError("it brings one row alone to a sum of 1")
    terms = [_number(each) for each in given.ravel()]
    first = terms[0].source
    made = _layer(sheet, terms, np.eye(len(terms)), np.zeros(len(terms)))
    layer = sheet.layers[-1]
    number = getattr(first, "layer", None)
    whole = number is not None and terms == sheet.terms(number)
    sheet.layers[-1] = Layer(
        layer.sources, layer.weights, layer.bias, activation, softmax, copies=number if whole else None
    )
    return _array(list(made), given.shape)


def _relu(sheet: Sheet, operation: Any, given: Array) -> Array:
    slope, most, least = (getattr(operation, name, None) for name in ("negative_slope", "max_value", "threshold"))
    if slope or most is not None or least:
        raise UnsayableError("it has no activation function relu with a slope or a bound")
    return _over(sheet, given, "rectifier")


def _softmax(sheet: Sheet, operation: Any, given: Array, *_: Any, **__: Any) -> Array:
    if operation.axis not in (-1, given.ndim):
        raise UnsayableError("it brings one row alone to a sum of 1")
    return _over(sheet, given, "identity", softmax=True)


def _single(activation: str) -> Callable[..., Array]:
    def apply(sheet: Sheet, operation: Any, given: Array) -> Array:  # noqa: ARG001 (all are called alike)
        return _over(sheet, given, activation)

    return apply


KNOWN: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "Activation": _activation,
        "ActivityRegularization": _same,
        "Add": _arithmetic("Add"),
        "AlphaDropout": _same,
        "Argmax": _argmax,
        "BatchNormalization": _batch_normalization,
        "Cast": _cast,
        "Concatenate": _concatenate,
        "Dense": _dense,
        "Divide": _arithmetic("Divide"),
        "Dropout": _same,
        "ExpandDims": _expand,
        "Flatten": _flatten,
        "GaussianDropout": _same,
        "GaussianNoise": _same,
        "GetItem": _get,
        "Identity": _same,
        "InputLayer": _same,
        "Isnan": _is_missing,
        "Multiply": _arithmetic("Multiply"),
        "Negative": _negative,
        "Normalization": _normalization,
        "OneHot": _one_hot,
        "ReLU": _relu,
        "Relu": _relu,
        "Rescaling": _rescaling,
        "Reshape": _reshape,
        "Sigmoid": _single("logistic"),
        "Softmax": _softmax,
        "Squeeze": _squeeze,
        "StringLookup": _lookup,
        "Subtract": _arithmetic("Subtract"),
        "Tanh": _single("tanh"),
        "TrueDivide": _arithmetic("Divide"),
        "Where": _where,
    }
)
"""The class of a layer or an operation to what it does."""
