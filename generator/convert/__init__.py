"""Service files out of manifests of anyone's: the way in for people with existing YAML, and between platforms.

Documents in, conversions out: which manifests make one service (``grouping``), a reader per kind takes a manifest apart
(``parts``) into a draft of the service file (``draft``), what the file or the platform refuses is taken out again
(``settle``), what the file has no key for is kept in the platform's own words where the platform stays (``patching``),
and the rest is told (``lost``): nothing is lost silently. What the file renders is then compared with the manifests
(``otherwise``, ``meaning``), and every difference is told too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import generator
from generator.convert import grouping, otherwise, settle, writing
from generator.convert.lost import Lost, told
from generator.convert.patching import patch
from generator.convert.target import Target, own
from generator.errors import InputError
from generator.reading.documents import format_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.convert.draft import Draft
    from generator.convert.grouping import Group
    from generator.reading.documents import Document
    from generator.service import Service

__all__ = ["Conversion", "Lost", "Refused", "Target", "convert"]


@dataclass(frozen=True)
class Conversion:
    """A service file, made of one or several manifests.

    Attributes:
        name: The service's.
        text: The file.
        service: What it says, loaded.
        lost: What couldn't be carried over, in the manifests' order, and what will be otherwise.
        notes: What the person should know besides, a sentence each.
        sources: The manifests that it is made of.
    """

    name: str
    text: str
    service: Service
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]
    sources: tuple[Document, ...]


@dataclass(frozen=True)
class Refused:
    """A manifest of which no service file can be made.

    Attributes:
        document: The manifest.
        why: Why not, a sentence.
    """

    document: Document
    why: str


def convert(documents: Sequence[Document], to: Target | None = None) -> list[Conversion | Refused]:
    """Make service files.

    Args:
        documents: Manifests; those of other kinds are left alone.
        to: The platform; None for each manifest's own.
    """
    return [_one(group, to or own(group.main.kind)) for group in grouping.groups(documents)]


def _one(group: Group, target: Target) -> Conversion | Refused:
    draft = group.draft(target)
    try:
        service, rendering, refusal = settle.rendered(draft)
        if rendering is not None and target.kind == own(group.main.kind).kind and patch(draft, rendering):
            service, rendering, refusal = settle.rendered(draft)
    except InputError as error:
        return Refused(group.main, _why(draft, error))
    if refusal is not None:
        place = f" (at {refusal.place.path})" if refusal.place and refusal.place.path else ""
        draft.notes.append(f"render refuses this as it is: {refusal.message}{place} {refusal.fix}".strip())
    if rendering is not None:
        draft.notes += [note.removeprefix(f"{service.name}: ") for note in rendering.notes]
    here = target.kind == own(group.main.kind).kind
    found = otherwise.found(draft, rendering, target.version) if here and rendering is not None else ()
    listed = (*told(draft), *found)
    return Conversion(service.name, _text(draft, listed), service, listed, tuple(draft.notes), group.documents)


def _why(draft: Draft, error: InputError) -> str:
    """Why a draft is no service: most often it names no model, or one that can't be named."""
    if "variants" in draft.data:
        return f"{error.message} {error.fix}".strip()
    reasons = [
        f"{format_path(path)}: {why.rstrip('.')}."
        for source in draft.sources
        for path, why in source.lost.items()
        if path[:1] == ("spec",) and not why.startswith(NO_MODEL)
    ]
    places = [part for part in draft.refused if part.source.lost.get(part.path, "").startswith(NO_MODEL)]
    where = f" ({format_path(places[-1].path)})" if places else ""
    return " ".join(reasons) or f"it names no model{where}."


NO_MODEL = "the variant"
"""How the message of a variant without a model begins (generator.service)."""


def _text(draft: Draft, lost: Sequence[Lost]) -> str:
    """The file: where it comes from, its content, and what it lacks."""
    main = draft.sources[0].document
    head = [
        f"Converted by serinus {generator.__version__} from {main.kind} {main.name} in {main.file}.",
        *(f"Note: {note}" for note in draft.notes),
    ]
    foot = []
    for title, some in (
        ("Not carried over:", [each for each in lost if not each.otherwise]),
        ("Otherwise once it is rendered:", [each for each in lost if each.otherwise]),
    ):
        foot += [title, *(f"  {each}" for each in some)] if some else []
    return writing.text(draft.ordered(), head=head, above=draft.comments, foot=foot)
