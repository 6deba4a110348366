"""PMML evaluated from its XML alone, many rows at a time.

It knows nothing of Keras and shares no code with what writes the files: the numbers are read back as PMML 4.4 tells a
consumer to (dmg.org, PMML 4.4). It runs on every machine; the tests hold it against jpmml-evaluator, the evaluator of
KServe's server. Of PMML it knows what ``trainer.pmml.write`` uses, and refuses the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

NAMESPACE = "{http://www.dmg.org/PMML-4_4}"
MODELS = ("NeuralNetwork", "RegressionModel")


class UnknownError(Exception):
    """The file says something that isn't known here, or is no PMML."""


@dataclass(frozen=True, eq=False)
class Document:
    """A PMML file.

    Attributes:
        kinds: The fields that are given, in the order of the data dictionary, with their types.
        classes: The categories of the target in their order; empty for a number.
        outputs: Output field to its type.
        model: The element of the model.
        target: The target's name.
    """

    kinds: Mapping[str, str]
    classes: tuple[str, ...]
    outputs: Mapping[str, str]
    model: ET.Element
    target: str

    def evaluate(self, rows: Mapping[str, Array]) -> dict[str, Array]:
        """The output fields of many rows.

        Args:
            rows: Field to its values [rows]; NaN is a missing number.

        Returns:
            Output field to its values [rows].

        Raises:
            UnknownError: The model says something that isn't known here.
        """
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        given = {
            name: np.asarray(rows[name], object if kind == "string" else "float64") for name, kind in self.kinds.items()
        }
        solve = _network if _short(self.model) == "NeuralNetwork" else _regression
        scores = solve(self, given)
        found = {}
        for field in _children(_only(self.model, "Output"), "OutputField"):
            found[field.get("name", "")] = self._output(field, scores)
        return found

    def _output(self, field: ET.Element, scores: Mapping[str | None, Array]) -> Array:
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        feature = field.get("feature")
        if feature == "probability" and field.get("value") in scores:
            probability: Array = scores[field.get("value")]
            return probability
        if feature != "predictedValue":
            raise UnknownError(f"an output field of the feature {feature}")
        if None in scores:
            return self._rescaled(scores[None])
        names = list(scores)
        greatest = np.argmax(np.stack([scores[name] for name in names]), axis=0)
        likeliest: Array = np.array(names, dtype=object)[greatest]
        return likeliest

    def _rescaled(self, values: Array) -> Array:
        for targets in _children(self.model, "Targets"):
            for each in _children(targets, "Target"):
                values = values * float(each.get("rescaleFactor", "1")) + float(each.get("rescaleConstant", "0"))
        return values


def read(content: bytes) -> Document:
    """Read a file.

    Raises:
        UnknownError: It is no PMML 4.4, or holds another model than is known here.
    """
    try:
        root = ET.fromstring(content)  # noqa: S314 (what was written a moment ago, by us)
    except ET.ParseError as error:
        raise UnknownError(f"no XML: {error}") from error
    models = [each for each in root if _short(each) in MODELS]
    if root.tag != f"{NAMESPACE}PMML" or len(models) != 1:
        raise UnknownError("no PMML 4.4 with one model of a known kind")
    fields = {each.get("name", ""): each for each in _children(_only(root, "DataDictionary"), "DataField")}
    usage = {
        each.get("name", ""): each.get("usageType", "active")
        for each in _children(_only(models[0], "MiningSchema"), "MiningField")
    }
    (target,) = (name for name, use in usage.items() if use == "target")
    return Document(
        kinds={name: fields[name].get("dataType", "") for name, use in usage.items() if use == "active"},
        classes=tuple(each.get("value", "") for each in _children(fields[target], "Value")),
        outputs={
            each.get("name", ""): each.get("dataType", "")
            for each in _children(_only(models[0], "Output"), "OutputField")
        },
        model=models[0],
        target=target,
    )


def _short(element: ET.Element) -> str:
    return element.tag.removeprefix(NAMESPACE)


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element if each.tag == f"{NAMESPACE}{name}")


def _only(element: ET.Element, name: str) -> ET.Element:
    found = list(_children(element, name))
    if len(found) != 1:
        raise UnknownError(f"{len(found)} elements {name} in {_short(element)}")
    return found[0]


def _derive(field: ET.Element, given: Mapping[str, Array]) -> Array:
    """A derived field [rows]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    (expression,) = field
    values = given[expression.get("field", "")]
    kind = _short(expression)
    if kind == "FieldRef":
        made = values
    elif kind == "NormDiscrete":
        made = (values == expression.get("value")).astype("float64")
    elif kind == "NormContinuous":
        (x1, y1), (x2, y2) = (
            (float(each.get("orig", "")), float(each.get("norm", ""))) for each in _children(expression, "LinearNorm")
        )
        made = y1 + (values - x1) * ((y2 - y1) / (x2 - x1))
    else:
        raise UnknownError(f"the transformation {kind}")
    instead = expression.get("mapMissingTo")
    if instead is not None:
        made = np.where(np.isnan(made), float(instead), made)
    return made


def _activations() -> dict[str, Callable[[Array], Array]]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return {
        "identity": lambda z: z,
        "rectifier": lambda z: np.maximum(z, 0),
        "logistic": lambda z: np.exp(-np.logaddexp(0, -z)),
        "tanh": np.tanh,
        "exponential": np.exp,
    }


def _softmax(values: Array) -> Array:
    """Of columns [units, rows]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    powers = np.exp(values - values.max(axis=0))
    normed: Array = powers / powers.sum(axis=0)
    return normed


def _network(document: Document, given: Mapping[str, Array]) -> dict[str | None, Array]:
    """What the outputs of a neural network stand for: category, None for the number, to values [rows]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    model = document.model
    known: dict[str, Array] = {}
    for each in _children(_only(model, "NeuralInputs"), "NeuralInput"):
        known[each.get("id", "")] = _derive(_only(each, "DerivedField"), given)
    usual = model.get("activationFunction", "")
    for layer in _children(model, "NeuralLayer"):
        names = list(known)
        place = {name: index for index, name in enumerate(names)}
        before = np.stack([known[name] for name in names])
        neurons = list(_children(layer, "Neuron"))
        weights = np.zeros((len(neurons), len(names)))
        for row, neuron in enumerate(neurons):
            for connection in _children(neuron, "Con"):
                weights[row, place[connection.get("from", "")]] += float(connection.get("weight", ""))
        used = weights.any(axis=0)  # a missing input that no neuron of the layer reads doesn't matter to it
        sums = weights[:, used] @ before[used] + np.array([[float(each.get("bias", "0"))] for each in neurons])
        name = layer.get("activationFunction", usual)
        if name not in _activations():
            raise UnknownError(f"the activation function {name}")
        values = _activations()[name](sums)
        normal = layer.get("normalizationMethod", model.get("normalizationMethod", "none"))
        if normal not in ("none", "softmax"):
            raise UnknownError(f"the normalisation {normal}")
        values = _softmax(values) if normal == "softmax" else values
        known |= {each.get("id", ""): values[row] for row, each in enumerate(neurons)}
    found: dict[str | None, Array] = {}
    for each in _children(_only(model, "NeuralOutputs"), "NeuralOutput"):
        (expression,) = _only(each, "DerivedField")
        found[expression.get("value")] = known[each.get("outputNeuron", "")]
    return found


def _regression(document: Document, given: Mapping[str, Array]) -> dict[str | None, Array]:
    """What the tables of a regression come to: category, None for the number, to values [rows]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    model = document.model
    known = dict(given)
    for local in _children(model, "LocalTransformations"):
        for field in _children(local, "DerivedField"):
            known[field.get("name", "")] = _derive(field, given)
    sums: dict[str | None, Array] = {}
    for table in _children(model, "RegressionTable"):
        total = np.array(float(table.get("intercept", "")))
        for part in table:
            values, weight = known[part.get("name", "")], float(part.get("coefficient", ""))
            if _short(part) == "CategoricalPredictor":
                values = (values == part.get("value")).astype("float64")
            elif _short(part) != "NumericPredictor" or part.get("exponent", "1") != "1":
                raise UnknownError(f"the predictor {_short(part)}")
            total = total + values * weight
        sums[table.get("targetCategory")] = total
    method = model.get("normalizationMethod", "none")
    if method == "softmax":
        normed = _softmax(np.stack(list(sums.values())))
        return dict(zip(sums, normed, strict=True))
    if method != "none" or None not in sums:
        raise UnknownError(f"the normalisation {method} of {len(sums)} tables")
    return sums
