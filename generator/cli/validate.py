"""``serinus validate``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.checks import baseline as baselines
from generator.checks import outputs
from generator.checks.finding import Severity
from generator.checks.judging import remembered
from generator.checks.judging.job import Job, Options
from generator.checks.listing import ids
from generator.checks.platforms import asked, of_kubernetes
from generator.checks.sources import gitignore
from generator.checks.sources import skipped as passed_over
from generator.checks.sources.find import Files, find
from generator.checks.sources.read import read
from generator.checks.sources.skipped import STDIN
from generator.cli import progress
from generator.cli.faults import refuse_faults
from generator.cli.options import CONTEXT
from generator.cli.talk import put, put_data, remark, verbose
from generator.errors import InputError, OutsideError, Place
from generator.loading import repository
from generator.reading import lanes
from generator.reading.documents import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.finding import Report
    from generator.checks.judging.job import Checked
    from generator.checks.outputs import Output
    from generator.checks.sources.read import Sources

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

WATCHED = 1000
"""Files from which on a person at a terminal sees how far the run is; fewer are done at once."""

FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING}


@app.command()
def validate(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH… | -", help="Files, folders, globs; - is standard input.")
    ],
    platform: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME@RELEASE", help="Judge by this release, such as kserve@0.20; may be given often."),
    ] = None,
    kubernetes: Annotated[
        list[str] | None,
        typer.Option(metavar="RELEASE", help="Judge Kubernetes' own kinds by this release, such as 1.34."),
    ] = None,
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, json, sarif, junit or github.")
    ] = "text",
    file: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE|-", help="Write the report to a file, whole or not at all.")
    ] = "-",
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="error|warning", help="Exit with 1 where a finding is this bad or worse.  [default: error]"
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD", help="A file or folder with the objects as they are now: check the change as well."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Say nothing of what was wrong when FILE was written.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what is wrong now to FILE, for --baseline.")
    ] = None,
    *,
    strict: Annotated[
        bool | None,
        typer.Option(
            "--strict/--no-strict", help="An error is what would be skipped: unknown kinds, files without objects."
        ),
    ] = None,
    complete: Annotated[
        bool | None,
        typer.Option(
            "--complete/--no-complete", help="The files are all there is: a reference into nothing is a warning."
        ),
    ] = None,
    skip_foreign: Annotated[
        bool, typer.Option("--skip-foreign", help="Skip what is no manifest also where it is named, as hooks do.")
    ] = False,
    notes: Annotated[
        bool, typer.Option("--notes", help="Show notes as well, where text counts them and github leaves them out.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Judge anew what an earlier run has judged; remember nothing of it.")
    ] = False,
    no_webhooks: Annotated[
        bool, typer.Option("--no-webhooks", help="Judge as a cluster that has the CRDs but not the platforms.")
    ] = False,
) -> None:
    """Check manifests, ours or anyone's.

    Exits with 0 where nothing is wrong, 1 where something is, 2 where there is nothing to check, 3 where a file can't
    be read, 70 where a check itself broke. What holds for a whole repository stands in its serinus.toml.
    """
    _refuse_folders(file, write_baseline)
    settings = repository.load(Path())
    form, bar = _form(output), _bar(fail_on, settings)
    if baseline and write_baseline:
        raise InputError("--baseline and --write-baseline exclude one another.", fix="Write first, then use.")
    before = baselines.read(baseline) if baseline else None
    options = Options(
        webhooks=not no_webhooks,
        strict=settings.strict if strict is None else strict,
        complete=settings.complete if complete is None else complete,
        ignore=_ignored(settings),
    )
    releases = asked(
        [*(platform or ()), *of_kubernetes(kubernetes or ())], [*settings.platform, *of_kubernetes(settings.kubernetes)]
    )
    files = find(paths, settings.excludes, skip_foreign=skip_foreign and not options.strict)
    before_files = find([str(previous)]) if previous else Files()
    _refuse_overwriting(file, files)
    if STDIN in files.names and STDIN in before_files.names:
        raise InputError("standard input can't be both what is checked and --previous.", fix="Write one to a file.")
    earlier = read(before_files.names, sys.stdin.buffer, before_files.found)
    with progress.bar("Checking", quiet=len(files.names) < WATCHED) as draw:
        found = None if options.strict else files.found
        memory = None if no_cache else remembered.folder()
        job = Job(files.names, releases, options, earlier.entries, draw, found, memory)
        checked = remembered.recalled(job) or _judged(job)
    report, unread = checked.report, [*files.unread, *checked.unread]
    skipped = passed_over.lines(checked.skipped, every=verbose())
    for note in (*_unreadable(earlier), *report.remarks, *lanes.remarks(), *_unread_ends(files), *skipped):
        remark(f"note: {note}")
    if checked.remembered and verbose():
        remark("nothing has changed since an earlier run, whose verdicts these are; --no-cache judges anew.")
    _refuse_nothing(paths, checked, files)
    if write_baseline:
        _refuse_unread(unread, "No baseline was written.")
        before = baselines.of(report, write_baseline.parent)
        baselines.write(before, write_baseline)
        remark(f"{write_baseline}: {_findings(report)} written; --baseline {write_baseline} silences them from now on.")
    if before:
        if gone := before.gone(report):
            remark(f"note: {gone} of what {baseline} holds is mended; --write-baseline writes it anew.")
        report = before.silence(report)
    text = form.render(report, colour=file == "-" and _colour(), fail_on=bar, notes=notes)
    if file != "-":
        from generator.text.files import write_atomically  # noqa: PLC0415 (most reports go to standard output)

        write_atomically(Path(file), text.encode("utf-8", "backslashreplace"))
        remark(f"{file}: {report.summary}")
    else:
        (put if form.name == "text" else put_data)(text)
    refuse_faults(report, [*unread, *before_files.unread, *earlier.unread])
    _refuse_unread(unread, "The other files were checked.")
    _refuse_unread([*before_files.unread, *earlier.unread], "Changes of what stands there were not checked.")
    if report.failed(bar):
        raise typer.Exit(1)


def _judged(job: Job) -> Checked:
    from generator.checks.judging.run import check_files  # noqa: PLC0415 (what is remembered needs nobody who judges)

    return check_files(job, sys.stdin.buffer)


def _refuse_folders(file: str, write_baseline: Path | None) -> None:
    """What is written is a file."""
    if not file or Path(file).is_dir():
        raise InputError(f"--output {file or '(nothing)'}: name a file, or - for standard output.")
    if write_baseline and write_baseline.is_dir():
        raise InputError(f"--write-baseline {write_baseline}: this is a folder.", fix="Name a file.")


def _refuse_overwriting(file: str, files: Files) -> None:
    """A report takes no manifest's place; one of an earlier run in a folder may be written anew."""
    named = (name for name in files.names if name != STDIN and name not in files.found.names)
    if file != "-" and os.path.realpath(file) in map(os.path.realpath, named):
        raise InputError(f"--output {file}: this is one of the files to check.", fix="Name another file.")


def _form(name: str) -> Output:
    if name not in outputs.names():
        raise InputError(f"--format {name} isn't known.", fix=f"Known: {', '.join(outputs.names())}.")
    return outputs.load(name)


def _bar(option: str | None, settings: repository.Settings) -> Severity:
    """How bad a finding must be to fail the run; the command wins over the repository."""
    name = option or settings.fail_on or "error"
    if name in FAIL_ON:
        return FAIL_ON[name]
    fix = f"Known: {', '.join(FAIL_ON)}."
    if option:
        raise InputError(f"--fail-on {name} isn't known.", fix=fix)
    raise InputError(f"{name!r} isn't known.", fix=fix, place=Place(str(settings.file), path="validate.fail-on"))


def _ignored(settings: repository.Settings) -> frozenset[str]:
    """The rules that the repository silences; a misspelt one would silence nothing, so it is refused."""
    known = ids() if settings.ignore else frozenset()
    unknown = [name for name in settings.ignore if name not in known]
    if unknown:
        raise InputError(
            f"there is no rule {', '.join(unknown)}.",
            fix="serinus rules lists them.",
            place=Place(str(settings.file), path="validate.ignore"),
        )
    return frozenset(settings.ignore)


def _unread_ends(files: Files) -> Iterator[str]:
    """Each .gitignore that is read in part."""
    for path in files.cut:
        yield f"{path}: only its first {gitignore.LONGEST:_} bytes are read; what the rest ignores is checked."


def _unreadable(earlier: Sources) -> Iterator[str]:
    """What of the objects as they were can't be compared."""
    for entry in earlier.entries:
        if isinstance(entry, Broken) and not entry.trace:
            yield f"{entry.file}:{entry.line}: no change of this is checked, it can't be read: {entry.message}"


def _refuse_nothing(paths: list[str], checked: Checked, files: Files) -> None:
    """Nothing to check is a mistake of the command, unless all of it was known as something else, or excluded."""
    nothing = not checked.report.summary.documents
    if files.excluded:
        plural = "file" if files.excluded == 1 else "files"
        remark(f"note: serinus.toml excludes {files.excluded} {plural}.")
    elif nothing and checked.skipped:
        remark(f"note: there is no manifest in {', '.join(paths)}; all that was found is named above.")
    elif nothing and not files.unread and not checked.unread:
        raise InputError(
            f"there is nothing to check in {', '.join(paths)}.",
            fix="Name files with Kubernetes objects, or folders that hold some.",
        )


def _refuse_unread(unread: list[str], otherwise: str) -> None:
    if unread:
        raise OutsideError(" ".join(unread), fix=otherwise)


def _findings(report: Report) -> str:
    count = len(report.findings)
    return f"{count} {'finding' if count == 1 else 'findings'}"


def _colour() -> bool:
    """Whether standard output is a terminal of someone who doesn't mind colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
