"""The service accounts that KServe makes for an LLMInferenceService, and what they may do.

kserve/kserve, pkg/controller/v1alpha2/llmisvc at v0.20.0: workload_single_node.go, workload_multi_node.go,
scheduler.go; the rules of the roles at v0.16.0, v0.17.0, v0.18.0, v0.19.0 and v0.20.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm import naming
from generator.outcome.kserve.llm.scheduler import COMPONENT, POOL_ALPHA, POOL_V1
from generator.outcome.kserve.llm.trees import Fields, dig, there
from generator.outcome.kserve.llm.workload import sidecar
from generator.outcome.kserve.values import words
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

_API = "rbac.authorization.k8s.io"
_LOOK = ["get", "list", "watch"]
_EXISTING, _REWRITTEN, _BOTH_GROUPS = Version(0, 17), Version(0, 18), Version(0, 20)


def made(service: Combined) -> Iterator[Tree]:
    """The accounts of the pods that serve, their roles and bindings."""
    pod, worker = dig(service.spec, "template"), dig(service.spec, "worker")
    if sidecar(pod):  # Of several nodes as well, though no Deployment runs as it then.
        yield from _workload(service, naming.MAIN, dig(pod, "serviceAccountName"), "workload", bound=True)
    if worker is not None:
        said = dig(pod, "serviceAccountName") or dig(worker, "serviceAccountName")
        yield from _workload(service, naming.NODES, said, "", bound=sidecar(pod) or sidecar(worker))
    prefill = dig(service.spec, "prefill")
    if there(prefill, "worker"):
        said = dig(prefill, "template", "serviceAccountName") or dig(prefill, "worker", "serviceAccountName")
        yield from _workload(service, naming.PREFILL_NODES, said, "", bound=False)


def _workload(service: Combined, suffix: str, said: Tree, component: str, *, bound: bool) -> Iterator[Tree]:
    """An account of pods, unless they name one that there is; and that it may look for pools and pods."""
    own = service.child(suffix)
    account = said if words(said) else own
    if words(account) == own or account == own or service.release < _EXISTING:
        yield _account(service, suffix, component)
        account = own if service.release < _EXISTING else account
    if bound:
        groups = [POOL_ALPHA, POOL_V1] if service.release >= _BOTH_GROUPS else [POOL_ALPHA]
        rules = [_rule([""], ["pods"]), _rule(groups, ["inferencepools"])]
        yield _role(service, f"{suffix}-role", component, rules)
        yield _binding(service, f"{suffix}-rb", f"{suffix}-role", component, account)


def of_scheduler(service: Combined) -> Iterator[Tree]:
    """The account of the scheduler, its roles and bindings."""
    if not service.scheduled:
        return
    own = service.child(naming.SCHEDULER_ACCOUNT)
    said = dig(service.spec, "router", "scheduler", "template", "serviceAccountName")
    account = said if words(said) else own
    if words(said) in ("", own):
        yield _account(service, naming.SCHEDULER_ACCOUNT, COMPONENT)
    elif service.release < _EXISTING:
        made_of = _account(service, naming.SCHEDULER_ACCOUNT, COMPONENT)
        made_of["metadata"]["name"] = account
        yield made_of
    delegator = naming.child_name(hosts.namespace_of(service.root), f"-{service.name}-epp-auth-rb")
    yield {
        "apiVersion": f"{_API}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": delegator, "labels": naming.labels(service.name, COMPONENT)},
        "subjects": _subjects(service, account),
        "roleRef": {"apiGroup": _API, "kind": "ClusterRole", "name": "system:auth-delegator"},
    }
    yield _role(service, "-epp-role", COMPONENT, list(_rules(service.release)))
    yield _binding(service, "-epp-rb", "-epp-role", COMPONENT, account)


def _rules(release: Version) -> Iterator[Fields]:
    yield _rule([""], ["pods"])
    if release < _EXISTING:
        yield _rule([POOL_ALPHA], ["inferencepools", "inferencemodels"])
        yield _rule(["discovery.k8s.io"], ["endpointslices"])
        return
    yield _rule([POOL_V1, POOL_ALPHA], ["inferencepools", "inferenceobjectives", "inferencemodels"])
    if release >= _REWRITTEN:
        yield _rule([POOL_ALPHA], ["inferencemodelrewrites", "inferencepoolimports"])
    if release >= _BOTH_GROUPS:
        yield _rule(["llm-d.ai"], ["inferenceobjectives", "inferencemodelrewrites"])
    yield _rule(["discovery.k8s.io"], ["endpointslices"])
    leases = _rule(["coordination.k8s.io"], ["leases"])
    yield {**leases, "verbs": [*_LOOK, "create", "update", "patch", "delete"]}


def _rule(groups: list[str], resources: list[str]) -> Fields:
    return {"apiGroups": groups, "resources": resources, "verbs": list(_LOOK)}


def _account(service: Combined, suffix: str, component: str) -> Fields:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": service.metadata(suffix, component)}


def _role(service: Combined, suffix: str, component: str, rules: list[Fields]) -> Tree:
    metadata = service.metadata(suffix, component)
    return {"apiVersion": f"{_API}/v1", "kind": "Role", "metadata": metadata, "rules": rules}


def _binding(service: Combined, suffix: str, role: str, component: str, account: Tree) -> Tree:
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "RoleBinding",
        "metadata": service.metadata(suffix, component),
        "subjects": _subjects(service, account),
        "roleRef": {"apiGroup": _API, "kind": "Role", "name": service.child(role)},
    }


def _subjects(service: Combined, account: Tree) -> list[Fields]:
    namespace = service.namespace or hosts.namespace_of(service.root)  # a subject has to say one
    return [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]
