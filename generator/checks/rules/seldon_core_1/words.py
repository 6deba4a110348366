"""The three words at the head of a SeldonDeployment's spec: protocol, transport and server type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_1.spec import GOOD, WEBHOOK
from generator.checks.subject import text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

PROTOCOLS = ("seldon", "tensorflow", "kfserving", "v2")
TRANSPORTS = ("rest", "grpc")
SERVER_TYPES = ("rpc", "kafka")


@rule(
    id="SC1001",
    name="unknown-seldon-protocol",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"protocol"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="Seldon Core knows no protocol '{value}'",
    fix="Write one of {known}, in lower case.",
    source=WEBHOOK,
    bad=GOOD.replace("protocol: v2", "protocol: V2"),
    good=GOOD,
)
def unknown_seldon_protocol(subject: Subject) -> Iterator[Hit]:
    """The schema takes any text, the webhook compares letter by letter; nothing is applied."""
    yield from _not_among(subject, "protocol", PROTOCOLS)


@rule(
    id="SC1002",
    name="unknown-seldon-transport",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"transport"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="Seldon Core knows no transport '{value}'",
    fix="Write one of {known}, in lower case.",
    source=WEBHOOK,
    bad=GOOD.replace("protocol: v2", "protocol: v2\n  transport: REST"),
    good=GOOD.replace("protocol: v2", "protocol: v2\n  transport: rest"),
)
def unknown_seldon_transport(subject: Subject) -> Iterator[Hit]:
    """A unit's endpoint.type is written REST, spec.transport is written rest: the two are easily mixed up."""
    yield from _not_among(subject, "transport", TRANSPORTS)


@rule(
    id="SC1003",
    name="unknown-seldon-server-type",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"serverType"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="Seldon Core knows no server type '{value}'",
    fix="Write one of {known}, or leave serverType out: rpc is the default.",
    source=WEBHOOK,
    bad=GOOD.replace("protocol: v2", "protocol: v2\n  serverType: rest"),
    good=GOOD.replace("protocol: v2", "protocol: v2\n  serverType: rpc"),
)
def unknown_seldon_server_type(subject: Subject) -> Iterator[Hit]:
    """Whether requests come by HTTP and gRPC or through Kafka; not to be confused with the transport."""
    yield from _not_among(subject, "serverType", SERVER_TYPES)


def _not_among(subject: Subject, field: str, known: tuple[str, ...]) -> Iterator[Hit]:
    value = text(subject.data, "spec", field)
    if value and value not in known:
        yield hit("spec", field, value=value, known=", ".join(known))
