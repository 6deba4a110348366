"""What it risks to apply a rendering over an earlier one, and the steps in which it goes without.

A rendering alone doesn't know what is on the cluster; a folder that is rendered into again holds what was there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.platforms import chosen
from generator.reading.documents import Document, iterate
from generator.rollout.dangers import dangers, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.rendering.render import Manifest, Rendering

MOVING = ("HTTPRoute", "VirtualService", "Service", "InferenceService")
"""The kinds whose change may lead requests to what doesn't run."""
MANY = 20
"""Services of one call that are looked at, some milliseconds each; of more than that ``validate`` tells."""
BETWEEN = (
    "No order of these objects avoids that; a state between the two does: a canary's step: 0, or on KServe "
    "strategy.canary.by: gateway, whose InferenceServices have names of their own."
)


def notes(renderings: Sequence[Rendering], earlier: Mapping[str, str]) -> Iterator[str]:
    """What each service's change risks, a sentence and its steps.

    Args:
        renderings: What is to be applied.
        earlier: File name to text of what was rendered before, of the same services.
    """
    rendered = {each.file: each for one in renderings for each in one.manifests}
    gone = [name for name in earlier if name not in rendered]
    moved = [one for one in renderings if any(_moves(each, earlier) for each in one.manifests)]
    if len(moved) > MANY:
        yield (
            f"{len(moved)} services change whom requests are led to: serinus validate --previous says of the folder as "
            "it was what that risks."
        )
        return
    for one in moved:
        names = [each.file for each in one.manifests if each.file in earlier]
        before = [document for name in (*names, *gone) for document in _documents(name, earlier[name])]
        after = [document for each in one.manifests for document in _documents(each.file, each.text)]
        yield from _told(one.service.name, before, after)


def _moves(manifest: Manifest, texts: Mapping[str, str]) -> bool:
    """Whether it is one that leads requests, and says another thing than before; the comments are no part of it."""
    if manifest.kind not in MOVING:
        return False
    old = texts.get(manifest.file)
    return old is None or _said(old) != _said(manifest.text)


def _said(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def _documents(name: str, text: str) -> Iterator[Document]:
    return (one for one in iterate(text.encode(), name) if isinstance(one, Document))


def _told(service: str, before: Sequence[Document], after: Sequence[Document]) -> Iterator[str]:
    """What is in danger; then the steps, where it is enough to hold that back until all pods are ready."""
    targets = chosen((), after[0].header if after else None)
    found = list(dangers(before, after, targets))
    if not found:
        return
    told = f"{service}: applied over what this folder held, requests are lost: {'; '.join(map(str, found))}."
    held = dict.fromkeys(each.route for each in found)
    first = _over(before, [each for each in after if key_of(each) not in held])
    if any(dangers(before, first, targets)) or any(dangers(first, _over(first, after), targets)):
        yield f"{told} {BETWEEN}"
        return
    names = " and ".join(map(str, held))
    yield (
        f"{told} Go in steps: 1. Apply all but {names}, and remove nothing. 2. When all pods are ready, apply {names}. "
        "3. Remove what is rendered no more."
    )


def _over(before: Sequence[Document], after: Sequence[Document]) -> list[Document]:
    """What is there once some documents are applied and nothing is removed."""
    return list({key_of(each): each for each in (*before, *after)}.values())
