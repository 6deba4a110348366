"""Models that are addressed by a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import GOOD, NO_STORAGE_INITIALIZER, predictors, source, units
from generator.checks.subject import mapping, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.subject import Subject
    from generator.reading.documents import Path


@rule(
    id="SC1148",
    name="model-uri-without-remote",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{uri}' names no remote, so the initializer looks for it among its own files",
    fix="Write where it lies, such as s3://<bucket>/{path} or pvc://<claim>/{path}.",
    source=source("operator/controllers/model_initializer_injector.go"),
    bad=GOOD.replace("s3://models/digits/1", "models/digits/1"),
    good=GOOD,
)
def model_uri_without_remote(subject: Subject) -> Iterator[Hit]:
    """The init container hands the text to rclone, which takes what has no colon for a path, and finds nothing there.

    `s3:models/digits` and `s3:/models/digits` are rclone's own way of writing, and fine. A unit with an initializer
    of its own, and a server that is to fetch its model itself, are left alone.
    """
    if (text(subject.data, "spec", "annotations", NO_STORAGE_INITIALIZER) or "").lower() == "true":
        return
    places: list[tuple[Path, Mapping[str, Any]]] = [(unit.path, unit.spec) for unit in units(subject) if unit.server]
    places += [((*one.path, "explainer"), mapping(one.spec, "explainer")) for one in predictors(subject)]
    for path, spec in places:
        uri = text(spec, "modelUri") or ""
        if uri.strip() and ":" not in uri and filled(uri) and not text(spec, "storageInitializerImage"):
            yield Hit((*path, "modelUri"), {"uri": uri, "path": uri.lstrip("/")})
