"""The pods that serve an LLMInferenceService: Deployments of one node, LeaderWorkerSets of several, and their Service.

kserve/kserve, pkg/controller/v1alpha2/llmisvc at v0.20.0: workload.go, workload_single_node.go,
workload_multi_node.go, workload_tls_self_signed.go; older releases where one is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.llm import filling, naming, rollout, storage, tiers, tracing
from generator.outcome.kserve.llm.trees import Fields, dig, editable, fields, finished, named, there
from generator.outcome.kserve.values import whole, words
from generator.outcome.part import value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

SIDECAR = "llm-d-routing-sidecar"
"""The container that hands requests from decoding pods on to prefilling ones."""
PORT = 8000
"""Where requests are answered, and the Service's port."""
BASED_ON_MODEL = "serving.kserve.io/model-based-routing-enabled"
_PLAIN, _SCRAPED, _SPREAD = Version(0, 19), Version(0, 17), Version(0, 19)
_MODEL_KEPT = Version(0, 20)
_SCRAPING = ("prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path", "prometheus.io/scheme")
_NODES_API = "leaderworkerset.x-k8s.io/v1"


def made(service: Combined) -> Iterator[Tree]:
    """The workloads, the Service in front of them, and the certificate that they answer with."""
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": service.metadata(naming.CERTIFICATES, "workload"),
        "type": "kubernetes.io/tls",
    }
    prefill = dig(service.spec, "prefill")
    yield _nodes(service) if there(service.spec, "worker") else _deployment(service)
    if there(service.spec, "prefill"):
        yield _prefill_nodes(service, prefill) if there(prefill, "worker") else _prefill(service, prefill)
    yield _service(service)


def _service(service: Combined) -> Tree:
    secure = service.release < _PLAIN or filling.encrypted(service.settings)
    protocol = "https" if secure else "http"
    metadata = service.metadata(naming.SERVICE, "workload")
    if service.release >= _SPREAD:
        metadata["labels"] |= fields(service.spec, "labels")
        metadata["annotations"] = _kept(service, fields(service.spec, "annotations")) or None
    port = {"name": protocol, "protocol": "TCP", "appProtocol": protocol, "port": PORT, "targetPort": PORT}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"ports": [port], "selector": naming.serving(service.name), "type": "ClusterIP"},
    }


def _deployment(service: Combined) -> Tree:
    role = "decode" if there(service.spec, "prefill") else "both"
    own = {**naming.labels(service.name, "workload"), naming.WORKLOAD: "workload", naming.ROLE: role}
    template = _template(service, own, service.spec)
    pod = dig(service.spec, "template")
    if service.release >= _SCRAPED:
        scraped = service.root.fields("metadata", "annotations")
        template["metadata"]["annotations"] |= {name: scraped[name] for name in _SCRAPING if name in scraped}
    if pod is not None:
        template["spec"] = pod_of(service, pod, account=_account(service, pod), offloading=service.spec)
    return _as_deployment(service, naming.MAIN, service.spec, template)


def _account(service: Combined, pod: Tree) -> Tree:
    """Who pods with a sidecar run as: the account that they name, or one of their own."""
    return None if not sidecar(pod) else dig(pod, "serviceAccountName") or service.child(naming.MAIN)


def _prefill(service: Combined, prefill: Tree) -> Tree:
    component = naming.labels(service.name, "workload-prefill")
    own = {**component, naming.WORKLOAD: "workload", naming.ROLE: "prefill"}
    template = _template(service, own, prefill)
    pod = dig(prefill, "template")
    if pod is not None:
        template["spec"] = pod_of(service, pod, offloading=prefill, role="prefill")
    return _as_deployment(service, naming.PREFILL, prefill, template)


def _as_deployment(service: Combined, suffix: str, workload: Tree, template: Fields) -> Tree:
    """A Deployment. Go's one map of labels is its own, its selector's and its pods'."""
    metadata = service.metadata(suffix, "workload")
    shared = template["metadata"]["labels"]
    metadata["labels"] = dict(shared)
    metadata["annotations"] = _passed(service, "annotations") or None
    template["metadata"]["annotations"] = template["metadata"]["annotations"] or None
    spec = {
        "replicas": dig(workload, "replicas"),
        "strategy": rollout.of_deployment(workload, service.release),
        "selector": {"matchLabels": dict(shared)},
        "template": template,
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _nodes(service: Combined) -> Tree:
    """The LeaderWorkerSet of several nodes. Workers take requests themselves where there is no leader's template."""
    pod, prefill = dig(service.spec, "template"), there(service.spec, "prefill")
    account = (
        dig(pod, "serviceAccountName")
        or dig(service.spec, "worker", "serviceAccountName")
        or service.child(naming.NODES)
    )
    leader = naming.labels(service.name, "workload-leader")
    leader |= {naming.WORKLOAD: "workload", naming.ROLE: "decode" if prefill else "both"}
    worker = naming.labels(service.name, "workload-worker")
    if pod is None:
        worker |= {naming.WORKLOAD: "workload", naming.ROLE: "decode"}
    return _set(service, naming.NODES, service.spec, (leader, worker), account, "decode")


def _prefill_nodes(service: Combined, prefill: Tree) -> Tree:
    pod = dig(prefill, "template")
    account = (
        dig(pod, "serviceAccountName")
        or dig(prefill, "worker", "serviceAccountName")
        or service.child(naming.PREFILL_NODES)
    )
    ours = {naming.WORKLOAD: "workload", naming.ROLE: "prefill"}
    leader = naming.labels(service.name, "workload-leader-prefill") | ours
    worker = naming.labels(service.name, "workload-worker-prefill") | (ours if pod is None else {})
    found = _set(service, naming.PREFILL_NODES, prefill, (leader, worker), account, "prefill")
    template = found["spec"]["leaderWorkerTemplate"]
    if _data_parallel(prefill) and template["size"] is not None:
        template["subGroupPolicy"] = {"subGroupSize": template["size"]}
    return found


def _set(
    service: Combined,
    suffix: str,
    workload: Tree,
    roles: tuple[dict[str, str], dict[str, str]],
    account: Tree,
    role: str,
) -> Fields:
    leading, working = roles
    leader = None
    if there(workload, "template"):
        leader = _template(service, leading, workload, nodes=True)
        leader["spec"] = _of_nodes(service, workload, "template", account, role)
    worker = _template(service, working, workload, nodes=True)
    worker["spec"] = _of_nodes(service, workload, "worker", account, role)
    for one in (leader, worker):
        if one is not None:
            one["metadata"]["annotations"] = one["metadata"]["annotations"] or None
    metadata = service.metadata(suffix, "workload")
    metadata["labels"] = dict(worker["metadata"]["labels"])
    metadata["annotations"] = _passed(service, "annotations", nodes=True) or None
    return {
        "apiVersion": _NODES_API,
        "kind": "LeaderWorkerSet",
        "metadata": metadata,
        "spec": {
            "replicas": dig(workload, "replicas"),
            "leaderWorkerTemplate": {
                "size": _size(workload),
                "leaderTemplate": leader,
                "workerTemplate": worker,
                "restartPolicy": "RecreateGroupOnPodRestart",
            },
            "rolloutStrategy": rollout.of_nodes(workload, service.release),
            "startupPolicy": "LeaderCreated",
        },
    }


def _of_nodes(service: Combined, workload: Tree, name: str, account: Tree, role: str) -> Fields:
    found = pod_of(service, dig(workload, name), account=account, offloading=workload, role=role)
    found["serviceAccountName"] = account
    for container in (*(found.get("containers") or ()), *(found.get("initContainers") or ())):
        container.setdefault("resources", {})
    return found


def _data_parallel(workload: Tree) -> bool:
    return any((whole(dig(workload, "parallelism", name)) or 0) > 0 for name in ("data", "dataLocal"))


def _size(workload: Tree) -> Tree:
    """How many nodes one replica has: the data's shares over those of one node, or the pipeline's stages."""
    parallelism = dig(workload, "parallelism")
    if _data_parallel(workload):
        data, local = (max(whole(dig(parallelism, name)) or 1, 1) for name in ("data", "dataLocal"))
        return max(data // local, 1)
    pipeline = dig(parallelism, "pipeline")
    return pipeline if (whole(pipeline) or 0) > 0 else None


def _template(service: Combined, own: Mapping[str, str], workload: Tree, *, nodes: bool = False) -> Fields:
    """A pod's template without its spec; labels and annotations of the workload are stronger than KServe's own."""
    said = _kept(service, fields(workload, "annotations"))
    return {
        "metadata": {
            "labels": {**own, **_passed(service, "labels"), **_of_workload(service, fields(workload, "labels"))},
            "annotations": {**_passed(service, "annotations", nodes=nodes), **_of_workload(service, said)},
        }
    }


def _of_workload(service: Combined, found: Fields) -> Fields:
    """What a workload says of its pods reaches them from 0.17 on."""
    return found if service.release >= _SCRAPED else {}


def _kept(service: Combined, annotations: Fields) -> Fields:
    """A config's mark that routes by the model's name are possible isn't for pods."""
    if service.release < _MODEL_KEPT:
        return annotations
    return {name: value for name, value in annotations.items() if name != BASED_ON_MODEL}


_LOCAL_MODEL = "internal.serving.kserve.io/localmodel"
_KUEUE = "kueue.x-k8s.io"


def _passed(service: Combined, kind: str, *, nodes: bool = False) -> Fields:
    """Labels or annotations of the service that reach its workloads, by how they begin."""
    beginnings: tuple[str, ...] = (_KUEUE,)
    if kind == "annotations":
        beginnings += ("k8s.v1.cni.cncf.io",)
        beginnings += ("prometheus.io",) if service.release >= _SCRAPED else ()
        beginnings += ("leaderworkerset.sigs.k8s.io",) if nodes else ()
    if service.release >= _SPREAD:
        beginnings += (_LOCAL_MODEL,)
    found = service.root.fields("metadata", kind)
    return {name: value for name, value in found.items() if name.startswith(beginnings)}


def sidecar(pod: Tree) -> bool:
    """Whether requests go through a sidecar, which needs an account of its own."""
    listed = dig(pod, "initContainers")
    each = value_of(listed) if listed is not None else ()
    return any(words(fields(one).get("name")) == SIDECAR for one in each or ())


def pod_of(
    service: Combined, pod: Tree, *, account: Tree = None, offloading: Tree = None, role: str = "decode"
) -> Fields:
    """A pod with its model, what its cache spills over to, and its traces.

    Args:
        service: The service.
        pod: The pod's spec.
        account: Who it runs as, where that isn't left to it.
        offloading: The workload, whose cache may spill over.
        role: ``decode`` or ``prefill``.
    """
    found = editable(pod)
    if account is not None:
        found["serviceAccountName"] = account
        _with_pool(service, found)
    storage.attach(service, found, "main", storage.MODEL, adapters=True)
    tiers.attach(found, dig(offloading, "kvCacheOffloading", "secondary"), "main")
    tracing.of_server(service, found, role)
    return finished(found)


def _with_pool(service: Combined, pod: Fields) -> None:
    one = named(pod.get("initContainers"), SIDECAR)
    if one is not None and there(service.spec, "router"):
        one["env"].append({"name": "INFERENCE_POOL_NAME", "value": service.pool})
