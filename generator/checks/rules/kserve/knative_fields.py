"""Pod fields that Knative's webhook takes only where a flag is on, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH
from generator.checks.rules.kserve.spec import KNATIVE, NEW_NAMES, Component, components, mode
from generator.checks.subject import mapping, reach, sequence, text
from generator.schemas.kinds import CONFIG_MAP, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

MASK = Source("knative/serving", "knative-v1.20.0", "pkg/apis/serving/fieldmask.go")
FLAGS = {
    "affinity": "affinity",
    "topologySpreadConstraints": "topologyspreadconstraints",
    "hostAliases": "hostaliases",
    "nodeSelector": "nodeselector",
    "runtimeClassName": "runtimeclassname",
    "tolerations": "tolerations",
    "securityContext": "securitycontext",
    "shareProcessNamespace": "shareprocessnamespace",
    "priorityClassName": "priorityclassname",
    "schedulerName": "schedulername",
    "initContainers": "init-containers",
    "storageUris": "init-containers",
    "dnsPolicy": "dnspolicy",
    "dnsConfig": "dnsconfig",
    "hostIPC": "hostipc",
    "hostPID": "hostpid",
    "hostNetwork": "hostnetwork",
}
"""By field of a pod, or of a predictor that KServe makes such a field of, the end of ``kubernetes.podspec-…`` in
Knative's ConfigMap config-features; all are off as Knative ships."""

VOLUMES = {
    "persistentVolumeClaim": "persistent-volume-claim",
    "hostPath": "volumes-hostpath",
    "csi": "volumes-csi",
    "ephemeral": "volumes-ephemeral",
    "image": "volumes-image",
}
NEVER = (
    *("restartPolicy", "terminationGracePeriodSeconds", "activeDeadlineSeconds", "nodeName", "hostname", "subdomain"),
    *("priority", "readinessGates", "setHostnameAsFQDN", "overhead", "os", "hostUsers", "schedulingGates"),
    *("preemptionPolicy", "ephemeralContainers", "resourceClaims"),
)
"""Fields of a pod that no flag lets through."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV550",
    name="field-behind-a-flag-of-knative",
    product="kserve",
    kinds=(INFERENCE_SERVICE, INFERENCE_GRAPH),
    when=frozenset({*FLAGS, "volumes"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="Knative refuses {fields} unless its flags say otherwise: {flags}",
    fix="Switch them on in the ConfigMap config-features of knative-serving, or use Standard mode.",
    source=MASK,
    bad=GOOD.replace("  predictor:\n", "  predictor:\n    nodeSelector: {disk: ssd}\n"),
    good=GOOD,
)
def field_behind_a_flag_of_knative(subject: Subject) -> Iterator[Hit]:
    """KServe copies the field into a Knative Service, and Knative's webhook refuses that; the controller tries again.

    Many clusters have the flags on, so this is a note. A config-features in the given files is heeded.
    """
    on = subject.index.derive(_switched_on)
    for component in _on_knative(subject):
        found = [(name, flag) for name, flag in _flagged(component.spec) if flag not in on]
        if found:
            names = " and ".join(dict.fromkeys(name for name, _ in found))
            flags = ", ".join(f"kubernetes.podspec-{flag}" for flag in dict.fromkeys(flag for _, flag in found))
            field = found[0][0] if found[0][0] in component.spec else "volumes"
            yield Hit((*component.path, field), {"fields": names, "flags": flags}, on_key=True)


@rule(
    id="KSV551",
    name="field-that-knative-never-takes",
    product="kserve",
    kinds=(INFERENCE_SERVICE, INFERENCE_GRAPH),
    when=frozenset(NEVER),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="Knative takes no {field} in a pod, whatever its flags: it refuses the Service that KServe makes",
    fix="Remove it, or use Standard mode.",
    source=MASK,
    bad=GOOD.replace("  predictor:\n", "  predictor:\n    terminationGracePeriodSeconds: 60\n"),
    good=GOOD,
)
def field_that_knative_never_takes(subject: Subject) -> Iterator[Hit]:
    """The InferenceService is accepted and no revision ever comes up. The grace period is Knative's timeout."""
    for component in _on_knative(subject):
        for field in NEVER:
            if component.spec.get(field) is not None:
                yield Hit((*component.path, field), {"field": field}, on_key=True)


def _on_knative(subject: Subject) -> tuple[Component, ...]:
    """What has pods of its own, where the mode is Knative: components, or the router of a graph."""
    found = mode(subject)
    if NEW_NAMES.get(found or "", found) != KNATIVE:
        return ()
    if subject.document.kind == INFERENCE_GRAPH.kind:
        return (Component("graph", ("spec",), mapping(subject.data, "spec")),)
    return components(subject)


def _flagged(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of a component that need a flag, with the flag."""
    for field, flag in FLAGS.items():
        if spec.get(field) not in (None, [], {}):
            yield field, flag
    for volume in sequence(spec, "volumes"):
        for kind, flag in VOLUMES.items():
            if isinstance(reach(volume, kind), dict):
                yield f"volumes with {kind}", flag


def _switched_on(index: Index) -> frozenset[str]:
    """The flags that a config-features of the set switches on."""
    data = [mapping(one.data, "data") for one in index.by_kind.get(CONFIG_MAP, ()) if one.name == "config-features"]
    prefix = "kubernetes.podspec-"
    return frozenset(
        key.removeprefix(prefix)
        for one in data
        for key in one
        if key.startswith(prefix) and (text(one, key) or "").lower() in ("enabled", "allowed")
    )
