"""What lies in a folder and is no manifest: why it was passed over, and what to say of it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"
SHOWN = 3
"""Names that a line gives as examples."""


class Why(enum.StrEnum):
    """Why a file isn't judged."""

    CHART = "chart"
    TEMPLATE = "template"
    KUSTOMIZE = "kustomize"
    SERVICE = "service"
    RECORD = "record"
    """What Serinus keeps for itself, such as a baseline; nobody wants to hear of that at each run."""
    FOREIGN = "foreign"


class Skipped(NamedTuple):
    """One file.

    Attributes:
        file: As the run names it.
        why: A value of ``Why``.
        of: The folder of its chart or of its kustomization; empty for the others, and on standard input.
    """

    file: str
    why: str
    of: str = ""


def lines(skipped: Iterable[Skipped], command: str = "validate", *, every: bool = False) -> Iterator[str]:
    """One line a chart, then one for each other kind of file.

    Args:
        skipped: The files.
        command: Who passed them over, for the line that takes what they make.
        every: A line for each file as well.
    """
    files = sorted(skipped)
    if every:
        yield from (f"skipped: {one.file}" for one in files)
    charts: dict[str, int] = {}
    for one in files:
        if one.why == Why.CHART:
            charts[one.of] = charts.get(one.of, 0) + 1
    for chart, count in charts.items():
        yield (
            f"{chart} is a Helm chart; {_count(count, 'template')} skipped. Render it first: "
            f"helm template {chart} | serinus {command} -"
        )
    for why, told in TOLD.items():
        those = [one for one in files if one.why == why]
        if those:
            yield told(those, command)


def _templates(those: list[Skipped], command: str) -> str:
    return f"{_count(len(those), 'template')} skipped ({_names(those)}). Render them first: … | serinus {command} -"


def _kustomize(those: list[Skipped], command: str) -> str:
    folders = list(dict.fromkeys(one.of for one in those))
    where = f"each of {len(folders)} folders, such as {folders[0]}" if len(folders) > 1 else folders[0]
    told = f"{_count(len(those), 'file')} of kustomize skipped ({_names(those)})."
    folders = [folder for folder in folders if folder]
    if not folders:
        return told
    verb = "Check" if command == "validate" else "Take"
    return f"{told} {verb} what it builds of {where}: kustomize build {folders[0]} | serinus {command} -"


def _services(those: list[Skipped], command: str) -> str:
    told = f"{_count(len(those), 'service file')} skipped ({_names(those)})."
    files = [one.file for one in those if one.file != STDIN]
    if command != "validate" or not files:
        return told
    return f"{told} Check what it renders: serinus render {files[0]} | serinus validate -"


def _foreign(those: list[Skipped], _: str) -> str:
    return f"{_count(len(those), 'file')} without a Kubernetes object (apiVersion and kind) skipped ({_names(those)})."


TOLD = {Why.TEMPLATE: _templates, Why.KUSTOMIZE: _kustomize, Why.SERVICE: _services, Why.FOREIGN: _foreign}
"""The lines of all but charts and our own records, in their order."""


def _names(those: list[Skipped]) -> str:
    more = ", …" if len(those) > SHOWN else ""
    return ", ".join("standard input" if one.file == STDIN else one.file for one in those[:SHOWN]) + more


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
