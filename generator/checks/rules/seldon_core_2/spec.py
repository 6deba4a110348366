"""How Seldon Core 2 reads its objects: Models, Experiments, Pipelines and Servers.

It has no admission webhook: what the schema takes is stored, and the operator or the scheduler complains later, in a
status condition or a log. So nothing here is an error. Facts that hold for 2.6.0, the last release under Apache-2.0,
are cited at its tag; newer ones at a release that has them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import may_be_in
from generator.outcome.part import Part
from generator.outcome.seldon_core_2 import landing
from generator.outcome.seldon_core_2.landing import CAPABILITIES
from generator.reading.kind import Kind
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

GROUP = "mlops.seldon.io"
MODEL, EXPERIMENT, PIPELINE, SERVER = (Kind(GROUP, name) for name in ("Model", "Experiment", "Pipeline", "Server"))
SERVER_CONFIG = Kind(GROUP, "ServerConfig")
RUNTIME, CONFIG = Kind(GROUP, "SeldonRuntime"), Kind(GROUP, "SeldonConfig")

V2_7, V2_8, V2_9, V2_10 = (Version(2, minor) for minor in (7, 8, 9, 10))
V2_7_RC1 = Version(2, 7, 0, 2, 1)


def source(path: str) -> Source:
    """A file of Seldon Core 2 at its last release under Apache-2.0."""
    return Source("SeldonIO/seldon-core", "v2.6.0", path)


def newer(path: str) -> Source:
    """A file of Seldon Core 2 for a fact that is younger than its last release under Apache-2.0; a citation only."""
    return Source("SeldonIO/seldon-core", "v2.10.2", path)


def requirements(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What a Model asks of its server, with the place of each word."""
    return landing.requirements(Part.brought(data, "the Model"))


def offers(index: Index) -> tuple[landing.Offer, ...]:
    """What the Servers of the set can do."""
    return tuple(map(landing.offer, index.by_kind.get(SERVER, ())))


class Reach(NamedTuple):
    """The servers that a Model in one namespace may land on.

    Attributes:
        given: Those of the set, by their names.
        every: These and the chart's own; one of the set takes the place of the chart's of its name.
        capabilities: All that some of them can do; None where one of them may have any.
    """

    given: Mapping[str, frozenset[str] | None]
    every: Mapping[str, frozenset[str] | None]
    capabilities: frozenset[str] | None


def reaches(index: Index) -> Callable[[str], Reach]:
    """What can be reached from a namespace; found once a namespace, since a set may have many Models and Servers."""
    servers = offers(index)

    @cache
    def reach(namespace: str) -> Reach:
        given = {one.name: one.has for one in servers if may_be_in((one.namespace,), namespace)}
        every = {**CAPABILITIES, **given}
        known = [has for has in every.values() if has is not None]
        return Reach(given, every, frozenset().union(*known) if len(known) == len(every) else None)

    return reach


def reach_of(subject: Subject) -> Reach:
    """What can be reached from the object's namespace."""
    return subject.index.derive(reaches)(subject.document.namespace)


def in_reach(subject: Subject) -> Mapping[str, frozenset[str] | None]:
    """What the servers can do that a Model may land on, by their names.

    The chart's own, and the Servers of the set in the Model's namespace; one of the same name takes the place of the
    chart's.
    """
    return reach_of(subject).every


def given_servers(subject: Subject) -> AbstractSet[str]:
    """The names of the Servers of the set in the object's namespace."""
    return reach_of(subject).given.keys()


def capabilities(subject: Subject) -> frozenset[str] | None:
    """All that some server in reach can do; None where one of them may have any."""
    return reach_of(subject).capabilities


def by_name(kind: Kind, index: Index) -> Mapping[str, list[Document]]:
    """The objects of a kind in the set, by their names."""
    found: dict[str, list[Document]] = {}
    for document in index.by_kind.get(kind, ()):
        found.setdefault(document.name, []).append(document)
    return found


def models(index: Index) -> Mapping[str, list[Document]]:
    """The Models of the set, by their names."""
    return by_name(MODEL, index)


def pipelines(index: Index) -> Mapping[str, list[Document]]:
    """The Pipelines of the set, by their names."""
    return by_name(PIPELINE, index)


GOOD_MODEL = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: digits}
spec:
  storageUri: s3://models/digits/1
  requirements: [sklearn]
  memory: 100Mi
"""
