"""What becomes of an LLMInferenceService: its workloads, scheduler, routes, scalers and accounts by release."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from generator.outcome.kserve.llm.naming import child_name
from llm_outcome import MODEL, SCHEDULED, configs, container, one, outcome, pod
from outcome_components import RELEASES, V0_16, V0_17, V0_18, V0_19, V0_20, V0_21, config_map

LLM = RELEASES[1:]

F63, B32 = "f" * 63, "b" * 32


@pytest.mark.parametrize(
    ("parent", "suffix", "name"),
    [
        ("asdf", "-deployment", "asdf-deployment"),
        (F63, "-deployment", "ffffffffffffffffffff105d7597f637e83cc711605ac3ea4957-deployment"),
        (F63, "-deploy", "ffffffffffffffffffffffff105d7597f637e83cc711605ac3ea4957-deploy"),
        (F63, F63, "fffffffffffffffffffffffffffffff0502661254f13c89973cb3a83e0cbec0"),
        ("a", F63, "ab5cfd486935decbc0d305799f4ce4414ffffffffffffffffffffffffffffff"),
        (B32, "f" * 32, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb329c7c81b9ab3ba71aa139066aa5625d"),
        (
            "a" * 17,
            "a.-.-.-.-.-.-.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaa1eb10dc911444f8434af83b7225442da",
        ),
    ],
)
def test_names_that_are_too_long_get_a_hash(parent: str, suffix: str, name: str) -> None:
    """Values of knative.dev/pkg, kmeta/names_test.go."""
    assert child_name(parent, suffix) == name


@pytest.mark.parametrize("release", LLM, ids=str)
def test_a_model_alone_is_a_deployment_with_a_service_and_a_certificate(release) -> None:
    found = outcome(f"{MODEL}, replicas: 3", release)
    assert {(each.kind.kind, each.name) for each in found.children} == {
        ("Secret", "chat-kserve-self-signed-certs"),
        ("Deployment", "chat-kserve"),
        ("Service", "chat-kserve-workload-svc"),
    }
    deployment, service = one(found, "Deployment").data, one(found, "Service").data
    labels = {
        "app.kubernetes.io/component": "llminferenceservice-workload",
        "app.kubernetes.io/name": "chat",
        "app.kubernetes.io/part-of": "llminferenceservice",
        "kserve.io/component": "workload",
        "llm-d.ai/role": "both",
    }
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert deployment["spec"]["template"]["metadata"]["labels"] == labels
    assert deployment["spec"]["replicas"] == 3
    assert service["spec"]["selector"].items() <= labels.items()
    (port,) = service["spec"]["ports"]
    assert (port["port"], port["name"]) == (8000, "https" if release < V0_19 else "http")
    assert not found.gaps


def test_before_0_16_there_is_no_such_thing() -> None:
    assert not outcome(MODEL, RELEASES[0]).children


@pytest.mark.parametrize(("release", "there"), [(V0_16, True), (V0_17, False), (V0_20, False)], ids=str)
def test_a_service_is_stopped_since_0_17(release, there: bool) -> None:
    found = outcome(MODEL, release, annotations={"serving.kserve.io/stop": "true"})
    assert bool(found.children) is there


def test_the_release_s_preset_lies_under_the_service() -> None:
    spec = f"{MODEL}, template: {{containers: [{{name: main, image: mine, env: [{{name: HOME, value: /x}}]}}]}}"
    found = outcome(spec)
    main = container(pod(found))
    assert main["image"] == "mine"
    assert {each["name"]: each["value"] for each in main["env"]}["HOME"] == "/x"
    assert '--served-model-name "a/b"' in main["command"][2]
    assert "{{" not in json.dumps([each.data for each in found.children])
    place = ("spec", "template", "spec", "containers", 0)
    deployment = one(found, "Deployment")
    assert str(deployment.origin((*place, "image"))) == "llm.yaml: spec.template.containers[0].image"
    preset = "the config kserve-config-llm-template of KServe 0.20"
    assert str(deployment.origin((*place, "command", 2))) == f"{preset}: spec.template.containers[0].command[2]"


def test_configs_of_the_set_lie_between_and_a_preset_of_the_set_wins() -> None:
    given = configs(
        kserve_config_llm_template="template: {containers: [{name: main, image: ours}]}",
        base="replicas: 7, model: {name: other}, template: {terminationGracePeriodSeconds: 9}",
    )
    found = outcome("model: {uri: hf://a/b}, baseRefs: [{name: base}]", given=given)
    assert container(pod(found))["image"] == "ours"
    assert pod(found)["terminationGracePeriodSeconds"] == 9
    deployment = one(found, "Deployment")
    assert str(deployment.origin(("spec", "replicas"))) == "base.yaml: spec.replicas"


def test_a_config_that_is_not_given_is_told_and_the_rest_shown() -> None:
    found = outcome(f"{MODEL}, baseRefs: [{{name: gone}}]")
    (gap,) = found.gaps
    assert gap.path == ("spec", "baseRefs", 0, "name")
    assert "gone" in gap.words
    assert found.children
    assert not any(each.whole for each in found.children)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("model: {uri: a/b}", "no scheme"),
        ("model: {uri: gs://a/b}", "gs://"),
        ("model: {uri: 'https://a/b'}", "https://"),
        ("model: {uri: oci+native://a/b}", None),
        ("model: {uri: hf://a/b, lora: {adapters: [{name: x, uri: oci://y}]}}", "adapter x"),
        ("model: {uri: a://b}, storageInitializer: {enabled: false}", None),
        ("model: {uri: hf://a/b, name: '{{ .Gone.There }}'}, template: {nodeName: '{{ .Spec.Gone.X }}'}", "configs"),
    ],
)
def test_what_kserve_makes_nothing_of(spec: str, words: str | None) -> None:
    found = outcome(spec)
    assert bool(found.children) is (words is None)
    assert words is None or words in found.gaps[0].words


@pytest.mark.parametrize(
    ("uri", "mount", "volume"),
    [
        ("pvc://claim/a/b", {"subPath": "a/b", "readOnly": True}, {"persistentVolumeClaim": {"claimName": "claim"}}),
        ("pvc://claim", {"readOnly": True}, {"persistentVolumeClaim": {"claimName": "claim"}}),
        ("hf://a/b", {"readOnly": True}, {"emptyDir": {}}),
        ("s3://a/b", {"readOnly": True}, {"emptyDir": {}}),
        (
            "oci+native://r/i:1",
            {"subPath": "models", "readOnly": True},
            {"image": {"reference": "r/i:1", "pullPolicy": "IfNotPresent"}},
        ),
    ],
)
def test_where_the_model_comes_from(uri: str, mount: dict[str, Any], volume: dict[str, Any]) -> None:
    found = pod(outcome(f"model: {{uri: '{uri}'}}"))
    (mounted,) = [each for each in container(found)["volumeMounts"] if each["mountPath"] == "/mnt/models"]
    name = mounted["name"]
    assert mounted == {"name": name, "mountPath": "/mnt/models", **mount}
    assert {"name": name, **volume} in found["volumes"]
    downloads = [each["args"] for each in found.get("initContainers", ()) if each["name"] == "storage-initializer"]
    assert downloads == ([[uri, "/mnt/models"]] if uri.startswith(("hf", "s3")) else [])


def test_an_image_with_the_model_runs_beside() -> None:
    found = pod(outcome("model: {uri: 'oci://r/i:1'}"))
    assert container(found, "modelcar")["image"] == "r/i:1"
    assert found["shareProcessNamespace"] is True
    assert {"name": "MODEL_INIT_MODE", "value": "async"} in container(found)["env"]


@pytest.mark.parametrize(("release", "there"), [(V0_17, False), (V0_18, True), (V0_20, True)], ids=str)
def test_downloads_are_tuned_since_0_18(release, there: bool) -> None:
    env = container(pod(outcome(MODEL, release)), "storage-initializer", "initContainers").get("env", [])
    assert any(each["name"] == "HF_HUB_ENABLE_HF_TRANSFER" for each in env) is there


ADAPTERS = "lora: {maxRank: 64, adapters: [{name: z, uri: 'pvc://c/p'}, {name: a b, uri: hf://x/y}]}"


@pytest.mark.parametrize(("release", "there"), [(V0_18, False), (V0_19, True), (V0_20, True)], ids=str)
def test_adapters_are_fetched_and_told_since_0_19(release, there: bool) -> None:
    found = pod(outcome(f"model: {{uri: hf://a/b, {ADAPTERS}}}", release))
    main, first = container(found), container(found, "storage-initializer", "initContainers")
    if not there:
        assert first["args"] == ["hf://a/b", "/mnt/models"]
        return
    assert first["args"] == ["hf://a/b", "/mnt/models", "hf://x/y", "/mnt/lora/a-b"]
    assert main["args"][:4] == [
        "--enable-lora",
        "--max-lora-rank=64",
        "--lora-modules",
        '\'{"name":"a b","path":"/mnt/lora/a-b"}\'',
    ]
    assert {"name": "lora-pvc-z", "mountPath": "/mnt/lora/z", "subPath": "p", "readOnly": True} in main["volumeMounts"]


def test_labels_of_the_workload_are_part_of_its_selector() -> None:
    found = outcome(
        f"{MODEL}, labels: {{team: a}}, annotations: {{b: c}}", labels={"kueue.x-k8s.io/queue": "q", "x": "y"}
    )
    deployment = one(found, "Deployment").data
    for labels in (deployment["metadata"]["labels"], deployment["spec"]["selector"]["matchLabels"]):
        assert (labels["team"], labels["kueue.x-k8s.io/queue"], "x" in labels) == ("a", "q", False)
    assert deployment["spec"]["template"]["metadata"]["annotations"]["b"] == "c"
    assert one(found, "Service").data["metadata"]["annotations"] == {"b": "c"}


def test_prefilling_has_pods_of_its_own_and_decoding_a_sidecar_with_an_account() -> None:
    found = outcome(f"{SCHEDULED}, replicas: 2, prefill: {{replicas: 3}}")
    prefill = one(found, "Deployment", "chat-kserve-prefill").data
    assert prefill["spec"]["replicas"] == 3
    assert prefill["spec"]["selector"]["matchLabels"]["llm-d.ai/role"] == "prefill"
    decode = one(found, "Deployment", "chat-kserve").data
    assert decode["spec"]["selector"]["matchLabels"]["llm-d.ai/role"] == "decode"
    assert pod(found)["serviceAccountName"] == "chat-kserve"
    sidecar = container(pod(found), "llm-d-routing-sidecar", "initContainers")
    assert {"name": "INFERENCE_POOL_NAME", "value": "chat-inference-pool"} in sidecar["env"]
    assert one(found, "ServiceAccount", "chat-kserve")
    assert one(found, "RoleBinding", "chat-kserve-rb").data["roleRef"]["name"] == "chat-kserve-role"


def test_an_account_that_is_named_is_used() -> None:
    named = "template: {serviceAccountName: mine, containers: [{name: main}]}"
    found = outcome(f"{SCHEDULED}, prefill: {{}}, {named}")
    assert pod(found)["serviceAccountName"] == "mine"
    accounts = [each.name for each in found.children if each.kind.kind == "ServiceAccount"]
    assert accounts == ["chat-epp-sa"]
    assert one(found, "RoleBinding", "chat-kserve-rb").data["subjects"][0]["name"] == "mine"


@pytest.mark.parametrize(
    ("parallelism", "size"),
    [("{data: 8, dataLocal: 2}", 4), ("{data: 2, dataLocal: 4}", 1), ("{dataLocal: 2}", 1), ("{data: 3}", 3)],
)
def test_several_nodes_are_a_leaderworkerset(parallelism: str, size: int) -> None:
    worker = "worker: {containers: [{name: main}]}"
    found = outcome(f"{MODEL}, replicas: 2, parallelism: {parallelism}, {worker}")
    assert not [each for each in found.children if each.kind.kind == "Deployment"]
    several = one(found, "LeaderWorkerSet").data
    template = several["spec"]["leaderWorkerTemplate"]
    assert (several["metadata"]["name"], several["spec"]["replicas"], template["size"]) == ("chat-kserve-mn", 2, size)
    assert template["workerTemplate"]["spec"]["serviceAccountName"] == "chat-kserve-mn"
    assert one(found, "ServiceAccount").name == "chat-kserve-mn"
    leads = "leaderTemplate" in template
    serves = template["leaderTemplate" if leads else "workerTemplate"]["metadata"]["labels"]
    assert serves["kserve.io/component"] == "workload"


@pytest.mark.parametrize(
    ("release", "pools", "port"),
    [
        (V0_16, {"inference.networking.x-k8s.io"}, 3),
        (V0_17, {"inference.networking.x-k8s.io", "inference.networking.k8s.io"}, 4),
        (V0_20, {"inference.networking.x-k8s.io", "inference.networking.k8s.io"}, 4),
    ],
    ids=("0.16", "0.17", "0.20"),
)
def test_a_scheduler_has_pods_a_service_and_a_pool(release, pools: set[str], port: int) -> None:
    found = outcome(SCHEDULED, release)
    assert {each.kind.group for each in found.children if each.kind.kind == "InferencePool"} == pools
    deployment = one(found, "Deployment", "chat-kserve-router-scheduler").data
    assert deployment["spec"].get("strategy") == (None if release < V0_17 else {"type": "Recreate"})
    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == "chat-epp-sa"
    ports = one(found, "Service", "chat-epp-service").data["spec"]["ports"]
    assert len(ports) <= port
    assert {"name": "grpc", "port": 9002, "targetPort": "grpc", "protocol": "TCP"} in ports
    for pool in (each.data for each in found.children if each.kind.kind == "InferencePool"):
        selector = pool["spec"]["selector"]
        assert selector.get("matchLabels", selector)["kserve.io/component"] == "workload"
    assert bool([each for each in found.children if each.kind.kind == "InferenceModel"]) is (release < V0_17)


@pytest.mark.parametrize("release", LLM, ids=str)
@pytest.mark.parametrize("prefill", [False, True])
def test_a_scheduler_that_is_told_nothing_picks_as_its_release_does(release, prefill: bool) -> None:
    found = outcome(f"{SCHEDULED}{', prefill: {}' if prefill else ''}", release)
    main = container(pod(found, "chat-kserve-router-scheduler"))
    flag, text = main["args"][-2:]
    assert flag == ("--configText" if release < V0_17 else "--config-text")
    config = yaml.safe_load(text)
    plugins = {each["type"] for each in config["plugins"]}
    named = {each["pluginRef"] for profile in config["schedulingProfiles"] for each in profile["plugins"]}
    assert named <= plugins
    assert {each["name"] for each in config["schedulingProfiles"]} == (
        {"prefill", "decode"} if prefill else {"default"}
    )
    assert ("disagg-profile-handler" in plugins) is (prefill and release >= V0_19)


@pytest.mark.parametrize(
    ("spec", "tail"),
    [
        ("config: {inline: {kind: Mine}}", ["--config-text", '{"kind":"Mine"}']),
        ("replicas: 2, config: {inline: {}}", ["--ha-enable-leader-election", "--config-text", "{}"]),
    ],
)
def test_a_scheduler_is_told_what_is_said(spec: str, tail: list[str]) -> None:
    found = outcome(f"{MODEL}, router: {{scheduler: {{{spec}}}}}")
    assert container(pod(found, "chat-kserve-router-scheduler"))["args"][-len(tail) :] == tail


def test_a_tokenizer_that_nobody_asks_for_is_dropped() -> None:
    found = outcome(SCHEDULED)
    names = [each["name"] for each in pod(found, "chat-kserve-router-scheduler")["containers"]]
    assert names == ["main"]
    precise = "config: {inline: {plugins: [{type: precise-prefix-cache-scorer}]}}"
    found = outcome(f"{MODEL}, router: {{scheduler: {{{precise}}}}}")
    names = [each["name"] for each in pod(found, "chat-kserve-router-scheduler")["containers"]]
    assert names == ["main", "tokenizer"]


LORA = "lora: {adapters: [{name: legal, uri: hf://a/legal}]}"


@pytest.mark.parametrize(
    ("release", "prefill", "first", "last"),
    [
        (V0_20, False, "lora-affinity-scorer", "max-score-picker"),
        (V0_20, True, "prefill-filter", "max-score-picker"),
        (V0_21, False, "prefix-cache-affinity-filter", "lora-affinity-scorer"),
        (V0_21, True, "prefill-filter", "lora-affinity-scorer"),
    ],
)
def test_adapters_add_a_scorer(release, prefill: bool, first: str, last: str) -> None:
    spec = SCHEDULED.replace("name: a/b", f"name: a/b, {LORA}")
    found = outcome(f"{spec}{', prefill: {}' if prefill else ''}", release)
    config = yaml.safe_load(container(pod(found, "chat-kserve-router-scheduler"))["args"][-1])
    assert config["plugins"][-1] == {"type": "lora-affinity-scorer"}
    profile, *_ = config["schedulingProfiles"]
    assert (profile["plugins"][0]["pluginRef"], profile["plugins"][-1]["pluginRef"]) == (first, last)
    assert {"pluginRef": "lora-affinity-scorer", "weight": 4} in profile["plugins"]


def test_another_s_pool_needs_no_scheduler() -> None:
    found = outcome(f"{MODEL}, router: {{route: {{}}, scheduler: {{pool: {{ref: {{name: theirs}}}}}}}}")
    assert not [each for each in found.children if "scheduler" in each.name or each.kind.kind == "InferencePool"]
    rules = one(found, "HTTPRoute").data["spec"]["rules"]
    backends = [backend for rule in rules for backend in rule["backendRefs"]]
    assert {backend["name"] for backend in backends if backend["kind"] == "InferencePool"} == {"theirs"}


@pytest.mark.parametrize("release", LLM, ids=str)
def test_a_route_leads_to_the_pool_or_without_a_scheduler_to_the_service(release) -> None:
    def led(spec: str) -> set[tuple[str, str]]:
        rules = one(outcome(spec, release), "HTTPRoute", "chat-kserve-route").data["spec"]["rules"]
        return {(backend["kind"], backend["name"]) for rule in rules for backend in rule["backendRefs"]}

    # Since 0.17 some paths lead to the Service beside a scheduler too.
    pool, service = ("InferencePool", "chat-inference-pool"), ("Service", "chat-kserve-workload-svc")
    assert led(SCHEDULED) == ({pool} if release < V0_17 else {pool, service})
    assert led(f"{MODEL}, router: {{route: {{}}}}") == {service}


def test_a_route_hangs_on_the_gateways_that_are_named_or_on_kserve_s() -> None:
    def parents(spec: str) -> list[tuple[str, str | None]]:
        route = one(outcome(f"{MODEL}, router: {{route: {{}}{spec}}}"), "HTTPRoute").data["spec"]
        return [(each["name"], each.get("namespace")) for each in route["parentRefs"]]

    assert parents("") == [("kserve-ingress-gateway", "kserve")]
    assert parents(", gateway: {refs: [{name: edge, namespace: infra}, {name: own}]}") == [
        ("edge", "infra"),
        ("own", None),
    ]
    given = config_map(ingress=json.dumps({"ingressGateway": "a/b", "kserveIngressGateway": "x/y"}))
    route = one(outcome(f"{MODEL}, router: {{route: {{}}}}", given=given), "HTTPRoute").data["spec"]
    assert route["parentRefs"][0]["name"] == "y"


def test_routes_of_the_user_s_own_leave_nothing_to_make() -> None:
    found = outcome(f"{MODEL}, router: {{route: {{http: {{refs: [{{name: mine}}]}}}}}}")
    assert not [each for each in found.children if each.kind.kind == "HTTPRoute"]


@pytest.mark.parametrize(
    ("mode", "release", "there"),
    [("", V0_18, False), ("", V0_19, True), ("", V0_20, True), ("disabled", V0_20, False), ("forced", V0_20, True)],
)
def test_requests_are_told_by_their_model_s_name_since_0_19(mode: str, release, there: bool) -> None:
    ingress = {"ingressGateway": "a/b", "kserveIngressGateway": "x/y", "modelBasedRoutingMode": mode}
    given = config_map(
        ingress=json.dumps(ingress),
        storageInitializer=json.dumps({"cpuLimit": "1", "enableModelcar": True}),
    )
    found = outcome(SCHEDULED, release, given)
    rules = one(found, "HTTPRoute").data["spec"]["rules"]
    assert any("headers" in match for rule in rules for match in rule.get("matches", ())) is there


SCALED = "scaling: {minReplicas: 2, maxReplicas: 5, wva: {variantCost: '3', ACTUATOR}}"
PROMETHEUS = json.dumps({"prometheus": {"url": "http://p"}})


@pytest.mark.parametrize(
    ("release", "actuator", "kinds"),
    [
        (V0_17, "hpa: {}", set()),
        (V0_18, "hpa: {}", {"VariantAutoscaling", "HorizontalPodAutoscaler"}),
        (V0_20, "keda: {pollingInterval: 9}", {"VariantAutoscaling", "ScaledObject"}),
        (V0_21, "hpa: {}", {"HorizontalPodAutoscaler"}),
    ],
)
def test_what_scales_since_0_18(release, actuator: str, kinds: set[str]) -> None:
    given = config_map(**{"autoscaling-wva-controller-config": PROMETHEUS})
    found = outcome(f"{MODEL}, {SCALED.replace('ACTUATOR', actuator)}", release, given)
    scalers = {each.kind.kind: each.data for each in found.children if "scal" in each.kind.kind.lower()}
    assert set(scalers) == kinds
    for scaler in scalers.values():
        assert scaler["spec"]["scaleTargetRef"]["name"] == "chat-kserve"
    if "ScaledObject" in kinds:
        (trigger,) = scalers["ScaledObject"]["spec"]["triggers"]
        assert 'variant_name="chat-kserve-va"' in trigger["metadata"]["query"]
        assert scalers["ScaledObject"]["spec"]["pollingInterval"] == 9
    if kinds == {"HorizontalPodAutoscaler"}:
        assert scalers["HorizontalPodAutoscaler"]["metadata"]["annotations"]["llm-d.ai/model-id"] == "a/b"


def test_keda_needs_to_know_where_the_decisions_are() -> None:
    found = outcome(f"{MODEL}, {SCALED.replace('ACTUATOR', 'keda: {}')}")
    (gap,) = found.gaps
    assert gap.path == ("spec", "scaling", "wva", "keda")
    assert not [each for each in found.children if each.kind.kind == "ScaledObject"]


def test_traces_since_0_20() -> None:
    spec = f"{SCHEDULED}, tracing: {{samplerArg: '1'}}"
    main = container(pod(outcome(spec)))
    assert "--otlp-traces-endpoint" in main["args"]
    env = {each["name"]: each.get("value") for each in main["env"]}
    assert (env["OTEL_SERVICE_NAME"], env["OTEL_TRACES_SAMPLER_ARG"]) == ("inference-server-decode", "1")
    assert "--tracing=true" in container(pod(outcome(spec), "chat-kserve-router-scheduler"))["args"]
    assert "OTEL_SERVICE_NAME" not in str(outcome(spec, V0_19).children)


def test_a_cache_that_spills_over_is_mounted_and_asked_for() -> None:
    tiers = "secondary: [{fileSystem: {emptyDir: {size: 10Gi}}}, {fileSystem: {pvc: {ref: {name: c, path: p}}}}]"
    found = pod(outcome(f"{MODEL}, kvCacheOffloading: {{cpu: 1Gi, {tiers}}}"))
    main = container(found)
    assert main["resources"]["requests"]["ephemeral-storage"] == "10Gi"
    assert {"name": "kv-cache-secondary-1", "persistentVolumeClaim": {"claimName": "c"}} in found["volumes"]
    assert {"name": "kv-cache-secondary-1", "mountPath": "/mnt/kv-cache-1", "subPath": "p"} in main["volumeMounts"]
    assert '\\"cpu_bytes_to_use\\":1073741824' in main["command"][2]


@pytest.mark.parametrize("release", LLM, ids=str)
def test_odd_input_has_children_or_gaps_and_no_fault(release) -> None:
    for odd in (
        "",
        "model: 3",
        "model: {uri: 5}",
        f"{MODEL}, router: []",
        f"{MODEL}, template: x, worker: 4",
        f"{MODEL}, prefill: 1",
    ):
        outcome(odd, release)


DRA = "serving.kserve.io/exp-dra-"


@pytest.mark.parametrize(
    ("said", "exactly", "gap"),
    [
        ({"device-class": " gpu.nvidia.com "}, {"deviceClassName": "gpu.nvidia.com"}, ""),
        (
            {"device-class": "gpu", "device-count": "2", "cel-selector": "a\n\n b "},
            {
                "deviceClassName": "gpu",
                "count": 2,
                "selectors": [{"cel": {"expression": "a"}}, {"cel": {"expression": "b"}}],
            },
            "",
        ),
        ({"device-class": "gpu", "device-count": "none"}, None, "KServe makes nothing"),
        ({"device-count": "2"}, None, ""),
    ],
    ids=["one", "several", "wrong", "unasked"],
)
def test_devices_are_claimed_by_annotations_from_0_20_on(said, exactly, gap: str) -> None:
    annotations = {f"{DRA}{name}": value for name, value in said.items()}
    for release in (V0_19, V0_20):
        found = outcome(MODEL, release, annotations=annotations)
        templates = [one.data for one in found.children if one.kind.kind == "ResourceClaimTemplate"]
        assert [one.words[: len(gap)] for one in found.gaps] == ([gap] if gap and release >= V0_20 else [])
        wanted = [exactly] if exactly and release >= V0_20 else []
        assert [one["spec"]["spec"]["devices"]["requests"][0]["exactly"] for one in templates] == wanted
        for template in templates:
            claim = {"name": "managed-device", "resourceClaimTemplateName": template["metadata"]["name"]}
            assert pod(found)["resourceClaims"] == [claim]
            assert container(pod(found))["resources"]["claims"] == [{"name": "managed-device"}]


@pytest.mark.parametrize(
    ("spec", "kinds", "place"),
    [
        (f"{SCHEDULED}, scaling: {{maxReplicas: 2, wva: {{keda: {{}}}}}}", 1, ("spec", "scaling", "wva", "keda")),
        (
            (
                f"{SCHEDULED}, scaling: {{maxReplicas: 2, wva: {{hpa: {{}}}}}},"
                " prefill: {scaling: {maxReplicas: 2, wva: {keda: {}}}}"
            ),
            2,
            ("spec", "prefill", "scaling", "wva", "keda"),
        ),
    ],
    ids=["main", "prefill"],
)
def test_without_prometheus_the_controller_stops_at_keda(spec: str, kinds: int, place: tuple[str, ...]) -> None:
    found = outcome(spec, V0_20)
    made = [each.kind.kind for each in found.children]
    assert made.count("VariantAutoscaling") == kinds
    assert "Service" in made
    assert not {"InferencePool", "HTTPRoute", "ClusterRoleBinding", "ScaledObject"} & set(made)
    assert [gap.path for gap in found.gaps] == [place]
    told = config_map(**{"autoscaling-wva-controller-config": '{"prometheus": {"url": "http://p"}}'})
    assert {"InferencePool", "HTTPRoute", "ClusterRoleBinding", "ScaledObject"} <= {
        each.kind.kind for each in outcome(spec, V0_20, told).children
    }


@pytest.mark.parametrize("release", LLM, ids=str)
def test_a_sidecar_s_account_and_role_are_made_of_several_nodes_too(release) -> None:
    pod_ = "containers: [{name: main, image: i}], initContainers: [{name: llm-d-routing-sidecar, image: s}]"
    worker = "worker: {containers: [{name: main, image: i}]}, parallelism: {data: 2, dataLocal: 1}"
    found = outcome(f"{MODEL}, template: {{{pod_}}}, {worker}", release)
    for kind, ending in (("Role", "role"), ("RoleBinding", "rb")):
        made = {each.name for each in found.children if each.kind.kind == kind}
        assert made == {f"chat-kserve-{ending}", f"chat-kserve-mn-{ending}"}
    leader = one(found, "LeaderWorkerSet").data["spec"]["leaderWorkerTemplate"]["leaderTemplate"]["spec"]
    assert all("resources" in each for each in (*leader["initContainers"], *leader["containers"]))


def test_keys_that_are_no_text_hold_no_template() -> None:
    assert outcome(f"{MODEL}, template: {{containers: [{{name: main, image: i, 1: {{}}}}]}}").children
