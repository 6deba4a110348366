"""InferenceServices (v1beta1) of anyone's: framework form, model form, custom containers.

What the defaulter and the controller make of a manifest (kserve/kserve v0.20.0, inference_service_defaults.go,
predictor_model.go ``GetSupportingRuntimes``) is said outright, since a service file that leaves it out means Serinus'
own defaults.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.convert import common
from generator.convert.kserve_models import model
from generator.convert.kserve_scaling import AUTOSCALER, KNATIVE_CLASS, scaling
from generator.platforms.replacing import QUARTERED, SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part
    from generator.reading.documents import Path

MODE = "serving.kserve.io/deploymentMode"
HANDLED = (MODE, AUTOSCALER, KNATIVE_CLASS, "modelFormat")
"""Annotations that are read here; the last is the defaulter's own."""

MODES: Mapping[str, str] = MappingProxyType(
    {"Standard": "standard", "RawDeployment": "standard", "Knative": "knative", "Serverless": "knative"}
)
MAIN_CONTAINER = "kserve-container"


def read(draft: Draft, root: Part) -> None:
    """An InferenceService into a draft."""
    common.metadata(draft, root, HANDLED)
    spec = root / "spec"
    canaries = (spec / "canary").items()
    mode(draft, root)
    called = spec / "predictor" / "name"
    stable = common.variant_name(str(called.value or "stable"))
    draft.put(("variants", 0, "name"), stable, spec / "predictor")
    if canaries:
        _called(draft, called, 0)
    _predictor(draft, spec / "predictor")
    if canaries:
        _canaries(draft, stable, canaries)
    else:
        _previous(draft, spec / "predictor")
    _transformer(draft, spec / "transformer")
    _explainer(draft, spec / "explainer")
    _replaced(draft, spec)


def mode(draft: Draft, root: Part) -> None:
    """The deployment mode: what the manifest says, else what its fields need, else what KServe ships as its default."""
    annotations = root / "metadata" / "annotations"
    named = annotations / MODE
    if isinstance(named.value, str) and named.value in MODES:
        draft.put(("platform", "mode"), MODES[named.take()], named)
        return
    named.lose("Serinus renders for standard and knative; KServe ignores a mode that it doesn't know")
    predictor = root / "spec" / "predictor"
    standard = (predictor / "deploymentStrategy", root / "spec" / "canary", annotations / AUTOSCALER)
    needs = next((part for part in standard if part.there), None)
    if needs:
        draft.put(("platform", "mode"), "standard")
        draft.comments["platform"] = f"The manifest names no mode; {needs.key.rpartition('/')[2]} is for standard."
        return
    draft.put(("platform", "mode"), "knative")
    draft.comments["platform"] = (
        "The manifest leaves the mode to the cluster; knative is KServe's default. Say standard where the cluster does."
    )


def _predictor(draft: Draft, part: Part) -> None:
    """The stable predictor: what it says holds for the whole service."""
    model(draft, part, 0)
    component(draft, part)
    scaling(draft, part)
    _logger(draft, part / "logger")
    batcher = part / "batcher"
    if batcher.value is not None:
        batcher.take()
        draft.put(("batcher",), {}, batcher)
    for theirs, ours in (("maxBatchSize", "maxSize"), ("maxLatency", "maxLatency"), ("timeout", "timeout")):
        draft.put(("batcher", ours), (batcher / theirs).number(), batcher / theirs)


def component(draft: Draft, part: Part) -> None:
    """Service account, pod and rollout of a predictor."""
    for key in ("serviceAccountName", "serviceAccount"):
        if draft.get("serviceAccount") is None or draft.get("serviceAccount") == (part / key).value:
            draft.put(("serviceAccount",), (part / key).text(), part / key)
    common.pod(draft, ("pod",), part, common.POD_FIELDS.__contains__)
    strategy = part / "deploymentStrategy"
    if (strategy / "type").value in ("RollingUpdate", None):
        (strategy / "type").take()
    update = strategy / "rollingUpdate"
    for theirs, ours in (("maxSurge", "maxSurge"), ("maxUnavailable", "maxUnavailable")):
        value = (update / theirs).value
        if type(value) is int or (isinstance(value, str) and not (value.isascii() and value.isdigit())):
            draft.put(("rollout", ours), str((update / theirs).take()), update / theirs)
        elif isinstance(value, str):
            draft.put(("rollout", ours), value, update / theirs)
            (update / theirs).lose("a Deployment takes no number as text: it is a number now")


def _replaced(draft: Draft, spec: Part) -> None:
    """What Kubernetes does where the manifest says nothing: a service file that says nothing means another thing."""
    parts = [spec / name for name in ("predictor", "transformer", "explainer")]
    counts = [(part / key).value for part in parts for key in ("minReplicas", "maxReplicas")]
    most = max((count for count in counts if type(count) is int), default=0)
    if draft.get("platform", "mode") != "standard" or most < QUARTERED or (parts[0] / "deploymentStrategy").there:
        return
    draft.put(("rollout", "maxUnavailable"), SHARE)
    draft.comments["rollout"] = (
        "The manifest leaves this to Kubernetes. Without it no pod goes before its successor is ready."
    )


def _logger(draft: Draft, part: Part) -> None:
    if part.value is None:
        return
    part.take()
    draft.put(("logger",), {}, part)
    draft.put(("logger", "mode"), (part / "mode").text(), part / "mode")
    draft.put(("logger", "url"), (part / "url").text(), part / "url")
    for each in part.children():
        if each.key not in ("mode", "url"):
            each.lose("the service file has no place for it")


def _canaries(draft: Draft, stable: str, canaries: tuple[Part, ...]) -> None:
    """The canaries of 0.20, each a predictor of its own; the first is the one that steps.

    The controller takes their pods off the stable's ``minReplicas``; a service file says what is left of it.
    """
    counts = [(each / "predictor" / "minReplicas").value for each in canaries]
    beside = sum(count if type(count) is int else 1 for count in counts)
    least = draft.get("replicas", "min")
    if type(least) is int and least > beside:
        draft.data["replicas"]["min"] = least - beside
    at: Path = ("strategy", "canary")
    draft.put((*at, "stable"), stable)
    for index, part in enumerate(canaries):
        predictor, percent = part / "predictor", part / "trafficPercent"
        called = predictor / "name"
        name = common.variant_name(str(called.value or (f"canary-{index}" if index else "canary")))
        draft.put(("variants", index + 1, "name"), name, predictor)
        _called(draft, called, index + 1)
        model(draft, predictor, index + 1)
        _pods_of(draft, predictor, index + 1)
        share = percent.number() or 0
        least = predictor / "minReplicas"
        if index == 0:
            draft.put((*at, "variant"), name, predictor)
            steps(draft, share, percent)
            draft.put((*at, "replicas"), least.number(), least)
        else:
            draft.put((*at, "alongside", index - 1, "variant"), name, predictor)
            draft.put((*at, "alongside", index - 1, "percent"), share, percent)
            draft.put((*at, "alongside", index - 1, "replicas"), least.number(), least)


def _pods_of(draft: Draft, predictor: Part, index: int) -> None:
    """What a canary says of its pods: what the stable one says too holds for the whole service."""
    account = predictor / "serviceAccountName"
    if account.value is not None and account.value == draft.get("serviceAccount"):
        account.take()
    said = draft.get("pod") or {}
    same = {each.key for each in predictor.children() if each.key in said and each.value == said[each.key]}
    for key in same:
        (predictor / key).take()
    common.pod(draft, ("variants", index, "pod"), predictor, (common.POD_FIELDS - same).__contains__)


def _called(draft: Draft, name: Part, index: int) -> None:
    """A predictor's name, which is in the names of its Deployment and its Service."""
    if draft.get("platform", "kind") == "kserve":
        draft.put(("variants", index, "object"), name.text(), name)
    else:
        name.take()


def steps(draft: Draft, share: int, origin: Part) -> None:
    """The steps of a canary that is under way: where it stands, and the end."""
    rising = [share, 100] if 0 < share < 100 else [100]  # noqa: PLR2004 (percent)
    draft.put(("strategy", "canary", "steps"), rising, origin)
    draft.put(("strategy", "canary", "step"), 1 if share else 0, origin)


def _previous(draft: Draft, part: Part) -> None:
    """A canary in mode knative: the manifest has the new model, and the cluster remembers the old one."""
    percent = part / "canaryTrafficPercent"
    share = percent.number()
    if share is None or not draft.get("variants", 0):
        return
    name = str((part.source.root / "metadata" / "name").value)
    draft.data["variants"][0]["name"] = "canary"
    draft.put(("variants", 1, "name"), "stable", percent)
    draft.put(("variants", 1, "deployed"), common.service_name(name), percent)
    draft.put(("strategy", "canary", "stable"), "stable", percent)
    draft.put(("strategy", "canary", "variant"), "canary", percent)
    steps(draft, share, percent)
    draft.notes.append(
        "the stable variant is the revision that the cluster remembers: the manifest doesn't name its model"
    )


def _transformer(draft: Draft, part: Part) -> None:
    containers = (part / "containers").items()
    if not containers:
        return
    (containers[0] / "name").take()
    at = ("transformer",)
    common.container(draft, (*at, "container"), containers[0])
    common.resources(draft, (*at, "container", "resources"), containers[0] / "resources")
    if draft.get(*at, "container") is None:
        return
    draft.origins[at] = (part,)
    draft.put((*at, "replicas"), (part / "minReplicas").number(), part / "minReplicas")
    most = part / "maxReplicas"
    draft.put((*at, "maxReplicas"), most.number() if most.value else None, most)
    common.pod(draft, (*at, "pod"), part, common.POD_FIELDS.__contains__)


def _explainer(draft: Draft, part: Part) -> None:
    at = ("explainer",)
    containers = (part / "containers").items()
    kind = next((part / name for name in ("art", "alibi") if (part / name).mapping), None)
    if kind is not None:
        draft.put((*at, "type"), (kind / "type").text(), kind / "type")
        draft.put((*at, "uri"), (kind / "storageUri").text(), kind / "storageUri")
        draft.put((*at, "runtimeVersion"), (kind / "runtimeVersion").text(), kind / "runtimeVersion")
        common.resources(draft, (*at, "resources"), kind / "resources")
        config = kind / "config"
        for each in config.children():
            draft.put((*at, "parameters", each.key), each.text(), each)
        common.container(
            draft,
            (*at, "container"),
            kind,
            ("type", "storageUri", "runtimeVersion", "config", "protocolVersion", "storage"),
        )
    elif containers:
        (containers[0] / "name").take()
        common.container(draft, (*at, "container"), containers[0])
        common.resources(draft, (*at, "resources"), containers[0] / "resources")
    else:
        return
    draft.origins.setdefault(at, (part,))
    draft.put((*at, "replicas"), (part / "minReplicas").number(), part / "minReplicas")
