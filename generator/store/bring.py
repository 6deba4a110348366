"""Models as artifacts that can be published, in the layouts that the service's platform reads.

A model brought along is looked at by its format (``generator.store.formats``); each layout says how its files lie
(``generator.store.layouts``). Nothing is copied: the artifact says where each part of a layout lies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError, OutsideError
from generator.model.artifact import WRITTEN_BY, Artifact
from generator.store.formats import formats
from generator.store.layouts import layouts, of_format
from generator.store.recognise import others

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.model.artifact import Golden, Signature
    from generator.store.formats.base import Format, Model, Say
    from generator.store.layouts.base import Layout


def artifact_from_model(
    path: Path,
    model_format: str,
    wanted: Sequence[str],
    service: str,
    say: Say,
    *,
    golden: Callable[[Signature | None], Golden] | None = None,
    warm_files: bool = True,
) -> Artifact:
    """Make an artifact of a model that was brought along.

    Args:
        path: What ``--model`` names.
        model_format: The format that the service file names.
        wanted: The ids of the layouts to make; ``generator.platforms.layouts_of`` gives them.
        service: The service's name, by which some servers call the model.
        say: Told what is missing, though the model can be published.
        golden: Gives the golden pair for the model's signature, where its owner has one.
        warm_files: Whether data to warm up with may lie in a folder of the model's
            (``generator.platforms.base.Platform.whole_folders``).

    Raises:
        InputError: The format can't be brought along or not in that layout, or the path isn't of that format.
        OutsideError: The path can't be read.
    """
    chosen = demand(model_format, wanted)
    looked = _look(path, model_format, say)
    pair = golden(looked.signature) if golden else None
    model = replace(looked, golden=pair, warm_files=warm_files)
    known = {**model.facts, **({WRITTEN_BY: dict(model.written_by)} if model.written_by else {})}
    artifact = Artifact(
        root=path, format=model_format, layouts=(), signature=model.signature, golden=pair, trained_with=known
    )
    return _arranged(artifact, model, chosen, service, say)


def artifact_in_layouts(
    artifact: Artifact, wanted: Mapping[str, str], service: str, say: Say, *, warm_files: bool = True
) -> Artifact:
    """A trained model in the layouts that are wanted, made of what was exported.

    Args:
        artifact: What training left.
        wanted: The layouts to make, each with the format that lies in it; ``generator.platforms.layouts_of`` gives
            them.
        service: As in ``artifact_from_model``.
        say: As in ``artifact_from_model``.
        warm_files: As in ``artifact_from_model``.

    Raises:
        InputError: The format can't have such a layout, wasn't exported, or what was exported is no model of it.
        OutsideError: They can't be read.
    """
    made = artifact
    for model_format in dict.fromkeys(wanted.values()):
        chosen = demand(model_format, [layout for layout, name in wanted.items() if name == model_format])
        model = _look(_exported(artifact, model_format), model_format, say)
        read_back = artifact.signature if model_format == artifact.format else None
        signature = read_back or model.signature
        known = replace(model, signature=signature, golden=artifact.golden, warm_files=warm_files)
        made = _arranged(made, known, chosen, service, say)
    return made


def _arranged(artifact: Artifact, model: Model, chosen: Sequence[Layout], service: str, say: Say) -> Artifact:
    """The artifact with further layouts of the model."""
    elsewhere, generated, runtimes = dict(artifact.elsewhere), dict(artifact.generated), dict(artifact.runtimes)
    for layout in chosen:
        parts = layout.arrange[model.format](model, service, say)
        elsewhere |= {f"{layout.id}/{place}".rstrip("/"): path for place, path in parts.local.items()}
        generated |= {f"{layout.id}/{place}": content for place, content in parts.generated.items()}
        if oldest := model.oldest.get(layout.id):
            runtimes[layout.id] = oldest
    return replace(
        artifact,
        layouts=(*artifact.layouts, *(layout.id for layout in chosen)),
        formats=artifact.formats | {layout.id: model.format for layout in chosen if model.format != artifact.format},
        runtimes=runtimes,
        elsewhere=elsewhere,
        generated=generated,
    )


def demand(model_format: str, wanted: Sequence[str]) -> list[Layout]:
    """The layouts, each of which the format can have; whoever asks before training knows it before, too.

    Raises:
        InputError: It can't, or isn't known at all.
    """
    if model_format not in formats():
        raise InputError(
            f"a model of the format '{model_format}' can't be brought along.", fix=nearest(model_format, formats())
        )
    possible = of_format(model_format)
    for layout in wanted:
        if layout not in possible:
            raise InputError(
                f"a model of the format '{model_format}' has no layout '{layout}', which this service's server reads.",
                fix=f"It can have: {', '.join(possible)}. Name a model.runtime that reads one of these.",
            )
    return [layouts()[layout] for layout in dict.fromkeys(wanted)]


def _look(path: Path, model_format: str, say: Say) -> Model:
    known = formats()[model_format]
    try:
        return known.look(_there(path, known), say)
    except InputError as error:
        found = others(path, model_format)
        if len(found) != 1:
            raise
        told = f"{error.message.removesuffix('.')}, and a model of the format {model_format} is wanted."
        fix = f"It is one of the format {found[0]}: write model.format: {found[0]}."
        raise InputError(told, fix=fix, place=error.place) from error
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error


def _there(path: Path, known: Format) -> Path:
    """A path at which something lies.

    Raises:
        InputError: Nothing does.
        OSError: It can't be looked at.
    """
    if path.exists():
        return path
    raise InputError(f"there is no {path}.", fix=f"--model wants {known.wanted}.")


def _exported(artifact: Artifact, model_format: str) -> Path:
    """Where a trained model lies in a format.

    Raises:
        InputError: It wasn't exported in it, or isn't there any more.
    """
    place = artifact.exports.get(model_format)
    if place is None:
        there = ", ".join(artifact.exports) or "nothing"
        raise InputError(
            f"the model in {artifact.root} was not exported as {model_format}; there is {there}.", fix="Train again."
        )
    path = artifact.root / place
    if not path.exists():
        raise InputError(f"there is no {path}, where the export was.", fix="Train again.")
    return path
