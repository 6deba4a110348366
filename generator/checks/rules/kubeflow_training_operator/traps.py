"""What the operator takes and then does otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kubeflow_training_operator.spec import (
    JOBS,
    PADDLE,
    POD,
    PRODUCT,
    TF,
    TF_JOB,
    each,
    form,
    role,
    source,
)
from generator.checks.subject import integer, mapping, reach, text
from generator.schemas.kinds import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Path

INJECT = "sidecar.istio.io/inject"
EXIT_CODE = "ExitCode"
RUNNING = source("pkg/controller.v1/common/job.go")
PODS = source("pkg/controller.v1/common/pod.go")
EXITING = TF.replace("      replicas: 1\n", "      replicas: 1\n      restartPolicy: ExitCode\n")
MESHED = TF.replace("template: {spec", f'template: {{metadata: {{labels: {{{INJECT}: "%s"}}}}, spec')


@rule(
    id="KFT021",
    name="unknown-tensorflow-role",
    product=PRODUCT,
    kinds=(TF_JOB,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the operator knows no role {role}: its pods run, and whether they succeed or fail changes nothing",
    fix="Write one of: {roles}.",
    source=source("pkg/controller.v1/tensorflow/tfjob_controller.go"),
    bad=TF.replace("Worker:", "Workers:"),
    good=TF,
)
def unknown_tensorflow_role(subject: Subject) -> Iterator[Hit]:
    """The webhook of TFJob takes any role, in any case, and the job's status is made of the known ones alone.

    A job that has no other role is never done.
    """
    roles = form(subject).roles
    known = {name.lower() for name in roles}
    for replica in each(subject):
        if replica.role.lower() not in known:
            yield Hit(replica.path, {"role": replica.role, "roles": ", ".join(roles)}, on_key=True)


@rule(
    id="KFT022",
    name="backoff-limit-without-effect",
    product=PRODUCT,
    kinds=JOBS,
    when=frozenset({"backoffLimit"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="backoffLimit {limit} bounds nothing: with restartPolicy ExitCode (role {role}) restarts aren't counted",
    fix="Bound the job by runPolicy.activeDeadlineSeconds, or use restartPolicy OnFailure.",
    source=RUNNING,
    bad=EXITING + "  runPolicy: {backoffLimit: 3}\n",
    good=EXITING + "  runPolicy: {activeDeadlineSeconds: 86400}\n",
)
def backoff_limit_without_effect(subject: Subject) -> Iterator[Hit]:
    """What is counted are restarts of containers inside a pod.

    With ExitCode the operator deletes a pod that ended with 128 or more (a signal: eviction, but out of memory too) and
    makes a new one, whose count begins at 0. So a worker that needs too much memory is started again for ever. A limit
    of 0 does hold: the first failure ends the job.
    """
    limit = integer(subject.data, "spec", "runPolicy", "backoffLimit")
    replica = next((one for one in each(subject) if one.spec.get("restartPolicy") == EXIT_CODE), None)
    if limit is not None and limit > 0 and replica is not None:
        yield hit("spec", "runPolicy", "backoffLimit", limit=limit, role=replica.role)


@rule(
    id="KFT023",
    name="restart-policy-in-the-pod",
    product=PRODUCT,
    kinds=JOBS,
    when=frozenset({"restartPolicy"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the pods of the role {role} ask for restartPolicy {asked} and get {given}",
    fix="Write restartPolicy beside replicas and template; the operator overwrites the one in the pod.",
    source=PODS,
    bad=PADDLE.replace("{containers:", "{restartPolicy: Never, containers:"),
    good=PADDLE.replace("      replicas: 1\n", "      replicas: 1\n      restartPolicy: Never\n"),
)
def restart_policy_in_the_pod(subject: Subject) -> Iterator[Hit]:
    """The replica spec's policy goes into every pod, or the kind's default; for ExitCode that is Never."""
    for replica in each(subject):
        asked = text(replica.spec, *POD, "restartPolicy")
        given = text(replica.spec, "restartPolicy") or form(subject).restart
        given = "Never" if given == EXIT_CODE else given
        if asked and asked != given:
            values = {"role": replica.role, "asked": asked, "given": given}
            yield Hit((*replica.path, *POD, "restartPolicy"), values)


@rule(
    id="KFT024",
    name="mesh-between-the-workers",
    product=PRODUCT,
    kinds=(TF_JOB,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="Istio's sidecar gets into the pods of the role {role}, because {reason}",
    fix=f'Give the pods the label {INJECT}: "false".',
    source=Source("kubeflow/trainer", "v2.3.0", "docs/legacy-v1/user-guides/tensorflow.md"),
    bad=MESHED % "true",
    good=MESHED % "false",
)
def mesh_between_the_workers(subject: Subject) -> Iterator[Hit]:
    """TensorFlow's workers talk to each other by the pods' own addresses, which the sidecar takes over."""
    for replica in each(subject):
        reason = _injected(subject, mapping(replica.spec, "template", "metadata"))
        if reason:
            yield Hit((*replica.path, "template"), {"role": replica.role, "reason": reason}, on_key=True)


def _injected(subject: Subject, metadata: Mapping[str, Any]) -> str:
    """Why the sidecar is injected; empty where nothing in the set says so.

    A pod's label goes before its annotation, which is the older form, and both before the namespace's labels.
    """
    asked = text(metadata, "labels", INJECT) or text(metadata, "annotations", INJECT)
    if asked is not None:
        return f"they ask for it by {INJECT}" if asked == "true" else ""
    wanted = subject.document.namespace
    namespace = subject.index.derive(meshed).get(wanted) if wanted else None
    return f"the Namespace {wanted} has the label {namespace}" if namespace else ""


def meshed(index: Index) -> Mapping[str, str]:
    """The Namespaces of the set whose pods get a sidecar, with the label that says so."""
    found = {}
    for namespace in index.by_kind.get(NAMESPACE, ()):
        labels = mapping(namespace.data, "metadata", "labels")
        switch, revision = labels.get("istio-injection"), labels.get("istio.io/rev")
        if switch == "enabled" or (revision and switch is None):
            found[namespace.name] = "istio-injection" if switch else "istio.io/rev"
    return found


class Word(NamedTuple):
    """A field with a few known values, which the schema leaves open.

    Attributes:
        path: Below spec, or below a replica spec.
        known: Its values.
        effect: What any other is.
    """

    path: Path
    known: tuple[str, ...]
    effect: str


CLEANS = Word(
    ("spec", "runPolicy", "cleanPodPolicy"), ("None", "Running", "All"), "it is as All: the pods go, and their logs"
)
SUCCEEDS = Word(("spec", "successPolicy"), ("", "AllWorkers"), "it is as none: worker 0 alone decides")
RESTARTS = Word(
    ("restartPolicy",), ("", "Never", "OnFailure", "Always", EXIT_CODE), "Kubernetes refuses the pods, so none is made"
)


@rule(
    id="KFT025",
    name="word-that-the-operator-has-not",
    product=PRODUCT,
    kinds=JOBS,
    when=frozenset({"cleanPodPolicy", "successPolicy", "restartPolicy"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{value}' is no {field}: {effect}",
    fix="Write one of: {known}.",
    source=RUNNING,
    bad=TF + "  runPolicy: {cleanPodPolicy: none}\n",
    good=TF + "  runPolicy: {cleanPodPolicy: None}\n",
)
def word_that_the_operator_has_not(subject: Subject) -> Iterator[Hit]:
    """Neither the schema nor the webhook looks at these values, and the case counts.

    An empty cleanPodPolicy isn't the default either.
    """
    words = (CLEANS, SUCCEEDS) if subject.document.kind == TF_JOB.kind else (CLEANS,)
    found = [(word.path, word, text(subject.data, *word.path)) for word in words]
    found += [((*one.path, *RESTARTS.path), RESTARTS, text(one.spec, *RESTARTS.path)) for one in each(subject)]
    for path, word, value in found:
        if value is not None and value not in word.known:
            known = ", ".join(one for one in word.known if one)
            yield hit(*path, value=value, field=word.path[-1], effect=word.effect, known=known)


@rule(
    id="KFT026",
    name="role-without-cluster",
    product=PRODUCT,
    kinds=(TF_JOB,),
    when=frozenset({"enableDynamicWorker"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="with enableDynamicWorker the pods of the role {role} get a TF_CONFIG that names nobody",
    fix="Take enableDynamicWorker away, or the role: it is for Worker and PS alone.",
    source=source("pkg/controller.v1/tensorflow/tensorflow.go"),
    bad=TF + role("Chief", TF_JOB) + "  enableDynamicWorker: true\n",
    good=TF + role("PS", TF_JOB) + "  enableDynamicWorker: true\n",
)
def role_without_cluster(subject: Subject) -> Iterator[Hit]:
    """A worker is told of itself and the parameter servers, a parameter server of itself, any other role of nobody."""
    if reach(subject.data, "spec", "enableDynamicWorker") is True:
        for replica in each(subject):
            if replica.role.lower() not in ("worker", "ps"):
                yield Hit(replica.path, {"role": replica.role}, on_key=True)
