"""Sheets and templates -> manifests: Jinja writes, Python has decided.

Every ``{{ … }}`` of a template passes through ``yaml_text.scalar`` (the environment's ``finalize``), whether its author
thought of it or not, so no value can change the shape of a document.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

import generator
from generator import documents, platforms, yaml_text
from generator.decode import nearest
from generator.errors import InputError, Place
from generator.plan import plan
from generator.platforms.fragments import laid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.lock import Lock
    from generator.platforms.base import Composition, Sheet
    from generator.service import Service


@dataclass(frozen=True)
class Manifest:
    """One rendered object.

    Attributes:
        text: The document, its comments first, with a final line break and without a ``---``.
    """

    kind: str
    name: str
    namespace: str | None
    text: str

    @property
    def file(self) -> str:
        """The name of its file in a folder: ``inferenceservice-digits.yaml``."""
        return f"{self.kind.lower()}-{self.name}.yaml"


@dataclass(frozen=True)
class Rendering:
    """All that one service gives.

    Attributes:
        manifests: In the order in which they are to be applied.
        notes: What the person who renders should know, a sentence each.
    """

    service: Service
    manifests: tuple[Manifest, ...]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """All documents as one stream."""
        return "---\n".join(manifest.text for manifest in self.manifests)


def joined(renderings: Sequence[Rendering]) -> str:
    """The documents of several services as one stream."""
    return "---\n".join(rendering.text for rendering in renderings)


def render(service: Service, locked: Lock, *, templates: Path | None = None) -> Rendering:
    """Render one service: a pure function of the service, the lock and the templates.

    Args:
        service: The service, its environment applied.
        locked: The lock file's content.
        templates: A folder whose templates take the place of ours, file by file.

    Raises:
        InputError: The platform can't do what is asked, a variant isn't pinned, or a template is wrong.
    """
    platform = platforms.of(service)
    composition = platform.compose(plan(service, locked), platform)
    header = _header(service, composition)
    environment = environment_of(templates)
    _hold_patches(service, composition)
    manifests = tuple(_manifest(environment, sheet, header, service) for sheet in composition.sheets)
    return Rendering(service, manifests, composition.notes)


def _header(service: Service, composition: Composition) -> str:
    """Two comments: what to check the file against, and who wrote it. Nothing that differs between machines."""
    targets = " ".join(f"{product}@{release}" for product, release in composition.targets)
    source = str(yaml_text.scalar(Path(service.file).name))
    if service.environment:
        source += f", environment {service.environment}"
    written = f"Rendered by serinus {generator.__version__} from {source}. Edit that, not this."
    return f"# serinus: platform {targets}\n# {written}\n"


def _hold_patches(service: Service, composition: Composition) -> None:
    """Refuse a patch that nothing takes."""
    kinds = dict.fromkeys(sheet.kind for sheet in composition.sheets)
    for kind in service.patches:
        if kind not in kinds:
            raise InputError(
                f"no {kind} is rendered that this could be laid over.",
                fix=nearest(kind, kinds),
                place=service.place("patches", kind),
            )


def _patched(body: str, sheet: Sheet, service: Service) -> str:
    """A document with the user's own fields laid over it."""
    patch = service.patches.get(sheet.kind)
    if not patch:
        return body
    found = documents.read(body, sheet.template)
    if len(found) != 1 or not isinstance(found[0], documents.Document):
        raise InputError("nothing can be laid over what isn't one object.", place=Place(sheet.template))
    return f"{yaml_text.block(laid(found[0].data, patch), 0)}\n"


def _manifest(environment: jinja2.Environment, sheet: Sheet, header: str, service: Service) -> Manifest:
    try:
        body = environment.get_template(sheet.template).render(sheet.context)
    except jinja2.TemplateNotFound as error:
        raise InputError(f"there is no template {error.name}.", place=Place(sheet.template)) from None
    except jinja2.TemplateSyntaxError as error:
        place = Place(error.filename or error.name or sheet.template, error.lineno)
        raise InputError(f"the template is wrong: {error.message}.", place=place) from None
    except (jinja2.UndefinedError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        where = _place_in_template(error, sheet.template)
        if where is None:
            raise
        raise InputError(f"the template can't be filled for {sheet.kind} {sheet.name}: {error}.", place=where) from None
    return Manifest(sheet.kind, sheet.name, sheet.namespace, header + _patched(body, sheet, service))


def _place_in_template(error: BaseException, template: str) -> Place | None:
    """The last line of a template that an error passed through; None where none did, so that our own bugs stay bugs."""
    place, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2") or file == "<template>":
            place = Place(template if file == "<template>" else file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def builtin_templates() -> Path:
    """The folder of our templates: inside the installed package, or beside it in a checkout."""
    package = Path(generator.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


@functools.cache
def environment_of(overrides: Path | None) -> jinja2.Environment:
    """The Jinja environment; the same folder gives the same one, its templates compiled once."""
    folders = [builtin_templates()] if overrides is None else [overrides, builtin_templates()]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701 (the output is YAML, and finalize makes every value safe for it)
    )
    made.filters["block"] = yaml_text.block
    return made


def _finalize(value: Any) -> Any:
    """A value on its way into the text. An undefined one goes on, and raises with its name when it is printed."""
    return value if isinstance(value, jinja2.Undefined) else yaml_text.scalar(value)
