"""What pods of every platform have of a service file: fields a variant, resources that can run, and a wait before they end."""

from __future__ import annotations

import pytest
import yaml

from generator.checks.registry import registry
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.outcome import facts
from generator.outcome.kserve import config
from generator.outcome.kserve import runtime as runtimes
from generator.platforms.draining import DRAIN
from generator.platforms.kserve.resources import filled, shipped
from generator.rendering.render import render
from kit import fitting, locked, pin
from kserve_kit import complaints, documents, of_kind, rendered, text

BARE = "serviceAccount: models-reader\n"
LAYOUTS = ("tensorflow-serving", "triton", "mlserver", "torchserve", "plain")


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ({}, {}),
        ({"requests": {"cpu": "4"}}, {"limits": {"cpu": "4"}, "requests": {"cpu": "4"}}),
        ({"requests": {"cpu": "500m"}}, {"requests": {"cpu": "500m"}}),
        ({"requests": {"cpu": "1"}}, {"requests": {"cpu": "1"}}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}}),
        ({"limits": {"memory": "4Gi"}}, {"limits": {"memory": "4Gi"}}),
        (
            {"limits": {"cpu": "2"}, "requests": {"memory": "8Gi"}},
            {"limits": {"cpu": "2", "memory": "8Gi"}, "requests": {"memory": "8Gi"}},
        ),
        ({"limits": {"cpu": "500m"}, "requests": {"cpu": "250m"}}, None),
        ({"limits": {"nvidia.com/gpu": "1"}}, None),
        ({"requests": {"ephemeral-storage": "9Gi"}}, None),
    ],
)
def test_the_half_that_a_runtime_would_bring_is_written_where_it_would_keep_the_pods_from_starting(said, whole):
    assert filled(said, shipped()) == (said if whole is None else whole)
    assert filled(said, {}) == said


def model_of(written):
    (service,) = of_kind(documents(written), "InferenceService").values()
    predictor = service["spec"]["predictor"]
    return predictor.get("model") or predictor["containers"][0]


ASKED = BARE + 'resources: {requests: {cpu: "4", memory: 8Gi}}\n'
IMAGE = "container: {image: registry.example.com/a:1}\n"


@pytest.mark.parametrize("mode", ["standard", "knative"])
def test_requests_above_the_limits_of_the_shipped_runtime_get_limits_and_render_says_so(mode):
    written = text(mode=mode, gateway=None, tail=ASKED)
    assert model_of(written)["resources"]["limits"] == {"cpu": "4", "memory": "8Gi"}
    (note,) = [note for note in rendered(written).notes if "are written" in note]
    assert "limits.cpu and limits.memory of 'a'" in note


def test_a_container_of_the_users_own_gets_the_half_that_kserves_configmap_would_bring():
    written = text(model="custom", gateway=None, tail=ASKED + IMAGE)
    assert model_of(written)["resources"]["limits"] == {"cpu": "4", "memory": "8Gi"}
    more = "transformer: {container: {image: a, resources: {limits: {cpu: 500m}}}}\n"
    (service,) = of_kind(documents(text(gateway=None, more=more)), "InferenceService").values()
    (container,) = service["spec"]["transformer"]["containers"]
    assert container["resources"] == {"limits": {"cpu": "500m"}, "requests": {"cpu": "500m"}}


def test_nothing_is_written_for_a_runtime_that_brings_nothing_or_nobody_here_knows():
    own = text(model="sklearn, runtime: custom", gateway=None, tail=ASKED + IMAGE)
    theirs = text(model="custom, modelFormat: caikit, runtime: own", gateway=None, tail=ASKED)
    for written in (own, theirs):
        assert "limits" not in model_of(written)["resources"]


WAIT = {"preStop": {"sleep": {"seconds": DRAIN}}}


@pytest.mark.parametrize("release", ["0.15", "0.16", "0.17", "0.18", "0.19", "0.20", "0.21"])
def test_in_mode_standard_every_container_of_kserve_waits_for_the_last_requests(release):
    more = "transformer: {container: {image: a}}\nexplainer: {container: {image: b}}\n"
    written = text(gateway=None, release=release, more=more)
    assert complaints(rendered(written)) == []
    (service,) = of_kind(documents(written), "InferenceService").values()
    assert model_of(written)["lifecycle"] == WAIT
    for part in ("transformer", "explainer"):
        assert service["spec"][part]["containers"][0]["lifecycle"] == WAIT


def test_in_mode_knative_the_queue_proxy_waits():
    assert "lifecycle" not in model_of(text(mode="knative", gateway=None))


@pytest.mark.parametrize(
    ("more", "lifecycle"),
    [
        ("container: {lifecycle: {preStop: {exec: {command: [sync]}}}}", {"preStop": {"exec": {"command": ["sync"]}}}),
        ("container: {lifecycle: {postStart: {exec: {command: [sync]}}}}", {"postStart": {"exec": {"command": ["sync"]}}, **WAIT}),
        ("pod: {terminationGracePeriodSeconds: 10}", None),
        ("pod: {terminationGracePeriodSeconds: 11}", WAIT),
    ],
)  # fmt: skip
def test_the_users_own_way_to_end_stands(more, lifecycle):
    assert model_of(text(gateway=None, more=more + "\n")).get("lifecycle") == lifecycle
    kubernetes = text(gateway=None, more=more + "\n").replace(
        '{kind: kserve, version: "0.20", mode: standard}', "{kind: kubernetes}"
    )
    (deployment,) = of_kind(documents(kubernetes), "Deployment").values()
    assert deployment["spec"]["template"]["spec"]["containers"][0].get("lifecycle") == lifecycle


@pytest.mark.parametrize(("timeout", "grace"), [("20s", None), ("21s", 31), ("5m", 310)])
def test_a_pod_has_the_time_for_the_longest_request(timeout, grace):
    (service,) = of_kind(documents(text(gateway=f", timeout: {timeout}")), "InferenceService").values()
    assert service["spec"]["predictor"].get("terminationGracePeriodSeconds") == grace


SPLIT = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {%s}
store: {url: s3://models}
model: {format: sklearn}
variants:
  - {name: a, release: "1"%s}
  - {name: b, release: "2"%s}
strategy: {canary: {stable: a, variant: b, steps: [5, 100]%s}}
gateway: {name: models, namespace: gateways, host: digits.example.com}
pod: {nodeSelector: {pool: cpu}, priorityClassName: serving}
"""
GPU = ", pod: {nodeSelector: {pool: gpu}, tolerations: [{key: nvidia.com/gpu, operator: Exists}]}"
LOCK = locked(a=pin("1", 1, "a", layouts=LAYOUTS, runtimes={}), b=pin("2", 2, "b", layouts=LAYOUTS, runtimes={}))


def split(platform, a="", b="", by=""):
    written = SPLIT % (platform, a, b, f", by: {by}" if by else "")
    service = build(parse(written, "serinus.yaml"), "serinus.yaml")
    return list(yaml.safe_load_all(render(service, fitting(service, LOCK)).text))


def both(*pods):
    return [(pod["nodeSelector"], pod["priorityClassName"], len(pod.get("tolerations", ()))) for pod in pods]


APART = [({"pool": "cpu"}, "serving", 0), ({"pool": "gpu"}, "serving", 1)]


def test_a_variant_has_pods_of_its_own_on_kserve():
    inside = split('kind: kserve, version: "0.20"', b=GPU)[0]["spec"]
    assert both(inside["predictor"], inside["canary"][0]["predictor"]) == APART
    for platform in ('kind: kserve, version: "0.19"', 'kind: kserve, version: "0.21", mode: knative'):
        found = of_kind(split(platform, b=GPU, by="gateway"), "InferenceService")
        assert both(*(each["spec"]["predictor"] for each in found.values())) == APART


def test_a_variant_has_pods_of_its_own_on_plain_kubernetes_and_seldon_core_1():
    found = of_kind(split("kind: kubernetes", b=GPU), "Deployment").values()
    assert both(*(each["spec"]["template"]["spec"] for each in found)) == APART
    (seldon,) = of_kind(split("kind: seldon-core-1", b=GPU), "SeldonDeployment").values()
    predictors = seldon["spec"]["predictors"]
    assert both(*(each["componentSpecs"][0]["spec"] for each in predictors)) == APART


def test_a_canary_that_would_inherit_the_stables_pods_is_refused():
    """KServe lays the canary over the stable predictor: what only that one says, both get."""
    with pytest.raises(InputError, match=r"would get nodeSelector.disk, tolerations of 'a'"):
        split('kind: kserve, version: "0.20"', a=GPU.replace("pool: gpu", "disk: ssd"))
    assert split('kind: kserve, version: "0.20"', a=GPU.replace("pool: gpu", "disk: ssd"), by="gateway")


@pytest.mark.parametrize(
    ("platform", "more", "path"),
    [
        ("kind: seldon-core-2", "", "variants[1].pod"),
        ("kind: seldon-core-2", "server: {config: mlserver}\n", "variants[1].pod"),
    ],
)
def test_where_variants_share_pods_one_of_its_own_is_refused(platform, more, path):
    written = (SPLIT % (platform, "", GPU, "")).replace(
        "pod: {nodeSelector: {pool: cpu}, priorityClassName: serving}\n", more
    )
    with pytest.raises(InputError) as raised:
        render(build(parse(written, "serinus.yaml"), "serinus.yaml"), LOCK)
    assert raised.value.place.path == path


@pytest.mark.parametrize(
    ("variant", "path"),
    [
        (", pod: {containers: []}", "variants[1].pod.containers"),
        (", pod: {serviceAccountName: a}", "variants[1].pod.serviceAccountName"),
        (", container: {resources: {}}", "variants[1].container.resources"),
        (", pod: {tolerations: {key: a}}", "variants[1].pod.tolerations"),
        (", pod: {initContainers: [{name: a, env: [{name: API_TOKEN, value: abc}]}]}", "variants[1].pod.initContainers[0].env[0].value"),
    ],
)  # fmt: skip
def test_what_a_variant_may_say_of_its_pods_is_what_a_service_may(variant, path):
    with pytest.raises(InputError) as raised:
        build(parse(SPLIT % ("kind: kserve", "", variant, ""), "serinus.yaml"), "serinus.yaml")
    assert raised.value.place.path == path


def test_a_check_says_the_numbers_that_ship():
    cpu, memory = shipped()["cpu"], shipped()["memory"].removesuffix("Gi")
    assert f"({cpu} CPU and {memory} GiB as shipped)" in registry().by_id["POL012"].message


@pytest.mark.parametrize("release", facts.known("kserve"))
def test_the_runtimes_that_ship_for_one_node_have_the_numbers_of_the_config_map(release):
    sizes = config.sizes(release)
    assert sizes == shipped()
    for runtime in runtimes.shipped(release).cluster.values():
        if not runtime.several_nodes:
            assert runtime.containers[0].value["resources"] == {"requests": sizes, "limits": sizes}
