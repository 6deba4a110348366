"""What a rendering makes otherwise than what was there: whom requests reach, which pods restart, which fields."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.platforms import chosen
from generator.checks.subject import mapping
from generator.reading.documents import Document, format_path, iterate
from generator.rollout.changes import changes, differing, disturbed
from generator.rollout.dangers import dangers, key_of
from generator.rollout.world import world
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.rendering.render import Rendering
    from generator.rollout.dangers import Danger
    from generator.rollout.world import Key
    from generator.schemas import Target

PART_OF = "app.kubernetes.io/part-of"
ABSENT = "nothing"
LONGEST = 60
"""Characters of a value that are shown; of a longer one both ends are."""
_RELEASE = re.compile(r"/(?P<release>[a-z](?:[-a-z0-9]*[a-z0-9])?/[1-9][0-9]{0,8})/[0-9a-f]{16}(?=/|\Z)")
"""Where a pod's storage names a release: SERVICE/VERSION/DIGEST (``generator.plan.lock.RELEASE``)."""


class Field(NamedTuple):
    """A value that differs.

    Attributes:
        path: Where it stands in the object.
        before: The value; None where there was none.
        after: Likewise.
    """

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        """``spec.replicas: 2 → 3``."""
        return f"{self.path}: {_shown(self.before)} → {_shown(self.after)}"


class Altered(NamedTuple):
    """A rendered object that isn't what it was.

    Attributes:
        key: The object.
        state: ``new``, ``gone`` or ``changed``.
        fields: What differs, of one that changed.
    """

    key: Key
    state: str
    fields: tuple[Field, ...] = ()


class Difference(NamedTuple):
    """What changes for one service.

    Attributes:
        service: Its name, with its namespace where several have it.
        changes: Sentences without their full stops: whom requests reach, releases, pods, what controllers make.
        objects: The rendered objects that aren't what they were.
        dangers: What the apply risks.
        reworded: Files that differ in comments or layout alone.
    """

    service: str
    changes: tuple[str, ...]
    objects: tuple[Altered, ...]
    dangers: tuple[Danger, ...]
    reworded: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether each manifest would be the same text."""
        return not self.objects and not self.reworded


def differences(renderings: Sequence[Rendering], earlier: Iterable[str]) -> list[Difference]:
    """Compare what services render now with what was rendered before; objects are the same by kind, namespace and name.

    Args:
        renderings: What they render now.
        earlier: The manifests of the same services that were rendered before.
    """
    now = [_pieces((each.file, each.text) for each in one.manifests) for one in renderings]
    owner = {key: number for number, pieces in enumerate(now) for key in pieces}
    before: list[dict[Key, _Piece]] = [{} for _ in now]
    for key, piece in _pieces(("", text) for text in earlier).items():
        number = owner[key] if key in owner else _owner(piece.document, renderings)
        before[number][key] = piece
    names = Counter(one.service.name for one in renderings)
    return [
        _difference(_title(one, twice=names[one.service.name] > 1), old, new)
        for one, old, new in zip(renderings, before, now, strict=True)
    ]


class _Piece(NamedTuple):
    """A rendered document, the text that it stands in, and the name of its file."""

    document: Document
    text: str
    file: str


def _pieces(texts: Iterable[tuple[str, str]]) -> dict[Key, _Piece]:
    return {
        key_of(one): _Piece(one, text, file)
        for file, text in texts
        for one in iterate(text.encode(), file)
        if isinstance(one, Document)
    }


def _owner(document: Document, renderings: Sequence[Rendering]) -> int:
    """Whose a document is that is rendered no more: by its label and namespace."""
    name = mapping(document.data, "metadata", "labels").get(PART_OF)
    fits = [(one.service.name == name, one.service.namespace == document.namespace) for one in renderings]
    return fits.index(max(fits))


def _title(rendering: Rendering, *, twice: bool) -> str:
    service = rendering.service
    return f"{service.name} in {service.namespace}" if twice and service.namespace else service.name


def _difference(service: str, before: Mapping[Key, _Piece], after: Mapping[Key, _Piece]) -> Difference:
    # A folder doesn't keep the order of the apply, so it is that of today; last what is rendered no more.
    order = [*(key for key in after if key in before), *sorted(before.keys() - after.keys())]
    old = [before[key].document for key in order]
    new = [piece.document for piece in after.values()]
    objects = tuple(_altered({key: before[key] for key in order}, after))
    unequal = {one.key for one in objects}
    reworded = tuple(
        piece.file for key, piece in after.items() if key not in unequal and before[key].text != piece.text
    )
    if not objects:
        return Difference(service, (), (), (), reworded)
    was, is_now = world(old, _targets(old or new)), world(new, _targets(new or old))
    sentences = [*changes(was, is_now), *_releases(objects)]
    if not disturbed(was, is_now):
        sentences.append("no pod restarts")
    risks = tuple(dangers(old, new, _targets(new or old))) if old else ()
    return Difference(service, tuple(sentences), objects, risks, reworded)


def _targets(documents: Sequence[Document]) -> tuple[Target, ...]:
    """The releases that the rendered files name in their first line, the same in all of one service."""
    return chosen((), documents[0].header if documents else None)


def _altered(before: Mapping[Key, _Piece], after: Mapping[Key, _Piece]) -> Iterator[Altered]:
    for key in {**after, **before}:
        if key not in before or key not in after:
            yield Altered(key, "new" if key in after else "gone")
        elif before[key].text != after[key].text:
            fields = tuple(_fields(before[key].document.data, after[key].document.data))
            if fields:
                yield Altered(key, "changed", fields)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Field]:
    for path in differing(old, new):
        yield Field(format_path(path), _at(old, path), _at(new, path))


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
    return value


def _releases(objects: Sequence[Altered]) -> Iterator[str]:
    """The releases that pods read, where they read another one now."""
    for one in objects:
        told = dict.fromkeys(
            f"{one.key}: release {_moved(old, new)}"
            for field in one.fields
            for old, new in zip(_read(field.before), _read(field.after), strict=False)
            if old != new
        )
        yield from told


def _moved(old: str, new: str) -> str:
    """The numbers, with the service's name where it is another one's release."""
    if old.rpartition("/")[0] == new.rpartition("/")[0]:
        old, new = (each.rpartition("/")[2] for each in (old, new))
    return f"{old} → {new}"


def _read(value: Any) -> list[str]:
    return _RELEASE.findall(value) if isinstance(value, str) else []


def _shown(value: Any) -> str:
    """A value in one line as JSON has it, so that the text "1" isn't the number."""
    if value is None:
        return ABSENT
    text = hidden(json.dumps(value, ensure_ascii=False))
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}"
