"""What Seldon Core 1 can't do is refused when the file is loaded; what it can, each key of the file changes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from seldon_core_1 import (
    BANDIT,
    CANARY,
    CHAIN,
    COOKIE,
    HEADER,
    ISTIO,
    ROUTER,
    SKLEARN,
    documents,
    rendered,
    text,
)
from test_seldon_core_1 import ACCESS, CASES, CUSTOM, EXPLAINER, FRAGMENTS, PROMETHEUS, SCALED, TRANSFORMER

from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.errors import InputError
from generator.loading.load import load
from generator.plan import lock
from generator.platforms.base import FEATURES, Level
from generator.platforms.seldon_core_1 import PLATFORM
from generator.reading.documents import read
from generator.rendering.render import render
from generator.text.yaml import scalar
from kit import ROOT, locked, pin

SHARED = Path(__file__).resolve().parents[3] / "shared"

V2 = "format: sklearn"

REFUSED = {
    "an unknown mode": (text(mode="knative"), "no mode 'knative'"),
    "an unknown release": (text().replace('"1.18"', '"1.16"'), 'Known releases: "1.17", "1.18"'),
    "an unknown format": (text(model="format: pmml"), "no server for the format 'pmml'"),
    "an unknown runtime": (text(model="format: onnx, runtime: torchserve"), "Known runtimes for it: triton, mlserver"),
    "a mesh that isn't there": (text(CANARY, mode="none"), "needs a Gateway"),
    "a cookie without a gateway": (text(COOKIE), "needs a Gateway"),
    "an average of no combiner": (text("{ensemble: {variants: [a, b]}}"), "AVERAGE_COMBINER isn't implemented"),
    "a condition": (text("{switch: {branches: [{variant: a, when: x}, {variant: b}]}}"), "has no conditions"),
    "a condition beside a router": (text(ROUTER.replace("variant: a", "variant: a, when: x")), "the router's image chooses"),
    "a branch twice": (text(ROUTER.replace("variant: b", "variant: a")), "is a branch already"),
    "three in a draw": (
        text("{ab: {split: {a: 50, b: 30, c: 20}, by: graph}}"),
        "draws between two",
    ),
    "a fraction": (text("{ab: {split: {a: 99.5, b: 0.5}}}"), "a whole percentage"),
    "a parameter of another router": (text(BANDIT.replace("epsilon:", "temperature:"), model=SKLEARN), "takes no parameter"),
    "a share above one": (text(BANDIT.replace("'0.1'", "'1.5'"), model=SKLEARN), "is no FLOAT"),
    "a bandit in v2": (text(BANDIT, model=V2), "The protocol seldon has the runtime seldon"),
    "a bandit over TensorFlow's protocol": (text(BANDIT, model="format: savedmodel, protocol: v1"), "speaks the protocol seldon only"),
    "a graph of MLServers": (text(CHAIN, model=V2), "a model of its unit's name only"),
    "a transformer before a graph": (text(CHAIN, more=TRANSFORMER), "before a graph isn't rendered"),
    "a transformer that is passed by": (text(more=TRANSFORMER), "past the transformer"),
    "a transformer without pods": (text(model=SKLEARN, more=TRANSFORMER.replace("replicas: 2", "replicas: 0")), "from ever being ready"),
    "a transformer without a request": (text(model=SKLEARN, more=TRANSFORMER.replace("cpu: 100m", "memory: 1Gi")), "it requests none"),
    "two protocols": (
        text(CANARY, model=V2).replace('release: "2"', 'release: "2", runtime: seldon'),
        "a SeldonDeployment has one for all",
    ),
    "a protocol that isn't spoken": (text(model="format: savedmodel, protocol: v2"), "doesn't speak the protocol v2"),
    "no pods": (text(more="replicas: {min: 0}\n"), "never counts as ready"),
    "requests a second": (text(more="replicas: {min: 1, max: 2, metric: rps}\n"), "can't scale by rps"),
    "Knative's scaler": (text(more="replicas: {min: 1, max: 2, scaler: kpa}\n"), "kpa is Knative's"),
    "an HPA on Prometheus": (text(more=PROMETHEUS.replace("max: 6", "max: 6, scaler: hpa")), "doesn't ask Prometheus"),
    "nothing to divide by": (text(more=SCALED).replace("requests: {cpu: 500m, memory: 1Gi}, ", ""), "requests none"),
    "surge": (text(more='rollout: {maxSurge: "1"}\n'), "at most 10 %"),
    "unavailable": (text(more='rollout: {maxUnavailable: "1"}\n'), "at most 10 %"),
    "a format's version": (text(model='format: savedmodel, formatVersion: "1"'), "chooses no server by it"),
    "batches": (text(more="batcher: {maxSize: 8}\n"), "gathers no requests"),
    "a parameter that crashes": (text(model=f"{SKLEARN}, parameters: {{threads: '2'}}"), "takes no parameter 'threads'"),
    "a method that is ignored": (text(model=f"{SKLEARN}, parameters: {{method: predict_log}}"), "knows no method"),
    "a Secret without the remote": (text(more=ACCESS.replace("RCLONE_CONFIG_S3_TYPE: models#type, ", "")), "gets no RCLONE_CONFIG_S3_TYPE"),
    "the pod's security": (text(more="pod: {securityContext: {runAsUser: 1}}\n"), "writes the pods' security context"),
    "an argument": (text(more="container: {args: [--enable_batching]}\n"), "only where there are none"),
    "a port": (text(model=V2, more="container: {ports: [{name: x, containerPort: 1}]}\n"), "ports over these"),
    "a name of the container": (text(more="container: {name: x}\n"), "Say it by model.name"),
    "resources twice": (
        text().replace('release: "1"', 'release: "1", container: {resources: {}}'), "the service file says this by resources"),
    "a release twice": (text(model='format: savedmodel, runtimeVersion: "2.20.0"', more="container: {image: x}\n"), "says its release already"),
    "a custom model without an image": (text(model=CUSTOM), "is in its image"),
    "a runtime of a server that the cluster has": (text(model="format: custom, modelFormat: MY_SERVER, runtime: x"), "seldon-config says what MY_SERVER runs"),
    "a release of a server that the cluster has": (text(model='format: custom, modelFormat: MY_SERVER, runtimeVersion: "1"'), "seldon-config says what MY_SERVER runs"),
    "files that nobody fetches": (
        text(model=CUSTOM).replace('{name: a, release: "1"}', "{name: a, uri: 's3://x/y', container: {image: x}}"),
        "nobody would fetch the files",
    ),
    "a path on the servers": (
        text().replace('release: "1"', "uri: /mnt/digits"), "is a path on the servers"),
    "an explanation on the servers": (text(more="explainer: {type: ALE, uri: /mnt/e}\n"), "is a path on the servers"),
    "a graph of one's own without a graph": (text("{graph: {variants: [a], spec: {x: y}}}"), "a predictor has a graph"),
    "a graph of one's own with something that isn't read": (
        text("{graph: {variants: [a], spec: {graph: {name: a}, ssl: {certSecretName: x}}}}"),
        "ssl isn't read here",
    ),
    "a graph of one's own whose pods are no list": (
        text("{graph: {variants: [a], spec: {graph: {name: a}, componentSpecs: {}}}}"),
        "this is a list",
    ),
    "a name for a unit of a graph": (
        text("{graph: {variants: [a], spec: {graph: {name: a}}}}").replace('release: "1"', 'release: "1", object: x'),
        "no name of its own",
    ),
    "what is deployed": (text().replace('release: "1"', "deployed: digits"), "with models of its own"),
    "an explainer without a type": (text(more="explainer: {container: {image: x}}\n"), "no explainer without a type"),
    "an unknown explainer": (text(more="explainer: {type: Anchor}\n"), "knows no explainer 'Anchor'"),
    "an environment that is overwritten": (
        text(model=V2, more="explainer: {type: ALE, container: {env: [{name: x, value: y}]}}\n"), "its own env"),
    "arguments that are overwritten": (text(more="explainer: {type: ALE, container: {args: [x]}}\n"), "its own args"),
    "an explainer without pods": (text(more="explainer: {type: ALE, replicas: 0}\n"), "from ever being ready"),
    "an annotation of ours": (text(more="annotations: {seldon.io/istio-host: x}\n"), "Say it by gateway.host"),
    "two headers": (
        text(HEADER.replace("x-group: beta", "x-group: beta, x-user: me"), mode="ambassador"), "holds one header"),
    "a header with a colon": (text(HEADER.replace("beta", "'be:ta'"), mode="ambassador"), "splits"),
    "a header for who has a share": (
        text("{ab: {split: {a: 50, b: 50}, match: [{variant: b, headers: {x-group: beta}}]}}", mode="ambassador"),
        "which then gets nothing else",
    ),
    "a timeout of months": (text(more=ISTIO.replace("}\n", ", timeout: 99999h}\n")), "at most 24 days"),
    "capitals": (text(model="format: savedmodel, name: Digits"), "names the container"),
    "a unit's label": (text(model=f"format: savedmodel, name: {'d' * 49}"), "leaves 48"),
    "a unit twice": (text(CHAIN).replace("name: digits\n", "name: a\n"), "is the name of the graph's first unit"),
    "another folder": (
        text(model="format: onnx").replace('release: "1"', 'release: "1", service: numbers'), "the name of its folder"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_its_place_and_a_way_out(case):
    written, message = REFUSED[case]
    with pytest.raises(InputError) as raised:
        rendered(written)
    assert message in str(raised.value)
    assert raised.value.place.line


def test_a_release_without_the_layout_is_refused_with_the_command_that_makes_it():
    with pytest.raises(InputError, match="has no layout plain") as raised:
        rendered(text(model=SKLEARN), locked(a=pin("1", 1, "a")))
    assert "Publish the model with it: serinus publish serinus.yaml --model PATH" in str(raised.value)


@pytest.mark.parametrize("mode", PLATFORM.modes)
@pytest.mark.parametrize("release", PLATFORM.releases)
def test_every_row_has_a_cell_and_a_no_has_an_alternative(mode, release):
    for feature in FEATURES:
        ways = PLATFORM.ways(feature, mode, release)
        assert all(cell in PLATFORM.cells for cell in ways), f"{feature} in mode {mode}"
        assert all(cell.instead for cell in ways if cell.level is Level.NO)
        assert len({cell.way for cell in ways}) == len(ways)


BASE = text(CANARY, model="format: sklearn", more=ISTIO + SCALED)


@pytest.mark.parametrize(
    "assignment",
    ["namespace=other", "labels.team=a", "annotations.a=b", "platform.version=1.17", "platform.mode=ambassador",
     "store.url=s3://other", "model.runtime=seldon", "model.runtimeVersion=1.6.0", "model.protocol=grpc-v2", "model.name=other",
     "strategy.canary.step=2", "strategy.canary.steps=7,100", "strategy.canary.replicas=3", "strategy.canary.by=gateway",
     "gateway.name=other", "gateway.namespace=other", "gateway.host=a.example.com", "gateway.timeout=5s",
     "replicas.min=1", "replicas.max=7", "replicas.target=71", "replicas.metric=memory", "replicas.scaler=keda", "replicas.available=50%",
     "rollout.deadline=60", "resources.limits.cpu=3", "serviceAccount=other", "access.secret=other"],
)  # fmt: skip
def test_every_option_changes_what_is_rendered(assignment):
    section = {
        "a": pin("1", 1, "a", layouts=("mlserver", "plain")),
        "b": pin("2", 2, "b", layouts=("mlserver", "plain")),
    }
    lock = locked(**section)
    assert rendered(BASE, lock, sets=[assignment]).text != rendered(BASE, lock).text


@pytest.mark.parametrize(
    "more",
    ["logger: {mode: request}\n", "logger: {url: 'http://sink'}\n", EXPLAINER, FRAGMENTS, "container: {image: 'registry.example.com/own:1'}\n",
     "access: {identity: {aws: 'arn:aws:iam::123456789012:role/reader'}}\n", "explainer: {type: ALE, runtimeVersion: 1.7.1}\n",
     "explainer: {type: ALE, resources: {requests: {cpu: 1}}}\n", "explainer: {type: ALE, container: {image: x}}\n", "explainer: {type: ALE, replicas: 2}\n"],
)  # fmt: skip
def test_every_part_changes_what_is_rendered(more):
    assert (
        len(
            {rendered(text(model="format: sklearn", more=each)).text for each in ("", more, "explainer: {type: ALE}\n")}
        )
        == 3
    )


@pytest.mark.parametrize("case", CASES)
def test_our_own_checks_have_nothing_to_say(case):
    found = read(rendered(CASES[case]).text, "a.yaml")
    told = check(found, options=Options(strict=True)).findings
    assert [f"{one.rule} {one.message}" for one in told if one.severity is not Severity.NOTE] == []


def hostile(value):
    return text(
        more=f"annotations: {{note: {scalar(value)}}}\ncontainer: {{env: [{{name: A, value: {scalar(value)}}}]}}\n"
    )


@pytest.mark.parametrize(
    "value", ["yes", "null", "1e3", ": ", "#", "{{ x }}", "'\"", "a\nb\n", "🦆", "x" * 4096, "{% if %}"]
)
def test_hostile_text_reads_back_as_it_was(value):
    (document,) = documents(hostile(value))
    assert document["metadata"]["annotations"]["note"] == value
    (pod,) = document["spec"]["predictors"][0]["componentSpecs"]
    assert pod["spec"]["containers"][0]["env"] == [{"name": "A", "value": value}]


def strict(schema):
    """A CRD's schema as plain JSON Schema that refuses unknown fields: a reading by another library than ours."""
    if not isinstance(schema, dict):
        return schema
    apart = ("default", "format", "nullable")
    made = {key: value for key, value in schema.items() if not key.startswith("x-") and key not in apart}
    if "properties" in made:
        made["properties"] = {name: strict(each) for name, each in made["properties"].items()}
        made.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = strict(made[key])
    return made


@pytest.fixture(scope="module")
def crd():
    folder = SHARED / "crds" / "seldon-core-1"
    if not folder.is_dir():
        pytest.skip("the real CRDs lie beside the project only where it is developed")

    def of(release):
        (file,) = next(folder.glob(f"{release}.*")).glob("seldondeployments.*.json")
        versions = json.loads(file.read_text())["spec"]["versions"]
        (schema,) = [each["schema"]["openAPIV3Schema"] for each in versions if each["name"] == "v1"]
        wanted = strict(schema)
        wanted["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}}
        return jsonschema.Draft7Validator(wanted)

    return {release: of(release) for release in PLATFORM.releases}


@pytest.mark.parametrize("case", CASES)
def test_the_real_crds_take_every_golden_document(crd, case):
    for document in documents(CASES[case]):
        for validator in crd.values() if document["kind"] == "SeldonDeployment" else ():
            assert [error.message for error in validator.iter_errors(document)] == []


EXAMPLES = sorted((ROOT / "examples").glob("seldon-core-1-*/serinus.yaml"))


def example(path):
    return load(path), lock.read(path.parent / "serinus.lock")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_renders_and_our_own_checks_have_nothing_to_say(path):
    found = read(render(*example(path)).text, "a.yaml")
    told = check(found, options=Options(strict=True)).findings
    assert [f"{one.rule} {one.message}" for one in told if one.severity is not Severity.NOTE] == []


def test_every_row_that_can_be_done_has_an_example():
    shown = {feature for path in EXAMPLES for feature in example(path)[0].strategy.chosen.features()}
    able = {cell.feature for cell in PLATFORM.cells if cell.level is not Level.NO}
    assert able <= shown
