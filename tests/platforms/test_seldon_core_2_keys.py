"""Seldon Core 2: every key of the service file changes something, or is refused with what to write instead."""

from __future__ import annotations

import re

import pytest
from core2 import (
    AROUND,
    CANARY,
    CASES,
    GATEWAY,
    HEAD,
    KEDA,
    ONE,
    ONNX,
    OWN,
    ROLLING,
    ROUTED,
    SECRET,
    SHADOW,
    SKLEARN,
    THREE,
    TWO,
    documents,
    rendered,
)

from generator.errors import InputError
from generator.loading.schema import schema

AB = ONNX + THREE
OWNED = SKLEARN + ONE + OWN
SURROUNDED = SKLEARN + ONE + AROUND
KEYED = ROLLING + KEDA
MATCHED = CASES["ab-match"]

CHANGES = [
    (CANARY, "variants[1].object=tried"),
    (CANARY, "labels.team=a"),
    (CANARY, "annotations.note=b"),
    (CANARY, "namespace=other"),
    (CANARY, "store.url=s3://other"),
    (CANARY, "platform.version=2.9"),
    (CANARY, "model.name=numbers"),
    (ONNX + ONE, "model.runtime=mlserver"),
    (ONNX + ONE, "model.memory=1Gi"),
    (SKLEARN + ONE, "model.requirements=big"),
    (SKLEARN + ONE, "model.parameters.threads=4"),
    (SKLEARN + ONE, "model.format=xgboost"),
    (OWNED, "model.runtimeVersion=1.7.0"),
    (CANARY, "strategy.canary.step=2"),
    (CANARY, "strategy.canary.steps=7,100"),
    (CANARY, "strategy.canary.replicas=2"),
    (CANARY + GATEWAY, "strategy.canary.by=gateway"),
    (ROUTED, "gateway.host=a.example.com"),
    (ROUTED, "gateway.name=other"),
    (ROUTED, "gateway.namespace=other"),
    (ROUTED, "gateway.version=1.4"),
    (ROUTED, "gateway.api=istio"),
    (ROUTED, "gateway.channel=experimental"),
    (ROUTED, "gateway.timeout=10s"),
    (CANARY, "replicas.min=2"),
    (CANARY, "replicas.max=3"),
    (KEYED, "replicas.target=51"),
    (KEYED, "replicas.query=up"),
    (KEYED, "replicas.server=http://thanos:9090"),
    (OWNED, "replicas.available=50%"),
    (OWNED, "resources.requests.cpu=2"),
    (OWNED, "resources.limits.memory=5Gi"),
    (OWNED, "serviceAccount=models-reader"),
    (OWNED, "access.identity.azure=11111111-2222-3333-4444-555555555556"),
    (ROLLING, "access.secret=other"),
    (SURROUNDED, "access.external.store=other"),
    (SURROUNDED, "access.external.kind=ClusterSecretStore"),
    (SURROUNDED, "access.external.refresh=2h"),
    (SURROUNDED, "explainer.type=kernel_shap"),
    (SURROUNDED, "explainer.uri=s3://models/other"),
    (SURROUNDED, "explainer.parameters.seed=8"),
    (SURROUNDED, "explainer.replicas=2"),
    (OWNED, "server.replicas=3"),
    (OWNED, "server.capabilities=another"),
    (OWNED, "server.config=mlserver-gpu"),
    (SKLEARN + ONE, "server.name=mlserver-big"),
    (SHADOW, "strategy.shadow.percent=30"),
    (SHADOW, "strategy.shadow.replicas=2"),
    (CASES["blue-green-preview-host"], "strategy.blueGreen.host=b.example.com"),
]
"""A service file, and what is changed in it."""

REPLACED = [
    (ROLLING, ("format: onnx", "format: savedmodel")),
    (ROLLING, ("release: latest", "release: latest, service: letters")),
    (ROLLING, ("release: latest", "release: latest, format: sklearn")),
    (ROLLING, ("release: latest", "release: latest, runtime: mlserver")),
    (OWNED, ("pod: {nodeSelector: {pool: models}}", "pod: {nodeSelector: {pool: others}}")),
    (OWNED, ("priorityClassName: serving", "priorityClassName: other")),
    (OWNED, ("MLSERVER_PARALLEL_WORKERS", "MLSERVER_DEBUG")),
    (OWNED, ("azure: 11111111-2222-3333-4444-555555555555", "aws: 'arn:aws:iam::123456789012:role/models'")),
    (OWNED, ("azure: 11111111-2222-3333-4444-555555555555", "gcp: models@team-1.iam.gserviceaccount.com")),
    (SURROUNDED, ("logger: {}\n", "")),
    (SURROUNDED, ("rclone: models/s3", "rclone: models/other")),
    (CASES["graph"], ("stepsJoin: any", "stepsJoin: outer")),
    (CASES["graph"], ("deployed: small", "uri: s3://models/small")),
    (ROLLING, ("access:", "patches: {Model: {spec: {artifactVersion: 3}}}\naccess:")),
    (CASES["chain"], ("a.embedding: input_1", "a.embedding: input_2")),
    (CASES["ensemble"], ("scores_a", "one")),
    (MATCHED, ("a: 90, b: 10", "a: 80, b: 20")),
    (MATCHED, ("x-group: beta", "x-group: alpha")),
    (MATCHED, ("arm: c", "arm: d")),
    (CASES["canary-several"], ("percent: 5", "percent: 6")),
    (CASES["ab-match-istio"], ("default: a, match: [{variant: b", "default: b, match: [{variant: a")),
]


@pytest.mark.parametrize(("text", "assignment"), CHANGES, ids=lambda each: each[-40:])
def test_every_option_changes_what_is_rendered(text, assignment):
    assert rendered(text, sets=[assignment]).text != rendered(text).text


@pytest.mark.parametrize(("text", "change"), REPLACED, ids=lambda each: str(each[-1])[:40])
def test_so_does_every_part_that_is_no_single_value(text, change):
    assert change[0] in text
    assert rendered(text.replace(*change)).text != rendered(text).text


NOTED = {
    "the store's endpoint": (
        ROLLING.replace("s3://models}", "s3://models, endpoint: 'http://minio:9000'}"),
        "parameters.endpoint",
    ),
    "gRPC": (ROLLING.replace("memory", "protocol: grpc-v2, memory"), "at one address"),
    "by cpu": (ROLLING + "replicas: {max: 3, metric: cpu}\n", "by the requests that wait"),
    "by requests": (ROLLING + "replicas: {max: 3, metric: rps}\n", 'seldon_model_infer_total{model="'),
    "resources": (ROLLING + "resources: {limits: {cpu: 1}}\n", "resources isn't rendered"),
    "an account": (ROLLING + "serviceAccount: models\n", "serviceAccount isn't rendered"),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_is_honoured_elsewhere_is_told(case):
    text, message = NOTED[case]
    assert any(message in note for note in rendered(text).notes)


GRAPH = ONNX + THREE
REFUSED = {
    # strategies
    "sticky": (AB + GATEWAY + "strategy: {ab: {split: {a: 60, b: 30, c: 10}, sticky: arm}}\n", "x-seldon-route", "strategy.ab"),
    "by header without a gateway": (MATCHED.replace(GATEWAY, ""), "needs a Gateway", "gateway"),
    "by header, natively": (MATCHED.replace("strategy: {ab: {", "strategy: {ab: {by: native, "), "by native", "strategy.ab"),
    "by a graph": (CANARY.replace("step: 1", "step: 1, by: graph"), "by graph", "strategy.canary"),
    "a preview by host without a gateway": (CASES["blue-green-preview-host"].replace(GATEWAY, ""), "needs a Gateway", "gateway"),
    "a bandit": (GRAPH + "strategy: {bandit: {router: epsilon-greedy, variants: [a, b, c]}}\n", "platform seldon-core-1", "strategy.bandit"),
    "a combiner": (GRAPH + "strategy: {ensemble: {variants: [a, b, c], combiner: team/mean:1}}\n", "no image runs in it", "strategy.ensemble"),
    "a switch": (GRAPH + "strategy: {switch: {branches: [{variant: a, when: x}, {variant: b, when: z}, {variant: c}]}}\n", "no condition on a request", "strategy.switch"),
    "a switch by a router": (GRAPH + "strategy: {switch: {branches: [{variant: a}, {variant: b}, {variant: c}], router: team/router:1}}\n", "no image runs in it", "strategy.switch"),
    "a setting of KServe's": (ROUTED.replace("kind: seldon-core-2", "gatewayApi: true, kind: seldon-core-2"), "a setting of KServe's", "platform.gatewayApi"),
    # the model's files
    "a format in KServe's words": (ROLLING.replace("format: onnx", "format: onnx, modelFormat: onnx"), "by the name of a format", "model.modelFormat"),
    "a variant's format in KServe's words": (HEAD + 'variants: [{name: a, release: "1", modelFormat: onnx}]\n', "by the name of a format", "variants[0].modelFormat"),
    "an entry of a storage secret": (HEAD + "variants: [{name: a, storage: {key: a, path: text/1}}]\n", "no storage secret with entries", "variants[0].storage"),
    "files beside the model's own": (HEAD + 'variants: [{name: a, release: "1", beside: [{uri: s3://models/x, path: /mnt/x}]}]\n', "fetches one folder a model", "variants[0].beside"),
    # names
    "a name that is no name of an object": (ROLLING.replace("memory", "name: Digits_1, memory"), "lower-case letters", "model.name"),
    "a name too long for a Server's pods": (OWNED.replace("name: digits\n", f"name: {'d' * 53}\n"), "room for 52", "name"),
    "a name too long for an explainer": (SURROUNDED.replace("memory", f"name: {'d' * 60}, memory"), "more than 63", "model.name"),
    "a step called like its Pipeline": (CASES["graph"].replace("large", "digits"), "is called digits too", "strategy.graph.variants[2]"),
    # where the files lie
    "a Secret for a path": (CASES["canary-of-deployed"] + SECRET, "needs no Secret", "variants[1].uri"),
    "a claim": (ROLLING.replace("s3://models", "pvc://claim/models"), "can't read a release by pvc://", "store.url"),
    "a model hub": (ROLLING.replace("release: latest", "uri: 'hf://org/model'"), "no remote 'hf'", "variants[0].uri"),
    "two schemes and one Secret": (SECRET + SKLEARN + "variants: [{name: stable, release: latest}, {name: canary, uri: 'gs://b/m'}]\nstrategy: {canary: {stable: stable, variant: canary, steps: [5]}}\n", "holds one remote, named 's3'", "variants[1].uri"),
    "an explainer in another store": (SURROUNDED.replace("uri: s3", "uri: gs"), "holds one remote", "explainer.uri"),
    "a storage key": (ROLLING.replace("s3://models}", "s3://models, key: minio}"), "access.secret", "store.key"),
    "images": (ROLLING.replace("s3://models}", "s3://models, oci: registry.example.com/models, door: image-volume}"), "reads no registry", "store.door"),
    "a way to fetch": (ROLLING.replace("s3://models}", "s3://models, fetch: rclone}"), "agent downloads", "store.fetch"),
    "a Secret of several keys": (SURROUNDED.replace("keys: {", "keys: {other: x, "), "wants a Secret with one", "access.external.keys"),
    # the model
    "a version of the format": (ROLLING.replace("memory", "formatVersion: '1', memory"), "model.requirements", "model.formatVersion"),
    "thousandths of a byte": (ROLLING.replace("200Mi", "500m"), "whole bytes", "model.memory"),
    "a server's release without a Server": (ROLLING.replace("memory", "runtimeVersion: '24.05-py3', memory"), "server.config", "model.runtimeVersion"),
    "a server's release and image": (OWNED.replace("container: {env", "container: {image: x, env").replace("memory: 200Mi", "memory: 200Mi, runtimeVersion: '1'"), "says this already", "model.runtimeVersion"),
    "gRPC through a route": (ROLLING.replace("memory", "protocol: grpc-v2, memory") + GATEWAY, "HTTP/2", "model.protocol"),
    "another protocol": (ROLLING.replace("memory", "protocol: v1, memory"), "It speaks v2, grpc-v2", "model.protocol"),
    "parameters for Triton": (ROLLING.replace("memory", "parameters: {a: b}, memory"), "config.pbtxt", "model.parameters"),
    "PMML": (ROLLING.replace("format: onnx", "format: pmml"), "no server for the format 'pmml'", "model.format"),
    "a runtime of another platform": (ROLLING.replace("format: onnx", "format: onnx, runtime: kserve"), "Known runtimes for it: triton, mlserver", "model.runtime"),
    "custom without a word": (HEAD + "model: {format: custom}\n" + ONE, "[mlserver, python]", "model.format"),
    "a rolling update of what is there": (HEAD + "variants: [{name: stable, deployed: iris}]\n", "models of its own", "variants[0].deployed"),
    "scaling of what is there": (CASES["canary-of-deployed"] + KEDA, "whoever put it there", "replicas.metric"),
    "a Server for what is there": (HEAD + "variants: [{name: a, deployed: a}, {name: b, deployed: b}]\nstrategy: {ab: {split: {a: 50, b: 50}}}\nserver: {config: mlserver}\n", "could run", "server.config"),
    # variants
    "a model in an image": (HEAD + "variants: [{name: stable, container: {image: team/model:1}}]\n", "loads models into Servers", "variants[0].container"),
    "a container of a variant": (CANARY.replace("release: latest", "release: latest, container: {env: []}"), "loads models into Servers", "variants[1].container"),
    "resources of a variant": (CANARY.replace("release: latest", "release: latest, resources: {limits: {cpu: 1}}"), "share a Server", "variants[1].resources"),
    "a release of a variant's server": (CANARY.replace("release: latest", "release: latest, runtimeVersion: '1'"), "share a Server", "variants[1].runtimeVersion"),
    # replicas
    "a behavior of its own autoscaling": (ROLLING + "replicas: {max: 3, behavior: {scaleUp: {stabilizationWindowSeconds: 60}}}\n", "knows no behavior", "replicas.behavior"),
    "no replicas": (ROLLING + "replicas: {min: 0}\n", "never gets Ready", "replicas.min"),
    "from outside before 2.8": (KEYED.replace("2.10", "2.7"), "2.8.4", "replicas.metric"),
    "one query for several": (AB + KEDA + "strategy: {ab: {split: {a: 60, b: 30, c: 10}}}\n", "several Models", "replicas.metric"),
    "by an HPA": (ROLLING + "replicas: {max: 3, scaler: hpa}\n", "with it by KEDA", "replicas.scaler"),
    "by KEDA without a query": (ROLLING + "replicas: {max: 3, scaler: keda}\n", "with it by KEDA", "replicas.scaler"),
    "a surge": (ROLLING + "rollout: {maxSurge: '1'}\n", "serves until the new one", "rollout.maxSurge"),
    "pods that may be missing": (ROLLING + "rollout: {maxUnavailable: '1'}\n", "serves until the new one", "rollout.maxUnavailable"),
    "a deadline": (ROLLING + "rollout: {deadline: 60}\n", "no deadline", "rollout.deadline"),
    # pods without a Server
    "a container": (ROLLING + "container: {env: [{name: A, value: b}]}\n", "server: {config: mlserver}", "container"),
    "pods": (ROLLING + "pod: {nodeSelector: {a: b}}\n", "server: {config: mlserver}", "pod"),
    "an identity": (ONNX + ONE + "access: {identity: {gcp: models@team-1.iam.gserviceaccount.com}}\n", "server: {config: mlserver}", "access.identity"),
    "a budget": (ROLLING + "replicas: {available: '1'}\n", "server: {config: mlserver}", "replicas.available"),
    # around the model
    "a transformer": (ROLLING + "transformer: {container: {image: team/t:1}}\n", "strategy.chain", "transformer"),
    "a batcher": (ROLLING + "batcher: {maxSize: 8}\n", "dynamic_batching", "batcher"),
    "a logger's address": (ROLLING + "logger: {url: 'http://sink'}\n", "Kafka", "logger.url"),
    "half a logger": (ROLLING + "logger: {mode: request}\n", "or neither", "logger.mode"),
    "an explainer of another platform": (SURROUNDED.replace("anchor_tabular", "AnchorTabular"), "anchor_tabular", "explainer.type"),
    "an explainer in an image": (SURROUNDED.replace("type: anchor_tabular", "container: {image: team/e:1}"), "of alibi only", "explainer.container"),
    "an explainer without files": (SURROUNDED.replace(", uri: s3://models/explainers/digits/3", ""), "Add uri", "explainer"),
    "an explainer's release": (SURROUNDED.replace("type: anchor", "runtimeVersion: '1', type: anchor"), "its Server has", "explainer.runtimeVersion"),
    "an explainer's resources": (SURROUNDED.replace("type: anchor", "resources: {limits: {cpu: 1}}, type: anchor"), "beside others", "explainer.resources"),
    "an explainer of no replicas": (SURROUNDED.replace("type: anchor", "replicas: 0, type: anchor"), "never gets Ready", "explainer.replicas"),
    # the Server
    "two Servers": (OWNED.replace("config: mlserver", "config: mlserver, name: other"), "Keep one", "server.name"),
    "a Server too small": (OWNED.replace("mlserver, replicas: 2", "mlserver, replicas: 1"), "Write 2", "server.replicas"),
    "a Server that can't grow": (OWNED.replace("2.10", "2.8"), "Core 2.9", "server.replicas"),
    "a budget of all pods": (OWNED.replace('available: "1"', 'available: "2"'), "no node can be drained", "replicas.available"),
    "a Server for another model server": (OWNED.replace("config: mlserver", "config: triton"), "runs triton", "server.config"),
    "two model servers on one Server": (
        OWNED.replace("config: mlserver", "config: both").replace(ONE, TWO.replace("release: latest", "release: latest, format: onnx"))
        + "strategy: {canary: {stable: stable, variant: canary, steps: [5]}}\n",
        "runs on triton", "server.config",
    ),
    # the gateway
    "an unknown release of Gateway API": (CANARY + GATEWAY.replace("}", ", version: '9.9'}"), "isn't known", "gateway.version"),
}  # fmt: skip
"""A service file, a part of the message, and the place that it names."""


@pytest.mark.parametrize("case", REFUSED)
def test_what_core_2_cannot_do_is_refused_with_the_alternative(case):
    text, message, path = REFUSED[case]
    with pytest.raises(InputError) as raised:
        rendered(text)
    assert message in str(raised.value)
    assert raised.value.fix
    assert raised.value.place.path == path
    assert raised.value.place.line


def test_a_release_without_the_layout_is_refused_with_the_command_that_makes_it():
    from core2 import release

    from kit import locked

    with pytest.raises(InputError, match="no layout triton") as raised:
        rendered(ROLLING, locked(stable=release("latest", 1, layouts=("mlserver",))))
    assert "serinus publish" in raised.value.fix


ELSEWHERE = {
    "apiVersion", "kind", "name", "platform.kind", "platform.mode", "store.publish", "store.oci", "store.base", "model.runtimes", "model.formats", "model.gate", "model.probe", "model.source",
    "variants.name", "variants.release", "environments",
    "strategy.canary.stable", "strategy.canary.variant", "strategy.canary.alongside.variant", "strategy.canary.alongside.replicas",
    "strategy.rolling.variant", "strategy.ab.match.variant", "strategy.ab.by", "strategy.shadow.stable", "strategy.shadow.variant",
    "network.callers", "network.ports",
    "strategy.blueGreen.active", "strategy.blueGreen.preview", "strategy.ensemble.variants", "strategy.chain.variants",
}  # fmt: skip
"""Keys that make other commands or the plan, which has tests of its own, or that the golden files show."""


def leaves(node, path=()):
    """The paths of a JSON Schema's single values, without the steps into lists and free mappings."""
    found = node.get("properties")
    if found:
        for key, each in found.items():
            yield from leaves(each, (*path, key))
    elif node.get("type") == "array" or "items" in node:
        yield from leaves(node["items"], path)
    else:
        yield ".".join(path)


def test_no_key_of_the_service_file_is_forgotten():
    seen = {path for _, _, path in REFUSED.values()} | {assignment.partition("=")[0] for _, assignment in CHANGES}
    seen |= {re.sub(r"\[\d+\]", "", path) for path in seen} | ELSEWHERE
    shown = "\n".join([*CASES.values(), *(change[1] for _, change in REPLACED), *(text for text, _ in NOTED.values())])

    def known(leaf):
        parts = leaf.split(".")
        below = any(".".join(parts[:count]) in seen for count in range(1, len(parts) + 1))
        above = any(each.startswith(f"{leaf}.") for each in seen)
        return below or above or leaf.startswith(("model.train", "training")) or f"{parts[-1]}:" in shown

    forgotten = [leaf for leaf in leaves(schema()) if not known(leaf)]
    assert not forgotten


def test_nothing_is_said_twice_in_one_namespace():
    for text in CASES.values():
        objects = [(each["kind"], each["metadata"]["name"]) for each in documents(text)]
        assert len(objects) == len(set(objects))
