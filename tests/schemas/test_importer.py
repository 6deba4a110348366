"""CRDs become packs; what is none is told with its place."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from generator.errors import InputError, OutsideError
from generator.reading.documents import Document
from generator.schemas import NO_DEFAULT, parse_version
from generator.schemas.importer import import_crds, pack_of
from generator.schemas.pack import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def packed(*crds: dict[str, Any]) -> Any:
    content = pack_of([Document(crd, "f") for crd in crds])
    return read(content, "thing", parse_version("1.0"), frozenset(), "f")


def test_facts_are_kept_and_words_are_dropped(crd: dict[str, Any]) -> None:
    kind = packed(crd).kind("example.com", "v1", "Thing")
    spec = kind.schema.properties["spec"]
    assert set(spec.properties) == {"size", "replicas", "title", "description"}
    assert spec.required == ("size",)
    assert spec.properties["size"].bounds == {"minimum": 1}
    assert spec.properties["replicas"].default == 1
    assert spec.properties["size"].default is NO_DEFAULT
    assert kind.kind.scale.replicas == ".spec.replicas"
    assert b"words" not in pack_of([Document(crd, "f")])


def test_a_version_that_is_not_served_is_no_kind(crd: dict[str, Any]) -> None:
    assert list(packed(crd).kinds) == [("example.com", "v1", "Thing")]


def test_equal_sub_schemas_are_one(crd: dict[str, Any]) -> None:
    fields = packed(crd).kind("example.com", "v1", "Thing").schema.properties["spec"].properties
    assert fields["title"] is fields["description"]


def test_the_bytes_do_not_depend_on_order_or_words(crd: dict[str, Any]) -> None:
    other = json.loads(json.dumps(crd))
    other["metadata"]["name"] = "others.example.com"
    other["spec"]["names"] = {"plural": "others", "kind": "Other"}
    worded = json.loads(json.dumps(crd))
    worded["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "other words"
    assert pack_of([Document(crd, "a"), Document(other, "b")]) == pack_of([Document(other, "c"), Document(worded, "d")])


@pytest.mark.parametrize("form", ["json", "yaml", "list"])
def test_files_folders_and_lists_of_crds(form: str, crd: dict[str, Any], tmp_path: Path, user_packs: Path) -> None:
    source = tmp_path / "in" / "thing" / "1.2"
    source.mkdir(parents=True)
    if form == "json":
        (source / "crd.json").write_text(json.dumps(crd))
    elif form == "yaml":
        (source / "crd.yaml").write_text("# a comment\n---\n" + yaml.safe_dump(crd) + "---\nkind: Namespace\n")
    else:
        listed = {"apiVersion": "v1", "kind": "List", "items": [crd]}
        (source / "crd.yml").write_text(yaml.safe_dump(listed))
    (imported,) = import_crds([tmp_path / "in"])
    assert (imported.product, str(imported.version)) == ("thing", "1.2.0")
    assert imported.kinds == ("Thing.example.com/v1",)
    assert imported.file == user_packs / "thing" / "1.2.0.pack"
    assert imported.file.is_file()


def test_a_name_wins_over_folders(crd: dict[str, Any], tmp_path: Path, user_packs: Path) -> None:
    file = tmp_path / "thing" / "1.2" / "crd.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(crd))
    (imported,) = import_crds([file], name="mine@3.1")
    assert imported.file == user_packs / "mine" / "3.1.0.pack"


def test_gateway_apis_crds_say_their_release_and_channel(crd: dict[str, Any], tmp_path: Path, user_packs: Path) -> None:
    crd["spec"]["group"] = "gateway.networking.k8s.io"
    prefix = "gateway.networking.k8s.io"
    crd["metadata"]["annotations"] = {f"{prefix}/bundle-version": "v1.9.0", f"{prefix}/channel": "experimental"}
    file = tmp_path / "crd.json"
    file.write_text(json.dumps(crd))
    (imported,) = import_crds([file])
    assert (imported.product, str(imported.version)) == ("gateway-api-experimental", "1.9.0")
    assert imported.file.is_relative_to(user_packs)


def broken(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def changed(crd: dict[str, Any]) -> dict[str, Any]:
        change(crd)
        return crd

    return changed


def root(crd: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def default(value: Any, schema: dict[str, Any], crd: dict[str, Any]) -> None:
    root(crd)["properties"]["a"] = {**schema, "default": value}


@pytest.mark.parametrize(
    ("change", "words", "place"),
    [
        (
            lambda crd: crd.update(apiVersion="apiextensions.k8s.io/v1beta1"),
            "apiextensions.k8s.io/v1 only",
            "apiVersion",
        ),
        (lambda crd: crd.pop("spec"), "has no spec", "spec"),
        (lambda crd: crd["spec"].pop("group"), "has no group", "spec.group"),
        (lambda crd: crd["spec"]["names"].pop("kind"), "has no kind", "spec.names.kind"),
        (lambda crd: crd["spec"].update(scope="Everywhere"), "scope", "spec.scope"),
        (lambda crd: crd["spec"].update(versions=[]), "has no versions", "spec.versions"),
        (lambda crd: crd["spec"]["versions"][0].pop("served"), "served", "spec.versions[0].served"),
        (lambda crd: crd["spec"]["versions"][0].pop("schema"), "has no schema", "spec.versions[0].schema"),
        (lambda crd: root(crd).pop("type"), "no type", "type"),
        (lambda crd: root(crd)["properties"]["spec"].update(type="array"), "no items", "properties.spec"),
        (lambda crd: root(crd)["properties"].update(a={"$ref": "#/x"}), "$ref is not allowed", "properties.a"),
        (lambda crd: root(crd).update(anyOf=[{"type": "object"}]), "type is not allowed inside", "anyOf[0].type"),
        (lambda crd: root(crd).update(additionalProperties={"type": "string"}), "exclude one another", ""),
        (lambda crd: root(crd)["properties"].update(a=5), "no mapping", "properties.a"),
        *(
            (partial(default, value, schema), words, f"properties.a.default{below}")
            for value, schema, words, below in (
                ("x", {"type": "integer"}, "default that is not of the type integer", ""),
                (True, {"type": "integer"}, "default that is not of the type integer", ""),
                (1.5, {"type": "integer"}, "default that is not of the type integer", ""),
                (1, {"type": "boolean"}, "default that is not of the type boolean", ""),
                (5, {"type": "string"}, "default that is not of the type string", ""),
                ([], {"type": "object"}, "default that is not of the type object", ""),
                ("b", {"type": "string", "enum": ["a"]}, "default that is none of the values it allows", ""),
                ([1, "b"], {"type": "array", "items": {"type": "integer"}}, "of the type integer", "[1]"),
                ({"b": 1}, {"type": "object", "properties": {"b": {"type": "string"}}}, "of the type string", ".b"),
                ({"c": 1}, {"type": "object", "additionalProperties": {"type": "string"}}, "the type string", ".c"),
            )
        ),
    ],
)
def test_what_the_api_server_would_refuse_is_refused_with_its_place(
    change: Callable[[dict[str, Any]], Any],
    words: str,
    place: str,
    crd: dict[str, Any],
    tmp_path: Path,
    user_packs: Path,
) -> None:
    file = tmp_path / "crd.yaml"
    file.write_text(yaml.safe_dump(broken(change)(crd)))
    with pytest.raises(InputError) as error:
        import_crds([file], name="thing@1.0")
    assert words in error.value.message
    assert error.value.place is not None
    assert place in error.value.place.path
    assert error.value.place.line is not None
    assert not user_packs.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("kind: Namespace\n", "no CustomResourceDefinition"),
        ("a: [\n", "closing bracket"),
        ("", "no CustomResourceDefinition"),
    ],
)
def test_files_without_a_crd(content: str, words: str, tmp_path: Path, user_packs: Path) -> None:
    file = tmp_path / "crd.yaml"
    file.write_text(content)
    with pytest.raises(InputError, match=words):
        import_crds([file], name="thing@1.0")
    assert not user_packs.exists()


@pytest.mark.parametrize("name", ["thing", "@1.0", "thing@", "a/b@1.0", "..@1.0"])
def test_a_name_must_be_a_product_at_a_release(name: str, crd: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "crd.json"
    file.write_text(json.dumps(crd))
    with pytest.raises(InputError, match="--as"):
        import_crds([file], name=name)


def test_an_unclear_release_asks_for_a_name(crd: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "crd.json"
    file.write_text(json.dumps(crd))
    with pytest.raises(InputError, match="--as PRODUCT@RELEASE"):
        import_crds([file])


def test_files_that_are_not_there_and_folders_without_any(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="can't read"):
        import_crds([tmp_path / "gone.yaml"], name="thing@1.0")
    with pytest.raises(InputError, match="no \\.yaml"):
        import_crds([tmp_path], name="thing@1.0")
