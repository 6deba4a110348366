"""LLMInferenceServices and their configs: the scheduler that picks a replica for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.llm import HUB, LLM_SERVICE, there, with_spec
from generator.checks.rules.kserve.spec import V0_17
from generator.checks.subject import integer, mapping, text
from generator.schemas.kinds import LLM_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

SCHEDULER = ("spec", "router", "scheduler")
CONFIG = (*SCHEDULER, "config")
INLINE = "inline: {plugins: [{type: queue-scorer}]}"


def _scheduler(text: str) -> str:
    return with_spec(f"  router: {{route: {{}}, scheduler: {{{text}}}}}\n")


@rule(
    id="KSV408",
    name="llm-scheduler-without-replicas",
    product="kserve",
    kinds=(LLM_SERVICE, LLM_CONFIG),
    when=frozenset({"scheduler"}),
    since=V0_17,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the scheduler would have {number} replicas",
    fix="Write 1 or more; to have no scheduler remove router.scheduler.",
    source=HUB,
    bad=_scheduler("replicas: 0"),
    good=_scheduler("replicas: 2"),
)
def llm_scheduler_without_replicas(subject: Subject) -> Iterator[Hit]:
    """Every request asks the scheduler where to go, so none would get anywhere."""
    number = integer(subject.data, *SCHEDULER, "replicas")
    if number is not None and number <= 0:
        yield hit(*SCHEDULER, "replicas", number=number)


@rule(
    id="KSV409",
    name="llm-scheduler-config-not-exactly-one",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"scheduler"}),
    since=V0_17,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the scheduler's config {what}; it takes exactly one of inline and ref",
    fix="Write the configuration under inline, or name a ConfigMap by ref.",
    source=HUB,
    bad=_scheduler(f"config: {{{INLINE}, ref: {{name: scheduler, key: config.yaml}}}}"),
    good=_scheduler(f"config: {{{INLINE}}}"),
)
def llm_scheduler_config_not_exactly_one(subject: Subject) -> Iterator[Hit]:
    """Nobody says which of two would win, and an empty one is no default: for that leave out config."""
    scheduler, config = mapping(subject.data, *SCHEDULER), mapping(subject.data, *CONFIG)
    both = there(config, "inline"), there(config, "ref")
    if there(scheduler, "config") and both[0] == both[1]:
        yield hit(*CONFIG, on_key=True, what="has both" if all(both) else "is empty")


@rule(
    id="KSV410",
    name="llm-scheduler-config-empty",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"scheduler"}),
    since=V0_17,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the scheduler's config.{field} is empty",
    fix="{advice}.",
    source=HUB,
    bad=_scheduler("config: {inline: {}}"),
    good=_scheduler(f"config: {{{INLINE}}}"),
)
def llm_scheduler_config_empty(subject: Subject) -> Iterator[Hit]:
    """The scheduler doesn't start without a configuration."""
    config = mapping(subject.data, *CONFIG)
    if config.get("inline") == {}:
        advice = "Write the configuration there, or remove config: KServe has one of its own"
        yield hit(*CONFIG, "inline", field="inline", advice=advice)
    if there(config, "ref") and not text(config, "ref", "name"):
        yield hit(*CONFIG, "ref", on_key=True, field="ref.name", advice="Write the name of the ConfigMap")
