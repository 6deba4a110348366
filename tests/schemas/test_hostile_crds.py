"""CRDs of strangers: what is wrong in one is told at its import, at its place, and what is left can't run wild later."""

from __future__ import annotations

import json
import time

import pytest

from generator.checks.cel import fault
from generator.checks.structure.verdict import fast_valid, violations
from generator.errors import InputError
from generator.reading.documents import Document, read
from generator.schemas import parse_version
from generator.schemas.importer import pack_of
from generator.schemas.pack import read as read_pack

FIELD = "spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.a"


def crd_text(a: object) -> str:
    """A CRD with a schema for ``spec.a``."""
    names = {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"}
    root = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": a}}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": root}}
    spec = {"group": "x.io", "scope": "Namespaced", "names": names, "versions": [version]}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.x.io"},
        "spec": spec,
    }
    return json.dumps(crd, indent=1)


def imported(text: str):
    """The kind of a CRD, as it is imported."""
    content = pack_of(read(text, "crd.json"), rule_fault=fault)
    return next(iter(read_pack(content, "thing", parse_version("1.0.0"), frozenset(), "x").kinds.values()))


def validations(*rules: object) -> dict[str, object]:
    return {"type": "string", "x-kubernetes-validations": list(rules)}


WRONG: dict[str, tuple[dict[str, object], str, str]] = {
    "a list for a type": ({"type": ["string"]}, ".type", "has type that is not text"),
    "a number for a pattern": ({"type": "string", "pattern": 5}, ".pattern", "has pattern that is not text"),
    "a broken pattern": ({"type": "string", "pattern": "("}, ".pattern", "Go can't compile: missing closing )"),
    "a look-behind": ({"type": "string", "pattern": "(?<=a)b"}, ".pattern", "invalid or unsupported Perl syntax"),
    "a back reference": ({"type": "string", "pattern": r"(a)\1"}, ".pattern", "invalid escape sequence"),
    "a list for a format": ({"type": "string", "format": ["x"]}, ".format", "has format that is not text"),
    "a mapping for an enum": ({"type": "string", "enum": {"a": 1}}, ".enum", "has enum that is not a list"),
    "a text for a length": ({"type": "string", "minLength": "x"}, ".minLength", "is not a whole number"),
    "a flag for a length": ({"type": "string", "maxLength": True}, ".maxLength", "is not a whole number"),
    "a fraction for a length": ({"type": "string", "maxLength": 1.5}, ".maxLength", "is not a whole number"),
    "a length of many digits": ({"type": "string", "maxLength": 10**40}, ".maxLength", "is not a whole number"),
    "a text for a bound": ({"type": "integer", "minimum": "1"}, ".minimum", "is not a number"),
    "a text for a flag": ({"type": "string", "nullable": "yes"}, ".nullable", "is not true or false"),
    "a text for what is required": ({"type": "object", "required": "a"}, ".required", "is not a list"),
    "a number that is required": ({"type": "object", "required": [1]}, ".required[0]", "is no text"),
    "an unknown list type": ({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "bag"}, ".x-kubernetes-list-type", "none of atomic, set, map"),
    "a list type of no list": ({"type": "string", "x-kubernetes-list-type": "set"}, ".x-kubernetes-list-type", "where no list is"),
    "keys of texts": ({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]}, ".items", "items are no objects"),
    "keys that are no field": ({"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]}, ".x-kubernetes-list-map-keys[0]", "no single value"),
    "no keys": ({"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map"}, ".x-kubernetes-list-map-keys", "the type without keys"),
    "a mapping for validations": ({"type": "string", "x-kubernetes-validations": {}}, ".x-kubernetes-validations", "is not a list"),
    "a null for a validation": (validations(None), ".x-kubernetes-validations[0]", "is no mapping"),
    "a text for a validation": (validations("self"), ".x-kubernetes-validations[0]", "is no mapping"),
    "a validation without a rule": (validations({"message": "x"}), ".x-kubernetes-validations[0].rule", "without a rule"),
    "a null for a rule": (validations({"rule": None}), ".x-kubernetes-validations[0].rule", "without a rule"),
    "a number for a rule": (validations({"rule": 1}), ".x-kubernetes-validations[0].rule", "is not text"),
    "a list for a message": (validations({"rule": "true", "message": []}), ".x-kubernetes-validations[0].message", "is not text"),
    "a rule that is no CEL": (validations({"rule": "self +"}), ".x-kubernetes-validations[0].rule", "doesn't compile"),
    "a message that is no CEL": (validations({"rule": "true", "messageExpression": "("}), ".x-kubernetes-validations[0].messageExpression", "doesn't compile"),
    "5,000 digits": (validations({"rule": "9" * 5000 + " > 1"}), ".x-kubernetes-validations[0].rule", "integer overflow"),
    "a rule of 300,000 characters": (validations({"rule": "self != 'y'" + " && self != 'y'" * 20_000}), ".x-kubernetes-validations[0].rule", "exceeds limit"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=list(WRONG))
def test_what_is_wrong_is_told_at_the_import_with_its_place(case):
    schema, path, says = WRONG[case]
    with pytest.raises(InputError) as raised:
        imported(crd_text(schema))
    assert says in str(raised.value)
    assert raised.value.place.path == FIELD + path
    assert raised.value.place.file == "crd.json"
    assert raised.value.place.line > 20
    assert len(str(raised.value)) < 700


def test_properties_that_are_no_mapping_are_told():
    with pytest.raises(InputError, match="has properties that are no mapping"):
        imported(crd_text({"type": "object", "properties": ["a"]}))


def test_a_null_is_nothing():
    kind = imported(
        crd_text(
            {
                "type": "string",
                "pattern": None,
                "required": None,
                "properties": None,
                "enum": None,
                "x-kubernetes-validations": None,
            }
        )
    )
    assert judged(kind, "x") == []


def judged(kind, value) -> list:
    thing = {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "metadata": {"name": "t", "namespace": "d"},
        "spec": {"a": value},
    }
    if fast_valid(thing, kind):
        return []
    return [problem.code.value for problem in violations(thing, kind)]


def test_a_bomb_of_aliases_is_told():
    """As a reader of YAML leaves it: one object, many times."""
    bomb: dict[str, object] = {"pattern": "a"}
    for _ in range(17):
        bomb = {"allOf": [bomb, bomb]}
    crd = json.loads(crd_text({"type": "string"}))
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["a"] |= bomb
    with pytest.raises(InputError, match="has more than 3 MB, with its aliases written out"):
        pack_of([Document(crd, "crd.yaml")], rule_fault=fault)


def nested(levels: int, inner: dict[str, object], wrap) -> dict[str, object]:
    for _ in range(levels):
        inner = wrap(inner)
    return inner


@pytest.mark.parametrize(
    ("levels", "wrap", "value"),
    [
        (130, lambda inner: {"type": "object", "properties": {"a": inner}}, lambda inner: {"a": inner}),
        (130, lambda inner: {"type": "array", "items": inner}, lambda inner: [inner]),
    ],
)
def test_what_is_nested_deep_is_judged(levels, wrap, value):
    leaf = {"type": "string", "x-kubernetes-validations": [{"rule": "self == 'x'"}]}
    kind = imported(crd_text(nested(levels, leaf, wrap)))
    good, bad = "x", "y"
    for _ in range(levels):
        good, bad = value(good), value(bad)
    assert judged(kind, good) == []
    assert judged(kind, bad) == ["cel-rule"]


GREEDY = {
    "a pattern": ({"type": "string", "pattern": "^(a+)+$"}, "a" * 50_000 + "!", ["pattern"]),
    "find": (validations({"rule": "self.find('(a+)+$') == ''"}), "a" * 5_000 + "!", []),
    "findAll": (validations({"rule": "self.findAll('(a|a)*').size() < 9"}), "a" * 5_000 + "!", []),
    "20,000 signs": (validations({"rule": "!" * 20_000 + "(self == 'x')"}), "y", ["cel-rule"]),
    "four loops": ({"type": "array", "items": {"type": "integer"}, "x-kubernetes-validations": [{"rule": "self.all(a, self.all(b, self.all(c, self.all(d, true))))"}]}, list(range(1000)), ["cel-error"]),
    "a growing text": (validations({"rule": "self.replace('a', self).replace('a', self) != ''"}), "a" * 5_000, ["cel-error"]),
    "a duration": ({"type": "string", "format": "duration"}, "1" * 100_000, ["format"]),
    "a range of addresses": ({"type": "string", "format": "cidr"}, "1.1.1.1/" + "9" * 5_000, ["format"]),
    "a date": ({"type": "string", "format": "date-time"}, "1" * 100_000, ["format"]),
    "an email": ({"type": "string", "format": "email"}, "a" * 100_000, ["format"]),
    "a name": ({"type": "string", "format": "hostname"}, "a" * 100_000, ["format"]),
}  # fmt: skip


@pytest.mark.parametrize("case", GREEDY, ids=list(GREEDY))
def test_what_is_taken_ends_in_time(case):
    schema, value, codes = GREEDY[case]
    began = time.process_time()
    assert judged(imported(crd_text(schema)), value) == codes
    assert time.process_time() - began < 5
