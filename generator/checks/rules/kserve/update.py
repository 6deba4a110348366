"""What KServe's webhooks refuse when an object changes; the object as it was comes from ``--previous``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.runtimes import GOOD as RUNTIME
from generator.checks.rules.kserve.runtimes import RUNTIMES, spec_of
from generator.checks.rules.kserve.runtimes import WEBHOOK as RUNTIME_WEBHOOK
from generator.checks.rules.kserve.spec import (
    KNATIVE,
    MODE,
    MODELMESH,
    NEW_NAMES,
    STANDARD,
    V0_16,
    V0_17,
    V0_19,
    V0_20,
    VALIDATION,
    Component,
    components,
    mode,
    storage_uri,
)
from generator.checks.rules.kserve.trained_model import GOOD as TRAINED
from generator.checks.rules.kserve.trained_model import WEBHOOK as TRAINED_WEBHOOK
from generator.checks.subject import mapping, reach, text
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.schemas.kinds import INFERENCE_SERVICE, TRAINED_MODEL
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from generator.checks.subject import Subject
    from generator.reading.documents import Document

MEMORY = ("spec", "model", "memory")
GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    name: first
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""

PROMOTED = (
    GOOD.replace("name: first", "name: second").replace("digits/1", "digits/2")
    + """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits}
spec:
  parentRefs: [{name: models, namespace: gateways}]
  rules:
    - backendRefs: [{name: digits-second-predictor, port: 80}]
"""
)
"""The same service after a promotion, with the route that leads to the Service's new name."""


def replaced(subject: Subject) -> Document | None:
    """The object as it was; None where there is none, and where it is being deleted: then nothing is refused."""
    if mapping(subject.data, "metadata").get("deletionTimestamp") is not None:
        return None
    return subject.index.before(subject.document)


@rule(
    id="KSV077",
    name="mode-changed",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the service runs in mode {old}, and KServe refuses to change that to {new}",
    fix="Keep the mode; to change it make a service of another name, move the traffic, and delete this one.",
    source=VALIDATION,
    before=GOOD.replace("Standard", "Knative"),
    bad=GOOD,
    good=GOOD.replace("Standard", "Knative"),
)
def mode_changed(subject: Subject) -> Iterator[Hit]:
    """The controller writes the mode into the status, and from then on it is fixed.

    Without a status in the old object its annotation tells the mode, if it names one; else only the cluster knows.
    """
    change = _mode_change(subject)
    rewritten = subject.release is None or subject.release >= V0_17
    if change is not None and not (rewritten and NEW_NAMES.get(change.old) == change.new):  # else KSV460 tells
        yield hit("metadata", "annotations", MODE, old=change.old, new=change.new)


class _ModeChange(NamedTuple):
    """What KServe takes for a change of the mode."""

    old: str
    new: str


def _mode_change(subject: Subject) -> _ModeChange | None:
    """The mode that the service runs in, and the one that it asks for; None where KServe sees no change.

    Before 0.19 the status is compared as it stands there; since 0.16 the controller writes the new names into it.
    """
    before, new = replaced(subject), mode(subject)
    if before is None or new is None:
        return None
    release = subject.release or V0_20
    status = text(before.data, "status", "deploymentMode")
    old = status or text(before.data, "metadata", "annotations", MODE) or ""
    if release >= V0_19 or (release >= V0_16 and not status):
        old = NEW_NAMES.get(old, old)
    known = (STANDARD, KNATIVE, MODELMESH) if release >= V0_16 else (*NEW_NAMES, MODELMESH)
    return _ModeChange(old, new) if old != new and (status or old in known) else None


NAMELESS = GOOD.replace("    name: first\n", "")
"""As releases before 0.20 take it."""
LIVE = NAMELESS.replace("Standard", "RawDeployment") + "status: {deploymentMode: RawDeployment}\n"


@rule(
    id="KSV460",
    name="old-mode-name-in-status",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_17,
    until=V0_19,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the live status says {old}, the old name of {new}, and this release refuses every update over it",
    fix="Patch it: kubectl patch isvc {name} --subresource status --type merge -p "
    """'{{"status":{{"deploymentMode":"{new}"}}}}'; or go on to 0.19.""",
    source=Source("kserve/kserve", "v0.18.1", "pkg/apis/serving/v1beta1/inference_service_validation.go"),
    before=LIVE,
    bad=NAMELESS,
    good=NAMELESS.replace("  annotations: {serving.kserve.io/deploymentMode: Standard}\n", ""),
)
def old_mode_name_in_status(subject: Subject) -> Iterator[Hit]:
    """The service was made before the modes were renamed, and its status keeps the old name.

    The webhook rewrites the annotation to the new name and then compares it with the status letter by letter, so that
    an unchanged manifest is refused as well. A manifest without the annotation passes.
    """
    change = _mode_change(subject)
    if change is not None and NEW_NAMES.get(change.old) == change.new:
        name = subject.document.name
        yield hit("metadata", "annotations", MODE, old=change.old, new=change.new, name=name)


@rule(
    id="KSV078",
    name="predictor-name-changed-alone",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="predictor.name changes from '{old}' to '{new}' and the model's address doesn't, which KServe refuses",
    fix="Leave the name as it was. A promotion gives the predictor the name and the storageUri of a canary together.",
    source=VALIDATION,
    before=GOOD,
    bad=GOOD.replace("name: first", "name: second"),
    good=PROMOTED,
)
def predictor_name_changed_alone(subject: Subject) -> Iterator[Hit]:
    """In 0.20 a canary is promoted by giving the stable predictor its name and its model."""
    names = renamed(subject)
    if names is not None and names.alone:
        yield hit("spec", "predictor", "name", old=names.old, new=names.new)


class Renamed(NamedTuple):
    """A predictor's name before and after a change, and whether the model's address stays."""

    old: str
    new: str
    alone: bool


def renamed(subject: Subject) -> Renamed | None:
    """What becomes of the predictor's name; None where it stays, or nobody says what it was."""
    before = replaced(subject)
    if before is None:
        return None
    (predictor, *_) = components(subject)
    former = Component("predictor", predictor.path, _converted(mapping(before.data, "spec", "predictor")))
    old, new = (text(one.spec, "name") or "" for one in (former, predictor))
    return None if old == new else Renamed(old, new, _address(former) == _address(predictor))


def _converted(predictor: Mapping[str, Any]) -> Mapping[str, Any]:
    """An old predictor as the webhook left it: a framework field took the place of a model beside it."""
    written = any(isinstance(predictor.get(field), dict) for field in FRAMEWORKS)
    return {name: value for name, value in predictor.items() if name != "model"} if written else predictor


def _address(predictor: Component) -> str:
    return (storage_uri(predictor) or ((), ""))[1]


@rule(
    id="KSV352",
    name="trained-model-memory-changed",
    product="kserve",
    kinds=(TRAINED_MODEL,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="memory was {old} and is {new}; KServe refuses to change it",
    fix="Keep it, or delete the TrainedModel and make it anew.",
    source=TRAINED_WEBHOOK,
    before=TRAINED,
    bad=TRAINED.replace("256Mi", "512Mi"),
    good=TRAINED.replace("256Mi", "0.25Gi"),
)
def trained_model_memory_changed(subject: Subject) -> Iterator[Hit]:
    """The model was placed by its memory, and nothing would place it again.

    The same amount in another form is no change; none at all counts as 0.
    """
    before = replaced(subject)
    if before is None:
        return
    values = [reach(data, *MEMORY) for data in (before.data, subject.data)]
    old, new = ("0" if value is None else value for value in values)  # as Go decodes nothing
    amounts = [_amount(value) for value in (old, new)]
    if None not in amounts and amounts[0] != amounts[1]:
        yield hit(*MEMORY, old=old, new=new)


def _amount(value: object) -> Decimal | None:
    """A quantity as a number; None where it is none."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    try:
        return quantity.value(str(value))
    except ValueError:
        return None


@rule(
    id="KSV378",
    name="runtime-workers-removed",
    product="kserve",
    kinds=RUNTIMES,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the runtime had a workerSpec, and KServe refuses to take it away",
    fix="Keep workerSpec, or make a runtime of another name without it.",
    source=RUNTIME_WEBHOOK,
    before=RUNTIME,
    bad=RUNTIME.split("  workerSpec:", maxsplit=1)[0],
    good=RUNTIME,
)
def runtime_workers_removed(subject: Subject) -> Iterator[Hit]:
    """Services that run over several nodes with it would be left without workers."""
    before, spec = subject.index.before(subject.document), spec_of(subject)
    had = before is not None and isinstance(reach(before.data, "spec", "workerSpec"), dict)
    if had and spec is not None and spec.get("workerSpec") is None:
        yield hit("spec", on_key=True)
