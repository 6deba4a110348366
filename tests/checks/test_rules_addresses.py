"""Addresses in every place where one may stand: what each kind and release reads, mounts and leaves aside."""

from __future__ import annotations

import pytest

from generator.checks.api import check
from generator.checks.rules.kserve.address_without_scheme import mended
from generator.checks.rules.kserve.storage_containers import FOR_CACHES

SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: digits, annotations: {{serving.kserve.io/deploymentMode: Standard}}}}
spec:
  predictor:
    {predictor}
"""
MODEL = "model: {{modelFormat: {{name: sklearn}}, storageUri: '{uri}'}}"
CUSTOM = (
    "containers: [{{name: kserve-container, image: example/digits:1, env: [{{name: STORAGE_URI, value: '{uri}'}}]}}]"
)
LISTED = (
    "storageUris: [{{uri: '{uri}', mountPath: /mnt/models/a}}, {{uri: 's3://b/w', mountPath: /mnt/models/b}}]\n"
    "    model: {{modelFormat: {{name: sklearn}}}}"
)
LLM = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {{name: chat}}
spec:
  model: {{uri: '{uri}', name: chat}}
"""
ADAPTED = LLM.replace("name: chat}}\n", "name: chat, lora: {{adapters: [{{name: legal, uri: '{adapter}'}}]}}}}\n")
CONTAINER = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ClusterStorageContainer
metadata: {{name: own}}
spec:
  container: {{name: storage-initializer, image: example/own:1}}
  supportedUriFormats: [{{{how}}}]
"""


def serving(form: str, uri: str) -> str:
    return SERVICE.format(predictor=form.format(uri=uri))


def told(text: str, release: str = "0.20") -> dict[str, list[str]]:
    """The warnings of KSV5xx and KSV114 by rule: where each stands."""
    found: dict[str, list[str]] = {}
    for one in check(text, platforms=[f"kserve@{release}"]).findings:
        if one.rule.startswith(("KSV50", "KSV114")):
            found.setdefault(one.rule, []).append(one.path)
    return found


@pytest.mark.parametrize("form", [MODEL, CUSTOM, LISTED])
@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("models/digits/1", "KSV500"),
        ("/models/digits/1", "KSV500"),
        ("s3:/models/digits/1", "KSV500"),
        ("s3:models/digits/1", "KSV500"),
        ("s3//models/digits/1", "KSV500"),
        ("hf:/acme/digits", "KSV500"),
        ("s3:///models/digits/1", "KSV501"),
        ("pvc:///claim/digits", "KSV501"),
        ("s3://models/digits/1", None),
        ("hdfs:///models/digits", None),
        ("file:///models/digits", None),
        ("${STORE}/digits", None),
    ],
)
def test_an_address_without_its_scheme_or_its_bucket(form: str, uri: str, rule: str | None) -> None:
    assert list(told(serving(form, uri))) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("uri", "right"),
    [
        ("s3:/b/x", "s3://b/x"),
        ("S3:b/x", "s3://b/x"),
        ("gs//b/x", "gs://b/x"),
        ("https:/models.example.com/x", "https://models.example.com/x"),
        ("s3buckets/x", "where it lies, such as s3://<bucket>/s3buckets/x or pvc://<claim>/s3buckets/x"),
    ],
)
def test_what_was_meant(uri: str, right: str) -> None:
    assert mended(uri) == right


def test_a_pod_with_a_storage_initializer_of_its_own_is_left_alone() -> None:
    own = "initContainers: [{{name: storage-initializer, image: example/fetch:1}}]\n    " + MODEL
    assert told(serving(own, "digits/1")) == {}


@pytest.mark.parametrize(
    ("how", "uri", "found"),
    [
        ("prefix: 'registry://'", "registry://digits/1", []),
        ("prefix: 'registry://'", "registri://digits/1", ["KSV114"]),
        ("regex: '^models-[0-9]+$'", "models-7", []),
        ("regex: '^models-[0-9]+$'", "models-x", ["KSV500"]),
    ],
)
def test_a_storage_container_of_the_set_takes_what_it_says(how: str, uri: str, found: list[str]) -> None:
    assert list(told(CONTAINER.format(how=how) + "---\n" + serving(MODEL, uri))) == found


def test_a_storage_container_for_caches_is_none_for_pods() -> None:
    caches = CONTAINER.format(how="prefix: 'own://'") + f"  workloadType: {FOR_CACHES}\n"
    assert list(told(caches + "---\n" + serving(MODEL, "own://x"))) == ["KSV114"]


@pytest.mark.parametrize(
    ("release", "uris", "found"),
    [
        ("0.16", "oci://r/a:1 s3://b/w", {"KSV503": [0]}),
        ("0.18", "s3://b/w oci://r/a:1", {"KSV503": [1]}),
        ("0.19", "oci://r/a:1", {}),
        ("0.19", "s3://b/w oci://r/a:1 oci://r/b:1", {"KSV504": [0, 2]}),
        ("0.20", "s3://b/w oci://r/a:1 oci://r/b:1", {}),
        ("0.19", "oci+native://r/a:1", {"KSV114": [0]}),
        ("0.20", "oci+native://r/a:1 oci+modelcar://r/b:1", {}),
        ("0.20", "modelscope://a/b", {"KSV114": [0]}),
        ("0.21", "modelscope://a/b", {}),
    ],
)
def test_images_in_a_list_by_release(release: str, uris: str, found: dict[str, list[int]]) -> None:
    entries = ", ".join(
        f"{{uri: '{uri}', mountPath: /mnt/models/{number}/m}}" for number, uri in enumerate(uris.split())
    )
    text = SERVICE.format(predictor=f"storageUris: [{entries}]\n    model: {{modelFormat: {{name: sklearn}}}}")
    places = {rule: [f"spec.predictor.storageUris[{one}].uri" for one in every] for rule, every in found.items()}
    assert told(text, release) == places


@pytest.mark.parametrize(
    ("release", "uri", "found"),
    [
        ("0.20", "hf://a/b", []),
        ("0.20", "pvc://claim/b", []),
        ("0.20", "oci://r/b:1", []),
        ("0.20", "gs://b/x", ["KSV505"]),
        ("0.20", "https://example.com/b", ["KSV505"]),
        ("0.20", "model-registry://b", ["KSV505"]),
        ("0.20", "chat-7b", ["KSV505"]),
        ("0.20", "hf:/a/b", ["KSV505"]),
        ("0.19", "oci+native://r/b:1", ["KSV505"]),
        ("0.20", "oci+native://r/b:1", []),
        ("0.20", "", ["KSV507"]),
    ],
)
def test_an_llm_s_address(release: str, uri: str, found: list[str]) -> None:
    container = CONTAINER.format(how="prefix: 'model-registry://'") + "---\n"
    assert list(told(container + LLM.format(uri=uri), release)) == found


def test_without_the_storage_initializer_the_server_fetches_what_it_likes() -> None:
    off = "  storageInitializer: {enabled: false}\n"
    assert told(LLM.format(uri="gs://b/x") + off) == {}
    assert list(told(ADAPTED.format(uri="gs://b/x", adapter="hf://a/b") + off)) == ["KSV506"]


@pytest.mark.parametrize(
    ("release", "adapter", "found"),
    [
        ("0.20", "s3://b/legal", []),
        ("0.20", "oci://r/legal:1", ["KSV506"]),
        ("0.20", "legal", ["KSV506"]),
        ("0.20", "gs://b/legal", ["KSV506"]),
        ("0.17", "gs://b/legal", []),
    ],
)
def test_an_adapter_s_address(release: str, adapter: str, found: list[str]) -> None:
    assert list(told(ADAPTED.format(uri="hf://a/b", adapter=adapter), release)) == found


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("{model: {uri: hf://a/b}}", []),
        ("{storageInitializer: {enabled: false}}", ["KSV507"]),
        ("{router: {gateway: {}, route: {}}}", ["KSV507"]),
        (None, []),
    ],
)
def test_a_config_may_bring_the_model(config: str | None, found: list[str]) -> None:
    service = LLM.format(uri="").replace("  model: {uri: '', name: chat}", "  baseRefs: [{name: base}]")
    brought = (
        "---\napiVersion: serving.kserve.io/v1alpha2\nkind: LLMInferenceServiceConfig\n"
        f"metadata: {{name: base}}\nspec: {config}\n"
        if config
        else ""
    )
    assert list(told(service + brought)) == found


@pytest.mark.parametrize(
    ("parts", "base", "found"),
    [
        ("gateway: {}, scheduler: {}", "", ["KSV508"]),
        ("scheduler: {}", "", ["KSV508"]),
        ("gateway: {}", "", ["KSV509"]),
        ("gateway: {}, route: {}, scheduler: {}", "", []),
        ("route: {}", "", []),
        ("gateway: {}, scheduler: {}", "kserve-config-llm-router-route", []),
        ("gateway: {}, scheduler: {}", "strangers", []),
    ],
)
def test_a_router_s_parts_that_wait_for_a_route(parts: str, base: str, found: list[str]) -> None:
    refs = f"  baseRefs: [{{name: {base}}}]\n" if base else ""
    assert list(told(LLM.format(uri="hf://a/b") + f"  router: {{{parts}}}\n" + refs)) == found
