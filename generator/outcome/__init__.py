"""What the platforms' controllers make of an object, computed without a cluster: children, each field with its origin.

One pure function a kind: a document as the platform's webhook left it, the set that it is given with, a release. The
modules of a product's folder are named after the kinds that they know (``kserve/inference_service.py``) and hold a
``MAKER``; nothing lists them, and none is imported before an object of its kind is there. What a release brings (its
runtimes, its ConfigMap) are facts, data under ``facts/``; what the set holds of these wins.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.outcome.child import Child, Gap, Outcome, Remark
from generator.outcome.given import Given
from generator.outcome.part import Brought, Origin, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.reading.kind import Kind
    from generator.schemas.versions import Version

__all__ = [
    "Brought",
    "Child",
    "Gap",
    "Given",
    "Maker",
    "Origin",
    "Outcome",
    "Part",
    "Remark",
    "has_children",
    "maker",
    "outcome",
]

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, kw_only=True)
class Maker:
    """What becomes of the objects of one kind.

    Attributes:
        product: Whose controller it is.
        kind: The kind.
        make: From an object as the webhook left it, the set and the release to its children. An object that the
            schema refuses has children as far as its parts can be read.
        pods: Likewise the pods that will run, with what the platform's own pod webhook puts into them; None where it
            has none. They aren't children: they carry what their Deployments say, and more.
        words: It makes no objects: what becomes of the kind are remarks, for people alone.
    """

    product: str
    kind: Kind
    make: Callable[[Part, Given, Version], Outcome]
    pods: Callable[[Part, Given, Version], tuple[Child, ...]] | None = None
    words: bool = False


def module_name(kind: str) -> str:
    """How the module of a kind is called: ``inference_service`` for InferenceService."""
    return _WORD.sub("_", kind).lower()


@functools.cache
def maker(product: str, kind: Kind) -> Maker | None:
    """Who knows what becomes of a kind; None where nobody does, since its controller makes nothing."""
    folder = product.replace("-", "_")
    if folder not in _modules("generator.outcome") or module_name(kind.kind) not in _modules(f"{__name__}.{folder}"):
        return None
    found = getattr(importlib.import_module(f"{__name__}.{folder}.{module_name(kind.kind)}"), "MAKER", None)
    return found if isinstance(found, Maker) and found.kind == kind else None


@functools.cache
def _modules(package: str) -> frozenset[str]:
    return frozenset(each.name for each in pkgutil.iter_modules(importlib.import_module(package).__path__))


def has_children(product: str, kind: Kind) -> bool:
    """Whether objects become of a kind."""
    found = maker(product, kind)
    return found is not None and not found.words


def outcome(product: str, kind: Kind, root: Part, given: Given, release: Version) -> Outcome:
    """What becomes of an object.

    Args:
        product: Whose kind it is, as ``--platform`` names it.
        kind: Its kind.
        root: The object as the platform's webhook left it.
        given: The set that it stands in.
        release: The release of the product.
    """
    found = maker(product, kind)
    return found.make(root, given, release) if found else Outcome()
