"""Making a draft one that loads and renders: what a service file or its platform refuses is taken out, and told.

So no value of a manifest, however odd, can make a file that doesn't load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks import service_pods
from generator.convert import writing
from generator.decoding.exact import shown
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.plan import lock
from generator.rendering.render import render

if TYPE_CHECKING:
    from generator.convert.draft import Draft
    from generator.reading.documents import Path
    from generator.rendering.render import Rendering
    from generator.service import Service

FILE = "serinus.yaml"
"""What the file is called in messages while it isn't written."""

GATEWAY = "gateway"
STAND_IN = {"name": "stand-in", "host": "stand-in.example.com"}
"""The least that a Gateway is."""

MOST_ROUNDS = 1000
LONGEST_KEY = 500
"""Of 1,024 characters that a key of YAML may have on its line; escaped, one may take up to twelve, two on average."""

OPTIONAL = frozenset(
    (
        "labels",
        "annotations",
        "store",
        "model",
        "gateway",
        "replicas",
        "rollout",
        "resources",
        "serviceAccount",
        "access",
        "container",
        "pod",
        "transformer",
        "explainer",
        "logger",
        "batcher",
        "server",
        "patches",
    )
)
"""What may go where the platform refuses it; a strategy, a variant, a name stay, and the person decides."""


def load(draft: Draft) -> Service:
    """The service that a draft says, without what no service file may say.

    Raises:
        InputError: Nothing is left that is a service.
    """
    for path in [path for path in draft.paths() if path and len(repr(path[-1])) > LONGEST_KEY]:
        draft.lose(path, "YAML takes no key of more than 1,024 characters")
    for _ in range(MOST_ROUNDS):
        try:
            text = writing.text(draft.ordered(), above={})
            return build(parse(text, FILE), FILE)
        except InputError as error:
            _take_out(draft, error, error.message)
    raise InputError("too much of it can't stand in a service file.")


def rendered(draft: Draft) -> tuple[Service, Rendering | None, InputError | None]:
    """The service, and what is rendered of it, without what its platform refuses; or why it refuses the rest.

    A Gateway that is missing is the person's to name. What else is refused once it is there goes out all the same, so
    that the note about the Gateway is the last word: it is tried with one that stands in.

    Raises:
        InputError: As ``load``.
    """
    service, rendering, refusal = _tried(draft)
    if refusal is None or refusal.place is None or refusal.place.path != GATEWAY or GATEWAY in draft.data:
        return service, rendering, refusal
    draft.data[GATEWAY] = dict(STAND_IN)
    _tried(draft)
    draft.data.pop(GATEWAY, None)
    return _tried(draft)


def _tried(draft: Draft) -> tuple[Service, Rendering | None, InputError | None]:
    """As ``rendered``, with what is there."""
    for _ in range(MOST_ROUNDS):
        service = load(draft)
        try:
            service_pods.hold(service)
            return service, render(service, lock.Lock()), None
        except InputError as error:
            path = _path_of(draft, error)
            if not path or path[0] not in OPTIONAL or path in (("model",), ("model", "format")):
                return service, None, error
            _take_out(draft, error, f"{error.message} {error.fix}".strip())
    raise InputError("too much of it can't stand in a service file.")


def _path_of(draft: Draft, error: InputError) -> Path:
    """The place in the draft that an error speaks of; where nothing stands there, the nearest around it."""
    wanted = error.place.path if error.place else ""
    for path in sorted(draft.paths(), key=len, reverse=True):
        text = shown(path)
        if text == wanted or (path and wanted.startswith((f"{text}.", f"{text}["))):
            return path
    return ()


def _take_out(draft: Draft, error: InputError, why: str) -> None:
    """Take out what an error speaks of.

    Raises:
        InputError: That would be the whole file.
    """
    path = _path_of(draft, error)
    parent = draft.get(*path[:-1])
    if isinstance(parent, dict) and path[-1:] == ("value",) and "name" in parent and len(path) > 1:
        path = path[:-1]
    if not path or path[0] in ("apiVersion", "kind", "name", "platform"):
        raise error
    for part in draft.drop(path):
        part.source.lost[part.path] = why
        draft.refused.append(part)
