"""What can be changed in an object of Kubernetes' own kinds, and what can't, where one would guess otherwise.

Each line is the API server's verdict, as the oracle gave it or a server of 1.35; what releases differ in is read from
their sources.
"""

from __future__ import annotations

import json

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.rules.kubernetes.examples import CRON_JOB, DEPLOYMENT, JOB, SERVICE, STATEFUL_SET, with_field

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 10Gi}}
"""
VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
"""
AFFINE = "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}"
LOCAL = with_field(VOLUME, f"local: {{path: /m}}\n  {AFFINE}")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: server, image: 'a:1'}]\n"
GATED = with_field(POD, "schedulingGates: [{name: a/b}]")
WAITING = with_field(JOB, "suspend: true")
QUOTA = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a}\nspec: {hard: {pods: 1}, scopes: [Terminating, BestEffort]}"
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: a}
roleRef: {kind: Role, name: a}
"""
TEMPLATES = "volumeClaimTemplates: [{metadata: {name: m}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: true\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nimmutable: true\n"


def service(fields: str) -> str:
    return with_field(SERVICE, fields)


def errors(after: str, before: str, kubernetes: str = "1.37") -> list[str]:
    found = check(after, platforms=[f"kubernetes@{kubernetes}"], previous=before).findings
    return [f"{one.rule} {one.path}" for one in found if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        # What counts without a field may be written, and left out again.
        (STATEFUL_SET, with_field(STATEFUL_SET, "podManagementPolicy: OrderedReady"), []),
        (with_field(STATEFUL_SET, "podManagementPolicy: Parallel"), STATEFUL_SET, ["K8S123 spec.podManagementPolicy"]),
        (BINDING, BINDING.replace("{kind", "{apiGroup: rbac.authorization.k8s.io, kind"), []),
        (BINDING, BINDING.replace("kind: Role,", "kind: ClusterRole,"), ["K8S123 roleRef"]),
        (with_field(STATEFUL_SET, TEMPLATES), with_field(STATEFUL_SET, TEMPLATES.replace("1Gi", "1024Mi")), []),
        (
            with_field(STATEFUL_SET, TEMPLATES),
            with_field(STATEFUL_SET, TEMPLATES.replace("spec: {", "spec: {volumeMode: Filesystem, ")),
            [],
        ),
        (
            with_field(STATEFUL_SET, TEMPLATES),
            with_field(STATEFUL_SET, TEMPLATES.replace("1Gi", "2Gi")),
            ["K8S123 spec.volumeClaimTemplates"],
        ),
        (QUOTA, QUOTA.replace("Terminating, BestEffort", "BestEffort, Terminating"), []),
        (QUOTA, QUOTA.replace(", scopes: [Terminating, BestEffort]", ""), ["K8S123 spec.scopes"]),
        # Jobs
        (JOB, with_field(JOB, "completions: 1"), []),
        (with_field(JOB, "completions: 2"), JOB, ["K8S123 spec.completions"]),
        (with_field(JOB, "completionMode: Indexed\n  completions: 2\n  parallelism: 2"),
         with_field(JOB, "completionMode: Indexed\n  completions: 3\n  parallelism: 3"), []),
        (with_field(JOB, "completionMode: Indexed\n  completions: 2\n  parallelism: 2"),
         with_field(JOB, "completionMode: Indexed\n  completions: 3\n  parallelism: 2"), ["K8S123 spec.completions"]),
        (JOB, JOB.replace("Never\n", "Never\n      dnsPolicy: ClusterFirst\n"), []),
        (JOB, JOB.replace("Never\n", "Never\n      nodeSelector: {a: b}\n"), ["K8S123 spec.template"]),
        (WAITING, WAITING.replace("Never\n", "Never\n      nodeSelector: {a: b}\n"), []),
        # Services
        (SERVICE, service("clusterIP: None"), ["K8S123 spec.clusterIP"]),
        (service("clusterIP: None"), SERVICE, []),
        (service("type: NodePort").replace("targetPort: 8080", "nodePort: 30080"),
         SERVICE.replace("targetPort: 8080", "nodePort: 30080"), []),
        (service("type: NodePort").replace("targetPort: 8080", "nodePort: 30080"),
         SERVICE.replace("targetPort: 8080", "nodePort: 30081"), ["K8S097 spec.ports[0].nodePort"]),
        (service("type: LoadBalancer\n  loadBalancerClass: a/b"), service("type: LoadBalancer"),
         ["K8S123 spec.loadBalancerClass"]),
        (service("type: LoadBalancer\n  loadBalancerClass: a/b"), service("loadBalancerClass: a/b"), []),
        # Pods
        (POD, POD.replace("a:1", "a:2"), []),
        (POD, POD.replace("a:1", "a:latest"), ["K8S123 spec.containers[0].imagePullPolicy"]),
        (POD, POD.replace("a:1'", "a:1', tty: false"), []),
        (POD, POD.replace("a:1'", "a:1', tty: true"), ["K8S123 spec.containers[0].tty"]),
        (POD, with_field(POD, "activeDeadlineSeconds: 9"), []),
        (with_field(POD, "activeDeadlineSeconds: 9"), POD, ["K8S123 spec.activeDeadlineSeconds"]),
        (POD, with_field(POD, "tolerations: [{operator: Exists}]"), []),
        (with_field(POD, "tolerations: [{operator: Exists}]"), POD, ["K8S123 spec.tolerations"]),
        (POD, with_field(POD, "nodeSelector: {a: b}"), ["K8S123 spec.nodeSelector"]),
        (GATED, with_field(GATED, "nodeSelector: {a: b}"), []),
        (POD, GATED, ["K8S123 spec.schedulingGates"]),
        (GATED, POD, []),
        # Volumes and claims
        (LOCAL.replace(AFFINE, ""), LOCAL, []),
        (LOCAL, LOCAL.replace("Exists", "DoesNotExist"), ["K8S123 spec.nodeAffinity"]),
        (LOCAL.replace("key: a", "key: beta.kubernetes.io/os"), LOCAL.replace("key: a", "key: kubernetes.io/os"), []),
        (CLAIM, with_field(CLAIM, "volumeMode: Filesystem"), []),
        (CLAIM, with_field(CLAIM, "storageClassName: fast"), []),
        (with_field(CLAIM, "storageClassName: ''"), with_field(CLAIM, "storageClassName: fast"),
         ["K8S123 spec.storageClassName"]),
        (with_field(CLAIM, "storageClassName: fast"), CLAIM, ["K8S123 spec.storageClassName"]),
        (CLAIM, with_field(CLAIM, "volumeName: a"), []),
        (CLAIM, CLAIM.replace("10Gi", "20Gi"), []),
        (CLAIM, CLAIM.replace("10Gi", "5Gi"), ["K8S125 spec.resources.requests.storage"]),
        (CLAIM, CLAIM.replace("requests: {", "limits: {storage: 20Gi}, requests: {"), ["K8S123 spec.resources"]),
        # What can't be changed at all
        (CONFIG + "data: {a: b}", CONFIG + "data: {a: b}\nbinaryData: {c: aGk=}", ["K8S124 binaryData"]),
        (SECRET + "data: {a: aGk=}", SECRET + "stringData: {a: hi}", []),
        (SECRET + "data: {a: aGk=}", SECRET + "stringData: {a: ho}", ["K8S124 data"]),
        (CONFIG, CONFIG + "data: {}", []),
        (CONFIG, CONFIG + "binaryData: {}", ["K8S124 binaryData"]),
        (SECRET, SECRET + "data: {}", ["K8S124 data"]),
        # What only a new object has to obey
        (CRON_JOB.replace("0 3", "TZ=UTC 0 3"), CRON_JOB.replace("0 3", "TZ=UTC 0 4"), []),
        (CRON_JOB, CRON_JOB.replace("0 3", "TZ=UTC 0 4"), ["K8S092 spec.schedule"]),
        (DEPLOYMENT, DEPLOYMENT.replace("name: digits\n", "name: digits\n  generation: -1\n", 1), []),
    ],
)  # fmt: skip
def test_an_update(before: str, after: str, refused: list[str]) -> None:
    assert errors(after, before) == refused


@pytest.mark.parametrize(
    ("before", "after", "where", "releases"),
    [
        (with_field(STATEFUL_SET, "revisionHistoryLimit: 3"), STATEFUL_SET, "spec.revisionHistoryLimit", ("1.32", "1.33")),
        (WAITING, WAITING.replace("trainer:1.0", "trainer:1.0\n          resources: {limits: {cpu: 1}}"), "spec.template",
         ("1.35", "1.36")),
        (with_field(POD, "resources: {limits: {cpu: 1}}"), POD, "spec.resources", ("1.36", "1.37")),
    ],
)  # fmt: skip
def test_what_later_releases_let_change(before: str, after: str, where: str, releases: tuple[str, str]) -> None:
    earlier, later = releases
    assert errors(after, before, earlier) == [f"K8S123 {where}"]
    assert errors(after, before, later) == []


def live(metadata: str, applied: str = "") -> str:
    """A Deployment as a cluster has it, with what was last applied."""
    note = (
        f"  annotations: {{kubectl.kubernetes.io/last-applied-configuration: {json.dumps(applied)}}}\n"
        if applied
        else ""
    )
    return DEPLOYMENT.replace("name: digits\n", f"name: digits\n  uid: a\n  resourceVersion: '7'\n{metadata}{note}", 1)


def said(metadata: str) -> str:
    return DEPLOYMENT.replace("name: digits\n", f"name: digits\n{metadata}", 1)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (live(""), DEPLOYMENT, []),
        (live(""), said("  uid: a\n  resourceVersion: '7'\n"), []),
        (live(""), said("  uid: b\n"), ["K8S151 metadata.uid"]),
        (live(""), said("  resourceVersion: '6'\n"), ["K8S151 metadata.resourceVersion"]),
        (DEPLOYMENT, said("  deletionTimestamp: 2026-01-01T00:00:00Z\n"), ["K8S151 metadata.deletionTimestamp"]),
        (live("  deletionTimestamp: 2026-01-01T00:00:00Z\n"), said("  deletionTimestamp: 2025-01-01T00:00:00Z\n"), []),
        (live("  deletionTimestamp: 2026-01-01T00:00:00Z\n"), said("  finalizers: [a/b]\n"),
         ["K8S151 metadata.finalizers[0]"]),
        (live("  finalizers: [a/b]\n"), said("  finalizers: [c/d]\n"), []),
    ],
)  # fmt: skip
def test_metadata_that_the_server_writes(before: str, after: str, refused: list[str]) -> None:
    assert errors(after, before) == refused


def test_a_place_in_a_list_is_written_as_everywhere() -> None:
    found = check(POD.replace("a:1'", "a:1', tty: true"), previous=POD).findings
    messages = [one.message for one in found if one.rule == "K8S123"]
    assert messages == ["spec.containers[0].tty of a Pod can't be changed"]


def test_an_old_object_that_no_cluster_can_have_says_nothing() -> None:
    slices = (
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a}\naddressType: IPv4\nendpoints: []\n"
    )
    bent = slices.replace("{name: a}", "{name: a, uid: b}").replace("endpoints: []", "endpoints: [{addresses: [1]}]")
    assert errors(slices.replace("endpoints: []\n", ""), bent) == []


def test_to_a_live_object_a_file_is_applied() -> None:
    claim = with_field(
        CLAIM.replace("name: models", "name: models, uid: a"), "volumeName: pv-1\n  storageClassName: fast"
    )
    bound = f"{claim}status: {{phase: Bound, capacity: {{storage: 10Gi}}}}\n"
    assert errors(CLAIM, bound) == []
    assert errors(with_field(CLAIM, "volumeName: pv-2"), bound) == ["K8S123 spec.volumeName"]
    pending = claim + "status: {phase: Pending}\n"
    assert errors(CLAIM.replace("10Gi", "20Gi"), pending) == ["K8S123 spec.resources"]
