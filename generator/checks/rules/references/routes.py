"""Routes that lead to no Service, to one by a name of former times, or to a port that it hasn't."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.spec import V0_16
from generator.checks.rules.kubernetes.examples import SERVICE
from generator.checks.rules.references.reached import DESTINATION_RULE, KEYS, REACHING, STREAMS, ports, reached, there
from generator.checks.rules.references.workloads import target
from generator.checks.subject import kind_of, may_be_in, reach, text
from generator.checks.together import together
from generator.schemas.kinds import AUTOSCALER, INFERENCE_SERVICE, INGRESS, SCALED_OBJECT, VIRTUAL_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

_OLD = re.compile(r"(.+)-(predictor|transformer|explainer)-(default|canary)")
_OF_PLATFORMS = frozenset(("istio-system", "istio-ingress", "knative-serving", "kourier-system", "kube-system"))
"""Namespaces where a mesh's or the cluster's own Services are, such as Knative's local gateway: no set of one's own has
them, however complete it is (kserve v0.20.0, config/configmap/inferenceservice.yaml: localGatewayService).
"""
_VIRTUAL = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: digits}
spec:
  hosts: [digits.example.com]
  http:
    - route: [{destination: {host: %s, port: {number: %s}}}]
"""
_INFERENCE = """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: https://example.com/digits/1/model.joblib}
"""


@rule(
    id="REF024",
    name="name-of-former-times",
    product=None,
    kinds=(*REACHING, AUTOSCALER, SCALED_OBJECT),
    when=KEYS | {"scaleTargetRef"},
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{old} is a name of before KServe 0.11: of the InferenceService {service} it makes {new}",
    fix="Write {new}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad=_VIRTUAL % ("digits-predictor-default", 80) + _INFERENCE,
    good=_VIRTUAL % ("digits-predictor", 80) + _INFERENCE,
)
def name_of_former_times(subject: Subject) -> Iterator[Hit]:
    """The suffixes -default and -canary went with KServe 0.11; up to 0.15 what had been made before kept its name.

    Many examples still have them. Nothing answers by such a name, so a route sends its share of the requests nowhere.
    """
    for path, old in _named(subject):
        new = current_name(subject, old)
        if new:
            found = _OLD.fullmatch(old)
            yield Hit(path, {"old": old, "new": new, "service": found[1] if found else ""})


def _named(subject: Subject) -> Iterator[tuple[Path, str]]:
    kind = kind_of(subject.document)
    if kind in (AUTOSCALER, SCALED_OBJECT):
        scaled = target(kind, subject.data)
        if scaled:
            yield scaled.path, scaled.name
        return
    for one in reached(subject.document, subject.data):
        yield one.path, one.name


def current_name(subject: Subject, old: str, namespace: str | None = None) -> str:
    """What KServe calls today what had an old name; empty for other names, and where the set hasn't the service."""
    found = _OLD.fullmatch(old)
    if not found or not any(one.product == "kserve" and one.version >= V0_16 for one in subject.beside):
        return ""
    wanted = subject.document.namespace if namespace is None else namespace
    service, component = found[1], found[2]
    for one in subject.index.by_kind.get(INFERENCE_SERVICE, ()):
        if one.name == service and may_be_in((one.namespace,), wanted):
            own = text(one.data, "spec", component, "name") if component == "predictor" else None
            return f"{service}-{own}-{component}" if own else f"{service}-{component}"
    return ""


@rule(
    id="REF025",
    name="destination-to-nowhere",
    product=None,
    kinds=(*STREAMS, VIRTUAL_SERVICE, DESTINATION_RULE, INGRESS),
    when=KEYS,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Service {service} in the given files, nor an object that makes one",
    fix="Check the route together with what it leads to, or mend the name.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/api/networking/v1/types.go"),
    bad=_VIRTUAL % ("digits", 80),
    good=_VIRTUAL % ("digits", 80) + f"---{SERVICE}",
)
def destination_to_nowhere(subject: Subject) -> Iterator[Hit]:
    """Whoever is sent there gets an error of the gateway.

    The Service may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    yield from together(_missing(subject), "service")


def _missing(subject: Subject) -> Iterator[Hit]:
    for one in reached(subject.document, subject.data):
        if one.namespace in _OF_PLATFORMS and one.namespace != subject.document.namespace:
            continue
        if not there(subject, one.name, one.namespace) and not current_name(subject, one.name, one.namespace):
            yield Hit(one.path, {"service": one.name})


@rule(
    id="REF026",
    name="port-that-the-service-has-not",
    product=None,
    kinds=REACHING,
    when=frozenset({"port"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Service {service} has no port {port}, only {known}",
    fix="Write one of its ports: {known}.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/shared_types.go"),
    bad=_VIRTUAL % ("digits", 8080) + f"---{SERVICE}",
    good=_VIRTUAL % ("digits", 80) + f"---{SERVICE}",
)
def port_that_the_service_has_not(subject: Subject) -> Iterator[Hit]:
    """A route asks for a port of the Service, which isn't the one on which the container listens.

    So 8080 in a route to a Service that hands port 80 on to 8080 leads nowhere, and the gateway answers 500 or 503.
    """
    for one in reached(subject.document, subject.data):
        if one.port is None:
            continue
        found = ports(subject, one.name, one.namespace)
        field = "port" if isinstance(one.port, int) else "name"
        if found and all(reach(each, field) != one.port for each in found):
            known = ", ".join(
                dict.fromkeys(str(reach(each, field)) for each in found if reach(each, field) is not None)
            )
            yield Hit(one.port_path, {"service": one.name, "port": one.port, "known": known or "unnamed ones"})
