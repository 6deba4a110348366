"""What will be otherwise than in the manifests once the service file is rendered, found by rendering and comparing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.convert import meaning
from generator.convert.lost import Lost, shown
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.convert.draft import Draft
    from generator.convert.meaning import Difference
    from generator.reading.documents import Path
    from generator.rendering.render import Rendering


def found(draft: Draft, rendering: Rendering, release: str) -> Iterator[Lost]:
    """Every field that means something else than before, but for those that are told already.

    Args:
        draft: The service file, and the manifests that it was made of.
        rendering: What it renders, for the manifests' own platform.
        release: The platform's release by minor.
    """
    documents = [source.document for source in draft.sources]
    made = [
        entry.data
        for manifest in rendering.manifests
        for entry in read(manifest.text, manifest.name)
        if isinstance(entry, Document)
    ]
    deformed = [
        path for data in (*(each.data for each in documents), *made) if (path := meaning.deformed(data, release))
    ]
    if deformed:
        draft.notes.append(
            f"a cluster would refuse the manifest itself, at {deformed[0]}; so what is rendered isn't compared with it."
        )
        return
    of = [_counterpart(document, documents, made) for document in documents]
    beside = [each for index, each in enumerate(made) if index not in of]
    for number, (source, index) in enumerate(zip(draft.sources, of, strict=True)):
        refused = {part.path for part in draft.refused if part.source is source}
        said = [path for path, _ in source.left()]
        said += [part.path for part, _ in draft.otherwise if part.source is source]
        rendered = [*([] if index is None else [made[index]]), *([] if number else beside)]
        for each in meaning.differences(source.document.data, rendered, release):
            place = _original(source.document, each)
            # Why a value is refused doesn't tell what stands there instead.
            instead = refused if each.rendered is not meaning.ABSENT else set()
            untold = {path for path in instead if place[: len(path)] == path}
            if not any(_covers(path, place) for path in said if path and path not in untold):
                yield Lost(source.document.place(place), _value(each.original), _words(each), otherwise=True)


def _counterpart(document: Document, documents: Sequence[Document], made: Sequence[dict[str, object]]) -> int | None:
    """Which rendered object a manifest became: that of its kind and name, or the only one of its kind."""
    alike = [index for index, each in enumerate(made) if each["kind"] == document.kind]
    if len(alike) == 1 and sum(each.kind == document.kind for each in documents) == 1:
        return alike[0]
    return next((index for index in alike if _name(made[index]) == document.name), None)


def _name(data: dict[str, object]) -> object:
    metadata = data.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None


def _original(document: Document, difference: Difference) -> Path:
    """A difference's place in the manifest as it is written, where a framework's field may stand for ``model``."""
    steps = difference.steps
    if steps[:3] != ("spec", "predictor", "model"):
        return steps
    predictor = document.data["spec"]["predictor"]
    framework = next((name for name in FRAMEWORKS if isinstance(predictor.get(name), dict)), "model")
    return ("spec", "predictor", framework, *steps[3:])


def _covers(path: Path, place: Path) -> bool:
    """Whether what is told of one place tells of another: it is the same, above it or below it."""
    return place[: len(path)] == path or path[: len(place)] == place


def _value(value: object) -> str:
    return "nothing" if value is meaning.ABSENT else shown(value)


def _words(difference: Difference) -> str:
    """What is otherwise, for the person who converts."""
    if difference.rendered is meaning.ABSENT:
        return "it isn't rendered"
    if difference.original is meaning.ABSENT:
        return f"{shown(difference.rendered)} is rendered"
    return f"it becomes {shown(difference.rendered)}"
