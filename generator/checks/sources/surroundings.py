"""What the folders around a file say of it: that it is a chart's template, or a part of a kustomization.

Sources: https://helm.sh/docs/topics/charts/ and https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from generator.reading.documents import Document, iterate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

CHART = "Chart.yaml"
TEMPLATES = "templates"
KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))

_FILES = ("patchesStrategicMerge", "transformers", "generators", "validators", "configurations")
_WITH_PATH = ("patches", "patchesJson6902", "replacements")


def charts_templates(folder: str, folders: Collection[str], names: Collection[str]) -> str:
    """The folder of a chart's templates, where ``folder`` is a chart's; else an empty text."""
    return os.path.join(folder, TEMPLATES) if CHART in names and TEMPLATES in folders else ""  # noqa: PTH118 (as the walk)


def chart_of(folder: str) -> str:
    """The chart among whose templates a folder lies; an empty text where there is none."""
    here = os.path.abspath(folder)  # noqa: PTH100 (links stay as they are)
    while (above := os.path.dirname(here)) != here:  # noqa: PTH120 (as the walk)
        if os.path.basename(here) == TEMPLATES and os.path.isfile(os.path.join(above, CHART)):  # noqa: PTH113, PTH118, PTH119
            return above if os.path.isabs(folder) else os.path.relpath(above)  # noqa: PTH117
        here = above
    return ""


def parts(folder: str, names: Collection[str]) -> Iterator[str]:
    """The absolute paths that the kustomization of a folder names as its patches and tools, not as whole objects.

    Args:
        folder: The folder.
        names: What lies in it.
    """
    for name in sorted(KUSTOMIZATIONS.intersection(names)):
        data = _read(os.path.join(folder, name))  # noqa: PTH118 (as the walk)
        whole = {os.path.abspath(os.path.join(folder, each)) for each in _texts(data.get("resources"))}  # noqa: PTH100, PTH118
        for named in _named(data):
            if "\n" not in named:
                path = os.path.abspath(os.path.join(folder, named))  # noqa: PTH100, PTH118
                if path not in whole:
                    yield path


def _named(data: Mapping[str, Any]) -> Iterator[str]:
    for key in _FILES:
        yield from _texts(data.get(key))
    for key in _WITH_PATH:
        yield from _texts([entry.get("path") for entry in _list(data.get(key)) if isinstance(entry, dict)])


def _read(file: str) -> Mapping[str, Any]:
    """The first document of a file; empty where it can't be read, which is told when the file's turn comes."""
    if not os.path.isfile(file):  # noqa: PTH113 (a pipe would be waited for)
        return {}
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 (as the walk)
            first = next(iterate(opened.read(), file), None)
    except OSError:
        return {}
    return first.data if isinstance(first, Document) else {}


def _texts(value: Any) -> list[str]:
    return [each for each in _list(value) if isinstance(each, str)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
