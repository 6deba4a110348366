"""A predictor: the model, its server, where its files lie, and what the user says of its container and pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from generator.errors import InputError
from generator.platforms import access, draining, proof
from generator.platforms.fragments import laid
from generator.platforms.kserve import names, resources, scaling, storage
from generator.platforms.kserve.servers import Named, naming
from generator.platforms.servers import protocol_of, server_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Share
    from generator.platforms.kserve.servers import KServeServer
    from generator.platforms.kserve.setting import Setting

CONTAINER = "kserve-container"
VOLUMES = ("kserve-provision-location", "kserve-pvc-source", "devshm", "shm")
"""What the controller and the runtimes that ship give the pods (pkg/constants/constants.go, config/runtimes)."""
HTTP = 8080
"""The port of HTTP of every runtime that ships."""
STARTING = 600
"""Seconds that a model may take until it answers for the first time."""


def server(setting: Setting, share: Share) -> KServeServer:
    """The server that runs a variant.

    Raises:
        InputError: As ``server_of``; or the format's version isn't one that the runtime takes.
    """
    found = cast("KServeServer", server_of(setting.platform, setting.service, share))  # its table holds no others
    version, taken = setting.service.model.format_version, found.taken(setting.release)
    if version and taken and version not in taken and not found.own:
        raise InputError(
            f"{found.runtime} of KServe {setting.release} takes {found.model_format} of version {' or '.join(taken)}, "
            f"and not {version}: KServe compares versions as text.",
            fix="Write one of those, or leave formatVersion out.",
            place=setting.service.place("model", "formatVersion"),
        )
    return found


def predictor(setting: Setting, share: Share) -> dict[str, Any]:
    """What stands in a predictor for a variant, but for its replicas.

    All that tells the release stands here and never on the InferenceService: the controller copies the labels and
    annotations of that one to every pod, so that a new canary would restart the stable's pods.
    """
    service = setting.service
    found = server(setting, share)
    identity = {
        "name": names.predictor_of(setting, share),
        "annotations": _annotations(share, found),
        "labels": access.pod_labels(service),
        "serviceAccountName": access.account_name(service, secrets_on_account=not access.pulls(setting.service)),
        "imagePullSecrets": _pull_secrets(setting, share, found),
    }
    ours = {**identity, **(draining.grace(service) if setting.standard else {})}
    parts = laid({key: value for key, value in ours.items() if value}, share.pod)
    several = storage.addresses(setting, share, found)
    if several:
        parts["storageUris"] = several
    if found.alone:
        return {**parts, "containers": [_container(setting, share, found)]}
    return {**parts, "model": _model(setting, share, found, apart=bool(several))}


def _pull_secrets(setting: Setting, share: Share, found: KServeServer) -> list[dict[str, str]]:
    """The Secret that opens the registry, where the model is an image: who pulls it looks into the pods."""
    secret = setting.service.access.secret
    image = storage.scheme_of(storage.address(setting, share, found)).startswith("oci")
    return [{"name": secret}] if secret and image else []


def _annotations(share: Share, found: KServeServer) -> dict[str, str]:
    """What was released, for people and for the checks."""
    annotations = {}
    if share.files.version is not None and share.files.digest is not None:
        annotations = {"serinus.dev/digest": share.files.digest, "serinus.dev/release": str(share.files.version)}
    oldest = share.files.runtimes.get(found.layout)
    if oldest and found.layout == "tensorflow-serving":  # of others it is the server's own number
        annotations["serinus.dev/trained-with"] = f"{found.model_format} {oldest}"
    return annotations


def _model(setting: Setting, share: Share, found: KServeServer, *, apart: bool) -> dict[str, Any]:
    """``predictor.model``: always with its runtime and protocol, so that nothing is chosen on the cluster.

    Args:
        setting: What is asked for.
        share: The variant.
        found: Its server.
        apart: Whether the address stands in ``storageUris``, beside others.
    """
    service = setting.service
    runtime = names.runtime_of(setting, share) if found.own else found.runtime
    form = {"name": found.model_format, "version": service.model.format_version}
    protocol = protocol_of(service, found)
    ours: dict[str, Any] = {
        "modelFormat": {key: value for key, value in form.items() if value},
        "protocolVersion": protocol,
        "runtime": runtime,
        "runtimeVersion": _version(setting, share, found),
        "storageUri": "" if apart else storage.address(setting, share, found),
        "storage": storage.entry(setting, share),
        **laid(_named(setting, share, found), _parameters(setting, found)),
        "ports": [] if "ports" in share.container else _ports(found, protocol),
        "resources": resources.whole(share.resources, found.merged),
        "lifecycle": drained(setting, share.container, share.pod),
        "startupProbe": {} if "startupProbe" in share.container else _startup(setting, share, found, protocol),
        "readinessProbe": {} if "readinessProbe" in share.container else _readiness(found),
    }
    return laid({key: value for key, value in ours.items() if value}, share.container)


def _startup(setting: Setting, share: Share, found: KServeServer, protocol: str) -> dict[str, Any]:
    """The probe that predicts. In mode knative the queue proxy asks the container, and can't run a command in it."""
    if not setting.standard or found.own:
        return {}
    probe = proof.startup(setting.service, share, found, port=HTTP, folder=storage.MODEL, protocol=protocol)
    return {**probe, "failureThreshold": STARTING // proof.PERIOD} if probe else {}


def _readiness(found: KServeServer) -> dict[str, Any]:
    """The probe of a server that opens its port before the model is loaded.

    KServe's own asks for a connection only (reconcilers/deployment/deployment_reconciler.go), so that pods without a
    model would get requests, and an update would end the old ones too early (MLServer 1.7.1, mlserver/server.py).
    """
    return {"httpGet": {"path": found.ready, "port": HTTP}} if found.ready else {}


def _ports(found: KServeServer, protocol: str) -> list[dict[str, Any]]:
    """The port of gRPC, by the name that tells gateways and Knative of HTTP/2.

    The runtimes that ship name no port, and without one KServe's Service leads to 8080, where they speak HTTP
    (reconcilers/service/service_reconciler.go, ``createDefaultSvc``, ``getAppProtocol``).
    """
    if not found.grpc or not protocol.startswith("grpc"):
        return []
    return [{"name": "h2c", "containerPort": found.grpc, "protocol": "TCP"}]


def _version(setting: Setting, share: Share, found: KServeServer) -> str:
    """The image's tag; empty where the user brings the image, whose tag it would replace."""
    if "image" in share.container or found.own:
        if share.runtime_version:
            raise InputError(
                f"runtimeVersion would replace the tag of the image {share.container.get('image', '')}.",
                fix="Write the tag in the image, and leave runtimeVersion out.",
                place=setting.service.place("model", "runtimeVersion"),
            )
        return ""
    return version_of(setting.service, share, found)


def _named(setting: Setting, share: Share, found: KServeServer) -> dict[str, Any]:
    """What makes the server answer to the one name that clients ask for, whatever its InferenceService is called.

    Raises:
        InputError: The layout holds the model under another name.
    """
    service, files = setting.service, share.files
    wanted = service.model_name
    if found.named is Named.FOLDER and files.layouts is not None and files.name != wanted:
        raise InputError(
            f"the release holds the model as '{files.name}' in the layout {found.layout}, and clients would ask for "
            f"'{wanted}': {found.runtime} takes the name from the layout.",
            fix=f"Write model.name: {files.name}, or publish the model under the other name.",
            place=service.place("model", "name"),
        )
    return naming(found, wanted) if names.service_of(setting, share) != wanted else {}


def _parameters(setting: Setting, found: KServeServer) -> dict[str, Any]:
    parameters = setting.service.model.parameters
    if parameters and not found.arguments:
        raise InputError(
            f"{found.runtime or 'a runtime of the cluster'} takes no parameters of a model as arguments.",
            fix="Say them by its environment: container: {env: […]}, or in the model's own files.",
            place=setting.service.place("model", "parameters"),
        )
    return {"args": [f"--{key}={value}" for key, value in parameters.items()]} if parameters else {}


def _container(setting: Setting, share: Share, found: KServeServer) -> dict[str, Any]:
    """The container of a custom predictor: it brings its model, or finds it in /mnt/models."""
    service = setting.service
    uri = storage.address(setting, share, found)
    env = [{"name": "STORAGE_URI", "value": uri}] if uri else []
    if service.model.protocol:
        env.append({"name": "PROTOCOL", "value": protocol_of(service, found)})
    ours = {
        "name": CONTAINER,
        "env": env,
        "resources": resources.whole(share.resources, found.merged),
        "lifecycle": drained(setting, share.container, share.pod),
    }
    return laid({key: value for key, value in ours.items() if value}, share.container)


def drained(setting: Setting, container: Mapping[str, Any], pod: Mapping[str, Any]) -> dict[str, Any]:
    """The hook with which a container waits for the last requests; in mode knative the queue proxy does that."""
    return draining.lifecycle(container.get("lifecycle"), pod) if setting.standard else {}


def needs_image(setting: Setting, share: Share) -> None:
    """Make sure that a container of the user's own has an image.

    Raises:
        InputError: It has none.
    """
    found = server(setting, share)
    if (found.alone or found.own) and "image" not in share.container:
        raise InputError(
            f"the runtime custom runs a container of your own, and nothing says which image '{share.variant}' is.",
            fix="Add container: {image: registry/name:tag}.",
            place=setting.service.place("container"),
        )


def scaled(setting: Setting, share: Share) -> dict[str, Any]:
    """A predictor with its replicas, and with how its pods are replaced."""
    return ordered({**predictor(setting, share), **scaling.fields(setting, share.replicas), **more(setting, share)})


def more(setting: Setting, share: Share) -> dict[str, Any]:
    """What a predictor has beside model and replicas.

    Raises:
        InputError: The batcher would see nothing: it takes ``:predict`` only (pkg/batcher/handler.go).
    """
    service = setting.service
    if service.batcher and protocol_of(service, server(setting, share)) not in ("v1", ""):
        raise InputError(
            "KServe's batcher gathers requests of the V1 protocol and hands on all others as they are.",
            fix="Take it out, or write model.protocol: v1 where the server speaks it.",
            place=service.place("batcher"),
        )
    made = scaling.replaced(setting, max(share.replicas, service.replicas.max or 0))
    if service.logger:
        made["logger"] = {"mode": service.logger.mode}
        if service.logger.url:
            made["logger"]["url"] = service.logger.url
    if service.batcher:
        bounds = {
            "maxBatchSize": service.batcher.max_size,
            "maxLatency": service.batcher.max_latency,
            "timeout": service.batcher.timeout,
        }
        made["batcher"] = {key: value for key, value in bounds.items() if value is not None}
    return made


ORDER = (
    *("name", "annotations", "labels", "canaryTrafficPercent", "minReplicas", "maxReplicas", "scaleMetric"),
    *("scaleTarget", "autoScaling", "deploymentStrategy", "logger", "batcher", "serviceAccountName"),
)
LAST = ("storageUris", "model", "containers", "art")
OURS = frozenset((*ORDER, *LAST, "serviceAccount", "containerConcurrency", "timeout", "workerSpec"))
"""Fields of a predictor that are no pod's, or that the service file says elsewhere."""


def ordered(spec: dict[str, Any]) -> dict[str, Any]:
    """A part's fields as people read them: who and how many first, then the pod's, the model last."""
    middle = sorted(key for key in spec if key not in ORDER and key not in LAST)
    return {key: spec[key] for key in (*ORDER, *middle, *LAST) if key in spec}


def inherited(stable: dict[str, Any], canary: dict[str, Any], path: str = "") -> Iterator[str]:
    """What a canary would take over from the stable predictor, since it doesn't say it itself.

    The controller lays the canary's predictor over the stable's, so what only the stable one has, both get
    (components/predictor.go, ``buildCanaryPredictor``).
    """
    for key, value in stable.items():
        where = f"{path}.{key}" if path else key
        if key not in canary:
            yield where
        elif isinstance(value, dict) and isinstance(canary[key], dict):
            yield from inherited(value, canary[key], where)
