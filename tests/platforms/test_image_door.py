"""Releases as images: by which door pods get them on each platform, and what a platform can't do."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from generator.checks.api import check
from generator.decoding.nodes import parse
from generator.errors import InputError
from generator.loading.load import build
from generator.rendering.render import render
from kit import locked, pin

BASE = f"docker.io/library/busybox:1.37@sha256:{'b' * 64}"
OCI = "oci: registry.example.com/models"
IMAGE = f"registry.example.com/models/digits@sha256:{'c' * 64}"
LAYOUTS = ("plain", "mlserver", "tensorflow-serving")

FILE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {platform}
store: {{url: s3://models, {store}}}
model: {{format: sklearn}}
variants: [{{name: a, release: "1"}}]
{more}
"""
KSERVE = '{kind: kserve, version: "%s", mode: standard}'
KUBERNETES = '{kind: kubernetes, version: "%s"}'


def written(store: str, platform: str = KSERVE % "0.21", more: str = "") -> str:
    return FILE.format(platform=platform, store=store, more=more)


def rendering(text: str, *, images: bool = True, base: str | None = None):
    pinned = dict.fromkeys(LAYOUTS, f"sha256:{'c' * 64}") if images else {}
    pins = locked(a=pin("1", 1, "a", format="sklearn", layouts=LAYOUTS, runtimes={}, images=pinned, base=base))
    return render(build(parse(text, "serinus.yaml"), "serinus.yaml"), pins)


def documents(text: str, **options: Any) -> list[dict[str, Any]]:
    rendered = rendering(text, **options)
    report = check(rendered.text)
    assert (report.summary.errors, report.summary.warnings) == (0, 0), report.findings
    return list(yaml.safe_load_all(rendered.text))


def of_kind(found: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (one,) = [each for each in found if each["kind"] == kind]
    return one


def predictor(text: str, **options: Any) -> dict[str, Any]:
    return of_kind(documents(text, **options), "InferenceService")["spec"]["predictor"]


@pytest.mark.parametrize(
    ("door", "release", "scheme", "needs"),
    [
        ("image-volume", "0.20", "oci+native", "Kubernetes has to be 1.33 or newer"),
        ("image-volume", "0.21", "oci+native", "the feature gate ImageVolume"),
        ("image-fetch", "0.21", "oci+fetch", "an init container"),
        ("modelcar", "0.15", "oci", "enableModelcar: true"),
        ("modelcar", "0.21", "oci", "enableModelcar: true"),
    ],
)
def test_kserve_reads_the_image_by_its_digest_and_is_told_how(door, release, scheme, needs):
    text = written(f"{OCI}, base: '{BASE}', door: {door}", KSERVE % release)
    base = f"sha256:{'b' * 64}"
    assert predictor(text, base=base)["model"]["storageUri"] == f"{scheme}://{IMAGE}"
    assert any(needs in note for note in rendering(text, base=base).notes)


def test_in_mode_knative_too():
    knative = '{kind: kserve, version: "0.21", mode: knative}'
    found = predictor(written(f"{OCI}, door: image-volume", knative, "access: {secret: registry}\n"))
    assert (found["model"]["storageUri"], found["imagePullSecrets"]) == (
        f"oci+native://{IMAGE}",
        [{"name": "registry"}],
    )


def test_both_doors_are_published_and_the_files_are_read_unless_the_file_says_otherwise():
    assert predictor(written(OCI))["model"]["storageUri"] == f"s3://models/digits/1/{'a' * 16}/plain"


def test_an_environment_has_a_door_and_a_registry_of_its_own():
    text = written(OCI, more="environments: {prod: {store: {door: image-volume, oci: mirror.example.com/m}}}\n")
    pins = locked(
        a=pin("1", 1, "a", format="sklearn", layouts=("plain",), runtimes={}, images={"plain": f"sha256:{'c' * 64}"})
    )
    found = render(build(parse(text, "serinus.yaml"), "serinus.yaml", environment="prod"), pins).text
    assert f"oci+native://mirror.example.com/m/digits@sha256:{'c' * 64}" in found


def test_a_release_of_another_service_has_its_image_in_that_one_s_repository():
    text = written(f"{OCI}, door: image-volume").replace('release: "1"', 'release: "1", service: words')
    other = pin(
        "1",
        1,
        "a",
        path=f"words/1/{'a' * 16}",
        format="sklearn",
        layouts=("plain",),
        images={"plain": f"sha256:{'c' * 64}"},
    )
    found = render(build(parse(text, "serinus.yaml"), "serinus.yaml"), locked(a=other)).text
    assert f"oci+native://registry.example.com/models/words@sha256:{'c' * 64}" in found


def test_the_secret_of_the_registry_is_the_pods_own_on_kserve():
    found = documents(written(f"{OCI}, door: image-volume", more="access: {secret: registry}\n"))
    assert of_kind(found, "InferenceService")["spec"]["predictor"]["imagePullSecrets"] == [{"name": "registry"}]
    assert not [each for each in found if each["kind"] == "ServiceAccount"]


@pytest.mark.parametrize("platform", [KSERVE % "0.21", KUBERNETES % "1.35"])
def test_a_secret_that_opens_a_registry_is_made_with_the_type_that_kubelets_want(platform):
    access = "access: {secret: registry, external: {store: vault, keys: {.dockerconfigjson: models/registry}}}\n"
    found = documents(written(f"{OCI}, door: image-volume", platform, access))
    target = of_kind(found, "ExternalSecret")["spec"]["target"]
    assert target["template"] == {"type": "kubernetes.io/dockerconfigjson"}
    files = documents(written(OCI, platform, access.replace(".dockerconfigjson", "AWS_SECRET_ACCESS_KEY")))
    assert "template" not in of_kind(files, "ExternalSecret")["spec"]["target"]


def test_an_image_that_is_no_release_has_its_secret_too():
    text = written(OCI, more="access: {secret: registry}\n").replace(
        'release: "1"', "uri: oci://registry.example.com/x:1"
    )
    assert predictor(text)["imagePullSecrets"] == [{"name": "registry"}]


def test_the_entry_that_opens_the_bucket_is_not_written_beside_an_image():
    assert "storage" not in predictor(written(f"{OCI}, key: team, door: image-volume"))["model"]


def test_plain_kubernetes_mounts_the_models_of_the_image():
    found = documents(written(f"{OCI}, door: image-volume", KUBERNETES % "1.35", "access: {secret: registry}\n"))
    pod = of_kind(found, "Deployment")["spec"]["template"]["spec"]
    assert {"name": "model", "image": {"reference": IMAGE, "pullPolicy": "IfNotPresent"}} in pod["volumes"]
    (mount,) = [each for each in pod["containers"][0]["volumeMounts"] if each["name"] == "model"]
    assert (mount["subPath"], mount["readOnly"]) == ("models", True)
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert "initContainers" not in pod


def test_what_nodes_need_is_told():
    for platform in (KSERVE % "0.21", KUBERNETES % "1.36"):
        notes = rendering(written(f"{OCI}, door: image-volume", platform)).notes
        assert any("containerd 2.2 or CRI-O 1.33" in note for note in notes)


def test_before_1_35_kubernetes_wants_a_feature_gate():
    for release, told in (("1.34", True), ("1.35", False)):
        notes = rendering(written(f"{OCI}, door: image-volume", KUBERNETES % release)).notes
        assert any("feature gate ImageVolume" in note for note in notes) == told


REFUSED = {
    "a door without images": (written("door: image-volume"), "no images are published", "store.door"),
    "a ground without images": (written(f"base: '{BASE}'"), "no images are built", "store.base"),
    "a modelcar without a shell": (written(f"{OCI}, door: modelcar"), "runs sh, ln and sleep", "store.door"),
    "a ground by its tag": (written(f"{OCI}, base: docker.io/library/busybox:1.37"), "by its digest", "store.base"),
    "a repository with a scheme": (written("oci: oci://registry.example.com/m"), "registry and folder", "store.oci"),
    "a repository without a registry": (written("oci: models/digits"), "registry and folder", "store.oci"),
    "a repository with a tag": (written("oci: registry.example.com/m:1"), "registry and folder", "store.oci"),
    "a volume on KServe 0.19": (
        written(f"{OCI}, door: image-volume", KSERVE % "0.19"),
        "can't read oci+native://. It can from 0.20 on",
        "store.door",
    ),
    "KServe's fetching on 0.20": (
        written(f"{OCI}, door: image-fetch", KSERVE % "0.20"),
        "It can from 0.21 on",
        "store.door",
    ),
    "a volume on Kubernetes 1.32": (
        written(f"{OCI}, door: image-volume", KUBERNETES % "1.32"),
        "can't mount a folder of an image",
        "store.door",
    ),
    "KServe's fetching without KServe": (
        written(f"{OCI}, door: image-fetch", KUBERNETES % "1.35"),
        "image-fetch is KServe's",
        "store.door",
    ),
    "a fetcher beside a mount": (
        written(f"{OCI}, door: image-volume, fetch: rclone", KUBERNETES % "1.35"),
        "Leave fetch out",
        "store.fetch",
    ),
    "Seldon Core 1": (
        written(f"{OCI}, door: image-volume", "{kind: seldon-core-1}"),
        "reads no registry",
        "store.door",
    ),
    "Seldon Core 2": (
        written(f"{OCI}, door: image-volume", "{kind: seldon-core-2}"),
        "reads no registry",
        "store.door",
    ),
}


@pytest.mark.parametrize(("text", "says", "path"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_is_refused_at_its_key(text, says, path):
    with pytest.raises(InputError) as raised:
        rendering(text)
    assert (says in str(raised.value), raised.value.place.path) == (True, path), str(raised.value)


@pytest.mark.parametrize("kind", ["seldon-core-1", "seldon-core-2"])
def test_where_no_image_is_read_images_may_be_published_all_the_same(kind):
    assert f"s3://models/digits/1/{'a' * 16}" in rendering(written(OCI, f"{{kind: {kind}}}")).text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"images": False}, "is pinned without images, and store.door is image-volume"),
        (
            {"base": f"sha256:{'d' * 64}"},
            "pinned as built on sha256:dddddddddddddddd…, and the service file names another",
        ),
    ],
)
def test_a_lock_that_does_not_fit_the_door_says_the_command_that_mends_it(options, says):
    with pytest.raises(InputError, match=says) as raised:
        rendering(written(f"{OCI}, door: image-volume"), **options)
    assert raised.value.fix == "Pin it: serinus lock serinus.yaml"


def test_images_in_the_lock_mean_nothing_to_the_files_door():
    assert rendering(written("publish: ./build")).text == rendering(written("publish: ./build"), images=False).text


def test_a_lock_names_an_image_for_each_layout_or_for_none():
    from generator.plan import lock

    text = locked(a=pin("1", 1, "a", layouts=LAYOUTS, images={"plain": f"sha256:{'c' * 64}"})).to_yaml()
    with pytest.raises(InputError, match="the images aren't those of the layouts"):
        lock.Decoder().decode_object(parse(text, "serinus.lock"), lock.Lock, ())
