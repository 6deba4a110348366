"""Plain Kubernetes: what is rendered, held against golden files, our own checks, and what pods make of it."""

from __future__ import annotations

import contextlib
import copy
import itertools
from dataclasses import replace
from typing import Any

import pytest

from generator.checks.api import check
from generator.checks.finding import Severity
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.platforms import platforms
from generator.platforms.base import FEATURES, Level
from generator.rendering.render import render
from generator.schemas import catalog
from goldens import FOLDER, golden
from kit import ROOT, locked, pin
from kubernetes_services import (
    BLUE_GREEN,
    CANARY,
    CASES,
    CUSTOM,
    GATEWAY,
    NAMES,
    RESOURCES,
    ROLLING,
    SCALED,
    SPLIT,
    TWO,
    brought,
    documents,
    holding,
    of,
    rendered,
)


def find(found: list[dict[str, Any]], kind: str, name: str | None = None) -> dict[str, Any]:
    """The only object of a kind, or that of a name."""
    (one,) = [each for each in found if each["kind"] == kind and name in (None, each["metadata"]["name"])]
    return one


def of_model(model: str) -> dict[str, str]:
    """The selector of a Service that leads to a release."""
    return {"serinus.dev/service": "digits", "serinus.dev/model": model}


def of_variant(variant: str) -> dict[str, str]:
    """The selector of a Service that leads to a variant."""
    return {"serinus.dev/service": "digits", "serinus.dev/variant": variant}


def pod_of(found: list[dict[str, Any]], name: str | None = None) -> dict[str, Any]:
    """The pods' spec of a Deployment."""
    return find(found, "Deployment", name)["spec"]["template"]["spec"]


@pytest.mark.parametrize("case", CASES)
def test_golden(case):
    golden(f"kubernetes/{case}.yaml", rendered(**CASES[case]).text)


def test_no_golden_file_is_left_over():
    assert {file.stem for file in (FOLDER / "kubernetes").glob("*.yaml")} == set(CASES)


@pytest.mark.parametrize("release", platforms()["kubernetes"].releases)
@pytest.mark.parametrize("case", CASES)
def test_our_own_checks_find_nothing_in_what_is_rendered(case, release):
    if case == "image" and release in ("1.30", "1.31", "1.32"):
        pytest.skip("refused: another test shows it")
    options = {**CASES[case], "sets": [*CASES[case].get("sets", ()), f"platform.version={release}"]}
    report = check(rendered(**options).text)
    assert [
        f"{each.rule} {each.path} {each.message}" for each in report.findings if each.severity > Severity.NOTE
    ] == []
    assert report.summary.skipped == 0


def test_the_releases_are_those_that_the_schema_packs_know():
    packs = {f"{version.major}.{version.minor}" for version in catalog.available()["kubernetes"]}
    assert set(platforms()["kubernetes"].releases) == packs


def test_the_header_names_the_release_that_was_asked_for():
    text = rendered(sets=["platform.version=1.31"]).text
    assert text.startswith("# serinus: platform kubernetes@1.31 gateway-api@1.5\n")


@pytest.mark.parametrize("feature", FEATURES)
def test_the_table_says_of_every_row_how_or_what_instead(feature):
    platform = platforms()["kubernetes"]
    for release in platform.releases:
        cells = platform.ways(feature, "deployment", release)
        assert all(cell in platform.cells for cell in cells), "no cell speaks of it"
        for cell in cells:
            assert cell.sentence.endswith(".")
            assert bool(cell.instead) == (cell.level is Level.NO)


# ---- traffic


@pytest.mark.parametrize("step", range(5))
def test_the_share_asked_for_is_the_share_that_flows(step):
    route = find(documents(sets=[f"strategy.canary.step={step}"]), "HTTPRoute")
    weights = {ref["name"]: ref["weight"] for ref in route["spec"]["rules"][0]["backendRefs"]}
    percent = [0, 5, 25, 50, 100][step]
    assert weights == {"digits-r1": 100 - percent, "digits-r2": percent}


@pytest.mark.parametrize("api", ["gateway-api", "istio"])
def test_a_step_changes_nothing_but_the_weights(api):
    for before, after in itertools.pairwise(range(5)):
        old, new = (
            rendered(sets=[f"strategy.canary.step={step}", f"gateway.api={api}"]).text.splitlines()
            for step in (before, after)
        )
        changed = [
            line.strip().split(":")[0].removeprefix("- ") for one, line in zip(old, new, strict=True) if one != line
        ]
        assert changed == ["weight", "weight"]


@pytest.mark.parametrize("case", CASES)
def test_every_selector_finds_the_pods_of_one_deployment_and_every_route_a_service(case):
    found = documents(**CASES[case])
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in found if each["kind"] == "Deployment"]
    names = {each["metadata"]["name"]: each for each in found if each["kind"] == "Service"}
    for each in found:
        selector = {
            "Service": lambda spec: spec["selector"],
            "Deployment": lambda spec: spec["selector"]["matchLabels"],
            "PodDisruptionBudget": lambda spec: spec["selector"]["matchLabels"],
        }.get(each["kind"])
        if selector:
            wanted = selector(each["spec"])
            assert len([one for one in labels if wanted.items() <= one.items()]) == 1
        if each["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
            find(found, "Deployment", each["spec"]["scaleTargetRef"]["name"])
        if each["kind"] == "HTTPRoute":
            for rule in each["spec"]["rules"]:
                for reference in rule["backendRefs"]:
                    ports = names[reference["name"]]["spec"]["ports"]
                    assert reference["port"] in {port["port"] for port in ports}
    for service in names.values():
        for port in service["spec"]["ports"]:
            pods = next(
                each
                for each in found
                if each["kind"] == "Deployment"
                and service["spec"]["selector"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
            )
            container = pods["spec"]["template"]["spec"]["containers"][0]
            assert port["targetPort"] in {one["name"] for one in container["ports"]}


def test_a_promoted_canary_keeps_its_pods_as_they_are():
    before = documents()
    text = (SPLIT + CANARY).replace('release: "1"', 'release: "2"')
    after = documents(text, locked(stable=pin("2", 2, "b"), canary=pin("latest", 2, "b")))
    assert find(after, "Deployment") == find(before, "Deployment", "digits-r2")
    assert find(after, "Service", "digits")["spec"]["selector"] == of_model("r2")


def test_another_canary_changes_nothing_of_the_stables_pods():
    first = find(documents(), "Deployment", "digits-r1")
    second = find(
        documents(lock=locked(stable=pin("1", 1, "a"), canary=pin("latest", 3, "c"))), "Deployment", "digits-r1"
    )
    assert first == second


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        (SPLIT + CANARY, of_model("r1")),
        (SPLIT + BLUE_GREEN, of_variant("stable")),
        (ROLLING, {"serinus.dev/workload": "digits"}),
    ],
)
def test_the_services_own_address_leads_to_the_variant_that_serves(text, selector):
    found = documents(text, locked(**NAMES) if text == ROLLING else None)
    assert find(found, "Service", "digits")["spec"]["selector"] == selector


@pytest.mark.parametrize(
    "strategy",
    [
        "ab: {split: {stable: 50, canary: 50}}",
        "shadow: {stable: stable, variant: canary}",
        "blueGreen: {active: stable, preview: canary}",
    ],
)
def test_a_new_release_of_a_variant_replaces_its_pods_behind_the_same_service(strategy):
    text = f"{SPLIT}strategy: {{{strategy}}}\n"
    before = documents(text)
    after = documents(
        text.replace('release: "1"', 'release: "3"'), locked(stable=pin("3", 3, "c"), canary=pin("latest", 2, "b"))
    )
    assert [(one["kind"], one["metadata"]) for one in after] == [(one["kind"], one["metadata"]) for one in before]
    for kind in ("Service", "HTTPRoute"):
        assert [one for one in after if one["kind"] == kind] == [one for one in before if one["kind"] == kind]
    assert find(after, "Deployment", "digits-canary") == find(before, "Deployment", "digits-canary")
    old, new = (find(found, "Deployment", "digits-stable")["spec"] for found in (before, after))
    assert old["selector"] == new["selector"]
    assert old["template"] != new["template"]


def test_pods_of_a_rolling_update_answer_for_their_variant_too():
    pods = find(documents(ROLLING, locked(**NAMES)), "Deployment")["spec"]["template"]["metadata"]["labels"]
    variant = pods["serinus.dev/variant"]
    assert of_variant(variant).items() <= pods.items()


def test_a_variant_may_be_called_preview():
    text = SPLIT.replace("name: canary", "name: preview").replace("name: stable", "name: main")
    strategy = "strategy: {blueGreen: {active: preview, preview: main, by: gateway}}\n"
    found = documents(text + strategy, locked(main=pin("1", 1, "a"), preview=pin("latest", 2, "b")))
    assert find(found, "Service", "digits-preview")["spec"]["selector"] == of_variant("preview")


def test_pods_of_a_rolling_update_answer_for_their_release_until_its_own_are_ready():
    before = find(documents(ROLLING.replace("latest", '"1"'), locked(stable=pin("1", 1, "a"))), "Deployment")
    labels = before["spec"]["template"]["metadata"]["labels"]
    after = documents()
    assert find(after, "Service", "digits")["spec"]["selector"].items() <= labels.items()
    assert find(after, "Service", "digits-r1")["spec"]["selector"].items() <= labels.items()
    assert not find(after, "Deployment", "digits-r1")["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_blue_green_moves_the_selector_and_nothing_else():
    text = SPLIT.replace(GATEWAY, "")
    before = documents(text + BLUE_GREEN)
    after = documents(text + "strategy: {blueGreen: {active: canary, preview: stable}}\n")
    moved = {}
    for one in before:
        other = find(after, one["kind"], one["metadata"]["name"])
        if one != other:
            moved[one["metadata"]["name"]] = other["spec"].pop("selector"), one["spec"].pop("selector")
            assert one == other
    blue, green = of_variant("stable"), of_variant("canary")
    assert moved == {"digits": (green, blue), "digits-preview": (blue, green)}


def test_blue_green_by_gateway_moves_the_route_too():
    found = documents(SPLIT + BLUE_GREEN, sets=["strategy.blueGreen.by=gateway"])
    references = find(found, "HTTPRoute")["spec"]["rules"][0]["backendRefs"]
    assert [each["name"] for each in references] == ["digits-stable"]


def test_the_same_release_twice_has_two_names():
    text = (
        SPLIT.replace("{name: canary, release: latest}", '{name: canary, release: "1", runtime: triton}')
        + "strategy: {ab: {split: {stable: 50, canary: 50}}}\n"
    )
    both = pin("1", 1, "a", layouts=("tensorflow-serving", "triton"), runtimes={})
    found = documents(text, locked(stable=both, canary=both))
    assert {each["metadata"]["name"] for each in found if each["kind"] == "Deployment"} == {
        "digits-stable",
        "digits-canary",
    }


def test_the_longest_names_fit():
    name = "d" * 53
    text = (SPLIT + CANARY + SCALED).replace("name: digits\n", f"name: {name}\n")
    section = {"stable": pin("1", 1, "a"), "canary": pin("latest", 999_999_999, "b")}
    report = check(rendered(text, locked().with_section(name, section)).text)
    assert report.summary.errors == 0


# ---- pods


def test_every_container_is_restricted():
    for case, options in CASES.items():
        for each in documents(**options):
            if each["kind"] != "Deployment":
                continue
            pod = each["spec"]["template"]["spec"]
            assert pod["securityContext"]["runAsNonRoot"] is True, case
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, case
            for container in [*pod["containers"], *pod.get("initContainers", ())]:
                assert container["securityContext"]["allowPrivilegeEscalation"] is False, case
                assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, case


def test_what_an_autoscaler_owns_is_not_said_twice():
    assert "replicas" not in find(documents(SPLIT + CANARY + SCALED), "Deployment", "digits-r1")["spec"]
    assert find(documents(), "Deployment", "digits-r1")["spec"]["replicas"] == 1


def test_another_setting_of_the_server_is_another_config_map():
    first, second = (
        documents(**{**CASES["torchserve"], "sets": [f"model.parameters.job_queue_size={size}"]})
        for size in ("10", "20")
    )
    names = [find(each, "ConfigMap")["metadata"]["name"] for each in (first, second)]
    assert names[0] != names[1]
    assert {"name": "config", "configMap": {"name": names[0]}} in pod_of(first)["volumes"]


@pytest.mark.parametrize(("timeout", "grace"), [("10s", 30), ("1m30s", 100), ("1500ms", 30), ("1h", 3610)])
def test_pods_end_no_sooner_than_a_request_may(timeout, grace):
    pod = pod_of(documents(sets=[f"gateway.timeout={timeout}"]), "digits-r1")
    assert pod["terminationGracePeriodSeconds"] == grace


def test_a_probe_of_the_users_takes_the_place_of_ours():
    container = pod_of(documents(**CASES["users-own-words"]))["containers"][0]
    assert container["livenessProbe"] == {
        "httpGet": {"path": "/v1/models/digits", "port": "http"},
        "periodSeconds": 10,
        "timeoutSeconds": 5,
        "failureThreshold": 9,
    }
    assert container["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}


def test_a_line_break_in_a_setting_of_torchserve_stays_in_its_line():
    text = of("torchserve").replace(
        "{format: torchserve}", '{format: torchserve, parameters: {a: "1\\nmanagement_address=x\\\\"}}'
    )
    properties = find(documents(text, holding("torchserve", "torchserve")), "ConfigMap")["data"]["config.properties"]
    assert properties.endswith("a=1\\nmanagement_address=x\\\\\n")


def test_notes_tell_what_cannot_be_seen_in_the_manifests():
    assert "feature gate ImageVolume" in rendered(**CASES["image"], sets=["platform.version=1.34"]).notes[1]
    (told,) = rendered(**CASES["image"]).notes  # no release of Kubernetes says which containerd the nodes have
    assert "containerd 2.2 or CRI-O 1.33" in told
    assert "runs too few pods" in rendered(**CASES["budget"]).notes[0]
    assert "the same for every variant" in rendered(**CASES["keda-prometheus"]).notes[0]
    assert "port 9000" in rendered(ROLLING + "model: {protocol: grpc-v1}\n", locked(**NAMES)).notes[0]
    assert (
        "digits-r2 may have more pods"
        in rendered(SPLIT + CANARY + SCALED, sets=["strategy.canary.replicas=9"]).notes[0]
    )
    assert "requests for digits-r2 are lost" in rendered(SPLIT + CANARY).notes[0]
    assert not rendered(SPLIT + CANARY, sets=["strategy.canary.step=0"]).notes
    assert "nothing runs" in rendered(ROLLING + "replicas: {min: 0}\n", locked(**NAMES)).notes[0]


# ---- refusals

REFUSED: dict[str, tuple[str, str]] = {
    "a canary without a gateway": (SPLIT.replace(GATEWAY, "") + CANARY, "needs a Gateway"),
    "a canary by pods": (SPLIT + CANARY.replace("step: 1", "step: 1, by: native"), "canary goes by gateway"),
    "a bandit": (SPLIT + "strategy: {bandit: {router: epsilon-greedy, variants: [stable, canary]}}\n", "Seldon Core 1"),
    "an ensemble": (SPLIT + "strategy: {ensemble: {variants: [stable, canary]}}\n", "InferenceGraph"),
    "a combiner": (SPLIT + "strategy: {ensemble: {variants: [stable, canary], combiner: a}}\n", "Seldon Core 1 or 2"),
    "a chain": (SPLIT + "strategy: {chain: {variants: [stable, canary]}}\n", "InferenceGraph"),
    "a switch": (
        SPLIT + "strategy: {switch: {branches: [{variant: stable, when: a}, {variant: canary}]}}\n",
        "ab with match",
    ),
    "a switch by a router": (
        SPLIT + "strategy: {switch: {router: a, branches: [{variant: stable, when: a}, {variant: canary}]}}\n",
        "Seldon Core 1",
    ),
    "an unknown release": (ROLLING.replace('"1.35"', '"1.20"'), "1.20 isn't known"),
    "a transformer": (ROLLING + "transformer: {container: {image: a}}\n", "ensemble of Triton"),
    "an explainer": (ROLLING + "explainer: {type: AnchorTabular}\n", "KServe or Seldon Core"),
    "a logger": (ROLLING + "logger: {url: 'http://a'}\n", "strategy shadow"),
    "a batcher elsewhere": (of("sklearn") + "batcher: {maxSize: 2}\n", "TensorFlow Serving or KServe"),
    "a batcher's timeout": (ROLLING + "batcher: {timeout: 2}\n", "no such limit"),
    "a Server of Seldon's": (ROLLING + "server: {name: mlserver}\n", "Seldon Core 2"),
    "a format's version": (ROLLING + "model: {formatVersion: '2'}\n", "model.runtime"),
    "requirements": (ROLLING + "model: {requirements: [a]}\n", "Seldon Core 2"),
    "memory": (ROLLING + "model: {memory: 1Gi}\n", "resources"),
    "a storage key": (ROLLING.replace("{url: s3://models}", "{url: s3://models, key: a}"), "access.secret"),
    "an endpoint for no S3": (
        ROLLING.replace("{url: s3://models}", "{url: gs://models, endpoint: 'http://a'}"),
        "Leave it out",
    ),
    "a way that can't": (
        ROLLING.replace("{url: s3://models}", "{url: s3://models, fetch: mount}"),
        "mount takes pvc://, oci://",
    ),
    "rclone for what it isn't told": (
        brought("hf://a/b", "model: {format: huggingface}\nstore: {url: s3://models, fetch: rclone}\n"),
        "rclone takes s3://, gs://",
    ),
    "a scheme that nothing fetches": (brought("ftp://a/b"), "nothing fetches ftp://"),
    "releases in a registry": (ROLLING.replace("s3://models", "oci://registry/models"), "no registry takes"),
    "an image volume too early": (CASES["image"]["text"].replace("1.35", "1.32"), "from 1.33 on"),
    "a Secret that nothing reads": (brought("pvc://a/b", "access: {secret: a}\n"), "nothing reads the Secret"),
    "a fetch of nothing": (CUSTOM + "store: {url: s3://models, fetch: rclone}\n", "no variant has a model to fetch"),
    "KPA": (ROLLING + "replicas: {min: 1, max: 2, scaler: kpa}\n", "hpa or keda"),
    "concurrency": (ROLLING + "replicas: {min: 1, max: 2, metric: concurrency}\n", "metric: prometheus"),
    "an HPA that asks Prometheus": (
        ROLLING
        + "replicas: {min: 1, max: 2, scaler: hpa, metric: prometheus, target: 1, query: a, server: 'http://a'}\n",
        "scaler: keda",
    ),
    "to zero by CPU": (ROLLING + "replicas: {min: 0, max: 2, metric: cpu}\n", "KEDA wakes it up"),
    "a budget that keeps all": (ROLLING + "replicas: {min: 2, available: '2'}\n", "no node"),
    "a budget of all in percent": (ROLLING + "replicas: {min: 3, available: 70%}\n", "no node"),
    "scaling by what isn't requested": (
        ROLLING.replace(RESOURCES, "") + "replicas: {min: 1, max: 2}\n",
        "requests: {cpu: 500m}",
    ),
    "scaling by what a variant doesn't request": (
        ROLLING.replace("release: latest}", "release: latest, resources: {limits: {memory: 1Gi}}}") + SCALED,
        "requests: {cpu: 500m}",
    ),
    "a custom server without an image": (brought("s3://a/b", "model: {format: custom}\n"), "image"),
    "a container that brings the model": (CUSTOM.replace("model: {format: custom}\n", ""), "format: custom"),
    "a label of ours": (ROLLING + "labels: {serinus.dev/workload: a}\n", "selects the pods"),
    "ONNX on KServe's server": (of("onnx", "kserve"), "triton or mlserver"),
    "an unknown server": (of("onnx", "vllm"), "Known runtimes for it: triton, mlserver"),
    "an unknown format": (ROLLING + "model: {format: pickle}\n", "Did you mean 'sklearn'? Known formats"),
    "a protocol that isn't spoken": (ROLLING + "model: {protocol: v2}\n", "v1, grpc-v1"),
    "a parameter of ours": (ROLLING + "model: {parameters: {port: '1'}}\n", "sets port of TensorFlow Serving itself"),
    "a parameter that nobody takes": (
        of("sklearn", "mlserver").replace("runtime:", "parameters: {a: b}, runtime:"),
        "container.env",
    ),
    "a newer Triton for TensorFlow": (
        of("savedmodel", "triton").replace("runtime:", "runtimeVersion: 26.07-py3, runtime:"),
        "25.02 was the last",
    ),
    "a name that Triton doesn't know": (
        of("onnx").replace("release: latest}", "release: latest, service: other}"),
        "by its folder",
    ),
    "a folder of servers that run already": (brought("/mnt/models/digits"), "pvc://CLAIM/FOLDER"),
    "releases over HTTPS": (ROLLING.replace("s3://models", "https://models.example.com/a"), "a release is a folder"),
    "releases on Hugging Face": (ROLLING.replace("s3://models", "hf://acme/models"), "a release is a folder"),
    "half a name on Hugging Face": (brought("hf://gpt2", "model: {format: huggingface}\n"), "hf://OWNER/MODEL"),
    "a claim without a name": (brought("pvc:///digits"), "pvc://CLAIM/FOLDER"),
    "a folder above the claim": (brought("pvc://models/../other"), "pvc://CLAIM/FOLDER"),
    "an image without a registry": (brought("oci://digits"), "oci://REGISTRY/IMAGE:TAG"),
    "a graph": (SPLIT + "strategy: {graph: {variants: [stable, canary], spec: {a: b}}}\n", "Pipeline of Seldon Core 2"),
    "what is deployed already": (
        SPLIT.replace("{name: canary, release: latest}", "{name: canary, deployed: other}") + CANARY,
        "with models of its own",
    ),
    "a caller that is nobody": (ROLLING + "network: {callers: [{}]}\n", "names nobody"),
}
LAYOUTS = ("tensorflow-serving", "triton", "mlserver", "plain", "torchserve")


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_its_place_and_what_can(case):
    text, message = REFUSED[case]
    lock = locked(stable=pin("latest", 1, "a", layouts=LAYOUTS, runtimes={}))
    if TWO in text:
        lock = locked()
    with pytest.raises(InputError) as raised:
        rendered(text, lock)
    assert message in str(raised.value)
    assert raised.value.place.line


def test_a_release_without_the_layout_is_refused_with_the_command_that_makes_it():
    with pytest.raises(InputError, match="serinus publish"):
        rendered(of("onnx"), holding("onnx", "mlserver"))


def test_a_network_policy_is_refused_where_the_platform_makes_the_pods():
    text = (SPLIT + CANARY).replace('{kind: kubernetes, version: "1.35"}', "{kind: kserve}") + "network: {}\n"
    with pytest.raises(InputError, match="no NetworkPolicy"):
        rendered(text)


# ---- every key has an effect

FULL = SPLIT + CANARY + SCALED + "serviceAccount: reader\nlabels: {a: b}\nannotations: {a: b}\n"
CHANGES = (
    "replicas.min=3", "replicas.max=7", "replicas.target=71", "replicas.metric=memory", "replicas.scaler=keda", "replicas.available=1",
    "resources.limits.cpu=3", "resources.requests.memory=2Gi", "serviceAccount=other", "labels.team=x", "annotations.x=y", "namespace=other",
    "gateway.host=a.example.com", "gateway.name=other", "gateway.namespace=other", "gateway.version=1.4", "gateway.api=istio",
    "gateway.timeout=30s", "store.url=s3://other", "store.endpoint=http://minio:9000", "store.fetch=rclone",
    "model.runtimeVersion=2.20.1", "model.name=other", "model.protocol=grpc-v1", "model.parameters.enable_profiler=true",
    "strategy.canary.step=2", "strategy.canary.steps=7,100", "strategy.canary.replicas=3", "platform.version=1.34",
    "rollout.maxSurge=2", "rollout.maxUnavailable=1", "rollout.deadline=60", "access.secret=s3", "batcher.maxSize=8", "batcher.maxLatency=8",
    "network.ports=15008", "access.identity.gcp=reader@team-models.iam.gserviceaccount.com",
)  # fmt: skip


@pytest.mark.parametrize("assignment", CHANGES)
def test_every_option_changes_what_is_rendered(assignment):
    assert rendered(FULL, sets=[assignment]).text != rendered(FULL).text


def test_the_users_fragments_reach_the_pods_of_their_variant_alone():
    text = (SPLIT + CANARY).replace(
        "{name: canary, release: latest}",
        "{name: canary, release: latest, runtimeVersion: 2.20.1, container: {tty: true}}",
    )
    found = documents(text + "container: {stdin: true}\npod: {priorityClassName: high}\n")
    stable, canary = pod_of(found, "digits-r1"), pod_of(found, "digits-r2")
    assert stable["priorityClassName"] == canary["priorityClassName"] == "high"
    assert [pod["containers"][0].get("tty") for pod in (stable, canary)] == [None, True]
    assert [pod["containers"][0]["image"] for pod in (stable, canary)] == [
        "tensorflow/serving:2.20.0",
        "tensorflow/serving:2.20.1",
    ]
    assert all(pod["containers"][0]["stdin"] for pod in (stable, canary))


NASTY = ["x", 5, True, [], {}, [5], ["x"], [{"name": []}], [{"name": {}, "containerPort": []}], {"name": 5}, [[]]]
FIELDS = ("ports", "env", "volumeMounts", "volumes", "initContainers", "livenessProbe", "lifecycle", "image", "name", "args", "securityContext")  # fmt: skip


@pytest.mark.parametrize("key", ["container", "pod", "variants"])
def test_fragments_of_any_shape_end_in_no_traceback(key):
    service = build(parse(SPLIT + CANARY + SCALED + "network: {}\n", "serinus.yaml"), "serinus.yaml")
    for field, value, model in itertools.product(FIELDS, NASTY, ("savedmodel", "custom")):
        fragment = {"image": "server:1", field: value} if key != "pod" else {field: value}
        variants = (replace(service.variants[0], container=fragment), *service.variants[1:])
        changes = {key: variants if key == "variants" else fragment, "model": replace(service.model, format=model)}
        with contextlib.suppress(InputError):
            render(replace(service, **changes), locked())


@pytest.mark.parametrize(
    "example", sorted(ROOT.glob("examples/kubernetes-*/serinus.yaml")), ids=lambda file: file.parent.name
)
def test_every_example_renders_and_our_own_checks_find_nothing(run, example):
    ended = run("render", example)
    assert ended.code == 0, ended.err
    report = check(ended.out)
    assert [str(each) for each in report.findings if each.severity > Severity.NOTE] == []
    assert report.summary.skipped == 0


def test_the_examples_show_every_row_that_can_be_done():
    shown = set()
    for file in ROOT.glob("examples/kubernetes-*/serinus.yaml"):
        service = build(parse(file.read_text(), str(file)), str(file))
        shown |= set(service.strategy.chosen.features())
    able = {cell.feature for cell in platforms()["kubernetes"].cells if cell.level is not Level.NO}
    assert shown == able


def test_rendering_leaves_the_service_as_it_was():
    service = build(parse(CASES["users-own-words"]["text"], "serinus.yaml"), "serinus.yaml")
    before = copy.deepcopy((service.container, service.pod))
    render(service, locked(**NAMES))
    assert (service.container, service.pod) == before
