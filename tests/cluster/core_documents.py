"""Objects of Kubernetes' own kinds, each good, and what one change makes of it: what a real API server has to say of them."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: digits, labels: {app: digits}}
spec:
  replicas: 2
  selector: {matchLabels: {app: digits}}
  template:
    metadata: {labels: {app: digits}}
    spec:
      serviceAccountName: models-reader
      initContainers:
        - {name: fetch, image: fetch:1, args: [s3://models/digits/1, /mnt/models], volumeMounts: [{name: models, mountPath: /mnt/models}]}
      containers:
        - name: server
          image: tensorflow/serving:2.20.0
          ports: [{name: http, containerPort: 8501}]
          env: [{name: MODEL_NAME, value: digits}, {name: KEY, valueFrom: {secretKeyRef: {name: s3, key: key}}}]
          resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 2, memory: 2Gi, nvidia.com/gpu: 1}}
          readinessProbe: {httpGet: {path: /v1/models/digits, port: http}, periodSeconds: 5}
          livenessProbe: {tcpSocket: {port: 8501}}
          volumeMounts: [{name: models, mountPath: /mnt/models, readOnly: true}]
          securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumes: [{name: models, emptyDir: {sizeLimit: 1Gi}}]
      tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [gpu]}]}]}}}
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: digits}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: once}
spec: {restartPolicy: Never, containers: [{name: a, image: a}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: cache}
spec:
  serviceName: cache
  selector: {matchLabels: {app: cache}}
  template: {metadata: {labels: {app: cache}}, spec: {containers: [{name: a, image: a}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: a}]}}
---
apiVersion: v1
kind: Service
metadata: {name: digits}
spec: {selector: {app: digits}, ports: [{name: http, port: 80, targetPort: http}, {name: grpc, port: 9000, targetPort: 9000, appProtocol: kubernetes.io/h2c}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: models-reader, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/r"}}
secrets: [{name: s3}]
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret
metadata: {name: s3}
type: Opaque
stringData: {AWS_ACCESS_KEY_ID: a}
data: {AWS_SECRET_ACCESS_KEY: YQ==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {models.config: "a: b"}
binaryData: {logo: YQ==}
---
apiVersion: v1
kind: Namespace
metadata: {name: models, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 10Gi}}, storageClassName: fast}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec: {capacity: {storage: 10Gi}, accessModes: [ReadWriteMany], nfs: {server: a, path: /a}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec: {backoffLimit: 2, completions: 1, template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: train}
spec: {schedule: "0 3 * * *", timeZone: Europe/Zurich, concurrencyPolicy: Forbid, jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: a, image: a}]}}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: digits}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  minReplicas: 2
  maxReplicas: 6
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 300, policies: [{type: Percent, value: 50, periodSeconds: 60}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: digits}
spec: {minAvailable: 50%, selector: {matchLabels: {app: digits}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: digits}
spec: {podSelector: {matchLabels: {app: digits}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 8501, endPort: 8510}]}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: digits}
spec: {ingressClassName: nginx, tls: [{hosts: [a.example.com], secretName: t}], rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: digits, port: {number: 80}}}}]}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: models-reader, namespace: models}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:reader"}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: models-reader, namespace: models}]
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: models}
spec: {hard: {requests.nvidia.com/gpu: 4, pods: "10"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: models}
spec: {limits: [{type: Container, default: {cpu: 1}, defaultRequest: {cpu: 100m}}]}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: serving}
value: 1000
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: example.com/disk
"""
"""Every one is taken."""

GONE = object()
"""For a change that takes a field away."""


class Change(NamedTuple):
    """One field of a good object changed.

    Attributes:
        kind: Which object.
        path: The field, as ``spec.ports.0.port``; a key with dots in brackets.
        value: What stands there then.
        verdict: What the server says.
    """

    kind: str
    path: str
    value: Any
    verdict: str = "invalid"


_CONTAINER = "spec.template.spec.containers.0"
_POD = "spec.template.spec"
CHANGES = (
    # decoding: unknown fields, types, quantities, null
    Change("Deployment", "spec.replica", 2),
    Change("Deployment", "spec.replicas", "2"),
    Change("Deployment", "spec.replicas", 1.5),
    Change("Deployment", "spec.replicas", None, "valid"),
    Change("Deployment", "spec.replicas", 2**31),
    Change("Deployment", "spec.replicas", -1),
    Change("Deployment", "Spec", {}),
    Change("Deployment", f"{_CONTAINER}.image", 5),
    Change("Deployment", f"{_CONTAINER}.env.0.value", 5),
    Change("Deployment", f"{_CONTAINER}.env.0.value", True),
    Change("Deployment", f"{_CONTAINER}.resources.requests.cpu", 0.1, "valid"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.cpu", "0,1"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.cpu", " 1", "valid"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.memory", "1GB"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.memory", "1e9", "valid"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.memory", "1m", "valid"),
    Change("Deployment", f"{_CONTAINER}.securityContext.runAsUser", "0"),
    Change("Deployment", "metadata.labels.app", 5),
    Change("Deployment", "metadata.labels.app", None, "valid"),
    Change("Deployment", "metadata.creationTimestamp", None, "valid"),
    Change("Deployment", "metadata.creationTimestamp", "yesterday"),
    Change("Deployment", "metadata.label", {}),
    # metadata
    Change("Deployment", "metadata.name", "Digits"),
    Change("Deployment", "metadata.name", "a.b", "valid"),
    Change("Deployment", "metadata.name", "x" * 254),
    Change("Deployment", "metadata.name", GONE),
    Change("Deployment", "metadata.generateName", "digits-", "valid"),
    Change("Deployment", "metadata.labels.app", "a b"),
    Change("Deployment", "metadata.labels.[a/b/c]", "a"),
    Change("Deployment", "metadata.annotations", {"A B": "x"}),
    Change("Deployment", "metadata.annotations", {"a": "x" * 262145}),
    Change("Deployment", "metadata.finalizers", ["a"]),
    Change("Deployment", "metadata.finalizers", ["kubernetes", "a.b/c"], "valid"),
    Change("Deployment", "metadata.ownerReferences", [{"apiVersion": "v1", "kind": "Pod", "name": "a"}]),
    Change("Service", "metadata.name", "1digits"),
    Change("Service", "metadata.name", "a.b"),
    Change("Namespace", "metadata.name", "a.b"),
    Change("Namespace", "metadata.namespace", "other", "valid"),
    Change("ServiceAccount", "metadata.name", "a_b"),
    Change("ClusterRole", "metadata.name", "a/b"),
    # pods
    Change("Deployment", "spec.selector", GONE),
    Change("Deployment", "spec.selector.matchLabels.app", "other"),
    Change("Deployment", "spec.selector", {}),
    Change("Deployment", f"{_POD}.containers", []),
    Change("Deployment", f"{_POD}.restartPolicy", "Never"),
    Change("Deployment", f"{_POD}.restartPolicy", "Always", "valid"),
    Change("Deployment", f"{_POD}.activeDeadlineSeconds", 5),
    Change("Deployment", f"{_POD}.serviceAccountName", "A"),
    Change("Deployment", f"{_POD}.dnsPolicy", "Other"),
    Change("Deployment", f"{_POD}.terminationGracePeriodSeconds", -1, "valid"),
    Change("Deployment", f"{_POD}.priorityClassName", "a b"),
    Change("Deployment", f"{_POD}.imagePullSecrets", [{"name": "a"}], "valid"),
    Change("Deployment", f"{_POD}.nodeSelector", {"a": "b c"}),
    Change("Deployment", f"{_POD}.hostNetwork", True, "valid"),
    Change("Deployment", f"{_POD}.tolerations.0.value", "x"),
    Change("Deployment", f"{_POD}.tolerations.0.operator", "In"),
    Change("Deployment", f"{_POD}.topologySpreadConstraints.0.maxSkew", 0),
    Change("Deployment", f"{_POD}.topologySpreadConstraints.0.whenUnsatisfiable", "Never"),
    Change("Deployment", f"{_POD}.volumes.0.emptyDir", GONE, "valid"),
    Change("Deployment", f"{_POD}.volumes.0.hostPath", {"path": "/a"}),
    Change("Deployment", f"{_POD}.volumes.0.name", "other"),
    Change("Deployment", f"{_POD}.volumes.0.name", "a_b"),
    Change("Deployment", f"{_POD}.volumes.1", {"name": "models", "emptyDir": {}}),
    Change("Deployment", f"{_POD}.volumes.1", {"name": "b", "persistentVolumeClaim": {"claimName": ""}}),
    Change("Deployment", f"{_POD}.volumes.1", {"name": "b", "secret": {"secretName": "s", "defaultMode": 512}}),
    Change(
        "Deployment", f"{_POD}.volumes.1", {"name": "b", "secret": {"secretName": "s", "defaultMode": 292}}, "valid"
    ),
    Change("Deployment", f"{_POD}.initContainers.0.readinessProbe", {"tcpSocket": {"port": 1}}),
    Change("Deployment", f"{_POD}.initContainers.0.restartPolicy", "Always", "valid"),
    Change("Deployment", f"{_POD}.initContainers.0.name", "server"),
    # containers
    Change("Deployment", f"{_CONTAINER}.name", "Server"),
    Change("Deployment", f"{_CONTAINER}.name", GONE),
    Change("Deployment", f"{_CONTAINER}.image", GONE),
    Change("Deployment", f"{_CONTAINER}.image", " a", "valid"),
    Change("Pod", "spec.containers.0.image", " a"),
    Change("Deployment", f"{_CONTAINER}.imagePullPolicy", "Sometimes"),
    Change("Deployment", f"{_CONTAINER}.ports.0.containerPort", 0),
    Change("Deployment", f"{_CONTAINER}.ports.0.containerPort", 70000),
    Change("Deployment", f"{_CONTAINER}.ports.0.name", "a-name-too-long-for-a-port"),
    Change("Deployment", f"{_CONTAINER}.ports.0.name", "8501"),
    Change("Deployment", f"{_CONTAINER}.ports.0.protocol", "HTTP"),
    Change("Deployment", f"{_CONTAINER}.ports.1", {"name": "http", "containerPort": 1}),
    Change("Deployment", f"{_CONTAINER}.ports.1", {"containerPort": 8501}, "valid"),
    Change("Deployment", f"{_CONTAINER}.env.0.name", ""),
    Change("Deployment", f"{_CONTAINER}.env.0.name", "A B", "valid"),
    Change("Deployment", f"{_CONTAINER}.env.0.name", "A=B"),
    Change("Deployment", f"{_CONTAINER}.env.1.value", "both"),
    Change("Deployment", f"{_CONTAINER}.env.1.valueFrom", {}),
    Change("Deployment", f"{_CONTAINER}.env.1.valueFrom.secretKeyRef.name", GONE),
    Change("Deployment", f"{_CONTAINER}.env.2", {"name": "MODEL_NAME", "value": "twice"}, "valid"),
    Change("Deployment", f"{_CONTAINER}.resources.limits.cpu", "100m"),
    Change("Deployment", f"{_CONTAINER}.resources.limits.[nvidia.com/gpu]", "500m"),
    Change("Deployment", f"{_CONTAINER}.resources.requests.[nvidia.com/gpu]", 2),
    Change("Deployment", f"{_CONTAINER}.resources.requests.gpu", 1),
    Change("Deployment", f"{_CONTAINER}.resources.requests.cpu", "-1"),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.tcpSocket", {"port": 1}),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.httpGet.port", 0),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.httpGet.port", "no such port"),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.httpGet.port", "other", "valid"),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.httpGet.scheme", "http"),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.periodSeconds", -1),
    Change("Deployment", f"{_CONTAINER}.readinessProbe.httpGet", GONE),
    Change("Deployment", f"{_CONTAINER}.livenessProbe.successThreshold", 2),
    Change("Deployment", f"{_CONTAINER}.volumeMounts.0.mountPath", ""),
    Change("Deployment", f"{_CONTAINER}.volumeMounts.0.subPath", "../a"),
    Change("Deployment", f"{_CONTAINER}.volumeMounts.1", {"name": "models", "mountPath": "/mnt/models"}),
    Change("Deployment", f"{_CONTAINER}.securityContext.privileged", True),  # and no escalation of privileges
    Change("Deployment", f"{_CONTAINER}.securityContext.runAsUser", -1),
    Change("Deployment", f"{_CONTAINER}.command", "serve"),
    Change("Deployment", f"{_POD}.containers.1", {"name": "server", "image": "a"}),
    Change("Deployment", "spec.strategy", {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
    Change(
        "Deployment", "spec.strategy", {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
    ),
    Change("Deployment", "spec.strategy", {"rollingUpdate": {"maxSurge": "25"}}),
    Change("Deployment", "spec.progressDeadlineSeconds", 0),
    Change("StatefulSet", "spec.podManagementPolicy", "Other"),
    Change("StatefulSet", "spec.serviceName", GONE, "valid"),
    Change("DaemonSet", "spec.replicas", 1),
    Change("DaemonSet", f"{_POD}.restartPolicy", "OnFailure"),
    Change("Pod", "spec.restartPolicy", "Never", "valid"),
    Change("Pod", "spec.restartPolicy", "Once"),
    # services and routes
    Change("Service", "spec.ports.0.port", 0),
    Change("Service", "spec.ports.0.port", "80"),
    Change("Service", "spec.ports.0.name", GONE),
    Change("Service", "spec.ports.0.name", "grpc"),
    Change("Service", "spec.ports.0.name", "Http"),
    Change("Service", "spec.ports.0.name", "http-of-the-longest-kind", "valid"),
    Change("Service", "spec.ports.1.port", 80),
    Change("Service", "spec.ports.0.targetPort", "a_b"),
    Change("Service", "spec.ports.0.targetPort", 70000),
    Change("Service", "spec.ports.0.nodePort", 30000),
    Change("Service", "spec.ports.1.appProtocol", "a/b/c"),
    Change("Service", "spec.ports", []),
    Change("Service", "spec.clusterIP", "None", "valid"),
    Change("Service", "spec.clusterIP", "1.2.3"),
    Change("Service", "spec.type", "Other"),
    Change("Service", "spec.type", "ExternalName"),
    Change("Service", "spec.selector", {"app": "a b"}),
    Change("Service", "spec.sessionAffinity", "Cookie"),
    Change("Ingress", "spec.rules.0.host", "A_b"),
    Change("Ingress", "spec.rules.0.http.paths.0.pathType", GONE),
    Change("Ingress", "spec.rules.0.http.paths.0.path", "a"),
    Change("Ingress", "spec.rules.0.http.paths.0.backend.service.port", {}),
    Change("Ingress", "spec.rules.0.http.paths.0.backend.serviceName", "a"),
    Change("Ingress", "spec.rules", GONE),
    Change("NetworkPolicy", "spec.policyTypes", ["Other"]),
    Change("NetworkPolicy", "spec.ingress.0.from.0.ipBlock.cidr", "10.0.0.0"),
    Change("NetworkPolicy", "spec.ingress.0.from.0.ipBlock.except", ["11.0.0.0/16"]),
    Change("NetworkPolicy", "spec.ingress.0.from.0.podSelector", {}),
    Change("NetworkPolicy", "spec.ingress.0.ports.0.endPort", 1),
    # data, accounts, rights
    Change("Secret", "data.AWS_SECRET_ACCESS_KEY", "not base64"),
    Change("Secret", "data.AWS_SECRET_ACCESS_KEY", "YQ"),
    Change("Secret", "data.a b", "YQ=="),
    Change("Secret", "stringData.AWS_ACCESS_KEY_ID", 5),
    Change("Secret", "type", "kubernetes.io/dockerconfigjson"),
    Change("Secret", "type", "kubernetes.io/tls"),
    Change("Secret", "type", "mine", "valid"),
    Change("ConfigMap", "data.port", 80),
    Change("ConfigMap", "data.logo", "twice"),
    Change("ConfigMap", "data.a/b", "x"),
    Change("ConfigMap", "data.a b", "x"),
    Change("ConfigMap", "spec", {}),
    Change("ServiceAccount", "secrets", ["s3"]),
    Change("ServiceAccount", "imagePullSecrets", [{"name": "a"}], "valid"),
    Change("Role", "rules.0.verbs", []),
    Change("Role", "rules.0.apiGroups", GONE),
    Change("Role", "rules.0.nonResourceURLs", ["/a"]),
    Change("RoleBinding", "roleRef.kind", "Group"),
    Change("RoleBinding", "roleRef.apiGroup", GONE, "valid"),
    Change("RoleBinding", "subjects.0.kind", "Robot"),
    Change("RoleBinding", "subjects.0.namespace", GONE, "valid"),
    Change("RoleBinding", "roleRef", GONE),
    # storage, jobs, scaling
    Change("PersistentVolumeClaim", "spec.accessModes", []),
    Change("PersistentVolumeClaim", "spec.accessModes", ["ReadWriteSome"]),
    Change("PersistentVolumeClaim", "spec.resources", GONE),
    Change("PersistentVolumeClaim", "spec.resources.requests.storage", "0"),
    Change("PersistentVolumeClaim", "spec.storageClassName", "A"),
    Change("PersistentVolume", "spec.nfs", GONE),
    Change("PersistentVolume", "spec.capacity", GONE),
    Change("Job", f"{_POD}.restartPolicy", GONE),
    Change("Job", f"{_POD}.restartPolicy", "Always"),
    Change("Job", "spec.backoffLimit", -1),
    Change("Job", "spec.completions", 2, "valid"),
    Change("Job", "spec.completionMode", "Other"),
    Change("CronJob", "spec.schedule", "0 3 * *"),
    Change("CronJob", "spec.schedule", "@daily", "valid"),
    Change("CronJob", "spec.schedule", "61 3 * * *"),
    Change("CronJob", "spec.schedule", "TZ=UTC 0 3 * * *"),
    Change("CronJob", "spec.timeZone", "Mars/Base"),
    Change("CronJob", "spec.concurrencyPolicy", "Maybe"),
    Change("CronJob", "spec.successfulJobsHistoryLimit", -1),
    Change("CronJob", "metadata.name", "x" * 53),
    Change("HorizontalPodAutoscaler", "spec.maxReplicas", 1),
    Change("HorizontalPodAutoscaler", "spec.maxReplicas", GONE),
    Change("HorizontalPodAutoscaler", "spec.minReplicas", 0),
    Change("HorizontalPodAutoscaler", "spec.metrics.0.resource.target.averageUtilization", 0),
    Change("HorizontalPodAutoscaler", "spec.metrics.0.resource.target.averageValue", "1"),
    Change("HorizontalPodAutoscaler", "spec.metrics.0.type", "Pods"),
    Change("HorizontalPodAutoscaler", "spec.behavior.scaleDown.policies", []),
    Change("HorizontalPodAutoscaler", "spec.behavior.scaleDown.policies.0.periodSeconds", 5000),
    Change("HorizontalPodAutoscaler", "spec.behavior.scaleDown.stabilizationWindowSeconds", 4000),
    Change("HorizontalPodAutoscaler", "spec.scaleTargetRef.kind", ""),
    Change("PodDisruptionBudget", "spec.maxUnavailable", 1),
    Change("PodDisruptionBudget", "spec.minAvailable", "half"),
    Change("PodDisruptionBudget", "spec.minAvailable", "101%"),
    Change("PodDisruptionBudget", "spec.minAvailable", -1),
    Change("PodDisruptionBudget", "spec.minAvailable", GONE, "valid"),
    Change("PodDisruptionBudget", "spec.selector", {}, "valid"),
    Change("ResourceQuota", "spec.hard.pods", "-1"),
    Change("ResourceQuota", "spec.hard.pods", "1.5"),
    Change("LimitRange", "spec.limits.0.defaultRequest.cpu", "2"),
    Change("LimitRange", "spec.limits.0.type", "container"),
    Change("PriorityClass", "value", GONE, "valid"),
    Change("PriorityClass", "value", 2000000000),
    Change("PriorityClass", "metadata.name", "system-own"),
    Change("StorageClass", "provisioner", ""),
    Change("StorageClass", "reclaimPolicy", "Keep"),
    Change("StorageClass", "volumeBindingMode", "Later"),
)


def good() -> dict[str, dict[str, Any]]:
    """The good objects by their kinds."""
    return {each.kind: each.data for each in read(GOOD, "core") if isinstance(each, Document)}


def changed(change: Change) -> dict[str, Any]:
    """The good object with one field changed."""
    data = copy.deepcopy(good()[change.kind])
    parent: Any = data
    *parts, last = (bracketed or plain for bracketed, plain in re.findall(r"\[(.+?)\]|([^.]+)", change.path))
    for part in parts:
        parent = parent[int(part)] if isinstance(parent, list) else parent.setdefault(part, {})
    if change.value is GONE:
        del parent[last]
    elif isinstance(parent, list) and int(last) == len(parent):
        parent.append(change.value)
    else:
        parent[int(last) if isinstance(parent, list) else last] = change.value
    return data


def documents() -> Iterator[tuple[str, dict[str, Any], str]]:
    """All of them: what it is, the object, and what the server says."""
    yield from ((f"good {kind}", data, "valid") for kind, data in good().items())
    yield from ((f"{each.kind} {each.path} = {each.value!r:.60}", changed(each), each.verdict) for each in CHANGES)
