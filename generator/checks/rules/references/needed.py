"""What pods name and the given files don't have: accounts, ConfigMaps, Secrets, claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.llm import LLM_SERVICE, workloads
from generator.checks.rules.kserve.runtimes import RUNTIMES
from generator.checks.rules.kserve.spec import judged
from generator.checks.rules.kubernetes.examples import container, pod
from generator.checks.rules.kubernetes.objects import LISTS, POD_KINDS, TEMPLATES
from generator.checks.rules.references import namespaces
from generator.checks.rules.references.inference_service import accounts, claims
from generator.checks.rules.seldon_core_1.spec import predictors
from generator.checks.rules.seldon_core_1.storage import secrets
from generator.checks.rules.seldon_core_2.spec import SERVER
from generator.checks.subject import kind_of, mapping, may_be_in, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import (
    CONFIG_MAP,
    INFERENCE_SERVICE,
    KNATIVE_SERVICE,
    ROLLOUT,
    SELDON_DEPLOYMENT,
    STATEFUL_SET,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Path

    There = Callable[[Index], Mapping[str, set[str]]]

KINDS = (*POD_KINDS, ROLLOUT, KNATIVE_SERVICE)
WITH_PODS = (*KINDS, INFERENCE_SERVICE, LLM_SERVICE, *RUNTIMES, SELDON_DEPLOYMENT, SERVER)
"""Those of platforms too, whose accounts have rules of their own (REF013, SC1207)."""
PATHS = {**TEMPLATES, **dict.fromkeys((ROLLOUT, KNATIVE_SERVICE), ("spec", "template"))}
"""Where the pods stand; a Pod is one itself."""
MODEL: Path = ("spec", "model")
SCHEDULER: Path = ("spec", "router", "scheduler", "template")
IN_EVERY_NAMESPACE = frozenset(("kube-root-ca.crt", "istio-ca-root-cert", "openshift-service-ca.crt"))
"""ConfigMaps that controllers put into each namespace: Kubernetes' own, Istio's, OpenShift's."""
BUNDLE = Kind("trust.cert-manager.io", "Bundle")
"""Of cert-manager's trust-manager: a ConfigMap of its name in each namespace that it selects."""
_TYPES = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/api/core/v1/types.go")


def _object(kind: str, name: str, more: str = "") -> str:
    return f"---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{more}"


@rule(
    id="REF048",
    name="account-of-a-workload-not-in-the-set",
    product=None,
    kinds=KINDS,
    when=frozenset({"serviceAccountName", "serviceAccount"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ServiceAccount {name} in the given files",
    fix="Check the files together with the ServiceAccount, or mend the name.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "plugin/pkg/admission/serviceaccount/admission.go"),
    bad=pod("serviceAccountName: reader"),
    good=pod("serviceAccountName: reader") + _object("ServiceAccount", "reader"),
)
def account_of_a_workload_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """No pod is made without its account, and only the events of the ReplicaSet or Job say why.

    The account may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    path = (*PATHS.get(kind_of(subject.document), ()), "spec")
    spec = mapping(subject.data, *path)
    field = "serviceAccountName" if spec.get("serviceAccountName") else "serviceAccount"  # the old name of the same
    name = text(spec, field)
    if name and name != "default" and _is_missing(subject, accounts, name):
        yield Hit((*path, field), {"name": name})


@rule(
    id="REF049",
    name="config-map-of-a-workload-not-in-the-set",
    product=None,
    kinds=WITH_PODS,
    when=frozenset({"configMapKeyRef", "configMapRef", "configMap"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ConfigMap {name} in the given files",
    fix="Check the files together with the ConfigMap, or mend the name; optional: true lets the pods go without.",
    source=_TYPES,
    bad=container("envFrom: [{configMapRef: {name: settings}}]"),
    good=container("envFrom: [{configMapRef: {name: settings}}]") + _object("ConfigMap", "settings"),
)
def config_map_of_a_workload_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A container waits for the ConfigMap of its environment, and a pod for that of a volume.

    It may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    for path, name in (*_in_containers(subject, "configMap"), *_in_volumes(subject, "configMap", "name")):
        if name not in IN_EVERY_NAMESPACE and _is_missing(subject, config_maps, name):
            yield Hit(path, {"name": name})


@rule(
    id="REF050",
    name="secret-of-a-workload-not-in-the-set",
    product=None,
    kinds=WITH_PODS,
    when=frozenset({"secretKeyRef", "secretRef", "secret"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Secret {name} in the given files, nor an object that makes one",
    fix="Check the files together with the Secret, or mend the name; optional: true lets the pods go without.",
    source=_TYPES,
    bad=container("envFrom: [{secretRef: {name: store}}]"),
    good=container("envFrom: [{secretRef: {name: store}}]") + _object("Secret", "store"),
)
def secret_of_a_workload_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A container waits for the Secret of its environment, and a pod for that of a volume.

    It may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    # Those that an InferenceService's containers name are told by REF014, with those of its model's address.
    here = () if kind_of(subject.document) == INFERENCE_SERVICE else _in_containers(subject, "secret")
    for path, name in (*here, *_in_volumes(subject, "secret", "secretName")):
        if _is_missing(subject, secrets, name):
            yield Hit(path, {"name": name})


@rule(
    id="REF051",
    name="claim-of-a-workload-not-in-the-set",
    product=None,
    kinds=WITH_PODS,
    when=frozenset({"persistentVolumeClaim", "uri"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no PersistentVolumeClaim {name} in the given files",
    fix="Check the files together with the claim, or mend the name.",
    source=_TYPES,
    bad=pod("volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]"),
    good=pod("volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]")
    + _object(
        "PersistentVolumeClaim",
        "models",
        "spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}\n",
    ),
)
def claim_of_a_workload_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The pods wait for the claim and are never scheduled; those of a StatefulSet's templates are made with it.

    It may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    templates = subject.index.derive(templated)
    for path, name in (*_in_volumes(subject, "persistentVolumeClaim", "claimName"), *_of_an_llm(subject)):
        start, _, ordinal = name.rpartition("-")
        made = ordinal.isdecimal() and may_be_in(templates.get(start, ()), subject.document.namespace)
        if not made and _is_missing(subject, claims, name):
            yield Hit(path, {"name": name})


def _of_an_llm(subject: Subject) -> Iterator[tuple[Path, str]]:
    """The claim that an LLM is mounted from; REF015 tells that of an InferenceService's model."""
    scheme, _, rest = (text(subject.data, *MODEL, "uri") or "").partition("://")
    name = rest.partition("/")[0]
    if kind_of(subject.document) == LLM_SERVICE and scheme == "pvc" and name:
        yield (*MODEL, "uri"), name


def config_maps(index: Index) -> Mapping[str, set[str]]:
    """The ConfigMaps of the set, with their namespaces; those of a Bundle are in any."""
    found = {name: set(places) for name, places in namespaces(index.by_kind.get(CONFIG_MAP, ())).items()}
    for bundle in index.by_kind.get(BUNDLE, ()):
        found.setdefault(bundle.name, set()).add("")
    return found


def templated(index: Index) -> Mapping[str, set[str]]:
    """What the names of the claims that StatefulSets make begin with, before the pod's number, and their namespaces."""
    found: dict[str, set[str]] = {}
    for one in index.by_kind.get(STATEFUL_SET, ()):
        for template in sequence(one.data, "spec", "volumeClaimTemplates"):
            found.setdefault(f"{text(template, 'metadata', 'name')}-{one.name}", set()).add(one.namespace)
    return found


def _is_missing(subject: Subject, there: There, name: str) -> bool:
    return not may_be_in(subject.index.derive(there).get(name, ()), subject.document.namespace)


def _pods(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The pods' specifications, each with its place."""
    kind = kind_of(subject.document)
    if kind == INFERENCE_SERVICE:
        yield from ((component.path, component.spec) for component in judged(subject))
    elif kind == LLM_SERVICE:
        for workload in workloads(subject):
            yield from (((*workload.path, part), mapping(workload.spec, part)) for part in ("template", "worker"))
        yield SCHEDULER, mapping(subject.data, *SCHEDULER)
    elif kind in RUNTIMES or kind == SERVER:
        whole: Path = ("spec",) if kind in RUNTIMES else ("spec", "podSpec")
        yield whole, mapping(subject.data, *whole)
    elif kind == SELDON_DEPLOYMENT:
        for predictor in predictors(subject):
            for number, component in enumerate(sequence(predictor.spec, "componentSpecs")):
                yield (*predictor.path, "componentSpecs", number, "spec"), mapping(component, "spec")
    else:
        path = (*PATHS.get(kind, ()), "spec")
        yield path, mapping(subject.data, *path)


def _in_containers(subject: Subject, what: str) -> Iterator[tuple[Path, str]]:
    """The objects of a kind that containers don't start without, each with the place of its name.

    Args:
        subject: The workload.
        what: How the fields of the kind begin: ``configMap`` or ``secret``.
    """
    for path, spec in _pods(subject):
        places: list[Path] = [(part, number) for part in LISTS for number, _ in _each(spec, part)]
        for place in (*places, ("model",)):
            one = mapping(spec, *place)
            for number, _ in _each(one, "env"):
                yield from _needed(spec, path, (*place, "env", number, "valueFrom", f"{what}KeyRef"), "name")
            for number, _ in _each(one, "envFrom"):
                yield from _needed(spec, path, (*place, "envFrom", number, f"{what}Ref"), "name")


def _in_volumes(subject: Subject, what: str, field: str) -> Iterator[tuple[Path, str]]:
    """Likewise those that pods' volumes are made of.

    Args:
        subject: The workload.
        what: As above.
        field: How a volume calls the name.
    """
    for path, spec in _pods(subject):
        for number, volume in _each(spec, "volumes"):
            yield from _needed(spec, path, ("volumes", number, what), field)
            for n, _ in _each(mapping(volume, "projected"), "sources"):
                yield from _needed(spec, path, ("volumes", number, "projected", "sources", n, what), "name")


def _needed(spec: Mapping[str, Any], path: Path, place: Path, field: str) -> Iterator[tuple[Path, str]]:
    reference = mapping(spec, *place)
    name = text(reference, field)
    if name and reference.get("optional") is not True:
        yield (*path, *place, field), name


def _each(value: object, name: str) -> Iterator[tuple[int, object]]:
    return enumerate(sequence(value, name))
