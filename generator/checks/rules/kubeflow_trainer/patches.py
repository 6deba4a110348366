"""``runtimePatches``: what a TrainJob changes in its runtime."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    INITIALIZERS,
    JOB,
    JOBS,
    NODE,
    POD,
    PRODUCT,
    TRAIN_JOB,
    both,
    patched,
    plugin,
    runtime,
)
from generator.checks.rules.kubernetes.syntax import is_subdomain
from generator.checks.subject import mapping, reach, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

PATCHES = ("spec", "runtimePatches")
JOBSET = plugin("jobset/jobset.go")
_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")
_PATCH = """  runtimePatches:
    - manager: %s
      trainingRuntimeSpec:
        template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: %s}}}}]}}
"""


def patching(spec: str, manager: str = "example.com/team") -> str:
    """A job with its runtime, whose pods it patches."""
    return both(JOB + _PATCH % (manager, spec))


GOOD = patching("{nodeSelector: {pool: gpu}}")


@rule(
    id="KFT120",
    name="patch-manager-without-domain",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimePatches"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the manager '{manager}' isn't of the form domain/name",
    fix="Write for example example.com/{name}.",
    source=JOBSET,
    bad=patching("{nodeSelector: {pool: gpu}}", "team"),
    good=GOOD,
)
def patch_manager_without_domain(subject: Subject) -> Iterator[Hit]:
    """The manager says whose patch it is; Kueue has kueue.x-k8s.io/manager."""
    for number, patch in enumerate(sequence(subject.data, *PATCHES)):
        manager = text(patch, "manager")
        if manager is None:
            continue
        domain, slash, path = manager.partition("/")
        if not slash or not is_subdomain(domain) or not _PATH.fullmatch(path):
            name = re.sub(r"[^-a-z0-9]+", "-", manager.lower()).strip("-") or "team"
            yield hit(*PATCHES, number, "manager", manager=manager, name=name)


@rule(
    id="KFT121",
    name="patch-of-own-variables",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimePatches"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a patch mayn't set variables of the container {container}",
    fix="Write them under {place}.",
    source=JOBSET,
    bad=patching("{containers: [{name: node, env: [{name: SEED, value: '7'}]}]}"),
    good=both(JOB + "  trainer: {env: [{name: SEED, value: '7'}]}\n"),
)
def patch_of_own_variables(subject: Subject) -> Iterator[Hit]:
    """Those of the containers that Trainer itself fills in stand in the TrainJob; a patch may set those of others."""
    for path, job in patched(subject.data):
        for number, container in enumerate(sequence(job, *POD, "containers")):
            name = text(container, "name") or ""
            if name in (NODE, *INITIALIZERS) and sequence(container, "env"):
                place = "trainer.env" if name == NODE else f"initializer.{name.partition('-')[0]}.env"
                yield hit(*path, *POD, "containers", number, "env", on_key=True, container=name, place=place)


@rule(
    id="KFT122",
    name="patch-of-what-is-not-there",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimePatches"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the runtime {runtime} has no {what}, so the patch adds one that can't run",
    fix="Mend the name, or add it to the runtime.",
    source=JOBSET,
    bad=patching("{containers: [{name: mesh, env: [{name: SEED, value: '7'}]}]}"),
    good=GOOD,
)
def patch_of_what_is_not_there(subject: Subject) -> Iterator[Hit]:
    """The webhook means to refuse it, but the patches are merged before it looks, so that it finds what they add.

    A patch can't give an image, so the pods can't be made and the TrainJob gets none.
    """
    found = runtime(subject)
    if found is None:
        return
    name = found.document.name
    own = {text(job, "name"): job for job in sequence(found.document.data, *JOBS)}
    for path, job in patched(subject.data):
        wanted = text(job, "name")
        if wanted not in own:
            yield hit(*path, "name", runtime=name, what=f"replicated job {wanted}")
            continue
        pod = mapping(own[wanted], *POD)
        there = {text(one, "name") for key in ("containers", "initContainers") for one in sequence(pod, key)}
        for key in ("containers", "initContainers"):
            for number, container in enumerate(sequence(job, *POD, key)):
                if text(container, "name") not in there:
                    what = f"container {text(container, 'name')} in its job {wanted}"
                    yield hit(*path, *POD, key, number, "name", runtime=name, what=what)


@rule(
    id="KFT123",
    name="patches-changed-while-running",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="runtimePatches changes, and the job is suspended neither before nor after that",
    fix="Set suspend: true in the same change, and false in the next one.",
    source=JOBSET,
    before=GOOD,
    bad=GOOD.replace("pool: gpu", "pool: cpu"),
    good=GOOD,
)
def patches_changed_while_running(subject: Subject) -> Iterator[Hit]:
    """The pods of a running job aren't changed. Nor are those of a suspended one while some are still active."""
    before = subject.index.before(subject.document)
    if before is None or True in [reach(data, "spec", "suspend") for data in (before.data, subject.data)]:
        return
    if _patches(before.data) != _patches(subject.data):
        yield hit(*PATCHES, on_key=True)


def _patches(data: object) -> dict[str | None, Any]:
    """The patches by manager, without the time, which the mutating webhook keeps."""
    found = {}
    for patch in sequence(data, *PATCHES):
        rest = {key: value for key, value in mapping(patch).items() if key != "time"}
        found[text(patch, "manager")] = _filled(rest)
    return found


def _filled(value: Any) -> Any:
    """A value without what is empty: nothing and an empty list or object are one to the webhook."""
    if isinstance(value, dict):
        kept = {key: _filled(child) for key, child in value.items()}
        return {key: child for key, child in kept.items() if child is not None and child not in ([], {})}
    return [_filled(child) for child in value] if isinstance(value, list) else value
