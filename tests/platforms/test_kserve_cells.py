"""KServe's table of capabilities: every row is there, and what it promises is rendered and stands before our checks."""

from __future__ import annotations

import itertools

import pytest

from generator.errors import InputError
from generator.platforms import platforms
from generator.platforms.base import FEATURES, GATEWAY, GRAPH, NATIVE, Level, numbers
from goldens import golden
from kit import locked, pin
from kserve_kit import LAYOUTS, STRATEGIES, TWO, complaints, documents, lock, of_kind, rendered, text

KSERVE = platforms()["kserve"]
PLACES = list(itertools.product(KSERVE.releases, KSERVE.modes))
CHOOSABLE = ("canary", "canaries", "ab-weight", "ab-header", "ab-cookie", "ab-sticky")
"""Rows of strategies that have ``by``."""


@pytest.mark.parametrize(("release", "mode"), PLACES)
def test_the_table_speaks_of_every_row(release, mode):
    for feature in FEATURES:
        ways = KSERVE.ways(feature, mode, release)
        assert all(cell in KSERVE.cells for cell in ways), feature
        assert len({cell.way for cell in ways}) == len(ways), feature
        for cell in ways:
            assert cell.sentence.endswith("."), cell
            assert bool(cell.instead) == (cell.level is Level.NO), cell


@pytest.mark.parametrize(("release", "mode"), PLACES)
@pytest.mark.parametrize("feature", STRATEGIES)
def test_what_the_table_promises_is_rendered_and_valid(release, mode, feature):
    for cell in KSERVE.ways(feature, mode, release):
        by = cell.way if feature in CHOOSABLE and cell.level is not Level.NO else ""
        written = text(feature, release=release, mode=mode, by=by)
        if cell.level is Level.NO:
            with pytest.raises(InputError) as raised:
                rendered(written)
            if feature != "tensors" or release != "0.15":  # there the chain itself can't be done, which is said first
                assert cell.sentence in str(raised.value)
                assert cell.instead in str(raised.value)
            assert raised.value.place.line
        else:
            assert complaints(rendered(written)) == []


@pytest.mark.parametrize(
    ("release", "mode", "by"),
    [(release, mode, cell.way) for release, mode in PLACES for cell in KSERVE.ways("canary", mode, release)],
)
def test_a_step_changes_nothing_but_the_weights(release, mode, by):
    written = text("canary", release=release, mode=mode, by=by)
    texts = [rendered(written, sets=[f"strategy.canary.step={step}"]).text.splitlines() for step in range(5)]
    for before, after in itertools.pairwise(texts):
        names = {
            line.strip().removeprefix("- ").split(":")[0]
            for one, line in zip(before, after, strict=True)
            if one != line
        }
        assert names
        assert names <= {"weight", "percent", "trafficPercent", "canaryTrafficPercent"}


OWN_ROUTES = dict(release="0.21", own_routes=True, gateway=None)


def test_where_kserves_own_routes_split_nothing_of_ours_does():
    found = documents(text("canary", **OWN_ROUTES))
    assert {each["kind"] for each in found} == {"InferenceService"}
    (service,) = found
    assert "networking.kserve.io/visibility" not in service["metadata"]["labels"]
    assert [each["trafficPercent"] for each in service["spec"]["canary"]] == [5]
    notes = rendered(text("canary", **OWN_ROUTES)).notes
    assert any("enableGatewayApi: true" in note for note in notes)
    assert not any("are lost" in note for note in notes), "they lead to no canary that isn't ready"


@pytest.mark.parametrize("feature", ["canary", "canaries"])
def test_a_step_of_kserves_own_routes_changes_the_percent_alone(feature):
    written = text(feature, **OWN_ROUTES)
    texts = [rendered(written, sets=[f"strategy.canary.step={step}"]).text.splitlines() for step in range(5)]
    for before, after in itertools.pairwise(texts):
        names = [
            line.strip().removeprefix("- ").split(":")[0]
            for one, line in zip(before, after, strict=True)
            if one != line
        ]
        assert names == ["trafficPercent"]


@pytest.mark.parametrize("own_routes", [False, True])
def test_behind_a_gateway_of_its_own_a_canary_of_0_21_has_our_route_with_the_same_shares(own_routes):
    for step in range(5):
        sets = [f"strategy.canary.step={step}"]
        found = documents(text("canary", release="0.21", own_routes=own_routes), sets=sets)
        (service,) = of_kind(found, "InferenceService").values()
        percent = service["spec"]["canary"][0]["trafficPercent"]
        route = of_kind(found, "HTTPRoute")["digits-split"]
        assert weights(route) == {"digits-r1-predictor": 100 - percent, "digits-r2-predictor": percent}
        assert service["metadata"]["labels"]["networking.kserve.io/visibility"] == "cluster-local"


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        (text("canary", release="0.21", gateway=None), "gateway", "platform.gatewayApi: true"),
        (text("canary", release="0.20", own_routes=True), "platform.gatewayApi", "from 0.21 on"),
        (text("canary", release="0.21", mode="knative", own_routes=True), "platform.gatewayApi", "in mode standard"),
        (text("canary", **OWN_ROUTES, more="transformer: {container: {image: a}}\n"), "transformer", "by: gateway"),
        (text("canary", **OWN_ROUTES, more="explainer: {container: {image: a}}\n"), "explainer", "split nothing"),
    ],
)
def test_what_kserves_own_routes_cannot_do_is_refused(written, path, message):
    with pytest.raises(InputError) as raised:
        rendered(written)
    assert (raised.value.place.path, message in str(raised.value)) == (path, True)


@pytest.mark.parametrize(("uri", "since"), [("oci+native://r/m", "0.20"), ("oci+fetch://r/m", "0.21")])
def test_an_address_is_taken_from_the_release_on_that_reads_it(uri, since):
    written = text(release="%s", model="sklearn").replace('release: "1"', f"uri: {uri}")
    for release in KSERVE.releases:
        if numbers(release) >= numbers(since):
            assert uri in rendered(written % release).text
        else:
            with pytest.raises(InputError, match=f"It can from {since} on"):
                rendered(written % release)


def test_modelscope_needs_a_container_of_the_clusters_own_before_0_21():
    for release in KSERVE.releases:
        notes = rendered(text(release=release, model="sklearn").replace('release: "1"', "uri: modelscope://a/b")).notes
        assert any("ClusterStorageContainer" in note for note in notes) == (numbers(release) < numbers("0.21"))


def test_what_is_fetched_out_of_an_image_has_nothing_beside_it():
    beside = 'uri: "oci+fetch://r/m", beside: [{uri: s3://models/x, path: /mnt/x}]'
    with pytest.raises(InputError, match="fetches nothing else"):
        rendered(text(release="0.21", model="sklearn").replace('release: "1"', beside))


GOLDEN = {
    "0.15-standard-canary": dict(feature="canary", release="0.15"),
    "0.15-knative-rolling": dict(feature="rolling", release="0.15", mode="knative"),
    "0.16-standard-canary": dict(feature="canary", release="0.16"),
    "0.16-standard-chain": dict(feature="chain", release="0.16"),
    "0.17-standard-ab-weight": dict(feature="ab-weight", release="0.17"),
    "0.17-knative-canary": dict(feature="canary", release="0.17", mode="knative"),
    "0.18-standard-shadow": dict(feature="shadow", release="0.18"),
    "0.19-knative-rolling": dict(feature="rolling", release="0.19", mode="knative"),
    "0.19-standard-canaries": dict(feature="canaries", release="0.19"),
    "0.21-standard-canary": dict(feature="canary", release="0.21"),
    "0.21-standard-canary-own-routes": dict(feature="canary", release="0.21", own_routes=True, gateway=None),
    "0.21-standard-canaries-own-routes": dict(feature="canaries", release="0.21", own_routes=True, gateway=None),
    "0.21-knative-canary": dict(feature="canary", release="0.21", mode="knative"),
    "standard-canary-by-gateway": dict(feature="canary", by=GATEWAY),
    "standard-canary-by-graph": dict(feature="canary", by=GRAPH),
    "standard-canaries": dict(feature="canaries"),
    "standard-ab-weight": dict(feature="ab-weight"),
    "standard-ab-by-graph": dict(feature="ab-weight", by=GRAPH, gateway=None),
    "standard-ab-header": dict(feature="ab-header"),
    "standard-ab-cookie": dict(feature="ab-cookie"),
    "standard-ab-sticky": dict(feature="ab-sticky"),
    "standard-ab-istio": dict(feature="ab-cookie", gateway=", api: istio"),
    "standard-shadow": dict(feature="shadow"),
    "standard-shadow-percent": dict(feature="shadow-percent"),
    "standard-blue-green": dict(feature="preview-host"),
    "standard-ensemble": dict(feature="ensemble"),
    "standard-chain": dict(feature="chain"),
    "standard-switch": dict(feature="switch", gateway=None),
    "knative-canary-by-gateway": dict(feature="canary", mode="knative", by=GATEWAY),
    "knative-canary-by-graph": dict(feature="canary", mode="knative", by=GRAPH),
    "knative-canaries-istio": dict(feature="canaries", mode="knative", gateway=", api: istio"),
    "knative-shadow": dict(feature="shadow-percent", mode="knative"),
    "knative-ab-weight": dict(feature="ab-weight", mode="knative", gateway=None),
    "knative-ab-cookie": dict(feature="ab-cookie", mode="knative"),
    "knative-blue-green": dict(feature="preview-host", mode="knative"),
    "standard-graph": dict(feature="graph", gateway=None),
    "knative-ensemble": dict(feature="ensemble", mode="knative", gateway=None),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case):
    golden(f"kserve/{case}.yaml", rendered(text(**GOLDEN[case])).text)


def weights(route):
    """Service to its weight, or the host that it is asked for."""
    return {each["name"]: each["weight"] for each in route["spec"]["rules"][-1]["backendRefs"]}


def test_promoting_a_canary_of_two_services_keeps_its_pods():
    """The canary's InferenceService is, byte for byte, what the stable one's is after the promotion."""
    before = text("canary", release="0.19")
    after = before.replace('a, release: "1"', 'a, release: "2"')
    tried = of_kind(documents(before), "InferenceService")["digits-r2"]

    pins = dict(lock().services["digits"])
    second = pin("2", 2, "b", layouts=pins["b"].layouts, runtimes={})
    promoted = documents(after, locked(a=second, b=second))
    assert of_kind(promoted, "InferenceService") == {"digits-r2": tried}
    assert weights(of_kind(promoted, "HTTPRoute")["digits-split"]) == {"digits-r2-predictor": 100}


def test_a_new_release_of_an_arm_keeps_the_names():

    newer = locked(**{**lock().services["digits"], "b": pin("3", 3, "c", layouts=LAYOUTS, runtimes={})})
    old = documents(text("ab-weight"))
    new = documents(text("ab-weight").replace(TWO, TWO.replace('"2"', '"3"')), newer)
    assert [each["metadata"] for each in old] == [each["metadata"] for each in new]
    assert old[0] == new[0]
    assert old[1] != new[1]


def test_blue_green_switches_the_route_and_nothing_else():
    old = documents(text("blue-green"))
    new = documents(text("blue-green").replace("active: a, preview: b", "active: b, preview: a"))
    assert of_kind(old, "InferenceService") == of_kind(new, "InferenceService")
    assert weights(of_kind(old, "HTTPRoute")["digits-split"]) == {"digits-a-predictor": 100}
    assert weights(of_kind(new, "HTTPRoute")["digits-split"]) == {"digits-b-predictor": 100}


def test_a_knative_route_shares_out_and_the_gateway_asks_for_it_by_its_name():
    found = documents(text("canary", mode="knative", by=GATEWAY))
    traffic = of_kind(found, "Route")["digits-split"]["spec"]["traffic"]
    assert [(each["configurationName"], each["percent"]) for each in traffic] == [
        ("digits-r1-predictor", 95),
        ("digits-r2-predictor", 5),
    ]
    (rule,) = of_kind(found, "HTTPRoute")["digits-split"]["spec"]["rules"]
    assert rule["filters"][0]["urlRewrite"] == {"hostname": "digits-split.models.svc.cluster.local"}
    assert (rule["backendRefs"][0]["name"], rule["backendRefs"][0]["namespace"]) == (
        "knative-local-gateway",
        "istio-system",
    )
    notes = rendered(text("canary", mode="knative", by=GATEWAY)).notes
    assert any("ReferenceGrant" in note for note in notes)
    assert not rendered(text("canary", mode="knative", by=GATEWAY, gateway=", api: istio")).notes


@pytest.mark.parametrize("mode", KSERVE.modes)
def test_services_behind_a_route_answer_to_one_name_and_have_no_other_way_in(mode):
    label = {"standard": "networking.kserve.io/visibility", "knative": "networking.knative.dev/visibility"}[mode]
    for service in of_kind(documents(text("ab-header", mode=mode)), "InferenceService").values():
        assert service["spec"]["predictor"]["model"]["args"] == ["--model_name=digits"]
        assert service["metadata"]["labels"][label] == "cluster-local"


@pytest.mark.parametrize(
    ("feature", "model", "url"),
    [
        ("ensemble", "savedmodel", "http://digits-a-predictor.models.svc.cluster.local/v1/models/digits:predict"),
        ("ensemble", "onnx", "http://digits-a-predictor.models.svc.cluster.local/v2/models/digits/infer"),
    ],
)
def test_a_graph_asks_each_model_by_its_own_protocol(feature, model, url):
    (graph,) = of_kind(documents(text(feature, model=model)), "InferenceGraph").values()
    assert graph["spec"]["nodes"]["root"]["steps"][0]["serviceUrl"] == url


def test_the_last_branch_of_a_switch_takes_all_that_is_left():
    (graph,) = of_kind(documents(text("switch")), "InferenceGraph").values()
    assert [step["condition"] for step in graph["spec"]["nodes"]["root"]["steps"]] == [
        'instances.#(kind=="digit")',
        "@this",
    ]


@pytest.mark.parametrize("mode", ["standard", "knative"])
def test_mlserver_is_ready_when_its_model_is(mode):
    written = text(model="mlflow", mode=mode)
    (service,) = of_kind(documents(written), "InferenceService").values()
    probe = {"httpGet": {"path": "/v2/health/ready", "port": 8080}}
    assert service["spec"]["predictor"]["model"]["readinessProbe"] == probe
    theirs = written + "container: {readinessProbe: {tcpSocket: {port: 8080}}}\n"
    (service,) = of_kind(documents(theirs), "InferenceService").values()
    assert service["spec"]["predictor"]["model"]["readinessProbe"] == {"tcpSocket": {"port": 8080}}


@pytest.mark.parametrize(
    ("model", "protocol", "port"),
    [("savedmodel", "grpc-v1", 9000), ("onnx", "grpc-v2", 9000), ("torchserve", "grpc-v2", 7070)],
)
def test_a_service_that_speaks_grpc_leads_to_the_port_of_grpc(model, protocol, port):
    written = text(model=model).replace(f"format: {model}", f"format: {model}, protocol: {protocol}")
    (service,) = of_kind(documents(written), "InferenceService").values()
    assert service["spec"]["predictor"]["model"]["ports"] == [{"name": "h2c", "containerPort": port, "protocol": "TCP"}]
    theirs = written + "container: {ports: [{containerPort: 9000, name: grpc}]}\n"
    (service,) = of_kind(documents(theirs), "InferenceService").values()
    assert service["spec"]["predictor"]["model"]["ports"] == [{"containerPort": 9000, "name": "grpc"}]
    assert "ports" not in str(documents(text(model=model)))


REFUSED = {
    "a chain by V2": (text("chain", model="onnx"), "the answer of the V2 protocol has outputs"),
    "a graph of OpenAI": (
        text("ensemble", model="huggingface").replace("format: huggingface", "format: huggingface, runtime: vllm"),
        "speaks the OpenAI API",
    ),
    "a graph by gRPC": (
        text("ensemble", model="onnx").replace("format: onnx", "format: onnx, protocol: grpc-v2"),
        "by the V1 or V2 protocol over HTTP",
    ),
    "shares of a graph in fractions": (
        text("ab-weight", by=GRAPH).replace("a: 60, b: 40", "a: 60.5, b: 39.5"),
        "whole",
    ),
    "shares of a Knative Route in fractions": (
        text("ab-weight", mode="knative").replace("a: 60, b: 40", "a: 60.5, b: 39.5"),
        "whole",
    ),
    "a host without a namespace": (
        text("ab-header", mode="knative").replace("namespace: models\n", "", 1),
        "whole host name",
    ),
    "the same release twice": (text("canaries").replace('"3"', '"2"'), "named after their releases"),
    "a variant called as the route is": (
        text("ab-header", mode="knative", gateway=", api: istio")
        .replace("name: b", "name: split")
        .replace("variant: b", "variant: split"),
        "ours has that name",
    ),
    "a variant called as the preview's route is": (
        text("preview-host", mode="knative", gateway=", api: istio")
        .replace("name: b", "name: preview")
        .replace("preview: b", "preview: preview"),
        "ours has that name",
    ),
    "several canaries by Knative alone": (text("canaries", mode="knative", by=NATIVE), "by native"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_with_its_place(case):

    written, message = REFUSED[case]
    locks = lock()
    if "variant called" in case:
        pins = locks.services["digits"]
        locks = locked(a=pins["a"], split=pins["b"], preview=pins["b"])
    if case == "the same release twice":
        pins = locks.services["digits"]
        locks = locked(a=pins["a"], b=pins["b"], c=pins["b"])
    with pytest.raises(InputError) as raised:
        rendered(written, locks)
    assert message in str(raised.value)
    assert raised.value.place.line


DEPLOYED = text("ensemble").replace('{name: b, release: "2"}', "{name: b, deployed: old-digits}")


def test_what_is_on_the_cluster_already_takes_part_in_a_graph_and_is_not_rendered():
    found = documents(DEPLOYED)
    (graph,) = of_kind(found, "InferenceGraph").values()
    assert graph["spec"]["nodes"]["root"]["steps"][1] == {
        "name": "b",
        "serviceName": "old-digits",
        "dependency": "Hard",
    }
    assert of_kind(found, "InferenceService").keys() == {"digits-a"}
    with pytest.raises(InputError, match="with models of its own"):
        rendered(text("ab-weight").replace('{name: b, release: "2"}', "{name: b, deployed: old-digits}"))


def test_a_graph_in_the_platforms_words_asks_the_variants_where_they_are():
    (graph,) = of_kind(documents(text("graph")), "InferenceGraph").values()
    nodes = graph["spec"]["nodes"]
    assert nodes["root"]["steps"][0]["serviceUrl"].startswith("http://digits-a-predictor.models.")
    assert nodes["root"]["steps"][1] == {"nodeName": "share", "data": "$response"}
    assert [step["weight"] for step in nodes["share"]["steps"]] == [50, 50]
    with pytest.raises(InputError, match="is no variant of this graph") as raised:
        rendered(text("graph").replace("{serviceName: b, weight", "{serviceName: c, weight"))
    assert raised.value.place.line


def test_a_shadow_of_knative_is_a_service_that_takes_any_host():
    found = documents(text("shadow", mode="knative"))
    modes = {
        name: each["metadata"]["annotations"]["serving.kserve.io/deploymentMode"]
        for name, each in of_kind(found, "InferenceService").items()
    }
    assert modes == {"digits-a": "Knative", "digits-b": "Standard"}
    (rule,) = of_kind(found, "HTTPRoute")["digits-split"]["spec"]["rules"]
    mirror, rewrite = rule["filters"]
    assert mirror["requestMirror"]["backendRef"]["name"] == "digits-b-predictor"
    assert rewrite["urlRewrite"] == {"hostname": "digits-a-predictor.models.svc.cluster.local"}
    assert any("mode standard" in note for note in rendered(text("shadow", mode="knative")).notes)
