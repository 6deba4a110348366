"""Schema packs: what each release of each product allows, as facts.

``resolve`` names a release, ``load`` gives its pack, a pack gives kinds, a kind gives its schema.
"""

from __future__ import annotations

from generator.schemas.catalog import Target, available, defaults, load, newest, resolve, serving, user_folder
from generator.schemas.model import NO_DEFAULT, CelRule, Kind, Scale, Schema
from generator.schemas.pack import KindSchema, Pack
from generator.schemas.versions import Version, parse_version

__all__ = [
    "NO_DEFAULT",
    "CelRule",
    "Kind",
    "KindSchema",
    "Pack",
    "Scale",
    "Schema",
    "Target",
    "Version",
    "available",
    "defaults",
    "load",
    "newest",
    "parse_version",
    "resolve",
    "serving",
    "user_folder",
]
