"""What waits for what: scaling to zero, loggers' addresses, timeouts along graphs and components."""

from __future__ import annotations

import pytest

from generator.checks.api import check

MODE = "serving.kserve.io/deploymentMode: "
KEDA = MODE + "Standard, serving.kserve.io/autoscalerClass: keda"
CPU = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}"
MEMORY = "{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}"
QUEUE = (
    "{type: External, external: {metric: {backend: prometheus, serverAddress: 'http://p:9090', query: q},"
    " target: {type: Value, value: '5'}}}"
)


def service(notes: str, predictor: str, more: str = "", name: str = "digits") -> str:
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata: {{name: {name}, annotations: {{{notes}}}}}\nspec:\n  predictor:\n    {predictor}\n"
        f"    model: {{modelFormat: {{name: sklearn}}, storageUri: 's3://b/x'}}\n{more}"
    )


def told(text: str, *rules: str, platform: str = "kserve@0.20") -> list[tuple[str, str]]:
    found = check(text, platforms=[platform]).findings
    return [(one.rule, one.path) for one in found if one.rule in rules]


@pytest.mark.parametrize(
    ("least", "metrics", "found"),
    [
        (0, [CPU], True),
        (0, [MEMORY], True),
        (0, [CPU, MEMORY], True),
        (0, [CPU, QUEUE], False),
        (1, [CPU], False),
    ],
)
def test_zero_with_keda(least: int, metrics: list[str], found: bool) -> None:
    text = service(KEDA, f"minReplicas: {least}\n    autoScaling: {{metrics: [{', '.join(metrics)}]}}")
    assert told(text, "KSV525") == ([("KSV525", "spec.predictor.minReplicas")] if found else [])


@pytest.mark.parametrize("name", ["hpa", "kpa"])
def test_zero_on_knative_depends_on_its_class(name: str) -> None:
    notes = f"{MODE}Knative, autoscaling.knative.dev/class: {name}.autoscaling.knative.dev"
    assert bool(told(service(notes, "minReplicas: 0"), "KSV526")) == (name == "hpa")


SCALED = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: digits, namespace: models}
spec:
  scaleTargetRef: {name: digits}
  triggers: [%s]
"""


@pytest.mark.parametrize(
    ("triggers", "more", "found"),
    [
        ("{type: cpu, metadata: {value: '60'}}", "", [("K8S160", "spec.triggers")]),
        ("{type: cpu, metadata: {value: '60'}}", "minReplicaCount: 0", [("K8S160", "spec.minReplicaCount")]),
        ("{type: memory, metadata: {value: '60'}}", "minReplicaCount: 2", []),
        (
            "{type: cpu, metadata: {value: '60'}}",
            "minReplicaCount: 2\n  idleReplicaCount: 0",
            [("K8S161", "spec.idleReplicaCount")],
        ),
        ("{type: cpu, metadata: {value: '60'}}, {type: cron, metadata: {}}", "idleReplicaCount: 0", []),
    ],
)
def test_scaled_objects_of_the_user_s_own(triggers: str, more: str, found: list[tuple[str, str]]) -> None:
    text = SCALED % triggers + (f"  {more}\n" if more else "")
    assert told(text, "K8S160", "K8S161", platform="keda@2.20") == found


@pytest.mark.parametrize(
    ("url", "release", "found"),
    [
        ("http://log-sink.models", "0.20", []),
        ("https://log-sink.models", "0.15", []),
        ("kafka://broker:9092/x", "0.20", ["KSV530"]),
        ("log-sink.models", "0.20", ["KSV530"]),
        ("http:/log-sink.models", "0.20", ["KSV530"]),
        ("s3://logs", "0.15", ["KSV530"]),
        ("s3://logs", "0.20", ["KSV531"]),
        ("s3a://logs", "0.20", ["KSV530"]),
        ("${SINK}", "0.20", []),
    ],
)
def test_a_logger_s_address(url: str, release: str, found: list[str]) -> None:
    text = service(
        MODE + ("RawDeployment" if release == "0.15" else "Standard"), f"logger: {{mode: all, url: '{url}'}}"
    )
    assert [rule for rule, _ in told(text, "KSV530", "KSV531", platform=f"kserve@{release}")] == found


def test_every_component_s_logger_is_looked_at() -> None:
    more = (
        "  transformer:\n    logger: {mode: all, url: 'kafka://b/x'}\n    containers: [{name: a, image: example/a:1}]\n"
    )
    found = told(service(MODE + "Standard", "minReplicas: 1", more), "KSV530")
    assert found == [("KSV530", "spec.transformer.logger.url")]


SELDON = """\
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits}
spec:
  predictors:
    - name: main
      graph: {name: a, type: MODEL, logger: {mode: all, url: '%s'}}
      componentSpecs: [{spec: {containers: [{name: a, image: 'example/a:1'}]}}]
%s"""
TOPIC = "      svcOrchSpec: {env: [{name: LOGGER_KAFKA_TOPIC, value: predictions}]}\n"


@pytest.mark.parametrize(
    ("url", "more", "found"),
    [("http://sink", "", 0), ("kafka://b:9092/x", "", 1), ("sink.models", "", 1), ("kafka://b:9092/x", TOPIC, 0)],
)
def test_seldon_s_logger(url: str, more: str, found: int) -> None:
    assert len(told(SELDON % (url, more), "SC1108", platform="seldon-core-1@1.18")) == found


GRAPH = """\
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {{name: triage, annotations: {{serving.kserve.io/deploymentMode: {mode}}}}}
spec:
  {spec}
  nodes:
    root: {{routerType: {router}, steps: [{{serviceName: a{first}}}, {{nodeName: more{second}}}]}}
    more: {{routerType: Sequence, steps: [{{serviceUrl: 'http://b-predictor.models.svc.cluster.local/v1'}}]}}
---
"""


@pytest.mark.parametrize(
    ("mode", "router", "spec", "found"),
    [
        ("Knative", "Sequence", "minReplicas: 1", True),
        ("Knative", "Sequence", "routerTimeouts: {serverWrite: 70}\n  timeout: 70", False),
        ("Knative", "Sequence", "routerTimeouts: {serverWrite: 69}\n  timeout: 70", True),
        ("Knative", "Sequence", "routerTimeouts: {serverWrite: 70}\n  timeout: 69", True),
        ("Standard", "Sequence", "routerTimeouts: {serverWrite: 70}", False),
        ("Standard", "Sequence", "routerTimeouts: {serverWrite: 69}", True),
        ("Standard", "Ensemble", "routerTimeouts: {serverWrite: 40}", False),
        ("Standard", "Splitter", "routerTimeouts: {serverWrite: 40}", False),
        ("Standard", "Switch", "routerTimeouts: {serverWrite: 39}", True),
    ],
)
def test_a_graph_waits_for_the_sum_or_the_slowest(mode: str, router: str, spec: str, found: bool) -> None:
    """The step to `a` may take 30 s and the node with `b` 40 s."""
    weighted = router == "Splitter"
    first, second = (", weight: 50", ", weight: 50") if weighted else ("", "")
    if router == "Switch":
        first = second = ", condition: x"
    graph = GRAPH.format(mode=mode, router=router, spec=spec, first=first, second=second)
    services = [service(MODE + mode, f"timeout: {time}", name=name) for name, time in (("a", 30), ("b", 40))]
    assert bool(told(graph + "---\n".join(services), "KSV535")) == found


def test_a_graph_in_a_circle_comes_to_an_end() -> None:
    graph = GRAPH.format(mode="Standard", router="Sequence", spec="minReplicas: 1", first="", second="")
    circle = graph.replace(
        "steps: [{serviceUrl: 'http://b-predictor.models.svc.cluster.local/v1'}]", "steps: [{nodeName: root}]"
    )
    assert told(circle + service(MODE + "Standard", "timeout: 90", name="a"), "KSV535") != []


@pytest.mark.parametrize(
    ("predictor", "transformer", "found"), [(400, 30, True), (400, 450, False), (400, None, True), (200, None, False)]
)
def test_the_component_in_front_waits_as_long(predictor: int, transformer: int | None, found: bool) -> None:
    front = f"timeout: {transformer}" if transformer else "minReplicas: 1"
    more = f"  transformer:\n    {front}\n    containers: [{{name: a, image: example/a:1}}]\n"
    assert bool(told(service(MODE + "Knative", f"timeout: {predictor}", more), "KSV537")) == found


@pytest.mark.parametrize(("most", "found"), [(None, True), ("900", False), ("700", True)])
def test_knative_s_maximum_by_its_own_config_map(most: str | None, found: bool) -> None:
    config = (
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-defaults, namespace: knative-serving}\n"
        f"data: {{max-revision-timeout-seconds: '{most}'}}\n"
        if most
        else ""
    )
    assert bool(told(service(MODE + "Knative", "timeout: 900") + config, "KSV538")) == found


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: digits}}
spec:
  parentRefs: [{{name: models}}]
  rules: [{{timeouts: {{request: {limit}}}, backendRefs: [{{name: {service}, port: 80}}]}}]
---
"""


@pytest.mark.parametrize(
    ("limit", "service_name", "found"),
    [
        ("30s", "digits-predictor", True),
        ("30s", "digits", True),
        ("1m40s", "digits-predictor", False),
        ("99s", "digits-predictor", True),
        ("0s", "digits-predictor", False),
        ("30s", "others-predictor", False),
    ],
)
def test_a_route_waits_as_long_as_what_it_leads_to(limit: str, service_name: str, found: bool) -> None:
    text = ROUTE.format(limit=limit, service=service_name) + service(MODE + "Knative", "timeout: 100")
    assert bool(told(text, "REF037")) == found


@pytest.mark.parametrize("router", ["Sequence", "Ensemble", "Splitter"])
def test_a_node_to_which_many_ways_lead_is_counted_out_once(router: str) -> None:
    """Two ways from each to the next are 2 to the power of their number in all."""
    twice = "{nodeName: n%d, weight: 50}"
    nodes = [
        f"    n{n}: {{routerType: {router}, steps: [{', '.join([twice % (n + 1)] * 2)}]}}\n" for n in range(1, 1500)
    ]
    end = "    n1500: {routerType: Sequence, steps: [{serviceName: a}]}\n"
    head = f"metadata: {{name: mails}}\nspec:\n  nodes:\n    root: {{routerType: {router}, steps: [{twice % 1}]}}\n"
    text = f"apiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\n{head}{''.join(nodes)}{end}---\n"
    assert told(text + service(MODE + "Standard", "timeout: 90", name="a"), "KSV535") != []
