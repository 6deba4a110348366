"""What the webhooks of all kinds ask of a job: its name, its roles and their containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_training_operator.spec import (
    JAX,
    JOBS,
    PADDLE,
    PRODUCT,
    PYTORCH,
    TF,
    TF_JOB,
    WEBHOOK,
    XGBOOST,
    each,
    form,
)
from generator.checks.rules.kubernetes.syntax import is_dns_1035
from generator.checks.subject import mapping, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

LONGEST_PREFIX = 58
"""Of ``generateName``: Kubernetes cuts what is longer, and puts five characters behind it."""


@rule(
    id="KFT001",
    name="training-job-name-outside-the-pattern",
    product=PRODUCT,
    kinds=JOBS,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the Training Operator refuses the name '{name}'",
    fix="Use lower-case letters, digits and '-' only, at most 63, with a letter first and no '-' last.",
    source=WEBHOOK,
    bad=TF.replace("name: digits}", "name: 2nd.digits}"),
    good=TF,
)
def training_job_name_outside_the_pattern(subject: Subject) -> Iterator[Hit]:
    """Each replica gets a Service of the job's name, so the name has to be one that Services may have."""
    name, prefix = (text(subject.data, "metadata", key) for key in ("name", "generateName"))
    if name and not is_dns_1035(name):
        yield hit("metadata", "name", name=name)
    elif not name and prefix and not is_dns_1035(f"{prefix[:LONGEST_PREFIX]}xxxxx"):
        yield hit("metadata", "generateName", name=f"{prefix}…")


@rule(
    id="KFT002",
    name="training-job-without-spec",
    product=PRODUCT,
    kinds=JOBS,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the job has no spec, and so no spec.{field}",
    fix="Write spec.{field} with a role, its replicas and its pods.",
    source=WEBHOOK,
    bad="\n".join(PADDLE.split("\n")[:4]),
    good=PADDLE,
)
def training_job_without_spec(subject: Subject) -> Iterator[Hit]:
    """The schema asks for the replica specs only where there is a spec; the webhook asks for them always."""
    if subject.data.get("spec") is None:
        yield hit(field=form(subject).field)


@rule(
    id="KFT003",
    name="unknown-replica-role",
    product=PRODUCT,
    kinds=tuple(kind for kind in JOBS if kind != TF_JOB),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a {kind} has no role {role}",
    fix="Write one of: {roles}.",
    source=WEBHOOK,
    bad=PYTORCH.replace("Worker:", "worker:"),
    good=PYTORCH,
)
def unknown_replica_role(subject: Subject) -> Iterator[Hit]:
    """The case counts: the operator would mend it, but its webhook looks before that."""
    roles = form(subject).roles
    for replica in each(subject):
        if replica.role not in roles:
            values = {"kind": subject.document.kind, "role": replica.role, "roles": ", ".join(roles)}
            yield Hit(replica.path, values, on_key=True)


@rule(
    id="KFT004",
    name="replica-without-containers",
    product=PRODUCT,
    kinds=JOBS,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the role {role} has no containers",
    fix="Write template.spec.containers with a container named {container}.",
    source=WEBHOOK,
    bad=JAX.split("      template:", maxsplit=1)[0],
    good=JAX,
)
def replica_without_containers(subject: Subject) -> Iterator[Hit]:
    """The schema takes a role without a pod template, or with an empty list."""
    for replica in each(subject):
        pod = reach(replica.spec, "template", "spec")
        if not replica.containers and (pod is None or reach(pod, "containers") == []):
            yield Hit(replica.path, {"role": replica.role, "container": form(subject).container}, on_key=True)


@rule(
    id="KFT005",
    name="replica-container-without-image",
    product=PRODUCT,
    kinds=JOBS,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the container {name} of the role {role} has no image",
    fix="Give it one; nothing fills it in.",
    source=WEBHOOK,
    bad=TF.replace(", image: registry.example.com/train:1", ""),
    good=TF,
)
def replica_container_without_image(subject: Subject) -> Iterator[Hit]:
    """Every container of the pods needs one, not the one that trains alone."""
    for replica in each(subject):
        for number, container in enumerate(replica.containers):
            if container.__class__ is dict and container.get("image") in (None, ""):
                values = {"name": text(container, "name") or number, "role": replica.role}
                yield Hit((*replica.where, number), values)


@rule(
    id="KFT006",
    name="no-container-that-trains",
    product=PRODUCT,
    kinds=JOBS,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="no container of the role {role} is named {container}, as the one that trains has to be in a {kind}",
    fix="Name it {container}.",
    source=WEBHOOK,
    bad=XGBOOST.replace("name: xgboost", "name: train"),
    good=XGBOOST,
)
def no_container_that_trains(subject: Subject) -> Iterator[Hit]:
    """The operator puts the cluster's addresses into that container, and reads the exit code of it."""
    wanted = form(subject).container
    for replica in each(subject):
        found = replica.containers
        if found and all(mapping(container).get("name") != wanted for container in found):
            first = (*replica.where, 0, "name") if len(found) == 1 else replica.where
            yield Hit(first, {"role": replica.role, "container": wanted, "kind": subject.document.kind})
