"""The agent beside what serves: it logs and batches requests, and pulls models for TrainedModels.

kserve/kserve v0.20.0, pkg/webhook/admission/pod/agent_injector.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve import credentials, names
from generator.outcome.kserve.deployment import HTTP_PORT, first_port
from generator.outcome.kserve.draft import mount
from generator.outcome.kserve.pod_storage import resources
from generator.outcome.kserve.service import AGENT_PORT
from generator.outcome.part import Part, opened, plain, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.draft import Draft
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

AGENT = "agent"
_STORED, _MARSHALLED, _PROBED = Version(0, 16), Version(0, 17), Version(0, 18)
_PROBE_DEFAULTS = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBE_ORDER = (
    *("exec", "httpGet", "tcpSocket", "grpc", "initialDelaySeconds", "timeoutSeconds", "periodSeconds"),
    *("successThreshold", "failureThreshold", "terminationGracePeriodSeconds"),
)
_GET_ORDER = ("path", "port", "host", "scheme", "httpHeaders")


def inject(draft: Draft, labels: Mapping[str, Tree], annotations: Mapping[str, Tree], view: ServiceView) -> None:
    """Add the agent, where the annotations ask for it and it isn't there.

    Args:
        draft: The pod.
        labels: Its labels.
        annotations: Its annotations.
        view: The InferenceService.
    """
    asked = [key for key in (notes.LOGGER, notes.AGENT, notes.BATCHER) if key in annotations]
    if not asked or draft.container(AGENT) is not None:
        return
    beside = draft.container(containers.TRANSFORMER)
    serving = beside or draft.container(containers.MAIN)
    port = (first_port(serving) if serving is not None else None) or HTTP_PORT
    probe = (beside or draft.containers[0]).get("readinessProbe")
    agent: dict[str, Tree] = {
        "name": AGENT,
        "image": view.settings.part(AGENT, "image"),
        "args": [*_args(labels, annotations, view), "--component-port", str(value_of(port))],
        "resources": resources(view, AGENT),
        "ports": [{"name": "agent-port", "containerPort": AGENT_PORT, "protocol": "TCP"}],
        "securityContext": draft.containers[0].get("securityContext"),
    }
    agent.update(_probe(probe, view))
    _certificates(agent, draft, annotations, view)
    credentials.of_account(agent, draft, annotations, view)
    draft.containers.append(agent)
    if notes.AGENT in annotations:
        _models(agent, draft, annotations)


def _args(labels: Mapping[str, Tree], annotations: Mapping[str, Tree], view: ServiceView) -> list[Tree]:
    args: list[Tree] = []
    if notes.AGENT in annotations:
        args.append("--enable-puller")
        args += _given(annotations, (("--config-dir", notes.MODEL_CONFIG_PATH), ("--model-dir", notes.MODEL_DIR)))
    if notes.BATCHER in annotations:
        args.append("--enable-batcher")
        args += _given(annotations, (("--max-batchsize", notes.BATCH_SIZE), ("--max-latency", notes.BATCH_LATENCY)))
    return args + list(_logging(labels, annotations, view)) if notes.LOGGER in annotations else args


def _given(annotations: Mapping[str, Tree], pairs: tuple[tuple[str, str], ...]) -> Iterator[Tree]:
    for argument, key in pairs:
        if key in annotations:
            yield argument
            yield annotations[key]


def _logging(labels: Mapping[str, Tree], annotations: Mapping[str, Tree], view: ServiceView) -> Iterator[Tree]:
    settings = view.settings
    yield from ("--log-url", annotations.get(notes.LOGGER_URL) or settings.part("logger", "defaultUrl") or "")
    yield from ("--source-uri", "")  # the pod's name, which isn't there yet
    yield from ("--log-mode", annotations.get(notes.LOGGER_MODE, "all"))
    yield from ("--inference-service", labels.get(names.SERVICE_LABEL, ""))
    yield from ("--namespace", view.namespace)
    yield from ("--endpoint", labels.get("endpoint", ""), "--component", labels.get(names.COMPONENT_LABEL, ""))
    spec = view.root.get("spec", "predictor", "logger")
    own = spec.fields() if spec is not None else {}
    if view.release >= _STORED:
        store = own.get("storage") if own else settings.part("logger", "storage")
        for argument, steps in (("--log-store-path", ("path",)), ("--log-store-format", ("parameters", "format"))):
            found = store.get(*steps) if store is not None else None
            if found is not None and found.value:
                yield from (argument, found)
    if view.release >= _MARSHALLED:
        for argument, name in (
            ("--log-marshaller-url", "marshallerUrl"),
            ("--log-batch-size", "batchSize"),
            ("--log-batch-interval", "batchInterval"),
        ):
            found = own.get(name) or settings.part("logger", name)
            if found is not None and found.value:
                yield from (argument, Part(str(found.value), found.origin))
    yield from _given(annotations, (("--metadata-headers", notes.LOGGER_HEADERS),))
    if notes.LOGGER_ANNOTATIONS in annotations:
        wanted = str(value_of(annotations[notes.LOGGER_ANNOTATIONS])).split(",")
        pairs = [f"{name}={value_of(annotations[name])}" for name in wanted if name in annotations]
        yield from ("--metadata-annotations", ",".join(pairs))
    if settings.text("logger", "caCertFile"):
        yield from ("--logger-ca-cert-file", settings.part("logger", "caCertFile"))
    yield from ("--logger-tls-skip-verify", "true" if settings.value("logger", "tlsSkipVerify") is True else "false")


def _probe(probe: Tree, view: ServiceView) -> dict[str, Tree]:
    """The agent is ready when what serves is: it's told how that is asked, and is asked by HTTP itself."""
    path: Tree = "/"
    found: dict[str, Tree] = {}
    fields = plain(probe) if probe is not None else {}
    if "httpGet" in fields or "tcpSocket" in fields:
        found["env"] = [{"name": "SERVING_READINESS_PROBE", "value": _as_go(fields)}]
        if view.release >= _PROBED and fields.get("httpGet"):
            path = fields["httpGet"].get("path") or "/"
    header = {"name": "K-Network-Probe", "value": "queue"}
    get = {"httpHeaders": [header], "port": AGENT_PORT, "path": path, "scheme": "HTTP"}
    return {**found, "readinessProbe": {"httpGet": get}}


def _as_go(probe: dict[str, Any]) -> str:
    """A probe as Go writes it, after the API server's defaults."""
    fields = {**_PROBE_DEFAULTS, **probe}
    get = fields.get("httpGet")
    if isinstance(get, dict):
        get = {"path": "/", "scheme": "HTTP", **get}
        fields["httpGet"] = {name: get[name] for name in _GET_ORDER if name in get}
    ordered = {name: fields[name] for name in _PROBE_ORDER if name in fields}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def _certificates(agent: dict[str, Tree], draft: Draft, annotations: Mapping[str, Tree], view: ServiceView) -> None:
    name = view.settings.part("logger", "caBundle")
    if notes.LOGGER in annotations and name is not None and name.value:
        draft.volume("agent-ca-bundle", {"configMap": {"name": name, "optional": True}})
        mount(agent, "agent-ca-bundle", "/etc/tls/logger", readOnly=True)


def _models(agent: dict[str, Tree], draft: Draft, annotations: Mapping[str, Tree]) -> None:
    """What the agent pulls lies where what serves reads it."""
    draft.volume("model-dir", {"emptyDir": {}})
    serving = draft.container(containers.MAIN)
    for one in (agent, serving):
        if one is not None:
            one["volumeMounts"] = [*_mounts(one), {"name": "model-dir", "mountPath": notes.MODEL_FOLDER}]
    draft.volume("model-config", {"configMap": {"name": annotations[notes.MODEL_CONFIG]}})
    agent["volumeMounts"] = [*_mounts(agent), {"name": "model-config", "mountPath": notes.MODEL_CONFIGS}]


def _mounts(container: Mapping[str, Tree]) -> list[Tree]:
    return list(opened(container.get("volumeMounts")) or [])
