"""Naming releases, finding packs, imported ones first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import InputError
from generator.schemas import (
    Target,
    available,
    defaults,
    load,
    newest,
    parse_version,
    resolve,
    serving,
    user_folder,
)
from generator.schemas.importer import import_crds

INFERENCE = ("serving.kserve.io", "v1beta1", "InferenceService")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("kserve@0.20", "kserve@0.20.0"),
        ("kserve@0.20.0", "kserve@0.20.0"),
        ("kserve@0.15", "kserve@0.15.2"),
        ("gateway-api@1.5", "gateway-api@1.5.0"),
        ("gateway-api-experimental@1.6", "gateway-api-experimental@1.6.3"),
        ("seldon-core-2@2.7.0-rc1", "seldon-core-2@2.7.0-rc1"),
    ],
)
def test_a_release_in_full_or_by_its_minor(text: str, target: str) -> None:
    assert str(resolve(text)) == target
    assert resolve(text).exact


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("kserve@0.20.7", "kserve@0.20.0"),
        ("kserve@0.15.0", "kserve@0.15.2"),
        # There is only a candidate of 2.7.
        ("seldon-core-2@2.7", "seldon-core-2@2.7.0-rc1"),
    ],
)
def test_a_release_that_we_lack_is_judged_by_its_minor_and_said_so(text: str, target: str) -> None:
    assert str(resolve(text)) == target
    assert not resolve(text).exact


def test_a_product_alone_means_its_newest_release() -> None:
    assert resolve("kserve") == Target("kserve", max(available()["kserve"]))
    assert newest("seldon-core-2").final


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kserv@0.20", "'kserv' is no product"),
        ("kserve@0.99", "no schema pack for kserve@0.99"),
        ("kserve@newest", "'newest' is no release"),
        ("", "'' is no product"),
    ],
)
def test_an_unknown_product_or_minor_lists_the_known_ones(text: str, words: str) -> None:
    with pytest.raises(InputError, match="Known") as error:
        resolve(text)
    assert words in error.value.message
    assert "kserve" in error.value.fix


def test_defaults_are_the_newest_of_each_product_and_the_standard_channel() -> None:
    products = [target.product for target in defaults()]
    assert "gateway-api" in products
    assert "gateway-api-experimental" not in products
    assert all(target.version == newest(target.product) for target in defaults())


def test_who_serves_a_kind() -> None:
    assert {target.product for target in serving("gateway.networking.k8s.io", "", "TCPRoute")} == {
        "gateway-api",
        "gateway-api-experimental",
    }
    assert serving("gateway.networking.k8s.io", "v9", "HTTPRoute") == ()
    assert serving("serving.kserve.io", "", "LLMInferenceService")[0].version == parse_version("0.16.0")


@pytest.mark.parametrize(
    ("product", "group", "owned"),
    [
        ("kserve", "serving.kserve.io", True),
        ("gateway-api", "gateway.networking.x-k8s.io", True),
        ("seldon-core-1", "machinelearning.seldon.io", True),
        ("seldon-core-2", "mlops.seldon.io", True),
        ("kubeflow-trainer", "trainer.kubeflow.org", True),
        ("keda", "keda.sh", False),
        ("kserve", "apps", False),
    ],
)
def test_packs_that_hold_a_whole_group_say_so(product: str, group: str, owned: bool) -> None:
    assert load(product, newest(product)).owns(group) is owned


def test_a_kind_has_what_the_crd_says_of_it() -> None:
    pack = load("kserve", parse_version("0.20"))
    found = pack.kind(*INFERENCE)
    assert found is not None
    assert (found.kind.plural, found.kind.namespaced, found.kind.status) == ("inferenceservices", True, True)
    assert found.kind.api_version == "serving.kserve.io/v1beta1"
    assert found.schema.properties["spec"].required == ("predictor",)
    assert pack.served("serving.kserve.io", "InferenceService") == ("v1beta1",)
    assert pack.kind("serving.kserve.io", "v1", "InferenceService") is None


def test_loading_twice_gives_the_same_pack() -> None:
    assert load("kserve", parse_version("0.20")) is load("kserve", parse_version("0.20"))


def test_imported_packs_are_listed_and_win_kind_by_kind(user_packs: Path, crd: dict[str, Any], tmp_path: Path) -> None:
    crd["spec"] |= {"group": "serving.kserve.io", "names": {"kind": "InferenceService", "plural": "inferenceservices"}}
    crd["spec"]["versions"][0]["name"] = "v1beta1"
    file = tmp_path / "crd.json"
    file.write_text(json.dumps(crd))
    import_crds([file], name="kserve@0.20.0")
    import_crds([file], name="kserve@0.33.1")
    from generator.schemas import catalog

    catalog._listed.cache_clear()
    assert user_folder() == user_packs
    assert parse_version("0.33.1") in available()["kserve"]
    own = load("kserve", parse_version("0.20.0"))
    changed, kept = own.kind(*INFERENCE), own.kind("serving.kserve.io", "v1alpha1", "ServingRuntime")
    assert changed is not None
    assert "size" in changed.schema.properties["spec"].properties
    assert kept is not None
    catalog._listed.cache_clear()


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"format":99,"kinds":0,"schemas":0}\n', b"\xff\xfe", b'{"format":1,"kinds":3,"schemas":0}\n'],
)
def test_a_file_that_is_no_pack_is_told(user_packs: Path, content: bytes) -> None:
    file = user_packs / "thing" / "1.0.0.pack"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(InputError, match="can't be read") as error:
        load("thing", parse_version("1.0.0"))
    assert str(file) in str(error.value)


def test_the_users_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERINUS_SCHEMAS", "/x")
    assert user_folder() == Path("/x")
    monkeypatch.delenv("SERINUS_SCHEMAS")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert user_folder() == Path("/data/serinus/schemas")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert user_folder() == Path.home() / ".local/share/serinus/schemas"
