"""KServe's runtimes: which one runs what, how it is told the model's name, and what the user's own container changes."""

from __future__ import annotations

import pytest
import yaml

from generator.checks.rules.kserve.runtimes_shipped import shipped
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.platforms import layouts_of, platforms
from generator.platforms.kserve.servers import SERVERS
from generator.rendering.render import render
from generator.schemas.versions import parse_version
from goldens import golden
from kit import pin
from kserve_kit import LAYOUTS, complaints, documents, lock, of_kind, rendered, text

KSERVE = platforms()["kserve"]
OWN = 'container: {image: "registry.example.com/own:1.2", readinessProbe: {httpGet: {path: /ready, port: 8080}}}\n'
RUNTIMES = [(model, name) for model, servers in SERVERS.items() for name in servers]


def written(model, name, feature="rolling", **options):
    return text(feature, model=f"{model}, runtime: {name}", more=OWN if name == "custom" else "", **options)


def model_of(found):
    (service,) = of_kind(found, "InferenceService").values()
    return service["spec"]["predictor"]["model"]


@pytest.mark.parametrize("release", KSERVE.releases)
@pytest.mark.parametrize(("model", "name"), RUNTIMES)
def test_every_runtime_of_every_release_is_rendered_as_it_ships(release, model, name):
    server = SERVERS[model][name]
    if server.since and release < server.since:
        with pytest.raises(InputError, match="doesn't run"):
            rendered(written(model, name, release=release))
        return
    for feature in ("rolling", "ab-weight"):
        assert complaints(rendered(written(model, name, feature, release=release))) == []
    if server.own or server.alone:
        return
    there = shipped(parse_version(f"{release}.9"))[server.runtime]
    asked = model_of(documents(written(model, name, release=release)))
    assert asked["runtime"] == server.runtime
    assert asked["modelFormat"]["name"] in {form for form, _ in there.formats}
    assert asked["protocolVersion"] in (there.protocols or (asked["protocolVersion"],))
    assert set(server.protocols or (server.protocol,)) <= set(there.protocols or server.protocols or (server.protocol,))
    assert set(server.taken(release)) == {number for form, number in there.formats if form == server.model_format}


@pytest.mark.parametrize("model", [model for model in SERVERS if model != "custom"])
def test_golden_of_the_default_server(model):
    golden(f"kserve/server-{model}.yaml", rendered(written(model, next(iter(SERVERS[model])), gateway=None)).text)


GOLDEN = {
    "server-mlserver": dict(model="sklearn", name="mlserver", feature="ab-weight"),
    "server-vllm": dict(model="huggingface", name="vllm", feature="ab-weight"),
    "server-own": dict(model="sklearn", name="custom", gateway=None),
    "server-custom": dict(model="custom", name="custom", feature="ab-weight"),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case):
    golden(f"kserve/{case}.yaml", rendered(written(**GOLDEN[case])).text)


NAMES = {
    ("savedmodel", "tensorflow-serving"): {"args": ["--model_name=digits"]},
    ("sklearn", "kserve"): {"args": ["--model_name=digits"]},
    ("sklearn", "mlserver"): {"env": [{"name": "MLSERVER_MODEL_NAME", "value": "digits"}]},
    ("huggingface", "vllm"): {"args": ["--served-model-name=digits"]},
    ("onnx", "triton"): {},
    ("torchserve", "torchserve"): {},
}


@pytest.mark.parametrize(("model", "name"), NAMES)
def test_every_server_behind_a_route_answers_to_the_services_name(model, name):
    for service in of_kind(documents(written(model, name, "ab-weight")), "InferenceService").values():
        asked = service["spec"]["predictor"]["model"]
        assert {key: asked[key] for key in ("args", "env") if key in asked} == NAMES[model, name]


def test_a_name_of_the_models_own_is_said_to_the_server_of_a_single_service():
    assert model_of(documents(text(), sets=["model.name=numbers"]))["args"] == ["--model_name=numbers"]


def test_triton_takes_the_name_from_the_repository():
    written_ = text(model="onnx").replace("{name: a,", "{name: a, service: numbers,")
    with pytest.raises(InputError, match=r"Write model\.name: numbers"):
        rendered(written_)
    assert "kserve-tritonserver" in rendered(written_, sets=["model.name=numbers"]).text


def test_parameters_are_arguments_where_the_server_takes_them():
    assert model_of(documents(text(model="sklearn"), sets=["model.parameters.workers=2"]))["args"] == ["--workers=2"]
    with pytest.raises(InputError, match="takes no parameters"):
        rendered(written("sklearn", "mlserver"), sets=["model.parameters.workers=2"])


def test_an_image_of_ones_own_in_a_shipped_runtime_takes_the_place_of_its_version():
    written_ = text(more='container: {image: "registry.example.com/serving:2.21"}\n')
    asked = model_of(documents(written_))
    assert asked["image"] == "registry.example.com/serving:2.21"
    assert "runtimeVersion" not in asked
    with pytest.raises(InputError, match="would replace the tag"):
        rendered(written_, sets=["model.runtimeVersion=2.21.0"])


def test_a_runtime_of_ones_own_takes_the_format_and_runs_the_container():
    found = documents(written("sklearn", "custom"))
    (runtime,) = of_kind(found, "ServingRuntime").values()
    asked = model_of(found)
    assert asked["runtime"] == runtime["metadata"]["name"] == "digits"
    assert runtime["spec"]["supportedModelFormats"] == [{"name": "sklearn"}]
    assert runtime["spec"]["protocolVersions"] == [asked["protocolVersion"]]
    assert asked["image"] == runtime["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("model", ["custom", "sklearn"])
def test_a_container_of_ones_own_needs_an_image(model):
    with pytest.raises(InputError, match="nothing says which image"):
        rendered(text(model=f"{model}, runtime: custom"))


def test_the_formats_version_is_one_that_the_release_takes():
    assert model_of(documents(text(model='xgboost, formatVersion: "2"')))["modelFormat"]["version"] == "2"
    with pytest.raises(InputError, match="takes xgboost of version 1, and not 2"):
        rendered(text(model='xgboost, formatVersion: "2"', release="0.16"))


def test_a_triton_that_is_too_old_for_the_model_is_refused():
    pins = lock(runtimes={"triton": "24.05"})
    assert "26.07-py3" in rendered(text(model="onnx"), pins).text
    with pytest.raises(InputError, match="can't load"):
        rendered(text(model="onnx"), pins, sets=["model.runtimeVersion=23.05-py3"])


def test_publishing_asks_for_the_layout_that_is_rendered():
    for model, name in RUNTIMES:
        service = build(parse(written(model, name), "serinus.yaml"), "serinus.yaml")
        assert next(iter(layouts_of(service))) in LAYOUTS


def test_a_release_whose_layout_holds_another_format_is_refused():
    """The layout alone says too little: Triton's holds SavedModels too, and the server would fail at the load."""
    service = build(parse(text(model="onnx"), "serinus.yaml"), "serinus.yaml")
    render(service, lock(format="onnx"))
    render(service, lock(format="savedmodel", formats={"triton": "onnx"}))
    with pytest.raises(InputError, match=r"holds savedmodel in the layout triton.*Write format: savedmodel") as raised:
        render(service, lock(format="savedmodel"))
    assert raised.value.place.path == "model"


def test_a_variant_picks_one_of_the_formats_of_a_release():
    written = text("ab-weight").replace('{name: b, release: "2"}', '{name: b, release: "2", format: onnx}')
    service = build(parse(written, "serinus.yaml"), "serinus.yaml")
    made = of_kind(yaml.safe_load_all(render(service, lock(formats={"triton": "onnx"})).text), "InferenceService")
    found = {each["spec"]["predictor"]["model"]["modelFormat"]["name"] for each in made.values()}
    assert found == {"tensorflow", "onnx"}
    uris = sorted(each["spec"]["predictor"]["model"]["storageUri"] for each in made.values())
    assert [uri.rpartition("/")[2] for uri in uris] == ["tensorflow-serving", "triton"]
    with pytest.raises(InputError, match="holds savedmodel in the layout triton") as raised:
        render(service, lock())
    assert raised.value.place.path == "variants[1]"


def test_a_release_without_the_layout_is_refused_with_the_runtime_to_add():
    pins = lock().with_section("digits", {"a": pin("1", 1, "a", layouts=("tensorflow-serving",), runtimes={})})
    with pytest.raises(InputError, match="has no layout triton"):
        rendered(text(model="onnx"), pins)
