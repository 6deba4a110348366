"""Prepackaged servers: which there are, which protocol they have an image for, and which parameters they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.seldon_core_1.spec import (
    CUSTOM,
    GOOD,
    IMAGES,
    NO_STORAGE_INITIALIZER,
    V2_PROTOCOLS,
    protocol,
    source,
    units,
)
from generator.checks.rules.seldon_core_1.unit import NO_TENSORFLOW
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import CONFIG_MAP, SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Index, Subject

CONFIG = "seldon-config"
CHART = source("helm-charts/seldon-core-operator/values.yaml")
SERVERS = source("operator/controllers/seldondeployment_prepackaged_servers.go")

SELDON = GOOD.replace("  protocol: v2\n", "")
WITH_METHOD = SELDON.replace(
    "modelUri: s3://models/digits/1}",
    "modelUri: s3://models/digits/1, parameters: [{name: method, type: STRING, value: predict}]}",
)

TAKEN = {"SKLEARN_SERVER": ("method",), "XGBOOST_SERVER": (), "MLFLOW_SERVER": ("xtype",)}
"""The parameters that a server of the seldon protocol takes; its constructor refuses others."""

VALUES = {
    ("SKLEARN_SERVER", "method"): ("predict_proba", "predict", "decision_function"),
    ("MLFLOW_SERVER", "xtype"): ("ndarray", "DataFrame"),
}

TRITON_PARAMETERS = ("model_control_mode", "load_model", "strict_model_config")


@rule(
    id="SC1110",
    name="misspelt-server",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{server}' is no server of the shipped {config}; did you mean '{known}'?",
    fix="Write {known}; a cluster whose administrators didn't add '{server}' refuses the object.",
    source=CHART,
    bad=GOOD.replace("SKLEARN_SERVER", "SKLEARNSERVER", 1),
    good=GOOD,
)
def misspelt_server(subject: Subject) -> Iterator[Hit]:
    """Every implementation that isn't built in counts as the key of a server in the operator's ConfigMap.

    The webhook refuses a key that isn't there; which ones are, the cluster decides, so this is no error.
    """
    for unit in units(subject):
        known = _meant(unit.server or "")
        if unit.server not in IMAGES and known and not _configured(subject, unit.server or ""):
            values = {"server": unit.server, "known": known, "config": CONFIG}
            yield Hit((*unit.path, "implementation"), values)


def _meant(server: str) -> str | None:
    """The shipped server whose name is like another one's, the common ending left out."""

    def stem(name: str) -> str:
        return name.upper().removesuffix("SERVER").rstrip("_-")

    stems = {stem(name): name for name in IMAGES}
    return stems.get(stem(server)) or stems.get(nearest(stem(server), sorted(stems)) or "")


@rule(
    id="SC1203",
    name="server-of-the-cluster",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="'{server}' is no server of the shipped {config}: a cluster without it refuses the object",
    fix="Check it together with the ConfigMap {config}, or use one of {known}.",
    source=CHART,
    bad=GOOD.replace("SKLEARN_SERVER", "CATBOOST_SERVER", 1),
    good=GOOD,
)
def server_of_the_cluster(subject: Subject) -> Iterator[Hit]:
    """Administrators can add servers of their own to the operator's ConfigMap; the manifest can't know."""
    for unit in units(subject):
        server = unit.server
        if server and server not in IMAGES and not _meant(server) and not _configured(subject, server):
            values = {"server": server, "config": CONFIG, "known": ", ".join(sorted(IMAGES))}
            yield Hit((*unit.path, "implementation"), values)


def _configured(subject: Subject, server: str) -> bool:
    """Whether the operator's ConfigMap is in the given set and has the server."""
    return any(f'"{server}"' in servers for servers in subject.index.derive(configured))


def configured(index: Index) -> tuple[str, ...]:
    """The servers of each seldon-config in the set, as their JSON stands there."""
    found = (one for one in index.by_kind.get(CONFIG_MAP, ()) if one.name == CONFIG)
    return tuple(text(one.data, "data", "predictor_servers") or "" for one in found)


@rule(
    id="SC1111",
    name="server-without-image",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{server} has no image for the protocol {protocol}: its container is made without one",
    fix="Set spec.protocol to {known}, or give the unit a container with an image.",
    source=CHART,
    bad=SELDON.replace("SKLEARN_SERVER", "TRITON_SERVER"),
    good=GOOD.replace("SKLEARN_SERVER", "TRITON_SERVER"),
)
def server_without_image(subject: Subject) -> Iterator[Hit]:
    """The webhook doesn't ask for the pair of server and protocol.

    The operator finds no image and makes a Deployment with none, which the API server refuses; the state is Failed.
    """
    spoken = protocol(subject)
    for unit in units(subject) if spoken in ("seldon", "tensorflow", *V2_PROTOCOLS) else ():
        known = IMAGES.get(unit.server or "", (spoken,))
        refused = spoken == "tensorflow" and unit.server in NO_TENSORFLOW
        if spoken not in known and not refused and not unit.own_image:
            wanted = " or ".join(name for name in known if name != "kfserving")
            yield Hit((*unit.path, "implementation"), {"server": unit.server, "protocol": spoken, "known": wanted})


@rule(
    id="SC1112",
    name="parameter-that-crashes",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"parameters"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{server} takes no parameter '{name}': it ends at start-up",
    fix="Remove the parameter. {known}",
    source=source("servers/sklearnserver/sklearnserver/SKLearnServer.py"),
    bad=WITH_METHOD.replace("name: method", "name: threads"),
    good=WITH_METHOD,
)
def parameter_that_crashes(subject: Subject) -> Iterator[Hit]:
    """The parameters become arguments of a Python class, and one that it doesn't have is an exception."""
    for unit in units(subject):
        taken = TAKEN.get(unit.server or "")
        if (
            taken is None
            or protocol(subject) != "seldon"
            or not (unit.own_image or "seldonio/").startswith("seldonio/")
        ):
            continue
        for number, entry in enumerate(sequence(unit.spec, "parameters")):
            name = text(entry, "name")
            if name and name not in (*taken, "model_uri"):
                known = f"{unit.server} takes {taken[0]} only." if taken else f"{unit.server} takes none."
                values = {"server": unit.server, "name": name, "known": known}
                yield Hit((*unit.path, "parameters", number, "name"), values)


@rule(
    id="SC1113",
    name="parameter-value-unknown",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"parameters"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{server} knows no {name} '{value}' and takes another one without a word",
    fix="Write one of {known}.",
    source=source("servers/sklearnserver/sklearnserver/SKLearnServer.py"),
    bad=WITH_METHOD.replace("value: predict", "value: predict_log_proba"),
    good=WITH_METHOD,
)
def parameter_value_unknown(subject: Subject) -> Iterator[Hit]:
    """SKLEARN_SERVER answers with predict for every method that it doesn't know."""
    if protocol(subject) != "seldon":
        return
    for unit in units(subject):
        for number, entry in enumerate(sequence(unit.spec, "parameters")):
            name, value = text(entry, "name"), text(entry, "value")
            known = VALUES.get((unit.server or "", name or ""))
            if known and value is not None and value not in known:
                values = {"server": unit.server, "name": name, "value": value, "known": ", ".join(known)}
                yield Hit((*unit.path, "parameters", number, "value"), values)


@rule(
    id="SC1114",
    name="parameters-nobody-reads",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"parameters"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{server} reads no parameters with the protocol v2",
    fix="Remove them; put settings of the model into its model-settings.json or config.pbtxt.",
    source=source("operator/controllers/mlserver.go"),
    bad=WITH_METHOD.replace("spec:\n  pred", "spec:\n  protocol: v2\n  pred"),
    good=WITH_METHOD,
)
def parameters_nobody_reads(subject: Subject) -> Iterator[Hit]:
    """The operator hands them to MLServer as extra settings, which of its runtimes only Hugging Face's looks at.

    Triton reads three, and only where the storage initializer is switched off.
    """
    direct = (text(subject.data, "spec", "annotations", NO_STORAGE_INITIALIZER) or "").lower() == "true"
    for unit in units(subject) if protocol(subject) in V2_PROTOCOLS else ():
        names = [text(entry, "name") or "" for entry in sequence(unit.spec, "parameters")]
        read = direct and any(name.lower() in TRITON_PARAMETERS for name in names)
        reader = unit.server == "HUGGINGFACE_SERVER" or (unit.server == "TRITON_SERVER" and read)
        if names and unit.server in IMAGES and not reader:
            yield Hit((*unit.path, "parameters"), {"server": unit.server}, on_key=True)


@rule(
    id="SC1115",
    name="ports-overwritten",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"ports"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the ports of the container '{name}' are overwritten: with the protocol v2 the operator sets {server}'s",
    fix="Remove the ports, all but the one that is named metrics.",
    source=source("operator/controllers/mlserver.go"),
    bad=GOOD.replace(
        "      traffic: 90\n",
        "      traffic: 90\n      componentSpecs:\n        - spec:\n            containers:\n"
        "              - {name: classifier, ports: [{name: admin, containerPort: 9999}]}\n",
    ),
    good=GOOD.replace(
        "      traffic: 90\n",
        "      traffic: 90\n      componentSpecs:\n        - spec:\n            containers:\n"
        "              - {name: classifier, ports: [{name: metrics, containerPort: 6000}]}\n",
    ),
)
def ports_overwritten(subject: Subject) -> Iterator[Hit]:
    """What is named here isn't open in the pod, and a Service or monitor that looks for it finds nothing.

    The port named metrics counts all the same: before its ports are overwritten the server is told the number
    (MLSERVER_METRICS_PORT), and the operator, which else counts up over all predictors, uses it for this one.
    """
    for unit in units(subject) if protocol(subject) in V2_PROTOCOLS else ():
        container = unit.container
        ports = sequence(mapping(container.spec), "ports") if container else []
        if unit.server and container and any(text(port, "name") != "metrics" for port in ports):
            yield Hit((*container.path, "ports"), {"name": unit.name, "server": unit.server}, on_key=True)


@rule(
    id="SC1116",
    name="model-uri-without-server",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"modelUri"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nothing downloads the model of '{name}': modelUri is for units with a server as implementation",
    fix="Set implementation to a server (its container may have your image), or fetch the model in your container.",
    source=Source("SeldonIO/seldon-core", "v1.16.0", SERVERS.path),
    bad=CUSTOM.replace("type: MODEL", "type: MODEL, modelUri: s3://models/digits/1"),
    good=CUSTOM,
)
def model_uri_without_server(subject: Subject) -> Iterator[Hit]:
    """The operator adds the initializer for prepackaged servers only.

    The container of another unit is told the folder /mnt/models, and the folder isn't there.
    """
    for unit in units(subject):
        if text(unit.spec, "modelUri") and not unit.server:
            yield Hit((*unit.path, "modelUri"), {"name": unit.name})
