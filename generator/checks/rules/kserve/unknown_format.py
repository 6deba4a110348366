"""Formats that no runtime takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.no_runtime import GOOD, SELECTION, formats, own_runtime
from generator.checks.rules.kserve.runtimes_shipped import NEWEST, shipped
from generator.checks.rules.kserve.spec import MODELMESH, mode, model, predictors
from generator.checks.structure.suggest import nearest
from generator.checks.subject import text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Container
    from generator.checks.subject import Subject


def _unknown(subject: Subject) -> Iterator[tuple[Container, str, str | None]]:
    """Models without a named runtime whose format neither KServe's runtimes nor those of the set take.

    With each the format, and the one that was meant; None where none is like it.
    """
    if mode(subject) == MODELMESH:
        return
    known = {name for one in shipped(subject.release).values() for name, _ in one.formats}
    for component in predictors(subject):
        served = model(component)
        if served is None or served.path[-1] != "model" or served.spec.get("runtime") is not None:
            continue
        form = text(served.spec, "modelFormat", "name")
        if form and filled(form) and form not in known and not own_runtime(subject, form):
            yield served, form, nearest(form, known | set(subject.index.derive(formats)))


@rule(
    id="KSV546",
    name="misspelt-format",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no runtime takes the format '{format}'; did you mean {near}?",
    fix="Write {near}: KServe compares formats letter by letter.",
    source=SELECTION,
    bad=GOOD.replace("name: onnx", "name: Onnx"),
    good=GOOD,
)
def misspelt_format(subject: Subject) -> Iterator[Hit]:
    """The service is accepted and stays unready with NoSupportingRuntime. Case counts: `XGBoost` isn't `xgboost`."""
    for served, form, near in _unknown(subject):
        if near:
            yield Hit((*served.path, "modelFormat", "name"), {"format": form, "near": near})


@rule(
    id="KSV547",
    name="format-of-no-runtime",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no runtime that KServe ships or that is in the given files takes the format '{format}'{since}",
    fix="Check the files together with the runtime, or name a format that a runtime takes.",
    source=SELECTION,
    bad=GOOD.replace("name: onnx", "name: digits"),
    good=GOOD,
)
def format_of_no_runtime(subject: Subject) -> Iterator[Hit]:
    """A runtime of the cluster may take it, so this is a note, unless the given files are all there is (--complete)."""
    later = {name for one in shipped(NEWEST).values() for name, _ in one.formats}
    for served, form, near in _unknown(subject):
        if not near:
            since = "; newer releases of KServe have one" if form in later else ""
            yield Hit((*served.path, "modelFormat", "name"), {"format": form, "since": since})
