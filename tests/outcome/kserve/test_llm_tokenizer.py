"""The tokenizer of a scheduler since KServe 0.21: when there is one, what it is, and how the scheduler is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from generator.reading.documents import Document
from generator.schemas.kinds import CONFIG_MAP
from llm_outcome import MODEL, configs, container, one, outcome, pod
from outcome_components import V0_17, V0_19, V0_20, V0_21, config_map

if TYPE_CHECKING:
    from generator.outcome.child import Outcome

NAME, SCHEDULER = "chat-tokenizer", "chat-kserve-router-scheduler"
HEAD = "apiVersion: llm-d.ai/v1alpha1, kind: EndpointPickerConfig"
TOKENS, PRECISE = "token-producer", "precise-prefix-cache-scorer"
URL = "http://chat-tokenizer.models.svc.cluster.local:8000"


def scheduled(spec: str) -> str:
    return f"{MODEL}, router: {{scheduler: {{{spec}}}}}"


def inline(*plugins: str, more: str = "") -> str:
    return f"config: {{inline: {{{HEAD}, plugins: [{', '.join(plugins)}]{more}}}}}"


@pytest.mark.parametrize(
    ("plugin", "release", "says"),
    [
        (PRECISE, V0_20, True),
        (PRECISE, V0_19, True),
        ("pd-profile-handler", V0_20, True),
        (PRECISE, V0_17, False),
        (PRECISE, V0_21, False),
        ("queue-scorer", V0_20, False),
    ],
)
def test_settings_that_the_controller_writes_anew_are_told(plugin: str, release, says: bool) -> None:
    found = outcome(scheduled(inline(f"{{type: {plugin}}}")), release)
    assert any("writes these settings anew" in each.words for each in found.gaps) is says


def told(found: Outcome) -> dict[str, Any]:
    """What the scheduler is told."""
    settings: dict[str, Any] = yaml.safe_load(container(pod(found, SCHEDULER))["args"][-1])
    return settings


def kinds(found: Outcome) -> list[str]:
    return sorted(each.kind.kind for each in found.children if each.name == NAME)


BOTH: list[str] = ["Deployment", "Service"]
TEXT = "template: {containers: [{name: main, args: ['--config-text', 'plugins: [{type: token-producer}]']}]}"


@pytest.mark.parametrize(
    ("spec", "release", "made"),
    [
        (inline(f"{{type: {TOKENS}}}"), V0_21, BOTH),
        (inline("{type: queue-scorer}", f"{{type: {PRECISE}}}"), V0_21, BOTH),
        (inline(f"{{type: {TOKENS}}}"), V0_20, []),
        ("tokenizer: {}", V0_21, BOTH),
        ("tokenizer: {}", V0_20, []),
        (TEXT, V0_21, BOTH),
        (TEXT.replace("--config-text", "-configText"), V0_21, BOTH),
        (TEXT.replace("--config-text", "--config-file"), V0_21, []),
        (TEXT.replace("name: main", "name: other"), V0_21, []),
        ("", V0_21, []),
        (inline("{type: queue-scorer}"), V0_21, []),
        # Another's scheduler has its own.
        (f"tokenizer: {{}}, pool: {{ref: {{name: theirs}}}}, {inline(f'{{type: {TOKENS}}}')}", V0_21, []),
    ],
)
def test_plugins_that_need_tokens_bring_a_tokenizer(spec: str, release, made: list[str]) -> None:
    assert kinds(outcome(scheduled(spec), release)) == made


@pytest.mark.parametrize(
    "mark", [{"serving.kserve.io/stop": "true"}, {"serving.kserve.io/stop": "false"}], ids=("stopped", "running")
)
def test_a_service_that_is_stopped_has_none(mark: dict[str, str]) -> None:
    found = outcome(scheduled("tokenizer: {}"), V0_21, annotations=mark)
    assert kinds(found) == ([] if "true" in mark.values() else BOTH)


def test_its_pod_renders_with_the_model_and_asks_for_room() -> None:
    found = outcome(scheduled("tokenizer: {}"), V0_21)
    deployment = one(found, "Deployment", NAME)
    labels = {
        "app.kubernetes.io/component": "tokenizer",
        "app.kubernetes.io/name": "chat",
        "app.kubernetes.io/part-of": "llminferenceservice",
    }
    spec = deployment.data["spec"]
    assert deployment.data["metadata"] == {"name": NAME, "namespace": "models", "labels": labels}
    assert (spec["replicas"], spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"]) == (
        1,
        labels,
        labels,
    )
    main = container(pod(found, NAME))
    assert main["resources"]["requests"] == {"cpu": "1", "memory": "4Gi"}
    assert "vllm launch render /mnt/models/base" in main["command"][-1]
    assert "--ssl-certfile" not in main["command"][-1]
    assert main["readinessProbe"]["httpGet"] == {"path": "/health", "port": "render-http", "scheme": "HTTP"}
    assert {"name": "kserve-provision-location", "mountPath": "/mnt/models/base", "readOnly": True} in main[
        "volumeMounts"
    ]
    fetched = container(pod(found, NAME), "storage-initializer", "initContainers")
    assert fetched["args"] == ["hf://a/b", "/mnt/models"]
    assert "STORAGE_ALLOW_PATTERNS" not in {each["name"] for each in fetched["env"]}
    service = one(found, "Service", NAME).data["spec"]
    assert service == {
        "selector": labels,
        "ports": [{"name": "render-http", "port": 8000, "targetPort": "render-http", "protocol": "TCP"}],
    }


def test_with_tls_it_answers_by_https_and_is_asked_so() -> None:
    given = config_map(ingress='{"ingressGateway": "a/b", "enableLLMInferenceServiceTLS": true}')
    found = outcome(scheduled(inline(f"{{type: {TOKENS}}}")), V0_21, given)
    main = container(pod(found, NAME))
    assert "--ssl-certfile" in main["command"][-1]
    assert main["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"
    (plugin,) = told(found)["plugins"]
    assert plugin["parameters"]["vllm"]["url"] == URL.replace("http:", "https:")


def test_each_field_of_its_pod_says_where_it_is_from() -> None:
    mine = "tokenizer: {template: {containers: [{name: main, resources: {requests: {memory: 8Gi}}}]}}"
    child = one(outcome(scheduled(mine), V0_21), "Deployment", NAME)
    place = ("spec", "template", "spec", "containers", 0)
    main = child.data["spec"]["template"]["spec"]["containers"][0]
    assert main["resources"]["requests"] == {"cpu": "1", "memory": "8Gi"}
    user = "llm.yaml: spec.router.scheduler.tokenizer.template.containers[0]"
    shipped = "the config kserve-config-llm-tokenizer of KServe 0.21: spec.router.scheduler.tokenizer.template"
    assert str(child.origin((*place, "resources", "requests", "memory"))) == f"{user}.resources.requests.memory"
    assert str(child.origin((*place, "image"))) == f"{shipped}.containers[0].image"
    assert str(child.origin(("spec", "replicas"))) == "KServe 0.21"
    assert str(child.origin(("metadata", "namespace"))) == "llm.yaml: metadata.namespace"


OWN = "parameters: {modelName: mine, vllm: {url: 'http://elsewhere'}}"
POINTED = {"modelName": "/mnt/models/base", "vllm": {"url": URL}}


@pytest.mark.parametrize(
    ("plugin", "parameters"),
    [
        (f"{{type: {TOKENS}}}", POINTED),
        (f"{{type: {TOKENS}, parameters: {{a: 1}}}}", {"a": 1, **POINTED}),
        (f"{{type: {TOKENS}, {OWN}}}", {"modelName": "mine", "vllm": {"url": "http://elsewhere"}}),
        (f"{{type: {TOKENS}, parameters: {{vllm: {{b: null}}}}}}", {**POINTED, "vllm": {"b": None, "url": URL}}),
    ],
)
def test_what_makes_tokens_is_pointed_at_it_unless_it_knows(plugin: str, parameters: dict[str, Any]) -> None:
    child = one(outcome(scheduled(inline(plugin)), V0_21), "Deployment", SCHEDULER)
    (found,) = told(outcome(scheduled(inline(plugin)), V0_21))["plugins"]
    assert found == {"type": TOKENS, "parameters": parameters}
    last = len(container(child.data["spec"]["template"]["spec"])["args"]) - 1
    place = ("spec", "template", "spec", "containers", 0, "args", last)
    assert str(child.origin(place)) == "llm.yaml: spec.router.scheduler.config.inline"


OLD = (
    f"{{type: {PRECISE}, parameters: {{hashBlockSize: 5, kvEventsConfig: {{a: 1}}, indexerConfig: "
    "{tokenProcessorConfig: {blockSize: 64}, tokenizersPoolConfig: {b: 2}, kvBlockIndexConfig: {c: 3}}}}"
)
PROFILE = (
    ", schedulingProfiles: [{name: default, plugins: [{pluginRef: prefix-cache-scorer, weight: 1}, "
    "{pluginRef: queue-scorer}, {pluginRef: precise-prefix-cache-scorer, weight: 2}]}]"
)
THREE = [
    {"type": TOKENS, "parameters": POINTED},
    {
        "type": "precise-prefix-cache-producer",
        "parameters": {
            "kvEventsConfig": {"a": 1},
            "tokenProcessorConfig": {"blockSize": 64},
            "indexerConfig": {"kvBlockIndexConfig": {"c": 3}},
        },
    },
    {
        "type": "prefix-cache-scorer",
        "parameters": {"prefixMatchInfoProducerName": "precise-prefix-cache-producer"},
    },
]


def test_the_old_scorer_is_taken_apart_into_three() -> None:
    spec = inline("{type: queue-scorer}", OLD, "{type: prefix-cache-scorer}", "{type: max-score-picker}", more=PROFILE)
    found = told(outcome(scheduled(spec), V0_21))
    assert found["plugins"] == [{"type": "queue-scorer"}, *THREE, {"type": "max-score-picker"}]
    # The first of the two references stays, by whichever name it went.
    assert found["schedulingProfiles"][0]["plugins"] == [
        {"pluginRef": "prefix-cache-scorer", "weight": 1},
        {"pluginRef": "queue-scorer"},
    ]
    bare = told(outcome(scheduled(inline(f"{{type: {PRECISE}}}")), V0_21))
    assert bare["plugins"][1] == {"type": "precise-prefix-cache-producer"}


def test_what_the_old_scorer_says_twice_its_successor_says_as_above() -> None:
    twice = "{tokenProcessorConfig: {a: 1}, indexerConfig: {tokenProcessorConfig: {a: 2}}}"
    plugins = told(outcome(scheduled(inline(f"{{type: {PRECISE}, parameters: {twice}}}")), V0_21))["plugins"]
    assert plugins[1]["parameters"] == {"tokenProcessorConfig": {"a": 1}}


@pytest.mark.parametrize(
    ("parameters", "left"),
    [
        ("{mode: cache_tracking}", {}),
        ("{mode: a, prefixMatchInfoProducerName: b}", {"parameters": {"prefixMatchInfoProducerName": "b"}}),
    ],
)
def test_parameters_that_the_new_scorer_lacks_are_dropped(parameters: str, left: dict[str, Any]) -> None:
    scorer = f"{{type: prefix-cache-scorer, parameters: {parameters}}}"
    found = told(outcome(scheduled(inline(f"{{type: {TOKENS}}}", scorer)), V0_21))
    assert found["plugins"][1] == {"type": "prefix-cache-scorer", **left}


def test_it_fetches_no_adapters() -> None:
    spec = scheduled("tokenizer: {}").replace("name: a/b", "name: a/b, lora: {adapters: [{name: l, uri: hf://a/l}]}")
    fetched = container(pod(outcome(spec, V0_21), NAME), "storage-initializer", "initContainers")
    assert fetched["args"] == ["hf://a/b", "/mnt/models"]


@pytest.mark.parametrize(("plugin", "beside"), [("queue-scorer", False), (PRECISE, True)])
def test_a_sidecar_of_the_user_s_own_stays_where_it_is_asked_for(plugin: str, *, beside: bool) -> None:
    own = "template: {containers: [{name: tokenizer, image: mine}]}"
    found = outcome(scheduled(f"{own}, {inline(f'{{type: {plugin}}}')}"), V0_21)
    names = {each["name"] for each in pod(found, SCHEDULER)["containers"]}
    assert ("tokenizer" in names) is beside


def test_settings_of_before_get_the_new_api() -> None:
    spec = inline(f"{{type: {TOKENS}}}").replace("llm-d.ai/", "inference.networking.x-k8s.io/")
    assert told(outcome(scheduled(spec), V0_21))["apiVersion"] == "llm-d.ai/v1alpha1"


@pytest.mark.parametrize(("version", "rewritten"), [("0.10.0", True), ("0.9.0", True), ("0.8.9", False)])
def test_a_scheduler_of_before_is_told_as_it_was(version: str, rewritten: bool) -> None:
    spec = f"annotations: {{app.kubernetes.io/version: {version}}}, {inline(f'{{type: {PRECISE}}}')}"
    found = told(outcome(scheduled(spec), V0_21))
    assert (len(found["plugins"]) == len(THREE)) is rewritten


def test_what_isn_t_settings_of_a_scheduler_stays() -> None:
    """KServe reads them as an object, which has a kind."""
    spec = f"config: {{inline: {{plugins: [{{type: {PRECISE}}}]}}}}"
    assert told(outcome(scheduled(spec), V0_21)) == {"plugins": [{"type": PRECISE}]}


def test_arguments_of_the_user_s_container_are_rewritten_too() -> None:
    text = "kind: EndpointPickerConfig\\nplugins:\\n- type: token-producer\\n"
    spec = f'template: {{containers: [{{name: main, args: ["--config-text", "{text}"]}}]}}'
    found = outcome(scheduled(spec), V0_21)
    assert told(found)["plugins"] == [{"type": TOKENS, "parameters": POINTED}]


def test_a_config_under_the_service_may_ask_for_it() -> None:
    asked = f"router: {{scheduler: {{{inline(f'{{type: {TOKENS}}}')}}}}}"
    found = outcome(f"{MODEL}, baseRefs: [{{name: base}}]", V0_21, configs(base=asked))
    assert kinds(found) == BOTH


def test_a_configmap_is_read_too_late_for_its_pods_to_be_known() -> None:
    """KServe lays its config under the service before it reads the ConfigMap, and asks again afterwards."""
    data = {"epp": f"kind: EndpointPickerConfig\nplugins: [{{type: {TOKENS}}}]\n"}
    given = {CONFIG_MAP: [Document({"metadata": {"name": "mine", "namespace": "models"}, "data": data}, "cm.yaml")]}
    spec = "config: {ref: {name: mine}}"
    found = outcome(scheduled(spec), V0_21, given)
    assert kinds(found) == ["Service"]
    assert any("tokenizer" in gap.words for gap in found.gaps)
    assert told(found)["plugins"][0]["parameters"] == POINTED
    found = outcome(scheduled(f"{spec}, tokenizer: {{}}"), V0_21, given)
    assert kinds(found) == BOTH
    assert not found.gaps


@pytest.mark.parametrize(("release", "beside"), [(V0_20, True), (V0_21, False)])
def test_the_sidecar_of_before_is_gone(release, beside: bool) -> None:
    found = outcome(scheduled(inline(f"{{type: {PRECISE}}}")), release)
    names = {each["name"] for each in pod(found, SCHEDULER)["containers"]}
    assert ("tokenizer" in names) is beside
