"""The fast lanes of children: documents of which nothing can be made that is refused, and many alike.

Most documents ask for nothing that a pod could have wrong: for those nobody computes what becomes of them. Of others a
run computes one of each shape. A test bends documents and holds both lanes to the slow one.
"""

from __future__ import annotations

import marshal
import re
from typing import TYPE_CHECKING, Any

from generator.checks.subject import keys_of, kind_of, mapping
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from generator.checks.finding import Offspring
    from generator.checks.judging.judges import Judge
    from generator.checks.subject import Index
    from generator.reading.documents import Document

MOST_REMEMBERED = 4096
"""Shapes of documents that one run remembers, so that memory stays bounded."""
SHORT = 20
"""Characters of a name that make nothing too long which is named after it: labels and Services have up to 63."""

_MODE = "serving.kserve.io/deploymentMode"
_EVERYWHERE = ("apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec")
_MODEL = ("model", "modelFormat", "version", "storageUri", "runtime", "protocolVersion", "runtimeVersion", "resources")
_AMOUNTS = ("requests", "limits", "cpu", "memory")
_NODES = (
    "nodes",
    "routerType",
    "steps",
    "serviceName",
    "serviceUrl",
    "nodeName",
    "weight",
    "condition",
    "data",
)
HARMLESS: Mapping[Kind, frozenset[str]] = {
    Kind("serving.kserve.io", "InferenceService"): frozenset(
        (*_EVERYWHERE, *_MODEL, *_AMOUNTS, "predictor", "serviceAccountName", "minReplicas", "maxReplicas", _MODE)
    ),
    Kind("serving.kserve.io", "InferenceGraph"): frozenset((*_EVERYWHERE, *_NODES, "dependency")),
    Kind("mlops.seldon.io", "Server"): frozenset(
        (*_EVERYWHERE, "serverConfig", "replicas", "minReplicas", "maxReplicas", "capabilities", "extraCapabilities")
    ),
}
"""The keys that bring nothing into a pod which the schema of the kind doesn't judge as well as the API server would.

Amounts, names and addresses among them are looked at one by one.
"""
DECIDING = (
    *(Kind("serving.kserve.io", name) for name in ("ServingRuntime", "ClusterServingRuntime")),
    *(Kind("mlops.seldon.io", name) for name in ("ServerConfig", "SeldonConfig", "SeldonRuntime")),
    Kind("serving.kserve.io", "LLMInferenceServiceConfig"),
)
"""Kinds that bring something into the children of others: with one of them in the set no document is harmless."""
CONFIG_MAP = Kind("", "ConfigMap")
SETTINGS = frozenset(("inferenceservice-config", "seldon-config"))
"""ConfigMaps that do so."""
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?(m|Ki|Mi|Gi|Ti|k|M|G)?", re.ASCII)
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,50}[a-z0-9])?", re.ASCII)
_ADDRESS = re.compile(r"(?:s3|gs|https|hf)://[A-Za-z0-9/._-]+", re.ASCII)
_READ = re.compile(r"kubernetes|k8s|knative|kserve|seldon|istio|prometheus|\A(?:app|component)\Z", re.ASCII)
"""Labels and annotations that somebody reads, or that controllers write themselves."""


class Lanes:
    """What is known without computing it.

    Args:
        index: The set.
    """

    def __init__(self, index: Index) -> None:
        deciding = any(index.by_kind.get(kind) for kind in DECIDING)
        self._open = not deciding and all(one.name not in SETTINGS for one in index.by_kind.get(CONFIG_MAP, ()))
        self._clean: dict[bytes, Offspring] = {}

    def harmless(self, document: Document) -> bool:
        """Whether nothing can be wrong with what becomes of a document that the API server accepted."""
        keys = HARMLESS.get(kind_of(document))
        if keys is None or not self._open or not _NAME.fullmatch(document.name):
            return False
        found = document.keys if document.keys is not None else keys_of(document.data)
        return (keys >= found or _apart(document.data, keys)) and _sound(document.data)

    def known(self, judge: Judge, document: Document) -> Offspring | None:
        """What becomes of a document, where that is known to be without a fault."""
        return self._clean.get(_shape(judge, document)) if self._clean else None

    def remember(self, judge: Judge, document: Document, offspring: Offspring) -> None:
        """Keep that nothing is wrong with what becomes of a document."""
        if len(self._clean) >= MOST_REMEMBERED:
            self._clean.clear()
        self._clean[_shape(judge, document)] = offspring


def _apart(data: Mapping[str, Any], harmless: AbstractSet[str]) -> bool:
    """The same without the user's own words: the keys of labels and annotations, and the names of a graph's nodes."""
    labels, notes = mapping(data, "metadata", "labels"), mapping(data, "metadata", "annotations")
    spec = mapping(data, "spec")
    nodes = mapping(spec, "nodes")
    inside = keys_of({**spec, "nodes": list(nodes.values())} if nodes else spec)
    return harmless >= inside and not any(_READ.search(key) for key in (*labels, *notes) if key != _MODE)


def _sound(data: Mapping[str, Any]) -> bool:
    """Whether the values of harmless keys are so as well."""
    predictor = mapping(data, "spec", "predictor")
    account, model = predictor.get("serviceAccountName"), mapping(predictor, "model")
    if account is not None and not _matches(_NAME, account):
        return False
    address = model.get("storageUri")
    if address is not None and not _matches(_ADDRESS, address):
        return False
    resources = mapping(model, "resources")
    amounts = [value for side in ("requests", "limits") for value in mapping(resources, side).values()]
    return all(_matches(_AMOUNT, value) for value in amounts)


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return (isinstance(value, str) or value.__class__ is int) and pattern.fullmatch(str(value)) is not None


def _shape(judge: Judge, document: Document) -> bytes:
    """All that decides on what becomes of a document but its name."""
    data = document.data
    metadata: Any = data.get("metadata")
    if metadata.__class__ is dict:
        metadata = {**metadata, "name": _length(document.name)}
    rest = {name: value for name, value in data.items() if name not in ("metadata", "status")}
    return marshal.dumps((str(judge.target), document.header, metadata, rest))


def _length(name: str) -> str | int:
    """A name that is as good as any other; itself where it has more than letters, digits and hyphens."""
    return max(len(name), SHORT) if _NAME.fullmatch(name) else name
