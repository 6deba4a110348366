"""Sheets and templates -> manifests: Jinja writes, Python has decided.

Every ``{{ … }}`` of a template passes through ``yaml_text.scalar`` (the environment's ``finalize``), whether its author
thought of it or not, so no value can change the shape of a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import generator
from generator import platforms, training
from generator.decoding.exact import nearest
from generator.errors import InputError, Place
from generator.plan.formats import settled
from generator.plan.plan import plan
from generator.platforms import libraries
from generator.platforms.fragments import laid
from generator.rendering.templating import environment_of, fill
from generator.text import yaml as yaml_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import jinja2

    from generator.plan.lock import Lock
    from generator.platforms.base import Composition, Sheet
    from generator.service import Service


ROUTES = ("HTTPRoute", "VirtualService")
"""The kinds of the routes that ``generator.platforms.routes`` makes."""


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


def refuse_twins(renderings: Sequence[Rendering]) -> None:
    """Hold several services against one another: no two may render the same object, of which the last alone would live.

    Raises:
        InputError: Two do.
    """
    makers: dict[tuple[str, str | None, str], Service] = {}
    for rendering in renderings:
        service = rendering.service
        for manifest in rendering.manifests:
            key = manifest.kind, manifest.namespace, manifest.name
            if other := makers.get(key):
                where = f" in {manifest.namespace}" if manifest.namespace else ""
                raise InputError(
                    f"{manifest.kind} {manifest.name}{where} is rendered twice, by {other.file} too.",
                    fix="Name each file once, and give the services names or namespaces of their own.",
                    place=service.place("name"),
                )
            makers[key] = service


def joined(renderings: Sequence[Rendering]) -> str:
    """The documents of several services as one stream.

    Raises:
        InputError: Two of them render the same object.
    """
    refuse_twins(renderings)
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
    service = settled(service, locked)
    platform = platforms.of(service)
    planned = plan(service, locked)
    composition = platform.compose(planned, platform)
    header = _header(service, composition)
    environment = environment_of(templates)
    _hold_patches(service, composition)
    _hold_path(service, composition)
    manifests = tuple(_manifest(environment, sheet, header, service, templates) for sheet in composition.sheets)
    return Rendering(service, manifests, (*composition.notes, *libraries.notes(planned, platform)))


def render_training(
    service: Service, files: Mapping[str, str], sets: Sequence[str] = (), *, templates: Path | None = None
) -> Rendering:
    """Render the job that trains a service's model on a cluster: a pure function, without the lock.

    Args:
        service: The service, its environment applied.
        files: As ``generator.training.compose`` takes them.
        sets: Likewise.
        templates: As in ``render``.

    Raises:
        InputError: It trains nothing or nowhere, or a template is wrong.
    """
    composition = training.compose(service, files, sets)
    header, environment = _header(service, composition), environment_of(templates)
    manifests = tuple(_manifest(environment, sheet, header, service, templates) for sheet in composition.sheets)
    return Rendering(service, manifests, composition.notes)


def _header(service: Service, composition: Composition) -> str:
    """Two comments: what to check the file against, and who wrote it. Nothing that differs between machines."""
    targets = " ".join(f"{product}@{release}" for product, release in composition.targets)
    # A name that is no UTF-8 is written with escapes, since a manifest is UTF-8 whatever its source is called.
    source = str(yaml_text.scalar(Path(service.file).name.encode("utf-8", "backslashreplace").decode()))
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


def _hold_path(service: Service, composition: Composition) -> None:
    """Refuse a path where no route of ours takes it off: the platform's own would hand it on to the model server."""
    if service.gateway and service.gateway.path and not any(sheet.kind in ROUTES for sheet in composition.sheets):
        raise InputError(
            "no route is rendered here that could take the path off: the platform's own is the way in.",
            fix="Leave path out, or write by: gateway at the strategy where it is known.",
            place=service.place("gateway", "path"),
        )


def _patched(body: str, sheet: Sheet, service: Service) -> str:
    """A document with the user's own fields laid over it."""
    patch = service.patches.get(sheet.kind)
    if not patch:
        return body
    from generator.reading import documents  # noqa: PLC0415 (few have patches)

    found = documents.read(body, sheet.template)
    if len(found) != 1 or not isinstance(found[0], documents.Document):
        raise InputError("nothing can be laid over what isn't one object.", place=Place(sheet.template))
    return f"{yaml_text.block(laid(found[0].data, patch), 0)}\n"


def _manifest(
    environment: jinja2.Environment, sheet: Sheet, header: str, service: Service, templates: Path | None
) -> Manifest:
    body = fill(environment, sheet)
    if templates is not None:
        from generator.rendering import overrides  # noqa: PLC0415 (most have no templates of their own)

        if overrides.concern(templates, sheet.template):
            body = overrides.hold(templates, sheet, body)
    return Manifest(sheet.kind, sheet.name, sheet.namespace, header + _patched(body, sheet, service))
