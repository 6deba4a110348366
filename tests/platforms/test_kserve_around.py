"""KServe: what stands around a model, how it scales, where it is read from, and what is refused or told."""

from __future__ import annotations

import pytest

from generator.errors import InputError
from goldens import golden
from kserve_kit import TAIL, complaints, documents, lock, of_kind, rendered, text

QUERY = "query: 'sum(rate(requests_total[1m]))', server: 'http://prometheus.monitoring:9090', target: 100"
KEDA = TAIL.replace("{min: 2, max: 6}", f"{{min: 0, max: 6, metric: prometheus, {QUERY}}}")
TRANSFORMER = 'transformer: {container: {image: "registry.example.com/resize:3"}, replicas: 2, maxReplicas: 4}\n'
EXPLAINER = "explainer: {type: SquareAttack, uri: 's3://models/explainer', parameters: {nb_classes: '10'}}\n"
OWN_EXPLAINER = 'explainer: {container: {image: "registry.example.com/explain:1"}, uri: "s3://models/explainer"}\n'
LOGGER = "logger: {url: 'http://broker.models.svc.cluster.local', mode: request}\n"
BATCHER = "batcher: {max_size: 32}\n".replace("max_size", "maxSize")
PODS = "pod: {nodeSelector: {pool: models}, terminationGracePeriodSeconds: 60}\n"
CONTAINER = "container: {env: [{name: TF_CPP_MIN_LOG_LEVEL, value: '1'}], args: [--enable_batching]}\n"
ACCESS = """\
access:
  identity: {azure: 3f2504e0-4f89-11d3-9a0c-0305e82c3301}
  secret: models-store
  external: {store: vault, keys: {AWS_SECRET_ACCESS_KEY: models/s3#secret, AWS_ACCESS_KEY_ID: models/s3#id}}
"""
NO_ACCOUNT = TAIL.replace("serviceAccount: models-reader\n", "")


def scaled(replicas):
    return TAIL.replace("{min: 2, max: 6}", replicas)


def beside(files="{uri: s3://models/adapter, path: /mnt/adapter}", **options):
    """A model with an adapter beside it."""
    options = {"gateway": None, "model": "huggingface", **options}
    return text(**options).replace('{name: a, release: "1"}', f'{{name: a, release: "1", beside: [{files}]}}')


def owned(change="{name: a, uri: 's3://models/text'}", **options):
    """A model of a runtime that is on the cluster."""
    options = {"gateway": None, "model": "custom, modelFormat: caikit, runtime: caikit-runtime", **options}
    return text(**options).replace('{name: a, release: "1"}', change)


STORAGE = "{name: a, storage: {key: team-a, path: text/1, parameters: {bucket: models}}}"

GOLDEN = {
    "around-transformer": text(more=TRANSFORMER + LOGGER),
    "around-explainer": text(more=EXPLAINER + BATCHER + "rollout: {maxUnavailable: '0'}\n"),
    "around-own-explainer-knative": text(more=OWN_EXPLAINER, mode="knative", gateway=None),
    "around-pods": text("ab-weight", more=PODS + CONTAINER + "rollout: {maxSurge: '1', maxUnavailable: 10%}\n"),
    "around-canary-pods": text("canary", more=PODS + CONTAINER),
    "access": text(more=ACCESS, tail=NO_ACCOUNT, gateway=None),
    "store-key": text(gateway=None).replace("{url: s3://models}", "{url: s3://models, key: team-a}"),
    "store-claim": text(gateway=None).replace("s3://models", "pvc://models/store"),
    "store-beside": beside(),
    "store-entry": owned(STORAGE),
    "scaling-keda": text(tail=KEDA, more=TRANSFORMER),
    "scaling-memory": text(tail=scaled("{min: 2, max: 6, metric: memory, target: 70, scaler: keda}"), gateway=None),
    "scaling-budget": text("ab-weight", tail=scaled("{min: 3, max: 6, metric: cpu, target: 70, available: '2'}")),
    "scaling-budget-canary": text("canary", tail=scaled("{min: 3, available: 50%}")),
    "scaling-knative-rps": text(
        mode="knative", tail=scaled("{min: 0, max: 6, metric: rps, available: '1'}"), gateway=None
    ),
    "scaling-knative-hpa": text(mode="knative", tail=scaled("{min: 1, max: 6, scaler: hpa}"), gateway=None),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case):
    made = rendered(GOLDEN[case])
    assert complaints(made) == []
    golden(f"kserve/{case}.yaml", made.text)


def predictor(*args, **options):
    return next(iter(of_kind(documents(*args, **options), "InferenceService").values()))["spec"]["predictor"]


def test_a_route_leads_to_the_transformer():
    for mode in ("standard", "knative"):
        found = documents(text("ab-header", mode=mode, more=TRANSFORMER))
        leads = str(of_kind(found, "HTTPRoute"))
        assert "digits-b-transformer" in leads
        assert "-predictor" not in leads


def test_one_class_of_autoscaler_holds_for_all_parts_and_each_has_what_it_needs():
    (service,) = of_kind(documents(text(tail=KEDA, more=TRANSFORMER)), "InferenceService").values()
    assert service["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "keda"
    for part in ("predictor", "transformer"):
        assert service["spec"][part]["autoScaling"]["metrics"]
        assert "scaleMetric" not in service["spec"][part]


def test_a_transformer_that_scales_alone_has_an_autoscaler():
    (service,) = of_kind(documents(text(tail=scaled("{min: 2}"), more=TRANSFORMER)), "InferenceService").values()
    assert service["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "hpa"
    assert (service["spec"]["transformer"]["minReplicas"], service["spec"]["transformer"]["maxReplicas"]) == (2, 4)


def test_the_budget_is_on_the_labels_of_the_pods():
    budgets = of_kind(documents(GOLDEN["scaling-budget"]), "PodDisruptionBudget")
    selectors = {name: each["spec"]["selector"]["matchLabels"] for name, each in budgets.items()}
    assert selectors == {
        "digits-a-predictor": {"app": "isvc.digits-a-predictor"},
        "digits-b-predictor": {"app": "isvc.digits-b-predictor"},
    }
    assert of_kind(documents(GOLDEN["scaling-budget-canary"]), "PodDisruptionBudget").keys() == {
        "digits-r1-predictor",
        "digits-r2-predictor",
    }


def test_the_secret_is_on_the_service_account_that_the_pods_have():
    found = documents(GOLDEN["access"])
    (account,) = of_kind(found, "ServiceAccount").values()
    assert account["secrets"] == [{"name": "models-store"}]
    spec = predictor(GOLDEN["access"])
    assert spec["serviceAccountName"] == account["metadata"]["name"]
    assert spec["labels"] == {"azure.workload.identity/use": "true"}


def test_the_key_of_the_store_stands_beside_the_address():
    assert predictor(GOLDEN["store-key"])["model"]["storage"] == {"key": "team-a"}
    assert predictor(GOLDEN["store-key"])["model"]["storageUri"].startswith("s3://models/digits/1/")


@pytest.mark.parametrize("scheme", ["oci", "oci+native", "hf", "gs"])
def test_a_model_by_its_address_is_read_from_there(scheme):
    uri = f"{scheme}://owner/model"
    written = text().replace('{name: a, release: "1"}', f"{{name: a, uri: '{uri}'}}")
    assert predictor(written)["model"]["storageUri"] == uri
    assert complaints(rendered(written)) == []


@pytest.mark.parametrize("scheme", ["kit", "proto", "model-registry", "abfs"])
def test_another_scheme_is_for_a_storage_container_of_the_cluster(scheme):
    made = rendered(text(gateway=None).replace('{name: a, release: "1"}', f"{{name: a, uri: '{scheme}://a/b'}}"))
    assert f"storageUri: {scheme}://a/b" in made.text
    assert any(f"doesn't read {scheme}://" in note and "ClusterStorageContainer" in note for note in made.notes)


def test_a_runtime_of_the_cluster_is_named_with_its_format_and_nothing_is_put_in_its_place():
    made = rendered(owned())
    (service,) = of_kind(documents(owned()), "InferenceService").values()
    model = {
        key: value
        for key, value in service["spec"]["predictor"]["model"].items()
        if key not in ("resources", "lifecycle")
    }
    assert model == {
        "modelFormat": {"name": "caikit"},
        "runtime": "caikit-runtime",
        "storageUri": "s3://models/text",
    }
    assert not of_kind(documents(owned()), "ServingRuntime")
    assert any("caikit-runtime" in note for note in made.notes)


@pytest.mark.parametrize(
    ("more", "key", "value"),
    [("runtimeVersion: '2.18'", "runtimeVersion", "2.18"), ("protocol: grpc-v2", "protocolVersion", "grpc-v2")],
)
def test_what_is_asked_of_the_cluster_s_runtime_is_handed_on(more, key, value):
    written = owned(model=f"savedmodel, modelFormat: tensorflow, runtime: own, {more}")
    assert predictor(written)["model"][key] == value


def test_without_a_runtime_kserve_chooses_by_the_format():
    assert "runtime" not in predictor(owned(model="custom, modelFormat: caikit"))["model"]


def test_a_release_for_a_runtime_of_the_cluster_has_the_files_as_they_are():
    assert predictor(text(gateway=None, model="sklearn, modelFormat: sklearn, runtime: own"))["model"][
        "storageUri"
    ].endswith("/plain")


def test_a_runtime_of_the_cluster_reads_what_the_first_of_the_runtimes_reads():
    written = text(gateway=None, model="sklearn, modelFormat: sklearn, runtime: own, runtimes: [mlserver, kserve]")
    assert predictor(written)["model"]["storageUri"].endswith("/mlserver")
    assert predictor(written)["model"]["runtime"] == "own"


def test_a_variant_of_another_format_takes_no_runtime_of_the_model_s():
    written = text("ab-weight", model="savedmodel, runtime: tensorflow-serving, runtimeVersion: 2.18.0")
    other = written.replace('{name: b, release: "2"}', "{name: b, uri: 's3://m/b', modelFormat: caikit, runtime: own}")
    found = of_kind(documents(other), "InferenceService")
    models = {name: each["spec"]["predictor"]["model"] for name, each in found.items()}
    assert models["digits-a"]["runtimeVersion"] == "2.18.0"
    assert models["digits-b"]["runtime"] == "own"
    assert "runtimeVersion" not in models["digits-b"]


@pytest.mark.parametrize("label", ["networking.kserve.io/visibility", "networking.knative.dev/visibility"])
def test_without_a_gateway_the_file_says_who_may_call(label):
    written = text(gateway=None, more=f"labels: {{{label}: cluster-local}}\n")
    (service,) = of_kind(documents(written), "InferenceService").values()
    assert service["metadata"]["labels"][label] == "cluster-local"


def test_native_image_volumes_are_of_0_20():
    written = text(release="0.19").replace('{name: a, release: "1"}', "{name: a, uri: 'oci+native://owner/model'}")
    with pytest.raises(InputError, match=r"It can from 0\.20 on"):
        rendered(written)


REFUSED = {
    "a pod's field that is none": (text(more="pod: {minReplicas: 3}\n"), "is no field of a pod"),
    "the container's name": (text(more="container: {name: server}\n"), "gives the model's container its name"),
    "PYTHONPATH": (text(more="container: {env: [{name: PYTHONPATH, value: /app}]}\n"), "refuses the variable"),
    "kpa in standard": (text(tail=scaled("{min: 2, max: 6, scaler: kpa}")), "can't scale so by kpa"),
    "hpa by a query": (text(tail=KEDA.replace("metric:", "scaler: hpa, metric:")), "Write keda"),
    "keda in knative": (text(mode="knative", tail=scaled("{min: 2, max: 6, scaler: keda}")), "KEDA has no part"),
    "a query in knative": (text(mode="knative", tail=KEDA), "KEDA has no part"),
    "kpa by cpu": (text(mode="knative", tail=scaled("{min: 2, max: 6, scaler: kpa, metric: cpu}")), "doesn't scale by"),
    "hpa by requests": (
        text(mode="knative", tail=scaled("{min: 2, max: 6, scaler: hpa, metric: rps}")),
        "doesn't scale",
    ),
    "hpa from zero": (text(mode="knative", tail=scaled("{min: 0, max: 6, scaler: hpa}")), "only from 1 pod on"),
    "a transformer without pods": (text(more=TRANSFORMER.replace("replicas: 2", "replicas: 0")), "would have no pods"),
    "a deadline": (text(more="rollout: {deadline: 300}\n"), "sets the deadline"),
    "a rollout in knative": (text(mode="knative", more="rollout: {maxSurge: '1'}\n"), "beside the old one"),
    "an explainer of old": (text(more="explainer: {type: AnchorTabular}\n"), "has no explainer AnchorTabular"),
    "two explainers": (text(more=EXPLAINER.replace("type:", "container: {image: x}, type:")), "Keep one of type and"),
    "parameters of a container": (
        text(more=OWN_EXPLAINER.replace("uri:", "parameters: {a: b}, uri:")),
        "has no effect",
    ),
    "a batcher by V2": (text(model="onnx", more=BATCHER), "gathers requests of the V1 protocol"),
    "a transformer beside spec.canary": (text("canary", more=TRANSFORMER), "strategy.canary.by: gateway"),
    "a logger beside spec.canary": (text("canary", more=LOGGER), "leads past the agent that logs"),
    "a batcher beside spec.canary": (text("canary", more=BATCHER), "leads past the agent that batches"),
    "keda beside spec.canary": (text("canary", tail=KEDA.replace("min: 0", "min: 1")), "without a trigger"),
    "a field of the stable variant alone": (
        text("canary").replace('{name: a, release: "1"}', '{name: a, release: "1", container: {args: [--x]}}'),
        "would get model.args",
    ),
    "a timeout of batches": (text(more="batcher: {timeout: 60}\n"), "reads it nowhere"),
    "files beside in 0.15": (beside(release="0.15"), "It takes more from 0.16 on"),
    "files beside in knative": (beside(mode="knative"), "no init containers"),
    "files beside in spec.canary itself": (beside(feature="canary", gateway=""), "fetches nothing for the canary"),
    "files beside with MLServer": (beside(model="sklearn, runtime: mlserver"), "loads no model without storageUri"),
    "files beside in a claim": (beside("{uri: pvc://models/a, path: /mnt/a}"), "mounts a claim as a whole"),
    "files in the model's folder": (beside("{uri: s3://models/a, path: /mnt/models}"), "have one path"),
    "files elsewhere": (beside("{uri: s3://models/a, path: /opt/a}"), "below /mnt"),
    "a storage entry for a container of one's own": (
        owned(STORAGE, model="custom", more='container: {image: "registry.example.com/own:1"}\n'),
        "told its model by an address",
    ),
    "a storage entry beside spec.canary": (
        text("canary", model="sklearn").replace('{name: a, release: "1"}', STORAGE),
        "strategy.canary.by: gateway",
    ),
    "a key of the store in a storage entry": (
        owned(STORAGE.replace("bucket: models", "secret_access_key: 9sdfj2KJsd")),
        "credential in clear text",
    ),
    "an address without slashes": (
        owned("{name: a, uri: 's3:/models/text'}"),
        "a folder in its own download container",
    ),
    "parameters of a cluster's runtime": (
        owned(model="custom, modelFormat: caikit, parameters: {a: b}"),
        "takes no parameters",
    ),
    "a label of Knative's": (text(more="labels: {networking.knative.dev/visibility: x}\n"), "Say it by gateway"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_kserve_cannot_do_is_refused_with_its_place(case):
    written, message = REFUSED[case]
    with pytest.raises(InputError) as raised:
        rendered(written)
    assert message in str(raised.value)
    assert raised.value.place.line


@pytest.mark.parametrize("case", [case for case in REFUSED if case.endswith("spec.canary")])
def test_two_services_do_what_spec_canary_cannot(case):
    written = REFUSED[case][0].replace("steps: [5, 25, 50, 100]", "steps: [5, 25, 50, 100], by: gateway")
    assert complaints(rendered(written)) == []


TOLD = {
    "the store's endpoint": (
        text().replace("{url: s3://models}", "{url: s3://models, endpoint: 'http://minio.store:9000'}"),
        's3-endpoint: minio.store:9000 and serving.kserve.io/s3-usehttps: "0"',
    ),
    "a ServiceAccount that isn't ours": (text(more="access: {secret: models-store}\n"), "which is yours: add it there"),
    "keys of Seldon Core 2": (
        text().replace("format: savedmodel", "format: savedmodel, memory: 1Gi"),
        "for Seldon Core 2",
    ),
    "how plain Kubernetes fetches": (
        text().replace("{url: s3://models}", "{url: s3://models, fetch: rclone}"),
        "KServe fetches the model itself",
    ),
    "the mode in 0.19": (text(release="0.19", mode="knative", gateway=None), "default mode has to be Knative"),
    "where the explainer is": (text(more=EXPLAINER), "answers at its own Service"),
    "the name of a container's model": (
        text("ab-weight", model="custom", more='container: {image: "registry.example.com/own:1"}\n'),
        "has to answer to the model's name digits",
    ),
    "where a graph is": (text("ensemble", gateway=None), "http://digits.models.svc.cluster.local"),
    "where a Knative Route is": (text("ab-weight", mode="knative", gateway=None), "Knative Route digits-split"),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_no_manifest_can_say_is_told(case):
    written, sentence = TOLD[case]
    assert any(sentence in note for note in rendered(written).notes)


EVERY_KEY = {
    "transformer": TRANSFORMER,
    "explainer": EXPLAINER,
    "logger": LOGGER,
    "batcher": BATCHER,
    "pod": PODS,
    "container": CONTAINER,
    "rollout": "rollout: {maxSurge: '1'}\n",
    "access": "access: {identity: {gcp: reader@models-project.iam.gserviceaccount.com}}\n",
}


@pytest.mark.parametrize("key", EVERY_KEY)
@pytest.mark.parametrize("feature", ["rolling", "ab-weight", "ensemble"])
def test_every_key_changes_what_is_rendered(feature, key):
    assert rendered(text(feature, more=EVERY_KEY[key])).text != rendered(text(feature)).text


def test_names_that_do_not_fit_are_refused_with_what_is_too_much():
    written = text("rolling").replace("name: digits\n", f"name: {'d' * 49}\n", 1).replace("namespace: models\n", "")
    pins = lock().with_section("d" * 49, lock().services["digits"])
    with pytest.raises(InputError, match="Shorten the name by 1"):
        rendered(written, pins)
