"""``serinus expand``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.checks.children import Made, outcome_of
from generator.checks.expanded import Said, as_json, as_yaml, sentences
from generator.checks.platforms import asked, chosen
from generator.checks.sources import skipped as passed_over
from generator.checks.sources.find import find
from generator.checks.sources.read import read
from generator.checks.subject import Index, kind_of
from generator.cli.options import CONTEXT, Environment, Sets
from generator.cli.places import service_files
from generator.cli.talk import put_data, remark, say
from generator.errors import InputError, OutsideError
from generator.loading import repository
from generator.outcome import maker
from generator.outcome.proven import unproven
from generator.reading.documents import Broken, Document
from generator.schemas.products import owned_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from generator.checks.platforms import Asked
    from generator.checks.sources.skipped import Skipped
    from generator.schemas import Target

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FORMATS = ("yaml", "json")
STEP_FORMATS = ("text", "json")


@app.command()
def expand(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH… | -", help="Manifests: files, folders, globs; service files where named."),
    ],
    platform: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME@RELEASE", help="The controller's release, such as kserve@0.20; may be given often."),
    ] = None,
    environment: Environment = None,
    sets: Sets = None,
    output: Annotated[
        str | None,
        typer.Option("--format", metavar="yaml|text|json", help="For people, the steps as text, or for programs."),
    ] = None,
    *,
    origins: Annotated[
        bool, typer.Option("--origins", help="Say at each field where it came from; json always does.")
    ] = False,
    steps: Annotated[
        bool,
        typer.Option("--steps", help="Service files: each step of the roll-out, what changes, and what that risks."),
    ] = False,
) -> None:
    """Show what the platforms' controllers will make of manifests: Deployments, Services, routes.

    Computed from the files, without a cluster. What the set holds of runtimes and settings wins over what ships with
    the release. What can't be known is told on standard error.
    """
    forms = STEP_FORMATS if steps else FORMATS
    output = output or forms[0]
    if output not in forms:
        raise InputError(f"--format {output} isn't known here.", fix=f"Known: {', '.join(forms)}.")
    if steps:
        _refuse_beside_steps({"--platform": platform, "--origins": origins})
        _tell_steps(paths, environment, sets or [], output)
        return
    if origins and output == "json":
        raise InputError("--origins has no effect beside --format json, which says them anyway.", fix="Leave it out.")
    settings = repository.load(Path())
    releases = asked(platform or (), settings.platform)
    documents, broken = _given(paths, settings, environment, sets or [])
    made, said = _expanded(documents, releases)
    for note in (*releases.remarks, *_unproven(documents, releases), *sentences(said)):
        remark(f"note: {note}")
    if not made and not said:
        say(f"nothing is made of {_plural(len(documents), 'document')}: no controller known here has such a kind.")
    put_data(as_json(made, said) if output == "json" else as_yaml(made, origins=origins))
    if broken:
        first = broken[0]
        raise InputError(
            f"{first.file}:{first.line}: {first.message}.",
            fix="What could be read is expanded; serinus validate tells of the rest.",
        )


def _refuse_beside_steps(others: dict[str, object]) -> None:
    for name, given in others.items():
        if given:
            raise InputError(f"{name} has no effect beside --steps.", fix="Leave it out.")


def _tell_steps(paths: list[str], environment: str | None, sets: list[str], output: str) -> None:
    """The steps of service files.

    Raises:
        InputError, OutsideError: As loading and rendering do.
    """
    from generator.cli.render import loaded  # noqa: PLC0415 (manifests need none of it)
    from generator.rollout import steps  # noqa: PLC0415 (as above)

    told = []
    for file in service_files(paths):
        service, locked, templates = loaded(file, environment, sets)
        told += list(steps.steps(service, locked, templates))
    put_data(steps.as_json(told) if output == "json" else steps.as_text(told))


def _given(
    paths: list[str], settings: repository.Settings, environment: str | None, sets: list[str]
) -> tuple[list[Document], list[Broken]]:
    """The documents of manifests, and those that named service files render.

    Raises:
        InputError: There are none, or a service file is wrong.
        OutsideError: A file can't be read.
    """
    files = find(paths, settings.excludes)
    sources = read(files.names, sys.stdin.buffer, files.found)
    services = [one for one in sources.skipped if _named_service(one, files.found.names)]
    if (environment or sets) and not services:
        raise InputError("-e and --set are for service files, and none is named.", fix="Leave them out.")
    unread = [*files.unread, *sources.unread]
    if unread:
        raise OutsideError(" ".join(unread))
    entries = [*sources.entries, *_rendered(services, environment, sets)]
    rest = [one for one in sources.skipped if one not in services]
    for line in passed_over.lines(rest, "expand"):
        remark(f"note: {line}")
    documents = [one for one in entries if isinstance(one, Document)]
    broken = [one for one in entries if isinstance(one, Broken)]
    if not documents and not broken:
        raise InputError(
            f"there is nothing to expand in {', '.join(paths)}.", fix="Name files with Kubernetes objects."
        )
    return documents, broken


def _named_service(one: Skipped, found: AbstractSet[str]) -> bool:
    """Whether a file is a service file that the command names; one that a folder holds is passed over."""
    return one.why == passed_over.Why.SERVICE and one.file not in found


def _rendered(services: Sequence[Skipped], environment: str | None, sets: list[str]) -> Iterator[Document | Broken]:
    """What named service files render; each object is in a file of its own, as ``render -o`` writes it."""
    if not services:
        return
    from generator.cli.render import render_one  # noqa: PLC0415 (manifests need none of it)
    from generator.reading.documents import iterate  # noqa: PLC0415 (as above)

    for service in services:
        for manifest in render_one(Path(service.file), environment, sets).manifests:
            yield from iterate(manifest.text.encode(), manifest.file)


def _expanded(documents: Sequence[Document], releases: Asked) -> tuple[list[Made], list[Said]]:
    """The children of all documents, in the documents' order, and what isn't known of them."""
    index = Index.of(documents)
    made: list[Made] = []
    said: list[Said] = []
    for document in documents:
        for target in _owners(document, releases):
            become = outcome_of(index, document, target)
            made += [Made(child, document, become.changed) for child in become.outcome.children]
            every = (*become.outcome.gaps, *become.outcome.remarks)
            said += [Said(document, replace(one, path=become.changed.origin(one.path))) for one in every]
    return made, said


def _unproven(documents: Sequence[Document], releases: Asked) -> Iterator[str]:
    """What is said of releases whose controller nobody could ask, where something is made by one."""
    asked_for = {
        target[:2]: None
        for document in documents
        for target in _owners(document, releases)
        if maker(target.product, kind_of(document))
    }
    for product, version in asked_for:
        words = unproven(product, version)
        if words:
            yield f"{words}."


def _owners(document: Document, releases: Asked) -> list[Target]:
    """The releases whose controllers have the document's kind."""
    group = kind_of(document).group
    every = chosen(releases.targets, document.header, releases.fallback)
    return [target for target in every if group in owned_groups(target.product)]


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
