"""What is laid over rendered objects in the platform's own words, and what may not be."""

from __future__ import annotations

import pytest
import yaml

from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.plan import lock
from generator.rendering.render import render

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
variants: [{name: stable, uri: s3://models/digits}]
"""


def rendered(more: str) -> dict:
    service = build(parse(SERVICE + more, "serinus.yaml"), "serinus.yaml")
    (manifest,) = render(service, lock.Lock()).manifests
    return yaml.safe_load(manifest.text)


def test_fields_are_laid_over_the_objects_of_their_kind():
    found = rendered("patches: {InferenceService: {spec: {predictor: {containerConcurrency: 8}}}}\n")
    assert found["spec"]["predictor"]["containerConcurrency"] == 8
    assert found["spec"]["predictor"]["model"]["storageUri"] == "s3://models/digits"


def test_the_comments_before_the_object_stay():
    service = build(parse(SERVICE + "patches: {InferenceService: {spec: {a: b}}}\n", "x"), "serinus.yaml")
    assert render(service, lock.Lock()).text.startswith("# serinus: platform kserve@0.20")


@pytest.mark.parametrize(
    ("more", "path", "message"),
    [
        ("patches: {InferenceServce: {spec: {}}}", "patches.InferenceServce", "InferenceService"),
        ("patches: {InferenceService: {kind: Pod}}", "patches.InferenceService.kind", "another object"),
        ("patches: {InferenceService: {metadata: {name: a}}}", "patches.InferenceService.metadata.name", "by name"),
        (
            "patches: {InferenceService: {spec: {env: [{name: API_TOKEN, value: abc}]}}}",
            "patches.InferenceService.spec.env[0].value",
            "clear text",
        ),
    ],
)
def test_what_has_no_effect_or_must_not_be_is_refused(more, path, message):
    with pytest.raises(InputError) as raised:
        rendered(more)
    assert (raised.value.place.path, message in str(raised.value)) == (path, True)


def test_what_is_deployed_already_is_refused_where_everything_is_rendered():
    service = build(parse(SERVICE.replace("uri: s3://models/digits", "deployed: iris"), "x"), "x")
    with pytest.raises(InputError, match=r"renders the strategy rolling with models of its own"):
        render(service, lock.Lock())


def test_a_name_that_the_platform_has_no_use_for_is_refused():
    service = build(parse(SERVICE.replace("}]", ", object: iris}]"), "x"), "x")
    with pytest.raises(InputError, match="no name of its own for a variant"):
        render(service, lock.Lock())


def test_two_variants_have_not_the_same_name_on_the_cluster():
    text = SERVICE.replace(
        "}]", ", object: iris}, {name: b, uri: s3://b, object: iris}]\nstrategy: {ab: {split: {stable: 50, b: 50}}}"
    )
    with pytest.raises(InputError, match="two variants would be named 'iris'"):
        build(parse(text, "x"), "x")


def test_a_path_is_refused_where_no_route_of_ours_takes_it_off():
    text = (
        SERVICE.replace("mode: standard", "mode: knative") + "gateway: {name: m, host: a.example.com, path: /churn}\n"
    )
    with pytest.raises(InputError, match="could take the path off") as raised:
        render(build(parse(text, "serinus.yaml"), "serinus.yaml"), lock.Lock())
    assert raised.value.place.path == "gateway.path"
