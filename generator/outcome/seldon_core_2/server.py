"""What becomes of a Server: a StatefulSet, and a Service for each of its replicas.

SeldonIO/seldon-core v2.10.2, operator/controllers/reconcilers/server (statefulset_reconciler.go, service_reconciler.go,
server_reconciler.go) and reconcilers/common/patch_utils.go; the same since 2.6.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Child, Gap, Maker, Outcome, Part
from generator.outcome.given import named
from generator.outcome.part import Tree, opened, value_of
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome import Given
    from generator.schemas.versions import Version

GROUP = "mlops.seldon.io"
SERVER, SERVER_CONFIG = Kind(GROUP, "Server"), Kind(GROUP, "ServerConfig")

NAME_LABEL, NAME_VALUE = "app.kubernetes.io/name", "seldon-server"
SERVER_LABEL = "seldon-server-name"
REPLICA_LABEL, REPLICA_NAME_LABEL = "seldon-server-replica", "seldon-server-replica-name"
POD_LABEL = "statefulset.kubernetes.io/pod-name"
"""Kubernetes' own label on the pods of a StatefulSet."""

PORTS = ({"name": "http", "port": 9000, "targetPort": "http"}, {"name": "grpc", "port": 9500, "targetPort": "grpc"})
AGENT = {"name": "agent", "port": 9005}
CAPABILITIES = "SELDON_SERVER_CAPABILITIES"
HELD_BACK = frozenset(
    (
        "meta.helm.sh/release-name",
        "meta.helm.sh/release-namespace",
        "kubectl.kubernetes.io/last-applied-configuration",
    )
)
"""Keys of metadata that children don't get (operator/pkg/utils/utils.go, ``MergeMaps``)."""
MOST_SERVICES = 1000
"""Services that are told; a Server asks for a few, and a slip of the finger for a billion."""


def replica_name(server: str, number: int) -> str:
    """The name of a replica's pod and Service."""
    return f"{server}-{number}"


def make(root: Part, given: Given, release: Version) -> Outcome:
    """The StatefulSet and the Services of a Server."""
    maker = f"Seldon Core {release}"
    wanted = root.text("spec", "serverConfig")
    found = named(given, SERVER_CONFIG, wanted)
    config = Part.of(found) if found else None
    gaps: tuple[Gap, ...] = ()
    if config is None:
        words = f"the ServerConfig '{wanted}' isn't in the set, so what it says of containers and volumes isn't known"
        gaps = (Gap(("spec", "serverConfig"), words),)
    children = (
        Child.of(_stateful_set(root, config), maker, whole=config is not None),
        *(Child.of(tree, maker) for tree in _services(root)),
    )
    return Outcome(children, gaps)


def _stateful_set(root: Part, config: Part | None) -> Tree:
    name = root.get("metadata", "name")
    labels = {**_metadata(config, "labels"), **_metadata(root, "labels"), NAME_LABEL: NAME_VALUE}
    annotations = {**_metadata(config, "annotations"), **_metadata(root, "annotations")} or None
    base = config.get("spec", "podSpec") if config else None
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {
            "name": name,
            "namespace": root.get("metadata", "namespace"),
            "labels": labels,
            "annotations": annotations,
        },
        "spec": {
            "serviceName": name,
            "replicas": root.get("spec", "replicas") or 1,
            "selector": {"matchLabels": {SERVER_LABEL: name}},
            "template": {
                "metadata": {
                    "name": name,
                    "namespace": root.get("metadata", "namespace"),
                    "labels": {**labels, SERVER_LABEL: name},
                    "annotations": annotations,
                },
                "spec": _able(pod_spec(base, root.get("spec", "podSpec")), root),
            },
            "podManagementPolicy": "Parallel",
            "persistentVolumeClaimRetentionPolicy": root.get("spec", "statefulSetPersistentVolumeClaimRetentionPolicy"),
            "volumeClaimTemplates": list(_claims(config)) or None,
        },
    }


def _metadata(part: Part | None, field: str) -> dict[str, Part]:
    found = part.fields("metadata", field) if part else {}
    return {name: value for name, value in found.items() if name not in HELD_BACK}


def _claims(config: Part | None) -> Iterator[Tree]:
    """The claims that each replica gets; the ServerConfig has them in a form of its own."""
    for claim in config.each("spec", "volumeClaimTemplates") if config else ():
        yield {"metadata": {"name": claim.get("name")}, "spec": claim.get("spec")}


def pod_spec(base: Part | None, over: Part | None) -> dict[str, Tree]:
    """A ServerConfig's pod with a Server's over it: containers by name, the Server's first; all other lists grow.

    Nothing that is empty wins over what is there: a false, a nought, an empty text (dario.cat/mergo, ``WithOverride``).
    """
    lower, upper = _fields(base), _fields(over)
    theirs, own = _items(lower.pop("containers", None)), _items(upper.pop("containers", None))
    there = {_name(each): each for each in theirs}
    mine = {_name(each) for each in own}
    containers = [grown_over(there.get(_name(each)), each) for each in own]
    containers += [each for each in theirs if _name(each) not in mine]
    return {**grown_over(lower, upper), "containers": containers}


def _fields(part: Part | None) -> dict[str, Tree]:
    return part.fields() if part else {}


def _items(part: Part | None) -> list[Part]:
    return list(part.each()) if part else []


def _name(container: Part) -> str:
    return container.text("name")


def grown_over(base: Tree, over: Tree) -> Tree:
    """What mergo makes of two values: objects field by field, lists one behind the other, else what isn't empty."""
    lower, upper = opened(base), opened(over)
    if lower.__class__ is dict and upper.__class__ is dict:
        return {**lower, **{name: grown_over(lower.get(name), value) for name, value in upper.items()}}
    if lower.__class__ is list and upper.__class__ is list:
        return [*lower, *upper]
    return over if base is None or value_of(over) else base


def _able(pod: dict[str, Tree], root: Part) -> dict[str, Tree]:
    """The pod with the capabilities that the Server names, where one of its containers is told any."""
    own, more = _words(root, "capabilities"), _words(root, "extraCapabilities")
    if not own and not more:
        return pod
    return {**pod, "containers": [_told(opened(each), own, more, root) for each in pod["containers"]]}


def _words(root: Part, field: str) -> list[str]:
    return [str(each.value) for each in root.each("spec", field)]


def _told(container: Tree, own: list[str], more: list[str], root: Part) -> Tree:
    """A container whose variable says the capabilities; ``extraCapabilities`` stand behind what is there."""
    variables = opened(container.get("env")) if isinstance(container, dict) else None
    if not isinstance(variables, list):
        return container
    changed = []
    for each in variables:
        fields = opened(each)
        if fields.__class__ is dict and value_of(fields.get("name")) == CAPABILITIES:
            words = ",".join(own or [str(value_of(fields.get("value")) or ""), *more])
            field = "capabilities" if own else "extraCapabilities"
            found = root.get("spec", field)
            changed.append({"name": CAPABILITIES, "value": Part(words, found.origin) if found else words})
        else:
            changed.append(each)
    return {**container, "env": changed}


def _services(root: Part) -> Iterator[Tree]:
    """A Service without an address of its own for each replica, so that the scheduler reaches one certain pod."""
    found = root.get("spec", "replicas")
    count = found.value if found and isinstance(found.value, int) else 1
    server = root.text("metadata", "name")
    for number in range(min(count, MOST_SERVICES)):
        name = replica_name(server, number)
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": _of_name(root, name),
                "namespace": root.get("metadata", "namespace"),
                "labels": {REPLICA_LABEL: root.get("metadata", "name"), REPLICA_NAME_LABEL: _of_name(root, name)},
            },
            "spec": {
                "clusterIP": "None",
                "selector": {POD_LABEL: _of_name(root, name)},
                "ports": [*(dict(port) for port in PORTS), dict(AGENT)],
            },
        }


def _of_name(root: Part, text: str) -> Tree:
    """A text that is made of the Server's name, so that what is wrong with it is told there."""
    found = root.get("metadata", "name")
    return Part(text, found.origin) if found else text


MAKER = Maker(product="seldon-core-2", kind=SERVER, make=make)
