"""A ``.keras`` file on its way to a release: no server reads it, so it is converted, by the extra ``train``."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.artifact import CONVERTED
from generator.plan.formats import USUAL, with_format
from generator.store.brought import is_served, part_of
from generator.store.formats import formats, keras
from generator.store.read import releases
from generator.store.release import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.service import Service
    from generator.store.objects import Store
    from generator.store.release import Release
    from trainer.keras_file import Converted


def target(service: Service, path: Path, say: Callable[[str], None]) -> tuple[str, Path]:
    """The format that a model is converted to, and the file; no format where it is published as it is.

    MLflow keeps models of Keras as such files, and some as a SavedModel beside them, which is taken as it is.

    Raises:
        InputError, OutsideError: The path can't be read.
    """
    wanted, inside = service.model.format or USUAL, path
    if service.model.format and part_of(path, wanted, _silence) == path:
        inside = part_of(path, keras.FORMAT.id, _silence)
    if inside.suffix.lower() != keras.SUFFIX or not inside.is_file() or is_served(service, keras.FORMAT.id):
        return "", path
    from trainer.keras_file import converts_to  # noqa: PLC0415 (for few, and the trainer is no part of the generator)

    if not converts_to(wanted):
        return "", path
    if inside != path:
        say(f"of the MLflow model, {inside.relative_to(path)} is published, for model.format is {wanted}")
    return wanted, inside


def _silence(_: str) -> None:
    """What is said of a part is said when it is published."""


def before(store: Store, service: Service, path: Path, wanted: str) -> Release | None:
    """The release of the same file in that format, by the same libraries, with all layouts that are read now.

    Raises:
        InputError: The extra ``train`` isn't installed, or the service's server isn't known.
        OutsideError: The store or the file can't be read.
    """
    from generator.platforms import layouts_of  # noqa: PLC0415 (as above)
    from trainer.keras_file import origin  # noqa: PLC0415 (as above)

    started, layouts = origin(path), layouts_of(with_format(service, wanted))
    for found in releases(store, service.name):
        if found.trained_with.get(CONVERTED) == started and holds(found, layouts):
            return found
    return None


@contextlib.contextmanager
def converted(path: Path, wanted: str, say: Callable[[str], None]) -> Iterator[Converted]:
    """The model in the other format, for as long as it is sent.

    Raises:
        InputError: It isn't whole, holds code that isn't Keras' own, or Keras doesn't load it.
        AnswerIsNoError: What was exported answers otherwise.
        OutsideError: It can't be written.
    """
    from trainer.keras_file import convert  # noqa: PLC0415 (as above)

    keras.demand_own(formats()[keras.FORMAT.id].look(path, lambda _: None))  # told before Keras is asked
    say(f"{path} is Keras' own format, which no server reads: it is converted to {wanted}")
    with tempfile.TemporaryDirectory(prefix="serinus-") as folder:
        found = convert(path, wanted, Path(folder))
        held = found.facts["parity"][wanted]
        say(f"its answers are off by {held['largestDifference']:g} at most, as {held['evaluator']} gives them")
        yield found
