"""Which fields an update changes that the API server keeps, kind by kind.

Source: the ``Validate…Update`` functions of Kubernetes (``pkg/apis/*/validation``), and what its strategies do before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rules.kubernetes.job_changes import job
from generator.checks.rules.kubernetes.objects import BINDINGS
from generator.checks.rules.kubernetes.pod_changes import pod
from generator.checks.rules.kubernetes.service_changes import service
from generator.checks.rules.kubernetes.settled import claim_template, same, with_defaults
from generator.checks.rules.kubernetes.volume_changes import claim, volume
from generator.checks.subject import reach, sequence
from generator.reading.kind import Kind
from generator.schemas.kinds import (
    CLAIM,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    POD,
    PRIORITY_CLASS,
    REPLICA_SET,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    VOLUME,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.reading.documents import Path
    from generator.schemas import Version

_ANY_LIMIT = (1, 33)
"""From here on the number of a StatefulSet's revisions may change."""


class _Kept(NamedTuple):
    """A field that can't be changed.

    Attributes:
        path: Where it stands.
        default: What counts where nothing stands there.
        stored: How it is stored, as far as its own defaults go.
        until: The first release in which it can be changed; None where none can.
        empty: Whether an empty text counts as nothing; where Go has a pointer it is a text of its own.
    """

    path: Path
    default: Any = None
    stored: Callable[[Any], Any] = lambda value: value
    until: tuple[int, int] | None = None
    empty: bool = True

    def of(self, data: Mapping[str, Any]) -> Any:
        """What is stored of an object."""
        value = reach(data, *self.path)
        nothing = value is None or (self.empty and value == "")
        return self.stored(self.default if nothing else value)


def _role(value: Any) -> Any:
    return with_defaults(value, {"apiGroup": "rbac.authorization.k8s.io"}) if isinstance(value, dict) else value


def _claims(value: Any) -> Any:
    return [claim_template(item) for item in value] if isinstance(value, list) else value


_SELECTOR = _Kept(("spec", "selector"))
_FIELDS: Mapping[Kind, tuple[_Kept, ...]] = {
    **dict.fromkeys((DEPLOYMENT, REPLICA_SET, DAEMON_SET), (_SELECTOR,)),
    STATEFUL_SET: (
        _SELECTOR,
        _Kept(("spec", "serviceName")),
        _Kept(("spec", "podManagementPolicy"), "OrderedReady"),
        _Kept(("spec", "volumeClaimTemplates"), stored=_claims),
        _Kept(("spec", "revisionHistoryLimit"), 10, until=_ANY_LIMIT),
    ),
    SECRET: (_Kept(("type",), "Opaque"),),
    **dict.fromkeys(BINDINGS, (_Kept(("roleRef",), stored=_role),)),
    Kind("storage.k8s.io", "StorageClass"): (
        _Kept(("provisioner",)),
        _Kept(("parameters",)),
        _Kept(("reclaimPolicy",), "Delete", empty=False),
        _Kept(("volumeBindingMode",), "Immediate", empty=False),
    ),
    PRIORITY_CLASS: (
        _Kept(("value",), 0),
        _Kept(("preemptionPolicy",), "PreemptLowerPriority", empty=False),
    ),
    Kind("networking.k8s.io", "IngressClass"): (_Kept(("spec", "controller")),),
    Kind("node.k8s.io", "RuntimeClass"): (_Kept(("handler",)),),
    Kind("discovery.k8s.io", "EndpointSlice"): (_Kept(("addressType",)),),
    Kind("apps", "ControllerRevision"): (_Kept(("data",)),),
    Kind("", "ResourceQuota"): (_Kept(("spec", "scopes"), (), stored=lambda value: sorted({*map(str, value)})),),
}


def _node(new: Mapping[str, Any], old: Mapping[str, Any], _: Version | None) -> Iterator[Path]:
    """A node's addresses and its provider's name for it are set once."""
    provider = ("spec", "providerID")
    if reach(old, *provider) and reach(new, *provider) != reach(old, *provider):
        yield provider
    ranges, were = (sequence(data, "spec", "podCIDRs") or _single(data) for data in (new, old))
    if were and list(ranges) != list(were):
        yield ("spec", "podCIDRs")


def _single(data: Mapping[str, Any]) -> list[Any]:
    alone = reach(data, "spec", "podCIDR")
    return [alone] if alone else []


_BY_CODE: Mapping[Kind, Callable[[Mapping[str, Any], Mapping[str, Any], Version | None], Iterator[Path]]] = {
    JOB: job,
    POD: pod,
    SERVICE: service,
    CLAIM: claim,
    VOLUME: volume,
    Kind("", "Node"): _node,
}
CHANGES = (*_FIELDS, *_BY_CODE)
"""The kinds that have fields that can't be changed."""


def changed_fields(
    kind: Kind, new: Mapping[str, Any], old: Mapping[str, Any], release: Version | None
) -> Iterator[Path]:
    """Where an update changes what can't be changed.

    Args:
        kind: One of ``CHANGES``.
        new: The object as it becomes.
        old: The object as it was, a file or what the cluster has.
        release: The release of Kubernetes; None for the newest.
    """
    for field in _FIELDS.get(kind, ()):
        free = field.until is not None and (release is None or release >= field.until)
        if not free and not same(field.of(new), field.of(old), str(field.path[-1])):
            yield field.path
    if kind in _BY_CODE:
        yield from _BY_CODE[kind](new, old, release)
