"""The scheduler of an LLMInferenceService (EPP) and the InferencePool that asks it.

kserve/kserve, pkg/controller/v1alpha2/llmisvc/scheduler.go at v0.20.0; older releases where one is named. What the
controller migrates in settings of a scheduler of before isn't migrated here, but for what a tokenizer of its own
changes in them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.kserve.llm import naming, picking, plugins, storage, tokenizer, tracing
from generator.outcome.kserve.llm.combined import POOLS_V1
from generator.outcome.kserve.llm.trees import Fields, dig, editable, fields, finished, items, named
from generator.outcome.kserve.values import derived, whole, words
from generator.outcome.part import Part, plain, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

COMPONENT = "router-scheduler"
POOL_V1, POOL_ALPHA = "inference.networking.k8s.io", "inference.networking.x-k8s.io"
PORTS = ("grpc", "grpc-health", "metrics", "zmq")
"""The ports of the scheduler's containers that its Service has, by their names."""
_ELECTION = "ha-enable-leader-election"
_RECREATED, _UNNEEDED = Version(0, 17), Version(0, 20)
_VERSION, _SINGLE = "app.kubernetes.io/version", Version(0, 9)


def made(service: Combined) -> Iterator[Tree]:
    """The scheduler's Deployment and Service, and its InferencePool."""
    if not service.scheduled:
        return
    yield _deployment(service)
    yield _service(service)
    yield from _pools(service)
    if service.release < POOLS_V1:
        yield _model(service)


def gaps(service: Combined) -> Iterator[Gap]:
    """What isn't known of a scheduler that there is."""
    if service.scheduled and plugins.rewritten(_scheduler(service), service.release):
        words_ = (
            "KServe writes these settings anew for the scheduler's release: plugins get newer names, and the tokenizer "
            "beside it its socket; the arguments that are shown have them as they are said"
        )
        yield Gap(("spec", "router", "scheduler", "config"), words_)


def _scheduler(service: Combined, *steps: str) -> Tree:
    return dig(service.spec, "router", "scheduler", *steps)


def _deployment(service: Combined) -> Tree:
    metadata = service.metadata(naming.SCHEDULER, COMPONENT)
    newer = service.release >= _RECREATED
    if newer:
        # Go's one map of labels is that of the Deployment, its selector and its pods.
        metadata["labels"] |= fields(_scheduler(service, "labels"))
    annotations = fields(_scheduler(service, "annotations")) if newer else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": _scheduler(service, "replicas") if newer else None,
            "strategy": {"type": "Recreate"} if newer else None,
            "selector": {"matchLabels": dict(metadata["labels"])},
            "template": {
                "metadata": {"labels": dict(metadata["labels"]), "annotations": annotations or None},
                "spec": _pod(service),
            },
        },
    }


def _pod(service: Combined) -> Fields:
    pod = editable(_scheduler(service, "template"))
    main = named(pod.get("containers"), "main")
    if main is not None:
        replicas = whole(_scheduler(service, "replicas")) or 0
        elected = any(str(value_of(one)).lstrip("-") == _ELECTION for one in main["args"])
        if replicas > 1 and not elected and service.release >= _RECREATED:
            main["args"].append(f"--{_ELECTION}")
        _configure(service, main)
        tracing.of_scheduler(service, main)
    _tokenized(service, pod, main)
    if main is not None and tokenizer.wanted(service):
        plugins.connect(main, _version(service), tokenizer.url(service))
    return finished(pod)


def _version(service: Combined) -> Version:
    """The scheduler's own release, as an annotation says it."""
    return plugins.version(words(dig(_scheduler(service, "annotations"), _VERSION)))


def _configure(service: Combined, main: Fields) -> None:
    """Tell how to pick endpoints: what is said inline, or else in the arguments, or else the release's own way."""
    inline, reference = (_scheduler(service, "config", said) for said in ("inline", "ref"))
    if inline is not None and service.release >= _RECREATED:
        text = inline if isinstance(value_of(inline), str) else derived(inline, _compact(inline))
        main["args"] += ["--config-text", text]
    elif reference is None and not any(value_of(one) in plugins.FLAGS for one in main["args"]):
        adapters = bool(items(service.spec, "model", "lora", "adapters"))
        prefill = dig(service.spec, "prefill") is not None
        flag = "--config-text" if service.release >= _RECREATED else "--configText"
        found = picking.text(service.release, prefill=prefill, adapters=adapters)
        words_ = f"how KServe {service.release.major}.{service.release.minor} picks endpoints"
        main["args"] += [flag, Part.brought(found, words_)]


def _compact(inline: Tree) -> str:
    return json.dumps(plain(inline), separators=(",", ":"), ensure_ascii=False)


def _tokenized(service: Combined, pod: Fields, main: Fields | None) -> None:
    """A tokenizer beside the scheduler reads the model's own; from 0.20 it's dropped where no plugin asks for it."""
    beside = named(pod.get("containers"), storage.TOKENIZER)
    if beside is None:
        return
    storage.attach(service, pod, storage.TOKENIZER, f"{storage.MODEL}/base", adapters=False)
    told = [str(value_of(one)) for one in main["args"]] if main else []
    recent = _version(service) >= _SINGLE
    if service.release >= _UNNEEDED and recent and not any(plugins.PRECISE in one for one in told):
        pod["containers"] = [one for one in pod["containers"] if one is not beside]


def _service(service: Combined) -> Tree:
    listed: dict[str, Fields] = {}
    for container in items(_scheduler(service, "template"), "containers"):
        for port in items(container, "ports"):
            name = words(dig(port, "name"))
            if name in (PORTS if service.release >= _RECREATED else PORTS[:-1]):
                number = dig(port, "containerPort")
                listed[name] = {"name": name, "port": number, "targetPort": name, "protocol": dig(port, "protocol")}
    picker = _scheduler(service, "pool", "spec", "endpointPickerRef", "name")
    metadata = service.metadata(naming.SCHEDULER_SERVICE, COMPONENT)
    metadata["name"] = picker if words(picker) else metadata["name"]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {
            "selector": naming.labels(service.name, COMPONENT),
            "ports": [listed[name] for name in sorted(listed)] or None,
        },
    }


def _pools(service: Combined) -> Iterator[Tree]:
    """The InferencePool; from 0.17 in two groups of the API, since gateways know one or the other."""
    spec = _scheduler(service, "pool", "spec")
    metadata = service.metadata(naming.POOL, COMPONENT)
    alpha = {"apiVersion": f"{POOL_ALPHA}/v1alpha2", "kind": "InferencePool", "metadata": metadata}
    if service.release < POOLS_V1:
        yield {**alpha, "spec": spec}
        return
    yield {"apiVersion": f"{POOL_V1}/v1", "kind": "InferencePool", "metadata": metadata, "spec": spec}
    picker = fields(spec, "endpointPickerRef")
    ports = items(spec, "targetPorts")
    extension = {
        "group": picker.get("group"),
        "kind": picker.get("kind") or "",
        "name": picker.get("name"),
        "portNumber": dig(picker, "port", "number"),
        "failureMode": picker.get("failureMode") or "",
    }
    yield {
        **alpha,
        "spec": {
            "targetPortNumber": dig(ports[0], "number") if ports else None,
            "selector": dig(spec, "selector", "matchLabels"),
            "extensionRef": extension,
        },
    }


def _model(service: Combined) -> Tree:
    """Which pool a model is asked in, up to 0.16."""
    return {
        "apiVersion": f"{POOL_ALPHA}/v1alpha2",
        "kind": "InferenceModel",
        "metadata": service.metadata(naming.MODEL, COMPONENT),
        "spec": {
            "modelName": dig(service.spec, "model", "name"),
            "criticality": dig(service.spec, "model", "criticality") or "Critical",
            "poolRef": {"group": POOL_ALPHA, "kind": "InferencePool", "name": service.child(naming.POOL)},
        },
    }
