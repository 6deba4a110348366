"""Names that have to stay (``variants[].object``), and what is on the cluster already (``variants[].deployed``)."""

from __future__ import annotations

import pytest
import yaml

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.plan import lock
from generator.rendering.render import render

HEAD = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: KIND}
model: {format: sklearn}
variants:
  - {name: a, uri: s3://m/a}
  - {name: b, uri: s3://m/b, object: kept}
strategy: {canary: {stable: a, variant: b, steps: [10]}}
gateway: {name: models, namespace: gateways, host: digits.example.com}
"""


def rendered(kind: str, text: str = HEAD, **replaced: str) -> list[dict]:
    text = text.replace("KIND", kind)
    for old, new in replaced.items():
        text = text.replace(old.replace("_", " "), new)
    service = build(parse(text, "serinus.yaml"), "serinus.yaml")
    return list(yaml.safe_load_all(render(service, lock.Lock()).text))


def of_kind(kind: str, documents: list[dict]) -> list[dict]:
    return [each for each in documents if each["kind"] == kind]


def test_kserve_names_the_predictor_of_a_canary_and_the_route_follows():
    documents = rendered("kserve, mode: standard")
    (service,) = of_kind("InferenceService", documents)
    assert service["spec"]["canary"][0]["predictor"]["name"] == "kept"
    (route,) = of_kind("HTTPRoute", documents)
    assert "digits-kept-predictor" in [each["name"] for each in route["spec"]["rules"][0]["backendRefs"]]


def test_seldon_core_1_names_the_predictor():
    (deployment,) = of_kind("SeldonDeployment", rendered("seldon-core-1"))
    assert [each["name"] for each in deployment["spec"]["predictors"]][1] == "kept"


def test_seldon_core_2_names_the_model_and_the_experiment_follows():
    documents = rendered("seldon-core-2")
    assert [each["metadata"]["name"] for each in of_kind("Model", documents)] == ["digits", "kept"]
    (experiment,) = of_kind("Experiment", documents)
    assert [each["name"] for each in experiment["spec"]["candidates"]] == ["digits", "kept"]


@pytest.mark.parametrize("kind", ["kserve, mode: knative", "kserve, version: '0.19', mode: standard", "kubernetes"])
def test_where_no_name_of_its_own_is_possible_it_is_refused(kind):
    with pytest.raises(InputError) as raised:
        rendered(kind)
    assert raised.value.place.path == "variants[1].object"


KNATIVE = HEAD.replace(", object: kept", "").replace("uri: s3://m/a", "deployed: digits")


def test_knative_remembers_the_stable_revision():
    (service,) = of_kind("InferenceService", rendered("kserve, mode: knative", KNATIVE))
    assert service["spec"]["predictor"]["canaryTrafficPercent"] == 10
    assert service["spec"]["predictor"]["model"]["storageUri"] == "s3://m/b"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("kserve, mode: standard", KNATIVE),
        (
            "kserve, mode: knative",
            KNATIVE.replace("deployed: digits", "uri: s3://m/a").replace("uri: s3://m/b", "deployed: x"),
        ),
    ],
)
def test_no_other_variant_of_a_canary_is_remembered(kind, text):
    with pytest.raises(InputError, match="remembers no revision"):
        rendered(kind, text)
