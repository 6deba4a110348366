"""Children as people and programs read them: with whose they are, and where each field came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.outcome import Brought, Gap
from generator.reading.documents import format_path
from generator.text import commented, yaml
from generator.text.printable import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.checks.children import Made
    from generator.outcome import Remark
    from generator.reading.documents import Document, Path


class Said(NamedTuple):
    """What is said of a document's outcome.

    Attributes:
        document: The document.
        remark: The place in it as the user wrote it, and the words; a ``Gap`` where something isn't known.
    """

    document: Document
    remark: Remark


def sentences(said: Iterable[Said]) -> Iterator[str]:
    """A line for each thing that is to be said: the first place, how many others there are, and what."""
    places: dict[str, list[Said]] = {}
    for one in said:
        places.setdefault(one.remark.words, []).append(one)
    for words, (first, *others) in places.items():
        more = f" (and {len(others)} more)" if others else ""
        yield f"{first.document.place(first.remark.path)}{more}: {words}."


def as_yaml(made: Iterable[Made], *, origins: bool) -> str:
    """The children as a YAML stream, each with a comment that says whose it is.

    Args:
        made: The children.
        origins: Whether each field says where it came from.
    """
    return "---\n".join(_document(one, origins=origins) for one in made)


def _document(made: Made, *, origins: bool) -> str:
    head = f"# made by {made.child.maker} of {whose(made.document)}\n"
    if origins:
        there = frozenset(made.child.origins)
        body = commented.block(made.child.data, lambda path: _words(made, path) if path in there else "")
    else:
        body = yaml.block(made.child.data, 0)
    return f"{inert(head.rstrip())}\n{body}\n"


def whose(document: Document) -> str:
    """``InferenceService digits (service.yaml:1)``."""
    place = document.place()
    return f"{document.kind} {document.name} ({place.file}:{place.line or 1})"


def _words(made: Made, path: Path) -> str:
    """Where the part at a path came from: ``service.yaml:12 spec.predictor.model.storageUri``."""
    written = made.written(path)
    if written is None:
        return inert(str(made.child.origin(path)))
    document, place = written
    found = document.place(place)
    return inert(f"{found.file}:{found.line or 1} {found.path}")


def as_json(made: Sequence[Made], said: Sequence[Said]) -> str:
    """The same for programs."""
    shown = {
        "children": [_entry(one) for one in made],
        "unknown": [_remark(one) for one in said if isinstance(one.remark, Gap)],
        "remarks": [_remark(one) for one in said if not isinstance(one.remark, Gap)],
    }
    return f"{json.dumps(shown, indent=2, ensure_ascii=False)}\n"


def _remark(said: Said) -> dict[str, str]:
    return {"file": said.document.file, "path": format_path(said.remark.path), "what": said.remark.words}


def _entry(made: Made) -> dict[str, Any]:
    document = made.document
    return {
        "object": made.child.data,
        "by": made.child.maker,
        "of": {"file": document.file, "document": document.index, "kind": document.kind, "name": document.name},
        "origins": dict(_origins(made)),
    }


def _origins(made: Made) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each part came from, by its place in the child."""
    for path in made.child.origins:
        written = made.written(path)
        if written is not None:
            found = written[0].place(written[1])
            yield format_path(path), {"file": found.file, "line": found.line or 1, "path": found.path}
            continue
        origin = made.child.origin(path)
        words = origin.source.words if isinstance(origin.source, Brought) else ""
        yield format_path(path), {"from": words, "path": format_path(origin.path)}
