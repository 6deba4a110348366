"""What a rule looks at: one document as the platform's webhook left it, and the set that it was given with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.reading.documents import Document
    from generator.schemas import Schema, Target, Version


T = TypeVar("T")


def kind_of(document: Document) -> Kind:
    """The document's kind without its version; empty strings where it has none."""
    return _kind(document.api_version, document.kind)


@lru_cache(maxsize=1024)
def _kind(api_version: str, kind: str) -> Kind:
    group, slash, _ = api_version.partition("/")
    return Kind(group if slash else "", kind)


def keys_of(data: Mapping[str, Any]) -> set[str]:
    """All keys in an object, at any depth."""
    found: set[str] = set()
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found.update(value)
            value = value.values()
        waiting += [child for child in value if child.__class__ is dict or child.__class__ is list]
    return found


@dataclass(frozen=True)
class Index:
    """All documents of a run: what a reference can lead to.

    Attributes:
        by_kind: In the order of the files.
        here: The documents that are judged by the process at hand, in the order of the files: whole files.
        earlier: The objects as they were before this change, by kind and name; empty where nobody says.
    """

    by_kind: Mapping[Kind, Sequence[Document]]
    here: Sequence[Document] = ()
    earlier: Mapping[tuple[Kind, str], tuple[Document, ...]] = field(default_factory=dict)
    _derived: dict[Callable[[Index], Any], Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, documents: Iterable[Document], previous: Iterable[Document] = ()) -> Index:
        """Sort the documents, and those that they replace, by their kinds and by what tells them apart."""
        here = tuple(documents)
        return cls(by_kind(here), here, earlier_ones(previous))

    def before(self, document: Document) -> Document | None:
        """The object as it was before this change; None where it is new, or nobody says.

        A live object has a namespace where its file may have none, so one alone of that name is taken for it.
        """
        found = self.earlier.get((kind_of(document), document.name), ())
        near = [one for one in found if may_be_in((one.namespace,), document.namespace)]
        same = [one for one in near if one.namespace == document.namespace]
        return (same or near)[0] if len(same or near) == 1 else None

    def derive(self, make: Callable[[Index], T]) -> T:
        """What a function makes of the set, made once a run: rules on references look things up, they don't search."""
        try:
            found: T = self._derived[make]
        except KeyError:
            found = self._derived[make] = make(self)
        return found


def by_kind(documents: Iterable[Document]) -> dict[Kind, list[Document]]:
    """Documents by their kinds, each in the order in which they were given."""
    found: dict[Kind, list[Document]] = {}
    for document in documents:
        found.setdefault(kind_of(document), []).append(document)
    return found


def earlier_ones(documents: Iterable[Document]) -> dict[tuple[Kind, str], tuple[Document, ...]]:
    """Documents as they were before a change, by kind and name."""
    found: dict[tuple[Kind, str], tuple[Document, ...]] = {}
    for document in documents:
        key = (kind_of(document), document.name)
        found[key] = (*found.get(key, ()), document)
    return found


EMPTY = Index({})


def may_be_in(namespaces: Iterable[str], namespace: str) -> bool:
    """Whether one of the namespaces is the wanted one.

    An object without a namespace (an empty string) lands where kubectl is told to put it, so it may be in any.
    """
    return any(not found or not namespace or found == namespace for found in namespaces)


@dataclass(frozen=True, slots=True)
class Subject:
    """One document under check, for one release of the product that serves its kind.

    Attributes:
        document: As the user wrote it.
        data: The object as the platform's mutating webhook leaves it; of a kind of Kubernetes' own, where the cluster's
            object is known, what applying the document makes of that. Else equal to ``document.data``.
        release: The release of the product that serves the kind; None where no product's release bounds it.
        index: The set that the document was given with.
        schema: The root of the kind's schema; None where rules are tried without one.
        beside: The releases of all products that hold for the document, for what depends on more than one.
    """

    document: Document
    data: Mapping[str, Any]
    release: Version | None
    index: Index = field(default=EMPTY)
    schema: Schema | None = None
    beside: tuple[Target, ...] = ()
    _derived: dict[Callable[[Subject], Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def derive(self, make: Callable[[Subject], T]) -> T:
        """What a function makes of the document, made once: many rules look at the same parts."""
        try:
            found: T = self._derived[make]
        except KeyError:
            found = self._derived[make] = make(self)
        return found


def mapping(value: object, *path: str | int) -> Mapping[str, Any]:
    """The object at ``path``; empty where there is none or something else stands there."""
    found = reach(value, *path)
    return found if found.__class__ is dict else {}


def sequence(value: object, *path: str | int) -> list[Any]:
    """The list at ``path``; empty where there is none or something else stands there."""
    found = reach(value, *path)
    return found if found.__class__ is list else []


def text(value: object, *path: str | int) -> str | None:
    """The string at ``path``; None where there is none or something else stands there."""
    found = reach(value, *path)
    return found if found.__class__ is str else None


def integer(value: object, *path: str | int) -> int | None:
    """The whole number at ``path``; None where there is none or something else (a boolean too) stands there."""
    found = reach(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def reach(value: object, *path: str | int) -> object:
    """Whatever stands at ``path``; None where nothing does.

    Rules read through these functions, so that a malformed document (the structural check has its own finding for
    that) never breaks one.
    """
    for step in path:
        if value.__class__ is dict:
            value = value.get(step)
        elif value.__class__ is list and step.__class__ is int:
            try:
                value = value[step]
            except IndexError:
                return None
        else:
            return None
    return value
