"""A model that is brought along, from what a user names to an artifact that can be published."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from generator import platforms
from generator.errors import InputError, OutsideError
from generator.model.artifact import SOURCE, WRITTEN_BY
from generator.plan.formats import with_format
from generator.platforms import layouts_of, libraries
from generator.store import bring, read
from generator.store.evidence import read_golden
from generator.store.formats import formats, keras, mlflow
from generator.store.recognise import one_of, recognise
from generator.store.release import holds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.service import Service
    from generator.store.formats.base import Say
    from generator.store.objects import Store
    from generator.store.release import Release
    from generator.store.sources import Source

BY_ITSELF = ("runId", "modelId")
"""What tells a registered version from one of the same name in another registry."""


@dataclass(frozen=True)
class Evidence:
    """What the owner says of the model.

    Attributes:
        metrics: As ``generator.store.evidence.read_metrics`` gives them; empty where nobody measured.
        golden: A file with a golden pair, which is read when the model's signature is known; None where there is none.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    golden: Path | None = None

    @property
    def nothing(self) -> bool:
        """Whether they say nothing."""
        return not self.metrics and self.golden is None


def artifact_of(service: Service, path: Path, facts: Mapping[str, Any], evidence: Evidence, say: Say) -> Artifact:
    """The artifact of a model, in the layouts that the service's servers read, with what its owner says of it.

    Args:
        service: The service; a format that it leaves out is found.
        path: Where the model lies.
        facts: Where it came from (``Source.facts``).
        evidence: What its owner says of it.
        say: Told what is found and what is missing.

    Raises:
        InputError: It can't be published as that, or one of the files is wrong.
        OutsideError: Something can't be read.
    """
    if service.model.formats:
        raise InputError(
            "a model brought along has its one format.",
            fix="Take model.formats out; model.runtimes may name several servers of it.",
            place=service.place("model", "formats"),
        )
    service = formatted(service, path, say)
    path = part_of(path, service.model.format, say)
    file = evidence.golden
    made = bring.artifact_from_model(
        path,
        service.model.format,
        list(layouts_of(service)),
        service.model_name,
        say,
        golden=(lambda signature: read_golden(file, signature, say)) if file else None,
        warm_files=platforms.named(service).whole_folders,
    )
    for doubt in libraries.of_model(service, made.trained_with.get(WRITTEN_BY, {}), made.runtimes):
        say(doubt)
    known = {**made.trained_with, **({SOURCE: dict(facts)} if facts else {})}
    return replace(made, metrics=dict(evidence.metrics), trained_with=known)


def formatted(service: Service, path: Path, say: Say) -> Service:
    """The service with the format of a model, found where the file leaves it out, and said.

    Raises:
        InputError: The model is of no format, or of several that the service's servers read.
        OutsideError: It can't be read.
    """
    if service.model.format:
        return service
    found = recognise(path)
    if len(found) > 1:
        found = tuple(each for each in found if is_served(service, each)) or found
    if len(found) > 1:
        raise one_of(path, found)
    if found == (keras.FORMAT.id,) and not is_served(service, found[0]):
        raise keras.unserved(path)
    say(
        f"{path} is taken for a model of the format {found[0]}, by its content (the service file names no model.format)"
    )
    return with_format(service, found[0])


def part_of(path: Path, model_format: str, say: Say) -> Path:
    """What an MLflow model holds in a format of its own, where that one is asked for; else the path itself.

    Raises:
        InputError, OutsideError: It can't be read.
    """
    asked = formats().get(model_format)
    if asked is None or asked is mlflow.FORMAT or not (path / mlflow.FILE).is_file():
        return path
    try:
        inside = [place for part in mlflow.parts(path) for place in (part / "model.keras", part / "model", part)]
        found = [place for place in inside if place.exists() and asked.meant(place)]
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error
    if not found:
        return path
    say(f"of the MLflow model, {found[0].relative_to(path)} is published, for model.format is {model_format}")
    return found[0]


def is_served(service: Service, model_format: str) -> bool:
    """Whether the service's server runs a format that can be published for it."""
    try:
        bring.demand(model_format, list(layouts_of(with_format(service, model_format))))
    except InputError:
        return False
    return True


def published_before(store: Store, service: Service, source: Source) -> Release | None:
    """The release of that very version of a registry, with all layouts that are read now: nothing need be fetched.

    Raises:
        InputError: The service's server isn't known.
        OutsideError: The store can't be read, or a record in it is broken.
    """
    if source.path is not None or not any(key in source.facts for key in BY_ITSELF):
        return None
    for found in read.releases(store, service.name):
        if found.trained_with.get(SOURCE) == source.facts and service.model.format in ("", found.format):
            return found if holds(found, layouts_of(with_format(service, found.format))) else None
    return None
