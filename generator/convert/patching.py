"""What a service file has no key for, as patches over the object of the same platform, in the manifest's own words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.convert.draft import cleaned
from generator.convert.parts import NO_PLACE, Part
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.reading import documents

if TYPE_CHECKING:
    from generator.convert.draft import Draft
    from generator.reading.documents import Path
    from generator.rendering.render import Rendering


class Named(NamedTuple):
    """The item of a list that has a name."""

    name: str


Steps = tuple["str | Named", ...]


def patch(draft: Draft, rendering: Rendering) -> bool:
    """Lay what is left of the main manifest over what is rendered of it, but for what was refused.

    Args:
        draft: The service file in the making.
        rendering: What it renders so far, which tells the names of the items of lists.

    Returns:
        Whether anything was added.
    """
    source = draft.sources[0]
    kind = source.document.kind
    texts = [each.text for each in rendering.manifests if each.kind == kind]
    found = documents.read(texts[0], source.document.file) if len(texts) == 1 else []
    if len(found) != 1 or not isinstance(found[0], documents.Document):
        return False
    added = False
    for path, why in list(source.left()):
        # What the file or the platform refuses has a reason that a patch doesn't take away.
        steps = _steps(path, source.document.data, found[0].data) if why == NO_PLACE else None
        part = Part(source, path)
        if steps is None or not _fits(_at(found[0].data, steps), cleaned(part.value)):
            continue
        source.lost.pop(path, None)
        _lay(draft, ("patches", kind), steps, part)
        added = True
    return added


def _steps(path: Path, data: Any, rendered: Any) -> Steps | None:
    """The way to a place in the rendered object; None where a patch can't reach it."""
    if path[:1] != ("spec",) and path[:2] not in (("metadata", "annotations"), ("metadata", "labels")):
        return None
    steps: list[str | Named] = []
    for depth, step in enumerate(path):
        data = data[step]
        if isinstance(step, int):
            name = _name(data, rendered, whole=depth == len(path) - 1)
            if name is None:
                return None
            steps.append(Named(name))
            listed = rendered if isinstance(rendered, list) else []
            rendered = next((each for each in listed if isinstance(each, dict) and each.get("name") == name), None)
            continue
        key = "model" if path[:2] == ("spec", "predictor") and depth == 2 and step in FRAMEWORKS else step  # noqa: PLR2004
        steps.append(key)
        rendered = rendered.get(key) if isinstance(rendered, dict) else None
    return tuple(steps)


def _at(data: Any, steps: Steps) -> Any:
    """What is rendered at a place so far; None where nothing is."""
    for step in steps:
        if isinstance(step, Named):
            listed = data if isinstance(data, list) else []
            data = next((each for each in listed if isinstance(each, dict) and each.get("name") == step.name), None)
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def _fits(rendered: Any, value: Any) -> bool:
    """Whether a value comes out as it is over what is rendered: lists without names would be put behind one another."""
    if isinstance(value, dict) and isinstance(rendered, dict):
        return all(_fits(rendered.get(key), each) for key, each in value.items())
    if isinstance(value, list) and isinstance(rendered, list) and rendered:
        return all(isinstance(each, dict) and "name" in each for each in (*value, *rendered))
    return True


def _name(item: Any, rendered: Any, *, whole: bool) -> str | None:
    """The name by which a patch finds an item of the manifest's list, or of one that is added whole."""
    if rendered is None:
        rendered = []
    if not isinstance(rendered, list):
        return None
    names = [each.get("name") if isinstance(each, dict) else None for each in rendered]
    own = item.get("name") if isinstance(item, dict) else None
    if not isinstance(own, str) or names.count(own) > 1:
        return None
    return own if own in names or whole else None


def _lay(draft: Draft, base: tuple[str, str], steps: Steps, part: Part) -> None:
    """Put a part of the manifest at a place of the patch."""
    here: Any = draft.data.setdefault(base[0], {}).setdefault(base[1], {})
    path: Path = base
    for step, following in pairwise(steps):
        here, path = _below(here, path, step, [] if isinstance(following, Named) else {})
    last = steps[-1]
    value = cleaned(part.take())
    if isinstance(last, Named):
        here.append({**value, "name": last.name} if isinstance(value, dict) else value)
        path = (*path, len(here) - 1)
    else:
        here[last] = value
        path = (*path, last)
    draft.origins[path] = (part,)


def _below(here: Any, path: Path, step: str | Named, empty: Any) -> tuple[Any, Path]:
    if isinstance(step, str):
        return here.setdefault(step, empty), (*path, step)
    index = next((index for index, each in enumerate(here) if each.get("name") == step.name), None)
    if index is None:
        here.append({"name": step.name})
        index = len(here) - 1
    return here[index], (*path, index)
