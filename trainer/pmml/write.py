"""A network in PMML's words, as an XML file of PMML 4.4.

Source of the elements and their order: dmg.org, PMML 4.4, Neural Network Models, Regression, Transformations, Targets,
Output. Weights are written with the digits that tell a float32 from its neighbours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from generator import __version__
from trainer.pmml.terms import Category, Field, Neuron, Term, Text, UnsayableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.pmml.trace import Told

NAMESPACE = "http://www.dmg.org/PMML-4_4"
VERSION = "4.4"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, however it is written (W3C, Extensible Markup Language 1.0, section 2.2)."""
WHOLE = "iu"
TEXT = "OUS"


@dataclass(frozen=True)
class Column:
    """A field of the data dictionary.

    Attributes:
        name: Its name.
        kind: PMML's type: double, integer or string.
    """

    name: str
    kind: str


def columns(
    inputs: Mapping[str, NDArray[Any]], names: Mapping[str, Sequence[str]]
) -> tuple[tuple[Column, ...], dict[str, NDArray[Any]]]:
    """The fields of raw inputs, a field a number or text, and their symbols by input.

    Args:
        inputs: Raw inputs by name [examples, …].
        names: The names of an input's columns, where they have some; else they are ``image_0``, ``image_1`` ….

    Raises:
        UnsayableError: An input is neither numbers nor text, or two fields would have one name.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    found: list[Column] = []
    symbols = {}
    for name, array in inputs.items():
        count = int(np.prod(array.shape[1:], dtype=np.int64))
        own = names.get(name, ())
        if len(own) != count:
            own = (name,) if array.ndim == 1 else [f"{name}_{index}" for index in range(count)]
        kind = _kind(name, array)
        made = np.empty(count, dtype=object)
        made[:] = [Text(each) if kind == "string" else Term(Field(each)) for each in own]
        symbols[name] = made.reshape(array.shape[1:])
        found += [Column(each, kind) for each in own]
    told = [each.name for each in found]
    if twice := sorted({name for name in told if told.count(name) > 1} if len(set(told)) < len(told) else ()):
        raise UnsayableError(f"two of its inputs would be called {twice[0]}")
    return tuple(found), symbols


def _kind(name: str, array: NDArray[Any]) -> str:
    if array.dtype.kind in TEXT:
        return "string"
    if array.dtype.kind in WHOLE:
        return "integer"
    if array.dtype.kind != "f":
        raise UnsayableError(f"its numbers are real or whole, and the input {name} is of the type {array.dtype}")
    return "double"


def write(told: Told, given: Sequence[Column], classes: Sequence[str], target: str) -> bytes:
    """The file.

    Args:
        told: The network.
        given: The fields of its inputs.
        classes: What the classes are called; empty for a number.
        target: What the data call what is learned.

    Raises:
        UnsayableError: A name can't stand in XML, or stands for two things.
    """
    told_names = [each.name for each in given]
    outputs = [f"{told.probabilities}({name})" for name in classes] if told.probabilities else []
    predicted = told.number[0] if told.number else told.best or "class"
    while target in (*told_names, *outputs, predicted):
        target += "_"
    for name in (*told_names, *classes, *outputs, predicted, target):
        if NO_XML.search(name):
            raise UnsayableError(f"XML has no letters for all of the name {name!r}")
    if clash := sorted({*outputs, predicted} & set(told_names)):
        raise UnsayableError(f"{clash[0]} is the name of an input and of an output")
    root = ET.Element("PMML", xmlns=NAMESPACE, version=VERSION)
    _add(_add(root, "Header"), "Application", name="Serinus", version=__version__)
    _dictionary(root, given, classes, target)
    linear = len(told.layers) == 1 and told.layers[0].activation == "identity"
    function = "classification" if classes else "regression"
    model = _add(root, "RegressionModel" if linear else "NeuralNetwork", functionName=function)
    _schema(model, given, target)
    _output(model, told, classes, predicted)
    if told.number:
        _, number = told.number
        if (number.factor, number.offset) != (1, 0):
            scale = {"rescaleFactor": _text(number.factor), "rescaleConstant": _text(number.offset)}
            _add(_add(model, "Targets"), "Target", field=target, **scale)
    (_regression if linear else _network)(model, told, classes, target)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _dictionary(root: ET.Element, given: Sequence[Column], classes: Sequence[str], target: str) -> None:
    dictionary = _add(root, "DataDictionary", numberOfFields=str(len(given) + 1))
    for each in given:
        kind = "categorical" if each.kind == "string" else "continuous"
        _add(dictionary, "DataField", name=each.name, optype=kind, dataType=each.kind)
    kind, of = ("categorical", "string") if classes else ("continuous", "double")
    field = _add(dictionary, "DataField", name=target, optype=kind, dataType=of)
    for name in classes:
        _add(field, "Value", value=name)


def _schema(model: ET.Element, given: Sequence[Column], target: str) -> None:
    schema = _add(model, "MiningSchema")
    for each in given:
        _add(schema, "MiningField", name=each.name)
    _add(schema, "MiningField", name=target, usageType="target")


def _output(model: ET.Element, told: Told, classes: Sequence[str], predicted: str) -> None:
    output = _add(model, "Output")
    kind, of = ("categorical", "string") if classes else ("continuous", "double")
    _add(output, "OutputField", name=predicted, optype=kind, dataType=of, feature="predictedValue")
    for name in classes:
        known = {"optype": "continuous", "dataType": "double", "feature": "probability", "value": name}
        _add(output, "OutputField", name=f"{told.probabilities}({name})", **known)


def _network(model: ET.Element, told: Told, classes: Sequence[str], target: str) -> None:
    """Inputs, layers, and what the last layer's neurons stand for."""
    model.set("activationFunction", "identity")
    outside = dict.fromkeys(
        term for layer in told.layers for term in layer.sources if not isinstance(term.source, Neuron)
    )
    ids = {term: f"i{index}" for index, term in enumerate(outside)}
    inputs = _add(model, "NeuralInputs", numberOfInputs=str(len(ids)))
    for term, own in ids.items():
        _derived(_add(inputs, "NeuralInput", id=own), term)
    for number, layer in enumerate(told.layers):
        known = {"normalizationMethod": "softmax"} if layer.softmax else {}
        units = _add(
            model, "NeuralLayer", numberOfNeurons=str(len(layer.bias)), activationFunction=layer.activation, **known
        )
        names = [ids.get(term) or _named(term) for term in layer.sources]
        for index, bias in enumerate(layer.bias):
            neuron = _add(units, "Neuron", id=f"{number}.{index}", bias=_text(bias))
            for before, weight in zip(names, layer.weights[:, index], strict=True):
                if weight:
                    _add(neuron, "Con", **{"from": before, "weight": _text(weight)})
            if not len(neuron):  # it has to have one
                _add(neuron, "Con", **{"from": names[0], "weight": "0"})
    outputs = _add(model, "NeuralOutputs")
    last = len(told.layers) - 1
    for index, name in _stands(told, classes):
        unit = _add(outputs, "NeuralOutput", outputNeuron=f"{last}.{index}")
        derived = _add(
            unit,
            "DerivedField",
            optype="continuous" if name is None else "categorical",
            dataType="double" if name is None else "string",
        )
        if name is None:
            _add(derived, "FieldRef", field=target)
        else:
            _add(derived, "NormDiscrete", field=target, value=name)


def _stands(told: Told, classes: Sequence[str]) -> list[tuple[int, str | None]]:
    """Which neurons of the last layer stand for what: a class each, or one for the number."""
    if told.number is None:
        return list(enumerate(classes))
    source = told.number[1].source
    return [(source.index, None)] if isinstance(source, Neuron) else []


def _named(term: Term) -> str:
    if not isinstance(term.source, Neuron):
        raise UnsayableError("it has no words for what a layer reads")
    return f"{term.source.layer}.{term.source.index}"


def _regression(model: ET.Element, told: Told, classes: Sequence[str], target: str) -> None:  # noqa: ARG001 (as above)
    """A table a class; scaled inputs as fields of the model's own."""
    (layer,) = told.layers
    model.set("normalizationMethod", "softmax" if layer.softmax else "none")
    names: dict[Term, str] = {}
    for term in layer.sources:
        if isinstance(term.source, Field) and term != Term(term.source):
            own = f"scaled({term.source.name})"
            names[term] = f"{own} {len(names)}" if own in names.values() else own
    if names:
        transformations = _add(model, "LocalTransformations")
        for term, own in names.items():
            _derived(transformations, term, name=own)
    for index, name in _stands(told, classes):
        known = {} if name is None else {"targetCategory": name}
        table = _add(model, "RegressionTable", intercept=_text(layer.bias[index]), **known)
        weighted = list(zip(layer.sources, layer.weights[:, index], strict=True))
        for term, weight in weighted:  # numbers stand before categories
            if isinstance(term.source, Field):
                field = names.get(term, term.source.name)
                _add(table, "NumericPredictor", name=field, coefficient=_text(weight))
        for term, weight in weighted:
            if isinstance(term.source, Category):
                known = {"name": term.source.field, "value": term.source.value}
                _add(table, "CategoricalPredictor", coefficient=_text(weight), **known)


def _derived(parent: ET.Element, term: Term, name: str | None = None) -> None:
    """A field made of an input: as it is, scaled, or 1 where it is a category."""
    known = {} if name is None else {"name": name}
    derived = _add(parent, "DerivedField", optype="continuous", dataType="double", **known)
    if isinstance(term.source, Category):
        _add(derived, "NormDiscrete", field=term.source.field, value=term.source.value, mapMissingTo="0")
        return
    if not isinstance(term.source, Field):
        raise UnsayableError("it has no words for what a layer reads")
    missing = {} if term.missing is None else {"mapMissingTo": _text(term.missing)}
    if (term.factor, term.offset) == (1, 0):
        _add(derived, "FieldRef", field=term.source.name, **missing)
        return
    norm = _add(derived, "NormContinuous", field=term.source.name, **missing)
    for original in _around(term):
        _add(norm, "LinearNorm", orig=_text(original), norm=_text(original * term.factor + term.offset))


def _around(term: Term) -> tuple[float, float]:
    """Two values of a field between which its line is drawn: around the one that is 0, as far as its size.

    A line through 0 and 1 would lose the digits of a large number with a small deviation.
    """
    if not term.factor:
        return 0.0, 1.0
    middle = -term.offset / term.factor
    reach = max(abs(middle), abs(1 / term.factor))
    return middle - reach, middle + reach


def _add(parent: ET.Element, kind: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, kind, attributes)


def _text(number: float) -> str:
    """A number with the digits that tell it from its neighbours, of float32 where it is one."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    short = np.float32(number)
    return str(short) if float(short) == float(number) else repr(float(number))
