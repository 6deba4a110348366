"""Requests through Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import CUSTOM, WEBHOOK, engine_environment, predictors
from generator.checks.subject import text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

SETTINGS = ("KAFKA_BROKER", "KAFKA_INPUT_TOPIC", "KAFKA_OUTPUT_TOPIC")

GOOD = CUSTOM.replace("  predictors:", "  serverType: kafka\n  predictors:").replace(
    "      graph:",
    """\
      svcOrchSpec:
        env:
          - {name: KAFKA_BROKER, value: 'kafka:9092'}
          - {name: KAFKA_INPUT_TOPIC, value: questions}
          - {name: KAFKA_OUTPUT_TOPIC, value: answers}
      graph:""",
)


@rule(
    id="SC1004",
    name="kafka-without-settings",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"serverType"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="serverType kafka needs {missing} in svcOrchSpec.env of predictor '{name}'",
    fix="Set KAFKA_BROKER, KAFKA_INPUT_TOPIC and KAFKA_OUTPUT_TOPIC in svcOrchSpec.env of each predictor.",
    source=WEBHOOK,
    bad=GOOD.replace("          - {name: KAFKA_OUTPUT_TOPIC, value: answers}\n", ""),
    good=GOOD,
)
def kafka_without_settings(subject: Subject) -> Iterator[Hit]:
    """The engine reads the broker and the topics from its environment; the webhook asks for all three."""
    if text(subject.data, "spec", "serverType") != "kafka":
        return
    for predictor in predictors(subject):
        names = [name for name, _ in engine_environment(predictor) if name in SETTINGS]
        if len(names) < len(SETTINGS):
            missing = ", ".join(name for name in SETTINGS if name not in names) or "all three settings"
            yield Hit(predictor.path, {"missing": missing, "name": predictor.name})


@rule(
    id="SC1101",
    name="kafka-setting-repeated",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"serverType"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="svcOrchSpec.env of predictor '{name}' lacks {missing}; the webhook only counted the settings",
    fix="Add {missing} and remove what stands there twice.",
    source=WEBHOOK,
    bad=GOOD.replace("KAFKA_OUTPUT_TOPIC, value: answers", "KAFKA_INPUT_TOPIC, value: answers"),
    good=GOOD,
)
def kafka_setting_repeated(subject: Subject) -> Iterator[Hit]:
    """The webhook counts the entries of the three names, so one of them twice passes and the engine fails at start."""
    if text(subject.data, "spec", "serverType") != "kafka":
        return
    for predictor in predictors(subject):
        names = [name for name, _ in engine_environment(predictor) if name in SETTINGS]
        missing = [name for name in SETTINGS if name not in names]
        if missing and len(names) >= len(SETTINGS):
            path = (*predictor.path, "svcOrchSpec", "env")
            yield Hit(path, {"missing": ", ".join(missing), "name": predictor.name}, on_key=True)
