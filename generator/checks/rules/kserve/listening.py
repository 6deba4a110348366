"""Where the programs of the shipped runtimes listen, and ports that are declared where nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.no_runtime import own_runtime
from generator.checks.rules.kserve.runtime_fit import given
from generator.checks.rules.kserve.runtimes_shipped import shipped
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE, MODELMESH, mode, model, predictors
from generator.checks.subject import integer, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.rules.kserve.spec import Container
    from generator.checks.subject import Subject

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
    if mode(subject) == MODELMESH:
        return
    for component in predictors(subject):
        served = model(component)
        if served is None or component.spec.get("workerSpec") is not None or _tells_ports(served.spec):
            continue
        names = _runtimes(subject, served)
        for number, port in enumerate(sequence(served.spec, "ports")):
            wanted = integer(port, "containerPort")
            if wanted is not None and names and all(wanted not in LISTENING.get(name, {wanted}) for name in names):
                known = " and ".join(f"{what} on {where}" for where, what in LISTENING[names[0]].items())
                values = {"runtime": names[0], "port": wanted, "known": known}
                yield Hit((*served.path, "ports", number, "containerPort"), values)


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
