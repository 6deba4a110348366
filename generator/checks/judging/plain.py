"""The fast lanes of children: documents of which nothing can be made that is refused, and many alike.

Most documents ask for nothing that a pod could have wrong: for those nobody computes what becomes of them. Of others a
run computes one of each shape. A test bends documents and holds both lanes to the slow one.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any

from generator.checks.judging.sound import NAME, covered, sound
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import CONFIG_MAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.finding import Offspring
    from generator.checks.judging.judges import Judge
    from generator.checks.subject import Index
    from generator.reading.documents import Document

MOST_REMEMBERED = 4096
"""Shapes of documents that one run remembers, so that memory stays bounded."""
SHORT = 20
"""Characters of a name that make nothing too long which is named after it: labels and Services have up to 63."""

_BY_VALUE = 2
"""The version of marshal in which values alone decide; in later ones it matters who else refers to them."""

_KSERVE, _SELDON_2 = "serving.kserve.io", "mlops.seldon.io"
RUNTIMES = tuple(Kind(_KSERVE, name) for name in ("ServingRuntime", "ClusterServingRuntime"))
CONFIGS = tuple(Kind(_SELDON_2, name) for name in ("ServerConfig", "SeldonConfig", "SeldonRuntime"))
SETTINGS = frozenset(("inferenceservice-config", "seldon-config"))
"""ConfigMaps that decide on the children of all others: beside one of them no document is harmless."""


class Lanes:
    """What is known without computing it.

    Args:
        index: The set.
    """

    def __init__(self, index: Index) -> None:
        self._open = all(one.name not in SETTINGS for one in index.by_kind.get(CONFIG_MAP, ()))
        runtimes = [one for kind in RUNTIMES for one in index.by_kind.get(kind, ())]
        self._runtimes = bool(runtimes)
        closed = set()
        if any(_leaves_open(one.data) for one in runtimes):
            closed.add(_KSERVE)
        if any(index.by_kind.get(kind) for kind in CONFIGS):
            closed.add(_SELDON_2)
        self._closed = frozenset(closed)
        self._clean: dict[bytes, Offspring] = {}

    def harmless(self, document: Document) -> bool:
        """Whether nothing can be wrong with what becomes of a document that the API server accepted.

        What a runtime of the set has wrong by itself is told there; so only amounts, which are laid over its own, and a
        runtime that leaves something to its services need a look.
        """
        group = document.api_version.rpartition("/")[0]
        if not self._open or group in self._closed or not sound(document):
            return False
        return not self._runtimes or group != _KSERVE or covered(document.data.get("spec"))

    def known(self, judge: Judge, document: Document) -> Offspring | None:
        """What becomes of a document, where that is known to be without a fault."""
        return self._clean.get(_shape(judge, document)) if self._clean else None

    def remember(self, judge: Judge, document: Document, offspring: Offspring) -> None:
        """Keep that nothing is wrong with what becomes of a document."""
        if len(self._clean) >= MOST_REMEMBERED:
            self._clean.clear()
        self._clean[_shape(judge, document)] = offspring


def _leaves_open(runtime: Mapping[str, Any]) -> bool:
    """Whether a runtime mounts a volume that it hasn't, or has a container without an image: a service may add them."""
    spec = mapping(runtime, "spec")
    volumes = {text(each, "name") for each in sequence(spec, "volumes")}
    containers = sequence(spec, "containers")
    mounted = {text(mount, "name") for one in containers for mount in sequence(one, "volumeMounts")}
    return not mounted <= volumes or not all(text(one, "image") for one in containers)


def _shape(judge: Judge, document: Document) -> bytes:
    """All that decides on what becomes of a document but its name."""
    data = document.data
    metadata: Any = data.get("metadata")
    if metadata.__class__ is dict:
        metadata = {**metadata, "name": _length(document.name)}
    rest = {name: value for name, value in data.items() if name not in ("metadata", "status")}
    return marshal.dumps((str(judge.target), document.header, metadata, rest), _BY_VALUE)


def _length(name: str) -> str | int:
    """A name that is as good as any other; itself where it has more than letters, digits and hyphens."""
    return max(len(name), SHORT) if NAME.fullmatch(name) else name
