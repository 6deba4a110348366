"""Ports of Services that no container has, or where nobody listens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.listening import heard, together, words
from generator.checks.rules.kserve.spec import MAIN_CONTAINER
from generator.checks.rules.kubernetes.examples import DEPLOYMENT, SERVICE
from generator.checks.rules.references.selectors import Selector
from generator.checks.rules.references.workloads import selected
from generator.checks.subject import Subject, integer, mapping, sequence, text
from generator.outcome.kserve.names import COMPONENT_LABEL, PREDICTOR
from generator.outcome.kserve.service import AGENT_PORT
from generator.schemas.kinds import SERVICE as SERVICE_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.listening import Heard
    from generator.checks.rules.references.workloads import Workload
    from generator.reading.documents import Path

_TYPES = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/api/core/v1/types.go")
_NAMED_PORT = SERVICE.replace("targetPort: 8080", "targetPort: web")
_WITH_PORT = f"{DEPLOYMENT}          ports: [{{name: %s, containerPort: 8080}}]\n---"
_SERVING = """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: https://example.com/digits/1/model.joblib}
"""
_OF_KSERVE = SERVICE.replace("{app: digits}", "{app: isvc.digits-predictor}")
MLSERVER = "kserve-mlserver"
ADDED = (range(15000, 15100), range(4140, 4192), (AGENT_PORT,))
"""Where Istio's and Linkerd's proxies listen, and KServe's agent: webhooks put them into pods that don't say so."""


class Port(NamedTuple):
    """A port of a Service, by its number in the pods.

    Attributes:
        path: Where the number stands.
        number: The number.
    """

    path: Path
    number: int


def _meant(subject: Subject) -> list[Workload]:
    """The workloads whose pods a Service selects."""
    selector = Selector(mapping(subject.data, "spec", "selector"))
    return list(selected(subject, selector, subject.document.namespace)) if selector.labels else []


def _as_written(subject: Subject) -> list[Workload]:
    """The same where all of their containers are known; none for a Service that has no port of its own to lead on."""
    found = _meant(subject) if text(subject.data, "spec", "clusterIP") != "None" else []
    annotations = (key for one in found for key in mapping(one.data, *one.template, "metadata", "annotations"))
    joined = any("inject" in key for key in annotations)
    return [] if joined or any(one.made and not one.made.child.whole for one in found) else found


def _numbered(data: Mapping[str, Any]) -> list[Port]:
    """The ports that go to a number in the pods; without targetPort that is the Service's own."""
    found = []
    for number, port in enumerate(sequence(data, "spec", "ports")):
        field = "port" if mapping(port).get("targetPort") is None else "targetPort"
        wanted = integer(port, field)
        if wanted is not None and not any(wanted in ports for ports in ADDED):
            found.append(Port(("spec", "ports", number, field), wanted))
    return found


@rule(
    id="REF043",
    name="port-by-a-name-of-nobody",
    product=None,
    kinds=(SERVICE_KIND,),
    when=frozenset({"targetPort"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no container of {workload} has a port by the name {port}: nobody answers on this one",
    fix="Name a container's port {port}, or write its number.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/api/core/v1/types.go"),
    bad=_WITH_PORT % "http" + _NAMED_PORT,
    good=_WITH_PORT % "web" + _NAMED_PORT,
)
def port_by_a_name_of_nobody(subject: Subject) -> Iterator[Hit]:
    """A port that is named is looked up in each pod; a pod without it is no endpoint of this port.

    The Service is there, and connections are refused.
    """
    found = _meant(subject)
    if not found or any(one.made and not one.made.child.whole for one in found):
        return
    names = {
        text(port, "name") for one in found for _, container in one.containers for port in sequence(container, "ports")
    }
    for number, port in enumerate(sequence(subject.data, "spec", "ports")):
        name = text(port, "targetPort")
        if name and not name.isdigit() and name not in names:
            what = f"the {found[0].kind.kind} {found[0].name}"
            yield hit("spec", "ports", number, "targetPort", workload=what, port=name)


@rule(
    id="REF053",
    name="port-that-no-container-declares",
    product=None,
    kinds=(SERVICE_KIND,),
    when=frozenset({"ports"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the containers of {workload} declare {declared}, and not {port}: maybe nobody answers there",
    fix="Write as targetPort where the container listens, or declare {port} among its ports.",
    source=_TYPES,
    bad=_WITH_PORT % "http" + SERVICE.replace(", targetPort: 8080", ""),
    good=_WITH_PORT % "http" + SERVICE,
)
def port_that_no_container_declares(subject: Subject) -> Iterator[Hit]:
    """A Service without targetPort goes to its own port in the pods: 80 is asked, where the server has 8080.

    A port need not be declared, so this is a note, and told only where all speaks for it: each container declares
    some, none of them is one of the Service's, and the number stands nowhere else in the pods.
    """
    found, ports = _as_written(subject), _numbered(subject.data)
    if not found or len(ports) != len(sequence(subject.data, "spec", "ports")):
        return
    declared = _declared(found)
    if not declared or any(port.number in declared for port in ports):
        return
    for port in ports:
        if not any(_says(one, port.number) for one in found):
            listed = " and ".join(str(number) for number in sorted(declared))
            yield Hit(port.path, {"workload": str(found[0]), "declared": listed, "port": port.number})


def _declared(workloads: list[Workload]) -> set[int]:
    """The ports that all containers declare in the user's own words; empty where one declares none."""
    found: set[int] = set()
    for one in workloads:
        for path, container in one.containers:
            ports = [integer(port, "containerPort") for port in sequence(container, "ports")]
            if not ports or (one.made and one.made.written((*path, "ports")) is None):
                return set()
            found.update(port for port in ports if port is not None)
    return found


def _says(workload: Workload, number: int) -> bool:
    """Whether a number stands in a pod otherwise than as a declared port: in an argument, a variable, a probe."""
    waiting: list[Any] = [workload.pod]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [child for key, child in value.items() if key != "ports"]
        elif isinstance(value, list):
            waiting += value
        elif re.search(rf"(?<![0-9]){number}(?![0-9])", str(value)):
            return True
    return False


@rule(
    id="REF054",
    name="port-where-no-model-server-listens",
    product=None,
    kinds=(SERVICE_KIND,),
    when=frozenset({"ports"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nobody answers on {port} of {workload}: {runtime} speaks {known}",
    fix="Write as targetPort one of its ports.",
    source=Source("kserve/kserve", "v0.20.0", "python/kserve/kserve/model_server.py"),
    bad=_OF_KSERVE.replace(", targetPort: 8080", "") + _SERVING,
    good=_OF_KSERVE + _SERVING,
)
def port_where_no_model_server_listens(subject: Subject) -> Iterator[Hit]:
    """A Service of one's own beside KServe's, which has port 80 too, but leads it to 8080.

    Where the programs of the shipped runtimes listen is known. It has to be sure that nothing else runs in these pods,
    and that neither arguments nor variables speak of ports; of MLServer it never is, which reads settings.json beside
    the model.
    """
    found = _as_written(subject)
    listening = together([_heard(subject, one) for one in found])
    if not listening:
        return
    declared = {
        integer(port, "containerPort")
        for one in found
        for _, each in one.containers
        for port in sequence(each, "ports")
    }
    runtime, first = next(iter(listening.items()))
    for port in _numbered(subject.data):
        if port.number not in declared and not any(port.number in known for known in listening.values()):
            values = {"port": port.number, "workload": str(found[0]), "runtime": runtime, "known": words(first)}
            yield Hit(port.path, values)


def _heard(subject: Subject, workload: Workload) -> Heard:
    """Where the pods listen that KServe makes of a predictor, by runtime; empty where that isn't sure."""
    made = workload.made
    names = [text(container, "name") for _, container in workload.containers]
    if made is None or names != [MAIN_CONTAINER] or workload.labels.get(COMPONENT_LABEL) != PREDICTOR:
        return {}
    releases = (target.version for target in subject.beside if target.product == "kserve")
    of = (Subject(made.document, made.changed.data, one, subject.index, beside=subject.beside) for one in releases)
    found = together([heard(each) for each in of])
    return {} if MLSERVER in found else found
