"""``serinus convert``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from generator.checks.sources import skipped as passed_over
from generator.checks.sources.find import find
from generator.checks.sources.read import read
from generator.cli.faults import refuse_unread_by_us
from generator.cli.options import CONTEXT, Quiet
from generator.cli.places import folder as named_folder
from generator.cli.talk import put_data, say, silent
from generator.convert import Conversion, Refused, Target, convert
from generator.convert.grouping import convertible
from generator.errors import InputError, OutsideError, Place
from generator.reading.documents import Broken, Document
from generator.text.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command(name="convert")
def convert_manifests(
    paths: Annotated[
        list[str], typer.Argument(metavar="MANIFEST… | -", help="Files, folders, globs; - is standard input.")
    ],
    to: Annotated[
        str | None,
        typer.Option(metavar="PLATFORM", help="Such as kserve, kserve@0.20 or seldon-core-2; else the manifest's own."),
    ] = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR|-", help="A folder, one file a service; - is standard output.")
    ] = "-",
    force: Annotated[bool, typer.Option("--force", help="Write over service files that are there.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write service files from existing manifests.

    Reads InferenceServices, InferenceGraphs, SeldonDeployments, and Seldon Core 2's Models, Experiments and Pipelines.
    What can't be carried over, and what will be otherwise once the file is rendered, is listed on standard error and at
    the end of the service file.
    """
    if force and output == "-":
        raise InputError("--force has no effect without -o DIR.")
    into = None if output == "-" else named_folder(output, otherwise=", or -o - for standard output")
    target = Target.parse(to) if to is not None else None
    files = find(paths)
    sources = read(files.names, sys.stdin.buffer, files.found)
    documents = [entry for entry in sources.entries if isinstance(entry, Document)]
    broken = [entry for entry in sources.entries if isinstance(entry, Broken)]
    tell = silent if quiet else say
    for line in passed_over.lines(sources.skipped, "convert"):
        tell(f"note: {line}")
    _tell_others(documents, tell)
    outcomes = convert(documents, target)
    done = [each for each in outcomes if isinstance(each, Conversion)]
    refused = [each for each in outcomes if isinstance(each, Refused)]
    _write(done, into, tell, force=force)
    refuse_unread_by_us(broken)
    for each in broken:
        say(f"{Place(each.file, each.line, each.column)}: {each.message}.")
    for refusal in refused:
        say(f"{refusal.document.place()}: {_named(refusal.document)} can't be converted: {refusal.why}")
    unread = [*files.unread, *sources.unread]
    if unread:
        raise OutsideError(" ".join(unread), fix="The other files were converted." if done else "")
    if sources.skipped and not sources.entries:
        say(f"note: there is no manifest in {', '.join(paths)}; all that was found is named above.")
        return
    if not done and not broken and not refused:
        raise InputError(
            f"there is nothing to convert in {', '.join(paths)}.",
            fix="Name files with InferenceServices, SeldonDeployments, or Seldon Core 2's Models.",
        )
    if broken or refused:
        count = len(broken) + len(refused)
        raise InputError(
            f"{count} {'document' if count == 1 else 'documents'} couldn't be converted.",
            fix="The others were." if done else "",
        )


def _named(document: Document) -> str:
    return f"{document.kind} {document.name}" if document.name else f"{document.kind} without a name"


def _tell_others(documents: Sequence[Document], tell: Callable[[str], None]) -> None:
    """Say what is left alone: it is no service, or of a version that isn't read."""
    others: dict[str, int] = {}
    for document in documents:
        if not convertible(document):
            label = f"{document.api_version} {document.kind}".strip() or "object without a kind"
            others[label] = others.get(label, 0) + 1
    for label, count in sorted(others.items()):
        tell(f"note: {label} ({count}) left alone: no service that could be converted.")


def _write(done: Sequence[Conversion], folder: Path | None, tell: Callable[[str], None], *, force: bool) -> None:
    """Write the service files, and say what they lack."""
    if folder is None:
        if len(done) > 1:
            raise InputError(
                f"{len(done)} services are here, and standard output takes one service file.",
                fix="Write -o DIR for a file a service.",
            )
        for each in done:
            _tell(each, tell)
            put_data(each.text)
        return
    targets = [folder / name for name in file_names(done)]
    there = [path for path in targets if path.exists()]
    if there and not force:
        raise InputError("there is such a file already.", fix="--force writes over it.", place=Place(str(there[0])))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(f"can't be made: {error.strerror}.", place=Place(str(folder))) from None
    for path, each in zip(targets, done, strict=True):
        _tell(each, tell)
        write_atomically(path, each.text.encode())
    if done:
        tell(f"{folder}: {len(done)} {'service file' if len(done) == 1 else 'service files'} written.")


def file_names(done: Sequence[Conversion]) -> list[str]:
    """A file's name for each service: its own, with the namespace and then a number where that is taken."""
    taken: set[str] = set()
    names = []
    for each in done:
        base = each.name
        if base in taken and each.service.namespace:
            base = f"{each.name}-{each.service.namespace}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        names.append(f"{name}.yaml")
    return names


def _tell(conversion: Conversion, tell: Callable[[str], None]) -> None:
    for note in conversion.notes:
        tell(f"note: {conversion.name}: {note}")
    for lost in conversion.lost:
        tell(f"{'otherwise' if lost.otherwise else 'not carried over'}: {lost}")
