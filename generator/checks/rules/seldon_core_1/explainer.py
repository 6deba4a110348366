"""Explainers beside a predictor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.seldon_core_1.spec import GOOD, V2_PROTOCOLS, predictors, protocol, source
from generator.checks.structure.suggest import nearest
from generator.checks.subject import reach, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

TYPES = (
    "AnchorTabular",
    "AnchorImages",
    "AnchorText",
    "Counterfactuals",
    "Contrastive",
    "KernelShap",
    "IntegratedGradients",
    "ALE",
    "TreeShap",
)
EXPLAINERS = source("operator/controllers/seldondeployment_explainers.go")

EXPLAINED = GOOD.replace(
    "      traffic: 90\n",
    "      traffic: 90\n      explainer: {type: AnchorTabular, modelUri: s3://models/digits-explainer/1}\n",
)


@rule(
    id="SC1130",
    name="explainer-without-type",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"explainer"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the explainer of predictor '{name}' has no type, so it isn't made",
    fix="Add a type, such as AnchorTabular; where no explainer is wanted, remove the block.",
    source=EXPLAINERS,
    bad=EXPLAINED.replace("type: AnchorTabular, ", ""),
    good=EXPLAINED,
)
def explainer_without_type(subject: Subject) -> Iterator[Hit]:
    """The operator takes an explainer without a type for none, whatever else the block says."""
    for predictor in predictors(subject):
        found = reach(predictor.spec, "explainer")
        if isinstance(found, dict) and any(found.values()) and not text(found, "type"):
            yield Hit((*predictor.path, "explainer"), {"name": predictor.name}, on_key=True)


@rule(
    id="SC1131",
    name="unknown-explainer-type",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"explainer"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the shipped explainer knows no type '{type}'{hint}",
    fix="Write one of {known}; with an image of your own in containerSpec the type is yours.",
    source=EXPLAINERS,
    bad=EXPLAINED.replace("AnchorTabular", "anchor_tabular"),
    good=EXPLAINED,
)
def unknown_explainer_type(subject: Subject) -> Iterator[Hit]:
    """Neither schema nor webhook looks at it; the explainer's pod ends at start-up."""
    for predictor in predictors(subject):
        kind = text(predictor.spec, "explainer", "type")
        if kind and kind not in TYPES and not text(predictor.spec, "explainer", "containerSpec", "image"):
            near = nearest(kind, TYPES)
            hint = f"; did you mean '{near}'?" if near else ""
            values = {"type": kind, "hint": hint, "known": ", ".join(TYPES)}
            yield Hit((*predictor.path, "explainer", "type"), values)


@rule(
    id="SC1132",
    name="explainer-setting-ignored",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"explainer"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="explainer.{field} is ignored with the protocol {protocol}: {reason}",
    fix="{advice}",
    source=Source("SeldonIO/seldon-core", "v1.16.0", EXPLAINERS.path),
    bad=EXPLAINED.replace("explainer: {", "explainer: {config: {threshold: '0.9'}, "),
    good=EXPLAINED.replace("explainer: {", "explainer: {initParameters: '{}', "),
)
def explainer_setting_ignored(subject: Subject) -> Iterator[Hit]:
    """Each protocol has an explainer server of its own.

    The operator writes the environment of one, and the arguments of the other, over what stands there.
    """
    spoken = protocol(subject)
    for predictor in predictors(subject):
        for path, reason, advice in V2_LOST if spoken in V2_PROTOCOLS else OTHERS_LOST:
            if text(predictor.spec, "explainer", "type") and reach(predictor.spec, "explainer", *path):
                values = {"field": ".".join(path), "protocol": spoken, "reason": reason, "advice": advice}
                yield Hit((*predictor.path, "explainer", *path), values, on_key=True)


V2_LOST = (
    (("containerSpec", "env"), "the operator sets its own environment", "Move it to initParameters, as a JSON text."),
    (("config",), "MLServer's explainer reads initParameters", "Move it to initParameters, as a JSON text."),
)
OTHERS_LOST = (
    (("containerSpec", "args"), "the operator sets its own arguments", "Write config, whose entries become arguments."),
    (("initParameters",), "only MLServer's explainer reads it", "Write config, or set spec.protocol: v2."),
)
"""By protocol: what is overwritten or never read, and what to write instead."""
