"""What no pod can have is refused at its line of the service file, whichever platform hands it on, in every part of it."""

from __future__ import annotations

import pytest

from generator.checks.service_pods import faults, hold
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: churn
namespace: models
platform: {kind: %s}
model: {format: sklearn}
variants: [{name: a, uri: "s3://models/churn/v7"%s}, {name: b, uri: "s3://models/churn/v8"}]
strategy: {canary: {stable: a, variant: b, steps: [5, 100]}}
"""
PLATFORMS = ("kserve", "seldon-core-1", "seldon-core-2", "kubernetes")


def service(more, platform="kserve", variant=""):
    return build(parse(HEAD % (platform, variant) + more + "\n", "serinus.yaml"), "serinus.yaml")


def found(more, platform="kserve", variant=""):
    """Path and rule of each fault."""
    asked = service(more, platform, variant)
    return [(asked.place(*path).path, message.rpartition("[")[2][:-2]) for path, message, _ in faults(asked)]


REFUSED = {
    "a GPU without a limit": ("resources: {requests: {nvidia.com/gpu: 1}}", 'resources.requests["nvidia.com/gpu"]', "K8S068"),
    "half a GPU": ('resources: {limits: {nvidia.com/gpu: "0.5"}}', 'resources.limits["nvidia.com/gpu"]', "K8S068"),
    "more GPUs asked for than allowed": (
        'resources: {requests: {nvidia.com/gpu: "1"}, limits: {nvidia.com/gpu: "2"}}', 'resources.requests["nvidia.com/gpu"]', "K8S066",
    ),
    "no resource of that name": ("resources: {limits: {mem: 2Gi}}", "resources.limits.mem", "K8S067"),
    "huge pages alone": ("resources: {limits: {hugepages-2Mi: 4Mi}}", "resources", "K8S068"),
    "a toleration's operator": ("pod: {tolerations: [{key: gpu, operator: Equals}]}", "pod.tolerations[0].operator", "K8S082"),
    "an unknown field of a pod": ("pod: {nodeSelektor: {a: b}}", "pod.nodeSelektor", "K8S010"),
    "a mistyped field of a pod": ("pod: {nodeSelector: [a]}", "pod.nodeSelector", "K8S012"),
    "a variable's name": ('container: {env: [{name: "A=B", value: x}]}', "container.env[0].name", "K8S063"),
    "an unknown field of a container": ("container: {imag: a}", "container.imag", "K8S010"),
    "a port's name": ("container: {ports: [{containerPort: 8080, name: a-name-that-is-too-long}]}", "container.ports[0].name", "K8S060"),
    "an init container without an image": ("pod: {initContainers: [{name: warm}]}", "pod.initContainers[0].image", "K8S057"),
}  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("case", REFUSED)
def test_what_no_pod_can_have_is_refused_at_its_place_on_every_platform(case, platform):
    more, path, rule = REFUSED[case]
    if (case, platform) in {
        ("an init container without an image", "seldon-core-1"),  # it may be laid over one of the platform's
        ("an init container without an image", "seldon-core-2"),
    }:
        assert found(more, platform) == []
        return
    assert found(more, platform) == [(path, rule)]
    with pytest.raises(InputError) as raised:
        hold(service(more, platform))
    assert (raised.value.place.path, raised.value.place.line) == (path, 9)
    assert raised.value.fix


BEHAVIOR = {
    "a window of more than an hour": ("{scaleDown: {stabilizationWindowSeconds: 4000}}", ".scaleDown.stabilizationWindowSeconds", "K8S101"),
    "a policy of no kind": ("{scaleUp: {policies: [{type: Pod, value: 1, periodSeconds: 60}]}}", ".scaleUp.policies[0].type", "K8S101"),
    "a policy without its time": ("{scaleUp: {policies: [{type: Pods, value: 1}]}}", ".scaleUp.policies[0].periodSeconds", "K8S101"),
    "an unknown field": ("{scaleDown: {stabilizationWindow: 40}}", ".scaleDown.stabilizationWindow", "K8S010"),
}  # fmt: skip


@pytest.mark.parametrize("said", BEHAVIOR.values(), ids=list(BEHAVIOR))
def test_a_behavior_that_no_autoscaler_can_have_is_refused_at_its_place(said):
    behavior, path, rule = said
    scaled = f"replicas: {{min: 1, max: 4, metric: cpu, target: 60, behavior: {behavior}}}"
    assert found(scaled, "kubernetes")[0] == (f"replicas.behavior{path}", rule)


def test_a_behavior_goes_to_keda_by_the_same_rules():
    scaled = "replicas: {min: 1, max: 4, metric: cpu, target: 60, scaler: keda, behavior: {scaleDown: {stabilizationWindowSeconds: %s}}}"
    assert found(scaled % 3600) == []
    assert found(scaled % 3601) == [("replicas.behavior.scaleDown.stabilizationWindowSeconds", "K8S101")]


TOLERATION = "tolerations: [{key: gpu, operator: Equals}]"
PARTS = {
    "variants[0].pod": (f", pod: {{{TOLERATION}}}", ""),
    "variants[0].container": (", container: {env: [{name: A}, {value: x}]}", ""),
    "variants[0].resources": (", resources: {limits: {gpu: 1}}", ""),
    "transformer.pod": ("", f"transformer: {{container: {{image: a}}, pod: {{{TOLERATION}}}}}"),
    "transformer.container": ("", "transformer: {container: {image: a, resources: {limits: {gpu: 1}}}}"),
    "explainer.container": ("", "explainer: {container: {image: a, prots: []}}"),
    "explainer.resources": ("", "explainer: {container: {image: a}, resources: {limits: {gpu: 1}}}"),
    "server.pod": ("", f"server: {{config: mlserver, pod: {{{TOLERATION}}}}}"),
}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_file_that_becomes_a_pod_is_held(part):
    variant, more = PARTS[part]
    ((path, _),) = found(more, variant=variant)
    assert path.startswith(part)


def test_a_variants_field_is_said_by_the_variant_and_the_rest_by_the_service():
    more = "container: {env: [{name: 'A=B'}], prots: []}"
    assert sorted(found(more, variant=", container: {env: [{name: 'C=D'}]}")) == [
        ("container.env[0].name", "K8S063"),  # of the other variant
        ("container.prots", "K8S010"),
        ("variants[0].container.env[0].name", "K8S063"),
    ]


TAKEN = {
    "nothing": ("", PLATFORMS),
    "cpu and memory": ("resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 2Gi}}", PLATFORMS),
    "a GPU": ("resources: {limits: {nvidia.com/gpu: 1}}", PLATFORMS),
    "what a node offers": ("pod: {tolerations: [{key: gpu, operator: Exists}], nodeSelector: {pool: gpu}}", PLATFORMS),
    "a volume of one's own": (
        "pod: {volumes: [{name: cache, emptyDir: {}}]}\ncontainer: {volumeMounts: [{name: cache, mountPath: /cache}]}",
        PLATFORMS,
    ),
    "a volume of the platform's": (
        "container: {volumeMounts: [{name: kserve-provision-location, mountPath: /other}]}",
        ("kserve",),
    ),
    "a volume of ours": ("container: {volumeMounts: [{name: model, mountPath: /other}]}", ("kubernetes",)),
    "a volume that nobody here knows": (
        "container: {volumeMounts: [{name: seldon-podinfo, mountPath: /other}]}",
        ("seldon-core-1", "seldon-core-2"),
    ),
    "numbers of a probe": ("container: {readinessProbe: {periodSeconds: 5}}", ("kubernetes", "seldon-core-1")),
    "more of the container that fetches": (
        "pod: {initContainers: [{name: fetch-model, resources: {limits: {memory: 1Gi}}}]}",
        ("kubernetes",),
    ),
    "a server's own container": (
        "server: {config: mlserver, pod: {containers: [{name: agent, env: [{name: A, value: b}]}]}}",
        ("seldon-core-2",),
    ),
}


@pytest.mark.parametrize(("case", "platform"), [(case, each) for case, (_, these) in TAKEN.items() for each in these])
def test_what_leans_on_the_platforms_own_pods_is_taken(case, platform):
    assert found(TAKEN[case][0], platform) == []


def test_on_kserve_nothing_lies_below_a_probe_or_a_mount():
    assert found("container: {readinessProbe: {periodSeconds: 5}}") == [("container.readinessProbe", "K8S077")]
    assert found("container: {volumeMounts: [{name: cache, mountPath: /cache}]}") == [
        ("container.volumeMounts[0].name", "K8S075")
    ]


def test_a_fault_among_a_servers_containers_is_told_at_its_own_number():
    more = "server: {config: mlserver, pod: {containers: [{name: agent}, {name: rclone, env: [{name: 'A=B'}]}]}}"
    assert found(more, "seldon-core-2") == [("server.pod.containers[1].env[0].name", "K8S063")]


@pytest.mark.parametrize(
    ("amount", "fix"), [("512m", "Write for example 512Mi."), ("1500m", "Write for example 1500Mi.")]
)
def test_part_of_a_byte_is_no_memory(amount, fix):
    with pytest.raises(InputError, match="thousandths of a byte") as raised:
        service(f"resources: {{limits: {{memory: {amount}}}}}")
    assert (raised.value.place.path, raised.value.fix) == ("resources.limits.memory", fix)
