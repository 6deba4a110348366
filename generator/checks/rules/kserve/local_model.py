"""Caches of models on the nodes: LocalModelCache, and LocalModelNamespaceCache since 0.18.

KServe has a validating webhook for the latter as well, which looks up its node groups; no manifest of KServe registers
it, so nobody calls it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

MODEL_CACHE, NAMESPACE_CACHE, NODE_GROUP = (
    Kind("serving.kserve.io", f"LocalModel{name}") for name in ("Cache", "NamespaceCache", "NodeGroup")
)
WEBHOOK = Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/localmodelcache/localmodelcache_validator.go")
TYPES = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha1/local_model_cache_types.go")
CONTROLLER = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha1/localmodel/controller.go")
URI = ("spec", "sourceModelUri")

GROUP = """
apiVersion: serving.kserve.io/v1alpha1
kind: LocalModelNodeGroup
metadata: {name: gpus}
spec:
  storageLimit: 500Gi
  persistentVolumeSpec: {}
  persistentVolumeClaimSpec: {}
"""
GOOD = """
apiVersion: serving.kserve.io/v1alpha1
kind: LocalModelCache
metadata:
  name: chat
spec:
  sourceModelUri: hf://example/chat-7b
  modelSize: 20Gi
  nodeGroups: [gpus]
"""


@rule(
    id="KSV450",
    name="model-cached-twice",
    product="kserve",
    kinds=(MODEL_CACHE,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{uri} is cached by the LocalModelCache {other} already, and KServe refuses a second one",
    fix="Remove one of the two, and name all node groups in the other.",
    source=WEBHOOK,
    bad=GOOD + "---" + GOOD.replace("name: chat", "name: chat-again"),
    good=GOOD + "---" + GOOD.replace("name: chat", "name: chat-again").replace("chat-7b", "chat-8b"),
)
def model_cached_twice(subject: Subject) -> Iterator[Hit]:
    """A service finds its cache by the model's address, and two would both claim it.

    Which of the two is refused is up to the order in which they are applied; here it is the later one.
    """
    name, uri = subject.document.name, text(subject.data, *URI) or ""
    before = subject.index.before(subject.document)
    if before is not None and (_leaving(subject) or text(before.data, *URI) != uri):
        return
    first = next(iter(subject.index.derive(_caches).get(uri, ())), name)
    if first != name:
        yield hit(*URI, uri=uri, other=first)


def _leaving(subject: Subject) -> bool:
    return mapping(subject.data, "metadata").get("deletionTimestamp") is not None


def _caches(index: Index) -> Mapping[str, tuple[str, ...]]:
    """The names of the caches of each address: those that are there first, then the new ones in the files' order."""
    earlier = [one for (kind, _), found in index.earlier.items() if kind == MODEL_CACHE for one in found]
    new = [one for one in index.by_kind.get(MODEL_CACHE, ()) if index.before(one) is None]
    found: dict[str, tuple[str, ...]] = {}
    for one in (*earlier, *new):
        uri = text(one.data, *URI) or ""
        found[uri] = (*found.get(uri, ()), one.name)
    return found


@rule(
    id="KSV451",
    name="cached-model-changed",
    product="kserve",
    kinds=(MODEL_CACHE, NAMESPACE_CACHE),
    stage=Stage.STRUCTURE,
    severity=Severity.ERROR,
    message="sourceModelUri was {old} and can't be changed",
    fix="Make a cache of another name for the new model, and delete this one when no service uses it.",
    source=TYPES,
    before=GOOD,
    bad=GOOD.replace("chat-7b", "chat-8b"),
    good=GOOD.replace("20Gi", "30Gi"),
)
def cached_model_changed(subject: Subject) -> Iterator[Hit]:
    """A rule of the CRD (`self == oldSelf`): the model is on the disks, and services are bound to it."""
    before = subject.index.before(subject.document)
    old, new = (text(data, *URI) for data in (before.data if before else {}, subject.data))
    if old is not None and new is not None and old != new:
        yield Hit(URI, {"old": old}, covers=(URI,))


@rule(
    id="KSV452",
    name="node-group-not-in-the-set",
    product="kserve",
    kinds=(MODEL_CACHE, NAMESPACE_CACHE),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no LocalModelNodeGroup {name} in the given files",
    fix="Check the files together with the node group, or mend the name.",
    source=CONTROLLER,
    bad=GOOD,
    good=GOOD + "---" + GROUP,
)
def node_group_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """The cache is accepted, and the model is never fetched: the controller finds no volume to fetch it to."""
    there = {one.name for one in subject.index.by_kind.get(NODE_GROUP, ())}
    for number, name in enumerate(sequence(subject.data, "spec", "nodeGroups")):
        if isinstance(name, str) and name and name not in there:
            yield hit("spec", "nodeGroups", number, name=name)
