"""What the API server refuses to change in an object that is there; ``--previous`` says what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.kind import Kind
from generator.checks.rule import hit
from generator.checks.rules.kubernetes.claims import GOOD as CLAIM_EXAMPLE
from generator.checks.rules.kubernetes.configuration import MAP_EXAMPLE
from generator.checks.rules.kubernetes.examples import DEPLOYMENT as EXAMPLE
from generator.checks.rules.kubernetes.objects import (
    BINDINGS,
    CLAIM,
    CONFIG_MAP,
    CORE,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    REPLICA_SET,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    VOLUME,
    present,
    refusal,
)
from generator.checks.rules.kubernetes.resources import number
from generator.checks.subject import kind_of, mapping, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Document, Path

STORAGE_CLASS = Kind("storage.k8s.io", "StorageClass")
_SELECTOR = (("spec", "selector"),)
_FIXED: Mapping[Kind, tuple[Path, ...]] = {
    DEPLOYMENT: _SELECTOR,
    REPLICA_SET: _SELECTOR,
    DAEMON_SET: _SELECTOR,
    STATEFUL_SET: (
        *(*_SELECTOR, ("spec", "serviceName"), ("spec", "podManagementPolicy"), ("spec", "volumeClaimTemplates")),
    ),
    JOB: (
        *(*_SELECTOR, ("spec", "template"), ("spec", "completionMode"), ("spec", "podFailurePolicy")),
        *(("spec", "backoffLimitPerIndex"), ("spec", "managedBy"), ("spec", "successPolicy")),
    ),
    SERVICE: (("spec", "clusterIP"), ("spec", "loadBalancerClass")),
    CLAIM: (
        *(*_SELECTOR, ("spec", "accessModes"), ("spec", "storageClassName"), ("spec", "volumeMode")),
        *(("spec", "volumeName"), ("spec", "dataSource"), ("spec", "dataSourceRef")),
    ),
    VOLUME: tuple(("spec", name) for name in ("csi", "nfs", "hostPath", "local", "volumeMode", "nodeAffinity")),
    SECRET: (("type",),),
    **dict.fromkeys(BINDINGS, (("roleRef",),)),
    STORAGE_CLASS: (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
    Kind("scheduling.k8s.io", "PriorityClass"): (("value",), ("preemptionPolicy",)),
    Kind("networking.k8s.io", "IngressClass"): (("spec", "controller"),),
}
"""What can't be changed, by kind."""
_SET_LATER = frozenset(
    (("spec", "volumeName"), ("spec", "storageClassName"), ("spec", "nodeAffinity"), ("spec", "clusterIP"))
)
"""What may be set where it was empty."""
_WHOLE = frozenset((*_SELECTOR, ("parameters",), ("spec", "accessModes")))
"""Of these nothing may be missing either."""
_RECOVERABLE = (1, 32)


def _before(subject: Subject) -> Document | None:
    return subject.index.before(subject.document)


def _differs(new: Any, old: Any, *, live: bool, whole: bool) -> bool:
    """Whether a value that is written differs from what is there.

    What isn't written stays. What an old file doesn't say may be a default; a live object says all.
    """
    if new in (None, "", [], {}):
        return whole and old not in (None, "", [], {})
    if old is None:
        return live
    if isinstance(new, dict) and isinstance(old, dict):
        names = {*new, *old} if whole else {*new}
        return any(_differs(new.get(name), old.get(name), live=live or whole, whole=whole) for name in names)
    if isinstance(new, list) and isinstance(old, list):
        return len(new) != len(old) or any(
            _differs(one, other, live=live, whole=whole) for one, other in zip(new, old, strict=True)
        )
    if new == old:
        return False
    amount = number(new)
    return amount is None or amount != number(old)


@refusal(
    id="K8S123",
    name="immutable-field",
    kinds=tuple(_FIXED),
    message="{field} of a {kind} can't be changed",
    fix="Keep what is there; to change it, delete the object and create it anew, or create one of another name.",
    source=CORE,
    before=EXAMPLE,
    bad=EXAMPLE.replace("app: digits", "app: digits-v2"),
    good=EXAMPLE.replace("server:1.0", "server:1.1"),
)
def immutable_field(subject: Subject) -> Iterable[Hit]:
    """Some fields say what an object is, and others count on that.

    A Deployment's selector, a Service's address, the role of a binding and the pods of a Job are such. Only --previous
    shows that they change.
    """
    before = _before(subject)
    if before is None:
        return
    kind = kind_of(subject.document)
    live = text(before.data, "metadata", "uid") is not None
    if kind == JOB and reach(before.data, "spec", "suspend") is True:
        return
    if kind == SERVICE and "ExternalName" in (text(subject.data, "spec", "type"), text(before.data, "spec", "type")):
        return
    for path in _FIXED[kind]:
        new, old = reach(subject.data, *path), reach(before.data, *path)
        if path in _SET_LATER and old in (None, ""):
            continue
        whole = path in _WHOLE and not (kind == JOB and new is None)
        if _differs(new, old, live=live, whole=whole):
            yield hit(*path, on_key=True, field=".".join(str(part) for part in path), kind=kind.kind)


@refusal(
    id="K8S124",
    name="immutable-config",
    kinds=(CONFIG_MAP, SECRET),
    message="the object is immutable, and {field} differs",
    fix="Create one of another name and point to that; or delete this one first.",
    source=CORE,
    before=f"{MAP_EXAMPLE}immutable: true\n",
    bad=f"{MAP_EXAMPLE.replace('debug', 'info')}immutable: true\n",
    good=f"{MAP_EXAMPLE}immutable: true\n",
)
def immutable_config(subject: Subject) -> Iterable[Hit]:
    """A ConfigMap or Secret that was once made immutable stays so, with all that is in it."""
    before = _before(subject)
    if before is None or before.data.get("immutable") is not True:
        return
    if present(subject.data, "immutable") and subject.data["immutable"] is not True:
        yield hit("immutable", field="immutable")
    fields = ("data", "binaryData") if kind_of(subject.document) == CONFIG_MAP else ("data",)
    for field in fields:
        new, old = mapping(subject.data, field), mapping(before.data, field)
        if new and dict(new) != dict(old) and not subject.data.get("stringData"):
            yield hit(field, on_key=True, field=field)


@refusal(
    id="K8S125",
    name="claim-shrinks",
    kinds=(CLAIM,),
    message="the claim asks for {new}, and there are {old} already",
    fix="Ask for {old} or more; storage grows only.",
    source=CORE,
    before=f"{CLAIM_EXAMPLE}status: {{phase: Bound, capacity: {{storage: 10Gi}}}}\n",
    bad=CLAIM_EXAMPLE.replace("10Gi", "5Gi"),
    good=CLAIM_EXAMPLE.replace("10Gi", "20Gi"),
)
def claim_shrinks(subject: Subject) -> Iterable[Hit]:
    """A claim can be raised where its class allows that, never lowered below what it has.

    Since Kubernetes 1.32 a raise that failed may be taken back.
    """
    before = _before(subject)
    if before is None:
        return
    path = ("spec", "resources", "requests", "storage")
    new, asked = reach(subject.data, *path), reach(before.data, *path)
    has = reach(before.data, "status", "capacity", "storage")
    wanted, old, size = number(new), number(asked), number(has)
    if new is None or wanted is None or old is None or wanted >= old:
        return
    strict = subject.release is not None and subject.release < _RECOVERABLE
    if strict or (has is not None and size is not None and wanted <= size):
        yield hit(*path, new=new, old=asked if strict else has)
