"""The built-in templates that a user may replace: which there are, and which object each renders."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError, OutsideError, Place
from generator.rendering.overrides import included
from generator.rendering.templating import builtin_templates
from generator.text.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

FIXED = ("init/", "common/kustomization.yaml.j2")
"""What isn't taken from a folder of overrides: one beginning of a service file, one index of a folder."""
_KIND = re.compile(r"^kind: *([A-Z][A-Za-z0-9]*) *$", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """A built-in template.

    Attributes:
        path: Below the folder of templates, with ``/``.
        kind: The kind that it renders, None for a part of others.
        users: The templates that include it.
    """

    path: str
    kind: str | None
    users: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The template itself."""
        return (builtin_templates() / self.path).read_text(encoding="utf-8")


@functools.cache
def templates() -> tuple[Template, ...]:
    """All that may be replaced, by path."""
    home = builtin_templates()
    paths = sorted(path.relative_to(home).as_posix() for path in home.rglob("*.j2"))
    free = [path for path in paths if not path.startswith(FIXED)]
    parts = {path: included(home, path) - {path} for path in free}
    found = []
    for path in free:
        kind = _KIND.search((home / path).read_text(encoding="utf-8"))
        users = tuple(user for user in free if path in parts[user])
        found.append(Template(path, kind[1] if kind else None, users))
    return tuple(found)


def find(wanted: str) -> Template:
    """A template by its path, or by a kind that only one renders, in any case of letters.

    Raises:
        InputError: There is none, or several render the kind.
    """
    known = {template.path: template for template in templates()}
    if wanted in known:
        return known[wanted]
    if wanted.startswith(FIXED) and (builtin_templates() / wanted).is_file():
        raise InputError(f"{wanted} is always ours: an own one would have no effect.")
    found = [template for template in templates() if (template.kind or "").lower() == wanted.lower()]
    if len(found) > 1:
        paths = ", ".join(template.path for template in found)
        raise InputError(f"several templates render {found[0].kind}: {paths}.", fix="Name one by its path.")
    if not found:
        kinds = sorted({template.kind for template in templates() if template.kind})
        near = nearest(wanted, [*known, *kinds])
        fix = near if near.startswith("Did") else f"Known kinds: {', '.join(kinds)}; `serinus templates list` has all."
        raise InputError(f"no template is called {wanted}, and none renders it.", fix=fix)
    return found[0]


def eject(template: Template, folder: Path, *, force: bool = False) -> tuple[Path, bool]:
    """Write a template where the user may change it.

    Args:
        template: Which.
        folder: Where own templates are; made if it is missing.
        force: Overwrite a file that differs.

    Returns:
        The file, and whether it was written; it isn't where it says the same already.

    Raises:
        InputError: There is such a file, and it differs.
        OutsideError: It can't be read or written.
    """
    path, text = folder / template.path, template.text.encode()
    try:
        same = path.is_file() and path.read_bytes() == text
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None
    if same:
        return path, False
    if path.exists() and not force:
        raise InputError(
            "this file is there already, and it differs from ours.",
            fix="Move it, name another folder with -o, or overwrite it with --force.",
            place=Place(str(path)),
        )
    write_atomically(path, text)
    return path, True


def strangers(folder: Path) -> tuple[str, ...]:
    """Files in a folder of own templates that nothing reads, since they are misnamed or always ours; a sentence each.

    Raises:
        InputError: One that may be read is no text in UTF-8.
        OutsideError: One can't be read.
    """
    known = {template.path for template in templates()}
    tops = {path.partition("/")[0] for path in (*known, *FIXED)}  # other folders hold what is no template of manifests
    there = sorted(path.relative_to(folder).as_posix() for top in tops for path in (folder / top).rglob("*.j2"))
    read = frozenset[str]().union(*(included(folder, path) for path in there if path in known))
    return tuple(_useless(folder, path, known) for path in there if path not in read)


def _useless(folder: Path, path: str, known: set[str]) -> str:
    reason = "is always ours" if path.startswith(FIXED) else "takes the place of no template of ours"
    near = nearest(path, sorted(known))
    return f"{folder / path}: {reason}, so it has no effect.{f' {near}' if near.startswith('Did') else ''}"
