"""Objects of Kubernetes' own kinds with much in them, for the comparison with the API server."""

from __future__ import annotations

POD = """
metadata:
  labels: {app: digits, version: v1}
  annotations: {prometheus.io/scrape: "true"}
spec:
  serviceAccountName: models-reader
  terminationGracePeriodSeconds: 60
  automountServiceAccountToken: false
  enableServiceLinks: false
  priorityClassName: serving
  hostname: digits
  subdomain: digits
  dnsPolicy: None
  dnsConfig:
    nameservers: [10.0.0.10]
    searches: [models.svc.cluster.local]
    options: [{name: ndots, value: "2"}]
  hostAliases: [{ip: 10.1.2.3, hostnames: [models.example.com]}]
  imagePullSecrets: [{name: registry}]
  nodeSelector: {disktype: ssd}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    fsGroup: 2000
    fsGroupChangePolicy: OnRootMismatch
    supplementalGroups: [3000]
    seccompProfile: {type: RuntimeDefault}
    sysctls: [{name: net.core.somaxconn, value: "1024"}]
  tolerations:
    - {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}
    - {key: dedicated, operator: Equal, value: models, effect: NoExecute, tolerationSeconds: 60}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
          - matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]
      preferredDuringSchedulingIgnoredDuringExecution:
        - {weight: 50, preference: {matchExpressions: [{key: zone, operator: Exists}]}}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector: {matchLabels: {app: digits}}
            namespaces: [models]
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: DoNotSchedule
      minDomains: 2
      labelSelector: {matchLabels: {app: digits}}
      matchLabelKeys: [version]
  volumes:
    - {name: models, persistentVolumeClaim: {claimName: models, readOnly: true}}
    - {name: settings, configMap: {name: settings, defaultMode: 420, items: [{key: a, path: a.conf, mode: 256}]}}
    - {name: token, secret: {secretName: token, optional: true}}
    - {name: scratch, emptyDir: {medium: Memory, sizeLimit: 1Gi}}
    - {name: host, hostPath: {path: /var/models, type: Directory}}
    - name: all
      projected:
        defaultMode: 288
        sources:
          - {serviceAccountToken: {path: token, expirationSeconds: 3600, audience: vault}}
          - {configMap: {name: settings, items: [{key: a, path: a}]}}
          - {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
    - name: info
      downwardAPI:
        items:
          - {path: cpu, resourceFieldRef: {containerName: server, resource: limits.cpu, divisor: 1m}}
    - {name: shared, nfs: {server: nfs.example.com, path: /models}}
    - {name: driver, csi: {driver: secrets.csi.example.com, readOnly: true, nodePublishSecretRef: {name: token}}}
  initContainers:
    - name: fetch
      image: models/fetch:1.0
      command: [fetch]
      volumeMounts: [{name: scratch, mountPath: /scratch, subPath: in}]
    - name: proxy
      image: models/proxy:1.0
      restartPolicy: Always
      startupProbe: {tcpSocket: {port: 9000}}
  containers:
    - name: server
      image: models/server@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      imagePullPolicy: IfNotPresent
      command: [serve]
      args: [--port=8080]
      workingDir: /srv
      ports:
        - {name: http, containerPort: 8080, protocol: TCP}
        - {name: grpc, containerPort: 9090}
      env:
        - {name: MODEL, value: digits}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: token, key: token}}}
        - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level, optional: true}}}
        - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
      envFrom: [{prefix: S_, configMapRef: {name: settings}}, {secretRef: {name: token}}]
      resources:
        requests: {cpu: 500m, memory: 1Gi, ephemeral-storage: 1Gi}
        limits: {cpu: "2", memory: 2Gi, nvidia.com/gpu: 1}
      volumeMounts:
        - {name: models, mountPath: /models, readOnly: true}
        - {name: settings, mountPath: /etc/settings}
        - {name: scratch, mountPath: /scratch, mountPropagation: HostToContainer}
      readinessProbe: {httpGet: {path: /ready, port: http, httpHeaders: [{name: X-A, value: b}]}, periodSeconds: 5}
      livenessProbe: {grpc: {port: 9090}, failureThreshold: 3, terminationGracePeriodSeconds: 10}
      startupProbe: {exec: {command: [check]}, failureThreshold: 30}
      lifecycle:
        preStop: {sleep: {seconds: 5}}
        postStart: {exec: {command: [warm]}}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      terminationMessagePolicy: FallbackToLogsOnError
"""


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line if line else line for line in text.strip("\n").split("\n")) + "\n"


OBJECTS = (
    "apiVersion: v1\nkind: Pod" + POD.replace("metadata:\n", "metadata:\n  name: digits\n", 1),
    f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: digits, labels: {{app: digits}}}}
spec:
  replicas: 2
  minReadySeconds: 5
  progressDeadlineSeconds: 300
  revisionHistoryLimit: 3
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 25%, maxUnavailable: 0}}}}
  selector: {{matchLabels: {{app: digits}}, matchExpressions: [{{key: version, operator: In, values: [v1]}}]}}
  template:
{_indented(POD, 4)}""",
    f"""
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: digits}}
spec:
  replicas: 2
  serviceName: digits
  podManagementPolicy: Parallel
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: 1}}}}
  persistentVolumeClaimRetentionPolicy: {{whenDeleted: Delete}}
  selector: {{matchLabels: {{app: digits}}}}
  volumeClaimTemplates:
    - metadata: {{name: models}}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {{requests: {{storage: 10Gi}}}}
        storageClassName: fast
        dataSourceRef: {{apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: models, namespace: store}}
  template:
{_indented(POD, 4)}""",
    f"""
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: digits}}
spec:
  minReadySeconds: 5
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: 10%, maxSurge: 0}}}}
  selector: {{matchLabels: {{app: digits}}}}
  template:
{_indented(POD, 4)}""",
    f"""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: digits}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: digits}}}}
  template:
{_indented(POD, 4)}""",
    f"""
apiVersion: v1
kind: ReplicationController
metadata: {{name: digits}}
spec:
  replicas: 1
  selector: {{app: digits}}
  template:
{_indented(POD, 4)}""",
    f"""
apiVersion: batch/v1
kind: Job
metadata: {{name: digits}}
spec:
  parallelism: 2
  completions: 4
  completionMode: Indexed
  backoffLimitPerIndex: 1
  maxFailedIndexes: 2
  activeDeadlineSeconds: 3600
  ttlSecondsAfterFinished: 60
  podFailurePolicy:
    rules:
      - {{action: FailJob, onExitCodes: {{containerName: server, operator: In, values: [1, 42]}}}}
      - {{action: Ignore, onPodConditions: [{{type: DisruptionTarget}}]}}
  template:
{_indented(POD.replace("spec:", "spec:" + chr(10) + "  restartPolicy: Never", 1), 4)}""",
    f"""
apiVersion: batch/v1
kind: CronJob
metadata: {{name: digits}}
spec:
  schedule: "*/5 1-3,7 * JAN-MAR mon"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 100
  successfulJobsHistoryLimit: 1
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
{_indented(POD.replace("spec:", "spec:" + chr(10) + "  restartPolicy: OnFailure", 1), 8)}""",
    """
apiVersion: v1
kind: Service
metadata: {name: digits}
spec:
  type: LoadBalancer
  selector: {app: digits}
  sessionAffinity: ClientIP
  sessionAffinityConfig: {clientIP: {timeoutSeconds: 600}}
  externalTrafficPolicy: Local
  internalTrafficPolicy: Cluster
  loadBalancerSourceRanges: [10.0.0.0/8]
  loadBalancerClass: example.com/lb
  allocateLoadBalancerNodePorts: true
  externalIPs: [192.0.2.1]
  ipFamilies: [IPv4]
  ipFamilyPolicy: SingleStack
  ports:
    - {name: http, port: 80, targetPort: http, nodePort: 30080, appProtocol: http}
    - {name: grpc, port: 9000, targetPort: 9090, protocol: TCP}
""",
    """
apiVersion: v1
kind: Service
metadata: {name: digits}
spec:
  clusterIP: None
  selector: {app: digits}
  publishNotReadyAddresses: true
  trafficDistribution: PreferClose
  ports: [{port: 80}]
""",
    """
apiVersion: v1
kind: Service
metadata: {name: digits}
spec: {type: ExternalName, externalName: models.example.com}
""",
    """
apiVersion: v1
kind: ServiceAccount
metadata: {name: models-reader, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/x"}}
automountServiceAccountToken: false
secrets: [{name: token}]
imagePullSecrets: [{name: registry}]
""",
    """
apiVersion: v1
kind: Secret
metadata: {name: token}
type: Opaque
immutable: false
data: {token: aGVsbG8=}
stringData: {other: text}
""",
    """
apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: e30=}
""",
    """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
immutable: true
data: {a.conf: "x=1", level: debug}
binaryData: {b: aGVsbG8=}
""",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: models, labels: {pod-security.kubernetes.io/enforce: baseline}}\n",
    """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: models}
spec:
  accessModes: [ReadOnlyMany]
  storageClassName: fast
  volumeMode: Filesystem
  resources: {requests: {storage: 10Gi}}
  selector: {matchLabels: {kind: models}}
  dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: models}
""",
    """
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: fast
  mountOptions: [ro]
  local: {path: /models}
  nodeAffinity:
    required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [a]}]}]}
""",
    """
apiVersion: v1
kind: PersistentVolume
metadata: {name: models}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteMany]
  csi: {driver: nfs.csi.example.com, volumeHandle: a, nodeStageSecretRef: {name: a, namespace: b}}
""",
    """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: digits}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  minReplicas: 1
  maxReplicas: 6
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
    - {type: Pods, pods: {metric: {name: requests}, target: {type: AverageValue, averageValue: "10"}}}
    - type: ContainerResource
      containerResource: {name: memory, container: server, target: {type: AverageValue, averageValue: 1Gi}}
    - type: Object
      object:
        describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: digits}
        metric: {name: requests, selector: {matchLabels: {verb: GET}}}
        target: {type: Value, value: 10k}
    - {type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 30}}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
      selectPolicy: Min
      policies: [{type: Percent, value: 10, periodSeconds: 60}]
    scaleUp: {tolerance: 0.05, policies: [{type: Pods, value: 2, periodSeconds: 30}]}
""",
    """
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: digits}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  maxReplicas: 6
  targetCPUUtilizationPercentage: 70
""",
    """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: digits}
spec:
  maxUnavailable: 25%
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: {matchExpressions: [{key: app, operator: In, values: [digits]}]}
""",
    """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: digits}
spec:
  podSelector: {matchLabels: {app: digits}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - {namespaceSelector: {matchLabels: {name: gateways}}, podSelector: {}}
        - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
      ports: [{port: 8080, protocol: TCP}, {port: 9000, endPort: 9100}, {port: http}]
  egress:
    - to: [{ipBlock: {cidr: "2001:db8::/32"}}]
""",
    """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: digits}
spec:
  ingressClassName: public
  defaultBackend: {service: {name: digits, port: {name: http}}}
  tls: [{hosts: [digits.example.com, "*.example.com"], secretName: certificate}]
  rules:
    - host: "*.example.com"
      http:
        paths:
          - {path: /v1, pathType: Prefix, backend: {service: {name: digits, port: {number: 80}}}}
          - {path: /x, pathType: Exact, backend: {resource: {apiGroup: k8s.example.com, kind: Bucket, name: a}}}
          - {pathType: ImplementationSpecific, backend: {service: {name: digits, port: {number: 80}}}}
""",
    """
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public}
spec:
  controller: example.com/ingress
  parameters: {apiGroup: k8s.example.com, kind: Parameters, name: a, scope: Namespace, namespace: gateways}
""",
    """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "models:reader"}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {models: "true"}}]}
rules:
  - {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list], resourceNames: [a]}
  - {nonResourceURLs: [/metrics], verbs: [get]}
""",
    """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
  - {apiGroups: ["", apps], resources: ["*"], verbs: ["*"]}
""",
    """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
  - {kind: ServiceAccount, name: models-reader, namespace: models}
  - {kind: User, name: ann@example.com, apiGroup: rbac.authorization.k8s.io}
  - {kind: Group, name: "system:authenticated"}
""",
    """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {kind: ClusterRole, name: view}
subjects:
  - {kind: ServiceAccount, name: models-reader, namespace: models}
""",
    """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: disk.csi.example.com
parameters: {type: ssd}
reclaimPolicy: Delete
allowVolumeExpansion: true
volumeBindingMode: WaitForFirstConsumer
allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a, b]}]}]
""",
    """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: serving}
value: 1000
globalDefault: false
preemptionPolicy: Never
description: models
""",
    """
apiVersion: v1
kind: LimitRange
metadata: {name: models}
spec:
  limits:
    - type: Container
      max: {cpu: "4", memory: 8Gi}
      min: {cpu: 10m, memory: 16Mi}
      default: {cpu: "1", memory: 1Gi}
      defaultRequest: {cpu: 100m, memory: 256Mi}
      maxLimitRequestRatio: {cpu: "10"}
    - {type: Pod, max: {cpu: "8"}}
    - {type: PersistentVolumeClaim, max: {storage: 100Gi}}
""",
    """
apiVersion: v1
kind: ResourceQuota
metadata: {name: models}
spec:
  hard: {requests.cpu: "8", limits.memory: 16Gi, pods: "20"}
  scopes: [NotTerminating]
  scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [serving]}]}
""",
    """
apiVersion: v1
kind: ResourceQuota
metadata: {name: gpus}
spec:
  hard: {requests.nvidia.com/gpu: 4, count/deployments.apps: 5, services.loadbalancers: 1}
""",
    """
apiVersion: v1
kind: Endpoints
metadata: {name: store}
subsets:
  - addresses: [{ip: 192.0.2.10, hostname: a, nodeName: node-1}]
    notReadyAddresses: [{ip: 192.0.2.11}]
    ports: [{name: http, port: 80, appProtocol: http}, {name: https, port: 443, protocol: TCP}]
""",
    """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: store-1}
addressType: IPv4
endpoints:
  - {addresses: [192.0.2.10], hostname: a, nodeName: node-1, conditions: {ready: true}, zone: a}
ports: [{name: http, port: 80, protocol: TCP, appProtocol: http}, {name: "", port: 81}]
""",
    """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: store-2}
addressType: FQDN
endpoints: [{addresses: [store.example.com]}]
""",
    """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: store-3}
addressType: IPv6
endpoints: [{addresses: ["2001:db8::1"]}]
""",
    f"""
apiVersion: v1
kind: PodTemplate
metadata: {{name: digits}}
template:
{_indented(POD, 2)}""",
    """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: copy}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 10Gi}}
  dataSource: {kind: PersistentVolumeClaim, name: models}
  volumeAttributesClassName: gold
""",
    """
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]
  overhead: {cpu: 10m}
  os: {name: linux}
  hostNetwork: true
  resources: {requests: {cpu: 1, memory: 2Gi}, limits: {cpu: 2}}
  readinessGates: [{conditionType: example.com/ready}]
  schedulingGates: [{name: example.com/gate}]
  volumes:
    - name: e
      ephemeral:
        volumeClaimTemplate:
          metadata: {labels: {a: b}}
          spec:
            accessModes: [ReadWriteOnce]
            resources: {requests: {storage: 1Gi}}
            dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: models}
    - {name: i, image: {reference: "models/digits:1", pullPolicy: IfNotPresent}}
    - {name: b, persistentVolumeClaim: {claimName: block}}
  containers:
    - name: a
      image: a
      restartPolicy: OnFailure
      resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]
      ports: [{containerPort: 80, hostPort: 80}]
      resources: {claims: [{name: gpu, request: one}], requests: {hugepages-2Mi: 4Mi, cpu: 1}, limits: {hugepages-2Mi: 4Mi}}
      volumeMounts:
        - {name: i, mountPath: /i, readOnly: true, recursiveReadOnly: IfPossible}
        - {name: e, mountPath: /e, subPathExpr: a}
      volumeDevices: [{name: b, devicePath: /dev/b}]
      securityContext:
        privileged: true
        runAsGroup: 1
        procMount: Default
        appArmorProfile: {type: Localhost, localhostProfile: a}
        seccompProfile: {type: Localhost, localhostProfile: a/b.json}
""",
)
