"""Where the programs of the shipped runtimes listen, and ports that are declared where nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.no_runtime import own_runtime
from generator.checks.rules.kserve.runtime_fit import given
from generator.checks.rules.kserve.runtimes_shipped import shipped
from generator.checks.rules.kserve.spec import MODELMESH, mode, model, predictors
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from generator.checks.rules.kserve.spec import Component, Container
    from generator.checks.subject import Subject

    Heard = Mapping[str, Mapping[int, str]]

SDK = {8080: "HTTP", 8081: "gRPC"}
"""The servers that stand on KServe's own SDK, where no argument says otherwise
(python/kserve/kserve/model_server.py)."""

LISTENING: Mapping[str, Mapping[int, str]] = {
    **dict.fromkeys(
        (
            *("kserve-sklearnserver", "kserve-xgbserver", "kserve-lgbserver", "kserve-pmmlserver"),
            *("kserve-paddleserver", "kserve-predictiveserver", "kserve-autogluonserver"),
        ),
        SDK,
    ),
    "kserve-tensorflow-serving": {8080: "HTTP", 9000: "gRPC"},
    "kserve-mlserver": {8080: "HTTP", 9000: "gRPC", 8082: "its metrics"},
    "kserve-tritonserver": {8080: "HTTP", 9000: "gRPC", 8002: "its metrics"},
}
"""By runtime. Those of Hugging Face's and vLLM's servers aren't here, since what they listen at depends on their
engine, nor TorchServe's, whose configuration lies beside the model. Source: config/runtimes of kserve/kserve (arguments
and variables), the SDK as above, MLServer's settings (metrics_port) and Triton's (--metrics-port)."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model:
      modelFormat: {name: lightgbm}
      runtime: kserve-lgbserver
      storageUri: s3://models/digits/1
      ports: [{containerPort: 8081, name: h2c, protocol: TCP}]
"""


@rule(
    id="KSV545",
    name="port-where-nobody-listens",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"ports"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{runtime} doesn't listen on {port}: it speaks {known}",
    fix="Write one of its ports, or tell the server another one by an argument.",
    source=Source("kserve/kserve", "v0.20.0", "python/kserve/kserve/model_server.py"),
    bad=GOOD.replace("8081", "9000"),
    good=GOOD,
)
def port_where_nobody_listens(subject: Subject) -> Iterator[Hit]:
    """Service and probe follow the port that is declared, and a declaration opens none.

    The pod doesn't get ready, or requests are refused. Which runtime serves the model has to be sure: one of KServe's
    that is named, or the format's only ones; and neither arguments nor variables may speak of ports.
    """
    for component in predictors(subject):
        served, known = model(component), _heard(subject, component)
        for number, port in enumerate(sequence(served.spec, "ports") if served else ()):
            wanted = integer(port, "containerPort")
            if served and known and wanted is not None and all(wanted not in ports for ports in known.values()):
                runtime, ports = next(iter(known.items()))
                values = {"runtime": runtime, "port": wanted, "known": words(ports)}
                yield Hit((*served.path, "ports", number, "containerPort"), values)


def words(ports: Mapping[int, str]) -> str:
    """Ports as a message names them: ``HTTP on 8080 and gRPC on 8081``."""
    return " and ".join(f"{what} on {where}" for where, what in ports.items())


def heard(subject: Subject) -> Heard:
    """Where the predictors of a service listen, by the runtimes that may serve them; empty where one isn't sure."""
    return together([_heard(subject, component) for component in predictors(subject)])


def together(every: Sequence[Heard]) -> Heard:
    """All at once; empty where one isn't sure."""
    return {name: ports for known in every for name, ports in known.items()} if all(every) else {}


def _heard(subject: Subject, component: Component) -> Heard:
    """The same of one predictor."""
    served = model(component)
    if served is None or mode(subject) == MODELMESH:
        return {}
    if component.spec.get("workerSpec") is not None or _tells_ports(served.spec):
        return {}
    names = _runtimes(subject, served)
    return {name: LISTENING[name] for name in names} if all(name in LISTENING for name in names) else {}


def _runtimes(subject: Subject, served: Container) -> list[str]:
    """The shipped runtimes that may serve a model; none where one of the set may, or the model brings its image."""
    named, form = text(served.spec, "runtime"), text(served.spec, "modelFormat", "name") or ""
    every = shipped(subject.release)
    if text(served.spec, "image") is not None:
        return []
    if named is not None:
        return [named] if named in every and not given(subject, named) else []
    protocol = text(served.spec, "protocolVersion") or "v1"
    fitting = [one for one in every.values() if form in one.automatic and not one.workers]
    speaking = [one.name for one in fitting if not one.protocols or protocol in one.protocols]
    return [] if own_runtime(subject, form) else speaking


def _tells_ports(spec: Mapping[str, Any]) -> bool:
    """Whether the model's container may be told other ports: by a command, an argument or a variable."""
    words = [str(word) for field in ("command", "args") for word in sequence(spec, field)]
    words += [text(mapping(one), "name") or "" for one in sequence(spec, "env")]
    return bool(sequence(spec, "command")) or any("port" in word.lower() for word in words)
