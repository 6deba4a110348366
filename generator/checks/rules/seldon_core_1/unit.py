"""Units of a graph: what each one needs to be run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.placeholders import filled
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.seldon_core_1.names import TWO_UNITS
from generator.checks.rules.seldon_core_1.spec import CUSTOM, EXECUTOR, GOOD, WEBHOOK, engine_environment, units
from generator.checks.subject import reach, sequence, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

NO_TENSORFLOW = ("SKLEARN_SERVER", "XGBOOST_SERVER", "MLFLOW_SERVER", "HUGGINGFACE_SERVER")


@rule(
    id="SC1010",
    name="unit-without-container",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"graph"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the unit{unit} has no implementation, and no container of {predictor} has its name",
    fix="Give a container in componentSpecs the unit's name (there: {names}), or set implementation and modelUri.",
    source=WEBHOOK,
    bad=CUSTOM.replace("{name: classifier, image", "{name: model, image"),
    good=CUSTOM,
)
def unit_without_container(subject: Subject) -> Iterator[Hit]:
    """A unit and its container find each other by their name alone."""
    for unit in units(subject):
        written = text(unit.spec, "implementation")
        if (written is None or unit.implementation is None) and unit.container is None:
            pods = sequence(unit.predictor.spec, "componentSpecs")
            names = [name for pod in pods for one in sequence(pod, "spec", "containers") if (name := text(one, "name"))]
            unit_name = f" '{unit.name}'" if unit.name else ""
            owner = f"predictor '{unit.predictor.name}'" if unit.predictor.name else "the predictor"
            values = {"predictor": owner, "unit": unit_name, "names": ", ".join(names) or "none"}
            yield Hit((*unit.path, "name"), values)


@rule(
    id="SC1011",
    name="unit-without-methods",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"graph"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the unit '{unit}' has the type UNKNOWN_TYPE and no methods: the engine wouldn't know what to call",
    fix="Set a type such as MODEL, ROUTER, COMBINER, TRANSFORMER or OUTPUT_TRANSFORMER, or list the methods.",
    source=WEBHOOK,
    bad=CUSTOM.replace("type: MODEL", "type: UNKNOWN_TYPE"),
    good=CUSTOM.replace("type: MODEL", "type: UNKNOWN_TYPE, methods: [TRANSFORM_INPUT]"),
)
def unit_without_methods(subject: Subject) -> Iterator[Hit]:
    """A known type says by itself what a unit can do; for an unknown one its methods have to."""
    for unit in units(subject):
        own = text(unit.spec, "implementation") is None or unit.implementation is None
        if own and text(unit.spec, "type") == "UNKNOWN_TYPE" and not sequence(unit.spec, "methods"):
            yield Hit((*unit.path, "type"), {"unit": unit.name})


@rule(
    id="SC1012",
    name="server-without-model-uri",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{server} needs the model's place: the unit '{unit}' has no modelUri",
    fix="Set modelUri (not storageUri) beside implementation.",
    source=WEBHOOK,
    bad=GOOD.replace(", modelUri: s3://models/digits/2", ""),
    good=GOOD,
)
def server_without_model_uri(subject: Subject) -> Iterator[Hit]:
    """Any implementation that isn't built in counts as a prepackaged server; only Hugging Face can do without."""
    for unit in units(subject):
        if unit.server and unit.server != "HUGGINGFACE_SERVER" and not text(unit.spec, "modelUri"):
            place = "modelUri" if "modelUri" in unit.spec else "implementation"
            yield Hit((*unit.path, place), {"server": unit.server, "unit": unit.name})


@rule(
    id="SC1013",
    name="server-without-tensorflow-protocol",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{server} doesn't speak the protocol tensorflow",
    fix="Set spec.protocol to v2, or serve the model by TENSORFLOW_SERVER.",
    source=WEBHOOK,
    bad=GOOD.replace("protocol: v2", "protocol: tensorflow"),
    good=GOOD,
)
def server_without_tensorflow_protocol(subject: Subject) -> Iterator[Hit]:
    """The protocol is one for the whole object; of the prepackaged servers only TensorFlow's has it."""
    if text(subject.data, "spec", "protocol") == "tensorflow":
        for unit in units(subject):
            if unit.server in NO_TENSORFLOW:
                yield Hit((*unit.path, "implementation"), {"server": unit.server})


LOGGING = CUSTOM.replace("type: MODEL", "type: MODEL, logger: {url: 'http://sink', mode: all}")


@rule(
    id="SC1014",
    name="seldon-logger-without-mode",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"logger"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the logger of the unit '{unit}' has no mode",
    fix="Add mode: all, request or response.",
    source=WEBHOOK,
    bad=LOGGING.replace(", mode: all", ""),
    good=LOGGING,
)
def logger_without_mode(subject: Subject) -> Iterator[Hit]:
    """The URL may be left out, the mode may not."""
    for unit in units(subject):
        if isinstance(unit.spec.get("logger"), dict) and not text(unit.spec, "logger", "mode"):
            yield Hit((*unit.path, "logger"), {"unit": unit.name}, on_key=True)


@rule(
    id="SC1107",
    name="unknown-seldon-logger-mode",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"logger"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the logger mode '{mode}' is none that the engine knows: nothing is logged",
    fix="Write all, request or response, in lower case.",
    source=EXECUTOR,
    bad=LOGGING.replace("mode: all", "mode: both"),
    good=LOGGING,
)
def unknown_logger_mode(subject: Subject) -> Iterator[Hit]:
    """The webhook asks only for some mode; the engine compares it with three words and stays silent for others."""
    for unit in units(subject):
        mode = text(unit.spec, "logger", "mode")
        if mode and mode not in ("all", "request", "response"):
            yield Hit((*unit.path, "logger", "mode"), {"mode": mode})


@rule(
    id="SC1108",
    name="seldon-logger-address-unread",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"logger"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the engine can't log to '{url}': it posts to http:// or https://",
    fix="Write an address that takes CloudEvents; for Kafka set LOGGER_KAFKA_BROKER and LOGGER_KAFKA_TOPIC in "
    "svcOrchSpec.env.",
    source=Source("SeldonIO/seldon-core", "v1.18.2", "executor/logger/worker.go"),
    bad=LOGGING.replace("http://sink", "kafka://broker.kafka:9092/predictions"),
    good=LOGGING,
)
def seldon_logger_address_unread(subject: Subject) -> Iterator[Hit]:
    """Requests are answered as ever, and each payload ends in an error in the engine's log.

    With a topic in its environment the engine writes to Kafka and looks at no address.
    """
    for unit in units(subject):
        url = text(unit.spec, "logger", "url")
        if not url or not filled(url) or url.startswith(("http://", "https://")):
            continue
        if not any(name == "LOGGER_KAFKA_TOPIC" for name, _ in engine_environment(unit.predictor)):
            yield Hit((*unit.path, "logger", "url"), {"url": url})


MIXED = TWO_UNITS.replace("name: classifier, type: MODEL", "name: classifier, type: MODEL, endpoint: {type: REST}")
MIXED = MIXED.replace("name: scorer, type: MODEL", "name: scorer, type: MODEL, endpoint: {type: REST}")


@rule(
    id="SC1015",
    name="mixed-endpoint-types",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"endpoint"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="this endpoint's type is {found}, and another unit's is {first}: an object has one",
    fix="Remove the endpoint types and set spec.transport to rest or grpc.",
    source=WEBHOOK,
    bad=MIXED.replace("REST", "GRPC", 1),
    good=MIXED,
)
def mixed_endpoint_types(subject: Subject) -> Iterator[Hit]:
    """The engine speaks one transport to all units of all predictors."""
    types = list(_endpoint_types(subject))
    for path, found in types[1:]:
        if found != types[0][1]:
            yield Hit(path, {"found": found, "first": types[0][1]})


@rule(
    id="SC1016",
    name="endpoint-type-against-transport",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"endpoint"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the endpoint's type is {found}, and spec.transport is {transport}",
    fix="Remove the endpoint's type; spec.transport holds for all units.",
    source=WEBHOOK,
    bad=MIXED.replace("  predictors:", "  transport: grpc\n  predictors:"),
    good=MIXED.replace("  predictors:", "  transport: rest\n  predictors:"),
)
def endpoint_type_against_transport(subject: Subject) -> Iterator[Hit]:
    """Both fields say the same thing, in capitals and in small letters, and have to agree."""
    transport = text(subject.data, "spec", "transport")
    types = list(_endpoint_types(subject))
    if transport and len({found for _, found in types}) == 1:
        path, found = types[0]
        if found in ("REST", "GRPC") and found.lower() != transport:
            yield Hit(path, {"found": found, "transport": transport})


def _endpoint_types(subject: Subject) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for unit in units(subject):
        found = reach(unit.spec, "endpoint", "type")
        if isinstance(found, str) and found:
            yield (*unit.path, "endpoint", "type"), found
