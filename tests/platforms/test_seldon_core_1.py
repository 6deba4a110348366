"""Seldon Core 1: what is rendered, held against golden files and against what the operator makes of it."""

from __future__ import annotations

import itertools

import pytest
from seldon_core_1 import (
    AB,
    BANDIT,
    BLUE_GREEN,
    CANARIES,
    CANARY,
    CHAIN,
    COMBINER,
    COOKIE,
    GATEWAY,
    GRAPH,
    HEADER,
    ISTIO,
    PINS,
    ROUTER,
    SHADOW,
    SKLEARN,
    documents,
    predictors,
    rendered,
    text,
)

from goldens import golden
from kit import locked, pin

SCALED = "replicas: {min: 2, max: 6, metric: cpu, target: 70, available: '1'}\n"
PROMETHEUS = (
    "replicas: {min: 2, max: 6, metric: prometheus, target: 50, server: 'http://prometheus.monitoring:9090',\n"
    "  query: 'sum(rate(seldon_api_executor_server_requests_seconds_count{deployment_name=\"digits\"}[2m]))'}\n"
)
ACCESS = """\
access:
  identity: {azure: 11111111-2222-3333-4444-555555555555}
  secret: digits-store
  external: {store: vault, keys: {RCLONE_CONFIG_S3_TYPE: models#type, RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: models#key}}
"""
TRANSFORMER = (
    "transformer: {container: {image: 'registry.example.com/scale:4', resources: {requests: {cpu: 100m}}},\n"
    "  replicas: 2, maxReplicas: 4}\n"
)
EXPLAINER = """\
explainer: {type: AnchorTabular, uri: s3://models/digits-explainer/1, parameters: {threshold: '0.95', names: '["a"]'}}
"""
FRAGMENTS = """\
container: {env: [{name: OMP_NUM_THREADS, value: "2"}], securityContext: {allowPrivilegeEscalation: false}}
pod: {nodeSelector: {pool: models}, tolerations: [{key: models, operator: Exists}], terminationGracePeriodSeconds: 60}
"""
V2 = "format: sklearn"
HUGGINGFACE = "format: huggingface, runtime: huggingface, parameters: {task: text-classification}"
CUSTOM = "format: custom, parameters: {threshold: '0.5'}"
IMAGES = """\
variants:
  - {name: a, container: {image: 'registry.example.com/digits:1', ports: [{name: extra, containerPort: 7000}]}}
"""

CASES = {
    "istio-rolling": text(more=ISTIO),
    "istio-canary": text(CANARY, more=ISTIO + SCALED + "rollout: {deadline: 300}\n"),
    "istio-canary-step-0": text(CANARY.replace("step: 1", "step: 0"), more=ISTIO),
    "istio-canary-last-step": text(CANARY.replace("step: 1", "step: 4"), more=ISTIO),
    "istio-canary-by-gateway": text(CANARY.replace("step: 1", "step: 1, by: gateway"), more=GATEWAY),
    "istio-canaries": text(CANARIES, more=ISTIO),
    "istio-ab": text(AB),
    "istio-ab-graph": text(AB.replace("}}}", "}, by: graph}}")),
    "istio-ab-header": text(HEADER, more=ISTIO),
    "istio-ab-cookie": text(COOKIE, more=GATEWAY),
    "istio-shadow": text(SHADOW),
    "istio-blue-green": text(BLUE_GREEN),
    "istio-blue-green-preview-host": text(
        BLUE_GREEN.replace("preview: b", "preview: b, host: preview.example.com"), more=GATEWAY
    ),
    "istio-bandit": text(BANDIT, model=SKLEARN, more="replicas: {min: 2, max: 5, available: '1'}\n"),
    "istio-chain": text(CHAIN),
    "istio-graph": text(GRAPH, model=SKLEARN, more="serviceAccount: models-reader\n"),
    "none-graph-with-gateway": text(
        GRAPH.replace(", replicas: 4", ""),
        mode="none",
        model=SKLEARN,
        more=GATEWAY + SCALED.replace(", available: '1'", ""),
    ),
    "istio-named": text(CANARY).replace('release: "2"', 'release: "2", object: candidate'),
    "istio-chain-triton": text(CHAIN, model="format: onnx"),
    "istio-combiner": text(COMBINER, model=SKLEARN),
    "istio-switch": text(ROUTER),
    "istio-access": text(more=ACCESS + "replicas: {min: 2}\n"),
    "istio-keda": text(model=V2, more=PROMETHEUS),
    "istio-transformer": text(model=SKLEARN, more=TRANSFORMER),
    "istio-explainer": text(CANARY, model=V2, more=EXPLAINER),
    "istio-explainer-seldon": text(model=SKLEARN, more=EXPLAINER),
    "istio-fragments": text(model="format: savedmodel, protocol: seldon", more=FRAGMENTS + "logger: {mode: all}\n"),
    "istio-huggingface": text(model=HUGGINGFACE),
    "istio-lightgbm": text(model="format: lightgbm"),
    "istio-onnx-grpc": text(
        model="format: onnx, protocol: grpc-v2", more="logger: {url: 'http://sink', mode: request}\n"
    ),
    "istio-timeout": text(more=ISTIO.replace("}\n", ", timeout: 1m30s}\n")),
    "ambassador-canary": text(CANARY, mode="ambassador"),
    "ambassador-canary-step-0": text(CANARY.replace("step: 1", "step: 0"), mode="ambassador"),
    "ambassador-ab-header": text(HEADER, mode="ambassador", more=SCALED),
    "ambassador-shadow": text(SHADOW, mode="ambassador"),
    "ambassador-blue-green": text(BLUE_GREEN, mode="ambassador"),
    "ambassador-ab-cookie": text(COOKIE, mode="ambassador", more=GATEWAY),
    "none-rolling": text(mode="none"),
    "none-rolling-with-gateway": text(mode="none", more=GATEWAY),
    "none-canary": text(CANARY, mode="none", more=GATEWAY),
    "none-shadow": text(SHADOW, mode="none", more=GATEWAY),
    "none-bandit-with-gateway": text(BANDIT, mode="none", model=SKLEARN, more=GATEWAY),
    "none-custom": text(mode="none", model=CUSTOM).replace('variants: [{name: a, release: "1"}]\n', IMAGES),
    "1.17-bandit": text(BANDIT, model=SKLEARN).replace('"1.18"', '"1.17"'),
}


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    golden(f"seldon-core-1/{case}.yaml", rendered(CASES[case]).text)


def steps(mode, **options):
    return [text(CANARY.replace("step: 1", f"step: {step}"), mode=mode, **options) for step in range(5)]


@pytest.mark.parametrize(("mode", "first"), [("istio", 0), ("ambassador", 1), ("none", 0)])
def test_a_step_changes_nothing_but_traffic_and_weights(mode, first):
    files = steps(mode, more=GATEWAY if mode == "none" else "")[first:]
    for before, after in itertools.pairwise(files):
        old, new = rendered(before).text.splitlines(), rendered(after).text.splitlines()
        changed = {one.strip().split(":")[0] for one, two in zip(old, new, strict=True) if one != two}
        assert changed == ({"traffic", "weight"} if mode == "none" else {"traffic"})


@pytest.mark.parametrize("step", range(5))
def test_the_share_asked_for_is_the_share_of_the_predictor(step):
    found = {each["name"]: each["traffic"] for each in predictors(steps("istio")[step])}
    percent = [0, 5, 25, 50, 100][step]
    assert found == {"r1": 100 - percent, "r2": percent}


def test_ambassador_never_sees_a_share_of_nothing_but_on_the_first_predictor():
    for written in (*steps("ambassador"), text(BLUE_GREEN, mode="ambassador"), text(CANARIES, mode="ambassador")):
        traffic = [each["traffic"] for each in predictors(written)]
        assert sum(traffic) == 100
        assert all(traffic[1:])


def test_several_canaries_share_with_the_stable_one():
    assert [each["traffic"] for each in predictors(CASES["istio-canaries"])] == [85, 5, 10]


def test_blue_and_green_swap_their_numbers_and_nothing_else():
    for mode, lines in (("istio", {"traffic"}), ("ambassador", None)):
        one = rendered(text(BLUE_GREEN, mode=mode)).text
        two = rendered(text("{blueGreen: {active: b, preview: a}}", mode=mode)).text
        if lines:
            pairs = zip(one.splitlines(), two.splitlines(), strict=True)
            assert {old.strip().split(":")[0] for old, new in pairs if old != new} == lines
        else:
            assert sorted(one.splitlines()) == sorted(two.splitlines())


def test_a_shadow_is_no_part_of_the_sum():
    stable, shadow = predictors(CASES["istio-shadow"])
    assert (stable["traffic"], shadow["traffic"], shadow["shadow"]) == (100, 20, True)


def test_another_service_of_the_same_release_gets_another_predictor():
    variants = '{name: a, release: "1"}, {name: b, release: "1", service: numbers}'
    written = text(CANARY).replace('{name: a, release: "1"}, {name: b, release: "2"}', variants)
    lock = locked(a=pin("1", 1, "a"), b=pin("1", 1, "b", path="numbers/1/bbbb"))
    assert [each["name"] for each in predictors(written, lock)] == ["r1", "numbers-r1"]


def test_two_images_of_the_same_files_are_told_apart_by_their_variants():
    variants = "{name: a, uri: 's3://x/1'}, {name: b, uri: 's3://x/1', runtimeVersion: 2.19.0}"
    written = text(CANARY).replace('{name: a, release: "1"}, {name: b, release: "2"}', variants)
    first, second = (each["name"] for each in predictors(written, locked(c=PINS["c"])))
    assert first.endswith("-a")
    assert second.endswith("-b")
    assert first[:-2] == second[:-2]


def test_nothing_of_a_release_and_no_address_reaches_another_predictors_pods():
    (document,) = documents(CASES["istio-canary-step-0"])
    assert "serinus.dev/" not in str(document["metadata"])
    assert "annotations" not in document["spec"]


def test_a_header_is_a_deployment_of_its_own_under_the_same_path():
    first, second, *_ = [
        each for each in documents(CASES["ambassador-ab-header"]) if each["kind"] == "SeldonDeployment"
    ]
    assert "annotations" not in first["metadata"]
    assert second["metadata"]["annotations"] == {
        "seldon.io/ambassador-header": "x-group: beta",
        "seldon.io/ambassador-service-name": "digits",
    }
    assert (first["metadata"]["name"], second["metadata"]["name"]) == ("digits", "digits-b")


def test_a_bandit_learns_in_one_pod_that_is_not_the_models():
    (predictor,) = predictors(CASES["istio-bandit"])
    router, *models = predictor["componentSpecs"]
    assert router["replicas"] == 1
    assert all(model["hpaSpec"]["minReplicas"] == 2 for model in models)
    assert predictor["svcOrchSpec"]["env"] == [{"name": "SELDON_ENABLE_ROUTING_INJECTION", "value": "true"}]
    assert {each["name"]: each["value"] for each in predictor["graph"]["parameters"]} == {
        "n_branches": "2",
        "branch_names": "a:b",
        "epsilon": "0.1",
    }


@pytest.mark.parametrize(("release", "tag"), [("1.17", "1.17.1"), ("1.18", "1.18.2")])
def test_a_router_is_of_the_operators_release(release, tag):
    (predictor,) = predictors(text(BANDIT, model=SKLEARN).replace('"1.18"', f'"{release}"'))
    (container,) = predictor["componentSpecs"][0]["spec"]["containers"]
    assert container["image"] == f"seldonio/mab_epsilon_greedy:{tag}"


def test_the_budget_counts_one_units_pods():
    budgets = [each for each in documents(CASES["istio-canary"]) if each["kind"] == "PodDisruptionBudget"]
    assert [each["spec"]["selector"]["matchLabels"] for each in budgets] == [
        {"seldon-app-svc-digits": "digits-r1-digits"},
        {"seldon-app-svc-digits": "digits-r2-digits"},
    ]


def test_the_label_of_a_long_unit_is_the_operators_hash():
    """GetContainerServiceName: seldon- and the MD5 of what would be too long."""
    written = CASES["istio-canary"].replace("name: digits\n", f"name: {'d' * 40}\n")
    lock = locked(**PINS).with_section("d" * 40, locked(**PINS).services["digits"])
    budget = next(each for each in documents(written, lock) if each["kind"] == "PodDisruptionBudget")
    (value,) = budget["spec"]["selector"]["matchLabels"].values()
    assert value.startswith("seldon-")
    assert len(value) == 39


@pytest.mark.parametrize(("protocol", "port"), [("tensorflow", 8000), ("grpc-v1", 5001)])
def test_our_route_leads_to_the_port_of_the_transport(protocol, port):
    written = text(mode="none", model=f"format: savedmodel, protocol: {protocol}", more=GATEWAY)
    assert f"port: {port}\n" in rendered(written).text.split("kind: HTTPRoute")[1]


def test_a_server_of_the_clusters_own_is_named_and_nothing_is_put_beside_it():
    written = text(model="format: custom, modelFormat: MY_SERVER, protocol: v2, parameters: {depth: '3'}")
    made = rendered(written)
    (predictor,) = predictors(written)
    assert predictor["graph"]["implementation"] == "MY_SERVER"
    assert predictor["graph"]["modelUri"].endswith("/plain")
    assert predictor["graph"]["parameters"] == [{"name": "depth", "type": "STRING", "value": "3"}]
    (container,) = predictor["componentSpecs"][0]["spec"]["containers"]
    assert container.keys() == {"name", "ports", "resources"}
    assert any("has to have a server MY_SERVER" in note for note in made.notes)
    shipped = rendered(text(model="format: custom, modelFormat: TEMPO_SERVER, protocol: v2"))
    assert not any("has to have a server" in note for note in shipped.notes)


def test_what_is_said_of_what_works_on_some_clusters_only():
    assert any("keda.enabled" in note for note in rendered(CASES["istio-keda"]).notes)
    assert any("has to be Istio's" in note for note in rendered(text(more=GATEWAY)).notes)
    assert any(
        "isn't used in mode ambassador" in note for note in rendered(text(mode="ambassador", more=GATEWAY)).notes
    )
    assert any("requests for digits-r2 are lost" in note for note in rendered(CASES["none-canary"]).notes)
    assert not any("are lost" in note for note in rendered(CASES["ambassador-canary"]).notes)
    assert any("left out" in note for note in rendered(CASES["ambassador-canary-step-0"]).notes)
    assert any("explains 'a' only" in note for note in rendered(CASES["istio-explainer"]).notes)
    assert any("/v1/models/a:predict" in note for note in rendered(CASES["istio-chain"]).notes)
    assert any("the operator's own path" in note for note in rendered(CASES["ambassador-ab-cookie"]).notes)
    assert any("waits for ever" in note for note in rendered(text(more="replicas: {min: 1, available: '1'}\n")).notes)


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("store.endpoint", ("store: {url: s3://models}", "store: {url: s3://models, endpoint: 'https://minio'}")),
        ("store.key", ("store: {url: s3://models}", "store: {url: s3://models, key: minio}")),
        ("store.fetch", ("store: {url: s3://models}", "store: {url: s3://models, fetch: rclone}")),
        ("model.requirements", ("format: savedmodel", "format: savedmodel, requirements: [gpu]")),
        ("model.memory", ("format: savedmodel", "format: savedmodel, memory: 1Gi")),
        ("server", ("strategy:", "server: {name: mlserver}\nstrategy:")),
    ],
)
def test_keys_of_other_platforms_are_told(key, more):
    assert any(f"{key} has no effect" in note for note in rendered(text().replace(*more)).notes)
