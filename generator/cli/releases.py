"""``serinus releases``."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path  # noqa: TC003 (Typer reads the annotations)
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.options import CONTEXT, Environment, ServiceFile, Sets
from generator.cli.talk import put_data, remark, say, show
from generator.decoding.exact import nearest
from generator.errors import InputError, OutsideError
from generator.loading.load import load
from generator.plan import lock as lock_file
from generator.store import prune as pruning
from generator.store import read
from generator.store.bom import bom
from generator.store.compare import Change
from generator.store.compare import compare as changes_of
from generator.store.connect import open_store
from generator.store.release import SHORT, Release, to_json
from generator.text.json import escaped
from generator.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.service import Service
    from generator.store.objects import Store

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

MOST_METRICS = 4
MOST = 1e300
WORDS: Mapping[str, int] = {"show": 1, "compare": 2, "bom": 1, "prune": 0}
"""What can be done with releases, and how many of them it names."""


class Format(StrEnum):
    """How releases are printed."""

    TEXT = "text"
    JSON = "json"


@app.command()
def releases(
    file: ServiceFile,
    word: Annotated[
        str | None, typer.Argument(metavar="[show N|compare N M|bom N|prune]", help="Without it they are listed.")
    ] = None,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="N", help="A release's number, or latest.")] = None,
    environment: Environment = None,
    sets: Sets = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="Text, or JSON (a list of the records).")
    ] = Format.TEXT,
    keep: Annotated[int | None, typer.Option(metavar="N", help="For prune: how many of the newest stay.")] = None,
    lock: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="For prune: one more lock file whose releases stay, of a branch or a fellow."
        ),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="For prune: say what would go, and remove nothing.")
    ] = False,
) -> None:
    """List the published releases of a service; show, compare, prune them.

    The newest first. A record that can't be read is an error, after the others are printed. compare says which changes
    of inputs and outputs break clients; bom prints a CycloneDX ML-BOM; prune removes old releases for good, but none
    that a lock file names.
    """
    _check_words(word, numbers or [], keep, lock, dry_run=dry_run)
    service = load(file, environment=environment, sets=sets or ())
    store = open_store(service.publish_url, service.releases.endpoint)
    chosen = [read.resolve(store, service.name, number) for number in numbers or []]
    if word is None:
        _list(store, service, output_format)
    elif word == "prune":
        _prune(store, service, keep or 0, lock or [], dry_run=dry_run)
    elif word == "bom":
        put_data(bom(chosen[0]))
    elif word == "show":
        _show(store, chosen[0], output_format)
    else:
        _compare(chosen[0], chosen[1], output_format)


def _check_words(
    word: str | None, numbers: Sequence[str], keep: int | None, lock: list[Path] | None, *, dry_run: bool
) -> None:
    """Hold what was typed against what each word takes.

    Raises:
        InputError: It takes something else.
    """
    if word is not None and word not in WORDS:
        raise InputError(f"releases can't do '{word}'.", fix=nearest(word, WORDS))
    if word is not None and len(numbers) != WORDS[word]:
        wanted = ("no release", "one release", "two releases")[WORDS[word]]
        raise InputError(f"releases {word} takes {wanted}, and {len(numbers)} are named.")
    if word == "prune" and keep is None:
        raise InputError("releases prune has to know how many stay.", fix="For example: --keep 10.")
    if word != "prune" and (keep is not None or lock or dry_run):
        raise InputError(
            "--keep, --lock and --dry-run are for releases prune.", fix="serinus releases FILE prune --keep N"
        )


def _list(store: Store, service: Service, output_format: Format) -> None:
    found = list(read.survey(store, service.name))
    whole = [item for item in found if isinstance(item, Release)]
    if output_format is Format.JSON:
        _data([_record(store, release) for release in whole])
    elif whole:
        show(_table([("VERSION", "DIGEST", "FORMAT", "MB", "METRICS"), *map(_row, whole)]))
    if not found:
        remark(f"{service.name} has no release in {store.name} yet")
    broken = [item for item in found if isinstance(item, OutsideError)]
    for error in broken[1:]:
        say(f"serinus: {error}")
    if broken:
        raise broken[0]


def _show(store: Store, release: Release, output_format: Format) -> None:
    if output_format is Format.JSON:
        _data(_record(store, release))
        return
    facts = [
        ("url", store.url_of(release.path)),
        ("digest", f"sha256:{release.digest}"),
        ("format", release.format),
        (
            "layouts",
            ", ".join(f"{layout} ({release.formats.get(layout, release.format)})" for layout in release.layouts),
        ),
        ("needs", ", ".join(f"{layout} {oldest} or newer" for layout, oldest in sorted(release.runtimes.items()))),
        ("files", f"{len(release.files)}, {release.size / 1e6:.1f} MB"),
    ]
    if release.signature:
        for side, tensors in (("input", release.signature.inputs), ("output", release.signature.outputs)):
            facts += [(side, f"{each.name} {each.dtype} [{_shape(each.shape)}]") for each in tensors]
    facts += [(name, f"{value:.6g}") for name, value in _numbers(release.metrics).items()]
    data = release.trained_with.get("data")
    if isinstance(data, dict):
        facts += [(f"data {name}", str(data[name])) for name in ("name", "fingerprint", "licence") if name in data]
    show(_table([(name, printable(text)) for name, text in facts if text]))


def _compare(one: Release, other: Release, output_format: Format) -> None:
    changes = changes_of(one, other)
    breaking = [change for change in changes if change.breaking]
    if output_format is Format.JSON:
        _data(
            {
                "from": one.version,
                "to": other.version,
                "breaking": bool(breaking),
                "changes": [asdict(change) for change in changes],
            }
        )
        return
    if not changes:
        remark(f"{one.service} {one.version} and {other.version} have the same content, signature and metrics")
        return
    show(_table([("WHAT", str(one.version), str(other.version), ""), *map(_change, changes)]))
    for change in breaking:
        say(f"breaking: {change.what}: {change.breaking}")


def _change(change: Change) -> tuple[str, ...]:
    before, after = (
        f"{value:.6g}" if isinstance(value, float) else "-" if value is None else printable(str(value))
        for value in (change.before, change.after)
    )
    return printable(change.what), before, after, "breaking" if change.breaking else ""


def _prune(store: Store, service: Service, keep: int, locks: Sequence[Path], *, dry_run: bool) -> None:
    pinned: dict[str, list[str]] = {}
    for path in dict.fromkeys([lock_file.path_of(service), *locks]):
        if path in locks and not path.is_file():
            raise InputError(f"there is no lock file {path}.", fix="--lock wants the path of a serinus.lock.")
        for pin in lock_file.all_pins(lock_file.read(path)):
            pinned.setdefault(pin.path, []).append(str(path))
    selection = pruning.select(store, service.name, keep, {path: set(names) for path, names in pinned.items()})
    for version, names in selection.kept.items():
        remark(f"{service.name} {version} stays: {names} names it")
    if dry_run:
        for release in selection.gone:
            show(f"{service.name} {release.version} would go: {len(release.files)} files, {release.size / 1e6:.1f} MB")
    else:
        pruning.remove(store, service.name, selection, show)
    if not selection.gone and not selection.unfinished:
        remark(f"nothing to remove of {service.name}")


def _record(store: Store, release: Release) -> dict[str, Any]:
    return {**json.loads(to_json(release)), "url": store.url_of(release.path)}


def _data(content: object) -> None:
    put_data(escaped(json.dumps(content, indent=2, ensure_ascii=False)) + "\n")


def _row(release: Release) -> tuple[str, ...]:
    shown = list(_numbers(release.metrics).items())[:MOST_METRICS]
    metrics = " ".join(f"{name}={value:.4g}" for name, value in shown)
    formats = ", ".join(dict.fromkeys([release.format, *release.formats.values()]))
    size = f"{release.size / 1e6:.1f}"
    return str(release.version), release.digest[:SHORT], printable(formats), size, metrics or "-"


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The plain numbers at the top of the metrics, by name."""
    return {printable(name): value for name, value in sorted(metrics.items()) if _is_number(value)}


def _is_number(value: Any) -> bool:
    # Beyond that a whole number has no digits to shorten.
    return isinstance(value, int | float) and not isinstance(value, bool) and -MOST < value < MOST


def _shape(shape: Sequence[int | None]) -> str:
    return ", ".join("?" if size is None else str(size) for size in shape)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
